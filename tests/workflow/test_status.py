from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from merchants.models import Commune, HistoryEntry, Proposal, Shop, ShopStatus
from merchants.models.shop import FAREWELL, Confirmer
from merchants.workflow import WorkflowError, status
from merchants.workflow.edit import edit_listing
from merchants.workflow.roles import give_role
from tests.factories import make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

LEGAL = {
    ("draft", "submit"): "pending",
    ("refused", "submit"): "pending",
    ("draft", "publish"): "published",
    ("pending", "publish"): "published",
    ("refused", "publish"): "published",
    ("pending", "refuse"): "refused",
    ("published", "suspend"): "suspended",
    ("suspended", "reopen"): "published",
    ("closed", "reopen"): "published",
    ("published", "close"): "closed",
    ("suspended", "close"): "closed",
}


@pytest.mark.parametrize("move", status.TRANSITIONS)
@pytest.mark.parametrize("before", ShopStatus.values)
def test_every_move_from_every_state(before, move, now):
    shop = make_shop("Le Fournil", status=before)
    commune = Commune.objects.get()
    act = getattr(status, move)
    after = LEGAL.get((before, move))
    assert (move in status.allowed(shop)) == (after is not None)
    if after is None:
        with pytest.raises(WorkflowError, match="Le Fournil"):
            act(shop, by=None, now=now)
        assert Shop.objects.get().status == before
    else:
        act(shop, by=None, now=now)
        assert Shop.objects.get().status == shop.status == after
    seen = after is not None and "published" in {before, after}
    assert Commune.objects.get().version - commune.version == seen


def test_what_was_never_validated_cannot_come_out_through_closing(now):
    shop = make_shop(status="draft")
    with pytest.raises(WorkflowError):
        status.close(shop, by=None, now=now)
    with pytest.raises(WorkflowError):
        status.reopen(shop, by=None, now=now)
    assert Shop.objects.get().status == "draft"


def test_of_two_people_who_act_at_once_one_is_told(now):
    shop = make_shop(status="pending")
    copy = Shop.objects.get()
    status.publish(shop, by=None, now=now)
    with pytest.raises(WorkflowError, match="publié"):
        status.refuse(copy, by=None, now=now)


def test_a_shop_cannot_come_back_under_a_siret_that_another_has(now):
    commune = make_commune()
    gone = make_shop(commune=commune, siret="73282932000074", status="closed")
    make_shop(commune=commune, siret="73282932000074")
    with pytest.raises(WorkflowError, match="Une autre fiche porte déjà ce SIRET"):
        status.reopen(gone, by=None, now=now)
    assert Shop.objects.get(pk=gone.pk).status == "closed"


def test_confirm_says_who_when_and_in_what_capacity(now):
    shop, person = make_shop(), make_user()
    version = Commune.objects.get().version
    status.confirm(shop, by=person, as_=Confirmer.TOWN_HALL_BY_PHONE, now=now)
    shop = Shop.objects.get()
    assert (shop.confirmed_at, shop.confirmed_as, shop.confirmed_by) == (
        now,
        Confirmer.TOWN_HALL_BY_PHONE,
        person,
    )
    assert Commune.objects.get().version == version + 1


MOVES_OF = {
    "owner": {"submit", "reopen", "close"},
    "colleague": {"submit"},
    "helper": {"submit"},
    "agent": set(status.TRANSITIONS),
    "stranger": set(),
}


@pytest.mark.parametrize("move", status.TRANSITIONS)
@pytest.mark.parametrize("who", MOVES_OF)
def test_every_move_by_every_person(who, move, now):
    source = sorted(status.TRANSITIONS[move].sources)[0]
    shop = make_shop(status=source)
    if source == "closed":
        Shop.objects.update(closed_at=now)
    person = make_user()
    if who in {"owner", "colleague"}:
        make_member(shop, person, role=who)
    elif who != "stranger":
        give_role(person, shop.commune, role=who, by=None, now=now)
    act = getattr(status, move)
    if move in MOVES_OF[who]:
        act(shop, by=person, now=now)
        entry = HistoryEntry.objects.filter(shop=shop).first()
        assert (entry.action, entry.by) == (move, person)
        assert entry.changes == {"status": [source, shop.status]}
    else:
        with pytest.raises(WorkflowError, match="ne permet pas cette action"):
            act(shop, by=person, now=now)
        assert Shop.objects.get().status == source


