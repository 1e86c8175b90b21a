"""Prints requests per second, p95 and ratios of the commune page and of its GeoJSON.

One gunicorn process serves the site and the bare views from one SQLite file; requests to a page
and to its reference alternate on one kept-alive connection, so that both see the same machine.
"kept" is the site as it runs (a page is rendered once a minute and address), which is what the
targets are for; "rendered" has that cache switched off: what the first visitor of a minute pays.
"""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "500 5000").split()]
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
PAGES = [
    ("page", "/ville-{n}/", "/bare/ville-{n}/", 0.5),
    ("page, filtered", "/ville-{n}/?q=boulangerie&service=livraison", "/bare/ville-{n}/", 0.5),
    ("page, ouvert", "/ville-{n}/?ouvert=maintenant", "/bare/ville-{n}/", 0.5),
    ("geojson", "/ville-{n}/commerces.geojson", "/bare/ville-{n}/features/", 0.8),
]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "DEMO": "1",
            "VAR_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
        }
        _prepare(environment)
        print(f"{'':38} {'req/s':>8} {'p95 ms':>8} {'bare':>8} {'p95 ms':>8} {'ratio':>7} target")
        for mode, each in (("kept", "0"), ("rendered", "1")):
            with _Server(environment | {"BENCH_RENDER_EACH": each}) as port:
                for number in SIZES:
                    for label, path, bare, target in PAGES:
                        page, reference = _alternate(
                            port, path.format(n=number), bare.format(n=number)
                        )
                        aim = f" ≥ {target}" if mode == "kept" else ""
                        _print(f"{mode}: {label}, {number} shops", page, reference, aim)


def _prepare(environment: dict) -> None:
    commands = [["migrate", "--verbosity=0"], ["collectstatic", "--noinput", "--verbosity=0"]]
    for command in commands:
        subprocess.run([sys.executable, "manage.py", *command], env=environment, check=True)
    seeds = "; ".join(f"seed({n}, slug='ville-{n}')" for n in SIZES)
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c",
         f"from tests.bench.seed import seed; {seeds}"],
        env=environment, check=True,
    )  # fmt: skip


class _Server:
    def __init__(self, environment: dict):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "commerce_local.wsgi", "--bind",
             f"127.0.0.1:{self.port}", "--worker-class", "gthread", "--threads", "2",
             "--keep-alive", "30", "--log-level", "warning"],
            env=environment,
        )  # fmt: skip

    def __enter__(self) -> int:
        for _attempt in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self.port
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def __exit__(self, *exception):
        self.process.terminate()
        self.process.wait(10)


def _alternate(port: int, path: str, bare: str) -> tuple[list[float], list[float]]:
    """Seconds of each request to the two addresses, in turn, for about SECONDS in all."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _warm in range(3):
        _get(connection, path)
        _get(connection, bare)
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        times[0].append(_get(connection, path))
        times[1].append(_get(connection, bare))
    connection.close()
    return times


def _get(connection: http.client.HTTPConnection, path: str) -> float:
    start = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    response.read()
    elapsed = time.perf_counter() - start
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status}")
    return elapsed


def _print(label: str, page: list[float], reference: list[float], aim: str) -> None:
    figures = []
    for times in (page, reference):
        figures += [1 / statistics.fmean(times), statistics.quantiles(times, n=20)[-1] * 1000]
    ratio = figures[0] / figures[2]
    print(
        f"{label:38} {figures[0]:8.0f} {figures[1]:8.1f} {figures[2]:8.0f} {figures[3]:8.1f}"
        f" {ratio:7.2f}{aim}"
    )


if __name__ == "__main__":
    main()
