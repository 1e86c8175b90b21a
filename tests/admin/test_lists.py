"""The lists of a large commune: as many queries as those of a small one, a page at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from merchants.admin.group import Group
from merchants.models import Proposal, Shop
from merchants.workflow.roles import give_role
from tests.claiming import make_claim
from tests.factories import NOW, make_commune, make_shop, make_user

pytestmark = pytest.mark.django_db

SHOPS = "/mairie/merchants/shop/"
NO_GROUP = "main_category__parent__isnull"


@pytest.fixture
def agent(login):
    user = make_user()
    give_role(user, make_commune("Suresnes"), role="agent", by=None, now=NOW)
    return login(user)


def names(page) -> list[str]:
    return [str(row) for row in page.context["cl"].result_list]


@pytest.mark.parametrize("number", [3, 30, 60])
def test_the_number_of_queries_is_the_same(agent, number, django_assert_num_queries):
    by = make_user()
    shops = [make_shop(f"Commerce {place:02}") for place in range(number)]
    Proposal.objects.bulk_create(
        Proposal(shop=shop, by=by, at=NOW, changes={"name": ["Avant", "Après"]}) for shop in shops
    )
    for shop in shops:
        make_claim(shop, make_user(), now=NOW)
    for model, queries in (("shop", 11), ("proposal", 10), ("claim", 10)):
        address = f"/mairie/merchants/{model}/"
        agent.get(address)
        with django_assert_num_queries(queries):
            assert len(names(agent.get(address))) == min(number, 50)


def test_pages_and_orders(agent):
    for place in range(52):
        make_shop(f"Commerce {place:02}")
    first, second = agent.get(SHOPS), agent.get(SHOPS, {"p": "2"})
    assert names(first) == [f"Commerce {place:02}" for place in range(50)]
    assert names(second) == ["Commerce 50", "Commerce 51"]
    assert names(agent.get(SHOPS, {"o": "-1"}))[:2] == ["Commerce 51", "Commerce 50"]
    assert len(names(agent.get(SHOPS, {"all": ""}))) == 52
    assert names(agent.get(SHOPS, {"q": "rien de tel"})) == []


def test_by_the_age_of_the_confirmation(agent):
    now = timezone.now()
    for name, days in (("Récent", 10), ("Moyen", 200), ("Vieux", 400)):
        shop = make_shop(name)
        confirmed = {"confirmed_at": now - timedelta(days=days), "confirmed_as": "town_hall"}
        Shop.objects.filter(pk=shop.pk).update(**confirmed)
    make_shop("Jamais")
    for value, found in (("recente", "Récent"), ("ancienne", "Moyen"), ("perimee", "Vieux"),
                         ("jamais", "Jamais")):  # fmt: skip
        assert names(agent.get(SHOPS, {"confirmation": value})) == [found]


def test_the_commune_is_a_column_for_whoever_has_several(agent, login):
    make_shop("Épi")
    two = make_user()
    for commune in (make_commune("Suresnes"), make_commune("Garches", insee_code="92033")):
        give_role(two, commune, role="agent", by=None, now=NOW)
    assert "commune" not in agent.get(SHOPS).context["cl"].list_display
    assert "commune" in login(two).get(SHOPS).context["cl"].list_display


def test_what_has_no_category_is_called_so(agent):
    make_shop("Sans rien", status="draft")
    Shop.objects.update(main_category=None)
    make_shop("Épi")
    page = agent.get(SHOPS)
    (group,) = [f for f in page.context["cl"].filter_specs if isinstance(f, Group)]
    assert "sans catégorie" in [choice["display"] for choice in group.choices(page.context["cl"])]
    assert names(agent.get(f"{SHOPS}?{NO_GROUP}=True")) == ["Sans rien"]


def test_a_listing_is_added_from_there(agent):
    page = agent.get(SHOPS).content.decode()
    assert ">Ajouter une fiche</a>" in page
    assert page.index("Ajouter une fiche") < page.index("Exporter en CSV")
