"""Writing a schedule as an OpenStreetMap `opening_hours` value.

https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification. A reader of the value
paints its rules one over the other, so they go from the weakest to the strongest: weekly rows,
hours for several days, public holidays, explicit days. Inside one level the latest date comes
first, so that the night of a special day is not cut by the day after it.

In that reading a closed day does not take back the night that its weekly row would have
opened: `Mo-Su 20:00-26:00; PH off` is open at 01:00 on the morning after a public holiday. Here
a closed evening has no night, so two kinds of corrections are written, only for schedules with
rows past midnight: `PH +1 day 00:00-02:00 off`, and exact hours for the early morning that
follows a special period.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from . import engine
from .holiday import holidays_between
from .periods import DAY, HolidayRule, Period, SpecialKind, SpecialPeriod, State, subtracted

if TYPE_CHECKING:
    from .schedule import Schedule

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
APPOINTMENT = 'unknown "sur rendez-vous"'
ONE_DAY = timedelta(days=1)


def to_osm(schedule: "Schedule") -> str:
    """See Schedule.to_osm."""
    groups: list[list[str]] = []  # joined by "; ", the rules of one group by ", "
    groups += _weekly(schedule)
    wide = [special for special in schedule.specials if not special.is_explicit]
    explicit = [special for special in schedule.specials if special.is_explicit]
    for special in reversed(wide):
        groups.append(_special(special))
        groups += _holiday_mornings(schedule, special)
        groups += _morning_after(schedule, special.end, special)
    if schedule.holiday_rule == HolidayRule.CLOSED:
        groups.append(["PH off"])
    elif schedule.holiday_rule == HolidayRule.UNKNOWN and (schedule.weekly or groups or explicit):
        groups.append(["PH unknown"])
    for special in reversed(explicit):
        groups.append(_special(special))
    for special in reversed(explicit):
        groups += _morning_after(schedule, special.end, special)
    if groups and not schedule.weekly:
        groups.insert(0, ["unknown"])
    return "; ".join(", ".join(rules) for rules in groups)


def _weekly(schedule: "Schedule") -> list[list[str]]:
    """The weekly rows, then what a public holiday takes back from the next morning."""
    rows = schedule.weekly
    if not rows:
        return []
    if rows == tuple(Period(weekday, 0, DAY) for weekday in range(7)):
        return [["24/7"]]
    opened = [row for row in rows if not row.by_appointment]
    appointments = [row for row in rows if row.by_appointment]
    # Open time wins over appointments, so it is painted after them when they may meet.
    additional = bool(appointments) or any(row.closes > DAY for row in rows)
    rules = [f"{rule} {APPOINTMENT}" for rule in _rules(appointments)] + _rules(opened)
    groups = [rules] if additional else [[rule] for rule in rules]
    night = max((row.closes - DAY for row in rows), default=0)
    if night > 0 and schedule.holiday_rule != HolidayRule.AS_USUAL:
        early = [
            Period(row.weekday, row.opens, min(row.closes, night), row.by_appointment)
            for row in rows
            if row.opens < night
        ]
        groups.append(
            [
                f"PH +1 day {_span(0, night)} off",
                *(f"{rule} {APPOINTMENT}" for rule in _rules(p for p in early if p.by_appointment)),
                *_rules(p for p in early if not p.by_appointment),
            ]
        )
    return groups


def _rules(periods: Iterable[Period], dates: str = "") -> list[str]:
    """One rule per group of weekdays that have the same hours."""
    by_day: dict[int, list[Period]] = {}
    for period in sorted(periods):
        by_day.setdefault(period.weekday, []).append(period)
    grouped: dict[str, list[int]] = {}
    for weekday, rows in by_day.items():
        hours = ",".join(_span(row.opens, row.closes) for row in rows)
        grouped.setdefault(hours, []).append(weekday)
    return [f"{dates}{_weekdays(days)} {hours}" for hours, days in grouped.items()]


def _weekdays(days: list[int]) -> str:
    """Mo-Fr,Su for [0, 1, 2, 3, 4, 6]."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        WEEKDAYS[run[0]] if len(run) == 1 else f"{WEEKDAYS[run[0]]}-{WEEKDAYS[run[-1]]}"
        for run in runs
    )


