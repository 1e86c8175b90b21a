"""Reading any OpenStreetMap `opening_hours` value with the evaluator of opening-hours-rs.

The evaluator paints the days; the week that comes back most often becomes the weekly rows,
the holidays give the holiday rule, and every day that still differs becomes a special period.
Within the sampled year the schedule answers like the evaluator at every minute. Times of day
are local wall-clock times on both sides, so sampling needs no time zone.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import opening_hours as evaluator  # the library, not this package

from . import engine, osm_specials
from .errors import OpeningHoursError, gettext_noop
from .holiday import holidays_between
from .osm_specials import Painted
from .osm_text import APPOINTMENT, Features, features
from .periods import DAY, HolidayRule, Period, State
from .schedule import Schedule

WINDOW = timedelta(days=400)  # twelve months and a margin
FURTHEST = timedelta(days=6 * 366)  # dated periods later than that are not read
ONE_DAY = timedelta(days=1)
CLOSED_DAY: Painted = ((0, DAY, State.CLOSED),)
UNKNOWN_DAY: Painted = ((0, DAY, State.UNKNOWN),)


def from_osm(
    text: str,
    *,
    today: date,
    country: str = "FR",
    timezone: str = "Europe/Paris",
    holiday_zone: str = "metropole",
) -> Schedule:
    """Read a value; `today` starts the year within which it is followed to the minute.

    OpeningHoursError when the evaluator refuses it. What cannot be held for ever is told in
    `losses` and `exact_until`. About 1 ms for a plain week, up to 50 ms for a value that
    changes with the seasons.
    """
    source = _Source(text, country)
    words = features(text)
    # The evaluator knows the national holidays: the value is understood in their calendar
    # and its holiday rule then applies to those of the shop's zone.
    blank = Schedule(timezone=timezone, holiday_zone="metropole", holiday_rule="as_usual")
    held = None
    if not (words.recurring or words.dated_until) and country == "FR":
        held = _plain(source, words, today, blank)
    found = held or _sampled(source, words, today, blank)
    schedule = replace(found.schedule, holiday_zone=holiday_zone)
    losses = _losses(source, words, found, today)
    return replace(schedule, losses=losses, exact_until=found.exact_until)


@dataclass(frozen=True)
class _Found:
    schedule: Schedule
    exact_until: date | None = None
    closed_base: bool = False
    holidays_held: bool = True


class _Source:
    """The evaluator on one value, day by day."""

    def __init__(self, text: str, country: str):
        if not text.strip():
            raise OpeningHoursError(gettext_noop("Aucun horaire n’est indiqué."))
        try:
            self.hours = evaluator.OpeningHours(
                text, country=country, auto_country=False, auto_timezone=False
            )
        except evaluator.UnknownCountryError as error:
            raise OpeningHoursError(
                gettext_noop("Le pays «\u00a0%(part)s\u00a0» est inconnu."), country
            ) from error
        except evaluator.ParserError as error:
            raise _refusal(text, str(error)) from error
        self.days: dict[date, Painted] = {}
        self.comments: dict[date, str] = {}
        self.unnamed_unknown = False

    def paint(self, first: date, last: date) -> None:
        """Evaluate the days from `first` to `last`."""
        start, end = datetime.combine(first, time()), datetime.combine(last + ONE_DAY, time())
        drawn: dict[date, list[tuple[int, int, State]]] = {}
        for begin, until, kind, comment in self.hours.intervals(start, end):
            found = _STATES[str(kind)]
            if found == State.UNKNOWN and not APPOINTMENT.search(comment):
                self.unnamed_unknown = True
            day = begin.date()
            low = begin.hour * 60 + begin.minute
            while day <= last:
                high = DAY if until.date() > day else until.hour * 60 + until.minute
                if low < high:
                    drawn.setdefault(day, []).append((low, high, found))
                    if comment:
                        self.comments.setdefault(day, comment)
                if until.date() <= day:
                    break
                day, low = day + ONE_DAY, 0
        for day, pieces in drawn.items():
            self.days[day] = _joined(pieces)

    def on(self, day: date) -> Painted:
        """The pieces of one date."""
        if day not in self.days:
            self.paint(day, day)
        return self.days[day]


_STATES = {
    str(evaluator.State.OPEN): State.OPEN,
    str(evaluator.State.CLOSED): State.CLOSED,
    str(evaluator.State.UNKNOWN): State.UNKNOWN,
}


def _joined(pieces: Iterable[tuple[int, int, State]]) -> Painted:
    """Join neighbours of the same state (the evaluator parts them by comment)."""
    result: list[tuple[int, int, State]] = []
    for start, end, found in pieces:
        if result and result[-1][2] == found and result[-1][1] == start:
            result[-1] = (result[-1][0], end, found)
        else:
            result.append((start, end, found))
    return tuple(result)


def _refusal(text: str, reason: str) -> OpeningHoursError:
    """The evaluator's syntax error as a French sentence with the piece it stopped at."""
    position = 0
    for line in reason.splitlines():
        if "-->" in line:
            position = int(line.rpartition(":")[2]) - 1
    while position > 0 and not text[position - 1 : position].isspace():
        position -= 1  # back to the start of the word
    part = text[position:].strip()[:60] or text.strip()[:60]
    return OpeningHoursError(
        gettext_noop(
            "La valeur OpenStreetMap n’est pas valable à partir de «\u00a0%(part)s\u00a0»."
        ),
        part,
    )


