"""The old address of a merged listing, for residents and for its merchant."""

import pytest

from merchants.models import Shop
from merchants.workflow import status
from merchants.workflow.merging import unmerge
from merchants.workflow.roles import give_role
from tests.factories import NOW, make_commune, make_member, make_shop, make_user
from tests.merging import merge_both

pytestmark = pytest.mark.django_db


@pytest.fixture
def both():
    commune = make_commune("Suresnes")
    kept = make_shop("Le Fournil", commune=commune)
    return kept, make_shop("Le Levain", commune=commune)


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("page", ["", "carte/", "carte/?ouvert=maintenant"])
def test_leads_to_the_one_that_stays(client, both, prefix, page):
    merge_both(*both)
    answer = client.get(f"{prefix}/suresnes/commerces/le-levain/{page}")
    assert answer.status_code == 301
    assert answer.url == f"{prefix}/suresnes/commerces/le-fournil/{page}"
    assert "no-cache" in answer.headers["Cache-Control"]
    assert client.get(answer.url).status_code == 200


def test_of_another_commune(client, both):
    there = make_shop("Le Four", commune=make_commune("Garches"))
    merge_both(there, both[0])
    assert client.get("/suresnes/commerces/le-fournil/").url == "/garches/commerces/le-four/"


def test_to_the_end_of_a_chain(client, both):
    kept, other = both
    third = make_shop("La Mie", commune=kept.commune)
    merge_both(other, third)
    merge_both(kept, other)
    for slug in ("le-levain", "la-mie"):
        assert client.get(f"/suresnes/commerces/{slug}/").url.endswith("/le-fournil/")


def test_claiming(login, both):
    merge_both(*both)
    browser = login(make_user())
    address = "/suresnes/commerces/le-levain/c-est-mon-commerce/"
    for answer, code in ((browser.get(address), 301), (browser.post(address, {}), 302)):
        assert answer.status_code == code
        assert answer.url == "/suresnes/commerces/le-fournil/c-est-mon-commerce/"


def test_not_to_what_residents_do_not_see(client, both):
    merge_both(*both)
    status.suspend(both[0], by=None, now=NOW)
    assert client.get("/suresnes/commerces/le-levain/").status_code == 404


def test_until_they_are_apart_again(client, both):
    merge_both(*both)
    unmerge(both[1], by=None, now=NOW)
    assert client.get("/suresnes/commerces/le-levain/").status_code == 200


def test_an_address_of_nobody(client, both):
    assert client.get("/suresnes/commerces/personne/").status_code == 404


def test_it_is_in_no_list(client, both):
    merge_both(*both)
    for address in (
        "/suresnes/", "/suresnes/commerces.csv", "/suresnes/commerces.geojson",
        "/sitemap-commerces.xml", "/autour/commerces.csv?point=48.871,2.229",
    ):  # fmt: skip
        said = client.get(address).content.decode()
        assert "Levain" not in said and "le-levain" not in said, address
    Shop.objects.filter(pk=both[1].pk).update(
        latitude=None, longitude=None, location_source="", location_precision="", street="rue X"
    )
    assert not Shop.objects.to_place().exists()


PAGES = ["horaires", "confirmer", "contact", "identite", "photos", "personnes", "fermer"]


class TestMyShop:
    @pytest.mark.parametrize("page", PAGES)
    def test_leads_its_people_to_the_one_that_stays(self, login, both, page):
        kept, other = both
        browser = login(make_member(other))
        merge_both(kept, other)
        for answer in (
            browser.get(f"/mon-commerce/{other.pk}/{page}/"),
            browser.post(f"/mon-commerce/{other.pk}/{page}/", {"version": other.version}),
        ):
            assert answer.status_code == 302
            assert answer.url == f"/mon-commerce/{kept.pk}/{page}/"
        page = browser.get(answer.url).content.decode()
        assert "voici celle qui reste" in page
        assert "Le Levain" not in browser.get("/mon-commerce/").content.decode()

    def test_not_strangers(self, login, both):
        merge_both(*both)
        assert login(make_user()).get(f"/mon-commerce/{both[1].pk}/horaires/").status_code == 404

    @pytest.mark.parametrize("role", ["helper", "agent"])
    def test_who_acts_for_the_merchant(self, login, both, role):
        kept, other = both
        merge_both(*both)
        user = make_user()
        give_role(user, kept.commune, role=role, by=None, now=NOW)
        browser = login(user)
        answer = browser.get(f"/mon-commerce/{other.pk}/aider/")
        assert answer.url == f"/mon-commerce/{kept.pk}/aider/"
        address = f"/mon-commerce/aider/{kept.commune.insee_code}/"
        assert "Le Levain" not in browser.get(address).content.decode()