def _special(special: SpecialPeriod) -> list[str]:
    """The rules of one special period; the first one owns its days."""
    dates = _date(special.start)
    if special.end != special.start:
        dates += f"-{_date(special.end)}"
    comment = _comment(special.reason)
    if special.kind == SpecialKind.UNKNOWN:
        return [f"{dates} unknown{comment}"]
    rules = [f"{dates} off{comment}"]
    for by_appointment in (True, False):
        rows = [row for row in special.periods if row.by_appointment == by_appointment]
        suffix = f" {APPOINTMENT}" if by_appointment else comment
        if special.start == special.end:
            hours = ",".join(_span(row.opens, row.closes) for row in rows)
            rules += [f"{dates} {hours}{suffix}"] if rows else []
        else:
            rules += [rule + suffix for rule in _rules(rows, f"{dates} ")]
    return rules


def _holiday_mornings(schedule: "Schedule", special: SpecialPeriod) -> list[list[str]]:
    """The mornings after public holidays inside hours for several days."""
    if schedule.holiday_rule == HolidayRule.AS_USUAL or not any(
        row.closes > DAY for row in special.periods
    ):
        return []
    groups: list[list[str]] = []
    for holiday in holidays_between(special.start, special.end, schedule.holiday_zone):
        if holiday != special.end:  # the last one is followed by its own correction
            groups += _morning_after(schedule, holiday, special)
    return groups


def _morning_after(schedule: "Schedule", last: date, special: SpecialPeriod) -> list[list[str]]:
    """Exact early hours of the day after `last`, when painting alone gets them wrong.

    That is when weekly rows (or the hours for several days) would have opened a night that the
    special day or the holiday does not have, or when a night by appointment meets open time.
    """
    if last == date.max:
        return []
    morning = last + ONE_DAY
    if engine.plan(schedule, morning).level > engine.plan(schedule, last).level:
        return []
    weekday = last.weekday()
    weekly = schedule.rows_by_weekday[weekday]
    nightly = [row for row in special.periods if row.weekday == weekday]
    night = max((row.closes - DAY for row in (*weekly, *nightly)), default=0)
    if night <= 0 or _paints_right(schedule, morning, night, weekly, nightly):
        return []
    dates = _date(morning)
    rules = [f"{dates} {_span(0, night)} off"]
    for start, end, found in engine.pieces(schedule, morning):
        end = min(end, night)
        if start < end and found == State.OPEN:
            rules.append(f"{dates} {_span(start, end)}")
        elif start < end and found == State.UNKNOWN:
            rules.append(f"{dates} {_span(start, end)} unknown")
    return [rules]


def _paints_right(
    schedule: "Schedule",
    morning: date,
    night: int,
    weekly: Iterable[Period],
    nightly: Iterable[Period],
) -> bool:
    """Whether the rules alone give the early hours of `morning`, up to minute `night`."""
    plan = engine.plan(schedule, morning)
    rows = [*nightly, *(weekly if plan.level == 0 else ())]
    if any(row.by_appointment for row in (*rows, *plan.periods)):
        return False  # painting order matters: not worth telling
    spans = [(0, row.closes - DAY) for row in rows] + [(p.opens, p.closes) for p in plan.periods]
    for start, end, found in engine.pieces(schedule, morning):
        if start >= night:
            break
        left = subtracted((start, min(end, night)), spans)
        if left != ([] if found == State.OPEN else [(start, min(end, night))]):
            return False
    return True


def _date(day: date) -> str:
    return f"{day.year:04} {MONTHS[day.month - 1]} {day.day:02}"


def _span(opens: int, closes: int) -> str:
    return f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


def _comment(text: str) -> str:
    """The reason as an OSM comment, which cannot hold a double quote."""
    text = " ".join(text.replace('"', "’").split())
    return f' "{text}"' if text else ""
