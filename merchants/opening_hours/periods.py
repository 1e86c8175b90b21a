"""The plain values: weekly periods and special periods, and how overlapping rows are merged."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .errors import OpeningHoursError, gettext_noop

DAY = 24 * 60  # minutes
WEEK = 7 * DAY


class State(StrEnum):
    """What a shop is at one instant. UNKNOWN covers "by appointment" and "not told"."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class HolidayRule(StrEnum):
    """What public holidays do to the weekly rows."""

    CLOSED = "closed"
    AS_USUAL = "as_usual"
    UNKNOWN = "unknown"


class SpecialKind(StrEnum):
    """What a special period says of its days."""

    CLOSED = "closed"
    HOURS = "hours"
    UNKNOWN = "unknown"


@dataclass(frozen=True, order=True)
class Period:
    """One opening of a weekday, in minutes after local midnight.

    `closes` is greater than `opens`, at most a day later; above 1440 it is past midnight and
    still belongs to the evening's weekday.
    """

    weekday: int  # 0 = Monday … 6 = Sunday
    opens: int
    closes: int
    by_appointment: bool = False

    def __post_init__(self):
        if not (
            0 <= self.weekday <= 6
            and 0 <= self.opens < DAY
            and self.opens < self.closes <= self.opens + DAY
        ):
            hours = f"{self.opens // 60}:{self.opens % 60:02}-{self.closes // 60}:"
            raise OpeningHoursError(
                gettext_noop(
                    "La plage «\u00a0%(part)s\u00a0» n’est pas valable\u00a0: la fermeture doit "
                    "suivre l’ouverture de moins de 24\u00a0heures."
                ),
                f"{hours}{self.closes % 60:02}",
            )


@dataclass(frozen=True)
class SpecialPeriod:
    """Days that differ from the week: closed, other hours, or not told yet.

    The periods (for HOURS only) apply on their weekday inside the range, both ends included;
    those of weekdays that do not occur in the range are dropped.
    """

    start: date
    end: date
    kind: SpecialKind
    periods: tuple[Period, ...] = ()
    reason: str = ""

    def __post_init__(self):
        if self.end < self.start:
            raise OpeningHoursError(
                gettext_noop("La période du %(start)s au %(end)s finit avant de commencer."),
                f"{self.start:%d/%m/%Y}",
                start=f"{self.start:%d/%m/%Y}",
                end=f"{self.end:%d/%m/%Y}",
            )
        object.__setattr__(self, "kind", SpecialKind(self.kind))
        if self.kind != SpecialKind.HOURS and self.periods:
            raise OpeningHoursError(
                gettext_noop("Une période de fermeture ne peut pas porter d’horaires."),
                self.reason,
            )
        length = (self.end - self.start).days + 1
        present = {(self.start.weekday() + i) % 7 for i in range(min(length, 7))}
        object.__setattr__(
            self, "periods", normalised(p for p in self.periods if p.weekday in present)
        )

    def covers(self, day: date) -> bool:
        """Whether `day` lies in the range."""
        return self.start <= day <= self.end

    @property
    def is_explicit(self) -> bool:
        """Whether it wins over public holidays: all but hours for several days."""
        return self.kind != SpecialKind.HOURS or self.start == self.end


def normalised(periods: Iterable[Period], *, whole_week: bool = False) -> tuple[Period, ...]:
    """Sort rows, merge those that overlap or touch, and let open time win over appointments.

    Merging never makes a row longer than 24 h; rows stay with their weekday. The part of an
    appointment row during which another row of the same day (with `whole_week`, also of the
    day before or after) is plainly open is cut away where what is left can be held.
    """
    rows = list(periods)
    opened = _merged(p for p in rows if not p.by_appointment)
    appointments = _merged(p for p in rows if p.by_appointment)
    if opened and appointments:
        appointments = _without(appointments, opened, whole_week)
    return tuple(sorted(opened + appointments))


def _merged(periods: Iterable[Period]) -> list[Period]:
    """Merge rows of one kind, weekday by weekday."""
    result: list[Period] = []
    for row in sorted(periods):
        last = result[-1] if result else None
        if last is None or last.weekday != row.weekday or row.opens > last.closes:
            result.append(row)
            continue
        closes = max(last.closes, row.closes)
        if closes <= last.opens + DAY:
            result[-1] = Period(last.weekday, last.opens, closes, last.by_appointment)
        elif row.opens > last.opens:
            result[-1] = Period(last.weekday, last.opens, row.opens, last.by_appointment)
            result.append(row)
        else:
            result[-1] = row
    return result


def _without(appointments: list[Period], opened: list[Period], whole_week: bool) -> list[Period]:
    """Cut open time out of appointment rows, when each piece left starts on the row's day."""
    result: list[Period] = []
    for row in appointments:
        base = row.weekday * DAY
        busy = [
            (p.weekday * DAY + p.opens + shift - base, p.weekday * DAY + p.closes + shift - base)
            for p in opened
            if whole_week or p.weekday == row.weekday
            for shift in ((-WEEK, 0, WEEK) if whole_week else (0,))
        ]
        pieces = subtracted((row.opens, row.closes), busy)
        if all(start < DAY for start, _ in pieces):
            result += [Period(row.weekday, start, end, True) for start, end in pieces]
        else:
            result.append(row)
    return _merged(result)


def subtracted(span: tuple[int, int], cuts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What remains of `span` (start, end) without the `cuts`."""
    left = [span]
    for low, high in cuts:
        left = [
            piece
            for start, end in left
            for piece in ((start, min(end, low)), (max(start, high), end))
            if piece[0] < piece[1]
        ]
    return left
