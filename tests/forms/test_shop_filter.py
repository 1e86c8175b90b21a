from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from merchants.forms.shop_filter import ShopFilterForm
from merchants.models.commune import PARIS

MONDAY = datetime(2026, 11, 23, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize("hour", [8, 12, 21])
@pytest.mark.parametrize("day", range(7))
def test_no_moment_is_offered_twice_and_none_is_past(day, hour):
    now = MONDAY + timedelta(days=day, hours=hour)
    form = ShopFilterForm({}, categories={}, now=now, clock=PARIS)
    instants = [form.instant_of(value) for value, _label in form.moments()]
    assert len(set(instants)) == len(instants)
    assert all(instant >= now for instant in instants)


def test_on_a_saturday_tomorrow_is_sunday_morning():
    now = MONDAY + timedelta(days=5, hours=21)
    form = ShopFilterForm({}, categories={}, now=now, clock=PARIS)
    assert [label for _value, label in form.moments()] == ["Maintenant", "Dimanche matin (10\xa0h)"]
