"""The hours editor, without a script: every button is a round trip."""

import pytest

from merchants.models import Commune, HistoryEntry, Proposal, Shop
from merchants.opening_hours import HolidayRule
from tests.views.my_shop.week import week_of

pytestmark = pytest.mark.django_db


def osm(shop) -> str:
    return Shop.objects.get(pk=shop.pk).schedule.to_osm()


def test_a_change_is_live_and_comes_back_with_a_sentence(awa, client, shop, url, text):
    client.get(shop.get_absolute_url())
    page = awa.get(url("horaires/"))
    assert "En ligne dès que vous enregistrez." in text(page)
    data = week_of(page) | {"5-0-opens": "10:00", "5-0-closes": "18:00", "do": "save"}
    response = awa.post(url("horaires/"), data)
    assert (response.status_code, response.url) == (302, "/mon-commerce/")
    assert "C’est enregistré, et déjà en ligne." in text(awa.get("/mon-commerce/"))
    assert osm(shop) == "Mo-Fr 09:00-12:30,14:00-19:00; Sa 10:00-18:00; PH off"
    assert "10\xa0h – 18\xa0h" in client.get(shop.get_absolute_url()).content.decode()


def test_monday_on_the_other_days(awa, shop, url):
    page = awa.get(url("horaires/"))
    data = week_of(page) | {"0-1-opens": "", "0-1-closes": "", "copy": "0"}
    page = awa.post(url("horaires/"), data)
    assert page.status_code == 200
    assert osm(shop).startswith("Mo-Fr")  # Nothing is written yet.
    awa.post(url("horaires/"), week_of(page) | {"do": "save"})
    assert osm(shop) == "Mo-Su 09:00-12:30; PH off"


def test_rows_are_added_and_days_emptied(awa, shop, url):
    page = awa.post(url("horaires/"), week_of(awa.get(url("horaires/"))) | {"add": "0"})
    data = week_of(page)
    assert "0-2-opens" in data
    page = awa.post(url("horaires/"), data | {"clear": "1"})
    data = week_of(page) | {"0-2-opens": "20:00", "0-2-closes": "22:00", "do": "save"}
    awa.post(url("horaires/"), data)
    weekly = Shop.objects.get().schedule.weekly
    assert [(p.opens, p.closes) for p in weekly if p.weekday == 0][-1] == (1200, 1320)
    assert not [p for p in weekly if p.weekday == 1]


def test_a_sentence_is_shown_before_it_is_taken(awa, shop, url, text):
    sentence = "du mardi au samedi 9h-12h30 14h-19h"
    data = {"version": shop.version, "sentence": sentence, "do": "read"}
    page = awa.post(url("horaires/"), data)
    said = text(page)
    assert "Voici ce qui est compris" in said
    assert "Du mardi au samedi" in said and "Lundi et dimanche" in said
    # The rule of public holidays, of which it does not speak, stays.
    assert "Fermé les jours fériés" in said
    assert osm(shop).startswith("Mo-Fr")
    # The table is filled with it, to be corrected.
    assert week_of(page)["5-1-closes"] == "19:00"
    # Not taken unseen: what was previewed is what is taken.
    other = data | {"do": "save", "previewed": sentence, "sentence": "tous les jours 9h-12h"}
    assert awa.post(url("horaires/"), other).status_code == 200
    assert osm(shop).startswith("Mo-Fr")
    taken = awa.post(url("horaires/"), data | {"do": "save", "previewed": sentence})
    assert taken.status_code == 302
    assert osm(shop) == "Tu-Sa 09:00-12:30,14:00-19:00; PH off"


