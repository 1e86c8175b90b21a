"""The list, its filters and its map, as visitors use them."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import expect

from merchants.models import Commune, Shop
from tests.browser.town import TOGETHER, make_town

NUMBER = 60


@pytest.fixture
def town(live_server) -> str:
    """The address of a town with 60 shops."""
    return live_server.url + make_town(NUMBER).get_absolute_url()


def query(page) -> dict:
    return parse_qs(urlsplit(page.url).query)


def summary(page):
    return page.locator("[data-live=summary]")


def open_map(page, url: str) -> None:
    page.goto(url)
    expect(page.locator("#map[data-ready]")).to_be_visible()


def of(**conditions) -> int:
    return Shop.objects.published().filter(**conditions).count()


def whatever_moves(page):
    """A name for this very document: gone once the browser loads another."""
    page.evaluate("window.sameDocument = true")
    return lambda: page.evaluate("window.sameDocument === true")


# Filters --------------------------------------------------------------------------------------


def test_a_filter_changes_list_map_counts_and_address_without_a_load(page, town):
    open_map(page, town)
    same_document = whatever_moves(page)
    delivering = of(services__kind="livraison")

    page.get_by_role("checkbox", name="Livraison").check()

    expect(summary(page)).to_contain_text(f"{delivering} commerce")
    expect(page.locator(f"#map[data-ready='{delivering}']")).to_be_visible()
    expect(page.locator("[data-live=chips]")).to_contain_text("Livraison")
    expect(page.locator("[data-status]")).to_contain_text(f"{delivering} commerce")
    expect(page.get_by_role("checkbox", name="Livraison")).to_be_focused()
    assert query(page) == {"service": ["livraison"]}
    assert same_document()


def test_back_and_forward_restore_form_list_and_map(page, town):
    open_map(page, town)
    same_document = whatever_moves(page)
    box = page.get_by_role("checkbox", name="Livraison")
    box.check()
    expect(page).to_have_url(f"{town}?service=livraison")

    page.go_back()

    expect(summary(page)).to_contain_text(f"{NUMBER} commerces")
    expect(page.locator(f"#map[data-ready='{NUMBER}']")).to_be_visible()
    expect(box).not_to_be_checked()
    page.go_forward()
    expect(box).to_be_checked()
    expect(page.locator("[data-live=chips]")).to_contain_text("Livraison")
    assert same_document()


def test_a_word_typed_is_one_step_back(page, town):
    open_map(page, town)
    field = page.get_by_role("searchbox", name="Que cherchez-vous")
    field.press_sequentially("mai")
    expect(page).to_have_url(f"{town}?q=mai")
    field.press_sequentially("son")
    expect(page).to_have_url(f"{town}?q=maison")
    expect(field).to_be_focused()

    page.go_back()

    expect(page).to_have_url(town)
    expect(field).to_have_value("")


def test_a_moment_is_one_of_those_offered_or_the_one_picked(page, town):
    open_map(page, town)
    picker = page.get_by_label("ou à une date et une heure précises")

    page.locator("label", has_text="Maintenant").click()
    expect(page).to_have_url(f"{town}?ouvert=maintenant")
    picker.fill("2026-12-01T10:00")
    picker.blur()
    expect(page).to_have_url(re.compile(r"\?ouvert=2026-12-01T10:00$"))
    expect(page.locator("input[type=radio][value=maintenant]")).not_to_be_checked()
    page.locator("label", has_text="Maintenant").click()
    expect(page).to_have_url(f"{town}?ouvert=maintenant")
    expect(picker).to_have_value("")


def test_a_chip_drops_its_filter_and_focus_is_not_lost(page, town):
    open_map(page, f"{town}?service=livraison&q=maison")
    same_document = whatever_moves(page)

    page.locator(".chip", has_text="Livraison").press("Enter")

    expect(page).to_have_url(f"{town}?q=maison")
    expect(page.get_by_role("checkbox", name="Livraison")).not_to_be_checked()
    expect(summary(page)).to_be_focused()
    page.get_by_role("link", name="Tout effacer").click()
    expect(page).to_have_url(town)
    expect(page.get_by_role("searchbox", name="Que cherchez-vous")).to_have_value("")
    assert same_document()


def test_the_next_page_starts_at_its_top_and_a_filter_leaves_it(page, town):
    open_map(page, town)
    same_document = whatever_moves(page)
    first = page.locator("article.card").first.inner_text()

    page.get_by_role("link", name="Suivante").press("Enter")

    expect(page).to_have_url(f"{town}?page=2")
    expect(page.locator("article.card").first).not_to_have_text(first)
    expect(summary(page)).to_be_focused()
    expect(summary(page)).to_be_in_viewport()
    page.get_by_role("checkbox", name="Livraison").check()
    expect(page).to_have_url(f"{town}?service=livraison")
    assert same_document()


def test_other_results_may_offer_other_categories(page, town):
    open_map(page, f"{town}?q=introuvable")
    expect(page.locator("[name=categorie]")).to_have_count(0)
    assert page.locator("[data-live=list] .empty").is_visible()

    page.get_by_role("searchbox", name="Que cherchez-vous").fill("")

    expect(summary(page)).to_contain_text(f"{NUMBER} commerces")
    groups = page.locator("details.group")
    groups.first.locator("summary").click()
    groups.first.get_by_role("checkbox").nth(1).check()
    expect(page).to_have_url(re.compile(r"\?categorie="))
    expect(groups.first).to_have_attribute("open", "")


def test_where_fetching_fails_the_browser_goes_there(page, town, problems):
    open_map(page, town)
    same_document = whatever_moves(page)
    page.route(
        re.compile("service="),
        lambda route: route.abort() if route.request.resource_type == "fetch" else route.fallback(),
    )

    page.get_by_role("checkbox", name="Livraison").check()

    page.wait_for_url(f"{town}?service=livraison", wait_until="load")
    assert not same_document()
    expect(page.get_by_role("checkbox", name="Livraison")).to_be_checked()
    # Said by the browser of the request that this test broke.
    assert all("ERR_FAILED" in problem for problem in problems)
    problems.clear()


def test_the_page_is_complete_without_javascript(page_without_js, town):
    page = page_without_js
    page.goto(town)
    assert page.locator("article.card").count() == 24
    for enhanced in ("[data-locate]", "[data-search-zone]", "[data-view-toggle]"):
        expect(page.locator(enhanced).first).to_be_hidden()

    page.get_by_role("checkbox", name="Livraison").check()
    page.get_by_role("button", name="Voir les commerces").click()

    assert query(page)["service"] == ["livraison"]
    expect(summary(page)).to_contain_text(f"{of(services__kind='livraison')} commerce")
    page.get_by_role("link", name=re.compile("^Retirer le filtre")).first.click()
    expect(summary(page)).to_contain_text(f"{NUMBER} commerces")


# The map --------------------------------------------------------------------------------------


def test_the_keyboard_reaches_a_shop_by_card_and_by_marker(page, town):
    open_map(page, f"{town}?q=0")
    card = page.locator("article.card").first
    card.get_by_role("link").first.focus()
    expect(page.locator(".marker.is-active")).to_have_count(1)

    spread_out(page)
    mark = page.locator("[data-marker]").first
    name = mark.get_attribute("aria-label")
    mark.focus()
    page.keyboard.press("Enter")
    popup = page.get_by_role("dialog", name=name)
    expect(popup.locator(".state")).to_be_visible()
    expect(popup.get_by_role("link", name=name)).to_be_focused()

    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(mark).to_be_focused()


def spread_out(page) -> None:
    """Comes nearer until a shop stands by itself."""
    for _step in range(4):
        if page.locator("[data-marker]").count():
            return
        page.get_by_role("button", name="Agrandir", exact=True).click()


def test_the_popup_leads_to_the_shop(page, town):
    open_map(page, town)
    spread_out(page)
    mark = page.locator("[data-marker]").first
    name = mark.get_attribute("aria-label")
    mark.press(" ")
    page.get_by_role("dialog", name=name).get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_pointing_at_a_card_shows_its_marker_and_moves_nothing(page, town):
    open_map(page, town)
    marks = page.locator(".marker")
    before = marks.evaluate_all("marks => marks.map(mark => mark.style.transform)")

    page.locator("article.card").first.hover()

    expect(page.locator(".marker.is-active")).to_have_count(1)
    assert marks.evaluate_all("marks => marks.map(mark => mark.style.transform)") == before
    page.get_by_role("heading", level=1).hover()
    expect(page.locator(".marker.is-active")).to_have_count(0)


def test_opening_a_marker_marks_its_card(page, town):
    shop = Shop.objects.order_by("pk")[5]
    open_map(page, f"{town}?q={shop.name.replace(' ', '+')}")
    page.locator(f"[data-marker='{shop.pk}']").press("Enter")
    expect(page.locator(f"article.card.is-active[data-shop='{shop.pk}']").first).to_be_visible()


def test_a_group_comes_nearer_when_opened(page, town):
    open_map(page, town)
    groups = page.locator(".marker:not([data-marker])")
    count = int(groups.first.inner_text())
    groups.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup")).to_have_count(0)
    assert count > 1
    # Focus went to one of the marks that it became, or to the map.
    page.wait_for_function("document.activeElement.closest('#map') !== null")


def test_shops_at_one_point_are_listed(page, town):
    latitude, longitude = TOGETHER
    around = f"{longitude - 0.001},{latitude - 0.001},{longitude + 0.001},{latitude + 0.001}"
    open_map(page, f"{town}?zone={around}")
    page.get_by_role("button", name=re.compile("^2 commerces")).click()
    popup = page.get_by_role("dialog")
    expect(popup.get_by_role("link")).to_have_count(2)
    for shop in Shop.objects.filter(latitude=latitude):
        link = popup.get_by_role("link", name=shop.name)
        assert link.get_attribute("href").endswith(shop.get_absolute_url())
    popup.get_by_role("button", name="Fermer").click()
    expect(popup).to_have_count(0)


def test_searching_the_zone_in_view(page, town):
    open_map(page, town)
    button = page.locator("[data-search-zone]")
    expect(button).to_be_hidden()
    page.get_by_role("button", name="Agrandir", exact=True).click()
    page.get_by_role("button", name="Agrandir", exact=True).click()

    button.click()

    expect(page).to_have_url(re.compile(r"\?zone=-?\d+\.\d{5}(,-?\d+\.\d{5}){3}$"))
    west, south, east, north = map(float, query(page)["zone"][0].split(","))
    found = of(longitude__range=(west, east), latitude__range=(south, north))
    expect(summary(page)).to_contain_text(f"{found} commerce")
    expect(page.locator("[data-live=chips]")).to_contain_text("zone de la carte")
    expect(button).to_be_hidden()
    page.get_by_role("link", name="Tout effacer").click()
    expect(summary(page)).to_contain_text(f"{NUMBER} commerces")


def test_only_markers_in_view_are_in_the_page(page, town):
    open_map(page, town)
    for _step in range(3):
        page.get_by_role("button", name="Agrandir", exact=True).click()
    assert page.locator(".marker").count() < NUMBER / 2


def test_a_phone_shows_the_list_or_the_map(phone, town):
    phone.goto(town)
    expect(phone.locator("article.card").first).to_be_visible()
    expect(phone.locator("#map")).to_be_hidden()

    toggle = phone.locator("[data-view-toggle]")
    toggle.click()

    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(phone.locator("#map[data-ready]")).to_be_visible()
    expect(phone.locator("article.card").first).to_be_hidden()
    toggle.click()
    expect(phone.locator("article.card").first).to_be_visible()


def test_the_filters_of_a_phone_are_a_sheet_that_closes(phone, town):
    phone.goto(town)
    sheet = phone.locator("[data-filters-toggle]")
    sheet.locator("summary").click()
    phone.get_by_role("checkbox", name="Livraison").check()
    expect(phone).to_have_url(f"{town}?service=livraison")

    phone.get_by_role("button", name="Voir les commerces").click()

    expect(phone.get_by_role("checkbox", name="Livraison")).to_be_hidden()
    expect(summary(phone)).to_be_focused()
    phone.locator("[data-view-toggle]").click()
    delivering = of(services__kind="livraison")
    expect(phone.locator(f"#map[data-ready='{delivering}']")).to_be_visible()
    phone.locator("[data-view-toggle]").click()
    sheet.locator("summary").press("Enter")
    phone.get_by_role("checkbox", name="Livraison").press("Escape")
    expect(phone.get_by_role("checkbox", name="Livraison")).to_be_hidden()
    expect(sheet.locator("summary")).to_be_focused()


def test_the_map_stays_useful_without_tiles(page, town, problems):
    page.route(re.compile(re.escape(settings.TILES_ORIGIN)), lambda route: route.abort())
    open_map(page, town)
    expect(page.locator(".map-note")).to_have_count(1)
    expect(page.locator(".map-contour")).to_have_count(1)
    assert page.locator(".marker").count() > 3
    assert all("ERR_FAILED" in problem for problem in problems)
    problems.clear()


def test_the_list_stays_where_the_feed_fails(page, town, problems):
    page.route(re.compile(r"\.geojson"), lambda route: route.abort())
    page.goto(town)
    expect(page.locator(".map-note")).to_contain_text("la liste est complète")
    expect(page.locator("article.card")).to_have_count(24)
    assert all("ERR_FAILED" in problem for problem in problems)
    problems.clear()


def test_a_commune_without_contour_or_shops_has_a_map(page, live_server):
    commune = make_town(0)
    Commune.objects.filter(pk=commune.pk).update(contour=None, bbox=None)
    open_map(page, live_server.url + commune.get_absolute_url())
    expect(page.locator(".marker")).to_have_count(0)


# Around me ------------------------------------------------------------------------------------


def test_around_me_asks_for_the_position_and_nothing_finer(page, town):
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 48.870123456, "longitude": 2.180123456})
    open_map(page, town)
    page.get_by_role("button", name="Autour de moi").click()
    expect(page).to_have_url(f"{town}?pres=48.870,2.180")
    expect(page.locator(".map-here")).to_have_count(1)
    expect(page.locator("article.card .distance").first).to_be_visible()
    page.get_by_label("Distance").focus()
    page.get_by_label("Distance").select_option("1")
    expect(page).to_have_url(re.compile("rayon=1$"))
    expect(page.get_by_label("Distance")).to_be_focused()


def test_a_refused_position_is_said(page, town):
    page.context.clear_permissions()
    open_map(page, town)
    page.get_by_role("button", name="Autour de moi").click()
    expect(page.get_by_text("Votre navigateur ne donne pas votre position.")).to_be_visible()
    assert page.url == town


def test_around_me_from_the_home_page(page, live_server):
    make_town(NUMBER)
    make_town(NUMBER + 1, slug="autre")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 48.87, "longitude": 2.18})
    page.goto(live_server.url)
    page.get_by_role("button", name="Autour de moi").click()
    expect(page).to_have_url(f"{live_server.url}/autour/?pres=48.870,2.180")
    expect(page.locator("#map[data-ready]")).to_be_visible()
    spread_out(page)
    page.locator("[data-marker]").first.press("Enter")
    expect(page.get_by_role("dialog").locator(".state")).to_be_visible()


# English --------------------------------------------------------------------------------------


def test_the_english_page_stays_english(page, live_server):
    town = make_town(NUMBER)
    open_map(page, f"{live_server.url}/en{town.get_absolute_url()}")
    page.locator("[name=service][value=livraison]").check()
    expect(page).to_have_url(f"{live_server.url}/en{town.get_absolute_url()}?service=livraison")
    page.locator(".leaflet-control-zoom-in").click()
    page.locator(".leaflet-control-zoom-in").click()
    page.locator("[data-marker]").first.press("Enter")
    link = page.get_by_role("dialog").get_by_role("link").first
    expect(page.get_by_role("dialog").locator(".state")).to_be_visible()
    assert "/en/" in link.get_attribute("href")


def test_the_other_language_keeps_the_filters(page, town):
    open_map(page, town)
    page.get_by_role("checkbox", name="Livraison").check()
    expect(page).to_have_url(f"{town}?service=livraison")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(re.compile(r"/en/ville/\?service=livraison$"))
