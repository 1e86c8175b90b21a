"""« Annuaire à imprimer »: its choices, and who may print which commune."""

import pytest

from merchants.workflow.roles import give_role
from tests.claiming import words
from tests.factories import NOW, make_commune, make_member, make_shop, make_user
from tests.inviting import make_town
from tests.pdf_text import pages

pytestmark = pytest.mark.django_db

PAGE = "/mairie/annuaire/"
PDF = f"{PAGE}annuaire.pdf"


@pytest.fixture
def towns():
    here, there = make_town(), make_commune("Garches", insee_code="92033")
    make_shop("Le Fournil", commune=here)
    make_shop("La Garchoise", commune=there)
    return here, there


def browser_of(login, commune, role="agent"):
    user = make_user()
    give_role(user, commune, role=role, by=None, now=NOW)
    return login(user)


def text_of(response) -> str:
    assert response["Content-Type"] == "application/pdf"
    return " ".join(page.text for page in pages(response.content))


@pytest.mark.parametrize("role", ["agent", "referent"])
def test_one_s_own_commune_and_no_other(login, towns, role):
    browser = browser_of(login, towns[0], role)
    assert "Un commerce publié de Suresnes" in words(browser.get(PAGE))
    printed = browser.get(PDF, {"ordre": "categorie", "horaires": "on"})
    said = text_of(printed)
    assert "Le Fournil" in said and "Garchoise" not in said
    assert "no-store" in printed["Cache-Control"]
    for address in (PAGE, PDF):
        assert browser.get(address, {"commune": "92033", "ordre": "rue"}).status_code == 404
        assert browser.post(address).status_code == 405


def test_who_stays_outside(login, client, towns):
    for browser in (
        client,
        browser_of(login, towns[0], "helper"),
        login(make_member(towns[0].shops.get())),
    ):
        for address in (PAGE, PDF):
            assert browser.get(address).status_code == 302


def test_an_administrator_prints_any_commune(login, towns):
    browser = login(make_user(is_superuser=True, is_staff=True))
    said = text_of(browser.get(PDF, {"commune": "92033", "ordre": "rue", "grand": "on"}))
    assert "La Garchoise" in said and "Fournil" not in said


def test_choices_that_make_no_sense_come_back(login, towns):
    browser = browser_of(login, towns[0])
    response = browser.get(PDF, {"ordre": "taille", "grand": "on", "groupe": "absent"})
    assert response.status_code == 400
    form = response.context["form"]
    assert set(form.errors) == {"ordre", "groupe"} and form["grand"].value() is True


def test_nothing_to_print_yet(login):
    browser = browser_of(login, make_town())
    assert "rien à imprimer" in words(browser.get(PAGE))
    assert "Aucun commerce n’est publié" in text_of(browser.get(PDF, {"ordre": "rue"}))
