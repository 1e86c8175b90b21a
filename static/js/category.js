// Answers while one types what a shop sells: the rule is that of merchants/forms/category.py.

const finder = document.querySelector("[data-finder]");
const part = (name) => finder.querySelector(`[data-finder-${name}]`);
const FOLDED = { œ: "oe", æ: "ae", ß: "ss" };

function normalise(text) {
  return text
    .toLowerCase()
    .replace(/[œæß]/g, (letter) => FOLDED[letter])
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
}

function stem(word, endings) {
  const prefix = ` ${word.length > 3 ? word.replace(/[sx]$/, "") : word}`;
  for (const [ending, kept] of Object.entries(endings)) {
    if (prefix.endsWith(ending) && prefix.length > ending.length + 3) {
      return prefix.slice(0, -ending.length) + kept;
    }
  }
  return prefix;
}

function stems(question, { around, endings }) {
  const words = normalise(question).split(" ").filter(Boolean);
  const telling = words.filter((word) => !around.includes(word));
  return (telling.length ? telling : words).map((word) => stem(word, endings));
}

function isWhole(asked, text) {
  return asked.every((one) => ["", "s", "x"].some((end) => text.includes(`${one}${end} `)));
}

function kind(asked, names, words) {
  if (isWhole(asked, names)) return 0;
  if (isWhole(asked, words)) return 1;
  return asked.every((one) => names.includes(one)) ? 2 : 3;
}

function answers(question, data) {
  const asked = stems(question, data);
  if (!asked.length) return [];
  return data.choices
    .filter(([, , words]) => asked.every((one) => words.includes(one)))
    .map(([slug, names, words]) => {
      const place = Math.max(...asked.map((one) => words.indexOf(one)));
      return { slug, place, kind: kind(asked, names, words) };
    })
    .sort((one, other) => one.kind - other.kind || one.place - other.place)
    .slice(0, data.most)
    .map(({ slug }) => slug);
}

function start() {
  const data = JSON.parse(document.getElementById("categories").textContent);
  const question = finder.querySelector("[type=search]");
  const [list, all, said, answered] = ["found", "all", "said", "answered"].map(part);
  const lines = new Map();
  const homes = new Map();
  for (const li of finder.querySelectorAll("[data-slug]")) lines.set(li.dataset.slug, li);
  // Where each line stands in the whole list; for those that stand above, a place is kept.
  for (const li of all.querySelectorAll("[data-slug]")) {
    const mark = document.createComment("");
    li.before(mark);
    homes.set(li.dataset.slug, mark);
  }
  for (const li of all.querySelectorAll("[data-home]")) homes.set(li.dataset.home, li);

  function show() {
    const text = question.value.trim();
    answered.value = question.value;
    const found = text ? answers(text, data) : [];
    const chosen = finder.querySelector("[name=main_category]:checked")?.value;
    const wanted = [...new Set([chosen, ...found])].filter((slug) => lines.has(slug));
    for (const li of [...list.children]) homes.get(li.dataset.slug)?.after(li);
    list.append(...wanted.map((slug) => lines.get(slug)));
    if (text && !found.length) all.open = true;
    const { one, many, none } = said.dataset;
    if (!text) said.textContent = "";
    else if (!found.length) said.textContent = none;
    else said.textContent = found.length === 1 ? one : many.replace("%s", found.length);
  }

  part("button").hidden = true;
  question.addEventListener("input", show);
  question.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

if (finder) start();
