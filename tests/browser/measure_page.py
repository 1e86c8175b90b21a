"""Measures a commune's page as a phone on a slow network would load it, and prints medians.

`python -m tests.browser.measure_page` starts the production path (gunicorn, compressed static
files) on a temporary SQLite database. The reference is a bare Leaflet page with the same 500
markers, served by the same server. Tiles come from a second local server and are not counted.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from tests.browser.tiles import serve_tiles

SIZES = [500, 5000]
LOADS = 5
# "Slow 4G" as the tools of browsers have it, and a processor four times slower than this one.
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER = 4
WATCH = """
new MutationObserver((changes, observer) => {
  if (!document.querySelector("[data-shop]")) return;
  performance.mark("card");
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });
"""
TIMES = """
() => {
  const at = (name) => performance.getEntriesByName(name)[0]?.startTime ?? 0;
  return [Math.max(at("first-contentful-paint"), at("card")), at("markers")];
}
"""
BARE = {
    "index.html": """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Carte</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="../leaflet/leaflet.css">
<link rel="stylesheet" href="bare.css"><h1>Carte</h1><div id="map"></div>
<script src="../leaflet/leaflet.js"></script><script src="bare.js"></script>""",
    "bare.css": "#map { height: 90vh }",
    "bare.js": """const map = L.map("map").setView([48.87, 2.18], 13);
L.tileLayer("TILES").addTo(map);
fetch("/ville-500/commerces.geojson").then((answer) => answer.json()).then((shops) => {
  L.geoJSON(shops).addTo(map);
  performance.mark("markers");
  map.getContainer().dataset.ready = shops.features.length;
});""",
}


class Load(NamedTuple):
    kilobytes: float
    requests: int
    list_seconds: float
    markers_seconds: float


def main() -> None:
    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    arguments = ["--no-sandbox", "--disable-background-networking"]
    print(f"{'':24} {'KB':>7} {'requests':>9} {'list s':>8} {'markers s':>10}")
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder), SIZES) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        pages = [(f"commune, {n} shops", f"/ville-{n}/") for n in SIZES]
        for label, path in [*pages, ("bare Leaflet, 500", "/static/bare/index.html")]:
            loads = [measure(browser, site + path) for _ in range(LOADS)]
            median = Load(*map(statistics.median, zip(*loads, strict=True)))
            print(
                f"{label:24} {median.kilobytes:7.1f} {median.requests:9.0f}"
                f" {median.list_seconds:8.2f} {median.markers_seconds:10.2f}"
            )
        browser.close()


def measure(browser: Browser, url: str, *, width: int = 1440) -> Load:
    """One load with nothing kept from before; bytes are those on the wire, headers included."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR")
    page = context.new_page()
    page.add_init_script(WATCH)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    ours: set[str] = set()
    sizes: dict[str, int] = {}

    def requested(event):
        address = urlsplit(event["request"]["url"])
        if address.netloc == urlsplit(url).netloc and address.scheme == "http":
            ours.add(event["requestId"])

    def finished(event):
        sizes[event["requestId"]] = event["encodedDataLength"]

    session.on("Network.requestWillBeSent", requested)
    session.on("Network.loadingFinished", finished)
    page.goto(url, wait_until="load")
    page.wait_for_selector("#map[data-ready]", timeout=30_000)
    page.wait_for_timeout(1_000)  # what was asked for last
    list_ms, markers_ms = page.evaluate(TIMES)
    context.close()
    total = sum(sizes.get(request, 0) for request in ours)
    return Load(total / 1000, len(ours), list_ms / 1000, markers_ms / 1000)


@contextmanager
def serve(folder: Path, sizes: list[int]) -> Iterator[str]:
    """The site with a town of each size at /ville-<size>/; its address."""
    with serve_tiles() as tiles, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
        probe.close()
        kept = {name: value for name, value in os.environ.items() if name != "DEBUG"}
        environment = kept | {
            "DEMO": "1",
            "VAR_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder}/measure.sqlite3",
            "DJANGO_SETTINGS_MODULE": "commerce_local.settings",
            "TILES_URL": tiles,
            "BIND": address,
            "SITE_URL": f"http://{address}",
        }
        _prepare(environment, folder, tiles, sizes)
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "commerce_local/gunicorn.py",
             "commerce_local.wsgi"],
            env=environment, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait_for(address)
            yield f"http://{address}"
        finally:
            server.terminate()
            server.wait(10)


def _prepare(environment: dict, folder: Path, tiles: str, sizes: list[int]) -> None:
    made = "; ".join(
        [
            "from django.core.management import call_command",
            "from tests.browser.town import make_town",
            "call_command('migrate', verbosity=0)",
            "call_command('collectstatic', interactive=False, verbosity=0)",
            *(f"make_town({size}, slug='ville-{size}')" for size in sizes),
        ]
    )
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", made]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    bare = folder / "static" / "bare"
    bare.mkdir()
    for name, text in BARE.items():
        (bare / name).write_text(text.replace("TILES", tiles))


def _wait_for(address: str) -> None:
    host, port = address.split(":")
    for _attempt in range(200):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    main()
