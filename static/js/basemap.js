// A Leaflet map of the page's configuration, and the marks on it. Shared by every map.

const SVG = "http://www.w3.org/2000/svg";
const sprite = document.querySelector("[data-icons]")?.dataset.icons ?? "";

export const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

export function readJson(id, page = document) {
  return JSON.parse(page.getElementById(id)?.textContent ?? "{}");
}

/** Leaflet's script and stylesheet, from the addresses in the element's data. */
export function loadLeaflet({ dataset: { leaflet, leafletCss } }) {
  return Promise.all([
    load("script", { src: leaflet }),
    load("link", { rel: "stylesheet", href: leafletCss }),
  ]);
}

function load(name, attributes) {
  return new Promise((resolve, reject) => {
    const resource = Object.assign(document.createElement(name), attributes);
    resource.onload = resolve;
    resource.onerror = reject;
    document.head.append(resource);
  });
}

/** Puts a map in the element; Leaflet's script and stylesheet are there. */
export function createMap(element, config, strings, options = {}) {
  element.replaceChildren();
  const map = L.map(element, {
    minZoom: config.minZoom,
    maxZoom: config.maxZoom,
    zoomControl: false,
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    markerZoomAnimation: !calm,
    inertia: !calm,
    ...options,
  });
  map.attributionControl.setPrefix(config.attributionPrefix);
  L.control
    .zoom({
      // On a narrow map, the top belongs to the button that searches the zone.
      position: element.clientWidth < 420 ? "bottomright" : "topleft",
      zoomInTitle: strings.zoomIn,
      zoomOutTitle: strings.zoomOut,
    })
    .addTo(map);
  addTiles(map, config, strings);
  new ResizeObserver(() => map.invalidateSize({ pan: false, animate: false })).observe(element);
  return map;
}

function addTiles(map, config, strings) {
  const tiles = L.tileLayer(config.tiles, {
    ...config.tilesOptions,
    // Tile servers ask which site calls; they learn its origin, never the page.
    referrerPolicy: "strict-origin-when-cross-origin",
  }).addTo(map);
  const remark = note(map, strings.noTiles);
  tiles.on("tileerror", remark.show);
  tiles.on("tileload", remark.hide);
}

/** A sentence in a corner of the map, for as long as it is true. */
export function note(map, sentence) {
  const control = L.control({ position: "bottomleft" });
  control.onAdd = () => {
    const box = L.DomUtil.create("p", "map-note");
    box.textContent = sentence;
    return box;
  };
  return { show: () => control.addTo(map), hide: () => control.remove() };
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A pin whose tip is the shop's point, with the pictogram of its category. */
export function pin(name) {
  const head = document.createElement("span");
  head.className = "pin";
  head.append(icon(name));
  return L.divIcon({ className: "marker", html: head, iconSize: [44, 48], iconAnchor: [22, 46] });
}
