"""`manage.py sirene`: the stock or the company search, beside a commune's directory."""

import pytest
from django.core.management import CommandError

from merchants.models import Shop, SireneCase, SireneReading
from merchants.opendata import background
from tests.factories import make_commune, make_shop
from tests.leaves.test_company_search import answer, establishment, head_office
from tests.leaves.test_company_search import unit as api_unit
from tests.sirene import (
    ESTABLISHMENT,
    UNIT,
    make_bakery,
    number,
    unit,
    write_stock,
)
from tests.sirene import (
    establishment as row,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    make_bakery()
    return make_commune(insee_code="92073")


@pytest.fixture
def stock(tmp_path):
    """A bakery that is not listed, one that is, one that closed, its successor, and others."""
    rows = [
        row(number(1), numeroVoie="1"),
        row(number(2), numeroVoie="2", enseigne1=""),
        row(number(3), numeroVoie="3", etatAdministratif="F", dateDebut="2026-03-01"),
        row(number(4), numeroVoie="3", enseigne1="CHEZ LUC", dateCreation="2026-04-01"),
        row(number(5), numeroVoie="5", statutDiffusion="P"),
        row(number(6), numeroVoie="6", codeCommune="92062"),
        row(number(7), numeroVoie="7", activitePrincipale="62.01Z"),
        row(number(8), numeroVoie="8", enseigne1="ZINC"),
    ]
    return write_stock(tmp_path / "StockEtablissement_utf8.csv", rows, ESTABLISHMENT)


@pytest.fixture
def units(tmp_path):
    rows = [unit(number(1)), unit(number(2), denomination="PAIN PERDU"),
            unit(number(8), statutDiffusion="P")]  # fmt: skip
    return write_stock(tmp_path / "StockUniteLegale_utf8.csv", rows, UNIT)


@pytest.fixture
def directory(commune):
    make_shop("Pain perdu", street="rue de la Paix", house_number="2")
    return make_shop("Chez Paul", siret=number(3), house_number="3", street="rue de la Paix")


def test_the_stock(run, commune, directory, stock, units):
    said = run("sirene", "--commune", "92073", "--units", units, stock)
    assert said.splitlines() == [
        "Lignes lues : 8",
        "  de la commune : 7",
        "  opposées à la diffusion, laissées de côté : 2",
        "  illisibles : 0",
        "Suresnes (92073), à examiner :",
        "  commerces absents de l’annuaire : 1",
        "  fiches dont l’établissement a fermé : 0",
        "  successeurs à la même adresse : 1",
        "Laissés de côté :",
        "  déjà dans l’annuaire : 1",
        "  déjà proposés ou écartés : 0",
        "  opposés à figurer dans l’annuaire : 0",
        "  de catégories que la commune ne montre pas : 0",
    ]
    assert [(c.kind, c.siret, c.name, c.shop) for c in SireneCase.objects.order_by("siret")] == [
        ("unlisted", number(1), "Le Fournil", None),
        ("successor", number(4), "Chez Luc", directory),
    ]
    assert Shop.objects.count() == 2
    again = run("sirene", "--commune", "92073", "--units", units, stock)
    assert "absents de l’annuaire : 0" in again and "déjà proposés ou écartés : 3" in again


def test_without_units_signs_alone_are_known(run, commune, stock):
    said = run("sirene", "--commune", "92073", stock)
    assert "Sans --units, seules les enseignes sont connues" in said
    assert SireneCase.objects.get(siret=number(2)).name == ""


def test_several_communes(run, commune, stock):
    make_commune("Puteaux", insee_code="92062")
    codes = [word for code in ("92073", "92062", "92073") for word in ("--commune", code)]
    said = run("sirene", *codes, stock)
    assert "Puteaux (92062), à examiner :" in said
    assert SireneCase.objects.get(commune__insee_code="92062").siret == number(6)


def test_the_page_knows_when(run, commune, stock, units):
    run("sirene", "--commune", "92073", "--units", units, stock)
    reading = SireneReading.objects.get()
    assert (reading.commune, reading.by, reading.is_under_way) == (commune, None, False)
    assert reading.found["unlisted"] == SireneCase.objects.count()


def test_a_commune_that_the_file_lacks_is_told(run, commune, stock):
    make_commune("Garches", insee_code="92033")
    said = run("sirene", "--commune", "92073", "--commune", "92033", stock)
    assert "aucun établissement de la commune (Garches)" in said
    assert list(SireneReading.objects.all()) == [SireneReading.objects.get(commune=commune)]


def test_one_at_a_time(run, commune, stock):
    with background.hold("sirene"):
        with pytest.raises(CommandError, match="Une comparaison est déjà en cours"):
            run("sirene", "--commune", "92073", stock)
        assert not SireneCase.objects.exists()
        run("sirene", "--commune", "92073", stock, "--dry-run")
    run("sirene", "--commune", "92073", stock)
    assert SireneCase.objects.exists()


def test_a_trial(run, commune, directory, stock, units):
    said = run("sirene", "--commune", "92073", "--units", units, stock, "--dry-run")
    assert "absents de l’annuaire : 1" in said
    assert said.endswith("Essai : rien n’a été enregistré.\n")
    assert not SireneCase.objects.exists() and not SireneReading.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--commune", "92073"], "Donnez le fichier StockEtablissement, ou --search."),
        (["--commune", "92073", "--search", "x.csv"], "Donnez le fichier"),
        (["--commune", "92073", "--search", "--units", "x.csv"], "--units accompagne un fichier"),
        (["--commune", "00000", "x.csv"], "La commune 00000 n’est pas chargée"),
        (["--commune", "92073", "absent.csv"], "Le fichier absent.csv n’existe pas."),
    ],
)
def test_errors_are_sentences(run, commune, arguments, sentence):
    with pytest.raises(CommandError) as error:
        run("sirene", *arguments)
    assert sentence in str(error.value).replace("\u00a0", " ")


def test_a_wrong_file_of_units_keeps_nothing(run, commune, stock):
    with pytest.raises(CommandError, match="c’est StockUniteLegale qui est attendu"):
        run("sirene", "--commune", "92073", "--units", stock, stock)
    assert not SireneCase.objects.exists()


class TestSearch:
    @pytest.fixture(autouse=True)
    def _service(self, settings, service):
        settings.COMPANY_SEARCH_URL = service.url
        siege = head_office(number(4), "4", "PLACE", "FOCH", date_creation="2024-05-02")
        service.body = answer(api_unit(siege, establishment(number(4), "4 PLACE FOCH")))

    def test_finds(self, run, commune):
        said = run("sirene", "--commune", "92073", "--search")
        assert "commerces absents de l’annuaire : 1" in said
        assert SireneCase.objects.get().siret == number(4)

    def test_what_was_found_is_kept_and_said(self, run, commune, service):
        service.healthy, service.then = 1, "cut off"
        other = make_commune("Puteaux", insee_code="92062")
        codes = ["--commune", commune.insee_code, "--commune", other.insee_code]
        with pytest.raises(CommandError, match=r"illisible.*Ce qui précède est gardé"):
            run("sirene", *codes, "--search")
        assert SireneCase.objects.get().siret == number(4)
