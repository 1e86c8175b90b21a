"""The third step of a registration on a phone: completed and pinned by keyboard, or without script.

The national address base is a server on this machine, which answers what a test gives it.
"""

from contextlib import contextmanager

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from merchants.models import Shop
from tests.ban import PAIX, STREET, answer, house, make_suresnes
from tests.browser.screens import on_each_screen
from tests.browser.test_accessibility import axe
from tests.factories import make_category, make_member, make_shop

METRES = 111195  # in a degree of latitude


@pytest.fixture
def shop(live_server) -> Shop:
    make_category("Traiteur")
    return make_shop("Le Fournil", commune=make_suresnes(), status="draft", point=None, hours=None)


@pytest.fixture
def outside(service, settings):
    settings.GEOCODER_URL = service.url
    service.body = answer(house(), house("14 Rue de la Paix", at=(48.8730, 2.2280)))
    return service


@pytest.fixture
def step(open_page, live_server, shop, outside):
    """`with step() as page:` is the owner's phone, at the step."""

    @contextmanager
    def step(*, path: str = "inscription/adresse/", **window):
        client = Client()
        client.force_login(make_member(shop))
        with open_page(**{"width": 360, "height": 740} | window) as page:
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            page.context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
            )
            page.goto(f"{live_server.url}/mon-commerce/{shop.pk}/{path}")
            yield page

    return step


def marker(page):
    page.locator("#map").scroll_into_view_if_needed()
    expect(page.locator("#map[data-ready]")).to_be_visible()
    return page.get_by_role("application", name="Point de l’entrée")


def said(page):
    return page.locator(".pin-tools [role=status]")


def test_by_keyboard_alone(step):
    with step() as page:
        search = page.get_by_role("combobox", name="Chercher l’adresse")
        search.focus()
        page.keyboard.type("12 rue de la p")
        expect(search).to_have_attribute("aria-expanded", "true")
        expect(page.locator(".complete [role=status]")).to_have_text("2 adresses proposées.")
        page.keyboard.press("ArrowDown")
        first = page.get_by_role("option", name="12 Rue de la Paix")
        expect(first).to_have_attribute("aria-selected", "true")
        assert search.get_attribute("aria-activedescendant") == first.get_attribute("id")
        page.keyboard.press("Enter")
        expect(page.get_by_role("listbox")).to_be_hidden()
        expect(page.get_by_label("Numéro")).to_have_value("12")
        expect(page.get_by_label("Rue ou lieu-dit")).to_have_value("Rue de la Paix")
        expect(said(page)).to_have_text("Le point est à l’adresse.")

        pin = marker(page)
        pin.focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Shift+ArrowUp")
        expect(said(page)).to_have_text("20 m vers le nord. Le point est à 22 m de l’adresse.")
        page.keyboard.press("ArrowDown")
        expect(said(page)).to_have_text("2 m vers le sud. Le point est à 20 m de l’adresse.")
        page.get_by_role("button", name="Enregistrer et continuer").press("Enter")
        page.wait_for_url("**/activite/")
    shop = Shop.objects.get()
    assert (shop.location_source, shop.location_precision) == ("merchant", "exact")
    assert abs((shop.latitude - PAIX[0]) * METRES - 20) < 1
    assert shop.longitude == PAIX[1]


def test_escape_and_the_round_of_the_options(step):
    with step() as page:
        search = page.get_by_role("combobox")
        search.press_sequentially("12 rue")
        expect(page.get_by_role("option")).to_have_count(2)
        search.press("ArrowUp")
        expect(page.get_by_role("option").last).to_have_attribute("aria-selected", "true")
        search.press("ArrowDown")
        expect(page.locator("[role=option][aria-selected=true]")).to_have_count(0)
        search.press("Escape")
        expect(page.get_by_role("listbox")).to_be_hidden()
        expect(search).to_have_value("12 rue")
        search.press("Enter")  # Sends nothing.
        search.press("Escape")
        expect(search).to_have_value("")
        assert page.url.endswith("/adresse/")


def test_the_service_is_down(step, outside, problems):
    outside.status = 500
    with step() as page:
        page.get_by_role("combobox").press_sequentially("12 rue")
        expect(page.locator(".complete [role=status]")).to_contain_text(
            "La base nationale des adresses est en panne. Réessayez plus tard. Remplissez"
        )
        page.get_by_label("Rue ou lieu-dit").fill("rue de la Paix")
        page.get_by_role("button", name="Enregistrer et continuer").click()
        expect(page.locator(".said")).to_contain_text("Rien n’est perdu")
    assert Shop.objects.get().is_to_place
    assert all("503" in problem for problem in problems)
    problems.clear()


