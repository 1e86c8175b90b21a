// Single keys for the buttons of a case (data-key); never in a field, with a modifier, or once
// switched off (WCAG 2.1.4).
const STORED = "case-keys";
const help = document.querySelector("[data-keys-help]");
const toggle = document.querySelector("[data-keys-toggle]");

const isOn = () => localStorage.getItem(STORED) !== "off";

// A fold opens, a form is gone into; what decides at once (data-key-asks) waits for Enter.
function act(place) {
  if (place.tagName === "BUTTON") {
    if ("keyAsks" in place.dataset) place.focus();
    else place.click();
    return;
  }
  const fields = place.tagName === "SUMMARY" ? place.parentElement : place;
  if (fields.tagName === "DETAILS") fields.open = true;
  fields.querySelector("select, textarea, input:not([type=hidden])")?.focus();
}

if (help && toggle) {
  help.hidden = false;
  toggle.checked = isOn();
  toggle.addEventListener("change", () => {
    localStorage.setItem(STORED, toggle.checked ? "on" : "off");
  });
}

document.addEventListener("keydown", (event) => {
  if (!isOn() || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  const place = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!place) return;
  event.preventDefault();
  act(place);
});
