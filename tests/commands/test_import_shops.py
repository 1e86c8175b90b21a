import csv
from pathlib import Path

import pytest
import xlsxwriter
from django.core.management import CommandError

from merchants.models import Category, Commune, OpeningPeriod, Shop
from merchants.models.shop import Confirmer
from merchants.opendata.category_files import read_categories
from merchants.workflow import status
from merchants.workflow.categories import save_categories
from merchants.workflow.edit import edit_listing
from tests.factories import make_commune, make_shop
from tests.imports import applied

ROOT = Path(__file__).resolve().parent.parent.parent
SHOPS = [
    {"id": "1", "nom": "Épi", "type": "boulangerie", "adresse": "1 rue X", "tel": "01 47 51 01 02"},
    {"id": "2", "nom": "Vis", "type": "bricolage", "adresse": "2 rue X", "tel": "néant"},
    {"id": "3", "nom": "", "type": "bar", "adresse": "3 rue X"},
]  # fmt: skip


@pytest.fixture
def categories(db, now) -> None:
    save_categories(read_categories(), by=None, now=now)


@pytest.fixture
def commune(categories):
    return make_commune(insee_code="92073")


@pytest.fixture
def write(tmp_path):
    def write(rows: list[dict]) -> Path:
        path = tmp_path / "commerces.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(
                file, list(dict.fromkeys(k for row in rows for k in row)), delimiter=";"
            )
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


def report_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return [
        {k: v.replace("\u00a0", " ").replace("\u202f", " ") for k, v in row.items()} for row in rows
    ]


def counts(said: str) -> tuple[int, ...]:
    """(read, taken, of which repaired, updated, here, refused)."""
    words = {}
    for line in said.splitlines():
        for part in line.split(","):
            name, _, number = part.strip().rpartition(" : ")
            if number.isdigit():
                words[name] = int(number)
    titles = ("Lignes lues", "prises", "dont réparées", "mises à jour", "déjà là", "refusées")
    return tuple(words[title] for title in titles)


def content() -> list:
    """All that imports write, whatever the keys of the rows."""
    shops = Shop.objects.order_by("source_id")
    columns = [f.name for f in Shop._meta.fields if f.name != "updated_at"]
    periods = OpeningPeriod.objects.order_by("shop", "weekday", "opens")
    return [
        *shops.values_list(*columns),
        *periods.values_list("shop", "weekday", "opens", "closes"),
    ]


