"""Random schedules against the reference evaluator of opening-hours-rs."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from merchants.opening_hours import Schedule, from_osm, with_special

from .shared import Reference, agreed
from .strategies import FIRST, instants, schedules, specials, weeks

QUIET = {
    # bounded and repeatable: the whole file takes about 15 s on one core
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": [
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
}


@settings(max_examples=140, **QUIET)
@given(st.data())
def test_engine_equals_the_reference(data):
    schedule = data.draw(schedules())
    text = schedule.to_osm()
    assume(text)
    reference = Reference(text)
    assert not reference.hours.warnings
    for at in data.draw(st.lists(instants(schedule), min_size=8, max_size=8)):
        assert schedule.state(at).value == reference.state(at), (text, at)


def boundaries(text: str):
    """The instants of 2026 at which the reference changes, and the minutes before them."""
    reference = Reference(text)
    start = datetime(2026, 1, 1, tzinfo=reference.zone)
    end = datetime(2026, 12, 31, tzinfo=reference.zone)
    for begin, _until, _state, _comment in reference.hours.intervals(start, end):
        yield begin.astimezone(UTC)
        yield begin.astimezone(UTC) - timedelta(minutes=1)


@settings(max_examples=150, **QUIET)
@given(schedules())
def test_every_boundary_of_a_year_equals_the_reference(schedule):
    text = schedule.to_osm()
    assume(text)
    agreed(schedule, text, boundaries(text))


@settings(max_examples=60, **QUIET)
@given(schedules())
def test_round_trip(schedule):
    text = schedule.to_osm()
    assume(text)
    read = from_osm(text, today=FIRST)
    for at in boundaries(text):
        if at.year == 2026:
            assert read.state(at) == schedule.state(at), (text, read.to_osm(), at)


@settings(max_examples=40, **QUIET)
@given(weeks())
def test_a_plain_week_is_read_for_ever(rows):
    schedule = Schedule(weekly=rows, holiday_rule="closed")
    assume(schedule.weekly and all(row.closes <= 1440 for row in schedule.weekly))
    read = from_osm(schedule.to_osm(), today=FIRST)
    assert (read.specials, read.exact_until) == ((), None)


@settings(max_examples=120, **QUIET)
@given(st.data())
def test_next_change_is_the_first_change(data):
    schedule = data.draw(schedules())
    at = data.draw(instants(schedule))
    now = schedule.state(at)
    change = schedule.next_change(at)
    step = at
    limit = min(change or at + timedelta(days=12), at + timedelta(days=12))
    while step < limit:
        assert schedule.state(step) == now, (schedule.to_osm(), at, step)
        step += timedelta(minutes=1 if step - at < timedelta(days=1) else 17)
    if change:
        assert change > at
        assert schedule.state(change) != now
        assert schedule.state(change - timedelta(seconds=1)) == now


@settings(max_examples=150, **QUIET)
@given(schedules(), specials())
def test_with_special_owns_its_days_and_keeps_the_others(schedule, special):
    changed = with_special(schedule, special)
    assert special in changed.specials
    for shift in range(-3, 70):
        day = special.start + timedelta(days=shift)
        old, new = schedule.special_on(day), changed.special_on(day)
        if special.covers(day):
            assert new == special
        else:
            assert (new is None) == (old is None)
            assert new is None or (new.kind, new.reason) == (old.kind, old.reason)
