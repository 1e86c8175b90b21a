"""The words on the badge and in the tables."""

from datetime import date

import pytest

from merchants.opening_hours import (
    Description,
    HolidayRule,
    Schedule,
    SpecialKind,
    SpecialPeriod,
    State,
    closure_text,
    describe,
    holiday_text,
    usual_week,
    week_rows,
    with_special,
)

from .shared import local, week

SHOP = Schedule(week({"Tu-Sa": "9:00-12:30 14:00-18:45"}), (), HolidayRule.CLOSED)
AWAY = with_special(
    SHOP,
    SpecialPeriod(date(2026, 8, 10), date(2026, 8, 24), SpecialKind.CLOSED, (), "Congés"),
)
QUIET = with_special(SHOP, SpecialPeriod(date(2026, 8, 10), date(2026, 8, 24), SpecialKind.CLOSED))
ANNUAL = with_special(
    SHOP,
    SpecialPeriod(
        date(2026, 8, 10), date(2026, 9, 1), SpecialKind.CLOSED, (), "fermeture annuelle"
    ),
)
MONTHLY = with_special(
    SHOP, SpecialPeriod(date(2026, 8, 1), date(2026, 8, 1), SpecialKind.CLOSED, (), "inventaire")
)
# The closures of 19 and 21 September leave between them a day on which it never opens.
TWICE_AWAY = Schedule(
    week({"Mo-Sa": "9:00-19:00"}),
    tuple(
        SpecialPeriod(
            date.fromisoformat(start), date.fromisoformat(end), SpecialKind.CLOSED, (), reason
        )
        for start, end, reason in [
            ("2026-08-10", "2026-08-24", "Congés"),
            ("2026-08-25", "2026-08-31", "congés "),
            ("2026-09-19", "2026-09-19", "Mariage"),
            ("2026-09-21", "2026-09-21", "Inventaire"),
            ("2026-12-24", "2026-12-26", "Noël"),
            ("2026-12-27", "2026-12-31", "Travaux"),
        ]
    ),
    HolidayRule.CLOSED,
)
FOR_GOOD = Schedule(
    (),
    (
        SpecialPeriod(date(2026, 8, 1), date(2026, 8, 31), SpecialKind.CLOSED),
        SpecialPeriod(date(2026, 9, 1), date(2026, 12, 31), SpecialKind.CLOSED),
    ),
)
ONLY_AWAY = Schedule(
    (), (SpecialPeriod(date(2026, 12, 31), date(2026, 12, 31), SpecialKind.CLOSED),)
)
BAR = Schedule(week({"Mo-Su": "18:00-26:00"}), (), HolidayRule.AS_USUAL)
CUT_BAR = Schedule(week({"Mo-Su": "0:00-2:00 18:00-24:00"}), (), HolidayRule.CLOSED)
GROCER = Schedule(week({"Mo-Su": "8:00-20:00"}), (), HolidayRule.UNKNOWN)
ALWAYS = Schedule(week({"Mo-Su": "0:00-24:00"}), (), HolidayRule.AS_USUAL)
NEARLY = Schedule(week({"Mo-Su": "0:00-24:00"}), (), HolidayRule.CLOSED)
NOTARY = Schedule(
    week({"Mo": "9:00-12:00"}) + week({"Mo-Tu": "14:00-17:00"}, by_appointment=True),
    (),
    HolidayRule.AS_USUAL,
)
PENDING = with_special(
    GROCER, SpecialPeriod(date(2026, 9, 7), date(2026, 9, 8), SpecialKind.UNKNOWN, (), "travaux")
)
SUNDAYS = Schedule(week({"Su": "10:00-12:00"}), (), HolidayRule.AS_USUAL)

N = "\u00a0"  # no-break space

