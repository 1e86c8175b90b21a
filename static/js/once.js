// A form with data-once="seconds" is sent once: a second click within that time does nothing.
// Its answer may be a file, after which the page stays as it is.
for (const form of document.querySelectorAll("form[data-once]")) {
  let until = 0;
  form.addEventListener("submit", (event) => {
    if (Date.now() < until) event.preventDefault();
    else until = Date.now() + Number(form.dataset.once) * 1000;
  });
}
