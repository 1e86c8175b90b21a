"""Reading and repairing OpenStreetMap values: by hand, then every real value at hand."""

from datetime import date

import pytest

from merchants.opening_hours import (
    HolidayRule,
    OpeningHoursError,
    SpecialKind,
    from_osm,
    repair_osm,
)

from .shared import agreed, geojson_hours, spread, tsv

TODAY = date(2026, 3, 10)

# Values on which the installed evaluator and the column `rs_parses` disagree: none.
DIFFERENT_VERSION: list[str] = []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo-Fr 09:00-18:00; PH off", "Mo-Fr 09:00-18:00; PH off"),
        ("Mo-Fr 9:00-18:00", "Mo-Fr 09:00-18:00"),
        ("09:00-12:00,14:00-18:00", "Mo-Su 09:00-12:00,14:00-18:00"),
        ("Mo-Su 10:00-2:00", "Mo-Su 10:00-26:00"),
        ("Fr-Sa 18:00-24:00; Su 18:00-20:00", "Fr-Sa 18:00-24:00; Su 18:00-20:00"),
        ("24/7", "24/7"),
        ("24/7; PH off", "24/7; PH off"),
        ("Su 10:00-12:00; PH off", "Su 10:00-12:00; PH off"),
        ("Mo-Fr 10:00-12:00; PH unknown", "Mo-Fr 10:00-12:00; PH unknown"),
        (
            "Mo-Su 18:00-26:00; PH +1 day 00:00-02:00 off; PH off",
            "Mo-Su 18:00-26:00; PH +1 day 00:00-02:00 off; PH off",
        ),
        # the reference opens the night of a closed holiday: the mornings become rows of their own
        ("Mo-Su 18:00-26:00; PH off", "Mo-Su 00:00-02:00,18:00-24:00; PH off"),
        (
            'Mo 09:00-12:00, Tu 09:00-12:00 unknown "sur rendez-vous"',
            'Tu 09:00-12:00 unknown "sur rendez-vous", Mo 09:00-12:00',
        ),
    ],
)
def test_permanent_values_have_no_loss(text, expected):
    schedule = from_osm(text, today=TODAY)
    assert schedule.to_osm() == expected
    assert (schedule.losses, schedule.exact_until) == ((), None)
    agreed(schedule, text, spread(TODAY, 366, 400))


def test_dated_periods_are_held_for_ever():
    text = 'Mo-Fr 09:00-18:00; PH off; 2027 Aug 01-2027 Aug 20 off "congés"'
    schedule = from_osm(text, today=TODAY)
    assert (schedule.losses, schedule.exact_until) == ((), None)
    (special,) = schedule.specials
    assert (special.kind, special.reason) == (SpecialKind.CLOSED, "congés")
    assert (special.start, special.end) == (date(2027, 8, 2), date(2027, 8, 20))  # 1 is a Sunday


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Apr-Sep Mo-Sa 09:00-19:00; Oct-Mar Mo-Sa 10:00-17:00", "changent au fil de l’année"),
        ("week 01-53/2 Mo-Fr 09:00-18:00", "changent au fil de l’année"),
        ("Mo-Fr 09:00-18:00; Mo[1] off", "changent au fil de l’année"),
        ("Mo-Fr 09:00-18:00; SH 10:00-12:00", "Les vacances scolaires"),
        ("Mo-Fr 09:00-18:00; easter off", "changent au fil de l’année"),
        ("2026 Mo-Fr 09:00-18:00", "changent au fil de l’année"),
        ("Mo-Fr 09:00-18:00; PH 10:00-12:00", "horaires particuliers des jours fériés"),
        ("sunrise-sunset", "soleil"),
        ("2026 Aug 01-31 09:00-12:00", "repris jour par jour jusqu’au 14/04/2027"),
        ("off", "la fermeture est reprise jusqu’au 14/04/2027"),
        ("Mo-Fr 09:00-18:00; 2040 Aug 01-2040 Aug 20 off", "Les dates postérieures"),
    ],
)
def test_what_cannot_last_is_told(text, sentence):
    schedule = from_osm(text, today=TODAY)
    assert schedule.exact_until is not None
    assert sentence in " ".join(schedule.losses)
    agreed(schedule, text, spread(TODAY, 366, 400))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'Mo-Fr 09:00-18:00 "sonner fort"',
            "Le commentaire «\u00a0sonner fort\u00a0» n’est pas repris.",
        ),
        ("Mo-Fr 10:00+", "L’heure de fermeture non précisée"),
        ("mo-fr 09:00-18:00", "L’écriture est inhabituelle"),
        ("Mo-Fr 09:00-18:00 unknown", "repris comme «\u00a0sur rendez-vous\u00a0»"),
    ],
)
def test_small_losses_are_told_and_last(text, sentence):
    schedule = from_osm(text, today=TODAY)
    assert schedule.exact_until is None
    assert sentence in " ".join(schedule.losses)


