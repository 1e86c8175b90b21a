"""Every address of « Mon commerce », tried by every kind of person, read and written."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from merchants import urls
from merchants.models import Invitation, Shop, ShopMember
from merchants.models.role import RoleKind
from merchants.workflow import members
from merchants.workflow.confirm_link import confirm_link
from merchants.workflow.roles import give_role
from tests.factories import NOW, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

MEMBERS = {
    "my_shop_hours", "my_shop_closure", "my_shop_holiday", "my_shop_confirm",
    "my_shop_description", "my_shop_contact", "my_shop_services", "my_shop_identity",
    "my_shop_history", "my_shop_people",
}  # fmt: skip
MEMBERS_POST = {"my_shop_remove_special", "my_shop_withdraw", "my_shop_leave"}
OWNERS = {"my_shop_closing"}
OWNERS_POST = {
    "my_shop_invite", "my_shop_uninvite", "my_shop_remove", "my_shop_hand_over", "my_shop_reopen",
}  # fmt: skip
ALL = sorted(MEMBERS | MEMBERS_POST | OWNERS | OWNERS_POST)
PEOPLE = ["visitor", "stranger", "neighbour", "elsewhere", "helper", "agent", "admin",
          "colleague", "owner"]  # fmt: skip


@pytest.fixture
def people(shop, owner, login, client):
    colleague = make_member(shop, role="colleague")
    neighbour = make_member(make_shop("Voisin", commune=shop.commune))
    elsewhere = make_member(make_shop("Loin", commune=make_commune("Garches")))
    helper, agent = make_user(), make_user()
    give_role(helper, shop.commune, role=RoleKind.HELPER, by=None, now=NOW)
    give_role(agent, shop.commune, role=RoleKind.AGENT, by=None, now=NOW)
    return {
        "visitor": client,
        "stranger": login(make_user()),
        "neighbour": login(neighbour),
        "elsewhere": login(elsewhere),
        "helper": login(helper),
        "agent": login(agent),
        "admin": login(make_user(is_superuser=True)),
        "colleague": login(colleague),
        "owner": login(owner),
    }


def address_of(name: str, shop) -> str:
    member = ShopMember.objects.get(shop=shop, role="colleague")
    invitation = Invitation.objects.filter(shop=shop).first()
    second = {
        "my_shop_uninvite": invitation,
        "my_shop_remove": member,
        "my_shop_hand_over": member,
    }.get(name)
    with override("fr"):
        return reverse(name, args=[shop.pk, second.pk] if second else [shop.pk])


def test_no_address_is_forgotten_here():
    names = {route.name for route in (*urls.members, *urls.owners)}
    assert names == set(ALL)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_by_every_person(people, shop, owner, who, method):
    members.invite(shop, "autre@example.fr", by=owner, now=timezone.now())
    before = Shop.objects.values().get(pk=shop.pk)
    for name in ALL:
        address = address_of(name, shop)
        response = getattr(people[who], method)(address)
        if who == "visitor":
            assert response.status_code == 302, name
            assert response.url.startswith("/compte/connexion/?next=/mon-commerce/"), name
        elif who in {"stranger", "neighbour", "elsewhere"}:
            assert response.status_code == 404, name
        elif who in {"helper", "agent", "admin"} or (
            who == "colleague" and name in OWNERS | OWNERS_POST
        ):
            assert response.status_code == 403, name
        elif method == "post":
            # Every form names the version that it was made from: this one is none.
            assert response.status_code == 400, name
        elif name in MEMBERS_POST | OWNERS_POST:
            assert response.status_code == 405, name
        else:
            assert response.status_code == 200, name
            assert "private" in response["Cache-Control"]
    assert Shop.objects.values().get(pk=shop.pk) == before


@pytest.mark.parametrize("who", ["stranger", "colleague"])
def test_people_of_another_shop_are_not_reached_through_ones_own(people, shop, login, who):
    """A number in the address names a person of that very shop."""
    mine = make_shop("À moi", commune=shop.commune)
    me = make_member(mine)
    theirs = ShopMember.objects.get(shop=shop, role="colleague")
    for path in (f"{theirs.pk}/retirer/", f"{theirs.pk}/transmettre/"):
        response = login(me).post(
            f"/mon-commerce/{mine.pk}/personnes/{path}", {"version": mine.version}
        )
        assert response.status_code == 404
    assert ShopMember.objects.filter(pk=theirs.pk).exists()


def test_a_shop_that_is_not_there_is_not_found(awa):
    assert awa.get("/mon-commerce/999999/horaires/").status_code == 404


def test_the_dashboard_asks_to_log_in(client):
    response = client.get("/mon-commerce/")
    assert response.status_code == 302
    assert response.url.startswith("/compte/connexion/")


def test_every_page_stands_in_english_too(people, shop):
    for name in (*MEMBERS, *OWNERS):
        assert people["owner"].get(f"/en{address_of(name, shop)}").status_code == 200
    assert people["owner"].get("/en/mon-commerce/").status_code == 200


def test_the_link_of_a_letter_needs_no_login(client, shop, owner):
    link = confirm_link(shop, owner, now=timezone.now() - timedelta(days=1))
    assert client.get(link.removeprefix("http://testserver")).status_code == 200