def _plain(source: _Source, words: Features, today: date, blank: Schedule) -> _Found | None:
    """A week and a holiday rule, when that is all there is; None otherwise."""
    monday = today + timedelta(days=-today.weekday())
    while holidays_between(monday - 2 * ONE_DAY, monday + 8 * ONE_DAY):
        monday += 7 * ONE_DAY
    source.paint(monday - ONE_DAY, monday + 7 * ONE_DAY)
    week = tuple(source.on(monday + timedelta(days=i)) for i in range(7))
    if all(day == CLOSED_DAY for day in week):
        return None
    exact_until = today + WINDOW if words.sun else None
    if not words.holidays:
        return _Found(replace(blank, weekly=_rows(week, merge=True)), exact_until)
    days = _around_holidays(today)
    for merge in (True, False):
        for rule in HolidayRule.AS_USUAL, HolidayRule.CLOSED, HolidayRule.UNKNOWN:
            schedule = replace(blank, weekly=_rows(week, merge=merge), holiday_rule=rule)
            if _same(source, schedule, days):
                return _Found(schedule, exact_until)
    return None


def _sampled(source: _Source, words: Features, today: date, blank: Schedule) -> _Found:
    """A week, a holiday rule and special periods for every day that differs."""
    end = min(today, date.max - 2 * WINDOW) + WINDOW
    dated = words.dated_until and not words.recurring
    if dated and words.dated_until > end - ONE_DAY:
        end = min(words.dated_until + 2 * ONE_DAY, today + FURTHEST)
    source.paint(today - ONE_DAY, end + ONE_DAY)
    week = _usual_week(source, today, end)
    rules = [HolidayRule.AS_USUAL]
    if words.holidays:
        rules += [HolidayRule.CLOSED, HolidayRule.UNKNOWN]
    best: tuple[int, Schedule, bool] | None = None
    for merge in (True, False):
        weekly = _rows(week, merge=merge) if week else ()
        rule = _holiday_rule(source, replace(blank, weekly=weekly), rules, today, end)
        base = replace(blank, weekly=weekly, holiday_rule=rule)
        schedule = osm_specials.fit(source.on, base, today, end, merge=merge)
        if schedule is not None:
            schedule = osm_specials.with_reasons(schedule, source.comments)
            held = not words.holidays or _same(
                source, schedule, [d for d in _around_holidays(today) if d > end]
            )
            rank = len(schedule.specials) + (0 if held else 1000)
            if best is None or rank < best[0]:
                best = (rank, schedule, held)
        if not any(row.closes > DAY for row in weekly) and best:
            break
    if best is None:  # days cut at midnight always fit
        raise AssertionError(f"no schedule follows {source.hours}")
    _, schedule, held = best
    complete = not words.recurring and not words.sun and held
    complete = complete and bool(week or not schedule.specials)
    if dated and words.dated_until > end:
        complete = False
    if complete:  # after the last date only the week remains
        complete = _same(source, schedule, [end + timedelta(days=i) for i in range(1, 15)])
    return _Found(schedule, None if complete else end, not week, held)


