"""Every address of « Mon commerce », tried by every kind of person, read and written: on a listing
that somebody keeps, and on one that nobody keeps."""

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from post_office.models import Email

from merchants import urls
from merchants.models import (
    AccessCode,
    Claim,
    HistoryEntry,
    Invitation,
    Photo,
    Proposal,
    Shop,
    ShopMember,
)
from merchants.models.role import RoleKind
from merchants.models.shop import ShopStatus
from merchants.workflow import members, status
from merchants.workflow.closures import add_holiday
from merchants.workflow.confirm_link import confirm_link
from merchants.workflow.roles import give_role
from tests.claiming import make_claim, make_code
from tests.factories import NOW, make_commune, make_member, make_shop, make_user
from tests.views.my_shop.test_photos import picture

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

# Whoever is logged in.
ANYBODY = {
    "lookup_companies", "lookup_addresses", "my_shops", "register", "invitation",
    "my_shop_code", "my_shop_code_take", "my_claims", "my_claim_withdraw",
}  # fmt: skip
# Helpers and agents: those of the commune, and for a listing that nobody keeps.
OF_COMMUNE = {"helping_commune", "helping_register"}
HELPING = {"helping_shop", "helping_letter", "helping_email"}
# The people of the shop; where there are none, helpers and agents too.
WRITING = {
    "my_shop_hours", "my_shop_closure", "my_shop_holiday", "my_shop_confirm",
    "my_shop_description", "my_shop_contact", "my_shop_services", "my_shop_identity",
    "my_shop_photos",
}  # fmt: skip
WRITING_POST = {"my_shop_remove_special", "my_shop_withdraw", "my_shop_drop"}
# The same, while it is a registration; a published one leads elsewhere.
REGISTRATION = {
    "register_business", "register_twins", "register_address", "register_activity",
    "register_hours", "register_photos", "register_send", "register_sent", "register_discard",
    "register_withdraw",
}  # fmt: skip
# The people of the shop alone, and its owners alone.
PEOPLE = {"my_shop_history", "my_shop_people"}
PEOPLE_POST = {"my_shop_leave", "my_shop_hand_over"}
OWNERS = {"my_shop_closing", "my_shop_claims"}
OWNERS_POST = {
    "my_shop_invite", "my_shop_uninvite", "my_shop_remove", "my_shop_reopen",
}  # fmt: skip

# A colleague comes in, and is refused by the page itself.
ASKED_THERE = {"my_shop_hand_over": 403, "register_discard": 200, "register_withdraw": 302}

POSTS = WRITING_POST | PEOPLE_POST | OWNERS_POST
OF_SHOP = (
    HELPING | WRITING | WRITING_POST | REGISTRATION | PEOPLE | PEOPLE_POST | OWNERS | OWNERS_POST
)

TOWN_HALL = {"helper", "agent", "referent", "admin"}
STRANGERS = {"stranger", "neighbour", "elsewhere", "helper_elsewhere"}
EVERYBODY = ["visitor", *sorted(STRANGERS), *sorted(TOWN_HALL), "colleague", "owner"]


@pytest.fixture
def free(shop):
    """A listing of the same commune that nobody keeps."""
    return make_shop("Libre", commune=shop.commune, street="rue du Bac", email="libre@example.fr")


@pytest.fixture
def people(shop, owner, login, client):
    """`people("helper")` is the browser of such a person."""

    def working(role, commune):
        user = make_user()
        give_role(user, commune, role=role, by=None, now=NOW)
        return login(user)

    def loin():
        return make_commune("Garches")

    colleague = make_member(shop, role="colleague")
    makers = {
        "visitor": lambda: client,
        "stranger": lambda: login(make_user()),
        "neighbour": lambda: login(make_member(make_shop("Voisin", commune=shop.commune))),
        "elsewhere": lambda: login(make_member(make_shop("Loin", commune=loin()))),
        "helper_elsewhere": lambda: working(RoleKind.HELPER, loin()),
        "helper": lambda: working(RoleKind.HELPER, shop.commune),
        "agent": lambda: working(RoleKind.AGENT, shop.commune),
        "referent": lambda: working(RoleKind.REFERENT, shop.commune),
        "admin": lambda: login(make_user(is_superuser=True)),
        "colleague": lambda: login(colleague),
        "owner": lambda: login(owner),
    }
    return lambda who: makers[who]()


def may(who: str, name: str, *, is_kept: bool) -> bool:
    if is_kept and name not in HELPING:
        return who == "owner" or (who == "colleague" and name not in OWNERS | OWNERS_POST)
    return (
        not is_kept and who in TOWN_HALL and name in HELPING | WRITING | WRITING_POST | REGISTRATION
    )


def knows(who: str, *, is_kept: bool) -> bool:
    """Whether a refusal may say that there is such a listing."""
    return who in TOWN_HALL or (is_kept and who in {"colleague", "owner"})


def refused(who: str, *, is_kept: bool) -> int:
    if who == "visitor":
        return 302
    return 403 if knows(who, is_kept=is_kept) else 404