class TestPlainCsv:
    def test_summary_report_and_what_is_written(self, run, commune, write, tmp_path):
        report = tmp_path / "bilan.csv"
        said = run("import_shops", write(SHOPS), "--commune", "92073", "--report", report)
        assert counts(said) == (3, 2, 1, 0, 0, 1)
        assert "1 × Nom absent" in said
        assert "1 × Téléphone illisible, non repris" in said
        assert [list(row.values()) for row in report_of(report)] == [
            ["2", "1", "Épi", "prise", "", ""],
            ["3", "2", "Vis", "réparée", "Téléphone illisible, non repris : néant", ""],
            ["4", "3", "", "refusée", "", "Nom absent : Bar et pub, 3 rue X"],
        ]
        assert set(Shop.objects.values_list("name", "status", "source", "source_id")) == {
            ("Épi", "pending", "csv:commerces-92073", "1"),
            ("Vis", "pending", "csv:commerces-92073", "2"),
        }

    def test_publish(self, run, commune, write):
        run("import_shops", write(SHOPS), "--commune", "92073", "--publish")
        assert Shop.objects.published().count() == 2
        commune.refresh_from_db()
        assert commune.version == 1

    def test_dry_run_says_the_same_and_writes_nothing(self, run, commune, write):
        path = write(SHOPS)
        said = run("import_shops", path, "--commune", "92073", "--dry-run")
        assert not Shop.objects.exists()
        assert said == run("import_shops", path, "--commune", "92073") + (
            "Essai : rien n’a été enregistré.\n"
        )

    @pytest.mark.parametrize("identified", [True, False])
    def test_a_second_import_changes_nothing(self, run, commune, write, identified):
        rows = [row if identified else row | {"id": ""} for row in SHOPS]
        path = write(rows)
        run("import_shops", path, "--commune", "92073", "--publish")
        before = content()
        said = run("import_shops", path, "--commune", "92073", "--publish")
        assert counts(said) == (3, 0, 0, 0, 2, 1)
        assert content() == before
        commune.refresh_from_db()
        assert commune.version == 1

    @pytest.mark.parametrize("identified", [True, False])
    def test_a_changed_file_updates_what_nobody_confirmed(
        self, run, commune, write, now, identified
    ):
        rows = [row if identified else row | {"id": ""} for row in SHOPS[:2]]
        run("import_shops", write(rows), "--commune", "92073", "--publish")
        kept = Shop.objects.get(name="Vis")
        status.confirm(kept, by=None, as_=Confirmer.MERCHANT, now=now)
        new = {"horaires": "Mo-Fr 09:00-18:00", "tel": "01 47 51 09 09", "livraison": "oui"}
        path = write([row | new for row in rows])
        said = run("import_shops", path, "--commune", "92073")
        assert counts(said) == (2, 0, 0, 1, 1, 0)
        changed = Shop.objects.get(name="Épi")
        assert (changed.phone, changed.status) == ("+33147510909", "published")
        assert changed.periods.count() == 5
        assert changed.services.get().kind == "livraison"
        assert Shop.objects.get(name="Vis").phone == ""
        assert counts(run("import_shops", path, "--commune", "92073")) == (2, 0, 0, 0, 2, 0)

    @pytest.mark.parametrize("move", ["suspend", "close"])
    def test_what_the_town_hall_took_away_does_not_come_back(self, run, commune, write, now, move):
        path = write(SHOPS[:1])
        run("import_shops", path, "--commune", "92073", "--publish")
        getattr(status, move)(Shop.objects.get(), by=None, now=now)
        path = write([SHOPS[0] | {"tel": "", "type": "bar"}])
        said = run("import_shops", path, "--commune", "92073", "--publish")
        assert counts(said) == (1, 0, 0, 0, 1, 0)
        assert Shop.objects.get().main_category.slug == "boulangerie"


