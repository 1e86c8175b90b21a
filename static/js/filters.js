// Filters that answer at once: [data-filters]. The page of the same address is fetched, and what
// differs in it, the elements marked data-live, takes the place of what is shown.

const TYPING_PAUSE = 300; // milliseconds

const form = document.querySelector("[data-filters]");
const status = document.querySelector("[data-status]");
let request;
let word = 0; // how many words were typed so far
let shown = location.pathname + location.search;

function start() {
  let pause;
  const apply = (options) => {
    clearTimeout(pause);
    if (address() !== shown) show(address(), options);
  };
  const isTyping = ({ target }) => target.type === "search";

  form.addEventListener("input", (event) => {
    if (!isTyping(event)) return;
    clearTimeout(pause);
    pause = setTimeout(() => apply({ typed: word }), TYPING_PAUSE);
  });
  form.addEventListener("change", (event) => {
    clearTwins(event.target);
    apply(isTyping(event) ? { typed: word++ } : {});
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
    if (closeSheet()) focusSummary();
  });
  form.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && closeSheet()) form.querySelector("[data-filters-toggle] summary").focus();
  });
  document.addEventListener("click", (event) => {
    const url = liveLink(event);
    if (!url) return;
    event.preventDefault();
    show(url.pathname + url.search, { top: pageOf(url.search) !== pageOf(location.search) });
  });
  document.addEventListener("filters:set", ({ detail }) => show(address(detail)));
  addEventListener("popstate", () => {
    const url = location.pathname + location.search;
    if (url !== shown) show(url, { keep: false });
  });
  for (const button of document.querySelectorAll("[data-locate]")) offerLocation(button);
}

/** What the form asks for, as an address without blanks, its commas and colons readable. */
function address(changes = {}) {
  const asked = [...new FormData(form)].filter(([name]) => !(name in changes));
  const kept = [...asked, ...Object.entries(changes)].filter(([, value]) => value.trim());
  const query = `${new URLSearchParams(kept)}`.replaceAll("%2C", ",").replaceAll("%3A", ":");
  return new URL(form.action).pathname + (query && `?${query}`);
}

/** A moment is one of those offered, or the one picked: choosing either clears the other. */
function clearTwins(control) {
  for (const twin of form.elements) {
    if (twin.name !== control.name || twin.type === control.type) continue;
    if (control.type === "radio" && twin.type === "datetime-local") twin.value = "";
    if (control.type === "datetime-local" && twin.type === "radio") twin.checked = !twin.value;
  }
}

function liveLink(event) {
  const link = event.target.closest?.("[data-live] a[href]");
  if (!link || link.target || link.hasAttribute("download") || event.button) return null;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  const url = new URL(link.href);
  const here = url.origin === location.origin && url.pathname === location.pathname;
  return here && !url.hash ? url : null;
}

function pageOf(query) {
  return new URLSearchParams(query).get("page") ?? "1";
}

/** Shows the results at that address; where they can't be had, the browser itself goes there. */
async function show(url, { keep = true, typed = null, top = false } = {}) {
  request?.abort();
  const { signal } = (request = new AbortController());
  const list = region("list");
  list.setAttribute("aria-busy", "true");
  let page;
  try {
    page = await fetchPage(url, signal);
  } catch {
    if (signal.aborted) return;
    if (keep) location.assign(url);
    else location.reload();
    return;
  }
  shown = url;
  if (keep) remember(url, typed);
  swap(page, { typing: typed === null ? null : document.activeElement });
  if (top) document.getElementById("liste").scrollIntoView({ block: "start" });
  // The map may start later: on a phone, it waits until it is shown.
  const config = page.getElementById("map-config").textContent;
  document.getElementById("map-config").textContent = config;
  document.dispatchEvent(new Event("shops:found"));
}

/** A word typed is one step back, not one for each letter. */
function remember(url, typed) {
  const same = typed !== null && history.state?.typed === typed;
  history[same ? "replaceState" : "pushState"]({ typed }, "", url);
}

async function fetchPage(url, signal) {
  const response = await fetch(url, { signal });
  const elsewhere = new URL(response.url).pathname !== new URL(url, location.href).pathname;
  if (!response.ok || elsewhere) throw new Error(`${response.status} ${url}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

// Showing the fetched page ---------------------------------------------------------------------

function region(name, page = document) {
  return page.querySelector(`[data-live="${name}"]`);
}

function swap(page, { typing }) {
  const focused = document.activeElement;
  document.title = page.title;
  takeOverOptions(page.querySelector("[data-options]"));
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = region(old.dataset.live, page);
    if (fresh) takeOver(old, fresh);
  }
  takeOverForm(page.querySelector("[data-filters]"), typing);
  if (!focused.isConnected) refocus(focused);
  status.textContent = region("summary").textContent.trim().replace(/\s+/g, " ");
}

/** The element stays, for those who hold it or listen to it; its attributes and content change. */
function takeOver(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) old.setAttribute(name, value);
  if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.cloneNode(true).childNodes);
}

/** Other results may offer other categories; the groups that were unfolded stay so. */
function takeOverOptions(fresh) {
  const old = form.querySelector("[data-options]");
  const values = (box) => [...box.querySelectorAll("input")].map(({ value }) => value);
  if (values(old).join() === values(fresh).join()) return;
  const unfolded = new Set([...old.querySelectorAll("[open]")].flatMap(values));
  takeOver(old, fresh);
  for (const group of old.querySelectorAll("details")) {
    if (unfolded.has(values(group)[0])) group.open = true;
  }
}

/** Every control takes the state that the server gave it, save the word being typed. */
function takeOverForm(fresh, typing) {
  for (const control of form.elements) {
    const box = control.type === "checkbox" || control.type === "radio";
    const twin = [...fresh.elements].find(
      ({ name, type, value }) =>
        name === control.name && type === control.type && (!box || value === control.value),
    );
    if (box) control.checked = twin?.checked ?? false;
    else if (twin && control.name && control !== typing) control.value = twin.value;
  }
}

/** Focus is never lost: it goes to the same control if that came back, else to the summary. */
function refocus({ name, value }) {
  const same = name && [...form.elements].find((c) => c.name === name && c.value === value);
  if (same) same.focus({ preventScroll: true });
  else focusSummary();
}

function focusSummary() {
  region("summary").tabIndex = -1;
  region("summary").focus({ preventScroll: true });
}

/** On a small screen, the filters are a sheet above the list; says whether it was open. */
function closeSheet() {
  const sheet = form.querySelector("[data-filters-toggle][open]");
  if (sheet) sheet.open = false;
  return sheet !== null;
}

/** "Around me", only when asked. */
function offerLocation(button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const { locate } = await import("./locate.js");
    const pres = await locate(button);
    if (!pres) return;
    // Around a place without a list yet, the whole page changes.
    const around = document.querySelector("[data-around]")?.dataset.around;
    if (around) location.assign(`${around}?pres=${pres}`);
    else show(address({ pres }));
  });
}

if (form) start();
