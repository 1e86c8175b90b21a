"""Registering a shop on a phone, with and without JavaScript, from the link to the town hall."""

import re

import pytest
from playwright.sync_api import expect

from merchants.models import Shop
from tests.browser.test_accessibility import axe
from tests.factories import make_category, make_commune, make_shop, make_user
from tests.leaves import test_company_search as companies


@pytest.fixture
def town(live_server, service, settings):
    settings.COMPANY_SEARCH_URL = settings.GEOCODER_URL = service.url
    siege = companies.head_office(companies.SIRET, "12", "RUE", "DE LA PAIX")
    service.body = companies.answer(companies.unit(siege))
    make_category("Boulangerie", naf_codes=["10.71C"])
    commune = make_commune("Suresnes", insee_code="92073", town_hall_name="Ville de Suresnes")
    make_shop("Le Fournil", commune=commune, street="rue de la Paix", point=None)
    return commune


@pytest.mark.parametrize("javascript", [True, False])
def test_from_the_first_link_to_the_town_hall(phone_of, town, javascript):
    with phone_of(make_user(), javascript=javascript) as page:
        page.get_by_role("link", name="Inscrire mon commerce").first.click()
        page.get_by_label("SIRET ou nom du commerce").fill("fournil")
        page.get_by_role("button", name="Chercher").click()
        page.get_by_role("button", name="C’est celui-ci").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Votre commerce est peut-être déjà là"
        )
        page.get_by_role("button", name="Non, c’est un autre commerce").click()
        expect(page).to_have_title(
            "Étape 3 sur 7\xa0: Adresse – Le Fournil de Mamie – Commerce local"
        )
        page.get_by_role("link", name="Horaires").click()
        page.get_by_label("Vos horaires, comme vous les diriez").fill("mardi à samedi 9h-12h")
        page.get_by_role("button", name="Voir ce qui est compris").click()
        page.get_by_role("button", name="Enregistrer ces horaires").click()
        # A browser whose next page is still on its way has no page to go back from.
        expect(page).to_have_title(re.compile("Étape 6 sur 7"))
        # The back button, and the same page again: nothing is lost, nothing is told twice.
        page.go_back()
        page.get_by_role("link", name="Relire et envoyer").click()
        expect(page.get_by_text("12 rue de la Paix")).to_be_visible()
        page.get_by_label("J’accepte les conditions de publication").check()
        page.get_by_role("button", name="Envoyer à la mairie").dblclick()
        expect(page.get_by_role("heading", level=1)).to_have_text("C’est envoyé à la mairie")
    shop = Shop.objects.get(name="Le Fournil de Mamie")
    assert shop.status == "pending"
    assert len(shop.schedule.weekly) == 5
    assert shop.history.filter(action="submit").count() == 1


@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing(phone_of, live_server, town, width):
    found = []
    with phone_of(make_user(), width=width) as page:
        first = f"{live_server.url}/mon-commerce/inscrire/?commune=92073&q=fournil"
        page.goto(first)
        found += axe(page)
        page.get_by_role("button", name="C’est celui-ci").click()
        found += axe(page)
        shop = Shop.objects.get(status="draft")
        for slug in ("commerce", "horaires", "envoi", "abandonner"):
            page.goto(f"{live_server.url}/mon-commerce/{shop.pk}/inscription/{slug}/")
            found += axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        Shop.objects.filter(pk=shop.pk).update(status="pending")
        for path in (f"/mon-commerce/{shop.pk}/inscription/envoyee/", "/conditions/"):
            page.goto(f"{live_server.url}{path}")
            found += axe(page)
    assert found == []