class TestNeverTwice:
    def test_in_one_file(self, run, commune, write, tmp_path):
        near = {"nom": "LE PAIN !", "type": "boulangerie", "lat": "48,8711", "lon": "2,2290"}
        siret = "73282932000074"
        rows = [
            near | {"id": "1", "nom": "Le Pain", "lat": "48.8710"},
            near | {"id": "2"},
            near | {"id": "3", "lat": "48.8730"},
            near | {"id": "1", "nom": "Autre"},
            {"id": "4", "nom": "A", "type": "bar", "adresse": "1 rue X", "siret": siret},
            {"id": "5", "nom": "B", "type": "bar", "adresse": "2 rue X", "siret": f" {siret} "},
            {"id": "6", "nom": "C", "type": "bar", "adresse": "3 rue X"},
            {"id": "7", "nom": "C", "type": "bar", "adresse": "3, RUE X"},
            {"id": "8", "nom": "C", "type": "bar", "adresse": "4 rue X"},
        ]
        report = tmp_path / "bilan.csv"
        run("import_shops", write(rows), "--commune", "92073", "--report", report)
        assert [row["motif"] for row in report_of(report)] == [
            "",
            "En double dans le fichier : même nom et même lieu, ligne 2",
            "",
            "En double dans le fichier : comme la ligne 2",
            "",
            "En double dans le fichier : même SIRET, ligne 6",
            "",
            "En double dans le fichier : même nom et même lieu, ligne 8",
            "",
        ]
        assert Shop.objects.count() == 5

    def test_in_the_database(self, run, commune, write, tmp_path):
        make_shop("L’Épi", commune=commune, point=None, house_number="1", street="rue X")
        make_shop("Vis", commune=commune, point=None, street="ailleurs", siret="73282932000074")
        rows = [SHOPS[0] | {"nom": "L'EPI"}, SHOPS[1] | {"siret": "73282932000074"}]
        report = tmp_path / "bilan.csv"
        run("import_shops", write(rows), "--commune", "92073", "--report", report)
        assert [(row["résultat"], row["motif"]) for row in report_of(report)] == [
            (
                "déjà là",
                "Même nom au même endroit qu’une fiche existante : "
                "non repris : téléphone 01 47 51 01 02",
            ),
            ("déjà là", "Une fiche de la commune porte ce SIRET"),
        ]

    def test_a_siret_of_another_commune(self, run, commune, write):
        siret = "73282932000074"
        make_shop("Vis", commune=make_commune("Ailleurs", insee_code="92001"), siret=siret)
        said = run("import_shops", write([SHOPS[1] | {"siret": siret}]), "--commune", "92073")
        assert counts(said) == (1, 0, 0, 0, 0, 1)
        assert "1 × Une fiche porte déjà ce SIRET" in said

    def test_a_double_completes_what_was_taken(self, run, commune, write, tmp_path):
        first = SHOPS[0] | {"tel": "", "courriel": "a@epi.example", "id": "1"}
        second = first | {
            "id": "2",
            "tel": "01 47 51 01 02",
            "courriel": "b@epi.example",
            "horaires": "Mo-Fr 09:00-18:00",
        }
        report = tmp_path / "bilan.csv"
        path = write([first, second])
        said = run("import_shops", path, "--commune", "92073", "--report", report)
        assert counts(said) == (2, 1, 1, 0, 0, 1)
        assert [(row["remarques"], row["motif"]) for row in report_of(report)] == [
            ("Complété par une autre ligne : ligne 3 (téléphone, horaires)", ""),
            (
                "",
                "En double dans le fichier : même nom et même lieu, ligne 2 ; "
                "qu’elle complète : téléphone, horaires ; non repris : courriel b@epi.example",
            ),
        ]
        shop = Shop.objects.get()
        assert (shop.phone, shop.email) == ("+33147510102", "a@epi.example")
        assert shop.periods.count() == 5
        # A second time, both lines together still say what is there.
        before = content()
        assert counts(run("import_shops", path, "--commune", "92073")) == (2, 0, 0, 0, 2, 0)
        assert content() == before

    def test_a_double_of_another_name_completes_nothing(self, run, commune, write, tmp_path):
        rows = [SHOPS[0] | {"tel": ""}, SHOPS[0] | {"nom": "Autre"}]
        report = tmp_path / "bilan.csv"
        path = write(rows)
        run("import_shops", path, "--commune", "92073", "--report", report)
        assert report_of(report)[1]["motif"] == (
            "En double dans le fichier : comme la ligne 2 ; non repris : téléphone 01 47 51 01 02"
        )
        assert Shop.objects.get().phone == ""
        # Nor does it take the shop over the second time.
        assert counts(run("import_shops", path, "--commune", "92073")) == (2, 0, 0, 0, 1, 1)
        assert Shop.objects.get().name == "Épi"

    def test_what_looks_like_a_double_is_told_and_taken(self, run, commune, write, tmp_path):
        point = {"type": "opticien", "lat": "48.8710", "lon": "2.2290"}
        rows = [
            point | {"id": "1", "nom": "Daisy Optic"},
            point | {"id": "2", "nom": "DAISY OPTIC Lunettes", "lon": "2.2291"},
            point | {"id": "3", "nom": "Daisy Optic Lentilles", "lon": "2.2300"},
            point | {"id": "4", "nom": "Vue et Vision", "lon": "2.2291"},
            {"id": "5", "nom": "Épis", "type": "boulangerie", "adresse": "1 rue X"},
        ]
        make_shop("Les Épis", commune=commune, point=None, house_number="1", street="rue X")
        report = tmp_path / "bilan.csv"
        said = run("import_shops", write(rows), "--commune", "92073", "--report", report)
        assert [(row["résultat"], row["remarques"]) for row in report_of(report)] == [
            ("prise", ""),
            ("prise", "À vérifier : ressemble à la ligne 2"),
            ("prise", ""),
            ("prise", ""),
            ("prise", "À vérifier : ressemble à la fiche « Les Épis »"),
        ]
        assert "2 × À vérifier" in said

    def test_two_lines_that_now_claim_one_siret(self, run, commune, write):
        rows = SHOPS[:2]
        run("import_shops", write(rows), "--commune", "92073")
        path = write([row | {"siret": "73282932000074"} for row in rows])
        said = run("import_shops", path, "--commune", "92073")
        assert counts(said) == (2, 0, 0, 1, 0, 1)
        assert Shop.objects.get(siret="73282932000074").name == "Épi"

    def test_another_source_of_the_same_shop(self, run, commune, write):
        path = write(SHOPS)
        run("import_shops", path, "--commune", "92073")
        said = run("import_shops", path, "--commune", "92073", "--source", "autre")
        assert counts(said) == (3, 0, 0, 0, 2, 1)


