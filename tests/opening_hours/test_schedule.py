"""The rules, by hand: one line per case, then the constructor and the special periods."""

from datetime import UTC, date, datetime

import pytest

from merchants.opening_hours import (
    HolidayRule,
    OpeningHoursError,
    Period,
    Schedule,
    Source,
    SpecialKind,
    SpecialPeriod,
    State,
    with_special,
)

from .shared import local, week

CLOSED, USUAL, UNKNOWN = HolidayRule.CLOSED, HolidayRule.AS_USUAL, HolidayRule.UNKNOWN


def closure(start, end=None, reason=""):
    return SpecialPeriod(
        date.fromisoformat(start), date.fromisoformat(end or start), SpecialKind.CLOSED, (), reason
    )


def hours(start, end, table):
    return SpecialPeriod(
        date.fromisoformat(start), date.fromisoformat(end), SpecialKind.HOURS, week(table)
    )


def told_later(start, end=None):
    return SpecialPeriod(
        date.fromisoformat(start), date.fromisoformat(end or start), SpecialKind.UNKNOWN
    )


BAKERY = Schedule(week({"Tu-Sa": "7:00-13:00 15:30-19:30", "Su": "7:00-13:00"}), (), CLOSED)
BOOKSHOP = Schedule(week({"Mo-Sa": "9:00-12:30 14:00-19:00"}), (), CLOSED)
BAR = Schedule(week({"Mo-Su": "18:00-26:00"}), (), USUAL)
BAR_CLOSING = Schedule(week({"Mo-Su": "18:00-26:00"}), (), CLOSED)
LATE_SATURDAY = Schedule(week({"Sa": "18:00-28:00", "Su": "10:00-12:00"}), (), USUAL)
GROCER = Schedule(week({"Mo-Su": "8:00-20:00"}), (), UNKNOWN)
STRASBOURG = Schedule(week({"Mo-Sa": "9:00-18:00"}), (), CLOSED, holiday_zone="alsace-moselle")
LAUNDRY = Schedule(week({"Mo-Su": "0:00-24:00"}), (), USUAL)
NIGHT = Schedule(week({"Mo-Su": "1:00-2:30"}), (), USUAL)
NOTHING = Schedule()
# closed on holidays, yet open on 14 July (one explicit day wins over the rule)
PATRIOT = with_special(BOOKSHOP, hours("2025-07-14", "2025-07-14", {"Mo": "10:00-12:00"}))
OPTICIAN = Schedule(
    week({"Mo-Fr": "9:00-12:00"}) + week({"Mo-Fr": "14:00-18:00"}, by_appointment=True), (), USUAL
)
NOTARY = Schedule(week({"We": "9:00-17:00"}, by_appointment=True), (), USUAL)
MIXED = Schedule(week({"Mo": "9:00-12:00"}) + week({"Mo": "8:00-18:00"}, by_appointment=True))
SUMMER = with_special(
    BOOKSHOP, hours("2026-07-01", "2026-08-31", {"Mo-Fr": "8:00-13:00", "Sa": "8:00-26:00"})
)
CHRISTMAS = with_special(GROCER, closure("2026-12-24", "2027-01-03", "congés"))
FAIR = with_special(BOOKSHOP, hours("2026-10-14", "2026-10-14", {"We": "14:00-22:00"}))
BAR_AWAY = with_special(BAR, closure("2026-11-21"))
NEW_YEAR = with_special(
    with_special(BAR, hours("2026-12-31", "2026-12-31", {"Th": "18:00-30:00"})),
    closure("2027-01-01"),
)
ROADWORKS = with_special(GROCER, told_later("2026-09-07", "2026-09-09"))
MARTINIQUE = Schedule(week({"Mo-Fr": "8:00-17:00"}), (), CLOSED, "America/Martinique", "martinique")
REUNION = Schedule(week({"Mo-Su": "8:00-17:00"}), (), CLOSED, "Indian/Reunion", "la-reunion")
MARKET = Schedule(week({"Sa": "6:00-9:00 10:00-13:00 15:00-17:00 19:00-21:00"}), (), USUAL)