def test_holidays_follow_the_zone():
    schedule = from_osm("Mo-Sa 09:00-18:00; PH off", today=TODAY, holiday_zone="alsace-moselle")
    assert schedule.holiday_rule == HolidayRule.CLOSED
    assert schedule.day(date(2026, 4, 3)).closed


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", ""),
        ("   ", ""),
        ("Lu-Sam 10:00-21:00", "Lu-Sam 10:00-21:00"),
        ("Mo-Fr 09:00-12:30 / 14:00-19:00", "14:00-19:00"),
        ("Mo 25:61-26:00", None),
        ("n'importe quoi", "n'importe quoi"),
    ],
)
def test_refused_values(text, part):
    with pytest.raises(OpeningHoursError) as error:
        from_osm(text, today=TODAY)
    assert "OpenStreetMap n’est pas valable" in str(error.value) or not text.strip()
    if part:
        assert part in error.value.part


def test_unknown_country():
    with pytest.raises(OpeningHoursError, match="Le pays «\u00a0XX\u00a0» est inconnu"):
        from_osm("24/7", today=TODAY, country="XX")


def test_real_values_are_read_or_refused_as_listed():
    rows = tsv("opening_hours/osm_france_values.tsv")
    assert len(rows) == 534
    wrong = []
    for row in rows:
        try:
            schedule = from_osm(row["value"], today=TODAY)
        except OpeningHoursError:
            read = "0"
        else:
            read = "1"
            agreed(schedule, row["value"], spread(TODAY, 366, 40))
        if read != row["rs_parses"]:
            wrong.append(row["value"])
    assert wrong == DIFFERENT_VERSION


def test_the_500_commonest_values():
    rows = tsv("opening_hours/valid_500.tsv")
    assert len(rows) == 500
    for row in rows:
        schedule = from_osm(row["value"], today=TODAY)
        agreed(schedule, row["value"], spread(TODAY, 366, 120))


@pytest.mark.parametrize(
    ("name", "count"), [("osm/niort-2019.geojson", 37), ("osm/monaco-2021.geojson", 91)]
)
def test_towns_are_read_after_repair(name, count):
    values = geojson_hours(name)
    assert len(values) == count
    for value in values:
        repaired, _said = repair_osm(value)
        assert from_osm(repaired, today=TODAY).weekly


@pytest.mark.parametrize(
    ("text", "repaired", "said"),
    [
        ("Mo-Fr 09:00-18:00", "Mo-Fr 09:00-18:00", 0),
        ("Mo-Sa 09:00–12:30,14:00–19:00", "Mo-Sa 09:00-12:30,14:00-19:00", 1),
        ("9h-12h", "9:00-12:00", 1),
        ("Mo-Fr 9h30-12h / 14h-18h30", "Mo-Fr 9:30-12:00,14:00-18:30", 2),
        ("8:30-12:00 / 14:00-19:00", "8:30-12:00,14:00-19:00", 1),
        ("Mo - Fr: 08:00-12:00", "Mo-Fr 08:00-12:00", 2),
        ("mo-su 09:00-23:30", "Mo-Su 09:00-23:30", 1),
        ("Mo-Sa 17:00-02: 00;Su 15:00-00:00", "Mo-Sa 17:00-02:00;Su 15:00-00:00", 1),
        ("Sa 09:00-12:00, Su 00:00-00:00", "Sa 09:00-12:00; Su off", 1),
        ("Mo-Su 00:00-00:00", "Mo-Su 00:00-00:00", 0),
        ("Mo-Fr 08:00-12:00; Su off;", "Mo-Fr 08:00-12:00; Su off", 1),
        (
            "Mo-Sa 09:00-12:00 / 14:00-19:00, We 09:00-12:00",
            "Mo-Sa 09:00-12:00,14:00-19:00; We 09:00-12:00",
            1,
        ),
        ('"sur rendez-vous"', 'unknown "sur rendez-vous"', 1),
        ('Mo 09:00-12:00 "sur RDV"', 'Mo 09:00-12:00 unknown "sur RDV"', 1),
        ('Mo 09:00-12:00 "9h30 – 11h"', 'Mo 09:00-12:00 "9h30 – 11h"', 0),
        ("Mo 8h 20h", "Mo 8h 20:00", 1),  # still refused: two hours, or a span?
    ],
)
def test_repair(text, repaired, said):
    found, sentences = repair_osm(text)
    assert found == repaired
    assert len(sentences) == said
    assert all(sentence.endswith(".") for sentence in sentences)
