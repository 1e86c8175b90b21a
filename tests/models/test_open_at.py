"""The SQL filter says what the engine says, for any schedule at any instant, in any zone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours

from merchants.models import Shop
from merchants.models.commune import CLOCKS, PARIS
from merchants.opening_hours import State, from_osm
from merchants.workflow.listing import set_hours
from tests.factories import make_commune, make_shop
from tests.opening_hours.strategies import instants, schedules

pytestmark = pytest.mark.django_db

SHOPS = 6
WITH_INSTANTS = st.lists(
    schedules().flatmap(lambda s: st.tuples(st.just(s), st.lists(instants(s), min_size=3))),
    min_size=SHOPS,
    max_size=SHOPS,
)


@pytest.fixture
def shops():
    commune = make_commune()
    return [make_shop(commune=commune, name=f"Commerce {i}") for i in range(SHOPS)]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WITH_INSTANTS)
def test_agrees_with_the_engine_and_the_reference(shops, cases):
    moments = set()
    expected = {}
    for shop, (schedule, its_instants) in zip(shops, cases, strict=True):
        set_hours(shop, schedule, by=None, now=datetime.now(UTC))
        moments.update(its_instants)
        expected[shop.pk] = schedule
    for moment in moments:
        engine = {pk for pk, schedule in expected.items() if schedule.state(moment) == State.OPEN}
        found = Shop.objects.open_at(moment, [PARIS]).values_list("pk", flat=True)
        assert set(found) == engine
        reference = {
            pk for pk, schedule in expected.items() if _reference_is_open(schedule, moment)
        }
        assert reference == engine


def _reference_is_open(schedule, moment) -> bool:
    text = schedule.to_osm()
    if not text:
        return False
    reference = OpeningHours(text, timezone=schedule.zone, country="FR")
    return reference.is_open(moment.astimezone(schedule.zone))


def test_what_is_read_back_is_what_was_written(shops):
    schedule = from_osm(
        "Mo-Fr 09:00-12:00,14:00-26:00; PH off; 2026 Dec 24 09:00-12:00",
        today=datetime(2026, 11, 23).date(),
    )
    set_hours(shops[0], schedule, by=None, now=datetime.now(UTC))
    shop = Shop.objects.get(pk=shops[0].pk)
    assert shop.schedule.weekly == schedule.weekly
    assert shop.schedule.specials == schedule.specials
    assert shop.schedule.holiday_rule == schedule.holiday_rule


def test_every_commune_keeps_its_own_clock_and_holidays():
    """At the same instant a shop is open in Paris and not yet in Martinique or in Strasbourg."""
    day = "Mo-Su 09:00-12:00; PH off"
    paris = make_shop(commune=make_commune(), hours=day)
    places = {
        department: make_shop(
            commune=make_commune(
                insee_code=f"{department:0<5}",
                name=f"Ville {department}",
                department=department,
                timezone=CLOCKS[department].timezone,
                holiday_zone=CLOCKS[department].holiday_zone,
            ),
            hours=day,
        )
        for department in ("67", "972", "974")
    }
    good_friday = datetime(2026, 4, 3, 8, 30, tzinfo=UTC)
    assert list(Shop.objects.open_at(good_friday)) == [paris]
    martinique_morning = datetime(2026, 4, 2, 14, 0, tzinfo=UTC)
    assert list(Shop.objects.open_at(martinique_morning)) == [places["972"]]
    reunion_morning = datetime(2026, 4, 2, 5, 30, tzinfo=UTC)
    assert list(Shop.objects.open_at(reunion_morning)) == [places["974"]]
    assert not Shop.objects.open_at(good_friday + timedelta(hours=9)).exists()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["67", "972", "974", "987"]).flatmap(
        lambda department: st.tuples(
            st.just(department), schedules(*CLOCKS[department]), st.lists(instants(), min_size=4)
        )
    )
)
def test_agrees_with_the_engine_in_other_zones(places, case):
    department, schedule, moments = case
    shop = places[department]
    set_hours(shop, schedule, by=None, now=datetime.now(UTC))
    for moment in moments:
        found = Shop.objects.filter(pk=shop.pk).open_at(moment, [CLOCKS[department]])
        assert found.exists() == (schedule.state(moment) == State.OPEN)


@pytest.fixture
def places():
    return {
        department: make_shop(
            commune=make_commune(f"Ville {department}", department=department), hours=None
        )
        for department in ("67", "972", "974", "987")
    }