GOLDEN = [
    # what, schedule, local time, state
    ("open in the morning", BAKERY, "2026-03-10 08:00", "open"),
    ("the very minute of opening", BAKERY, "2026-03-10 07:00", "open"),
    ("one second before opening", BAKERY, "2026-03-10 06:59:59", "closed"),
    ("last second before the break", BAKERY, "2026-03-10 12:59:59", "open"),
    ("lunch break begins on the minute", BAKERY, "2026-03-10 13:00", "closed"),
    ("lunch break", BAKERY, "2026-03-10 14:00", "closed"),
    ("after the break", BAKERY, "2026-03-10 15:30", "open"),
    ("weekly closing day", BAKERY, "2026-03-09 10:00", "closed"),
    ("Sunday afternoon", BAKERY, "2026-03-15 16:00", "closed"),
    ("1 May, closed on holidays", BOOKSHOP, "2026-05-01 10:00", "closed"),
    ("1 May, as usual", BAR, "2026-05-01 19:00", "open"),
    ("1 May, not told", GROCER, "2026-05-01 10:00", "unknown"),
    ("holiday not told: the whole day, even at night", GROCER, "2026-05-01 03:00", "unknown"),
    ("the day before the holiday", GROCER, "2026-04-30 10:00", "open"),
    ("14 July on a Monday, closed", BOOKSHOP, "2025-07-14 10:00", "closed"),
    ("open on 14 July only", PATRIOT, "2025-07-14 10:00", "open"),
    ("14 July has its own hours", PATRIOT, "2025-07-14 14:30", "closed"),
    ("…but not on 15 August", PATRIOT, "2025-08-15 10:00", "closed"),
    ("Good Friday in Strasbourg", STRASBOURG, "2026-04-03 10:00", "closed"),
    ("26 December in Strasbourg", STRASBOURG, "2026-12-26 10:00", "closed"),
    ("Good Friday in Paris", BOOKSHOP, "2026-04-03 10:00", "open"),
    ("past midnight", BAR, "2026-03-11 01:59", "open"),
    ("past midnight, over", BAR, "2026-03-11 02:00", "closed"),
    ("Saturday night lasts into Sunday", LATE_SATURDAY, "2026-03-15 03:59", "open"),
    ("…from Sunday to Monday (week wraps)", BAR, "2026-03-16 01:00", "open"),
    ("a Saturday night is no Sunday night", LATE_SATURDAY, "2026-03-16 03:00", "closed"),
    ("the night before a holiday stops at midnight", BAR_CLOSING, "2026-07-14 01:00", "closed"),
    ("a closed holiday has no night", BAR_CLOSING, "2026-07-15 01:00", "closed"),
    ("the evening after", BAR_CLOSING, "2026-07-15 18:00", "open"),
    ("a closure owns its day from midnight", BAR_AWAY, "2026-11-21 01:00", "closed"),
    ("before the closure", BAR_AWAY, "2026-11-20 23:59", "open"),
    ("a closed evening has no night", BAR_AWAY, "2026-11-22 01:00", "closed"),
    ("New Year's Eve until six, over a closure", NEW_YEAR, "2027-01-01 05:00", "open"),
    ("…and then closed", NEW_YEAR, "2027-01-01 06:00", "closed"),
    ("clock goes forward: open at 01:59", NIGHT, "2026-03-29 01:59", "open"),
    ("clock goes forward: 03:00 follows", NIGHT, "2026-03-29 03:00", "closed"),
    ("clock goes back: 02:10 the first time", NIGHT, "2026-10-25 02:10", "open"),
    ("special afternoon: closed in the morning", FAIR, "2026-10-14 10:00", "closed"),
    ("special afternoon: open late", FAIR, "2026-10-14 21:00", "open"),
    ("the day after, as usual", FAIR, "2026-10-15 10:00", "open"),
    ("no hours at all", NOTHING, "2026-03-10 10:00", "unknown"),
    ("by appointment", NOTARY, "2026-03-11 10:00", "unknown"),
    ("by appointment, outside", NOTARY, "2026-03-11 18:00", "closed"),
    ("open, then by appointment", OPTICIAN, "2026-03-10 11:00", "open"),
    ("…the appointments", OPTICIAN, "2026-03-10 15:00", "unknown"),
    ("appointment under open hours: open wins", MIXED, "2026-03-09 10:00", "open"),
    ("appointment around open hours", MIXED, "2026-03-09 13:00", "unknown"),
    ("whole summer hours", SUMMER, "2026-07-15 09:00", "open"),
    ("whole summer hours: afternoon", SUMMER, "2026-07-15 15:00", "closed"),
    ("14 July inside the summer keeps its rule", SUMMER, "2026-07-14 09:00", "closed"),
    ("summer night spills over Sunday", SUMMER, "2026-08-30 01:00", "open"),
    ("no summer night before the summer", SUMMER, "2026-06-28 01:00", "closed"),
    ("after the summer", SUMMER, "2026-09-01 15:00", "open"),
    ("closed over Christmas", CHRISTMAS, "2026-12-24 10:00", "closed"),
    ("closure wins over an untold holiday", CHRISTMAS, "2026-12-25 10:00", "closed"),
    ("last day of the closure", CHRISTMAS, "2027-01-03 19:59", "closed"),
    ("back again", CHRISTMAS, "2027-01-04 08:00", "open"),
    ("not told for three days", ROADWORKS, "2026-09-08 10:00", "unknown"),
    ("24/7", LAUNDRY, "2026-03-10 00:00", "open"),
    ("24/7 on Christmas day", LAUNDRY, "2026-12-25 04:00", "open"),
    ("several periods: second", MARKET, "2026-03-14 12:00", "open"),
    ("several periods: between third and fourth", MARKET, "2026-03-14 18:00", "closed"),
]


