// The point of a shop's entrance: [data-pin]. It is dragged, or moved by arrow keys and by buttons,
// and written to the form's hidden fields. Follows the address ("address:picked", "address:typed",
// the answers to a question). Leaflet is loaded when the map comes into view.

import { createMap, loadLeaflet, pin, readJson } from "./basemap.js";
import { LEAP, METRES_PER_DEGREE, moved, STEP, toldMove, WAYS } from "./moves.js";

const field = document.querySelector("[data-pin]");
const config = readJson("pin-config");
if (field && (config.point || config.centre)) start();

function start() {
  const [latitude, longitude] = ["latitude", "longitude"].map((name) => field.form.elements[name]);
  const tools = field.querySelector("[data-pin-tools]");
  const status = tools.querySelector("[role=status]");
  const words = status.dataset;
  const typed = [latitude.value, longitude.value];
  const unset = typed.includes("");
  let at = unset ? config.point ?? config.centre : typed.map(Number);
  let home = config.home;
  let origin = at; // What a distance is told from, where the address's own point is not known.
  let map;
  let mark;

  tools.hidden = false;
  if (unset) status.textContent = words.unset;
  for (const button of tools.querySelectorAll("[data-move]")) {
    button.addEventListener("click", (event) => move(button.dataset.move, event.shiftKey));
  }
  tools.querySelector("[data-pin-home]").addEventListener("click", goHome);
  document.addEventListener("address:picked", ({ detail }) => settle(detail.point));
  document.addEventListener("address:typed", () => {
    if (status.textContent === words.follows) return;
    [home, latitude.value, longitude.value] = [null, "", ""];
    draw();
    status.textContent = words.follows;
  });
  field.form.addEventListener("change", ({ target }) => {
    if (target.name !== "choice") return;
    if (target.dataset.point) settle(target.dataset.point.split(",").map(Number));
    else [latitude.value, longitude.value] = typed;
  });
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    show(tools.querySelector("#map"));
  });
  observer.observe(tools.querySelector("#map"));

  async function show(element) {
    await loadLeaflet(field);
    const options = { scrollWheelZoom: false, keyboard: false };
    map = createMap(element, config, readJson("map-strings"), options);
    map.setView(at, unset ? 15 : 18, { animate: false });
    mark = L.marker(at, { icon: pin(config.icon), draggable: true, autoPanOnFocus: false });
    mark.addTo(map).on("dragend", () => {
      const { lat, lng } = mark.getLatLng();
      put([lat, lng]);
      say();
    });
    const handle = mark.getElement();
    // Screen readers hand the arrow keys over to it.
    handle.setAttribute("role", "application");
    handle.setAttribute("aria-label", words.label);
    handle.setAttribute("aria-describedby", "pin-help");
    handle.addEventListener("keydown", (event) => {
      if (!WAYS[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      move(event.key, event.shiftKey);
    });
    draw();
    element.dataset.ready = 1;
  }

  function move(way, far) {
    const metres = far ? LEAP : STEP;
    put(moved(at, way, metres));
    say(`${toldMove(words, way, metres)} `);
  }

  function put(point) {
    at = point.map((degrees) => Number(degrees.toFixed(6)));
    [latitude.value, longitude.value] = at;
    draw();
  }

  function draw() {
    if (!mark) return;
    mark.setLatLng(at);
    mark.getElement().classList.toggle("is-unset", latitude.value === "");
    map.panInside(at, { padding: [50, 50], animate: false });
  }

  /** The address's own point, exactly as it was given: the server knows it again. */
  function settle(point) {
    home = point;
    origin = at = point;
    [latitude.value, longitude.value] = point;
    draw();
    map?.setView(at, 18, { animate: false });
    say();
  }

  async function goHome() {
    if (home) return settle(home);
    const elements = field.form.elements;
    const parts = ["house_number", "street", "postcode", "city"].map((n) => elements[n].value);
    const query = new URLSearchParams({ q: parts.join(" "), commune: field.dataset.commune });
    try {
      const response = await fetch(`${field.dataset.lookup}?${query}`);
      const [place] = response.ok ? (await response.json()).places : [];
      if (place) settle(place.point);
      else status.textContent = words.lost;
    } catch {
      status.textContent = words.lost;
    }
  }

  function say(before = "") {
    const metres = Math.round(distance(at, home ?? origin));
    const sentence = home && !metres ? words.home : home ? words.away : words.start;
    status.textContent = before + sentence.replace("%s", metres);
  }
}

function distance([latitude, longitude], [otherLatitude, otherLongitude]) {
  const north = otherLatitude - latitude;
  const east = (otherLongitude - longitude) * Math.cos((latitude * Math.PI) / 180);
  return Math.hypot(north, east) * METRES_PER_DEGREE;
}
