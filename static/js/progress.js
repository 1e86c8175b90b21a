// Renews the bar of some work in the background until it is done, then shows what came of it.

const EVERY = 1000; // milliseconds
const AFTER_A_FAILURE = 5000;
const TOLD_EVERY = 10; // seconds between two sentences for the ear

const box = document.querySelector("[data-progress]");
const heard = document.createElement("p");
let toldAt = 0;

function tell(text) {
  if (Date.now() - toldAt < TOLD_EVERY * 1000) return;
  toldAt = Date.now();
  heard.textContent = text;
}

async function renew() {
  let wait = EVERY;
  try {
    const response = await fetch(box.dataset.progress, { credentials: "same-origin" });
    // Done, interrupted, or no longer logged in: the page itself says which.
    if (response.status !== 200 || response.redirected) {
      location.reload();
      return;
    }
    box.innerHTML = await response.text();
    tell(box.querySelector("[data-progress-text]").textContent);
  } catch {
    wait = AFTER_A_FAILURE;
    tell(box.dataset.lost);
  }
  setTimeout(renew, wait);
}

if (box) {
  heard.className = "visually-hidden";
  heard.setAttribute("role", "status");
  box.after(heard);
  setTimeout(renew, EVERY);
}