def test_the_reason_stands_in_the_history(now):
    shop = make_shop(status="pending")
    status.refuse(shop, by=None, now=now, reason="Pas dans la commune.")
    entry = HistoryEntry.objects.first()
    assert (entry.reason, entry.capacity) == ("Pas dans la commune.", "system")


class TestClosing:
    def test_says_goodbye_and_takes_the_proposal_back(self, now):
        shop = make_shop("Le Fournil")
        owner = make_member(shop)
        edit_listing(shop, {"name": "Autre"}, by=owner, expected_version=None, now=now)
        version = Shop.objects.get().version
        for _click in range(2):
            status.close(
                shop, by=owner, now=now, farewell=" Merci ! ", successor="Chez Paul",
                expected_version=version,
            )  # fmt: skip
        shop = Shop.objects.get()
        assert (shop.status, shop.closed_at, shop.farewell) == ("closed", now, "Merci !")
        assert Proposal.objects.get().status == "withdrawn"
        assert HistoryEntry.objects.filter(action="close").count() == 1
        assert shop.says_goodbye(now + FAREWELL - timedelta(seconds=1))
        assert not shop.says_goodbye(now + FAREWELL)

    def test_what_residents_never_saw_says_no_goodbye(self, now):
        shop = make_shop(status="suspended")
        status.close(shop, by=None, now=now)
        assert Shop.objects.get().closed_at is None

    def test_an_owner_comes_back_while_the_page_says_goodbye(self, now):
        shop = make_shop()
        owner = make_member(shop)
        status.close(shop, by=owner, now=now, farewell="Merci !")
        with pytest.raises(WorkflowError, match="Le temps de rouvrir vous-même est passé"):
            status.reopen(shop, by=owner, now=now + FAREWELL)
        version = Shop.objects.get().version
        for _click in range(2):
            status.reopen(shop, by=owner, now=now, expected_version=version)
        shop = Shop.objects.get()
        assert (shop.status, shop.closed_at, shop.farewell) == ("published", None, "")

    def test_what_the_town_hall_suspended_it_alone_reopens(self, now):
        shop = make_shop(status="suspended")
        with pytest.raises(WorkflowError, match="elle seule peut la rouvrir"):
            status.reopen(shop, by=make_member(shop), now=now)

    def test_a_word_too_long_is_refused(self, now):
        with pytest.raises(WorkflowError, match="trop long"):
            status.close(make_shop(), by=None, now=now, farewell="x" * 601)

    def test_only_what_is_closed_says_goodbye(self, now):
        make_shop()
        with pytest.raises(IntegrityError), transaction.atomic():
            Shop.objects.update(farewell="Adieu")


class TestConfirming:
    def test_what_has_changed_since_is_read_again_first(self, now):
        shop = make_shop()
        owner = make_member(shop)
        version = Shop.objects.get().version
        edit_listing(shop, {"description": "Neuf"}, by=owner, expected_version=None, now=now)
        with pytest.raises(WorkflowError, match="Relisez-la avant de la confirmer"):
            status.confirm(
                shop, by=owner, as_=Confirmer.MERCHANT, now=now, expected_version=version
            )
        assert Shop.objects.get().confirmed_at is None

    def test_what_residents_do_not_see_is_no_change(self, now):
        shop = make_shop()
        owner = make_member(shop)
        version = Shop.objects.get().version
        make_member(shop)
        edit_listing(shop, {"name": "Proposé"}, by=owner, expected_version=None, now=now)
        for _click in range(2):
            status.confirm(
                shop, by=owner, as_=Confirmer.MERCHANT, now=now, expected_version=version
            )
        assert HistoryEntry.objects.filter(action="confirm").count() == 1

    def test_a_closed_shop_has_nothing_to_confirm(self, now):
        with pytest.raises(WorkflowError, match="rien à confirmer"):
            status.confirm(make_shop(status="closed"), by=None, as_=Confirmer.TOWN_HALL, now=now)