class TestFromTheTownHall:
    """What the town hall's own pages do as well."""

    def test_a_spreadsheet(self, run, commune, tmp_path):
        path = tmp_path / "commerces.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for line, row in enumerate([list(SHOPS[0]), *(list(row.values()) for row in SHOPS)]):
                sheet.write_row(line, 0, row)
        assert counts(run("import_shops", path, "--commune", "92073")) == (3, 2, 1, 0, 0, 1)

    def test_titles_that_nobody_knows(self, run, commune, write):
        path = write([{"Boutique du coin": "Épi", "adresse": "1 rue X", "type": "bar"}])
        options = ("--matching", "Boutique du coin=nom", "--matching", "type=")
        said = run("import_shops", path, "--commune", "92073", *options)
        assert counts(said)[:2] == (1, 1)
        assert "non reprises" not in said
        assert Shop.objects.get().main_category.slug == "autre-commerce"
        with pytest.raises(CommandError, match="Non compris"):
            run("import_shops", path, "--commune", "92073", "--matching", "type=mystere")

    def test_undo(self, run, commune, now):
        number = applied(SHOPS).pk
        said = run("import_shops", "--undo", number)
        assert "fiches supprimées, 2" in said
        assert not Shop.objects.exists()
        with pytest.raises(CommandError, match="est annulé"):
            run("import_shops", "--undo", number)
        with pytest.raises(CommandError, match="Aucun import"):
            run("import_shops", "--undo", number + 1)

    def test_what_somebody_wrote_is_left_and_told(self, run, commune, write, now, tmp_path):
        run("import_shops", write(SHOPS[:1]), "--commune", "92073")
        add = {"phone": "01 47 51 00 00"}
        edit_listing(Shop.objects.get(), add, by=None, expected_version=None, now=now)
        path, report = write([SHOPS[0] | {"tel": "01 47 51 09 09"}]), tmp_path / "bilan.csv"
        said = run("import_shops", path, "--commune", "92073", "--report", report)
        assert "déjà là : 1, dont à décider : 1" in said
        assert [(row["résultat"], row["remarques"]) for row in report_of(report)] == [
            ("à décider", "Quelqu’un y a écrit, à décider : téléphone")
        ]
        assert Shop.objects.get().phone == "+33147510000"

    def test_neither_a_file_nor_a_number(self, run, db):
        with pytest.raises(CommandError, match="Donnez un fichier"):
            run("import_shops")


