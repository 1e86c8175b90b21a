"""The link « Tout est exact » of a letter."""

from datetime import timedelta

import pytest

from merchants.models import HistoryEntry, Shop
from merchants.workflow import WorkflowError, members, status
from merchants.workflow.closures import add_holiday
from merchants.workflow.confirm_link import (
    LINK_LASTS,
    confirm_by_link,
    confirm_link,
    read_link,
)
from merchants.workflow.edit import edit_listing
from tests.factories import make_member, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop("Le Fournil")


@pytest.fixture
def owner(shop):
    return make_member(shop)


@pytest.fixture
def token(shop, owner, now):
    link = confirm_link(Shop.objects.get(pk=shop.pk), owner, now=now)
    assert link.startswith("http://testserver/tout-est-exact/")
    return link.rstrip("/").rpartition("/")[2]


def test_it_confirms_once_in_the_name_of_its_reader(shop, owner, token, now):
    later = now + timedelta(days=3)
    assert read_link(token, now=later).shop == shop
    confirm_by_link(token, now=later)
    shop = Shop.objects.get()
    assert (shop.confirmed_at, shop.confirmed_as, shop.confirmed_by) == (later, "merchant", owner)
    entry = HistoryEntry.objects.first()
    assert (entry.action, entry.by, entry.capacity) == ("confirm", owner, "merchant")
    for act in (read_link, confirm_by_link):
        with pytest.raises(WorkflowError, match="C’est déjà fait"):
            act(token, now=later)


def test_it_expires(token, now):
    read_link(token, now=now + LINK_LASTS - timedelta(seconds=2))
    with pytest.raises(WorkflowError, match="n’est plus valable"):
        read_link(token, now=now + LINK_LASTS)


@pytest.mark.parametrize("text", ["", "x", "a:b:c", "é"])
def test_a_forged_link_is_refused(token, now, text):
    for forged in (text, token[:-2] + "xx", token.replace(":", "", 1)):
        with pytest.raises(WorkflowError, match="n’est pas complet"):
            read_link(forged, now=now)


def test_a_listing_that_changed_is_read_again(shop, owner, token, now):
    edit_listing(shop, {"description": "Neuf"}, by=owner, expected_version=None, now=now)
    with pytest.raises(WorkflowError, match="a changé depuis ce courriel"):
        confirm_by_link(token, now=now)
    assert Shop.objects.get().confirmed_at is None


def test_a_new_closure_is_a_change_too(shop, owner, token, now):
    add_holiday(shop, now.date(), now.date(), by=owner, now=now)
    with pytest.raises(WorkflowError, match="a changé depuis ce courriel"):
        read_link(token, now=now)


def test_new_people_are_none(shop, owner, token, now):
    make_member(shop, role="colleague")
    confirm_by_link(token, now=now)


def test_who_left_confirms_no_more(shop, owner, token, now):
    members.leave(shop, by=owner, now=now, to_town_hall=True)
    with pytest.raises(WorkflowError, match="n’est plus valable"):
        confirm_by_link(token, now=now)


def test_nor_does_a_closed_shop(shop, owner, token, now):
    status.close(shop, by=owner, now=now)
    with pytest.raises(WorkflowError, match="n’est plus valable"):
        confirm_by_link(token, now=now)


def test_nor_does_an_account_that_is_switched_off(owner, token, now):
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    with pytest.raises(WorkflowError, match="n’est plus valable"):
        confirm_by_link(token, now=now)
