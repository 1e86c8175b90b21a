"""Suspend, reopen, close and take back from a listing's page: reason, letter, decision."""

import re

import pytest
from post_office.models import Email

from merchants.models import HistoryEntry, Shop
from merchants.models.shop import Confirmer
from merchants.workflow import status
from tests.claiming import words
from tests.factories import NOW, make_member, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    shop = make_shop("Le Fournil")
    make_member(shop, email="awa@example.fr")
    return shop


def page_of(shop, word: str) -> str:
    return f"/mairie/fiches/{shop.pk}/{word}/"


def change_page(shop) -> str:
    return f"/mairie/merchants/shop/{shop.pk}/change/"


def fields_of(page) -> dict:
    found = re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', page.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def decide(agent, shop, word: str, **data):
    asked = agent.get(page_of(shop, word))
    between = agent.post(page_of(shop, word), fields_of(asked) | data)
    return between, agent.post(page_of(shop, word), fields_of(between) | {"send": "1"})


def test_what_is_possible_stands_on_the_listing(agent, shop):
    html = agent.get(change_page(shop)).content.decode()
    offered = [word for word in ("suspendre", "rouvrir", "fermer") if page_of(shop, word) in html]
    assert offered == ["suspendre", "fermer"]
    assert "Annuler cette décision" not in html
    assert agent.get("/mairie/merchants/shop/add/").status_code == 200


def test_suspended_after_the_letter_was_read(agent, shop):
    between, answer = decide(agent, shop, "suspendre", standard="d1", reason="Voyez la rue.")
    assert "Des habitants ne trouvent pas ce commerce" in words(between)
    assert "awa@example.fr" in words(between) and "tribunal administratif" in words(between)
    assert answer.url == change_page(shop)
    assert Shop.objects.get().status == "suspended"
    assert HistoryEntry.objects.first().reason.endswith("Voyez la rue.")


@pytest.mark.parametrize(
    ("before", "word", "after"),
    [("suspended", "rouvrir", "published"), ("published", "fermer", "closed")],
)
def test_reopened_and_closed(agent, shop, before, word, after):
    Shop.objects.update(status=before)
    between, _answer = decide(agent, shop, word)
    assert ("Aucun courriel ne part" in words(between)) is (word == "fermer")
    assert Shop.objects.get().status == after


def test_taken_back_from_the_history(agent, shop):
    status.suspend(shop, by=None, now=NOW, reason="Adresse fausse.")
    html = agent.get(change_page(shop)).content.decode()
    assert html.count("Annuler cette décision") == 1
    asked = words(agent.get(page_of(shop, "annuler")))
    assert "Fiche suspendue" in asked and "Adresse fausse." in asked
    Email.objects.all().delete()
    between, _answer = decide(agent, shop, "annuler", reason="Erreur de rue.")
    assert "la mairie revient sur sa décision" in words(between)
    assert Shop.objects.get().status == "published"
    assert Email.objects.get().to == ["awa@example.fr"]
    assert "Annuler cette décision" not in agent.get(change_page(shop)).content.decode()


def test_reading_decides_nothing(agent, shop):
    before = Shop.objects.values().get()
    for word in ("suspendre", "rouvrir", "fermer", "annuler"):
        assert agent.get(page_of(shop, word)).status_code == 200
        agent.post(page_of(shop, word), fields_of(agent.get(page_of(shop, word))))
    assert Shop.objects.values().get() == before
    assert not Email.objects.exists()


def test_a_page_that_is_not_the_last_one_decides_nothing(agent, shop):
    data = fields_of(agent.get(page_of(shop, "suspendre"))) | {"reason": "Non.", "send": "1"}
    status.confirm(shop, by=None, as_=Confirmer.MERCHANT, now=NOW)
    page = agent.post(page_of(shop, "suspendre"), data)
    assert "modifiée pendant que vous la lisiez" in words(page)
    assert "Non." in words(page)
    assert Shop.objects.get().status == "published"


@pytest.mark.parametrize("data", [{}, {"version": "x"}, {"version": "9" * 40}, {"entry": "7"}])
def test_what_no_page_sent_decides_nothing(agent, shop, data):
    for word in ("suspendre", "rouvrir", "fermer", "annuler"):
        page = agent.post(page_of(shop, word), data | {"reason": "Non.", "send": "1"})
        assert page.status_code == 200
    assert Shop.objects.get().status == "published"
    assert agent.get(page_of(shop, "effacer")).status_code == 404


def test_what_does_not_apply_says_so(agent, shop):
    assert "ne s’applique pas à cette fiche" in words(agent.get(page_of(shop, "rouvrir")))
