"""The address on the page of name, address and activity: its point follows it."""

import pytest

from merchants.models import Proposal, Shop
from merchants.views import lookup
from merchants.workflow import proposals
from merchants.workflow.edit import edit_listing
from tests.ban import PAIX, STREET, answer, house, make_suresnes
from tests.factories import NOW, SURESNES, make_category, make_shop, make_user

pytestmark = pytest.mark.django_db

NEW = (48.88, 2.22)  # 3 rue Neuve


@pytest.fixture
def shop(db):
    make_category("Traiteur")
    return make_shop(
        "Le Fournil",
        commune=make_suresnes(),
        street="rue de la Paix",
        house_number="12",
        postcode="92150",
    )


@pytest.fixture(autouse=True)
def outside(service, settings):
    settings.GEOCODER_URL = service.url
    service.body = answer(house("3 Rue Neuve", at=NEW))
    return service


@pytest.fixture
def post(awa, url, fields):
    def post(page=None, **changes):
        data = fields(page or awa.get(url("identite/"))) | changes
        return awa.post(url("identite/"), data)

    return post


def proposed() -> dict:
    return Proposal.objects.get(status="pending").changes


NEUVE = {"house_number": "3", "street": "rue Neuve"}


def test_look_ups_are_counted(post, outside, monkeypatch):
    monkeypatch.setattr(lookup, "PER_MINUTE", 0)
    assert post(**NEUVE).status_code == 302
    assert outside.asked == []
    assert proposed()["point"] == [list(SURESNES), None]


def test_the_point_is_part_of_the_proposal(post, client, shop):
    assert post(**NEUVE).status_code == 302
    assert proposed() == {
        "house_number": ["12", "3"],
        "street": ["rue de la Paix", "rue Neuve"],
        "point": [list(SURESNES), list(NEW)],
        "location_source": ["town_hall", "geocoder"],
        "location_precision": ["exact", "housenumber"],
    }
    assert Shop.objects.get().point == SURESNES
    shop = proposals.accept(Proposal.objects.get(), by=make_user(is_superuser=True), now=NOW)
    assert (shop.point, shop.location_source) == (NEW, "geocoder")


def test_it_is_live_before_publication(post):
    Shop.objects.update(status="draft")
    post(**NEUVE)
    assert Shop.objects.get().point == NEW


@pytest.mark.parametrize(
    "change", [{"name": "Autre"}, {"address_extra": "Cour"}, {"city": "Suresnes"},
               {"street": "Rue de la Paix"}],
)  # fmt: skip
def test_what_moves_nothing_asks_nobody(post, outside, change):
    assert post(**change).status_code == 302
    assert outside.asked == []
    assert "point" not in proposed()


def test_a_weak_answer_is_asked_about(post, awa, url, outside, text, fields):
    outside.body = answer(STREET)
    page = post(**NEUVE, name="Le Bon Fournil")
    assert "Avons-nous bien compris" in text(page)
    assert fields(page)["name"] == "Le Bon Fournil"
    assert not Proposal.objects.exists()
    form = page.context["form"]
    (first, _keep) = form.fields["choice"].widget.choices
    post(page, choice=first[0], asked=form.asked_now)
    assert proposed()["point"] == [list(SURESNES), [48.8725, 2.2280]]
    assert proposed()["street"] == ["rue de la Paix", "Rue de la Paix"]


def test_the_service_is_down(post, awa, url, outside, text, client, shop):
    outside.status = 500
    post(**NEUVE)
    assert proposed()["point"] == [list(SURESNES), None]
    said = text(awa.get(url("identite/")))
    assert "Rien n’est perdu : votre adresse est enregistrée." in said
    assert "C’est envoyé à la mairie." in said
    proposals.accept(Proposal.objects.get(), by=make_user(is_superuser=True), now=NOW)
    assert Shop.objects.get().is_to_place


def test_an_address_that_is_taken_away_takes_its_point_along(post):
    post(house_number="", street="")
    assert proposed()["point"] == [list(SURESNES), None]


def test_a_market_without_street_keeps_its_point(post):
    Shop.objects.update(house_number="", street="")
    post(city="Suresnes", postcode="92151")
    assert "point" not in proposed()


def test_the_pin_alone(post, outside):
    outside.body = answer(house(at=PAIX))
    post(latitude="48.8722", longitude="2.2276")
    assert proposed() == {
        "point": [list(SURESNES), [48.8722, 2.2276]],
        "location_source": ["town_hall", "merchant"],
    }


def test_back_to_the_public_address_is_back_to_its_point(post, outside):
    post(**NEUVE)
    outside.asked.clear()
    post(house_number="12", street="rue de la Paix")
    assert outside.asked == []
    assert [one.status for one in Proposal.objects.all()] == ["withdrawn"]


def test_a_refused_point_comes_back_with_its_address(post, awa, url, outside):
    post(**NEUVE)
    agent = make_user(is_superuser=True)
    proposals.refuse(Proposal.objects.get(), reason="Non.", by=agent, now=NOW)
    outside.asked.clear()
    post(name="Le Bon Fournil")
    assert outside.asked == []
    assert proposed()["point"] == [list(SURESNES), list(NEW)]
    assert proposed()["street"] == ["rue de la Paix", "rue Neuve"]


def test_an_old_page_keeps_the_address_that_somebody_else_has_changed(
    post, awa, url, owner, outside
):
    Shop.objects.update(status="draft")
    page = awa.get(url("identite/"))
    changes = {"house_number": "3", "street": "rue Neuve", "point": None,
               "location_source": "", "location_precision": ""}  # fmt: skip
    edit_listing(Shop.objects.get(), changes, by=owner, expected_version=None, now=NOW)
    assert post(page, name="Le Bon Fournil").status_code == 302
    assert outside.asked == []
    shop = Shop.objects.get()
    assert (shop.name, shop.street, shop.point) == ("Le Bon Fournil", "rue Neuve", None)


def test_two_who_move_the_shop_at_once(post, awa, url, owner, text, outside):
    Shop.objects.update(status="draft")
    page = awa.get(url("identite/"))
    edit_listing(
        Shop.objects.get(),
        {"house_number": "8", "street": "rue Haute", "point": None, "location_source": "",
         "location_precision": ""},
        by=owner, expected_version=None, now=NOW,
    )  # fmt: skip
    page = post(page, **NEUVE)
    assert "La fiche a été modifiée pendant que vous écriviez." in text(page)
    assert Shop.objects.get().street == "rue Haute"
