"""Saying what a shop is now: a label and a detail, for a badge."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from . import engine
from .periods import SpecialKind, SpecialPeriod, State
from .phrases import Translate, date_text, identity, long_date_text, time_text, weekday_text

if TYPE_CHECKING:
    from .schedule import Schedule

SOON = timedelta(minutes=30)
ONE_DAY = timedelta(days=1)
# What a reason may begin with that is written small inside a sentence; any other word keeps the
# capital that was typed, for it may be a name (« Noël », « Pâques »).
COMMON_NOUNS = frozenset(
    "absence aménagement aménagements arrêt cause changement congé congés déménagement deuil "
    "entretien événement évènement fêtes formation grève grossesse hospitalisation intempéries "
    "inventaire jour jours maintenance maladie mariage maternité naissance nettoyage panne pause "
    "pont problème raison raisons rangement réfection rénovation rénovations réparation "
    "réparations repos réunion salon séminaire travaux trêve vacances voyage".split()
)


@dataclass(frozen=True)
class Description:
    """The state with its words; `detail` may be empty.

    A badge shows `headline` and `more`: a detail that begins with the label ("Fermé pour congés
    jusqu’au 24 août") stands in its place instead of saying it twice.
    """

    state: State
    label: str
    detail: str = ""

    @property
    def headline(self) -> str:
        """What stands first: the label, or a detail that says it too."""
        return self.detail if self._detail_says_it_all else self.label

    @property
    def more(self) -> str:
        """What stands after the headline; may be empty."""
        return "" if self._detail_says_it_all else self.detail

    @property
    def _detail_says_it_all(self) -> bool:
        length = len(self.label)
        return self.detail.startswith(self.label) and not self.detail[length : length + 1].isalnum()

    def __str__(self):
        return f"{self.headline} · {self.more}" if self.more else self.headline


def describe(schedule: "Schedule", at: datetime, _: Translate = identity) -> Description:
    """What to say of the shop at the aware instant `at`; about 50 µs."""
    row, plan = engine.covering(schedule, at)
    local = at.astimezone(UTC).astimezone(schedule.zone)
    if row and not row.by_appointment:
        return _open(schedule, local, _)
    if row:
        change = schedule.next_change(at)
        detail = ""
        if change and _between(at, change) < ONE_DAY:
            detail = _("Jusqu’à %(time)s") % {"time": _clock(change, _)}
        return Description(State.UNKNOWN, _("Sur rendez-vous"), detail)
    if plan.unknown:
        if plan.level == 2 and schedule.weekly:
            return Description(
                State.UNKNOWN, _("Jour férié"), _("Jour férié\u00a0: horaires à confirmer")
            )
        if plan.level == 3 and plan.special:
            return Description(State.UNKNOWN, _("Horaires à confirmer"), plan.special.reason)
        return Description(State.UNKNOWN, _("Horaires non communiqués"))
    return _closed(schedule, local, plan, _)


def _open(schedule: "Schedule", local: datetime, _: Translate) -> Description:
    change = schedule.next_change(local)
    if change is None:
        return Description(State.OPEN, _("Ouvert 24\u00a0h/24"))
    remaining = _between(local, change)
    if remaining >= ONE_DAY:
        last = change - timedelta(minutes=1)  # midnight ends the day before
        words = {"day": _day(last, local.date(), _), "time": _clock(change, _)}
        if last.date() - local.date() >= 7 * ONE_DAY:
            detail = _("Ferme le %(day)s à %(time)s") % words
        else:
            detail = _("Ferme %(day)s à %(time)s") % words
        return Description(State.OPEN, _("Ouvert 24\u00a0h/24"), detail)
    label = _("Ouvert")
    words = {"time": _clock(change, _)}
    if schedule.state(change) == State.UNKNOWN:
        detail = _("Ouvert jusqu’à %(time)s") % words
    elif remaining <= SOON:
        detail = _("Ferme bientôt (%(time)s)") % words
    else:
        detail = _("Ferme à %(time)s") % words
    return Description(State.OPEN, label, detail)


def _closed(schedule: "Schedule", local: datetime, plan: engine.Plan, _: Translate) -> Description:
    label = _("Fermé")
    special = plan.special
    change = schedule.next_change(local)
    if special and special.kind == SpecialKind.CLOSED:
        closure = _with_following(schedule, special, change or local + engine.HORIZON)
        if closure.end > closure.start:
            return Description(State.CLOSED, label, closure_text(closure, _))
    if change is None:
        return Description(State.CLOSED, label)
    today = local.date()
    words = {"day": _day(change, today, _), "time": _clock(change, _, opens=True)}
    if schedule.state(change) == State.OPEN:
        if change.date() == today:
            detail = _("Ouvre à %(time)s") % words
        elif change.date() - today >= 7 * ONE_DAY:
            detail = _("Ouvre le %(day)s à %(time)s") % words
        else:
            detail = _("Ouvre %(day)s à %(time)s") % words
        return Description(State.CLOSED, label, detail)
    row, then = engine.covering(schedule, change)
    if row:
        if change.date() == today:
            detail = _("Sur rendez-vous à partir de %(time)s") % words
        else:
            detail = _("Sur rendez-vous %(day)s à partir de %(time)s") % words
    elif then.level == 2 and schedule.weekly:
        detail = _("Horaires à confirmer %(day)s (jour férié)") % words
    else:
        detail = _("Horaires à confirmer %(day)s") % words
    return Description(State.CLOSED, label, detail)


def _with_following(
    schedule: "Schedule", closure: SpecialPeriod, change: datetime
) -> SpecialPeriod:
    """The closure and all that follow before anything changes, as one.

    The days between them, if any, are those on which the shop never opens. Different reasons
    leave none: the first would be told for days that it is not the reason of.
    """
    chain = [closure]
    for special in schedule.specials:
        is_closed = special.kind == SpecialKind.CLOSED
        if is_closed and closure.end < special.start < change.date():
            chain.append(special)
    reasons = {special.reason.strip().casefold() for special in chain}
    reason = closure.reason if len(reasons) == 1 else ""
    return replace(closure, end=chain[-1].end, reason=reason)


def closure_text(special: SpecialPeriod, _: Translate = identity) -> str:
    """ "Fermé pour congés jusqu’au 24 août"."""
    reason = special.reason.strip()
    words = {"reason": reason, "date": date_text(special.end, _)}
    if not reason:
        return _("Fermé jusqu’au %(date)s") % words
    if reason.casefold().startswith(("ferm", "pour ")):
        words["reason"] = reason[0].upper() + reason[1:]
        return _("%(reason)s jusqu’au %(date)s") % words
    if re.match(r"\w*", reason)[0].casefold() in COMMON_NOUNS and not reason[1:2].isupper():
        words["reason"] = reason[0].lower() + reason[1:]
    return _("Fermé pour %(reason)s jusqu’au %(date)s") % words


def _between(start: datetime, end: datetime) -> timedelta:
    """Real time that passes (two times of one zone would be subtracted by the clock)."""
    return end.astimezone(UTC) - start.astimezone(UTC)


def _day(change: datetime, today: date, _: Translate) -> str:
    """ "demain", "lundi" within the week, "mardi 25 août" later."""
    day = change.date()
    if day == today:
        return _("aujourd’hui")
    if day == today + ONE_DAY:
        return _("demain")
    if day - today < 7 * ONE_DAY:
        return weekday_text(day.weekday(), _)
    return long_date_text(day, _)


def _clock(moment: datetime, _: Translate, *, opens: bool = False) -> str:
    return time_text(moment.hour * 60 + moment.minute, _, opens=opens)