@pytest.mark.parametrize(
    ("schedule", "at", "state"), [row[1:] for row in GOLDEN], ids=[row[0] for row in GOLDEN]
)
def test_golden(schedule, at, state):
    assert schedule.state(local(at, schedule.timezone)) == state


@pytest.mark.parametrize(
    ("schedule", "at", "state"),
    [
        (MARTINIQUE, datetime(2026, 3, 10, 12, 0, tzinfo=UTC), "open"),  # 8:00 there
        (MARTINIQUE, datetime(2026, 3, 10, 11, 59, tzinfo=UTC), "closed"),
        (MARTINIQUE, datetime(2026, 5, 22, 15, 0, tzinfo=UTC), "closed"),  # Abolition
        (REUNION, datetime(2026, 3, 10, 4, 0, tzinfo=UTC), "open"),
        (REUNION, datetime(2026, 12, 20, 6, 0, tzinfo=UTC), "closed"),
        # the hour that comes twice: 01:10 UTC is 02:10 again, in winter time
        (NIGHT, datetime(2026, 10, 25, 0, 10, tzinfo=UTC), "open"),
        (NIGHT, datetime(2026, 10, 25, 0, 40, tzinfo=UTC), "closed"),
        (NIGHT, datetime(2026, 10, 25, 1, 10, tzinfo=UTC), "open"),
    ],
)
def test_zones_and_repeated_hour(schedule, at, state):
    assert schedule.state(at) == state


@pytest.mark.parametrize(
    ("schedule", "at", "then"),
    [
        (BAKERY, "2026-03-10 08:00", "2026-03-10 13:00+01:00"),
        (BAKERY, "2026-03-10 13:00", "2026-03-10 15:30+01:00"),
        (BAKERY, "2026-03-08 14:00", "2026-03-10 07:00+01:00"),
        (BAKERY, "2026-03-28 20:00", "2026-03-29 07:00+02:00"),
        (BAR, "2026-03-10 23:00", "2026-03-11 02:00+01:00"),
        (BAR_CLOSING, "2026-07-13 23:00", "2026-07-14 00:00+02:00"),
        (GROCER, "2026-04-30 21:00", "2026-05-01 00:00+02:00"),
        (NIGHT, "2026-03-29 01:30", "2026-03-29 03:00+02:00"),
        (NIGHT, "2026-10-25 01:30", "2026-10-25 02:30+02:00"),
        (CHRISTMAS, "2026-12-23 21:00", "2027-01-04 08:00+01:00"),
        (ROADWORKS, "2026-09-07 10:00", "2026-09-10 00:00+02:00"),
    ],
)
def test_next_change(schedule, at, then):
    found = schedule.next_change(local(at))
    assert found.tzinfo is schedule.zone
    # in UTC, because Python never finds times of the repeated hour equal across zones
    assert found.astimezone(UTC) == datetime.fromisoformat(then)


def test_next_change_in_the_repeated_hour():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30, summer time: closed
    again = NIGHT.next_change(first).astimezone(UTC)
    assert again == datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    assert NIGHT.next_change(again).astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_nothing_ever_changes():
    assert LAUNDRY.next_change(local("2026-03-10 10:00")) is None
    assert NOTHING.next_change(local("2026-03-10 10:00")) is None


def test_a_change_beyond_thirteen_months_is_not_seen():
    schedule = with_special(LAUNDRY, closure("2027-12-01"))
    assert schedule.next_change(local("2026-03-10 10:00")) is None
    assert schedule.next_change(local("2027-01-10 10:00")) == local("2027-12-01 00:00")


def test_naive_instants_are_refused():
    with pytest.raises(ValueError, match="aware"):
        BAKERY.state(datetime(2026, 3, 10))
    with pytest.raises(ValueError, match="aware"):
        BAKERY.next_change(datetime(2026, 3, 10))


def test_day():
    day = SUMMER.day(date(2026, 7, 15))
    assert (day.source, day.closed, day.unknown, day.holiday) == (
        Source.SPECIAL,
        False,
        False,
        None,
    )
    assert day.periods == (Period(2, 480, 780),)
    holiday = SUMMER.day(date(2026, 7, 14))
    assert (holiday.source, holiday.label, holiday.closed) == (
        Source.HOLIDAY,
        "Fête nationale",
        True,
    )
    assert CHRISTMAS.day(date(2026, 12, 26)).label == "congés"
    assert NOTHING.day(date(2026, 3, 10)).source == Source.NONE
    assert [day.date.day for day in BAKERY.week(date(2026, 3, 9))] == [9, 10, 11, 12, 13, 14, 15]


