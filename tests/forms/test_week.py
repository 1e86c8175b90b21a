"""The editor of the usual week: what is typed, what is read, what its buttons do."""

from datetime import date

import pytest

from merchants.forms.week import ROWS_AT_MOST, ROWS_READ, WeekForm, minute_of
from merchants.opening_hours import Period, Schedule, from_osm


def posted(holiday_rule: str = "closed", **rows: list[tuple]) -> dict:
    """`posted(d0=[("09:00", "12:30")])` is what the browser sends."""
    data = {"holiday_rule": holiday_rule}
    for day, several in rows.items():
        for index, (opens, closes, *appointment) in enumerate(several):
            prefix = f"{day[1]}-{index}"
            data |= {f"{prefix}-opens": opens, f"{prefix}-closes": closes}
            if appointment:
                data[f"{prefix}-appointment"] = "on"
    return data


def sent_back(form: WeekForm) -> dict:
    rows = {
        f"d{day.weekday}": [
            (row.opens, row.closes, *(["on"] if row.by_appointment else [])) for row in day.rows
        ]
        for day in form.days
    }
    return posted(form.holiday_rule, **rows)


@pytest.mark.parametrize(
    "osm",
    [
        "Mo-Fr 09:00-12:30,14:00-19:00; PH off",
        "Mo-Su 18:00-26:00",
        "24/7",
        'Mo-Fr 09:00-12:00; Sa 00:00-24:00 unknown "sur rendez-vous"; PH unknown',
        "Mo 08:00-09:00,10:00-11:00,12:00-13:00,14:00-15:00; PH off",
    ],
)
def test_what_is_shown_is_what_is_read(osm):
    schedule = from_osm(osm, today=date(2026, 11, 23))
    form = WeekForm.of(sent_back(WeekForm(schedule)))
    assert form.is_valid(), form.errors
    assert form.schedule.weekly == schedule.weekly
    assert form.schedule.holiday_rule == schedule.holiday_rule


def test_an_empty_week_is_no_hours():
    form = WeekForm.of(posted())
    assert form.is_valid()
    assert form.schedule.weekly == ()


@pytest.mark.parametrize(
    ("row", "period"),
    [
        (("9h", "12h30"), Period(0, 540, 750)),
        (("9", "12:30"), Period(0, 540, 750)),
        (("18:00", "02:00"), Period(0, 1080, 1560)),
        (("18:00", "00:00"), Period(0, 1080, 1440)),
        (("18:00", "24:00"), Period(0, 1080, 1440)),
        (("00:00", "00:00"), Period(0, 0, 1440)),
        (("", "", "on"), Period(0, 0, 1440, True)),
        (("14:00", "18:00", "on"), Period(0, 840, 1080, True)),
    ],
)
def test_rows(row, period):
    form = WeekForm.of(posted(d0=[row]))
    assert form.is_valid(), form.errors
    assert form.schedule.weekly == (period,)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("09:00", "")], "l’heure de fermeture manque"),
        ([("", "12:00")], "l’heure d’ouverture manque"),
        ([("9:75", "12:00")], "« 9:75 » n’est pas une heure"),
        ([("midi", "14:00")], "« midi » n’est pas une heure"),
        ([("25:00", "26:00")], "n’est pas une heure"),
        ([("24:00", "02:00")], "n’est pas une heure"),
        ([("19:00", "14:00")], "la fermeture vient avant l’ouverture"),
        ([("09:00", "09:00")], "à la même heure"),
        ([("09:00", "13:00"), ("12:00", "18:00")], "en recouvrent d’autres"),
    ],
)
def test_mistakes_are_said_and_nothing_typed_is_lost(rows, sentence):
    form = WeekForm.of(posted(d0=rows, d1=[("10:00", "12:00")]))
    assert not form.is_valid()
    assert len(form.errors) == 1
    said = form.errors[0].replace("\xa0", " ")
    assert said.startswith("Lundi : ") and sentence in said
    assert [(row.opens, row.closes) for row in form.days[0].rows][: len(rows)] == rows
    assert form.days[1].rows[0].opens == "10:00"


def test_public_holidays_are_asked_about():
    form = WeekForm.of(posted(""))
    assert not form.is_valid()
    assert form.errors == ["Dites ce que vous faites les jours fériés."]


def test_monday_is_copied_in_one_gesture():
    form = WeekForm.of(posted(d0=[("09:00", "12:00"), ("14:00", "19:00")], d6=[("10:00", "12:00")]))
    assert form.change({"copy": "0"})
    assert form.is_valid()
    assert len(form.schedule.weekly) == 14
    assert WeekForm.of(sent_back(form)).is_valid()


def test_a_row_is_added_up_to_a_limit():
    form = WeekForm(Schedule())
    for _click in range(10):
        form.change({"add": "2"})
    assert len(form.days[2].rows) == ROWS_AT_MOST
    assert not form.days[2].can_grow
    assert [row.name for row in form.days[2].rows][:3] == ["2-0", "2-1", "2-2"]


def test_a_day_is_emptied():
    form = WeekForm.of(posted(d0=[("09:00", "12:00")]))
    form.change({"clear": "0"})
    assert all(row.is_empty for row in form.days[0].rows)


@pytest.mark.parametrize("data", [{}, {"add": "7"}, {"copy": ""}, {"clear": "01"}])
def test_no_other_button_changes_anything(data):
    assert not WeekForm(Schedule()).change(data)


@pytest.mark.parametrize(
    ("text", "minute"), [("9", 540), ("9h", 540), ("09:05", 545), ("24h", 1440)]
)
def test_times(text, minute):
    assert minute_of(text) == minute


def test_a_day_of_many_ranges_loses_none():
    """An import may bring more than the editor offers to add."""
    rows = [(f"{hour:02}:00", f"{hour:02}:30") for hour in range(8, 18)]
    form = WeekForm.of(posted(d0=rows))
    assert form.is_valid(), form.errors
    assert len(form.schedule.weekly) == 10
    assert not form.days[0].can_grow
    assert WeekForm.of(posted(d0=[("", "")] * 6 + rows[:1])).days[0].rows[6].opens == "08:00"


def test_too_many_ranges_are_refused_and_stay():
    form = WeekForm.of(posted(d0=[("09:00", "12:00")] + [("", "")] * ROWS_READ))
    assert not form.is_valid()
    assert "Lundi\u00a0: 24 plages au plus." in form.errors
    assert form.days[0].rows[0].opens == "09:00"


def test_a_sentence_after_a_colon_has_no_capital():
    form = WeekForm.of(posted(d0=[("09:00", "13:00"), ("12:00", "18:00")]))
    assert not form.is_valid()
    assert "Lundi\u00a0: ces heures en recouvrent d’autres du même jour." in form.errors
