// Loads a part of the page that takes its time; the link that stands there does without script.
for (const place of document.querySelectorAll("[data-part]")) {
  try {
    const answer = await fetch(place.dataset.part, { headers: { Accept: "text/html" } });
    if (answer.ok) place.innerHTML = await answer.text();
  } catch {
    // The link stays.
  }
}