TOMORROW = (timezone.localdate() + timedelta(days=1)).isoformat()
# What writes something, on each page that writes.
DATA = {
    "my_shop_hours": {"holiday_rule": "as_usual", "do": "save"},
    "my_shop_closure": {"when": TOMORROW, "part": "day"},
    "my_shop_holiday": {"start": TOMORROW, "end": TOMORROW},
    "my_shop_confirm": {},
    "my_shop_description": {"description": "Autre"},
    "my_shop_contact": {"phone": "01 47 51 99 99"},
    "my_shop_services": {"livraison-offered": "on"},
    "my_shop_identity": {"name": "Autre", "main_category": "boulangerie", "street": "rue X",
                         "postcode": "92150", "city": "Suresnes"},
    "my_shop_photos": {"do": "add", "alt": "La vitrine"},
    "my_shop_remove_special": {"start": "2030-08-01", "end": "2030-08-21"},
    "my_shop_withdraw": {},
    "my_shop_drop": {},
    "helping_letter": {},
    "helping_email": {},
    "my_shop_leave": {"to_town_hall": "on", "sure": "on"},
    "my_shop_hand_over": {"sure": "on"},
    "my_shop_closing": {"sure": "on"},
    "my_shop_claims": {"text": "C’est le nôtre."},
    "my_shop_invite": {"email": "nouveau@example.fr", "role": "colleague"},
    "my_shop_uninvite": {},
    "my_shop_remove": {"sure": "on"},
    "my_shop_reopen": {},
    "register_business": {"name": "Autre"},
    "register_address": {"premises": "no", "service_area": "Suresnes"},
    "register_activity": {"main_category": "boulangerie", "description": "Autre"},
    "register_hours": {"holiday_rule": "as_usual", "do": "save"},
    "register_photos": {"do": "add", "alt": "La vitrine"},
    "register_send": {"terms": "on"},
    "register_discard": {},
    "register_withdraw": {},
}  # fmt: skip


def data_of(name: str, shop) -> dict:
    """What a browser would send; the listing is brought into the state that the route is for."""
    data = dict(DATA.get(name, {}))
    if name in {"my_shop_photos", "register_photos"}:
        data["file"] = picture()
    elif name == "my_shop_remove_special":
        add_holiday(shop, date(2030, 8, 1), date(2030, 8, 21), by=None, now=NOW.replace(year=2029))
    elif name in {"my_shop_withdraw", "my_shop_drop"}:
        answer = {"status": "refused", "reason": "Non", "decided_at": NOW}
        state = answer if name == "my_shop_drop" else {"status": "pending"}
        made = Proposal.objects.create(
            shop=shop, changes={"name": [shop.name, "Neuf"]}, at=NOW, **state
        )
        data["proposal"] = made.pk
    elif name == "my_shop_reopen":
        by = ShopMember.objects.filter(shop=shop, role="owner").first()
        status.close(shop, by=by and by.user, now=timezone.now())
    elif name == "my_shop_claims":
        data["claim"] = make_claim(shop).pk
    return data | {"version": Shop.objects.get(pk=shop.pk).version}


def state() -> list:
    """All that the routes could write."""
    return [
        list(Shop.objects.order_by("pk").values()),
        list(ShopMember.objects.order_by("pk").values()),
        list(Invitation.objects.order_by("pk").values()),
        list(Proposal.objects.order_by("pk").values()),
        list(Claim.objects.order_by("pk").values()),
        list(AccessCode.objects.order_by("pk").values()),
        HistoryEntry.objects.count(),
        Photo.objects.count(),
        Email.objects.count(),
    ]


@contextmanager
def undone():
    """What is written meanwhile has never been."""
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)


def address_of(name: str, shop) -> str:
    member = ShopMember.objects.get(role="colleague")
    invitation = Invitation.objects.first()
    second = {
        "my_shop_uninvite": invitation,
        "my_shop_remove": member,
        "my_shop_hand_over": member,
    }.get(name)
    with override("fr"):
        return reverse(name, args=[shop.pk, second.pk] if second else [shop.pk])


def open_address_of(name: str) -> str:
    arguments = {
        "invitation": ["rien"], "my_shop_code_take": ["rien"], "my_claim_withdraw": [999999],
    }  # fmt: skip
    with override("fr"):
        return reverse(name, args=arguments.get(name, []))


def test_no_address_is_forgotten_here():
    names = {
        route.name for route in urls.urlpatterns if str(route.pattern).startswith("mon-commerce/")
    }
    assert names == ANYBODY | OF_COMMUNE | OF_SHOP | {"helping", "role_invitation"}


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_address_of_a_shop_by_every_person(people, shop, free, owner, who):
    """Read, and written with what would be taken from somebody who may: see DATA."""
    members.invite(shop, "autre@example.fr", by=owner, now=timezone.now())
    browser = people(who)
    for is_kept, one in ((True, shop), (False, free)):
        for name in sorted(OF_SHOP):
            with undone():
                if name in REGISTRATION:
                    sent = {"register_withdraw", "register_sent"}
                    stage = ShopStatus.PENDING if name in sent else ShopStatus.DRAFT
                    Shop.objects.update(status=stage)
                _try(browser, who, name, one, is_kept)


