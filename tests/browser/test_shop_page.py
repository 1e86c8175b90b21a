"""The small map of a shop's page."""

import pytest
from playwright.sync_api import expect

from merchants.models import Shop
from tests.browser.town import make_town


@pytest.fixture
def shop(db) -> Shop:
    make_town(3)
    return Shop.objects.select_related("commune").order_by("pk").last()


def test_the_map_shows_where_the_shop_is(page, live_server, shop):
    page.goto(live_server.url + shop.get_absolute_url())
    page.locator("#map").scroll_into_view_if_needed()
    expect(page.locator("#map[data-ready] .pin")).to_have_count(1)


def test_nothing_of_the_map_is_loaded_before_it_is_in_view(phone, live_server, shop):
    asked = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(live_server.url + shop.get_absolute_url())
    phone.wait_for_load_state("networkidle")
    assert not [url for url in asked if "leaflet" in url]

    phone.locator("#map").scroll_into_view_if_needed()

    expect(phone.locator("#map[data-ready] .pin")).to_have_count(1)


def test_the_wheel_scrolls_the_page_not_the_map(page, live_server, shop):
    page.goto(live_server.url + shop.get_absolute_url())
    page.locator("#map").scroll_into_view_if_needed()
    expect(page.locator("#map[data-ready]")).to_be_visible()
    tiles = page.locator(".leaflet-tile").first.get_attribute("src")
    page.locator("#map").hover()
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(300)
    assert page.locator(".leaflet-tile").first.get_attribute("src") == tiles


def test_a_shop_without_a_point_has_no_map(page, live_server, shop):
    Shop.objects.filter(pk=shop.pk).update(
        latitude=None, longitude=None, location_source="", location_precision=""
    )
    page.goto(live_server.url + shop.get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text(shop.name)
    expect(page.locator("#map")).to_have_count(0)
