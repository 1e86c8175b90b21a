"""The town hall calls a shop, or goes there, and enters in half a minute what it heard."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import Call, Shop, ShopStatus, User
from merchants.models.call import CallOutcome
from merchants.models.history import Capacity
from merchants.models.shop import Confirmer
from merchants.opening_hours import (
    HolidayRule,
    OpeningHoursError,
    Period,
    Schedule,
    SpecialKind,
    SpecialPeriod,
    holiday_name,
    with_special,
)
from merchants.opening_hours.phrases import weekday_text

from . import status
from .errors import WorkflowError
from .history import adopt, capacity_of, changed_since, locked, not_permitted
from .listing import set_hours
from .values import plain_hours

LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page showed: the listing's version, and the last call (its key; 0 for none)."""

    version: int
    last_call: int


class HolidayAnswer(Enum):
    """What a shop answers to "are you open on that public holiday?"."""

    CLOSED = "closed"
    ALWAYS_CLOSED = "always_closed"
    AS_USUAL = "as_usual"
    HOURS = "hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The hours as told: the usual week, and one public holiday; None for what was not told."""

    week: Schedule | None = None
    day: date | None = None
    answer: HolidayAnswer | None = None
    periods: tuple[Period, ...] = ()  # Of that day, with HolidayAnswer.HOURS.


def unchanged(shop: Shop, *, by: User, now: datetime, seen: Seen, note: str = "") -> Call:
    """The shop says that its listing is right.

    Effects: those of `status.confirm`, by telephone; a call. As for all functions here, nothing
    where the listing has been written since the page (WorkflowError), and no second effect of a
    second click, by which the first one's call is returned.
    """

    def write(held: Shop) -> CallOutcome:
        _confirm(held, by=by, now=now)
        return CallOutcome.UNCHANGED

    return _enter(shop, {CallOutcome.UNCHANGED}, write, by=by, now=now, seen=seen, note=note)


def changed(
    shop: Shop, heard: Heard, *, by: User, now: datetime, seen: Seen, note: str = ""
) -> Call:
    """The shop gives its hours, of the week or of a public holiday.

    Effects: those of `listing.set_hours`, with the special periods kept; those of
    `status.confirm`, by telephone; a call, "unchanged" where the listing said so already.
    """

    def write(held: Shop) -> CallOutcome:
        schedule = told(held.schedule, heard)
        is_new = plain_hours(schedule) != plain_hours(held.schedule)
        set_hours(held, schedule, by=by, now=now)
        _confirm(held, by=by, now=now)
        return CallOutcome.CHANGED if is_new else CallOutcome.UNCHANGED

    outcomes = {CallOutcome.CHANGED, CallOutcome.UNCHANGED}
    return _enter(shop, outcomes, write, by=by, now=now, seen=seen, note=note)


def no_answer(shop: Shop, *, by: User, now: datetime, seen: Seen, note: str = "") -> Call:
    """Nobody answers. Effects: a call, which puts the shop at the end of today's list."""
    outcome = CallOutcome.NO_ANSWER
    return _enter(shop, {outcome}, lambda held: outcome, by=by, now=now, seen=seen, note=note)


def closed(shop: Shop, *, by: User, now: datetime, seen: Seen, note: str = "") -> Call:
    """The shop is gone for good. Effects: those of `status.close`; a call."""

    def write(held: Shop) -> CallOutcome:
        status.close(held, by=by, now=now)
        return CallOutcome.CLOSED

    return _enter(shop, {CallOutcome.CLOSED}, write, by=by, now=now, seen=seen, note=note)


def told(schedule: Schedule, heard: Heard) -> Schedule:
    """The schedule with what was heard; what was not told stays. Raises WorkflowError."""
    if heard.week is not None:
        rule = heard.week.holiday_rule
        if rule == HolidayRule.UNKNOWN:
            rule = schedule.holiday_rule
        schedule = replace(schedule, weekly=heard.week.weekly, holiday_rule=rule)
    if heard.answer == HolidayAnswer.ALWAYS_CLOSED:
        return replace(schedule, holiday_rule=HolidayRule.CLOSED)
    if heard.day is None or heard.answer is None:
        return schedule
    return with_special(schedule, _special(schedule, heard.day, heard))


def _special(schedule: Schedule, day: date, heard: Heard) -> SpecialPeriod:
    name = holiday_name(day, schedule.holiday_zone) or ""
    if heard.answer == HolidayAnswer.CLOSED:
        return SpecialPeriod(day, day, SpecialKind.CLOSED, (), name)
    periods = heard.periods
    if heard.answer == HolidayAnswer.AS_USUAL:
        periods = schedule.rows_by_weekday[day.weekday()]
    if not periods:
        raise WorkflowError(
            _(
                "La fiche ne donne pas d’heures pour le %(weekday)s\u00a0: écrivez celles de "
                "ce jour."
            )
            % {"weekday": weekday_text(day.weekday(), _)}
        )
    try:
        return SpecialPeriod(day, day, SpecialKind.HOURS, tuple(periods), name)
    except OpeningHoursError as error:
        raise WorkflowError(_(error.template) % error.params) from error


def _confirm(held: Shop, *, by: User, now: datetime) -> None:
    status.confirm(held, by=by, as_=Confirmer.TOWN_HALL_BY_PHONE, now=now)


def _enter(
    shop: Shop,
    outcomes: set[CallOutcome],
    write: Callable[[Shop], CallOutcome],
    *,
    by: User,
    now: datetime,
    seen: Seen,
    note: str,
) -> Call:
    """One call: the rules, what it writes to the locked listing, and its row."""
    note = " ".join(note.split())
    if len(note) > LONGEST_NOTE:
        raise WorkflowError(_("Cette remarque est trop longue\u00a0: 300 caractères au plus."))
    with transaction.atomic():
        held = locked(shop)
        _refuse_others(held, by)
        since = held.calls.filter(pk__gt=seen.last_call, by=by, outcome__in=outcomes)
        call = since.first()
        if call is None:
            _refuse_stale(held, seen, outcomes)
            outcome = write(held)
            call = Call.objects.create(shop=held, at=now, by=by, outcome=outcome, note=note)
    adopt(shop, held)
    return call


def _refuse_others(held: Shop, by: User) -> None:
    capacity = capacity_of(by, held)
    if capacity in {Capacity.MERCHANT, Capacity.COLLEAGUE}:
        # An agent who keeps a shop too: the town hall's word is not the merchant's.
        raise WorkflowError(
            _(
                "Vous tenez vous-même cette fiche\u00a0: confirmez-la dans "
                "«\u00a0Mon commerce\u00a0»."
            )
        )
    if capacity != Capacity.TOWN_HALL:
        raise WorkflowError(not_permitted())


def _refuse_stale(held: Shop, seen: Seen, outcomes: set[CallOutcome]) -> None:
    if held.status != ShopStatus.PUBLISHED:
        raise WorkflowError(
            _("La fiche «\u00a0%(name)s\u00a0» n’est plus en ligne.") % {"name": held.name}
        )
    if outcomes != {CallOutcome.NO_ANSWER} and changed_since(held, seen.version):
        raise WorkflowError(
            _(
                "La fiche a été modifiée entre-temps. Relisez-la, puis recommencez\u00a0: "
                "rien n’a été enregistré."
            )
        )
