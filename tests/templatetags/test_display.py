"""What the filters of the pages say, in French and in English."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from merchants.models.shop import Confirmer
from merchants.opening_hours import Schedule, SpecialKind, SpecialPeriod
from merchants.opening_hours.tables import week_rows
from merchants.templatetags.display import (
    bound,
    coming_periods,
    confirmed,
    km,
    of_place,
    own_links,
)
from tests.factories import make_commune, make_shop

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def in_french():
    """Whatever language an earlier test has asked a page in."""
    with translation.override("fr"):
        yield


def test_a_place_after_its_preposition():
    assert of_place("Asnières-sur-Seine") == "d’Asnières-sur-Seine"
    with translation.override("en"):
        assert of_place("Asnières-sur-Seine") == "in Asnières-sur-Seine"


def test_punctuation_stays_with_its_word():
    said = bound("Le pain : « chaud » ! Et vous ? Oui ; non")
    assert said == ("Le pain\u00a0: «\u00a0chaud\u00a0»\u202f! Et vous\u202f? Oui\u202f; non")


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (0.004, "10 m"),
        (0.5, "500 m"),
        (1, "1 km"),
        (1.24, "1,2 km"),
        (1.28, "1,3 km"),
        (2.0, "2 km"),
        (13.6, "14 km"),
    ],
)
def test_kilometres(distance, text):
    assert km(distance).replace("\u00a0", " ") == text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("confirmed_at", "now", "when"),
    [
        ("2026-11-22 18:00", "2026-11-22 23:59", "aujourd’hui"),
        ("2026-11-22 18:00", "2026-11-23 00:00", "hier"),
        ("2026-11-22 18:00", "2026-11-23 10:30", "hier"),
        ("2026-11-22 18:00", "2026-11-23 18:01", "hier"),
        ("2026-11-22 00:10", "2026-11-22 00:50", "aujourd’hui"),
        ("2026-11-21 23:59", "2026-11-23 00:00", "il y a 2 jours"),
        # The night on which the clock goes back has 25 hours.
        ("2026-10-25 00:10", "2026-10-25 23:50", "aujourd’hui"),
    ],
)
def test_confirmed_counts_the_days_of_the_calendar(confirmed_at, now, when):
    shop = make_shop()
    shop.confirmed_as = Confirmer.TOWN_HALL
    shop.confirmed_at = at(confirmed_at).astimezone(ZoneInfo("UTC"))
    assert confirmed(shop, at(now).astimezone(ZoneInfo("UTC"))) == f"Confirmé {when} par la mairie"


@pytest.mark.django_db
def test_confirmed_names_the_day_of_the_place():
    shop = make_shop()
    shop.confirmed_as = Confirmer.MERCHANT
    shop.confirmed_at = datetime(2026, 10, 31, 23, 30, tzinfo=ZoneInfo("UTC"))
    assert confirmed(shop) == "Confirmé le 1er novembre 2026 par le commerçant"
    with translation.override("en"):
        assert " 1 November 2026 " in confirmed(shop)
    overseas = make_shop(commune=make_commune("Fort-de-France", department="972"))
    overseas.confirmed_as, overseas.confirmed_at = shop.confirmed_as, shop.confirmed_at
    assert confirmed(overseas) == "Confirmé le 31 octobre 2026 par le commerçant"


@pytest.mark.django_db
def test_coming_periods_name_the_first_of_a_month():
    august = SpecialPeriod(date(2026, 8, 1), date(2026, 9, 1), SpecialKind.CLOSED)
    day = SpecialPeriod(date(2026, 9, 2), date(2026, 9, 2), SpecialKind.UNKNOWN)
    shop = make_shop(hours=Schedule(specials=(august, day)))
    week = week_rows(shop.schedule, date(2026, 7, 20))
    assert [period.days for period in coming_periods(shop, week)] == [
        "Du 1er août au 1er septembre",
        "mercredi 2 septembre",
    ]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def test_mails_have_no_link_but_ours():
    ours = "http://testserver/mon-commerce/"
    assert own_links(f"Ici\u00a0:\n{ours}\nMerci") == (
        f'Ici\u00a0:\n<a href="{ours}">{ours}</a>\nMerci'
    )
    assert own_links("contact@example.fr").startswith('<a href="mailto:contact@example.fr">')
    for theirs in ("evil.com", "http://testserver.evil.com/x", "https://evil.com/", "a@evil.com"):
        assert "href" not in own_links(theirs)
    assert own_links("<b> & http://testserver") == (
        '&lt;b&gt; &amp; <a href="http://testserver">http://testserver</a>'
    )