def _usual_week(source: _Source, today: date, end: date) -> tuple[Painted, ...]:
    """The commonest whole week (Monday first) without holidays; () when there is none.

    A week in which the shop opens is preferred to weeks of closure, however long. A shop that
    never opens, or of which nothing is told, has no week.
    """
    seen: Counter[tuple[Painted, ...]] = Counter()
    monday = today + timedelta(days=(-today.weekday()) % 7)
    while monday + 7 * ONE_DAY <= end:
        if not holidays_between(monday - ONE_DAY, monday + 7 * ONE_DAY):
            seen[tuple(source.on(monday + timedelta(days=i)) for i in range(7))] += 1
        monday += 7 * ONE_DAY
    for week, count in seen.most_common():
        if count >= 3 and any(day != CLOSED_DAY for day in week):
            return week
    return ()


def _rows(week: tuple[Painted, ...], *, merge: bool) -> tuple[Period, ...]:
    """Weekly rows of seven painted days; () for a week of which nothing is told.

    With `merge` a piece after midnight is joined to the evening before it.
    """
    rows: list[Period] = []
    for weekday, day in enumerate(week):
        before, after = week[weekday - 1], week[(weekday + 1) % 7]
        rows += osm_specials.owned(before, day, after, weekday, merge=merge)
    return tuple(rows)


def _holiday_rule(
    source: _Source, schedule: Schedule, rules: list[HolidayRule], today: date, end: date
) -> HolidayRule:
    """The rule under which the fewest holidays differ from the value."""
    if len(rules) == 1:
        return rules[0]
    days = holidays_between(today, today + FURTHEST)

    def misses(rule: HolidayRule) -> int:
        tried = replace(schedule, holiday_rule=rule)
        return sum(tuple(engine.pieces(tried, day)) != source.on(day) for day in days)

    return min(rules, key=misses)


def _around_holidays(today: date) -> list[date]:
    """The holidays of the coming six years and their neighbours."""
    days = holidays_between(today + ONE_DAY, today + FURTHEST)
    return sorted({day + timedelta(days=shift) for day in days for shift in (-1, 0, 1, 2)})


def _same(source: _Source, schedule: Schedule, days: Iterable[date]) -> bool:
    return all(tuple(engine.pieces(schedule, day)) == source.on(day) for day in days)


def _losses(source: _Source, words: Features, found: _Found, today: date) -> tuple[str, ...]:
    """French sentences: what the value says and the schedule does not hold."""
    until = f"{found.exact_until:%d/%m/%Y}" if found.exact_until else ""
    said: list[str] = []
    if words.recurring:
        said.append(
            "Ces horaires changent au fil de l’année\u00a0: ils sont repris jour par jour "
            f"jusqu’au {until}."
        )
    elif until and words.dated_until and words.dated_until > found.exact_until:
        said.append(f"Les dates postérieures au {until} ne sont pas reprises.")
    if until and words.holidays and not found.holidays_held:
        said.append(
            "Les horaires particuliers des jours fériés sont repris comme horaires "
            f"exceptionnels jusqu’au {until}."
        )
    if until and not words.recurring and found.closed_base and found.holidays_held:
        said.append(
            f"Sans horaires d’ouverture dans la semaine, la fermeture est reprise jusqu’au {until}."
        )
    if until and not said and not words.sun:
        said.append(f"Ces horaires sont repris jour par jour jusqu’au {until}.")
    if words.school_holidays:
        said.append("Les vacances scolaires («\u00a0SH\u00a0») ne sont pas distinguées.")
    if words.sun:
        said.append(
            "Les heures du lever et du coucher du soleil sont remplacées par des heures fixes "
            "(aube 6\u00a0h, lever 7\u00a0h, coucher 19\u00a0h, crépuscule 20\u00a0h)."
        )
    if words.open_end:
        said.append("L’heure de fermeture non précisée («\u00a0+\u00a0») est lue comme minuit.")
    appointments = any(row.by_appointment for row in found.schedule.weekly) or any(
        row.by_appointment for special in found.schedule.specials for row in special.periods
    )
    if appointments and source.unnamed_unknown:
        said.append("Des horaires incertains sont repris comme «\u00a0sur rendez-vous\u00a0».")
    reasons = {special.reason for special in found.schedule.specials}
    for comment in words.comments:
        if comment not in reasons and not (appointments and APPOINTMENT.search(comment)):
            said.append(f"Le commentaire «\u00a0{comment}\u00a0» n’est pas repris.")
    said += [f"L’écriture est inhabituelle ({warning})." for warning in source.hours.warnings]
    return tuple(said)
