// Where one shop is: [data-shop-map]. Nothing of the map is loaded before it comes into view.

import { createMap, loadLeaflet, pin, readJson } from "./basemap.js";

const element = document.querySelector("[data-shop-map]");
const config = readJson("map-config");
if (element && config.point) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    start();
  });
  observer.observe(element);
}

async function start() {
  await loadLeaflet(element);
  const map = createMap(element, config, readJson("map-strings"), { scrollWheelZoom: false });
  map.setView(config.point, 17, { animate: false });
  L.marker(config.point, { icon: pin(config.icon), interactive: false, keyboard: false }).addTo(map);
  element.dataset.ready = 1;
}
