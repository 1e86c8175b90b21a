"""The whole register on the page of SIRENE: compared in the background, told when and with what."""

import os
from datetime import UTC, datetime

import pytest

from merchants.models import SireneCase, SireneReading
from merchants.opendata import background
from merchants.opendata.sirene_tasks import reading_progress
from merchants.workflow.sirene import Found
from merchants.workflow.sirene_readings import end_reading
from tests.factories import make_commune, make_shop
from tests.sirene import (
    ESTABLISHMENT,
    UNIT,
    establishment,
    make_agent,
    make_bakery,
    number,
    unit,
    write_stock,
)

pytestmark = pytest.mark.django_db

CODE = "92073"
PAGE, REGISTER = f"/mairie/sirene/?commune={CODE}", f"/mairie/sirene/base/?commune={CODE}"
PROGRESS = f"/mairie/sirene/base/avancement/?commune={CODE}"
FIRST_OF_MONTH = datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()


@pytest.fixture
def commune():
    make_bakery()
    return make_commune("Suresnes", insee_code=CODE)


@pytest.fixture
def browser(login, commune):
    return login(make_agent(commune))


@pytest.fixture
def folder(tmp_path, settings):
    settings.SIRENE_DIR = tmp_path
    return tmp_path


@pytest.fixture
def stock(folder):
    """Two bakeries, the second without a sign, and what stands beside them at INSEE."""
    rows = [establishment(number(1)), establishment(number(2), numeroVoie="3", enseigne1="")]
    path = write_stock(folder / "StockEtablissement_utf8.csv", rows, ESTABLISHMENT)
    os.utime(path, (FIRST_OF_MONTH, FIRST_OF_MONTH))
    write_stock(folder / "StockUniteLegale_utf8.csv", [unit(number(2))], UNIT)
    (folder / "StockEtablissementHistorique_utf8.csv").write_text("siren\n")
    return path


def text(response) -> str:
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


def test_no_folder_no_button(browser):
    page = text(browser.get(PAGE))
    assert "Si elle les garde dans le dossier que nomme SIRENE_DIR" in page
    assert "sirene/base/" not in page


def test_an_empty_folder_no_button(browser, folder):
    assert "sirene/base/" not in text(browser.get(PAGE))
    answer = browser.post(REGISTER, follow=True)
    assert "La base de l’INSEE n’est plus sur le serveur." in text(answer)
    assert not SireneReading.objects.exists()


@pytest.mark.parametrize("kind", ["StockEtablissement", "StockUniteLegale"])
def test_no_button_without_both(browser, stock, folder, kind):
    """The second one may alone say who objected to diffusion."""
    assert "sirene/base/" in text(browser.get(PAGE))
    (folder / f"{kind}_utf8.csv").rename(folder / "autre.csv")
    assert "sirene/base/" not in text(browser.get(PAGE))


def test_what_cannot_be_looked_at_hides_nothing_else(browser, stock, folder):
    (folder / "StockEtablissement_2027.csv").symlink_to(folder / "absent")
    (folder / "StockEtablissement_2028.zip").mkdir()
    assert "Les fichiers du 1er novembre 2026" in text(browser.get(PAGE))


def test_what_differs_waits_and_the_page_says_since_when(browser, commune, stock):
    page = text(browser.get(PAGE))
    assert "Les fichiers du 1er novembre 2026 sont sur le serveur" in page
    answer = browser.post(REGISTER)
    assert answer.headers["Location"] == f"{PAGE}#base"
    assert set(SireneCase.objects.values_list("siret", "name")) == {
        (number(1), "Le Fournil"),
        (number(2), "Le Fournil de Mamie"),
    }
    page = text(browser.get(PAGE))
    assert "Dernière comparaison avec toute la base : le" in page
    assert "avec les fichiers du 1er novembre 2026. Nouveau d’après l’INSEE : 2 commerces" in page
    reading = SireneReading.objects.get()
    assert (reading.commune, reading.error, reading.found["unlisted"]) == (commune, "", 2)
    browser.post(REGISTER)
    assert "Rien de nouveau d’après l’INSEE." in text(browser.get(PAGE))
    assert SireneReading.objects.count() == 1


