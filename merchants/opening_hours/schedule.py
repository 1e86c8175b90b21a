"""A shop's whole schedule: the weekly rows, the special periods and the holiday rule."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import engine, osm_write
from .errors import OpeningHoursError, gettext_noop
from .holiday import check_zone
from .periods import HolidayRule, Period, SpecialPeriod, State, normalised


@dataclass(frozen=True)
class Schedule:
    """Opening hours of one shop. Immutable; equal schedules answer alike.

    Weekly rows are merged and sorted, special periods sorted and disjoint (else
    OpeningHoursError). `losses` tells in French what a source value said that could not be
    held; `exact_until` is the last day on which the schedule is known to follow its source.
    """

    weekly: tuple[Period, ...] = ()
    specials: tuple[SpecialPeriod, ...] = ()
    holiday_rule: HolidayRule = HolidayRule.UNKNOWN
    timezone: str = "Europe/Paris"
    holiday_zone: str = "metropole"
    losses: tuple[str, ...] = ()
    exact_until: date | None = None

    def __post_init__(self):
        object.__setattr__(self, "weekly", normalised(self.weekly, whole_week=True))
        object.__setattr__(
            self, "specials", tuple(sorted(self.specials, key=lambda special: special.start))
        )
        object.__setattr__(self, "holiday_rule", HolidayRule(self.holiday_rule))
        object.__setattr__(self, "losses", tuple(self.losses))
        check_zone(self.holiday_zone)
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise OpeningHoursError(
                gettext_noop("Le fuseau horaire «\u00a0%(part)s\u00a0» est inconnu."), self.timezone
            ) from error
        for before, after in pairwise(self.specials):
            if after.start <= before.end:
                raise OpeningHoursError(
                    gettext_noop(
                        "Deux périodes exceptionnelles se chevauchent\u00a0: du %(start)s au "
                        "%(end)s et du %(other_start)s au %(other_end)s."
                    ),
                    f"{after.start:%d/%m/%Y}",
                    start=f"{before.start:%d/%m/%Y}",
                    end=f"{before.end:%d/%m/%Y}",
                    other_start=f"{after.start:%d/%m/%Y}",
                    other_end=f"{after.end:%d/%m/%Y}",
                )

    # Lookups, built once per schedule (a cached property writes past the frozen dataclass).

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.timezone)

    @cached_property
    def rows_by_weekday(self) -> tuple[tuple[Period, ...], ...]:
        """The weekly rows of Monday, Tuesday…"""
        return tuple(tuple(p for p in self.weekly if p.weekday == day) for day in range(7))

    @cached_property
    def _starts(self) -> list[date]:
        return [special.start for special in self.specials]

    def special_on(self, day: date) -> SpecialPeriod | None:
        """The special period that covers `day`, if any."""
        if not self.specials:
            return None
        index = bisect_right(self._starts, day)
        if index and self.specials[index - 1].end >= day:
            return self.specials[index - 1]
        return None

    def special_from(self, day: date) -> SpecialPeriod | None:
        """The first special period that starts on or after `day`."""
        index = bisect_right(self._starts, day - timedelta(days=1)) if self.specials else 0
        return self.specials[index] if index < len(self.specials) else None

    # Questions

    def state(self, at: datetime) -> State:
        """The state at the aware instant `at` (ValueError when naive); a few µs."""
        return engine.state(self, at)

    def next_change(self, at: datetime) -> datetime | None:
        """First instant after `at` whose state differs, in the schedule's zone.

        None when nothing changes within 13 months.
        """
        return engine.next_change(self, at)

    def day(self, day: date) -> engine.Day:
        """What holds on `day`, for a table."""
        return engine.day(self, day)

    def night_before(self, day: date) -> tuple[Period, ...]:
        """What goes on after midnight on `day`, as rows of the day before."""
        return engine.night_before(self, day)

    def week(self, from_date: date) -> tuple[engine.Day, ...]:
        """The seven days from `from_date` on."""
        return tuple(engine.day(self, from_date + timedelta(days=i)) for i in range(7))

    def to_osm(self) -> str:
        """The value of an OpenStreetMap `opening_hours` tag; "" when nothing is known."""
        return osm_write.to_osm(self)


def with_special(schedule: Schedule, special: SpecialPeriod) -> Schedule:
    """Add a special period; older ones under it are shortened, split or removed."""
    return replace(
        schedule, specials=(*without_days(schedule.specials, special.start, special.end), special)
    )


def without_days(
    specials: Iterable[SpecialPeriod], start: date, end: date
) -> tuple[SpecialPeriod, ...]:
    """The special periods with the days from `start` to `end` cut out.

    Hours for several days shortened to one single day become explicit, as everywhere.
    """
    kept: list[SpecialPeriod] = []
    for old in specials:
        if old.end < start or old.start > end:
            kept.append(old)
            continue
        if old.start < start:
            kept.append(replace(old, end=start - timedelta(days=1)))
        if old.end > end:
            kept.append(replace(old, start=end + timedelta(days=1)))
    return tuple(kept)
