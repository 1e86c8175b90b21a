"""Imports for tests: a run of some lines, read or applied."""

import csv
import io

from merchants.models import Commune, ImportLine, Shop, ShopImport, User
from merchants.opendata import import_runs
from tests.factories import NOW

LINES = [
    {"id": "1", "nom": "Épi", "type": "boulangerie", "adresse": "1 rue X", "tel": "01 47 51 01 02"},
    {"id": "2", "nom": "Vis", "type": "bricolage", "adresse": "2 rue X", "tel": "néant"},
    {"id": "3", "nom": "", "type": "bar", "adresse": "3 rue X"},
]  # fmt: skip


def csv_of(lines: list[dict[str, str]], *, encoding: str = "utf-8") -> io.BytesIO:
    """An upload of these lines."""
    text = io.StringIO()
    titles = list(dict.fromkeys(title for line in lines for title in line))
    writer = csv.DictWriter(text, titles, delimiter=";")
    writer.writeheader()
    writer.writerows(lines)
    return io.BytesIO(text.getvalue().encode(encoding))


def uploaded(
    lines: list[dict[str, str]],
    *,
    commune: Commune | None = None,
    name: str = "commerces.csv",
    by: User | None = None,
    now=NOW,
) -> ShopImport:
    return import_runs.upload(
        commune=commune or Commune.objects.get(), name=name, content=csv_of(lines), by=by, now=now
    )


def read(lines: list[dict[str, str]], *, now=NOW, publish: bool = False, **options) -> ShopImport:
    run = uploaded(lines, now=now, **options)
    ShopImport.objects.filter(pk=run.pk).update(publish=publish)
    run.refresh_from_db()
    return import_runs.read(run, now=now)


def applied(lines: list[dict[str, str]], *, now=NOW, by: User | None = None, **options):
    return import_runs.apply(read(lines, now=now, **options), by=by, now=now)


def results(run: ShopImport) -> list[tuple[int, str]]:
    return list(run.lines.values_list("number", "result"))


def line(run: ShopImport, number: int) -> ImportLine:
    return run.lines.get(number=number)


def shop(name: str) -> Shop:
    return Shop.objects.get(name=name)
