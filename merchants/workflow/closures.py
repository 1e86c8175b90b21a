"""Days on which a shop is not open as usual. Live at once, whatever the commune's policy."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import Shop, ShopStatus, User
from merchants.models.history import Action
from merchants.opening_hours import (
    OpeningHoursError,
    Period,
    Schedule,
    SpecialKind,
    SpecialPeriod,
    State,
    with_special,
)
from merchants.opening_hours.periods import DAY, subtracted

from .errors import WorkflowError
from .history import adopt, capacity_of, locked, record
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
    entry; the public pages are renewed. `to_minute` at or before `from_minute` is past midnight.
    """
    with transaction.atomic():
        held = _open_shop(shop, by)
        _refuse_dates(held.schedule, day, day, now)
        if from_minute is None or to_minute is None:
            special = SpecialPeriod(day, day, SpecialKind.CLOSED, (), reason.strip())
        else:
            special = _part_of_day(held.schedule, day, from_minute, to_minute, reason.strip())
        _put(held, special, by=by, now=now)
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
        held = _open_shop(shop, by)
        if end < start:
            raise WorkflowError(_("Le dernier jour vient avant le premier."))
        _refuse_dates(held.schedule, start, end, now)
        _put(
            held, SpecialPeriod(start, end, SpecialKind.CLOSED, (), reason.strip()), by=by, now=now
        )
    return adopt(shop, held)


def remove_special(shop: Shop, start: date, *, by: User | None, now: datetime) -> Shop:
    """Takes away the special period that begins on that day; nothing where there is none.

    Effects: the usual hours hold again; a history entry; the public pages are renewed.
    """
    with transaction.atomic():
        held = _open_shop(shop, by)
        kept = tuple(special for special in held.schedule.specials if special.start != start)
        _write(held, replace(held.schedule, specials=kept), Action.CLOSURE_REMOVED, by=by, now=now)
    return adopt(shop, held)


def _put(held: Shop, special: SpecialPeriod, *, by: User | None, now: datetime) -> None:
    if len(special.reason) > 100:
        raise WorkflowError(_("Ce motif est trop long\u00a0: 100 caractères au plus."))
    _write(held, with_special(held.schedule, special), Action.CLOSURE, by=by, now=now)


def _write(held: Shop, schedule: Schedule, action: Action, *, by, now) -> None:
    changes = write(held, replace(Listing.of(held), schedule=schedule))
    if changes:
        record(held, action, by=by, now=now, changes=changes)


def _open_shop(shop: Shop, by: User | None) -> Shop:
    held = locked(shop)
    if capacity_of(by, held) is None:
        raise WorkflowError(_("Votre compte ne permet pas cette action."))
    if held.status == ShopStatus.CLOSED:
        raise WorkflowError(
            _("«\u00a0%(name)s\u00a0» a fermé définitivement\u00a0: rouvrez d’abord le commerce.")
            % {"name": held.name}
        )
    return held


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
    if not usual.periods:
        raise WorkflowError(_("Ce jour-là, vous êtes déjà fermé."))
    # A row that is cut in the night goes on after midnight: it stays a row of this day.
    left = [
        Period(row.weekday, start, end, row.by_appointment)
        for row in usual.periods
        for start, end in subtracted((row.opens, row.closes), [(from_minute, to_minute)])
        if start < DAY
    ]
    if sorted(left) == sorted(usual.periods):
        if usual.special and usual.special.start == usual.special.end:
            return usual.special  # A second click: it has been cut already.
        raise WorkflowError(_("À ces heures-là, vous êtes déjà fermé."))
    if not left:
        return SpecialPeriod(day, day, SpecialKind.CLOSED, (), reason)
    try:
        periods = (*_night_before(schedule, day), *left)
        return SpecialPeriod(day, day, SpecialKind.HOURS, periods, reason)
    except OpeningHoursError as error:
        raise WorkflowError(str(error)) from error


def _night_before(schedule: Schedule, day: date) -> list[Period]:
    """What is still open after midnight: hours of a single day would cut it off."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=schedule.zone)
    if schedule.state(midnight) == State.CLOSED:
        return []
    return [
        Period(day.weekday(), 0, row.closes - DAY, row.by_appointment)
        for row in schedule.day(day - timedelta(days=1)).periods
        if row.closes > DAY
    ]