def test_a_sentence_is_not_lost_to_the_table_nor_the_table_to_it(awa, shop, url, text):
    sentence = "du mardi au samedi 9h-12h"
    page = awa.get(url("horaires/"))
    assert page.content.decode().count("data-week-form") == 1
    page = awa.post(url("horaires/"), week_of(page) | {"sentence": sentence, "do": "save"})
    assert "Rien n’est encore enregistré" in text(page)
    assert "Voici ce qui est compris" in text(page)
    assert week_of(page)["5-0-closes"] == "12:00"
    assert osm(shop).startswith("Mo-Fr")
    # What was typed into the table stays, and is what its own button saves.
    typed = week_of(awa.get(url("horaires/"))) | {"6-0-opens": "10:00", "6-0-closes": "11:00"}
    page = awa.post(url("horaires/"), typed | {"sentence": sentence, "do": "save"})
    assert week_of(page)["6-0-closes"] == "11:00"
    assert "tel que vous l’avez rempli" in text(page)
    shown = {"sentence": sentence, "previewed": sentence}
    page = awa.post(url("horaires/"), week_of(page) | shown | {"add": "0"})
    assert "Voici ce qui est compris" in text(page)
    awa.post(url("horaires/"), week_of(page) | shown | {"do": "save"})
    assert osm(shop) == "Mo-Fr 09:00-12:30,14:00-19:00; Su 10:00-11:00; PH off"
    page = awa.get(url("horaires/"))
    awa.post(url("horaires/"), week_of(page) | shown | {"do": "take"})
    assert osm(shop) == "Tu-Sa 09:00-12:00; PH off"


def test_a_sentence_that_is_not_understood_says_where(awa, shop, url, text):
    data = {"version": shop.version, "sentence": "le 1er vendredi du mois 9h-12h", "do": "save"}
    page = awa.post(url("horaires/"), data)
    assert page.status_code == 200
    assert "compris" in text(page)
    assert "le 1er vendredi du mois" in page.content.decode()
    assert osm(shop).startswith("Mo-Fr")


def test_mistakes_keep_what_was_typed(awa, shop, url, text):
    data = week_of(awa.get(url("horaires/"))) | {
        "0-0-opens": "19:00", "0-0-closes": "14:00", "6-0-opens": "10:00", "do": "save",
    }  # fmt: skip
    page = awa.post(url("horaires/"), data)
    assert page.status_code == 200
    assert "Lundi : la fermeture vient avant l’ouverture." in text(page)
    assert "Dimanche : l’heure de fermeture manque." in text(page)
    assert week_of(page) == {k: str(v) for k, v in data.items() if k != "do"}
    assert osm(shop).startswith("Mo-Fr")


def test_a_stale_tab_gets_both_values_and_loses_nothing(awa, shop, url, text):
    page = awa.get(url("horaires/"))
    first = week_of(page) | {"0-0-opens": "08:00", "do": "save"}
    second = week_of(page) | {"0-0-opens": "10:00", "do": "save"}
    assert awa.post(url("horaires/"), first).status_code == 302
    # The same again, from the same tab: a double click.
    assert awa.post(url("horaires/"), first).status_code == 302
    assert HistoryEntry.objects.filter(action="edit").count() == 1
    page = awa.post(url("horaires/"), second)
    said = text(page)
    assert page.status_code == 200
    assert "La fiche a été modifiée pendant que vous écriviez." in said
    assert "8 h – 12 h 30" in said and "10 h – 12 h 30" in said
    assert week_of(page)["0-0-opens"] == "10:00"
    assert "08:00" in osm(shop)
    awa.post(url("horaires/"), week_of(page) | {"do": "save"})
    assert "10:00" in osm(shop)


def test_where_the_town_hall_validates_everything(awa, shop, url, text):
    Commune.objects.update(edit_policy="validation")
    page = awa.get(url("horaires/"))
    assert "Vérifié par la mairie avant d’être en ligne." in text(page)
    awa.post(url("horaires/"), week_of(page) | {"holiday_rule": "as_usual", "do": "save"})
    assert "L’ancienne version reste en ligne" in text(awa.get("/mon-commerce/"))
    assert Shop.objects.get().schedule.holiday_rule == HolidayRule.CLOSED
    assert Proposal.objects.get().changes == {"holiday_rule": ["closed", "as_usual"]}
    # The page goes on from what is proposed.
    assert week_of(awa.get(url("horaires/")))["holiday_rule"] == "as_usual"


def test_a_shop_that_closed_is_reopened_first(awa, shop, url, text):
    data = week_of(awa.get(url("horaires/"))) | {"0-0-opens": "08:00", "do": "save"}
    Shop.objects.update(status="closed")
    assert "rouvrez d’abord le commerce" in text(awa.post(url("horaires/"), data))
