// The point of a listing in the town hall's form: [data-shop-point]. A click on the map, the pin
// dragged or moved by arrow keys, and the address base fill in the form's own fields: the
// coordinates, where they come from, and how exact they are. Leaflet is loaded when the map comes
// into view.

import { createMap, loadLeaflet, pin, readJson } from "./basemap.js";
import { LEAP, moved, STEP, toldMove, WAYS } from "./moves.js";

const ADDRESS = ["house_number", "street", "postcode", "city"];
const section = document.querySelector("[data-shop-point]");
if (section) start();

function start() {
  const config = readJson("point-config");
  const fields = section.closest("form").elements;
  const status = section.querySelector("[role=status]");
  const words = status.dataset;
  const choices = section.querySelector("[data-choices]");
  let at = typed() ?? config.centre ?? config.country;
  let map;
  let mark;

  section.querySelector("[data-without-script]").remove();
  section.querySelector("[data-tools]").hidden = false;
  say(typed() ? "" : words.unset);
  section.querySelector("[data-find]").addEventListener("click", find);
  section.querySelector("[data-remove]").addEventListener("click", remove);
  for (const name of ["latitude", "longitude"]) fields[name].addEventListener("input", follow);
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    show(section.querySelector("#map"));
  });
  observer.observe(section.querySelector("#map"));

  async function show(element) {
    await loadLeaflet(section);
    const options = { scrollWheelZoom: false, keyboard: false };
    map = createMap(element, config, readJson("map-strings"), options);
    open();
    mark = L.marker(at, { icon: pin(config.icon), draggable: true, autoPanOnFocus: false });
    mark.addTo(map).on("dragend", () => byHand(mark.getLatLng()));
    map.on("click", ({ latlng }) => byHand(latlng));
    const handle = mark.getElement();
    // Screen readers hand the arrow keys over to it.
    handle.setAttribute("role", "application");
    handle.setAttribute("aria-label", words.label);
    handle.setAttribute("aria-describedby", "shop-point-help");
    handle.addEventListener("keydown", (event) => {
      if (!WAYS[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      const metres = event.shiftKey ? LEAP : STEP;
      const [lat, lng] = moved(at, event.key, metres);
      byHand({ lat, lng }, toldMove(words, event.key, metres));
    });
    draw();
    element.dataset.ready = 1;
  }

  /** On the point; where there is none, on the commune as a whole. */
  function open() {
    const [west, south, east, north] = config.box ?? [];
    const still = { animate: false };
    if (typed()) map.setView(at, 18, still);
    else if (config.box) map.fitBounds([[south, west], [north, east]], still);
    else map.setView(at, config.centre ? 14 : 6, still);
  }

  function byHand({ lat, lng }, sentence = words.hand) {
    put([lat, lng], config.byHand);
    say(sentence);
  }

  function put(point, [source, precision]) {
    choices.replaceChildren();
    at = point.map((degrees) => Number(degrees.toFixed(6)));
    [fields.latitude.value, fields.longitude.value] = at;
    fields.location_source.value = source;
    fields.location_precision.value = precision;
    draw();
  }

  function remove() {
    for (const name of ["latitude", "longitude", "location_source", "location_precision"]) {
      fields[name].value = "";
    }
    draw();
    say(words.removed);
  }

  /** Coordinates that somebody types are a point by hand too. */
  function follow() {
    const point = typed();
    if (!point) return draw();
    at = point;
    [fields.location_source.value, fields.location_precision.value] = config.byHand;
    draw();
    map?.setView(at, 18, { animate: false });
  }

  function typed() {
    const numbers = [fields.latitude.value, fields.longitude.value].map(Number.parseFloat);
    const [latitude, longitude] = numbers;
    return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? numbers : null;
  }

  function draw() {
    if (!mark) return;
    mark.setLatLng(at);
    mark.getElement().classList.toggle("is-unset", !typed());
    if (typed()) map.panInside(at, { padding: [50, 50], animate: false });
  }

  async function find() {
    choices.replaceChildren();
    const commune = fields.commune.value;
    if (!commune) return say(words.noCommune);
    if (!fields.street.value.trim()) return say(words.noStreet);
    say(words.asking);
    const query = new URLSearchParams(ADDRESS.map((name) => [name, fields[name].value]));
    try {
      const url = section.dataset.address.replace("/0/", `/${commune}/`);
      const response = await fetch(`${url}?${query}`);
      const answer = await response.json();
      if (response.ok) settle(answer);
      else say(`${answer.error} ${words.failed}`);
    } catch {
      say(words.failed);
    }
  }

  function settle({ places, sure, elsewhere }) {
    if (sure) {
      take(places[0]);
    } else if (places.length) {
      choices.replaceChildren(...places.map(choiceOf));
      say(words.choose);
    } else {
      say(elsewhere ? words.elsewhere.replace("%s", elsewhere) : words.none);
    }
  }

  function take(place) {
    put(place.point, [config.byAddress, place.precision]);
    map?.setView(at, 18, { animate: false });
    say(words.found.replace("%s", place.label));
  }

  function choiceOf(place) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quiet";
    button.textContent = place.label;
    button.addEventListener("click", () => {
      // What was chosen by its name is how the address is written.
      fields.house_number.value = place.house_number || fields.house_number.value;
      for (const name of ADDRESS.slice(1)) fields[name].value = place[name];
      take(place);
      section.querySelector("[data-find]").focus();
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  }

  function say(sentence) {
    status.textContent = sentence;
  }
}
