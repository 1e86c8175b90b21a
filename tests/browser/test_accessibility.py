"""The faults that a program can find (axe-core: WCAG 2.2 A and AA, good practice), page by page."""

from pathlib import Path

from playwright.sync_api import expect

from merchants.models import Shop
from tests.browser.screens import on_each_screen
from tests.browser.town import make_town

# Without `preload`: it would write imported styles into the page, which the page's policy refuses,
# for one rule that is not among those asked for.
AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
RUN = """
async () => {
  const told = ({ html, failureSummary }) => `${html}\\n${failureSummary}`;
  const { violations } = await axe.run({ preload: false });
  const lines = ({ id, help, nodes }) => [`${id}: ${help}`, ...nodes.map(told)];
  return violations.map((violation) => lines(violation).join("\\n"));
}
"""


@on_each_screen
def test_axe_finds_nothing(open_page, live_server, width, scheme):
    town = make_town(30)
    make_town(31, slug="autre")
    shop = Shop.objects.filter(commune=town).order_by("pk").last()
    found = []
    with open_page(width=width) as page:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for path in (
            "/",
            town.get_absolute_url(),
            f"{town.get_absolute_url()}?q=introuvable&service=livraison",
            shop.get_absolute_url(),
            "/autour/",
            "/autour/?pres=48.87,2.18",
            "/classement/",
            f"/en{town.get_absolute_url()}",
        ):
            page.goto(live_server.url + path)
            page.wait_for_load_state("networkidle")
            if page.locator("[data-view-toggle]").is_visible():
                found += [f"{path} {fault}" for fault in axe(page)]
                page.locator("[data-view-toggle]").click()
            map_ = page.locator("#map")
            if map_.count():
                map_.scroll_into_view_if_needed()
                expect(page.locator("#map[data-ready]")).to_be_visible()
            found += [f"{path} {fault}" for fault in axe(page)]
            if page.locator("[data-marker]").count():
                page.locator("[data-marker]").first.press("Enter")
                expect(page.locator(".map-popup .state")).to_be_visible()
                found += [f"{path} popup {fault}" for fault in axe(page)]
    assert not found, "\n\n".join(found)


def axe(page) -> list[str]:
    """What is wrong with a page, once its styles are there."""
    page.wait_for_load_state("load")
    # The page's policy allows no foreign script: this one comes from outside the page.
    page.evaluate(AXE)
    return page.evaluate(RUN)
