"""Whom to call, in which order."""

from datetime import date, timedelta

import pytest

from merchants.models import Shop
from merchants.opening_hours import HolidayRule
from merchants.workflow import closures
from tests.calling import PHONE, make_call
from tests.factories import NOW, make_shop

pytestmark = pytest.mark.django_db

CHRISTMAS = date(2026, 12, 25)


def names(shops) -> list[str]:
    return [shop.name for shop in shops]


def make_untold(name: str, specials: str = "") -> Shop:
    hours = f"Mo-Fr 09:00-18:00{specials}"
    return make_shop(name, hours=hours, holiday_rule=HolidayRule.UNKNOWN)


def confirmed(shop: Shop, days: int) -> Shop:
    Shop.objects.filter(pk=shop.pk).update(
        confirmed_at=NOW - timedelta(days=days), confirmed_as="town_hall"
    )
    return shop


def test_the_order_of_calls():
    confirmed(make_shop("Récent"), 2)
    confirmed(make_shop("Ancien"), 400)
    make_call(make_shop("Muet aujourd’hui"), now=NOW - timedelta(hours=1))
    make_call(make_shop("Muet hier"), now=NOW - timedelta(days=1))
    make_shop("Jamais")
    today = NOW.replace(hour=0, minute=0)
    assert names(Shop.objects.in_call_order(today)) == [
        "Muet hier", "Jamais", "Ancien", "Récent", "Muet aujourd’hui",
    ]  # fmt: skip


def test_who_has_a_number_hours_or_a_fresh_confirmation():
    make_shop("Tout", phone=PHONE, phone_is_public=False)
    make_shop("Sans horaires", hours=None)
    confirmed(make_shop("Ancien"), 200)
    confirmed(make_shop("Récent"), 10)
    assert names(Shop.objects.with_phone()) == ["Tout"]
    assert names(Shop.objects.without_hours()) == ["Sans horaires"]
    old = Shop.objects.unconfirmed_since(NOW - timedelta(days=183))
    assert sorted(names(old)) == ["Ancien", "Sans horaires", "Tout"]


def test_hours_of_a_special_period_are_no_usual_week():
    shop = make_shop(hours="2026 Dec 01-2026 Dec 10 10:00-12:00")
    assert shop.schedule.specials and not shop.schedule.weekly
    assert list(Shop.objects.without_hours()) == [shop]


def test_who_says_nothing_of_a_public_holiday():
    make_shop("Fermé", holiday_rule=HolidayRule.CLOSED)
    make_shop("Comme d’habitude", holiday_rule=HolidayRule.AS_USUAL)
    make_untold("Inconnu")
    closures.close_exceptionally(make_untold("Annoncé"), CHRISTMAS, by=None, now=NOW)
    winter = date(2026, 12, 20), date(2026, 12, 30)
    closures.add_holiday(make_untold("En congé"), *winter, by=None, now=NOW)
    make_untold("Autre jour", "; 2026 Dec 24 10:00-12:00")
    make_untold("Horaires d’hiver", "; 2026 Dec 20-2026 Dec 30 10:00-12:00")
    make_untold("Ouvert ce jour-là", "; 2026 Dec 25 10:00-12:00")
    untold = Shop.objects.untold_on_holiday(CHRISTMAS)
    assert sorted(names(untold)) == ["Autre jour", "Horaires d’hiver", "Inconnu"]


def test_the_last_call():
    shop = make_shop()
    make_call(shop, now=NOW - timedelta(days=3))
    make_call(shop, now=NOW - timedelta(days=1))
    make_shop("Jamais appelé")
    told = Shop.objects.with_last_call().order_by("pk")
    assert [(row.last_call_at, row.last_call_outcome) for row in told] == [
        (NOW - timedelta(days=1), "no_answer"), (None, None),
    ]  # fmt: skip
