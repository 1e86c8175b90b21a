"""Every real file that holds shops, through the pages of the town hall: upload, preview, result."""

from io import StringIO

import pytest
from django.core.management import call_command

from merchants.models import Commune, Shop, ShopImport
from merchants.opendata.category_files import read_categories
from merchants.workflow.categories import save_categories
from merchants.workflow.roles import give_role
from tests.claiming import words
from tests.commands.test_import_shops import REAL
from tests.factories import NOW, make_commune, make_user
from tests.importing import LIST, imports_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    return imports_in(tmp_path / "private", monkeypatch)


@pytest.fixture
def enter(login, db):
    """`enter(commune)`: the browser of an agent there."""
    save_categories(read_categories(), by=None, now=NOW)

    def enter(commune):
        user = make_user()
        give_role(user, commune, role="agent", by=None, now=NOW)
        return login(user)

    return enter


def page_of(run: ShopImport, word: str = "") -> str:
    return f"{LIST}{run.pk}/{word}"


def tabs(response) -> dict[str, int]:
    return {tab.value: tab.count for tab in response.context["tabs"] if tab.count}


@pytest.mark.parametrize(("file", "code", "expected", "_others"), REAL)
def test_real_files_by_the_town_hall(enter, shared_data, file, code, expected, _others):
    """The numbers of `manage.py import_shops` on the same file."""
    commune = real_commune(shared_data, code)
    browser = enter(commune)
    read, taken, _repaired, _updated, _here, refused = expected
    with (shared_data / file).open("rb") as content:
        data = {"file": content, "publish": "1"}
        page = browser.post(f"{LIST}nouveau/", data, follow=True)
    assert tabs(page) == {"new": taken, "refused": refused, "": read}
    assert not Shop.objects.exists()
    shop_import = ShopImport.objects.get()
    page = browser.post(page_of(shop_import, "appliquer/"), follow=True)
    assert tabs(page) == {"new": taken, "refused": refused, "": read}
    assert Shop.objects.published().count() == taken


def test_a_real_file_to_be_matched_by_hand(enter, shared_data):
    """Issy-les-Moulineaux 2014: no title says "nom", and its hours are prose."""
    commune = real_commune(shared_data, "92040")
    browser = enter(commune)
    with (shared_data / "issy/points-interet-2014.csv").open("rb") as content:
        data = {"file": content, "publish": "1"}
        page = browser.post(f"{LIST}nouveau/", data, follow=True)
    rows = page.context["form"].rows
    data = {field.html_name: field.value() for _column, field in rows} | {"publish": "1"}
    by_title = {column.title: field.html_name for column, field in rows}
    unmatched = browser.post(page.request["PATH_INFO"], data)
    assert "Dites quelle colonne donne le nom du commerce." in words(unmatched)
    data |= {
        by_title["titre"]: "nom",
        by_title["categorie3"]: "categorie",
        by_title["description"]: "horaires",
    }
    page = browser.post(page.request["PATH_INFO"], data, follow=True)
    assert tabs(page) == {"new": 59, "": 59}
    page = browser.post(page_of(ShopImport.objects.get(), "appliquer/"), follow=True)
    assert tabs(page) == {"new": 59, "": 59}
    assert Shop.objects.published().count() == 59
    # Of 59 sentences, those that are all hours; the others are told, line by line.
    assert Shop.objects.filter(periods__isnull=False).distinct().count() == 10


def test_a_real_file_that_is_no_table(enter, shared_data):
    commune = make_commune()
    with (shared_data / "ban/addok-courbevoie.ndjson.gz").open("rb") as content:
        page = enter(commune).post(f"{LIST}nouveau/", {"file": content})
    assert "Enregistrez-le en CSV ou en GeoJSON." in words(page)
    assert not ShopImport.objects.exists()


@pytest.mark.parametrize("kind", ["etablissements_OK", "etablissements_KO_missing_header",
                                  "unites_legales_OK"])  # fmt: skip
def test_the_register_is_shown_to_its_own_page(enter, shared_data, kind):
    commune = make_commune()
    with (shared_data / f"sirene/sample_{kind}.csv").open("rb") as content:
        page = enter(commune).post(f"{LIST}nouveau/", {"file": content})
    assert "vient de la base SIRENE. Déposez-le sur la page" in words(page)
    assert not ShopImport.objects.exists()


def real_commune(shared_data, code: str):
    """A commune as the national files have it, with its contour."""
    if code == "99138":
        return make_commune(
            "Monaco", insee_code=code, department="99", postcodes=["98000"], point=None
        )
    folder = shared_data / "communes"
    contours = folder / "contours" / f"communes-{code[:2]}.geojson"
    call_command(
        "load_communes", folder / "communes.csv", contours, "--commune", code, stdout=StringIO()
    )
    return Commune.objects.get(insee_code=code)
