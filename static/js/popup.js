// The card of a shop on the map, or the list of shops that share a point. Loaded when first asked.

const cards = new Map();

export function openPopup(map, mark, shops, feed, strings) {
  const content = document.createElement("div");
  content.className = "map-popup";
  content.append(...(shops.length === 1 ? [link(shops[0], feed)] : list(shops, feed, strings)));

  const popup = L.popup({
    maxWidth: Math.min(300, map.getSize().x - 72),
    minWidth: Math.min(220, map.getSize().x - 72),
    maxHeight: Math.max(140, map.getSize().y - 120),
    offset: [0, shops.length === 1 ? -34 : -14],
    // Below the button that searches the zone.
    autoPanPaddingTopLeft: [16, 72],
    autoPanPaddingBottomRight: [16, 16],
  })
    .setLatLng(mark.getLatLng())
    .setContent(content);
  popup.openOn(map);
  name(popup, mark, strings);
  giveFocusBack(popup, mark, map);
  focusIn(content);
  if (shops.length === 1) complete(popup, content, cardAddress(link(shops[0], feed).href, feed));
}

/** The name is there at once; the rest comes from the server, as the list shows it. */
async function complete(popup, content, url) {
  const card = cards.get(url) ?? (await fetchCard(url));
  if (!card) return;
  cards.set(url, card);
  const hadFocus = content.contains(document.activeElement);
  const parsed = new DOMParser().parseFromString(card, "text/html");
  content.replaceChildren(...parsed.body.childNodes);
  popup.update();
  if (hadFocus) focusIn(content);
}

/** The card speaks of the moment that the list was asked for. */
function cardAddress(page, feed) {
  const moments = new URL(feed, location.href).searchParams.getAll("ouvert");
  const address = new URL("carte/", page);
  for (const moment of moments) address.searchParams.append("ouvert", moment);
  return address.href;
}

async function fetchCard(url) {
  try {
    const response = await fetch(url);
    return response.ok ? await response.text() : "";
  } catch (error) {
    if (error instanceof TypeError) return ""; // offline: the name and its link remain
    throw error;
  }
}

function list(shops, feed, strings) {
  const title = document.createElement("p");
  title.textContent = strings.together.replace("%s", shops.length);
  const items = document.createElement("ul");
  for (const shop of shops) {
    const item = document.createElement("li");
    item.append(link(shop, feed));
    items.append(item);
  }
  return [title, items];
}

function link({ properties }, feed) {
  const [commune, slug] = properties.path.split("/");
  const anchor = document.createElement("a");
  anchor.textContent = properties.name;
  // Both feeds stand one level below the site's (or its English half's) root.
  anchor.href = new URL(`../${commune}/commerces/${slug}/`, new URL(feed, location.href));
  return anchor;
}

function name(popup, mark, strings) {
  const box = popup.getElement();
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-label", mark.getElement()?.getAttribute("aria-label") ?? "");
  box.querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", strings.close);
}

function focusIn(content) {
  content.querySelector("a")?.focus({ preventScroll: true });
}

/** Closed with the focus inside, the popup leaves it to the mark that it came from. */
function giveFocusBack(popup, mark, map) {
  let inside = false;
  const box = popup.getElement();
  box.addEventListener("focusin", () => {
    inside = true;
  });
  box.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget) inside = box.contains(relatedTarget);
  });
  popup.on("remove", () => {
    if (inside) (mark.getElement() ?? map.getContainer()).focus({ preventScroll: true });
  });
}
