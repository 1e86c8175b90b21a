// A box that ticks all others of one name: <label data-tick-all="name" hidden>. Without JavaScript
// it stays hidden.
for (const label of document.querySelectorAll("[data-tick-all]")) {
  const all = label.querySelector("input");
  const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${label.dataset.tickAll}"]`)];
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) {
    box.addEventListener("change", () => {
      all.checked = boxes.every((one) => one.checked);
    });
  }
  label.hidden = boxes.length < 2;
}
