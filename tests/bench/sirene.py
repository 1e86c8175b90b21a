"""How fast the stock of SIRENE is read, beside a bare `csv.reader` over the same file.

    .venv/bin/python -m tests.bench.sirene [LINES]

The lines are generated: one in a thousand is of the commune. The whole stock has some 43 million.
"""

import csv
import gzip
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")


def main(lines: int) -> None:
    django.setup()
    from tests.sirene import ESTABLISHMENT, UNIT, establishment, number, unit, write_stock

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write_stock(
            folder / "etablissements.csv",
            (
                establishment(number(n), codeCommune="92073" if n % 1000 == 0 else "13055")
                for n in range(lines)
            ),
            ESTABLISHMENT,
        )
        units = write_stock(folder / "unites.csv", (unit(number(n)) for n in range(lines)), UNIT)
        packed = folder / "etablissements.csv.gz"
        with gzip.open(packed, "wb", compresslevel=1) as file:
            file.write(path.read_bytes())
        size = path.stat().st_size / 1e6
        print(f"{lines} lines, {size:.0f} MB")
        bare = _said("bare csv.reader", lines, lambda: _parsed(path))
        _said("establishments", lines, lambda: _read(path), bare)
        _said("the same, gzip", lines, lambda: _read(packed), bare)
        _said("with their units", 2 * lines, lambda: _gathered(path, units), 2 * bare)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak of the whole run, generating included: {peak:.0f} MB")


def _said(name: str, lines: int, act, bare: float | None = None) -> float:
    start = time.perf_counter()
    act()
    seconds = time.perf_counter() - start
    ratio = f", {seconds / bare:.2f} of csv.reader" if bare else ""
    print(f"{name:20} {lines / seconds:12,.0f} lines/s{ratio}")
    return seconds


def _parsed(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        for _row in csv.reader(file):
            pass


def _read(path: Path) -> None:
    from merchants.opendata.sirene import Told, read_establishments

    for _company in read_establishments(path, ["92073"], Told()):
        pass


def _gathered(path: Path, units: Path) -> None:
    from merchants.opendata.sirene import Gathered, Told, read_establishments

    told = Told()
    with Gathered(read_establishments(path, ["92073"], told), units, told) as gathered:
        for _company in gathered:
            pass


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
