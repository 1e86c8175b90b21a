"""Days on which a shop is not open as usual. Live at once, whatever the commune's policy."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import Shop, User
from merchants.models.history import Action, Capacity
from merchants.opening_hours import (
    OpeningHoursError,
    Period,
    Schedule,
    SpecialKind,
    SpecialPeriod,
    with_special,
)
from merchants.opening_hours.periods import DAY, subtracted
from merchants.opening_hours.schedule import without_days

from .errors import WorkflowError
from .history import adopt, held_by, mark_on_behalf, record
from .listing import write
from .values import Listing

FAR = timedelta(days=730)
LONGEST = timedelta(days=366)


def close_exceptionally(
    shop: Shop,
    day: date,
    *,
    from_minute: int | None = None,
    to_minute: int | None = None,
    reason: str = "",
    by: User | None,
    now: datetime,
) -> Shop:
    """Closes a day, or the part of it between two minutes after midnight.

    Effects: a special period on that day, in the place of what older ones said of it; a history
    entry; the public pages are renewed. What the town hall announces where nobody keeps the
    listing makes it one written on behalf. `to_minute` at or before `from_minute` is past midnight.
    """
    with transaction.atomic():
        held, capacity = held_by(shop, by)
        _refuse_dates(held.schedule, day, day, now)
        if from_minute is None or to_minute is None:
            special = SpecialPeriod(day, day, SpecialKind.CLOSED, (), reason.strip())
        else:
            special = _part_of_day(held.schedule, day, from_minute, to_minute, reason.strip())
        _put(held, special, capacity, by=by, now=now)
    return adopt(shop, held)


def add_holiday(
    shop: Shop,
    start: date,
    end: date,
    *,
    reason: str = "",
    by: User | None,
    now: datetime,
) -> Shop:
    """Closes from one day to another, both included.

    Effects: as for `close_exceptionally`.
    """
    with transaction.atomic():
        held, capacity = held_by(shop, by)
        if end < start:
            raise WorkflowError(_("Le dernier jour vient avant le premier."))
        _refuse_dates(held.schedule, start, end, now)
        special = SpecialPeriod(start, end, SpecialKind.CLOSED, (), reason.strip())
        _put(held, special, capacity, by=by, now=now)
    return adopt(shop, held)


def remove_special(shop: Shop, start: date, end: date, *, by: User | None, now: datetime) -> Shop:
    """Takes away the special period between these days; nothing where none is announced there.

    Effects: the usual hours hold again; else as for `close_exceptionally`. Raises WorkflowError
    where other days are announced by now than the page showed.
    """
    with transaction.atomic():
        held, capacity = held_by(shop, by)
        specials = held.schedule.specials
        there = [special for special in specials if special.start <= end and special.end >= start]
        if there and [(special.start, special.end) for special in there] != [(start, end)]:
            raise WorkflowError(
                _("Ces jours ont été annoncés autrement entre-temps\u00a0: relisez-les.")
            )
        kept = tuple(special for special in specials if special not in there)
        schedule = replace(held.schedule, specials=kept)
        _write(held, schedule, Action.CLOSURE_REMOVED, capacity, by=by, now=now)
    return adopt(shop, held)


def _put(
    held: Shop, special: SpecialPeriod, capacity: Capacity, *, by: User | None, now: datetime
) -> None:
    if len(special.reason) > 100:
        raise WorkflowError(_("Ce motif est trop long\u00a0: 100 caractères au plus."))
    _write(held, with_special(held.schedule, special), Action.CLOSURE, capacity, by=by, now=now)


def _write(held: Shop, schedule: Schedule, action: Action, capacity: Capacity, *, by, now) -> None:
    changes = write(held, replace(Listing.of(held), schedule=schedule))
    if changes:
        record(held, action, by=by, now=now, changes=changes, capacity=capacity)
        mark_on_behalf(held, capacity)


def _refuse_dates(schedule: Schedule, start: date, end: date, now: datetime) -> None:
    today = now.astimezone(schedule.zone).date()
    if end < today:
        raise WorkflowError(_("Cette date est passée."))
    if start > today + FAR:
        raise WorkflowError(_("Cette date est trop lointaine\u00a0: deux ans au plus."))
    if end - start >= LONGEST:
        raise WorkflowError(_("Une fermeture dure un an au plus."))


def _part_of_day(
    schedule: Schedule, day: date, from_minute: int, to_minute: int, reason: str
) -> SpecialPeriod:
    """The day's hours without that part, as hours of a single day."""
    if to_minute <= from_minute:
        to_minute += DAY
    usual = schedule.day(day)
    if usual.unknown:
        raise WorkflowError(
            _(
                "Vos horaires de ce jour-là ne sont pas connus\u00a0: fermez "
                "plutôt toute la journée."
            )
        )
    if not (usual.periods or schedule.night_before(day)):
        raise WorkflowError(_("Ce jour-là, vous êtes déjà fermé."))
    cut = (from_minute, to_minute)
    rows, night = list(usual.periods), _night_before(schedule, day)
    left_rows, left_night = _without(rows, cut), _without(night, cut)
    if (left_rows, left_night) == (rows, night):
        if _is_closed_by(usual.special, schedule, day, cut):
            return usual.special  # A second click: it has been cut already.
        raise WorkflowError(_("À ces heures-là, vous êtes déjà fermé."))
    reason = reason or (usual.special.reason if usual.special else "")
    if not (left_rows or left_night):
        return SpecialPeriod(day, day, SpecialKind.CLOSED, (), reason)
    try:
        return SpecialPeriod(day, day, SpecialKind.HOURS, (*left_night, *left_rows), reason)
    except OpeningHoursError as error:
        raise WorkflowError(str(error)) from error


def _without(rows: list[Period], cut: tuple[int, int]) -> list[Period]:
    # A row that is cut in the night goes on after midnight: it stays a row of this day.
    return [
        Period(row.weekday, start, end, row.by_appointment)
        for row in rows
        for start, end in subtracted((row.opens, row.closes), [cut])
        if start < DAY
    ]


def _night_before(schedule: Schedule, day: date) -> list[Period]:
    """What is still open after midnight, as rows of the day: its own hours alone would end it."""
    return [
        Period(day.weekday(), 0, row.closes - DAY, row.by_appointment)
        for row in schedule.night_before(day)
    ]


def _is_closed_by(
    special: SpecialPeriod | None, schedule: Schedule, day: date, cut: tuple[int, int]
) -> bool:
    """Whether only that single day's hours close what the cut would close."""
    if special is None or special.start != special.end:
        return False
    without = replace(schedule, specials=without_days(schedule.specials, day, day))
    rows = [*without.day(day).periods, *_night_before(without, day)]
    return _without(rows, cut) != rows
