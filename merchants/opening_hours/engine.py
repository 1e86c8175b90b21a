"""The rules: what holds on a day, what is open at an instant, when it changes.

For a local date D the plan comes from the highest level that says something:

3. a special period that is closed, not told, or hours of one single day;
2. a public holiday whose rule is CLOSED or UNKNOWN (the whole day);
1. hours of a special period of several days;
0. the weekly rows (no rows at all in the whole week: not told).

A period of D-1's plan past midnight spills into D and counts there if level(D) <= level(D-1):
closures, holidays and new special hours own their calendar day from 00:00, ordinary days never
cut the night before. Hours are local wall-clock time: on the night that repeats an hour the
state repeats too, and an hour that does not exist is skipped.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from .holiday import holiday_name, is_holiday, next_holiday
from .periods import DAY, HolidayRule, Period, SpecialKind, SpecialPeriod, State

if TYPE_CHECKING:
    from .schedule import Schedule

HORIZON = timedelta(days=400)  # 13 months: how far `next_change` looks
ONE_DAY = timedelta(days=1)


class Plan(NamedTuple):
    """What one date says, before the night of the day before."""

    level: int
    periods: tuple[Period, ...]
    unknown: bool
    special: SpecialPeriod | None


class Source(StrEnum):
    """Where a day's hours come from."""

    WEEKLY = "weekly"
    SPECIAL = "special"
    HOLIDAY = "holiday"
    NONE = "none"  # no hours were ever given


@dataclass(frozen=True)
class Day:
    """One date, ready for a table."""

    date: date
    source: Source
    periods: tuple[Period, ...]
    unknown: bool
    holiday: str | None  # name of the public holiday, whatever the rule makes of it
    special: SpecialPeriod | None

    @property
    def closed(self) -> bool:
        """Nothing opens that day."""
        return not self.periods and not self.unknown

    @property
    def label(self) -> str:
        """French: why this day is not an ordinary one ("" when it is)."""
        if self.special:
            return self.special.reason
        return self.holiday or ""


def plan(schedule: "Schedule", on: date) -> Plan:
    """The plan of one date; about 1 µs."""
    special = schedule.special_on(on)
    if special and special.is_explicit:
        return Plan(3, special.periods, special.kind == SpecialKind.UNKNOWN, special)
    rule = schedule.holiday_rule
    if rule != HolidayRule.AS_USUAL and is_holiday(on, schedule.holiday_zone):
        return Plan(2, (), rule == HolidayRule.UNKNOWN, None)
    weekday = on.weekday()
    if special:
        rows = tuple(p for p in special.periods if p.weekday == weekday)
        return Plan(1, rows, False, special)
    return Plan(0, schedule.rows_by_weekday[weekday], not schedule.weekly, None)


def pieces(schedule: "Schedule", on: date) -> list[tuple[int, int, State]]:
    """The date cut into (start, end, state), in minutes from 0 to 1440, without gaps."""
    today, spill = _today_and_spill(schedule, on)
    rest = State.UNKNOWN if today.unknown else State.CLOSED
    rows = [(p.opens, min(p.closes, DAY), p.by_appointment) for p in today.periods]
    rows += [(0, p.closes - DAY, p.by_appointment) for p in spill]
    if not rows:
        return [(0, DAY, rest)]
    cuts = sorted({0, DAY, *(row[0] for row in rows), *(row[1] for row in rows)})
    result: list[tuple[int, int, State]] = []
    for start, end in pairwise(cuts):
        found = rest
        for opens, closes, by_appointment in rows:
            if opens <= start < closes:
                if not by_appointment:
                    found = State.OPEN
                    break
                found = State.UNKNOWN
        if result and result[-1][2] == found:
            result[-1] = (result[-1][0], end, found)
        else:
            result.append((start, end, found))
    return result


def covering(schedule: "Schedule", at: datetime) -> tuple[Period | None, Plan]:
    """The period in force at an instant (open before by appointment), and the day's plan."""
    local = _local(schedule, at)
    minute = local.hour * 60 + local.minute
    today, spill = _today_and_spill(schedule, local.date())
    appointment = None
    for row in today.periods:
        if row.opens <= minute < row.closes:
            if not row.by_appointment:
                return row, today
            appointment = row
    for row in spill:
        if minute < row.closes - DAY:
            if not row.by_appointment:
                return row, today
            appointment = appointment or row
    return appointment, today


