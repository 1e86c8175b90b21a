// The table of the week, without a round trip: form[data-week-form]. Without a script, its buttons
// are sent, and the server does the same.

const form = document.querySelector("[data-week-form]");

form?.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=copy], button[name=add], button[name=clear]");
  if (!button) return;
  const day = form.querySelector(`[data-day="${button.value}"]`);
  if (button.name === "copy") copyToOthers(day);
  else if (button.name === "clear") clearRows(day);
  else fields(addRow(day))[0].focus();
  event.preventDefault();
});

function rows(day) {
  return [...day.querySelectorAll("[data-range]")];
}

function copyToOthers(model) {
  const values = rows(model).map((row) => fields(row).map(read));
  for (const day of form.querySelectorAll("[data-day]")) {
    if (day === model) continue;
    while (rows(day).length < values.length) addRow(day);
    rows(day).forEach((row, index) => fill(row, values[index] ?? ["", "", false]));
  }
  const said = form.querySelector("[data-week-said]");
  said.textContent = said.dataset.copied;
}

// A copy of the last row, under the next number; the server reads what it finds.
function addRow(day) {
  const last = rows(day).at(-1);
  const row = last.cloneNode(true);
  const number = rows(day).length;
  const rename = (text) => text.replace(/(\d)-\d+-/, `$1-${number}-`);
  for (const input of fields(row)) {
    input.name = rename(input.name);
    if (input.id) input.id = rename(input.id);
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  for (const label of row.querySelectorAll("label")) {
    if (label.htmlFor) label.htmlFor = rename(label.htmlFor);
    const words = label.querySelector(".visually-hidden") ?? label;
    words.textContent = words.textContent.replace(/\d+/, number + 1);
  }
  row.querySelector(".errorlist")?.remove();
  row.classList.remove("is-wrong");
  fill(row, ["", "", false]);
  last.after(row);
  const adds = day.querySelector("button[name=add]");
  if (adds) adds.hidden = number + 1 >= Number(form.dataset.rowsAtMost);
  return row;
}

function clearRows(day) {
  for (const row of rows(day)) fill(row, ["", "", false]);
}

function fields(row) {
  return [...row.querySelectorAll("input")];
}

function read(input) {
  return input.type === "checkbox" ? input.checked : input.value;
}

function fill(row, values) {
  fields(row).forEach((input, index) => {
    if (input.type === "checkbox") input.checked = values[index];
    else input.value = values[index];
  });
}
