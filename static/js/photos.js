// Sends a photo once, says that it is on its way, and stops one that is too heavy before it leaves.

const form = document.querySelector("[data-photo-form]");
const said = form?.querySelector("[data-photo-said]");
const file = form?.querySelector("[type=file]");
const button = form?.querySelector("button");
let sending = false;

function say(text, wrong = false) {
  said.textContent = text;
  said.classList.toggle("is-wrong", wrong);
}

function isTooHeavy() {
  return [...file.files].some((one) => one.size > Number(form.dataset.mostBytes));
}

function start() {
  file.addEventListener("change", () => say(isTooHeavy() ? form.dataset.tooHeavy : "", true));
  form.addEventListener("submit", (event) => {
    if (sending || isTooHeavy()) {
      event.preventDefault();
      if (!sending) {
        say(form.dataset.tooHeavy, true);
        file.focus();
      }
      return;
    }
    sending = true;
    button.setAttribute("aria-disabled", "true");
    say(form.dataset.sending);
  });
  // The page as the browser kept it, one step back.
  addEventListener("pageshow", () => {
    sending = false;
    button.removeAttribute("aria-disabled");
    say("");
  });
}

if (form) start();
