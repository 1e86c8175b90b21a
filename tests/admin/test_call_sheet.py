"""Paper forms: one listing or a filtered list, each page of the person's commune."""

import pytest

from merchants.workflow import status
from tests.calling import PHONE, make_agent
from tests.factories import NOW, make_commune, make_shop
from tests.pdf_text import pages

pytestmark = pytest.mark.django_db

PDF = "/mairie/appels/fiche.pdf"


@pytest.fixture
def shop():
    return make_shop(
        "L’Épi d’Or",
        commune=make_commune(
            town_hall_name="Mairie de Suresnes",
            town_hall_email="mairie@example.fr",
            town_hall_address="2 rue Carnot\n92150 Suresnes",
        ),
        phone=PHONE,
        street="rue de la Paix",
        house_number="12",
        postcode="92150",
    )


@pytest.fixture
def agent(login, shop):
    return login(make_agent(shop))


def said(page) -> str:
    return page.text.replace("\u00a0", " ")


def test_one_shop(agent, shop):
    make_shop("Voisin", phone=PHONE)
    response = agent.get(PDF, {"commerce": shop.pk})
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="fiche-l-epi-d-or.pdf"'
    assert "no-store" in response["Cache-Control"]
    (page,) = pages(response.content)
    for words in (
        "Mairie de Suresnes : votre fiche",
        "L’Épi d’Or",
        "12 rue de la Paix, 92150 Suresnes",
        "Jamais confirmé",
        "testserver/suresnes/commerces/l-epi-d-or/",
        "01 47 51 01 02",
        "Du lundi au vendredi : 9 h – 18 h",
        "exact",
        "à corriger",
        "Dimanche",
        "Inutile de signer",
        "mairie@example.fr",
        "2 rue Carnot",
    ):
        assert words in said(page), words


def test_the_filtered_list_in_the_order_of_the_calls(agent, shop):
    make_shop("Sans horaires", phone=PHONE, hours=None)
    make_shop("Sans téléphone", hours=None)
    response = agent.get(PDF, {"quoi": "sans-horaires", "tous": "on"})
    found = pages(response.content)
    assert ["Sans horaires" in said(found[0]), "Sans téléphone" in said(found[1])] == [True] * 2
    assert len(pages(agent.get(PDF, {"quoi": "sans-horaires"}).content)) == 1
    assert len(pages(agent.get(PDF).content)) == 2


def test_two_hundred_pages_at_most(agent, shop, monkeypatch):
    monkeypatch.setattr("merchants.admin.call_sheet.MOST_PAGES", 2)
    for index in range(3):
        make_shop(f"Commerce {index}", phone=PHONE)
    assert len(pages(agent.get(PDF).content)) == 2


def test_nothing_of_others_and_nothing_that_is_not_online(agent, shop):
    elsewhere = make_shop("Ailleurs", commune=make_commune("Garches"), phone=PHONE)
    assert agent.get(PDF, {"commerce": elsewhere.pk}).status_code == 404
    assert agent.get(PDF, {"commune": elsewhere.commune.insee_code}).status_code == 404
    assert agent.get(PDF, {"commerce": "abc"}).status_code == 404
    assert agent.get(PDF, {"quoi": "sans-horaires"}).status_code == 404
    status.suspend(shop, by=make_agent(shop), now=NOW)
    assert agent.get(PDF, {"commerce": shop.pk}).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_costs_the_same(agent, shop, number, django_assert_num_queries):
    for index in range(number):
        make_shop(f"Commerce {index}", phone=PHONE)
    with django_assert_num_queries(10):
        agent.get(PDF)
