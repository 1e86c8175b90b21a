"""Random schedules and instants for hypothesis; also used by the SQL filter's test."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from merchants.opening_hours import (
    HolidayRule,
    Period,
    Schedule,
    SpecialKind,
    SpecialPeriod,
    holidays_between,
    with_special,
)

FIRST = date(2026, 1, 1)
LAST = date(2026, 12, 31)

# Days on which rules meet: holidays with their neighbours, clock changes, year ends.
BUSY_DAYS = sorted(
    {
        day + timedelta(days=shift)
        for day in [
            *holidays_between(FIRST, LAST),
            date(2026, 3, 29),
            date(2026, 10, 25),
            date(2026, 8, 1),
        ]
        for shift in (-1, 0, 1)
    }
)

ANY_DAY = st.integers(0, 6)
MINUTES = st.one_of(
    st.sampled_from([0, 60, 120, 540, 720, 750, 840, 1140, 1200, 1260, 1380, 1439]),
    st.integers(0, 1439),
)
LENGTHS = st.one_of(st.sampled_from([60, 180, 210, 360, 480, 600, 720, 1440]), st.integers(1, 1440))


@st.composite
def periods(draw, weekdays=ANY_DAY):
    """One weekly row; one in five by appointment."""
    opens = draw(MINUTES)
    appointment = draw(st.integers(0, 4)) == 0
    return Period(draw(weekdays), opens, opens + draw(LENGTHS), appointment)


@st.composite
def weeks(draw):
    """Weekly rows: mostly ordinary shops, now and then night bars, 24/7 or nothing at all."""
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return ()
    if kind == 1:
        return tuple(Period(day, 0, 1440) for day in range(7))
    if kind <= 4:
        rows = draw(st.lists(periods(st.just(0)), min_size=1, max_size=2))
        days = draw(st.sets(st.integers(0, 6), min_size=1))
        return tuple(
            Period(day, row.opens, row.closes, row.by_appointment) for day in days for row in rows
        )
    return tuple(draw(st.lists(periods(), min_size=1, max_size=12)))


@st.composite
def specials(draw):
    """One special period of 2026, often at a holiday or a clock change."""
    start = draw(st.one_of(st.sampled_from(BUSY_DAYS), st.dates(FIRST, LAST)))
    days = draw(st.sampled_from([1, 1, 1, 2, 3, 8, 20, 62]))
    kind = draw(st.sampled_from(SpecialKind))
    rows = ()
    if kind == SpecialKind.HOURS:
        rows = tuple(draw(st.lists(periods(), max_size=5)))
        if days == 1:
            rows = tuple(draw(st.lists(periods(st.just(start.weekday())), max_size=2)))
    reason = draw(st.sampled_from(["", "", "congés", 'dit "pont"']))
    return SpecialPeriod(start, start + timedelta(days=days - 1), kind, rows, reason)


@st.composite
def schedules(draw, timezone="Europe/Paris", holiday_zone="metropole"):
    """A whole schedule with up to four special periods (later ones cut earlier ones)."""
    schedule = Schedule(
        weekly=draw(weeks()),
        holiday_rule=draw(st.sampled_from(HolidayRule)),
        timezone=timezone,
        holiday_zone=holiday_zone,
    )
    for special in draw(st.lists(specials(), max_size=4)):
        schedule = with_special(schedule, special)
    return schedule


@st.composite
def instants(draw, schedule=None):
    """An aware instant of 2026 in UTC, to the minute.

    With a schedule, half of them lie within minutes of the schedule's own boundaries.
    """
    day = draw(st.one_of(st.sampled_from(BUSY_DAYS), st.dates(FIRST, LAST)))
    minute = draw(st.integers(0, 1439))
    if schedule is not None and draw(st.booleans()):
        rows = [*schedule.weekly, *(p for s in schedule.specials for p in s.periods)]
        edges = [edge for row in rows for edge in (row.opens, row.closes)] or [0]
        if schedule.specials and draw(st.booleans()):
            special = draw(st.sampled_from(schedule.specials))
            day = draw(st.sampled_from([special.start, special.end]))
            day += timedelta(days=draw(st.integers(-1, 1)))
        minute = draw(st.sampled_from(edges)) % 1440 + draw(st.integers(-1, 1)) - 120
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minute)
