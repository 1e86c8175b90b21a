import csv
from dataclasses import replace
from datetime import date

import pytest

from merchants.opening_hours import (
    HolidayRule,
    OpeningHoursError,
    Schedule,
    from_french,
    from_osm,
    to_french,
)

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("osm", "sentence"),
    [
        (
            "Mo 15:00-19:00; Tu-Sa 09:00-12:30,14:00-19:00",
            "lundi 15 h – 19 h ; du mardi au samedi 9 h – 12 h 30, 14 h – 19 h ; dimanche fermé",
        ),
        ("Mo-Su 06:30-24:00", "tous les jours 6 h 30 – minuit"),
        ("24/7", "tous les jours 24 h/24"),
        (
            "Fr,Sa 18:00-02:00",
            "vendredi et samedi 18 h – 2 h ; du lundi au jeudi et dimanche fermé",
        ),
        (
            "PH off; We 14:00-18:00",
            "mercredi 14 h – 18 h ; lundi, mardi et du jeudi au dimanche fermé",
        ),
    ],
)
def test_the_week_in_a_sentence(osm, sentence):
    assert to_french(from_osm(osm, today=TODAY)) == sentence


@pytest.mark.parametrize("osm", ["Mo-Fr 09:00-18:00; 2026 Dec 24 off", "Jul-Aug: Mo 10:00-12:00"])
def test_what_no_sentence_says_is_left_to_others(osm):
    assert to_french(from_osm(osm, today=TODAY)) == ""


def test_unknown_hours_have_no_sentence():
    assert to_french(Schedule()) == ""


def test_the_commonest_values_of_openstreetmap(shared_data):
    """What is written is read as it was; and most of them are written."""
    written = unwritten = 0
    with (shared_data / "opening_hours/valid_500.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            try:
                schedule = from_osm(row["value"], today=TODAY)
            except OpeningHoursError:
                continue
            if sentence := to_french(schedule):
                assert from_french(sentence) == replace(schedule, holiday_rule=HolidayRule.UNKNOWN)
                written += 1
            else:
                unwritten += 1
    assert (written, unwritten) == (468, 29)
