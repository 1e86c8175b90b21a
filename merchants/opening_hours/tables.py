"""The hours as tables: the coming week day by day, and the usual week in a few lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from . import engine
from .periods import DAY, HolidayRule, Period, SpecialKind
from .phrases import Translate, identity, span_text, weekday_text

if TYPE_CHECKING:
    from .schedule import Schedule

LATEST_NIGHT = 6 * 60  # rows written from midnight to here are told with the evening before


@dataclass(frozen=True)
class WeekRow:
    """One day of the coming week."""

    date: date
    name: str
    hours: str
    is_today: bool
    note: str = ""


@dataclass(frozen=True)
class SummaryRow:
    """Weekdays that have the same hours."""

    days: str
    hours: str


def week_rows(
    schedule: "Schedule", from_date: date, _: Translate = identity
) -> tuple[WeekRow, ...]:
    """The seven days from `from_date` (today) on, Monday first; about 150 µs.

    The note names a holiday, a closure or special hours.
    """
    first = from_date - timedelta(days=1)
    days = [engine.day(schedule, first + timedelta(days=i)) for i in range(9)]
    rows = [
        WeekRow(
            date=day.date,
            name=weekday_text(day.date.weekday(), _).capitalize(),
            hours=_hours(day, before, after, _),
            is_today=day.date == from_date,
            note=_note(day, _),
        )
        for before, day, after in zip(days, days[1:], days[2:], strict=False)
    ]
    return tuple(sorted(rows, key=lambda row: row.date.weekday()))


def usual_week(schedule: "Schedule", _: Translate = identity) -> tuple[SummaryRow, ...]:
    """The weekly rows in a few lines ("Du mardi au samedi"); () when none are known.

    Closed days come last; special periods and holidays are left out.
    """
    if not schedule.weekly:
        return ()
    grouped: dict[str, list[int]] = {}
    rows = schedule.rows_by_weekday
    for weekday in range(7):
        told = _told(rows[weekday - 1], rows[weekday], rows[(weekday + 1) % 7])
        grouped.setdefault(periods_text(told, _) or _("Fermé"), []).append(weekday)
    closed = grouped.pop(_("Fermé"), None)
    if closed:
        grouped[_("Fermé")] = closed
    return tuple(SummaryRow(days_text(days, _), hours) for hours, days in grouped.items())


def holiday_text(schedule: "Schedule", _: Translate = identity) -> str:
    """What public holidays do, in a sentence."""
    return {
        HolidayRule.CLOSED: _("Fermé les jours fériés"),
        HolidayRule.AS_USUAL: _("Ouvert les jours fériés aux horaires habituels"),
        HolidayRule.UNKNOWN: _("Jours fériés\u00a0: horaires à confirmer"),
    }[schedule.holiday_rule]


def days_text(days: Sequence[int], _: Translate = identity) -> str:
    """ "Tous les jours", "Du mardi au samedi", "Du lundi au mercredi et samedi"."""
    if len(days) == 7:
        return _("Tous les jours")
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts: list[str] = []
    for run in runs:
        if len(run) > 2:
            parts.append(
                _("du %(first)s au %(last)s")
                % {"first": weekday_text(run[0], _), "last": weekday_text(run[-1], _)}
            )
        else:
            parts += [weekday_text(day, _) for day in run]
    text = parts[0]
    for index, part in enumerate(parts[1:], 2):
        words = {"before": text, "after": part}
        text = (
            _("%(before)s et %(after)s") if index == len(parts) else "%(before)s, %(after)s"
        ) % words
    return text[0].upper() + text[1:]


def periods_text(periods: Iterable[Period], _: Translate = identity) -> str:
    """ "9 h – 12 h 30, 14 h – 19 h"; "" for no rows."""
    parts: list[str] = []
    for row in sorted(periods, key=lambda row: row.opens):
        text = span_text(row.opens, row.closes, _)
        if row.by_appointment:
            whole = row.opens == 0 and row.closes == DAY
            text = (
                _("sur rendez-vous")
                if whole
                else _("%(hours)s (sur rendez-vous)") % {"hours": text}
            )
        parts.append(text)
    return ", ".join(parts)


def _hours(day: engine.Day, before: engine.Day, after: engine.Day, _: Translate) -> str:
    if day.unknown:
        if day.source == engine.Source.NONE:
            return _("Horaires non communiqués")
        return _("Horaires à confirmer")
    told = _told(before.periods, day.periods, after.periods)
    return periods_text(told, _) or _("Fermé")


def _told(before: Iterable[Period], own: Iterable[Period], after: Iterable[Period]) -> list[Period]:
    """A day's rows as people say them: a night cut at midnight belongs to its evening."""
    evenings = {row.by_appointment for row in before if row.closes == DAY and row.opens > 0}
    rows = [
        row
        for row in own
        if not (row.opens == 0 and row.closes <= LATEST_NIGHT and row.by_appointment in evenings)
    ]
    nights = {
        row.by_appointment: row.closes
        for row in after
        if row.opens == 0 and row.closes <= LATEST_NIGHT
    }
    return [
        Period(row.weekday, row.opens, DAY + nights[row.by_appointment], row.by_appointment)
        if row.closes == DAY and row.opens > 0 and nights.get(row.by_appointment, DAY) <= row.opens
        else row
        for row in rows
    ]


def _note(day: engine.Day, _: Translate) -> str:
    special = day.special
    if special and day.source == engine.Source.SPECIAL:
        if special.reason:
            return special.reason[0].upper() + special.reason[1:]
        if special.kind == SpecialKind.CLOSED:
            return _("Fermeture exceptionnelle")
        if special.kind == SpecialKind.HOURS:
            return _("Horaires exceptionnels")
        return ""
    # Two holidays on one day are called "Abolition de l’esclavage; Ascension".
    return ", ".join(_(name) for name in day.holiday.split("; ")) if day.holiday else ""