def test_the_whole_register_knows_which_numbers_do_not_exist(browser, folder):
    """Unlike an extract: whoever opened where a listing has a number that nobody has took over."""
    make_shop("L’Autre", siret=number(9), house_number="12", street="rue de la Paix",
              category=make_bakery())  # fmt: skip
    row = establishment(number(1), dateCreation="2027-01-04")
    write_stock(folder / "StockEtablissement_utf8.csv", [row], ESTABLISHMENT)
    write_stock(folder / "StockUniteLegale_utf8.csv", [], UNIT)
    browser.post(REGISTER)
    assert list(SireneCase.objects.values_list("kind", flat=True)) == ["successor"]


def test_the_newest_files_are_read(browser, stock, folder):
    newer = write_stock(
        folder / "StockEtablissement_2026-12.csv", [establishment(number(5))], ESTABLISHMENT
    )
    os.utime(newer, (FIRST_OF_MONTH + 30 * 86400,) * 2)
    assert "Les fichiers du 1er décembre 2026" in text(browser.get(PAGE))
    browser.post(REGISTER)
    assert SireneCase.objects.get().siret == number(5)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("nom;rue\n", "Le fichier StockEtablissement_utf8.csv n’est pas StockEtablissement"),
        ("", "Le fichier StockEtablissement_utf8.csv est vide."),
        (
            ",".join(ESTABLISHMENT) + "\n",
            "ne contient aucun établissement de la commune (Suresnes).",
        ),
    ],
)
def test_a_failure_says_why(browser, stock, content, sentence):
    stock.write_text(content)
    browser.post(REGISTER)
    page = text(browser.get(PAGE))
    assert "La comparaison avec toute la base n’a pas abouti." in page
    assert sentence in page
    assert SireneReading.objects.get().ended_at is None
    assert browser.get(PROGRESS).status_code == 204


def test_a_failure_leaves_the_last_result(browser, stock):
    browser.post(REGISTER)
    stock.write_text("")
    browser.post(REGISTER)
    page = text(browser.get(PAGE))
    assert "La comparaison avec toute la base n’a pas abouti." in page
    assert "Dernière comparaison avec toute la base : le" in page
    assert "2 commerces absents" in page


class TestUnderWay:
    @pytest.fixture
    def at_work(self, commune, stock, now):
        SireneReading.objects.create(commune=commune, began_at=now)
        with background.hold("sirene"), background.hold(f"sirene-{CODE}"):
            background.Teller(f"sirene-{CODE}")(3, 12)
            yield

    def test_a_bar_that_a_script_renews_and_a_link_without_one(self, browser, at_work):
        page = browser.get(PAGE).content.decode()
        assert f'data-progress="{PROGRESS}"' in page
        assert "Actualiser" in page
        fragment = browser.get(PROGRESS).content.decode()
        assert 'value="3" max="12"' in fragment
        assert 'value="3" max="12"' in page
        assert "<html" not in fragment

    def test_nobody_begins_a_second_one(self, browser, at_work, login):
        assert "Une comparaison est déjà en cours" in text(browser.post(REGISTER, follow=True))
        other = login(make_agent(make_commune("Garches", insee_code="92033")))
        answer = other.post("/mairie/sirene/base/?commune=92033", follow=True)
        assert "Une comparaison est déjà en cours" in text(answer)
        assert SireneReading.objects.get().commune.insee_code == CODE

    def test_interrupted_is_said_and_begins_again(self, browser, commune, stock, now):
        SireneReading.objects.create(commune=commune, began_at=now)
        assert browser.get(PROGRESS).status_code == 204
        assert "a été interrompue" in text(browser.get(PAGE))
        browser.post(REGISTER)
        assert "a été interrompue" not in text(browser.get(PAGE))
        assert SireneCase.objects.count() == 2

    def test_interrupted_is_not_said_where_nobody_can_begin_again(
        self, browser, commune, folder, now
    ):
        SireneReading.objects.create(commune=commune, began_at=now)
        assert "a été interrompue" not in text(browser.get(PAGE))

    def test_what_ended_since_it_was_read_is_not_interrupted(self, commune, now):
        reading = SireneReading.objects.create(commune=commune, began_at=now)
        end_reading(
            commune, Found(unlisted=1), by=None, stock_date=now.date(), began_at=now, now=now
        )
        assert reading_progress(reading, commune) == background.Progress()
        assert reading.found["unlisted"] == 1


@pytest.mark.parametrize("role", ["helper", "agent"])
def test_of_another_town(login, commune, stock, role):
    elsewhere = make_commune("Garches", insee_code="92033")
    browser = login(make_agent(commune if role == "helper" else elsewhere, role))
    assert browser.post(REGISTER).status_code in {302, 404}
    assert browser.get(PROGRESS).status_code in {302, 404}
    assert not SireneReading.objects.exists()
