"""A listing is put on the map by the town hall: by a click, by its address, by the keyboard."""

import pytest
from playwright.sync_api import expect

from merchants.models import Shop
from tests.ban import PAIX, STREET, answer, house, make_suresnes
from tests.browser.test_accessibility import axe
from tests.factories import NOW, make_shop
from tests.team import make_colleague

METRES = 111195  # in a degree of latitude


@pytest.fixture
def commune(live_server, settings, service):
    settings.GEOCODER_URL = service.url
    service.body = answer(house(score=0.7), STREET)
    return make_suresnes()


def test_the_queue_is_worked_off(phone_of, live_server, commune):
    for name in ("Une", "Deux", "Trois"):
        make_shop(name, commune=commune, point=None, now=NOW, house_number="12", street="Paix")
    with phone_of(make_colleague(commune), width=1440) as page:

        def is_at(name: str):
            expect(page.get_by_role("heading", level=1)).to_have_text(name)
            page.locator("#map").scroll_into_view_if_needed()
            expect(page.locator("#map[data-ready]")).to_be_visible()
            return page.locator(".shop-point").get_by_role("status")

        page.goto(f"{live_server.url}/mairie/merchants/shop/?point=a-placer")
        page.get_by_role("link", name="Une", exact=True).click()
        said = is_at("Une")
        expect(said).to_have_text("Pas encore de point.")
        # The pin stands in the middle of the commune, and is moved from there.
        page.locator("#map").click(position={"x": 600, "y": 150})
        expect(said).to_contain_text("Point posé à la main.")
        expect(page.get_by_label("Origine du point")).to_have_value("town_hall")
        assert axe(page) == []
        page.get_by_role("button", name="Enregistrer et placer la suivante").click()

        said = is_at("Deux")
        page.get_by_role("button", name="Trouver l’adresse").click()
        page.get_by_role("button", name="12 Rue de la Paix 92150 Suresnes").press("Enter")
        expect(said).to_contain_text("Point posé à cette adresse")
        expect(page.get_by_label("Voie")).to_have_value("Rue de la Paix")
        page.get_by_role("button", name="Enregistrer et placer la suivante").click()

        said = is_at("Trois")
        page.get_by_label("Latitude").fill("48.87")
        page.get_by_label("Longitude").fill("2.22")
        page.get_by_role("application", name="Point du commerce").press("Shift+ArrowUp")
        expect(said).to_have_text("20 m vers le nord.")
        page.get_by_role("button", name="Retirer le point").click()
        expect(page.get_by_label("Précision du point")).to_have_value("")
        page.get_by_role("application", name="Point du commerce").press("ArrowRight")
        page.get_by_role("button", name="Enregistrer et placer la suivante").click()
        expect(page.locator(".messagelist")).to_contain_text("Il n’y a plus de fiche à placer.")

    one, two, three = (Shop.objects.get(name=name) for name in ("Une", "Deux", "Trois"))
    for shop in (one, three):
        assert (shop.location_source, shop.location_precision) == ("town_hall", "exact")
    assert commune.box.holds(one.point)
    assert (two.point, two.location_source) == (PAIX, "geocoder")
    assert (two.location_precision, two.street) == ("housenumber", "Rue de la Paix")
    assert abs((three.latitude - 48.87) * METRES - 20) < 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(phone_of, live_server, commune, scheme):
    shop = make_shop("Une", commune=commune, services=["livraison"])
    with phone_of(make_colleague(commune)) as page:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto(f"{live_server.url}/mairie/merchants/shop/{shop.pk}/change/")
        page.locator("#map").scroll_into_view_if_needed()
        expect(page.locator("#map[data-ready]")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert axe(page) == []


def test_without_a_script(phone_of, live_server, commune):
    shop = make_shop("Une", commune=commune, point=None, street="Paix")
    with phone_of(make_colleague(commune), javascript=False) as page:
        page.goto(f"{live_server.url}/mairie/merchants/shop/{shop.pk}/change/")
        expect(page.get_by_role("button", name="Trouver l’adresse")).to_be_hidden()
        expect(page.get_by_text("La carte demande JavaScript.")).to_be_visible()
        page.get_by_label("Latitude").fill("48.87")
        page.get_by_label("Longitude").fill("2.22")
        page.get_by_label("Origine du point").select_option(label="posé par la mairie")
        page.get_by_label("Précision du point").select_option("exact")
        page.get_by_role("button", name="Enregistrer", exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text("Une")
    shop.refresh_from_db()
    assert shop.point == (48.87, 2.22)