def state(schedule: "Schedule", at: datetime) -> State:
    """The state at an aware instant; see Schedule.state."""
    row, today = covering(schedule, at)
    if row and not row.by_appointment:
        return State.OPEN
    return State.UNKNOWN if row or today.unknown else State.CLOSED


def next_change(schedule: "Schedule", at: datetime) -> datetime | None:
    """First instant after `at` with another state; see Schedule.next_change."""
    local = _local(schedule, at)
    now = state(schedule, at)
    first = on = local.date()
    last = min(first, date.max - HORIZON - ONE_DAY) + HORIZON
    quiet = 0  # ordinary days in a row without a change: after a week and a day, jump
    while on <= last:
        found = _change_within(schedule, on, at if on == first else None, now)
        if found:
            return found
        today = plan(schedule, on)
        following = on + ONE_DAY
        if today.special and on > today.special.start and not today.periods and today.level == 3:
            following = max(following, today.special.end)
        quiet = quiet + 1 if today.level == 0 else 0
        if quiet > 8:
            following = _next_unusual(schedule, following, last)
        on = following
    return None


def day(schedule: "Schedule", on: date) -> Day:
    """What holds on a date; see Schedule.day."""
    found = plan(schedule, on)
    source = {
        3: Source.SPECIAL,
        2: Source.HOLIDAY,
        1: Source.SPECIAL,
        0: Source.WEEKLY,
    }[found.level]
    if found.unknown and found.level != 3 and not schedule.weekly:
        source = Source.NONE  # a holiday can't put in doubt what was never told
    name = holiday_name(on, schedule.holiday_zone)
    return Day(on, source, found.periods, found.unknown, name, found.special)


def night_before(schedule: "Schedule", on: date) -> tuple[Period, ...]:
    """The rows of the day before that still count on a date, past midnight."""
    _today, spill = _today_and_spill(schedule, on)
    return tuple(spill)


def _today_and_spill(schedule: "Schedule", on: date) -> tuple[Plan, list[Period]]:
    """The plan of a date and the rows of the day before that still count there."""
    today = plan(schedule, on)
    if on == date.min:
        return today, []
    before = plan(schedule, on - ONE_DAY)
    if today.level > before.level:
        return today, []
    return today, [row for row in before.periods if row.closes > DAY]


def _local(schedule: "Schedule", at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"an aware datetime is needed, not {at!r}")
    return at.astimezone(UTC).astimezone(schedule.zone)  # a time that does not exist moves on


def _change_within(
    schedule: "Schedule", on: date, after: datetime | None, now: State
) -> datetime | None:
    """First instant of the date (and after `after`) whose state is not `now`."""
    zone = schedule.zone
    midnight = datetime(on.year, on.month, on.day, tzinfo=zone)
    found = pieces(schedule, on)
    if len(found) == 1 and found[0][2] == now:
        return None
    if midnight.utcoffset() == (midnight + ONE_DAY).utcoffset():
        for start, _end, then in found:
            if then != now:
                instant = midnight + timedelta(minutes=start)
                if after is None or instant > after:
                    return instant
        return None
    instants = {moment.astimezone(UTC) for moment in _clock_changes(midnight)}
    for start, _end, _then in found:
        for fold in (0, 1):
            wall = (midnight + timedelta(minutes=start)).replace(fold=fold)
            moment = wall.astimezone(UTC)
            if moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
                instants.add(moment)
    for moment in sorted(instants):
        if (after is None or moment > after) and state(schedule, moment) != now:
            return moment.astimezone(zone)
    return None


def _clock_changes(midnight: datetime) -> list[datetime]:
    """The instants of a local day at which its offset from UTC changes, to the minute."""
    low = midnight.astimezone(UTC)
    high = (midnight + ONE_DAY).astimezone(UTC)
    zone = midnight.tzinfo
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
        if middle.astimezone(zone).utcoffset() == midnight.utcoffset():
            low = middle
        else:
            high = middle
    return [high]


def _next_unusual(schedule: "Schedule", on: date, last: date) -> date:
    """The next date on which the weekly rows may not hold (after `last` when there is none)."""
    candidates = [last + ONE_DAY]
    special = schedule.special_from(on)
    if special:
        candidates.append(special.start)
    if schedule.holiday_rule != HolidayRule.AS_USUAL:
        holiday = next_holiday(on, schedule.holiday_zone)
        if holiday:
            candidates.append(holiday)
    return max(on, min(candidates))
