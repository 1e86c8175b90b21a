"""« Signaler une erreur » on a phone: without JavaScript, and without a fault that axe finds."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from merchants.forms import report as report_form
from merchants.models import Report, Shop
from tests.browser.test_accessibility import axe
from tests.factories import make_commune, make_shop


@pytest.fixture
def shop(live_server) -> Shop:
    return make_shop("Le Fournil", commune=make_commune(town_hall_name="Mairie de Suresnes"))


@pytest.mark.parametrize("javascript", [True, False])
def test_a_resident_reports_an_error(open_page, live_server, shop, javascript, monkeypatch):
    with open_page(width=360, height=740, javascript=javascript) as page:
        page.goto(live_server.url + shop.get_absolute_url())
        page.get_by_role("link", name="Signaler une erreur à la mairie").click()
        page.get_by_label("Ce que vous avez constaté").fill("Fermé le samedi")
        page.get_by_label("autre chose").check()
        # A browser is as quick as a machine: it is told so, and loses nothing.
        page.get_by_role("button", name="Envoyer à la mairie").click()
        expect(page.get_by_role("alert")).to_contain_text("Rien n’est perdu")
        expect(page.get_by_label("Ce que vous avez constaté")).to_have_value("Fermé le samedi")
        expect(page.get_by_label("autre chose")).to_be_checked()
        page.wait_for_load_state()  # The stylesheet too.
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width == 360
        if javascript:
            assert axe(page) == []
        monkeypatch.setattr(report_form, "SOONEST", timedelta())
        page.get_by_role("button", name="Envoyer à la mairie").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Merci !".replace(" ", "\u202f"))
        if javascript:
            assert axe(page) == []
        assert page.context.cookies() == []
    assert Report.objects.get().message == "Fermé le samedi"
