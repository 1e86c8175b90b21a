"""The history page."""

import pytest

from merchants.models import Commune, Shop
from merchants.workflow import status
from merchants.workflow.edit import edit_listing
from tests.factories import NOW, make_category, make_member, make_user

pytestmark = pytest.mark.django_db


def test_says_who_changed_what_and_when(awa, owner, shop, url, text):
    edit_listing(shop, {"phone": "01 47 51 99 99"}, by=owner, expected_version=None, now=NOW)
    status.suspend(shop, by=None, now=NOW, reason="Vérification en cours.")
    said = text(awa.get(url("historique/")))
    assert "Fiche modifiée 23 novembre 2026, 10:30 , Awa Diallo (le commerçant)" in said
    assert "avant : 01 47 51 01 02 → après : 01 47 51 99 99" in said
    assert "Fiche suspendue 23 novembre 2026, 10:30 , le site" in said
    assert "Vérification en cours." in said
    assert "Arrivée d’une personne" in said and "Awa Diallo (responsable)" in said


@pytest.mark.parametrize("number", [1, 3])
def test_asks_the_same_number_of_queries(awa, owner, shop, url, number, django_assert_num_queries):
    for index in range(number):
        category = make_category(f"Métier {index}")
        edit_listing(
            Shop.objects.get(pk=shop.pk),
            {"main_category": category, "categories": (category,)},
            by=owner,
            expected_version=None,
            now=NOW,
        )
        make_member(shop, role="colleague")
    awa.get(url("historique/"))
    with django_assert_num_queries(13):
        awa.get(url("historique/"))


def test_has_pages(awa, owner, shop, url, text):
    for index in range(35):
        edit_listing(
            Shop.objects.get(), {"description": f"n{index}"}, by=owner,
            expected_version=None, now=NOW,
        )  # fmt: skip
    assert "Plus ancien" in text(awa.get(url("historique/")))
    assert "Fiche créée" in text(awa.get(url("historique/?page=2")))


def test_of_the_town_hall_it_says_nothing_but_that(awa, shop, url, text):
    agent = make_user(is_superuser=True, name="Jeanne Dupont")
    status.suspend(shop, by=agent, now=NOW)
    said = text(awa.get(url("historique/")))
    assert "23 novembre 2026, 10:30 , la mairie" in said
    assert "Jeanne" not in said and agent.email not in said


def test_tells_the_time_of_the_commune(awa, owner, shop, url, text):
    Commune.objects.update(timezone="Indian/Reunion")
    edit_listing(shop, {"phone": ""}, by=owner, expected_version=None, now=NOW)
    assert "23 novembre 2026, 13:30" in text(awa.get(url("historique/")))
