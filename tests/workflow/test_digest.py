"""The daily letter of a town hall: what waits, once a day."""

from datetime import timedelta

import pytest
from post_office.models import Email

from merchants.models import Claim, Commune
from merchants.workflow import status
from merchants.workflow.digest import tell_town_halls
from merchants.workflow.edit import edit_listing
from tests.calling import make_report
from tests.claiming import make_claim
from tests.factories import NOW, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    return make_commune(town_hall_email="commerce@suresnes.example")


def test_says_all_that_waits(commune):
    for _number in range(2):
        make_shop(commune=commune, status="pending")
    shop = make_shop(commune=commune)
    owner = make_member(shop)
    edit_listing(shop, {"name": "Autre"}, by=owner, expected_version=None, now=NOW)
    Claim.objects.create(
        shop=shop, user=make_user(), proof="document", at=NOW, message="C’est à moi"
    )
    make_claim(make_shop(commune=commune))  # Nobody keeps that one: no dispute.
    make_report(shop)
    make_shop(commune=commune, point=None, street="rue de la Paix")
    # Not yet its business.
    make_shop(commune=commune, point=None, street="rue de la Paix", status="draft")
    assert tell_town_halls(now=NOW) == 1
    letter = Email.objects.get()
    assert letter.to == ["commerce@suresnes.example"]
    assert letter.subject == "Commerces de Suresnes\xa0: ce qui attend le 23 novembre 2026"
    for line in (
        "- 2 inscriptions à relire",
        "- 1 modification proposée par un commerçant",
        "- 2 demandes «\xa0C’est mon commerce\xa0»",
        "- 1 signalement d’un habitant",
        "- 1 fiche à placer sur la carte",
        "http://testserver/mairie/",
    ):
        assert line in letter.message


def test_once_a_day(commune):
    shop = make_shop(commune=commune, status="pending")
    assert tell_town_halls(now=NOW) == 1
    make_shop(commune=commune, status="pending")
    assert tell_town_halls(now=NOW + timedelta(hours=3)) == 0
    assert tell_town_halls(now=NOW + timedelta(days=1)) == 1
    for waiting in (shop, commune.shops.exclude(pk=shop.pk).get()):
        status.publish(waiting, by=None, now=NOW)
    assert tell_town_halls(now=NOW + timedelta(days=2)) == 0
    assert Email.objects.count() == 2


def test_to_its_own_town_hall_and_to_none_without_an_address(commune):
    make_shop(commune=make_commune("Sans adresse"), status="pending")
    make_shop(
        commune=make_commune("Puteaux", town_hall_email="p@puteaux.example"), status="pending"
    )
    assert tell_town_halls(now=NOW) == 1
    assert Email.objects.get().to == ["p@puteaux.example"]


@pytest.mark.parametrize("number", [1, 3])
def test_costs_seven_queries_and_six_for_each_letter(commune, number, django_assert_num_queries):
    for index in range(number):
        town = make_commune(f"Ville {index}", town_hall_email=f"ville{index}@example.fr")
        make_shop(commune=town, status="pending")
    Commune.objects.exclude(name__startswith="Ville").delete()
    with django_assert_num_queries(7 + 6 * number):
        tell_town_halls(now=NOW)