def test_a_typed_address_takes_the_pin_along(step):
    with step() as page:
        page.get_by_role("combobox").press_sequentially("12 rue")
        page.get_by_role("option").first.click()
        marker(page).press("Shift+ArrowRight")
        expect(said(page)).to_contain_text("20 m vers l’est.")
        page.get_by_label("Numéro").fill("14")
        expect(said(page)).to_contain_text("Le point suivra la nouvelle adresse")
        page.get_by_role("button", name="Enregistrer et continuer").click()
        page.wait_for_url("**/activite/")
    shop = Shop.objects.get()
    assert (shop.house_number, shop.location_source) == ("14", "geocoder")


@pytest.mark.parametrize("path", ["inscription/adresse/", "identite/"])
def test_buttons_drag_and_back_to_the_address(step, path):
    Shop.objects.update(
        house_number="12", street="Rue de la Paix", latitude=PAIX[0], longitude=PAIX[1],
        location_source="geocoder", location_precision="housenumber",
    )  # fmt: skip
    with step(path=path) as page:
        pin = marker(page)
        for name in ("Nord", "Est", "Sud", "Ouest", "Ouest"):
            page.get_by_role("button", name=name, exact=True).click()
        expect(said(page)).to_have_text("2 m vers l’ouest. Le point est à 2 m de l’adresse.")
        page.get_by_role("button", name="Remettre à l’adresse").click()
        expect(said(page)).to_have_text("Le point est à l’adresse.")
        box = pin.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 30, y, steps=5)
        page.mouse.up()
        expect(said(page)).to_contain_text("m de l’adresse.")
        moved = float(page.locator("[name=longitude]").input_value())
        assert moved > PAIX[1]


def test_a_question_is_answered_on_the_map_too(step, outside):
    outside.body = answer(STREET)
    with step() as page:
        page.get_by_label("Rue ou lieu-dit").fill("rue de la paix")
        page.get_by_role("button", name="Enregistrer et continuer").click()
        expect(page.get_by_role("group", name="Avons-nous bien compris")).to_be_visible()
        assert axe(page) == []
        page.get_by_label("Rue de la Paix 92150 Suresnes").check()
        expect(page.locator("[name=latitude]")).to_have_value("48.8725")
        page.get_by_role("button", name="Enregistrer et continuer").click()
        page.wait_for_url("**/activite/")
    assert Shop.objects.get().location_precision == "street"


def test_without_a_script(step, outside):
    outside.body = answer(STREET)
    with step(javascript=False) as page:
        expect(page.get_by_role("combobox")).to_have_count(0)
        page.get_by_label("Numéro").fill("12")
        page.get_by_label("Rue ou lieu-dit").fill("rue de la paix")
        page.get_by_role("button", name="Enregistrer et continuer").click()
        page.get_by_label("Rue de la Paix 92150 Suresnes").check()
        page.get_by_role("button", name="Enregistrer et continuer").click()
        page.wait_for_url("**/activite/")
    shop = Shop.objects.get()
    assert (shop.house_number, shop.street) == ("12", "Rue de la Paix")
    assert shop.point == (48.8725, 2.2280)


@pytest.mark.parametrize("javascript", [True, False])
def test_no_premises(step, javascript):
    with step(javascript=javascript) as page:
        expect(page.get_by_label("Zone d’intervention")).to_be_hidden()
        page.get_by_label("Je n’ai pas de local, je me déplace").check()
        expect(page.get_by_label("Rue ou lieu-dit")).to_be_hidden()
        page.get_by_label("Zone d’intervention").fill("Suresnes et 10 km autour")
        page.get_by_role("button", name="Enregistrer et continuer").click()
        page.wait_for_url("**/activite/")
    assert Shop.objects.get().service_area == "Suresnes et 10 km autour"


@on_each_screen
@pytest.mark.parametrize("path", ["inscription/adresse/", "identite/"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(step, width, scheme, path):
    with step(path=path, width=width) as page:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.get_by_role("combobox", name="Chercher l’adresse").press_sequentially("12 rue")
        expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(2)
        page.keyboard.press("ArrowDown")
        assert axe(page) == []
        page.keyboard.press("Enter")
        marker(page)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
