// Says below a text how many characters are left: to the eye at each key, to the ear after a pause.

const PAUSE = 1200; // milliseconds

function left(area) {
  const count = Math.max(area.maxLength - area.value.length, 0);
  const { counter, counterOne } = area.dataset;
  // In French, zero and one are singular; in English, one is.
  const few = document.documentElement.lang === "fr" ? count < 2 : count === 1;
  const number = count.toLocaleString(document.documentElement.lang);
  return (few ? counterOne : counter).replace("%s", number);
}

function count(area) {
  const seen = document.createElement("p");
  seen.className = "help counter";
  seen.setAttribute("aria-hidden", "true");
  const heard = document.createElement("p");
  heard.className = "visually-hidden";
  heard.setAttribute("role", "status");
  area.after(seen, heard);
  let waiting = 0;
  const show = () => {
    seen.textContent = left(area);
  };
  show();
  area.addEventListener("input", () => {
    show();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      heard.textContent = left(area);
    }, PAUSE);
  });
}

document.querySelectorAll("textarea[data-counter]").forEach(count);
