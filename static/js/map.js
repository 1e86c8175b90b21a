// The map of the shops found, beside their list: [data-map].

import { calm, createMap, note, pin, readJson } from "./basemap.js";

// Marks nearer to each other than this, in pixels, become one: they are 44 pixels wide.
const RADIUS = 60;
const FRANCE = [[41.3, -5.2], [51.1, 9.6]];

const element = document.querySelector("[data-map]");
let loading;

async function start() {
  const strings = readJson("map-strings");
  let config = readJson("map-config");
  let features = load(config.feed);
  const map = createMap(element, config, strings);
  const view = new View(map);
  const shops = new Shops(map, strings);
  const place = L.layerGroup().addTo(map);
  const failure = note(map, strings.feedFailed);

  drawPlace(place, config);
  view.fit(boundsOf(askedZone()) ?? boundsOf(config.box));
  offerZone(map, view);
  linkCards(shops);

  async function show(moves) {
    let found;
    try {
      found = await features;
    } catch (error) {
      if (error.name !== "AbortError") failure.show();
      return;
    }
    failure.hide();
    if (moves) view.fit(boundsOfShops(found, config.here));
    shops.show(found, config.feed);
    element.dataset.ready = found.length;
    performance.mark("markers");
  }

  document.addEventListener("shops:found", () => {
    const before = config;
    config = readJson("map-config");
    if (config.feed === before.feed) return;
    delete element.dataset.ready;
    features = load(config.feed);
    const moved = `${config.here}` !== `${before.here}`;
    if (moved) drawPlace(place, config);
    show(moved && config.here);
  });
  await show(!config.box);
}

async function load(url) {
  loading?.abort();
  loading = new AbortController();
  const response = await fetch(url, { signal: loading.signal });
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return (await response.json()).features;
}

/** The marks of the shops in view, those that would overlap as one with their number. */
class Shops {
  constructor(map, strings) {
    this.map = map;
    this.strings = strings;
    this.marks = new Map();
    this.layer = L.layerGroup().addTo(map);
    map.on("moveend", () => this.draw());
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") map.closePopup();
    });
  }

  show(features, feed) {
    this.feed = feed;
    this.index = new Supercluster({
      radius: RADIUS,
      extent: 256,
      maxZoom: this.map.getMaxZoom(),
    }).load(features);
    this.map.closePopup();
    this.clear();
    this.draw();
  }

  clear() {
    this.layer.clearLayers();
    this.marks.clear();
  }

  /** Adds the marks that came into view and removes those that left it; the others stay. */
  draw() {
    if (!this.index) return;
    const visible = this.index.getClusters(boxOf(this.map), this.map.getZoom());
    const wanted = new Map(visible.map((feature) => [keyOf(feature), feature]));
    const focused = [...this.marks.values()].find((m) => m.getElement() === document.activeElement);
    for (const [key, mark] of this.marks) {
      if (wanted.has(key)) continue;
      mark.remove();
      this.marks.delete(key);
    }
    for (const [key, feature] of wanted) {
      if (!this.marks.has(key)) this.marks.set(key, this.mark(feature));
    }
    this.highlight(this.highlighted);
    if (focused && !focused.getElement()) {
      const next = this.markOf(this.leaves(focused.feature)[0].id)?.getElement();
      (next ?? element).focus({ preventScroll: true });
    }
  }

  mark(feature) {
    const [longitude, latitude] = feature.geometry.coordinates;
    const { cluster, name, icon: pictogram, point_count: count } = feature.properties;
    const mark = L.marker([latitude, longitude], {
      icon: cluster ? clusterIcon(count) : pin(pictogram),
      autoPanOnFocus: false,
      riseOnHover: true,
    });
    mark.feature = feature;
    mark.on("click", () => this.open(mark));
    mark.addTo(this.layer);
    const button = mark.getElement();
    const label = this.partingZoom(feature) ? this.strings.cluster : this.strings.together;
    button.setAttribute("aria-label", cluster ? format(label, count) : name);
    if (!cluster) button.dataset.marker = feature.id;
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.open(mark);
    });
    button.addEventListener("focus", () => {
      if (!button.matches(":focus-visible")) return;
      this.map.panInside(mark.getLatLng(), { padding: [50, 50], animate: false });
    });
    return mark;
  }

  /** A shop opens its card; a group comes nearer, or lists its shops where that can't part them. */
  async open(mark) {
    const zoom = this.partingZoom(mark.feature);
    if (zoom) {
      this.map.setView(mark.getLatLng(), zoom, { animate: !calm });
      return;
    }
    const shops = this.leaves(mark.feature);
    markCard(shops);
    const { openPopup } = await import("./popup.js");
    openPopup(this.map, mark, shops, this.feed, this.strings);
  }

  /** The zoom at which a group falls apart; null where it never does, and for a single shop. */
  partingZoom(feature) {
    if (!feature.properties.cluster || this.samePoint(this.leaves(feature))) return null;
    const zoom = this.index.getClusterExpansionZoom(feature.properties.cluster_id);
    return zoom <= this.map.getMaxZoom() ? zoom : null;
  }

  leaves(feature) {
    if (!feature.properties.cluster) return [feature];
    feature.leaves ??= this.index.getLeaves(feature.properties.cluster_id, Infinity);
    return feature.leaves;
  }

  samePoint(shops) {
    const at = ({ geometry }) => geometry.coordinates.map((degrees) => degrees.toFixed(5)).join();
    return shops.every((shop) => at(shop) === at(shops[0]));
  }

  markOf(id) {
    return [...this.marks.values()].find((m) => this.leaves(m.feature).some((s) => s.id === id));
  }

  /** Shows where a shop is, by itself or in its group; nothing moves. */
  highlight(id) {
    this.highlighted = id;
    const chosen = id && this.markOf(id);
    for (const mark of this.marks.values()) {
      mark.getElement().classList.toggle("is-active", mark === chosen);
      mark.setZIndexOffset(mark === chosen ? 1000 : 0);
    }
  }
}

