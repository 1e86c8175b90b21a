"""French words for times, days and dates, passed through a translation function.

`_` is `gettext` or the identity; every literal here is a source string for xgettext. Between a
number and its unit stands a no-break space (U+00A0).
"""

from collections.abc import Callable
from datetime import date, datetime

from .periods import DAY

Translate = Callable[[str], str]


def identity(message: str) -> str:
    """The translation function of a caller without a catalogue."""
    return message


def time_text(minute: int, _: Translate = identity, *, opens: bool = False) -> str:
    """ "9 h", "12 h 30"; minutes after midnight, past 1440 the next morning.

    Midnight is "minuit" at the end of a day and "0 h" where something opens.
    """
    hour, rest = divmod(minute % DAY, 60)
    if hour == 0 and rest == 0 and not opens:
        return _("minuit")
    if rest:
        return _("%(hour)d\u00a0h\u00a0%(minute)02d") % {"hour": hour, "minute": rest}
    return _("%(hour)d\u00a0h") % {"hour": hour}


def span_text(opens: int, closes: int, _: Translate = identity) -> str:
    """ "9 h – 12 h 30"; a whole day is "24 h/24"."""
    if closes - opens == DAY and opens == 0:
        return _("24\u00a0h/24")
    return _("%(opens)s – %(closes)s") % {
        "opens": time_text(opens, _, opens=True),
        "closes": time_text(closes, _),
    }


def weekday_text(weekday: int, _: Translate = identity) -> str:
    """The name of a weekday, 0 for Monday."""
    return (
        _("lundi"),
        _("mardi"),
        _("mercredi"),
        _("jeudi"),
        _("vendredi"),
        _("samedi"),
        _("dimanche"),
    )[weekday]


def month_text(month: int, _: Translate = identity) -> str:
    """The name of a month, 1 for January."""
    return (
        _("janvier"),
        _("février"),
        _("mars"),
        _("avril"),
        _("mai"),
        _("juin"),
        _("juillet"),
        _("août"),
        _("septembre"),
        _("octobre"),
        _("novembre"),
        _("décembre"),
    )[month - 1]


def date_text(day: date, _: Translate = identity) -> str:
    """ "24 août", "1er mai"."""
    number = _("1er") if day.day == 1 else str(day.day)
    return _("%(day)s %(month)s") % {"day": number, "month": month_text(day.month, _)}


def full_date_text(day: date, _: Translate = identity) -> str:
    """ "1er novembre 2026"."""
    return _("%(date)s %(year)s") % {"date": date_text(day, _), "year": day.year}


def moment_text(moment: datetime, _: Translate = identity) -> str:
    """ "1er novembre 2026, 14:05", in the time zone that the moment has."""
    return f"{full_date_text(moment, _)}, {moment:%H:%M}"


def long_date_text(day: date, _: Translate = identity) -> str:
    """ "mardi 25 août"."""
    return _("%(weekday)s %(date)s") % {
        "weekday": weekday_text(day.weekday(), _),
        "date": date_text(day, _),
    }