class TestOurOwnExport:
    @pytest.fixture
    def demo(self, run, db, settings) -> None:
        settings.LOCAL = True
        run("load_demo")

    @pytest.mark.parametrize("code", ["59378", "92033", "92063", "92073"])
    def test_all_of_it_is_here_already(self, run, demo, client, tmp_path, code):
        commune = Commune.objects.get(insee_code=code)
        path = tmp_path / "commerces.csv"
        path.write_bytes(client.get(f"/{commune.slug}/commerces.csv").content)
        before = content()
        number = Shop.objects.published().in_commune(commune).count()
        report = tmp_path / "bilan.csv"
        said = run("import_shops", path, "--commune", code, "--publish", "--report", report)
        assert counts(said) == (number, 0, 0, 0, number, 0)
        assert "non reprises" not in said
        assert content() == before
        assert not any("non compris" in row["remarques"] for row in report_of(report))

    def test_its_numbers_are_not_those_of_the_town_s_file(self, run, commune, write, client):
        path = write([row | {"id": str(rank)} for rank, row in enumerate(SHOPS[:2], 1000)])
        run("import_shops", path, "--commune", "92073", "--publish")
        first = Shop.objects.get(name="Épi")
        Shop.objects.filter(pk=first.pk).update(source_id=str(Shop.objects.get(name="Vis").pk))
        path.write_bytes(client.get(f"/{commune.slug}/commerces.csv").content)
        said = run("import_shops", path, "--commune", "92073")
        assert counts(said) == (2, 0, 0, 0, 2, 0)
        assert set(Shop.objects.values_list("name", flat=True)) == {"Épi", "Vis"}


class TestUnknownActivities:
    FEATURES = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "node/1", '
        '"geometry": {"type": "Point", "coordinates": [2.229, 48.871]}, '
        '"properties": {"name": "Le Dattier"}}, {"type": "Feature", "id": "node/2", '
        '"geometry": {"type": "Point", "coordinates": [2.225, 48.871]}, '
        '"properties": {"name": "Épi", "shop": "bakery"}}]}'
    )

    @pytest.fixture
    def path(self, tmp_path) -> Path:
        path = tmp_path / "commerces.geojson"
        path.write_text(self.FEATURES, encoding="utf-8")
        return path

    def test_refused(self, run, commune, path):
        said = run("import_shops", path, "--commune", "92073", "--publish")
        assert counts(said) == (2, 1, 0, 0, 0, 1)

    def test_or_kept_as_drafts(self, run, commune, path):
        arguments = ("import_shops", path, "--commune", "92073", "--publish", "--keep-unknown")
        said = run(*arguments)
        assert counts(said) == (2, 2, 1, 0, 0, 0)
        assert "1 × Activité inconnue, gardée en brouillon" in said
        assert set(Shop.objects.values_list("name", "status", "main_category__slug")) == {
            ("Épi", "published", "boulangerie"),
            ("Le Dattier", "draft", "autre-commerce"),
        }
        # Somebody finds out what it is: a second import knows no better.
        draft = Shop.objects.get(status="draft")
        bakery = Category.objects.get(slug="boulangerie")
        draft.main_category = bakery
        draft.save()
        draft.categories.set([bakery])
        assert counts(run(*arguments)) == (2, 0, 0, 0, 2, 0)
        assert counts(run("import_shops", path, "--commune", "92073")) == (2, 0, 0, 0, 1, 1)
        draft.refresh_from_db()
        assert (draft.status, draft.main_category) == ("draft", bakery)


