// Completion of an address: [data-address], a combobox of WAI-ARIA over the fields beside it. The
// answers come from the national address base by our own server. Tells the map's script:
// "address:picked" with the place, "address:typed" when a field was changed by hand.

const box = document.querySelector("[data-address]");
const PAUSE = 300; // milliseconds without a key
const SHORTEST = 3;
const FIELDS = ["house_number", "street", "postcode", "city"];
const NUMBER = /^\s*\d+\s*(?:bis|ter|quater|[a-z](?![\p{L}’']))?/iu;

if (box) {
  box.hidden = false;
  complete(box);
}

function complete(element) {
  const { url, commune, one, several, none, failed, picked } = element.dataset;
  const input = element.querySelector("[role=combobox]");
  const list = element.querySelector("[role=listbox]");
  const status = element.querySelector("[role=status]");
  const fields = input.form.elements;
  let places = [];
  let active = -1;
  let timer;
  let asking;

  input.addEventListener("input", () => {
    clearTimeout(timer);
    asking?.abort();
    close();
    status.textContent = "";
    if (input.value.trim().length >= SHORTEST) timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (act && act(event) !== false) event.preventDefault();
  });
  input.addEventListener("blur", close);
  // Before the field loses the focus, which closes the list.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) pick(options().indexOf(option));
  });
  for (const name of FIELDS) fields[name].addEventListener("input", typed);

  const KEYS = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    // Never sends the form: what is typed here is no field of it.
    Enter: () => {
      if (active >= 0) pick(active);
    },
    Escape: () => {
      if (list.hidden) input.value = "";
      close();
    },
  };

  async function ask() {
    asking = new AbortController();
    const query = new URLSearchParams({ q: input.value.trim(), commune });
    try {
      const response = await fetch(`${url}?${query}`, { signal: asking.signal });
      const answer = await response.json();
      if (response.ok) show(answer.places);
      else status.textContent = `${answer.error} ${failed}`;
    } catch (error) {
      if (error.name !== "AbortError") status.textContent = failed;
    }
  }

  function show(found) {
    places = found;
    list.replaceChildren(...places.map(optionOf));
    open(places.length > 0);
    status.textContent =
      places.length > 1 ? several.replace("%s", places.length) : places.length ? one : none;
  }

  function optionOf(place, index) {
    const option = document.createElement("li");
    option.id = `${list.id}-${index}`;
    option.setAttribute("role", "option");
    option.textContent = place.label;
    return option;
  }

  function options() {
    return [...list.children];
  }

  function open(shown) {
    list.hidden = !shown;
    input.setAttribute("aria-expanded", shown);
    choose(-1);
  }

  function close() {
    open(false);
  }

  function move(by) {
    if (!places.length) return false;
    if (list.hidden) open(true);
    const count = places.length + 1; // The field itself stands between the last and the first.
    choose(((active + 1 + by + count) % count) - 1);
    return true;
  }

  function choose(index) {
    active = index;
    options().forEach((option, at) => {
      option.setAttribute("aria-selected", at === index);
      if (at === index) option.scrollIntoView({ block: "nearest" });
    });
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", options()[index].id);
  }

  function pick(index) {
    const place = places[index];
    // The base may know the street and not the number.
    fields.house_number.value = place.house_number || (input.value.match(NUMBER)?.[0].trim() ?? "");
    for (const name of FIELDS.slice(1)) fields[name].value = place[name];
    fields.place.value = place.signed;
    unanswer();
    input.value = place.label;
    places = [];
    close();
    status.textContent = `${picked} ${place.label}`;
    document.dispatchEvent(new CustomEvent("address:picked", { detail: place }));
  }

  /** What was picked before is no answer to what is typed now. */
  function typed() {
    fields.place.value = "";
    unanswer();
    document.dispatchEvent(new CustomEvent("address:typed"));
  }

  function unanswer() {
    for (const radio of input.form.querySelectorAll("[name=choice]")) radio.checked = false;
  }
}
