// "Around me" on a page without a list: [data-locate data-around="address of the page around a place"].

import { locate } from "./locate.js";

for (const button of document.querySelectorAll("[data-locate]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const position = await locate(button);
    if (position) location.assign(`${button.dataset.around}?pres=${position}`);
  });
}
