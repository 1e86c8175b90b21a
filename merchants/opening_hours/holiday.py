"""French public holidays by zone, from the `holidays` library.

Source of the rule: Code du travail art. L3133-1 (eleven national days), local law of
Alsace-Moselle (Good Friday, 26 December) and the overseas departments and territories.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from .errors import OpeningHoursError, gettext_noop

# Our zone names to the subdivision codes of the `holidays` library (Moselle stands for
# Alsace-Moselle: both have the same calendar).
ZONES: dict[str, str | None] = {
    "metropole": None,
    "alsace-moselle": "57",
    "guadeloupe": "971",
    "martinique": "972",
    "guyane": "973",
    "la-reunion": "974",
    "mayotte": "976",
    "saint-pierre-et-miquelon": "PM",
    "saint-barthelemy": "BL",
    "saint-martin": "MF",
    "nouvelle-caledonie": "NC",
    "polynesie-francaise": "PF",
    "wallis-et-futuna": "WF",
}

# What the library calls them, in all zones, with our apostrophe: source strings for xgettext.
NAMES = (
    gettext_noop("Jour de l’an"),
    gettext_noop("Vendredi saint"),
    gettext_noop("Lundi de Pâques"),
    gettext_noop("Fête du Travail"),
    gettext_noop("Fête de la Victoire"),
    gettext_noop("Ascension"),
    gettext_noop("Lundi de Pentecôte"),
    gettext_noop("Fête nationale"),
    gettext_noop("Assomption"),
    gettext_noop("Toussaint"),
    gettext_noop("Armistice"),
    gettext_noop("Noël"),
    gettext_noop("Saint-Étienne"),
    gettext_noop("Mi-Carême"),
    gettext_noop("Abolition de l’esclavage"),
    gettext_noop("Fête de Victor Schoelcher"),
    gettext_noop("Fête de la Citoyenneté"),
    gettext_noop("Arrivée de l’Évangile"),
    gettext_noop("Fête de l’autonomie"),
    gettext_noop("Matāri’i"),
    gettext_noop("Saint Pierre Chanel"),
    gettext_noop("Saints Pierre et Paul"),
    gettext_noop("Fête du Territoire"),
)


def check_zone(zone: str) -> None:
    """Raise OpeningHoursError when `zone` is none of ZONES."""
    if zone not in ZONES:
        raise OpeningHoursError(
            gettext_noop("La zone de jours fériés «\u00a0%(part)s\u00a0» est inconnue."), zone
        )


@lru_cache(maxsize=128)
def _calendar(zone: str, year: int) -> Mapping[date, str]:
    """Names by date of one zone and year; about 1 ms, then cached.

    The library is imported here because its import costs 0.3 s.
    """
    from holidays.countries import France

    found = France(years=year, subdiv=ZONES[zone], language="fr")
    return {day: name.replace("'", "’") for day, name in found.items()}


def holiday_name(day: date, zone: str = "metropole") -> str | None:
    """French name of the public holiday on `day` in `zone`, or None on an ordinary day."""
    check_zone(zone)
    return _calendar(zone, day.year).get(day)


def is_holiday(day: date, zone: str = "metropole") -> bool:
    """Whether `day` is a public holiday in `zone`."""
    return holiday_name(day, zone) is not None


def holidays_between(start: date, end: date, zone: str = "metropole") -> list[date]:
    """The public holidays from `start` to `end`, both included, in order."""
    check_zone(zone)
    found: list[date] = []
    for year in range(start.year, end.year + 1):
        found += sorted(day for day in _calendar(zone, year) if start <= day <= end)
    return found


def next_holiday(day: date, zone: str = "metropole") -> date | None:
    """The first public holiday on or after `day`, or None at the very end of the calendar."""
    end = min(date.max, day + timedelta(days=400)) if day < date(9990, 1, 1) else date.max
    found = holidays_between(day, end, zone)
    return found[0] if found else None
