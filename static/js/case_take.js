// Whoever opens a case is at it, as the button « Je m’en occupe » says without script.
for (const form of document.querySelectorAll("form[data-take]")) {
  const data = new FormData(form);
  data.set("quiet", "1");
  fetch(form.action, { method: "POST", body: data })
    .then((answer) => {
      if (answer.ok) form.querySelector("[data-mine]")?.remove();
    })
    .catch(() => {});
}
