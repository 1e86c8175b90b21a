"""Public holidays by zone against the official list and by hand."""

import csv
from datetime import date

import pytest

from merchants.opening_hours import (
    ZONES,
    OpeningHoursError,
    holiday_name,
    holidays_between,
    is_holiday,
)

from .shared import shared_file


def test_every_line_of_the_official_calendar():
    with shared_file("holidays/jours_feries_2019_2032.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 307
    for row in rows:
        name = row["nom"].replace("'", "’")  # typography: ours; the names: the calendar's
        assert holiday_name(date.fromisoformat(row["date"]), row["zone"]) == name


def test_no_other_day_than_the_official_ones():
    """Rows of "metropole" hold in every zone, which adds its own."""
    with shared_file("holidays/jours_feries_2019_2032.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for zone in {row["zone"] for row in rows}:
        official = {row["date"] for row in rows if row["zone"] in ("metropole", zone)}
        ours = holidays_between(date(2019, 1, 1), date(2032, 12, 31), zone)
        assert {day.isoformat() for day in ours} == official, zone


@pytest.mark.parametrize(
    ("day", "zone", "name"),
    [
        ("2026-05-01", "metropole", "Fête du Travail"),
        ("2026-04-03", "metropole", None),
        ("2026-04-03", "alsace-moselle", "Vendredi saint"),
        ("2026-12-26", "alsace-moselle", "Saint-Étienne"),
        ("2026-05-22", "martinique", "Abolition de l’esclavage"),
        ("2026-12-20", "la-reunion", "Abolition de l’esclavage"),
        ("2026-06-10", "guyane", "Abolition de l’esclavage"),
        ("2026-05-28", "saint-martin", "Abolition de l’esclavage"),
        ("2026-10-09", "saint-barthelemy", "Abolition de l’esclavage"),
        ("2026-07-14", "saint-pierre-et-miquelon", "Fête nationale"),
        ("2026-07-29", "wallis-et-futuna", "Fête du Territoire"),
        ("2026-03-05", "polynesie-francaise", "Arrivée de l’Évangile"),
    ],
)
def test_by_hand(day, zone, name):
    assert holiday_name(date.fromisoformat(day), zone) == name
    assert is_holiday(date.fromisoformat(day), zone) == (name is not None)


def test_all_zones_answer():
    for zone in ZONES:
        assert is_holiday(date(2027, 1, 1), zone)


def test_unknown_zone():
    with pytest.raises(
        OpeningHoursError, match="jours fériés «\u00a0corse\u00a0» est inconnue"
    ) as e:
        holiday_name(date(2026, 1, 1), "corse")
    assert e.value.part == "corse"
