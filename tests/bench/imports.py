"""What an import costs: `python -m tests.bench.imports [LINES]`, 100,000 unless it is said.

A plain CSV of one commune (a town of 100,000 shops, as dense as Paris) is read for a preview,
applied, read and applied once more, and undone: seconds by the clock and of the processor, and the
peak of memory (of the process, in MB) of each. The ratio is that of the processor's seconds to
those of a bare `bulk_create` of the same shops and hours in the same run. SQLite, or the server
that DATABASE_URL names (`python -m tests.with_postgres python -m tests.bench.imports`). Each step
runs in a process of its own.
"""

import csv
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

LINES = 100_000
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Europe/Paris"))
CENTRE, RADIUS = (48.8566, 2.3522), 0.054  # degrees of latitude: the size of Paris
TRADES = [
    "boulangerie", "boucherie", "bar", "restaurant", "coiffeur", "pharmacie", "fleuriste",
    "librairie", "opticien", "fromager", "caviste", "supermarché", "plombier", "électricien",
    "vêtements", "chaussures", "bijouterie", "pressing", "banque", "garage",
]  # fmt: skip
FIRST = "Maison,Atelier,Au Bon,Les Délices de,Comptoir,La Petite,Chez,Le Grand,Ets,SARL".split(",")
LAST = (
    "Martin,Bernard,Thomas,Petit,Robert,Richard,Durand,Dubois,Moreau,Laurent,Simon,Michel,Lefebvre,"
    "Leroy,Roux,David,Bertrand,Morel,Fournier,Girard,Bonnet,Dupont,Lambert,Fontaine,Rousseau"
).split(",")
KINDS_OF_STREET = "rue,avenue,boulevard,place,passage,impasse,quai".split(",")
OPENING = ["9h", "8h30", "10h", "7h", "9h30", "8h"]
CLOSING = ["19h", "18h30", "20h", "19h30", "18h"]
NOON = ["", "12h-14h", "12h30-14h", "12h30-15h", "13h-14h30"]
DAYS = ["du lundi au vendredi", "du mardi au samedi", "du lundi au samedi", "tous les jours"]
TITLES = [
    "Référence", "Enseigne", "Activité", "SIRET", "Présentation", "N°", "Rue", "CP", "Ville",
    "Latitude", "Longitude", "Tél", "E-mail", "Site internet", "Horaires d'ouverture", "Livraison",
    "Click and collect", "Moyens de paiement", "Accessibilité",
]  # fmt: skip


def write_lines(path: Path, number: int) -> None:
    """That many realistic lines, the same each time."""
    rng = random.Random(number)
    streets = [f"{rng.choice(KINDS_OF_STREET)} {a} {b}" for a in LAST for b in LAST[:12]]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(TITLES)
        for line in range(number):
            writer.writerow(_line(rng, line, streets))


def _line(rng: random.Random, line: int, streets: list[str]) -> list[str]:
    trade = rng.choice(TRADES)
    name = f"{rng.choice(FIRST)} {rng.choice(LAST)} {rng.choice(LAST)} {line % 977}"
    angle, distance = rng.uniform(0, 2 * math.pi), RADIUS * 0.95 * math.sqrt(rng.random())
    latitude = CENTRE[0] + distance * math.sin(angle)
    longitude = CENTRE[1] + distance * math.cos(angle) / math.cos(math.radians(CENTRE[0]))
    word = name.lower().replace(" ", "-").replace("é", "e")

    def sometimes(share: float, text: str) -> str:
        return text if rng.random() < share else ""

    return [
        f"C{line:06}",
        name,
        trade,
        sometimes(0.6, _siret(rng)),
        sometimes(0.4, f"{trade.capitalize()} de quartier depuis {rng.randrange(1900, 2025)}. "
                       "Accueil, conseil et produits choisis, à deux pas du marché."),
        f"{rng.randrange(1, 250)}{sometimes(0.05, ' bis')}",
        rng.choice(streets),
        f"750{rng.randrange(1, 21):02}",
        "Paris",
        f"{latitude:.6f}",
        f"{longitude:.6f}",
        sometimes(0.7, " ".join(["01", *(f"{n:02}" for n in (42, *_pairs(rng)))])),
        sometimes(0.3, f"contact@{word}.example"),
        sometimes(0.4, f"https://www.{word}.example/"),
        sometimes(0.7, _hours(rng)),
        sometimes(0.2, rng.choice(["oui", "5 km, dès 30 €, 4 €"])),
        sometimes(0.2, "oui"),
        sometimes(0.5, rng.choice(["CB", "CB, espèces, chèques", "titres-restaurant, CB"])),
        sometimes(0.3, rng.choice(["oui", "non", "partiel"])),
    ]  # fmt: skip


def _pairs(rng: random.Random) -> list[int]:
    return [rng.randrange(100) for _pair in range(3)]


def _siret(rng: random.Random) -> str:
    """Nine digits and five, with their check keys (Luhn)."""
    siren = _with_key(f"{rng.randrange(10**7, 9 * 10**7):08}")
    return _with_key(f"{siren}{rng.randrange(1, 30):04}")