def _try(browser, who: str, name: str, shop, is_kept: bool) -> None:
    said = f"{name}, kept: {is_kept}"
    address, data = address_of(name, shop), data_of(name, shop)
    before = state()
    page = browser.get(address)
    if not may(who, name, is_kept=is_kept):
        answer = browser.post(address, data)
        assert page.status_code == answer.status_code == refused(who, is_kept=is_kept), said
        if who == "visitor":
            assert answer.url.startswith("/compte/connexion/?next=/mon-commerce/"), said
        assert state() == before, said
        return
    if name in POSTS | {"register_withdraw"}:
        assert page.status_code == 405, said
    else:
        assert page.status_code == 200, said
        assert "private" in page["Cache-Control"], said
    # Every form names the version that it was made from.
    assert browser.post(address).status_code == 400, said
    assert state() == before, said
    answer = browser.post(address, data)
    if who == "colleague" and name in ASKED_THERE:
        assert answer.status_code == ASKED_THERE[name], said
        assert state() == before, said
    elif name in DATA:
        assert answer.status_code == (200 if name == "helping_letter" else 302), said
        assert state() != before, said


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", EVERYBODY)
def test_the_town_halls_addresses(people, shop, who, method):
    for name in sorted(OF_COMMUNE):
        with override("fr"):
            address = reverse(name, args=[shop.commune.insee_code])
        response = getattr(people(who), method)(address)
        wanted = 302 if who == "visitor" else 200 if who in TOWN_HALL else 404
        assert response.status_code == wanted, name
    if who in TOWN_HALL | {"helper_elsewhere"}:
        # To the one commune there is.
        assert people(who).get("/mon-commerce/aider/").status_code == 302
    elif who != "visitor":
        assert people(who).get("/mon-commerce/aider/").status_code == 404


@pytest.mark.parametrize("who", EVERYBODY)
def test_claims_and_codes_by_every_person(people, shop, free, who):
    """Whoever is logged in asks for a listing; without a login, a code says of which shop it is."""
    code = make_code(free)
    browser = people(who)
    with override("fr"):
        ask = reverse("claim", args=[shop.commune.slug, shop.slug])
        mine, typed = reverse("my_claims"), reverse("code")
        link = reverse("code_link", args=[code])
    wanted = 302 if who == "visitor" else 200
    assert browser.get(ask).status_code == browser.get(mine).status_code == wanted
    assert browser.post(ask, {}).status_code == wanted
    assert not Claim.objects.exists()
    assert browser.get(typed).status_code == 200
    page = browser.get(link)
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    assert ShopMember.objects.filter(shop=free).count() == 0


@pytest.mark.parametrize("name", sorted(ANYBODY | {"helping"}))
def test_who_is_not_logged_in_is_asked_to(client, login, shop, name):
    address = open_address_of(name)
    for response in (client.get(address), client.post(address)):
        assert response.status_code == 302
        assert response.url.startswith("/compte/connexion/?next=/mon-commerce/")
    response = login(make_user()).get(address)
    assert response.status_code in {200, 400, 404, 405, 410} or "/compte/" not in response.url


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


def test_a_shop_that_is_not_there_is_not_found(awa, people):
    for who in ("owner", "helper", "admin"):
        assert people(who).get("/mon-commerce/999999/horaires/").status_code == 404
        assert people(who).get("/mon-commerce/999999/aider/").status_code == 404
    assert people("admin").get("/mon-commerce/aider/00000/").status_code == 404


def test_a_listing_that_somebody_takes_over_is_closed_to_the_town_hall(people, free):
    address = f"/mon-commerce/{free.pk}/contact/"
    helper = people("helper")
    page = helper.get(address)
    make_member(free)
    data = {"version": page.context["version"], "phone": "01 47 51 99 99"}
    assert helper.post(address, data).status_code == 403
    assert Shop.objects.get(pk=free.pk).phone == ""


def test_every_page_stands_in_english_too(people, shop, free):
    helper, owner = people("helper"), people("owner")
    for name in sorted(WRITING | PEOPLE | OWNERS):
        assert owner.get(f"/en{address_of(name, shop)}").status_code == 200, name
    for name in sorted(WRITING | HELPING):
        assert helper.get(f"/en{address_of(name, free)}").status_code == 200, name
    assert owner.get("/en/mon-commerce/").status_code == 200
    insee = shop.commune.insee_code
    assert helper.get(f"/en/mon-commerce/aider/{insee}/").status_code == 200


def test_the_link_of_a_letter_needs_no_login(client, shop, owner):
    link = confirm_link(shop, owner, now=timezone.now() - timedelta(days=1))
    assert client.get(link.removeprefix("http://testserver")).status_code == 200
