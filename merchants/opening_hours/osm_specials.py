"""Turning days that differ from the usual week into special periods, exactly."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

from . import engine
from .periods import DAY, Period, SpecialKind, SpecialPeriod, State
from .schedule import Schedule

# A date cut into (start, end, state), in minutes from 0 to 1440, without gaps.
Painted = tuple[tuple[int, int, State], ...]

LATEST_NIGHT = 12 * 60  # a piece from midnight until later than noon is no night
LONGEST_GAP = 6  # days like any other that may lie inside a run of special days
ONE_DAY = timedelta(days=1)


def owned(
    before: Painted, day: Painted, after: Painted, weekday: int, *, merge: bool
) -> list[Period]:
    """The rows that start on a painted day.

    With `merge` a piece that goes on past midnight takes the next morning along, and a morning
    that goes on from the evening before is left to that evening.
    """
    rows: list[Period] = []
    for start, end, found in day:
        if found == State.CLOSED or (merge and start == 0 and _continues(before, day)):
            continue
        if merge and end == DAY and _continues(day, after):
            end += after[0][1]
        rows.append(Period(weekday, start, end, found == State.UNKNOWN))
    return rows


def _continues(evening: Painted, morning: Painted) -> bool:
    """Whether the last piece of one day and the first of the next are one night."""
    start, _, found = evening[-1]
    _, end, then = morning[0]
    return (
        found == then != State.CLOSED
        and start > 0
        and end <= LATEST_NIGHT
        and DAY - start + end <= DAY
    )


def fit(
    painted: Callable[[date], Painted], base: Schedule, first: date, last: date, *, merge: bool
) -> Schedule | None:
    """Add special periods to `base` until it equals `painted` on every day of the range.

    None when joined nights cannot be made to agree (days cut at midnight always can).
    """
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    differing = _differing(painted, base, days)
    forced: set[date] = set()
    for _ in range(5):
        specials = _Runs(painted, base, differing, forced, last, merge).specials()
        schedule = replace(base, specials=tuple(specials))
        wrong = _differing(painted, schedule, days)
        if not wrong:
            return schedule
        forced |= wrong
        differing |= wrong
    return None


def _differing(
    painted: Callable[[date], Painted], schedule: Schedule, days: Iterable[date]
) -> set[date]:
    return {day for day in days if tuple(engine.pieces(schedule, day)) != painted(day)}


class _Runs:
    """Groups differing days: closures, days not told, seasons of hours, single days."""

    def __init__(
        self,
        painted: Callable[[date], Painted],
        base: Schedule,
        differing: set[date],
        forced: set[date],
        last: date,
        merge: bool,
    ):
        self.painted = painted
        self.base = base
        self.differing = differing
        self.forced = forced
        self.last = last
        self.merge = merge

    def specials(self) -> list[SpecialPeriod]:
        """Disjoint special periods that cover every differing day."""
        found: list[SpecialPeriod] = []
        for day in sorted(self.differing):
            if not found or day > found[-1].end:
                found.append(self._run(day))
        return found

    def _run(self, day: date) -> SpecialPeriod:
        whole = self.painted(day)
        if day not in self.forced and len(whole) == 1 and whole[0][2] != State.OPEN:
            kind = SpecialKind.CLOSED if whole[0][2] == State.CLOSED else SpecialKind.UNKNOWN
            return SpecialPeriod(day, self._last_like(day, whole), kind)
        if day in self.forced:
            return self._single(day)
        return self._season(day)

    def _last_like(self, day: date, whole: Painted) -> date:
        """The last differing day of a run of days that all look like `whole`."""
        end = day
        while (
            day <= self.last
            and (day - end).days <= LONGEST_GAP
            and day not in self.forced
            and self.painted(day) == whole
        ):
            if day in self.differing:
                end = day
            day += ONE_DAY
        return end

    def _rows(self, day: date, merge: bool) -> list[Period]:
        before, after = self.painted(day - ONE_DAY), self.painted(day + ONE_DAY)
        return owned(before, self.painted(day), after, day.weekday(), merge=merge)

    def _single(self, day: date) -> SpecialPeriod:
        """One explicit day that holds its whole calendar day by itself, cut at midnight."""
        whole = self.painted(day)
        if len(whole) == 1 and whole[0][2] != State.OPEN:
            kind = SpecialKind.CLOSED if whole[0][2] == State.CLOSED else SpecialKind.UNKNOWN
            return SpecialPeriod(day, day, kind)
        rows = self._rows(day, False)
        return SpecialPeriod(day, day, SpecialKind.HOURS, tuple(rows))

    def _season(self, day: date) -> SpecialPeriod:
        """Hours for as many days as one row set per weekday can hold."""
        start = end = day
        rows: dict[int, list[Period]] = {}
        deciding = False
        while day <= self.last and (day - end).days <= LONGEST_GAP and day not in self.forced:
            plan = engine.plan(self.base, day)
            if plan.level == 2:  # a holiday keeps its own rule inside a season
                if day in self.differing:
                    break
            else:
                mine = self._rows(day, self.merge)
                if rows.setdefault(day.weekday(), mine) != mine:
                    break
                if plan.level == 0 and day in self.differing:
                    deciding = True
            if day in self.differing:
                end = day
            day += ONE_DAY
        if not deciding or start == end:
            return SpecialPeriod(
                start, start, SpecialKind.HOURS, tuple(self._rows(start, self.merge))
            )
        periods = [row for mine in rows.values() for row in mine]
        return SpecialPeriod(start, end, SpecialKind.HOURS, tuple(periods))


def with_reasons(schedule: Schedule, comments: dict[date, str]) -> Schedule:
    """Give each special period the comment of its first day, when it has one."""
    return replace(
        schedule,
        specials=tuple(
            replace(special, reason=comments.get(special.start, ""))
            for special in schedule.specials
        ),
    )