function keyOf({ id, properties }) {
  return properties.cluster ? `group ${id}` : id;
}

function format(sentence, count) {
  return sentence.replace("%s", count);
}

function clusterIcon(count) {
  const size = 44 + 6 * Math.min(Math.floor(Math.log10(count)), 2);
  const disc = document.createElement("span");
  disc.className = "cluster";
  disc.textContent = count;
  return L.divIcon({ className: "marker", html: disc, iconSize: [size, size] });
}

// What the map shows ---------------------------------------------------------------------------

/** Remembers whether a movement is ours: only the visitor's own offer a new search. */
class View {
  constructor(map) {
    this.map = map;
    this.ours = false;
    map.on("autopanstart", () => {
      this.ours = true;
    });
  }

  fit(bounds) {
    this.ours = true;
    this.map.fitBounds(bounds ?? FRANCE, { padding: [12, 12], maxZoom: 17, animate: false });
    this.ours = false;
  }

  onMove(listener) {
    this.map.on("moveend", () => {
      if (!this.ours) listener();
      this.ours = false;
    });
  }
}

function boxOf(map) {
  const bounds = map.getBounds();
  return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
}

function askedZone() {
  return new URLSearchParams(location.search).get("zone")?.split(",").map(Number);
}

function boundsOf(box) {
  if (box?.length !== 4 || !box.every(Number.isFinite)) return null;
  const [west, south, east, north] = box;
  return [[south, west], [north, east]];
}

function boundsOfShops(features, here) {
  const points = features.map(({ geometry }) => geometry.coordinates.toReversed());
  if (here) points.push(here);
  return points.length ? L.latLngBounds(points) : null;
}

/** The commune stands out, its surroundings are dimmed; and where the visitor asked from. */
function drawPlace(layer, { contour, here }) {
  layer.clearLayers();
  if (contour) {
    const polygons = contour.type === "Polygon" ? [contour.coordinates] : contour.coordinates;
    const rings = polygons.flat().map((ring) => L.GeoJSON.coordsToLatLngs(ring));
    const world = [[-90, -360], [-90, 360], [90, 360], [90, -360]];
    const quiet = { interactive: false, smoothFactor: 1 };
    L.polygon([world, ...rings], { ...quiet, stroke: false, className: "map-veil" }).addTo(layer);
    L.polygon(rings, { ...quiet, fill: false, className: "map-contour" }).addTo(layer);
  }
  if (here) {
    const dot = L.divIcon({ className: "map-here", iconSize: [18, 18] });
    L.marker(here, { icon: dot, interactive: false, keyboard: false }).addTo(layer);
  }
}

// What the map and the page do together --------------------------------------------------------

/** "Search this area": the view's box becomes a filter like the others. */
function offerZone(map, view) {
  const button = document.querySelector("[data-search-zone]");
  view.onMove(() => {
    button.hidden = false;
  });
  button.addEventListener("click", () => {
    const zone = boxOf(map).map((degrees) => degrees.toFixed(5)).join();
    button.hidden = true;
    element.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("filters:set", { detail: { zone } }));
  });
}

/** Pointing at a card, or tabbing to it, shows its place on the map. */
function linkCards(shops) {
  const point = ({ target }) => {
    const card = target.closest?.("[data-shop]");
    shops.highlight(card ? Number(card.dataset.shop) : null);
  };
  document.addEventListener("mouseover", point);
  document.addEventListener("focusin", point);
}

function markCard(shops) {
  const ids = new Set(shops.map(({ id }) => `${id}`));
  for (const card of document.querySelectorAll("[data-shop]")) {
    card.classList.toggle("is-active", ids.has(card.dataset.shop));
  }
}

/** On a phone, the list or the map. */
function toggleView(button) {
  if (!button) return;
  const anchor = document.querySelector("a[href='#map']");
  if (anchor) anchor.hidden = true;
  button.hidden = false;
  button.addEventListener("click", () => {
    const pressed = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", pressed);
    document.documentElement.dataset.view = pressed ? "map" : "list";
  });
}

/** A map that is not displayed (a phone's list) costs nothing until it is. */
function whenShown(box, run) {
  if (box.clientWidth && box.clientHeight) return run();
  const observer = new ResizeObserver(() => {
    if (!box.clientWidth || !box.clientHeight) return;
    observer.disconnect();
    run();
  });
  observer.observe(box);
}

if (element) {
  toggleView(document.querySelector("[data-view-toggle]"));
  whenShown(element, start);
}
