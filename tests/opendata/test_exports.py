"""The town hall's own exports: what stands in them, what a spreadsheet makes of them."""

import csv
import io
import json
import zipfile
from contextlib import closing
from datetime import date, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from merchants.models import Shop
from merchants.models.shop import Confirmer
from merchants.opendata import exports
from merchants.opendata.exports import CHUNK, COLUMNS, csv_lines, geojson_lines, xlsx_file
from merchants.workflow import status
from merchants.workflow.listing import Service
from tests.factories import NOW, make_category, make_commune, make_member, make_shop

pytestmark = pytest.mark.django_db

FORMULA = '=HYPERLINK("http://evil.example";"Cliquez")'


@pytest.fixture
def shop():
    commune = make_commune("Suresnes", insee_code="92073")
    shop = make_shop(
        "L’Épi; d’Or",
        commune=commune,
        hours="Tu-Sa 07:00-13:00; PH off",
        house_number="12",
        street="rue de la Paix",
        postcode="92150",
        siret="73282932000074",
        phone="+33147510102",
        phone_is_public=False,
        email="epi@example.fr",
        email_is_public=False,
        description=FORMULA,
        step_free="limited",
        payment_means=("cards", "cash"),
        services=[Service(kind="livraison", area="Suresnes", minimum_order=40, delay="sous 48 h")],
    )
    make_member(shop)
    status.confirm(shop, by=None, as_=Confirmer.MERCHANT, now=NOW)
    return shop


def read_csv(numbers) -> list[dict[str, str]]:
    text = "".join(csv_lines(numbers))
    assert text.startswith("\ufeffidentifiant;nom;")
    return list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))


def read_xlsx(numbers) -> list[dict]:
    with xlsx_file(numbers) as file:
        rows = CalamineWorkbook.from_filelike(file).get_sheet_by_name("Commerces").to_python()
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def closing_of(written):
    return written if hasattr(written, "fileno") else closing(written)


def test_all_that_the_town_hall_knows(shop):
    (row,) = read_csv([shop.pk])
    for column, value in {
        "identifiant": str(shop.pk), "nom": "L’Épi; d’Or", "siret": "73282932000074",
        "telephone": "+33147510102", "telephone_visible": "non", "courriel": "epi@example.fr",
        "courriel_visible": "non", "horaires": "Tu-Sa 07:00-13:00; PH off",
        "jours_feries": "fermé", "livraison": "Suresnes, dès 40\u00a0€, sous 48 h", "retrait": "",
        "acces_pmr": "partiel", "paiement": "carte bancaire, espèces",
        "confirme_le": "2026-11-23", "confirme_en_qualite_de": "le commerçant", "etat": "publié",
        "tenu_par_un_commercant": "oui", "saisi_par_la_mairie": "non",
        "origine_du_point": "posé par la mairie", "code_insee": "92073", "ferme_le": "",
        "page": f"http://testserver/suresnes/commerces/{shop.slug}/",
    }.items():  # fmt: skip
        assert row[column] == value, column
    created = datetime.fromisoformat(row["cree_le"])
    assert created.tzinfo is None and f"{created:%Y}" == f"{shop.created_at:%Y}"


def test_no_cell_is_a_formula(shop):
    assert read_csv([shop.pk])[0]["description"] == f"'{FORMULA}"
    with xlsx_file([shop.pk]) as file:
        _titles, row = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
        assert row[[column.title for column in COLUMNS].index("description")] == FORMULA
        # A formula would stand in <f>, a link in <hyperlink>.
        sheet = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet and b"<hyperlink" not in sheet
        assert b'state="frozen"' in sheet


def test_cells_of_a_spreadsheet_have_their_type(shop):
    (row,) = read_xlsx([shop.pk])
    assert row["identifiant"] == shop.pk
    assert (row["latitude"], row["longitude"]) == (shop.latitude, shop.longitude)
    assert row["siret"] == "73282932000074" and row["code_postal"] == "92150"
    assert row["confirme_le"] == date(2026, 11, 23)
    assert isinstance(row["modifie_le"], datetime) and isinstance(row["cree_le"], datetime)
    assert row["tenu_par_un_commercant"] == "oui" and row["telephone"] == "+33147510102"


def test_geojson(shop):
    roving = make_shop("Ambulant", hours=None, point=None, service_area="Partout")
    data = json.loads(b"".join(geojson_lines([shop.pk, roving.pk])))
    assert data["type"] == "FeatureCollection"
    placed, unplaced = data["features"]
    assert placed["geometry"]["coordinates"] == [shop.longitude, shop.latitude]
    assert placed["properties"]["opening_hours"] == "Tu-Sa 07:00-13:00; PH off"
    assert placed["properties"]["confirme_le"] == "2026-11-23"
    assert placed["properties"]["tenu_par_un_commercant"] is True
    assert placed["properties"]["courriel"] == "epi@example.fr"
    assert (unplaced["id"], unplaced["geometry"]) == (roving.pk, None)
    assert json.loads(b"".join(geojson_lines([])))["features"] == []


def test_an_export_of_nothing():
    assert read_csv([]) == [] and read_xlsx([]) == []


def test_the_order_is_the_callers_and_a_listing_that_is_gone_is_left_out(shop):
    other = make_shop("Autre")
    assert [row["nom"] for row in read_csv([other.pk, 999_999, shop.pk])] == ["Autre", shop.name]


def test_a_draft_without_a_category(shop):
    Shop.objects.filter(pk=shop.pk).update(status="draft", main_category=None)
    assert read_csv([shop.pk])[0]["categorie"] == ""


@pytest.mark.parametrize("number", [3, 30])
@pytest.mark.parametrize("write", [csv_lines, geojson_lines, xlsx_file])
def test_costs_six_queries_for_each_chunk(write, number, django_assert_num_queries):
    for _number in range(number):
        make_shop(services=["livraison"])
    keys = list(Shop.objects.values_list("pk", flat=True))
    with django_assert_num_queries(5), closing_of(write(keys)) as written:
        assert list(written)


def test_it_is_written_a_chunk_at_a_time(monkeypatch):
    monkeypatch.setattr(exports, "CHUNK", 2)
    assert CHUNK > 100
    keys = [make_shop().pk for _number in range(3)]
    with CaptureQueriesContext(connection) as queries:
        lines = csv_lines(keys)
        next(lines), next(lines)
        first = len(queries)
        assert len(list(lines)) == 2
    assert len(queries) == 2 * first


def test_what_it_wrote_is_already_there(shop, tmp_path, capsys):
    make_category("Boulangerie")
    make_shop("Chez Léa", commune=shop.commune, hours=None, point=None, service_area="Suresnes")
    file = tmp_path / "commerces.csv"
    numbers = list(Shop.objects.values_list("pk", flat=True))
    file.write_text("".join(csv_lines(numbers)))
    before = list(Shop.objects.order_by("pk").values())
    report = tmp_path / "bilan.csv"
    call_command("import_shops", file, commune="92073", report=report)
    assert report.read_text().count("déjà là") == 2
    assert list(Shop.objects.order_by("pk").values()) == before