def test_rows_are_merged():
    rows = week({"Mo": "9:00-12:00 11:00-14:00 14:00-15:00 20:00-22:00"})
    assert Schedule(rows).weekly == week({"Mo": "9:00-15:00 20:00-22:00"})


def test_merged_rows_stay_within_a_day():
    rows = (Period(0, 0, 1440), Period(0, 600, 1560))
    assert Schedule(rows).weekly == (Period(0, 0, 600), Period(0, 600, 1560))


def test_open_rows_are_cut_out_of_appointments():
    assert MIXED.weekly == tuple(
        sorted(
            week({"Mo": "9:00-12:00"}) + week({"Mo": "8:00-9:00 12:00-18:00"}, by_appointment=True)
        )
    )


def test_special_rows_of_other_weekdays_are_dropped():
    special = hours("2026-10-14", "2026-10-15", {"Mo-Su": "14:00-22:00"})
    assert special.periods == week({"We-Th": "14:00-22:00"})


def test_special_periods_are_disjoint():
    with pytest.raises(OpeningHoursError) as error:
        Schedule((), (closure("2026-08-01", "2026-08-20"), closure("2026-08-20")))
    assert str(error.value) == (
        "Deux périodes exceptionnelles se chevauchent\u00a0: du 01/08/2026 au 20/08/2026 et du "
        "20/08/2026 au 20/08/2026."
    )


def test_with_special_splits():
    schedule = with_special(SUMMER, closure("2026-07-10", "2026-07-20"))
    assert [(s.start.isoformat(), s.end.isoformat(), s.kind) for s in schedule.specials] == [
        ("2026-07-01", "2026-07-09", SpecialKind.HOURS),
        ("2026-07-10", "2026-07-20", SpecialKind.CLOSED),
        ("2026-07-21", "2026-08-31", SpecialKind.HOURS),
    ]


def test_with_special_removes_what_it_covers():
    schedule = with_special(FAIR, closure("2026-10-01", "2026-10-31"))
    assert schedule.specials == (closure("2026-10-01", "2026-10-31"),)


def test_values_compare_with_strings():
    assert State.OPEN == "open"
    assert Schedule(holiday_rule="closed").holiday_rule is HolidayRule.CLOSED


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Period(0, 600, 600), "La plage «\u00a010:00-10:00\u00a0» n’est pas valable"),
        (lambda: Period(7, 600, 660), "n’est pas valable"),
        (lambda: Period(0, 600, 2041), "moins de 24\u00a0heures"),
        (lambda: closure("2026-08-20", "2026-08-01"), "finit avant de commencer"),
        (
            lambda: SpecialPeriod(
                date(2026, 1, 1), date(2026, 1, 1), SpecialKind.CLOSED, (Period(3, 0, 60),)
            ),
            "Une période de fermeture ne peut pas porter d’horaires.",
        ),
        (lambda: Schedule(timezone="Europe/Niort"), "Le fuseau horaire «\u00a0Europe/Niort\u00a0»"),
        (lambda: Schedule(holiday_zone="corse"), "La zone de jours fériés"),
    ],
)
def test_refused_values(make, sentence):
    with pytest.raises(OpeningHoursError) as error:
        make()
    assert sentence in str(error.value)


def test_to_osm_by_hand():
    assert BOOKSHOP.to_osm() == "Mo-Sa 09:00-12:30,14:00-19:00; PH off"
    assert GROCER.to_osm() == "Mo-Su 08:00-20:00; PH unknown"
    assert LAUNDRY.to_osm() == "24/7"
    assert NOTHING.to_osm() == ""
    assert BAR_CLOSING.to_osm() == "Mo-Su 18:00-26:00; PH +1 day 00:00-02:00 off; PH off"
    assert CHRISTMAS.to_osm() == (
        'Mo-Su 08:00-20:00; PH unknown; 2026 Dec 24-2027 Jan 03 off "congés"'
    )
    assert FAIR.to_osm() == (
        "Mo-Sa 09:00-12:30,14:00-19:00; PH off; 2026 Oct 14 off, 2026 Oct 14 14:00-22:00"
    )
    assert BAR_AWAY.to_osm() == "Mo-Su 18:00-26:00; 2026 Nov 21 off; 2026 Nov 22 00:00-02:00 off"
    assert OPTICIAN.to_osm() == ('Mo-Fr 14:00-18:00 unknown "sur rendez-vous", Mo-Fr 09:00-12:00')
    assert with_special(NOTHING, closure("2026-03-10")).to_osm() == (
        "unknown; PH unknown; 2026 Mar 10 off"
    )
