"""Exceptional closures and holidays, page by page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from merchants.forms.closure import ClosureForm
from merchants.models import Commune, HistoryEntry, Shop
from merchants.opening_hours.phrases import full_date_text, long_date_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return timezone.localdate()


def tomorrow() -> str:
    return (timezone.localdate() + timedelta(days=1)).isoformat()


def specials(shop):
    return Shop.objects.get(pk=shop.pk).schedule.specials


def test_closed_today_in_two_gestures(awa, client, shop, url, today, text):
    client.get(shop.get_absolute_url())
    page = awa.get(url("fermeture/"))
    data = {"version": page.context["version"], "when": today.isoformat(), "part": "day",
            "reason": "Grippe"}  # fmt: skip
    for _click in range(2):
        response = awa.post(url("fermeture/"), data)
        assert (response.status_code, response.url) == (302, "/mon-commerce/")
    assert [(s.start, s.end, s.reason) for s in specials(shop)] == [(today, today, "Grippe")]
    assert HistoryEntry.objects.filter(action="closure").count() == 1
    day = full_date_text(today, str)
    said = text(awa.get("/mon-commerce/"))
    assert f"La fermeture du {day} est annoncée, et déjà en ligne." in said
    assert "Grippe" in client.get(shop.get_absolute_url()).content.decode()


def test_a_page_of_before_midnight_names_its_day(awa, shop, url, today, text):
    """ "Tomorrow" was that day, and "today" is over."""
    said = text(awa.get(url("fermeture/")))
    assert f"aujourd’hui, {long_date_text(today, str)}" in said
    data = {"version": shop.version, "when": today.isoformat(), "part": "day"}
    yesterday = today - timedelta(days=1)
    page = awa.post(url("fermeture/"), data | {"when": yesterday.isoformat()})
    assert "Ce jour est passé" in text(page)
    assert long_date_text(yesterday, str) in text(page)
    assert specials(shop) == ()


def test_another_day_and_a_part_of_it(awa, shop, url, today):
    monday = today + timedelta(days=7 - today.weekday())
    data = {
        "version": shop.version,
        "when": "other",
        "day": monday.isoformat(),
        "part": "hours",
        "from_time": "15:00",
        "to_time": "17:00",
    }
    assert awa.post(url("fermeture/"), data).status_code == 302
    assert [(p.opens, p.closes) for p in specials(shop)[0].periods] == [
        (540, 750),
        (840, 900),
        (1020, 1140),
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"when": "other"}, "Indiquez le jour."),
        ({"when": "other", "day": "2020-01-01"}, "Cette date est passée."),
        ({"when": "other", "day": "n’importe"}, "date valide"),
        ({"part": "hours"}, "Indiquez l’heure."),
        ({"part": "hours", "from_time": "9h", "to_time": "9h"}, "Les deux heures sont les mêmes."),
        ({"part": "hours", "from_time": "16:00", "to_time": "15:00"}, "vient avant la première"),
        ({"part": "hours", "from_time": "22:00", "to_time": "07:00"}, "vient avant la première"),
        ({"part": "hours", "from_time": "x", "to_time": "9h"}, "n’est pas une heure"),
        ({"when": "jamais"}, "Sélectionnez un choix valide"),
        ({"when": "2020-01-01"}, "Ce jour est passé : choisissez-en un autre."),
        ({"reason": "x" * 101}, "100 caractères"),
    ],
)
def test_mistakes_keep_what_was_typed(awa, shop, url, text, change, sentence):
    data = {"version": shop.version, "when": tomorrow(), "part": "day", "reason": "Mariage"}
    page = awa.post(url("fermeture/"), data | change)
    assert page.status_code == 200
    assert sentence in text(page)
    assert "reason" in change or "Mariage" in page.content.decode()
    assert specials(shop) == ()


def test_holidays_stay_live_where_the_town_hall_validates_everything(awa, shop, url, today, text):
    Commune.objects.update(edit_policy="validation")
    page = awa.get(url("conges/"))
    assert "En ligne dès que vous enregistrez." in text(page)
    data = {
        "version": shop.version,
        "start": (today + timedelta(days=5)).isoformat(),
        "end": (today + timedelta(days=12)).isoformat(),
        "reason": "congés",
    }
    assert awa.post(url("conges/"), data).status_code == 302
    assert len(specials(shop)) == 1
    wrong = data | {"end": today.isoformat()}
    page = awa.post(url("conges/"), wrong)
    assert "Le dernier jour vient avant le premier." in text(page)
    assert f'value="{today.isoformat()}"' in page.content.decode()


def test_a_period_is_listed_and_taken_away(awa, shop, url, today, text):
    data = {"version": shop.version, "when": tomorrow(), "part": "day", "reason": "Mariage"}
    awa.post(url("fermeture/"), data)
    assert "(Mariage)" in text(awa.get(url("horaires/")))
    start = (today + timedelta(days=1)).isoformat()
    for _click in range(2):
        days = {"version": shop.version, "start": start, "end": start}
        response = awa.post(url("fermeture/retirer/"), days)
        assert response.status_code == 302
    assert specials(shop) == ()
    wrong = {"version": shop.version, "start": "x", "end": start}
    assert awa.post(url("fermeture/retirer/"), wrong).status_code == 400
    Shop.objects.update(status="closed")
    said = text(awa.post(url("fermeture/retirer/"), wrong | {"start": start}))
    assert "rouvrez d’abord le commerce" in said


@pytest.mark.parametrize(("start", "end"), [("18:00", "02:00"), ("14:00", "00:00")])
def test_an_evening_goes_past_midnight(today, start, end):
    data = {"when": today.isoformat(), "part": "hours", "from_time": start, "to_time": end}
    assert ClosureForm(data, today=today).is_valid()
