// A standard reason that is chosen is written into the text box, to be completed there.
for (const group of document.querySelectorAll("[data-reasons]")) {
  const standard = group.querySelector("[data-standard]");
  const own = group.querySelector("[data-own]");
  standard?.addEventListener("change", () => {
    const text = standard.selectedOptions[0]?.dataset.text;
    if (!text) return;
    own.value = own.value.trim() ? `${own.value.trim()}\n${text}` : text;
    // Sent once, as the text.
    standard.value = "";
    own.focus();
  });
}
