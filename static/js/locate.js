// Where the visitor is, asked of the browser, and only on request. Loaded when first asked.

/** "latitude,longitude" to about 10 m; null, and a sentence by the button, where it can't be known. */
export async function locate(button) {
  const strings = JSON.parse(document.getElementById("map-strings").textContent);
  const status = button.parentElement.querySelector("[role=status]");
  button.setAttribute("aria-busy", "true");
  status.textContent = "";
  try {
    const { coords } = await position();
    return [coords.latitude, coords.longitude].map((degrees) => degrees.toFixed(3)).join();
  } catch (error) {
    const refused = error.code === 1; // GeolocationPositionError.PERMISSION_DENIED
    status.textContent = refused ? strings.locateDenied : strings.locateFailed;
    return null;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function position() {
  return new Promise((resolve, reject) => {
    const options = { timeout: 10_000, maximumAge: 60_000 };
    if (navigator.geolocation) navigator.geolocation.getCurrentPosition(resolve, reject, options);
    else reject(new Error("no geolocation"));
  });
}