def _with_key(digits: str) -> str:
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if rank % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def _hours(rng: random.Random) -> str:
    noon = rng.choice(NOON)
    opens, closes = rng.choice(OPENING), rng.choice(CLOSING)
    if not noon:
        return f"{rng.choice(DAYS)} {opens}-{closes}"
    lunch, back = noon.split("-")
    return f"{rng.choice(DAYS)} {opens}-{lunch} et {back}-{closes}"


# The steps, each in its own process -------------------------------------------------------------


def step(name: str, folder: Path) -> None:
    import django

    django.setup()
    path = folder / "commerces.csv"
    start, worked = time.perf_counter(), time.process_time()
    {"prepare": _prepare, "bare": _bare, "read": _read, "apply": _apply, "undo": _undo}[name](path)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:.1f} {time.process_time() - worked:.1f} {peak:.0f}")


def _prepare(path: Path) -> None:
    from django.core.management import call_command

    from merchants.geo import Box, Point
    from merchants.models import Commune
    from merchants.workflow.communes import CommuneValues, save_communes

    call_command("migrate", verbosity=0)
    call_command("load_categories", verbosity=0)
    ring = [_on_circle(degree) for degree in range(0, 360, 2)]
    values = CommuneValues(
        insee_code="75056",
        name="Paris",
        department="75",
        postcodes=tuple(f"750{number:02}" for number in range(1, 21)),
        centre=Point(*CENTRE),
        box=Box(2.26, 48.80, 2.44, 48.92),
        contour={"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    )
    save_communes([values], by=None, now=NOW)
    assert Commune.objects.get()


def _on_circle(degree: int) -> list[float]:
    angle = math.radians(degree)
    return [
        CENTRE[1] + RADIUS * math.cos(angle) / math.cos(math.radians(CENTRE[0])),
        CENTRE[0] + RADIUS * math.sin(angle),
    ]


def _bare(path: Path) -> None:
    """The same shops and hours as rows, and nothing else; gone when it is over."""
    from django.db import transaction

    from merchants.models import Category, Commune, OpeningPeriod, Shop
    from merchants.workflow.bulk import chunks

    category, commune = Category.objects.leaves().first(), Commune.objects.get()

    def shop_of(number: int, row: dict[str, str]) -> Shop:
        return Shop(
            commune=commune,
            main_category=category,
            slug=f"s{number}",
            name=row["Enseigne"],
            description=row["Présentation"],
            street=row["Rue"],
            phone=row["Tél"],
            website=row["Site internet"],
            latitude=float(row["Latitude"]),
            longitude=float(row["Longitude"]),
            location_source="import",
            location_precision="exact",
            source="bare",
            source_id=row["Référence"],
            search_text=row["Présentation"] + row["Enseigne"] + row["Activité"],
        )

    try:
        with transaction.atomic(), path.open(encoding="utf-8", newline="") as file:
            for chunk in chunks(enumerate(csv.DictReader(file, delimiter=";")), 500):
                shops = Shop.objects.bulk_create(shop_of(*each) for each in chunk)
                OpeningPeriod.objects.bulk_create(
                    OpeningPeriod(shop=shop, weekday=day, opens=540, closes=1140)
                    for shop in shops
                    for day in range(6)
                )
            raise _RolledBack
    except _RolledBack:
        pass


class _RolledBack(Exception):
    pass


def _read(path: Path) -> None:
    from merchants.models import Commune
    from merchants.opendata import import_runs

    with path.open("rb") as file:
        run = import_runs.upload(
            commune=Commune.objects.get(), name="commerces.csv", content=file, by=None, now=NOW
        )
    import_runs.read(run, now=NOW)


def _apply(path: Path) -> None:
    from merchants.models import ShopImport
    from merchants.opendata import import_runs

    run = ShopImport.objects.first()
    import_runs.apply(run, by=None, now=NOW)


def _undo(path: Path) -> None:
    from merchants.models import ShopImport
    from merchants.opendata import import_runs

    for run in ShopImport.objects.filter(status="applied"):  # The newest first.
        import_runs.undo(run, by=None, now=NOW)


def main(lines: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
            **os.environ,
            "DEMO": "1",
            "VAR_DIR": name,
            "DJANGO_SETTINGS_MODULE": "commerce_local.settings",
        }
        write_lines(folder / "commerces.csv", lines)

        def run(step: str) -> list[float]:
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.imports", f"--step={step}", name],
                env=environment, check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            return [float(number) for number in done.stdout.splitlines()[-1].split()]

        run("prepare")
        print(f"{'':22} {'seconds':>8} {'CPU':>8} {'peak MB':>8} {'ratio':>7}   ({lines} lines)")
        bare = 0.0
        for title, step in (
            ("bare bulk_create", "bare"),
            ("read (preview)", "read"),
            ("apply, all new", "apply"),
            ("read again, all same", "read"),
            ("apply, all same", "apply"),
            ("undo, all deleted", "undo"),
        ):
            seconds, cpu, peak = run(step)
            bare = bare or cpu
            figures = f"{seconds:8.1f} {cpu:8.1f} {peak:8.0f} {cpu / bare:7.1f}"
            print(f"{title:22} {figures}", flush=True)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0].startswith("--step="):
        step(arguments[0].removeprefix("--step="), Path(arguments[1]))
    else:
        main(int(arguments[0]) if arguments else LINES)