CASES = [
    (SHOP, "2026-03-10 11:00", "Ouvert", "Ferme à 12 h 30"),
    (SHOP, "2026-03-10 12:00", "Ouvert", "Ferme bientôt (12 h 30)"),
    (SHOP, "2026-03-10 11:59", "Ouvert", "Ferme à 12 h 30"),
    (SHOP, "2026-03-10 18:15", "Ouvert", "Ferme bientôt (18 h 45)"),
    (SHOP, "2026-03-10 13:00", "Fermé", "Ouvre à 14 h"),
    (SHOP, "2026-03-10 20:00", "Fermé", "Ouvre demain à 9 h"),
    (SHOP, "2026-03-14 20:00", "Fermé", "Ouvre mardi à 9 h"),
    (SHOP, "2026-05-01 10:00", "Fermé", "Ouvre demain à 9 h"),
    (AWAY, "2026-08-18 10:00", "Fermé", "Fermé pour congés jusqu’au 24 août"),
    (QUIET, "2026-08-18 10:00", "Fermé", "Fermé jusqu’au 24 août"),
    (ANNUAL, "2026-08-18 10:00", "Fermé", "Fermeture annuelle jusqu’au 1er septembre"),
    (MONTHLY, "2026-08-01 10:00", "Fermé", "Ouvre mardi à 9 h"),
    (AWAY, "2026-08-08 20:00", "Fermé", "Ouvre le mardi 25 août à 9 h"),
    (BAR, "2026-03-10 23:00", "Ouvert", "Ferme à 2 h"),
    (CUT_BAR, "2026-03-10 23:00", "Ouvert", "Ferme à 2 h"),
    (CUT_BAR, "2026-07-13 23:00", "Ouvert", "Ferme à minuit"),
    (CUT_BAR, "2026-07-14 10:00", "Fermé", "Ouvre demain à 0 h"),
    (BAR, "2026-03-29 01:45", "Ouvert", "Ferme bientôt (3 h)"),
    (ALWAYS, "2026-03-10 23:59", "Ouvert 24 h/24", ""),
    (NEARLY, "2026-03-10 10:00", "Ouvert 24 h/24", "Ferme le dimanche 5 avril à minuit"),
    (NEARLY, "2026-04-03 10:00", "Ouvert 24 h/24", "Ferme dimanche à minuit"),
    (GROCER, "2026-05-01 10:00", "Jour férié", "Jour férié : horaires à confirmer"),
    (GROCER, "2026-04-30 21:00", "Fermé", "Horaires à confirmer demain (jour férié)"),
    (TWICE_AWAY, "2026-08-20 10:00", "Fermé", "Fermé pour congés jusqu’au 31 août"),
    (TWICE_AWAY, "2026-08-28 10:00", "Fermé", "Fermé pour congés jusqu’au 31 août"),
    (TWICE_AWAY, "2026-09-19 10:00", "Fermé", "Fermé jusqu’au 21 septembre"),
    (TWICE_AWAY, "2026-12-24 10:00", "Fermé", "Fermé jusqu’au 31 décembre"),
    (TWICE_AWAY, "2026-12-29 10:00", "Fermé", "Fermé pour travaux jusqu’au 31 décembre"),
    (FOR_GOOD, "2026-08-20 10:00", "Fermé", "Fermé jusqu’au 31 décembre"),
    (NOTARY, "2026-03-09 15:00", "Sur rendez-vous", "Jusqu’à 17 h"),
    (NOTARY, "2026-03-09 13:00", "Fermé", "Sur rendez-vous à partir de 14 h"),
    (NOTARY, "2026-03-09 18:00", "Fermé", "Sur rendez-vous demain à partir de 14 h"),
    (PENDING, "2026-09-07 10:00", "Horaires à confirmer", "travaux"),
    (PENDING, "2026-09-06 21:00", "Fermé", "Horaires à confirmer demain"),
    (Schedule(), "2026-03-10 10:00", "Horaires non communiqués", ""),
    (Schedule(), "2026-05-01 10:00", "Horaires non communiqués", ""),
    (Schedule(), "2026-12-25 00:00", "Horaires non communiqués", ""),
    (ONLY_AWAY, "2027-01-01 10:00", "Horaires non communiqués", ""),
    (ONLY_AWAY, "2026-12-31 10:00", "Fermé", "Horaires à confirmer demain"),
    (SUNDAYS, "2026-03-15 13:00", "Fermé", "Ouvre le dimanche 22 mars à 10 h"),
]


@pytest.mark.parametrize(("schedule", "at", "label", "detail"), CASES)
def test_describe(schedule, at, label, detail):
    said = describe(schedule, local(at))
    plain = [text.replace(N, " ").replace("\u202f", " ") for text in (said.label, said.detail)]
    assert plain == [label, detail]
    assert said.state == schedule.state(local(at))


@pytest.mark.parametrize(
    ("schedule", "at", "headline", "more"),
    [
        (SHOP, "2026-03-10 11:00", "Ouvert", "Ferme à 12 h 30"),
        (AWAY, "2026-08-18 10:00", "Fermé pour congés jusqu’au 24 août", ""),
        (QUIET, "2026-08-18 10:00", "Fermé jusqu’au 24 août", ""),
        (ANNUAL, "2026-08-18 10:00", "Fermé", "Fermeture annuelle jusqu’au 1er septembre"),
        (GROCER, "2026-05-01 10:00", "Jour férié : horaires à confirmer", ""),
        (ALWAYS, "2026-03-10 23:59", "Ouvert 24 h/24", ""),
    ],
)
def test_a_badge_says_nothing_twice(schedule, at, headline, more):
    said = describe(schedule, local(at))
    assert [text.replace(N, " ") for text in (said.headline, said.more)] == [headline, more]
    assert str(said) == (f"{said.headline} · {said.more}" if more else said.headline)


