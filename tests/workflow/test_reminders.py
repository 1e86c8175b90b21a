"""Letters that ask owners whether all is still right: to whom, how often, and only once."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from post_office.models import Email

from merchants.models import Shop, User
from merchants.models.service import ServiceKind
from merchants.models.shop import Confirmer
from merchants.workflow import status
from merchants.workflow.confirm_link import confirm_by_link
from merchants.workflow.reminders import ASKED_AFTER, ASKED_AGAIN_AFTER, remind
from tests.factories import make_commune, make_member, make_shop, make_user
from tests.workflow.test_together import together  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(now):
    shop = make_shop(
        "Le Fournil",
        hours="Mo-Fr 09:00-18:00; PH off",
        phone="+33147510102",
        services=[ServiceKind.DELIVERY.value],
    )
    confirmed(shop, now - timedelta(days=160))
    return shop


@pytest.fixture
def owner(shop):
    return make_member(shop, make_user("awa@example.fr"))


def confirmed(shop, at) -> None:
    Shop.objects.filter(pk=shop.pk).update(confirmed_at=at, confirmed_as=Confirmer.MERCHANT)


def link_in(letter: Email) -> str:
    return re.search(r"/tout-est-exact/([^/\s]+)/", letter.message)[1]


def test_says_what_is_confirmed_and_the_link_confirms_it(shop, owner, now):
    assert remind(now=now) == 1
    letter = Email.objects.get()
    assert letter.to == ["awa@example.fr"]
    assert letter.headers["Sensitivity"] == "Private"
    assert "Le Fournil" in letter.subject and "toujours exact" in letter.subject
    said = letter.message.replace("\u00a0", " ")
    for words in (
        "Le Fournil, Suresnes",
        "- Téléphone : 01 47 51 01 02",
        "- Services : Livraison",
        "- Horaires : Du lundi au vendredi : 9 h – 18 h",
        "sans vous connecter",
        "http://testserver/mon-commerce/",
    ):
        assert words in said
    held = Shop.objects.get()
    assert held.reminded_at == now
    confirm_by_link(link_in(letter), now=now + timedelta(days=2))
    assert Shop.objects.get().confirmed_at == now + timedelta(days=2)


def test_a_second_run_sends_nothing_until_two_months_later(shop, owner, now):
    assert [remind(now=now), remind(now=now), remind(now=now + timedelta(hours=20))] == [1, 0, 0]
    assert remind(now=now + ASKED_AGAIN_AFTER) == 0
    assert remind(now=now + ASKED_AGAIN_AFTER + timedelta(hours=1)) == 1


@pytest.mark.parametrize(("days", "letters"), [(149, 0), (150, 0), (151, 1)])
def test_not_before_five_months(shop, owner, now, days, letters):
    confirmed(shop, now - timedelta(days=days))
    assert remind(now=now) == letters
    assert timedelta(days=150) == ASKED_AFTER


def test_what_was_never_confirmed_counts_from_its_creation(shop, owner, now):
    Shop.objects.update(confirmed_at=None, confirmed_as="", created_at=now - timedelta(days=149))
    assert remind(now=now) == 0
    Shop.objects.update(created_at=now - timedelta(days=151))
    assert remind(now=now) == 1


@pytest.mark.parametrize("state", ["draft", "pending", "refused", "suspended", "closed"])
def test_published_listings_alone(shop, owner, now, state):
    Shop.objects.update(status=state)
    assert remind(now=now) == 0


def test_what_nobody_keeps_is_not_asked_about(shop, now):
    assert remind(now=now) == 0
    assert Shop.objects.get().reminded_at is None


def test_owners_with_a_verified_address_and_an_active_account(shop, now):
    make_member(shop, make_user(verified=False))
    make_member(shop, make_user(is_active=False))
    make_member(shop, make_user(), role="colleague")
    assert remind(now=now) == 0
    assert Shop.objects.get().reminded_at is None
    EmailAddress.objects.update(verified=True)
    assert remind(now=now) == 1


def test_each_owner_with_a_link_of_his_own(shop, owner, now):
    other = make_member(shop)
    assert remind(now=now) == 2
    letters = Email.objects.all()
    assert {letter.to[0] for letter in letters} == {owner.email, other.email}
    assert len({link_in(letter) for letter in letters}) == 2


def test_one_letter_for_several_shops_each_with_its_link(shop, owner, now):
    second = make_shop("La Crèmerie", commune=shop.commune)
    fresh = make_shop("Tout frais", commune=shop.commune)
    for one, days in ((second, 200), (fresh, 10)):
        make_member(one, owner)
        confirmed(one, now - timedelta(days=days))
    assert remind(now=now) == 1
    letter = Email.objects.get()
    assert letter.message.count("/tout-est-exact/") == 2
    assert "Tout frais" not in letter.message
    assert letter.subject.startswith("Vos commerces")


def test_a_run_is_bounded_and_tears_nobodys_letter_apart(shop, owner, now):
    """Of three shops, two are one person's; the oldest comes first, with its companion."""
    companion = make_shop("Compagnon", commune=shop.commune)
    other = make_shop("Autre", commune=make_commune("Garches"))
    make_member(companion, owner)
    make_member(other)
    confirmed(shop, now - timedelta(days=300))
    confirmed(other, now - timedelta(days=200))
    confirmed(companion, now - timedelta(days=160))
    assert remind(now=now, most=1) == 1
    assert Email.objects.get().message.count("/tout-est-exact/") == 2
    assert remind(now=now, most=1) == 1
    assert remind(now=now, most=1) == 0


@pytest.mark.parametrize("number", [1, 3])
def test_asks_the_same_number_of_queries(shop, owner, now, number, django_assert_num_queries):
    for index in range(number - 1):
        other = make_shop(f"Autre {index}", commune=shop.commune)
        make_member(other, owner)
        confirmed(other, now - timedelta(days=160))
    with django_assert_num_queries(14):
        assert remind(now=now) == 1


def test_nothing_to_do_is_cheap(now, django_assert_num_queries):
    with django_assert_num_queries(3):
        assert remind(now=now) == 0


def test_a_confirmed_listing_rests_for_five_months(shop, owner, now):
    remind(now=now)
    status.confirm(shop, by=owner, as_=Confirmer.MERCHANT, now=now)
    assert remind(now=now + timedelta(days=100)) == 0
    assert remind(now=now + timedelta(days=151)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_one_letter(together, now):  # noqa: F811
    shop = make_shop("Le Fournil")
    confirmed(shop, now - timedelta(days=160))
    make_member(shop)
    together(lambda: remind(now=now), lambda: remind(now=now))
    assert Email.objects.count() == 1


def test_the_daily_command_writes_and_sends_them(shop, owner, capsys):
    User.objects.update(is_active=True)
    call_command("daily")
    assert "Rappels de confirmation écrits\u00a0: 1." in capsys.readouterr().out