class TestRefused:
    def test_no_categories(self, db, run, write):
        make_commune(insee_code="92073")
        Category.objects.all().delete()
        with pytest.raises(CommandError, match="lancez d’abord load_categories"):
            run("import_shops", write(SHOPS), "--commune", "92073")

    def test_unknown_commune(self, categories, run, write):
        with pytest.raises(CommandError, match="La commune 92073 n’est pas chargée"):
            run("import_shops", write(SHOPS), "--commune", "92073")

    def test_no_file(self, commune, run, tmp_path):
        with pytest.raises(CommandError, match="n’existe pas"):
            run("import_shops", tmp_path / "rien.csv", "--commune", "92073")

    def test_a_report_that_cannot_be_written_stops_before_writing(
        self, commune, run, write, tmp_path
    ):
        report = tmp_path / "absent" / "bilan.csv"
        with pytest.raises(CommandError, match="ne peut pas être écrit"):
            run("import_shops", write(SHOPS), "--commune", "92073", "--report", report)
        assert not Shop.objects.exists()

    def test_no_formula_reaches_a_spreadsheet(self, commune, run, write, tmp_path):
        report = tmp_path / "bilan.csv"
        rows = [SHOPS[0] | {"nom": "=HYPERLINK(1)"}]
        run("import_shops", write(rows), "--commune", "92073", "--report", report)
        assert report_of(report)[0]["nom"] == "'=HYPERLINK(1)"


REAL = [
    # file, commune, (read, taken, repaired, updated, here, refused), in "autre commerce"
    ("osm/laval-2019.csv", "53130", (489, 376, 0, 0, 0, 113), 1),
    ("osm/fontenay-le-comte-2019.csv", "85092", (195, 177, 0, 0, 0, 18), 0),
    ("osm/montrouge-2014.csv", "92049", (131, 127, 2, 0, 0, 4), 0),
    ("osm/niort-2019.geojson", "79191", (47, 30, 25, 0, 0, 17), 0),
    ("osm/monaco-2021.geojson", "99138", (366, 314, 13, 0, 0, 52), 1),
    ("osm/monaco-2021.osm.pbf", "99138", (412, 354, 21, 0, 0, 58), 1),
    ("acceslibre/erp-courbevoie-2020.csv", "92026", (624, 210, 72, 0, 0, 414), 0),
    ("paris/commercants-livraison-2020-05-19.csv", "75056", (919, 891, 42, 0, 0, 28), 0),
]


@pytest.mark.parametrize(("file", "code", "expected", "others"), REAL)
def test_real_files_twice(run, categories, shared_data, tmp_path, file, code, expected, others):
    if code == "99138":
        make_commune("Monaco", insee_code=code, department="99", postcodes=["98000"], point=None)
    else:
        folder = shared_data / "communes"
        contours = folder / "contours" / f"communes-{code[:2]}.geojson"
        run("load_communes", folder / "communes.csv", contours, "--commune", code)
    path = shared_data / file
    assert counts(run("import_shops", path, "--commune", code, "--publish")) == expected
    read, taken, *_rest, refused = expected
    assert read == taken + refused
    assert Shop.objects.published().count() == taken
    assert Shop.objects.filter(main_category__slug="autre-commerce").count() == others

    before = content()
    again = counts(run("import_shops", path, "--commune", code, "--publish"))
    # A line that repeats another is now a shop that is there.
    assert (again[1], again[3], again[4] + again[5]) == (0, 0, read)
    assert content() == before


def test_an_extract_makes_no_second_listing_of_what_was_cut_out_of_it(run, categories, shared_data):
    make_commune("Monaco", insee_code="99138", department="99", postcodes=["98000"], point=None)
    taken = []
    for suffix in ("geojson", "osm.pbf"):
        path = shared_data / f"osm/monaco-2021.{suffix}"
        taken += counts(run("import_shops", path, "--commune", "99138", "--publish"))[1:2]
    assert taken == [314, 354 - 314]


def test_real_pharmacies_find_their_communes(run, categories, shared_data):
    folder = shared_data / "communes"
    contours = folder / "contours" / "communes-79.geojson"
    run("load_communes", folder / "communes.csv", contours, "--departement", "79")
    path = shared_data / "osm" / "niort-2019.geojson"
    assert counts(run("import_shops", path, "--commune", "auto"))[:2] == (47, 36)
    assert Shop.objects.get(name="Pharmacie Baribeaud").commune.name == "Vouillé"