def test_a_word_that_begins_like_the_label_does_not_replace_it():
    said = Description(State.OPEN, "Open", "Opening festival")
    assert (said.headline, said.more) == ("Open", "Opening festival")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("Congés", "Fermé pour congés jusqu’au 24 août"),
        ("Congés d’été", "Fermé pour congés d’été jusqu’au 24 août"),
        ("Travaux", "Fermé pour travaux jusqu’au 24 août"),
        ("Inventaire", "Fermé pour inventaire jusqu’au 24 août"),
        ("Vacances de Noël", "Fermé pour vacances de Noël jusqu’au 24 août"),
        ("Noël", "Fermé pour Noël jusqu’au 24 août"),
        ("Pâques", "Fermé pour Pâques jusqu’au 24 août"),
        ("CONGÉS", "Fermé pour CONGÉS jusqu’au 24 août"),
        ("pour travaux", "Pour travaux jusqu’au 24 août"),
        ("« Fête »", "Fermé pour « Fête » jusqu’au 24 août"),
        ("", "Fermé jusqu’au 24 août"),
    ],
)
def test_a_reason_keeps_its_capitals_unless_it_is_a_common_noun(reason, said):
    closure = SpecialPeriod(date(2026, 8, 10), date(2026, 8, 24), SpecialKind.CLOSED, (), reason)
    assert closure_text(closure) == said


def test_no_break_spaces():
    assert describe(SHOP, local("2026-03-10 11:00")).detail == f"Ferme à 12{N}h{N}30"
    assert str(describe(SHOP, local("2026-03-10 13:00"))) == f"Fermé · Ouvre à 14{N}h"


def test_every_word_goes_through_the_translation():
    english = {
        "Ouvert": "Open",
        "Ferme à %(time)s": "Closes at %(time)s",
        f"%(hour)d{N}h{N}%(minute)02d": "%(hour)d:%(minute)02d",
    }
    said = describe(SHOP, local("2026-03-10 11:00"), lambda text: english[text])
    assert (said.label, said.detail) == ("Open", "Closes at 12:30")


def test_week_rows():
    rows = week_rows(AWAY, date(2026, 8, 6))  # a Thursday
    assert [(row.name, row.hours.replace(N, " "), row.is_today, row.note) for row in rows] == [
        ("Lundi", "Fermé", False, "Congés"),
        ("Mardi", "Fermé", False, "Congés"),
        ("Mercredi", "Fermé", False, "Congés"),
        ("Jeudi", "9 h – 12 h 30, 14 h – 18 h 45", True, ""),
        ("Vendredi", "9 h – 12 h 30, 14 h – 18 h 45", False, ""),
        ("Samedi", "9 h – 12 h 30, 14 h – 18 h 45", False, ""),
        ("Dimanche", "Fermé", False, ""),
    ]


def test_week_rows_notes():
    assert week_rows(GROCER, date(2026, 5, 1))[4].hours == "Horaires à confirmer"
    assert week_rows(GROCER, date(2026, 5, 1))[4].note == "Fête du Travail"
    assert week_rows(QUIET, date(2026, 8, 10))[0].note == "Fermeture exceptionnelle"
    assert week_rows(Schedule(), date(2026, 8, 10))[0].hours == "Horaires non communiqués"
    holiday = week_rows(Schedule(), date(2026, 5, 1))[4]
    assert (holiday.hours, holiday.note) == ("Horaires non communiqués", "Fête du Travail")
    islands = Schedule(holiday_zone="saint-barthelemy")
    assert week_rows(islands, date(2026, 10, 9))[4].note == "Abolition de l’esclavage"


@pytest.mark.parametrize("schedule", [BAR, CUT_BAR])
def test_a_night_is_told_with_its_evening(schedule):
    rows = week_rows(schedule, date(2026, 3, 9))
    assert {row.hours for row in rows} == {f"18{N}h – 2{N}h"}
    assert [(row.days, row.hours) for row in usual_week(schedule)] == [
        ("Tous les jours", f"18{N}h – 2{N}h")
    ]


def test_usual_week():
    rows = usual_week(NOTARY)
    assert [(row.days, row.hours.replace(N, " ")) for row in rows] == [
        ("Lundi", "9 h – 12 h, 14 h – 17 h (sur rendez-vous)"),
        ("Mardi", "14 h – 17 h (sur rendez-vous)"),
        ("Du mercredi au dimanche", "Fermé"),
    ]
    assert [row.days for row in usual_week(SHOP)] == ["Du mardi au samedi", "Lundi et dimanche"]
    assert [(row.days, row.hours) for row in usual_week(ALWAYS)] == [
        ("Tous les jours", f"24{N}h/24")
    ]
    assert usual_week(Schedule()) == ()


def test_holiday_text():
    assert holiday_text(SHOP) == "Fermé les jours fériés"
    assert holiday_text(BAR) == "Ouvert les jours fériés aux horaires habituels"
    assert holiday_text(GROCER) == "Jours fériés\u00a0: horaires à confirmer"
