"""The whole register compared at the town hall, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from merchants.models import SireneCase
from merchants.workflow.roles import give_role
from tests.browser.test_accessibility import axe
from tests.factories import NOW, make_commune, make_user
from tests.sirene import ESTABLISHMENT, UNIT, establishment, make_bakery, number, write_stock

# Enough to be seen at work.
ELSEWHERE = 60_000


@pytest.fixture
def agent(live_server, settings, tmp_path):
    settings.WORK_IN_BACKGROUND = True
    settings.SIRENE_DIR = tmp_path
    rows = [establishment(number(1))]
    rows += [establishment(number(n), codeCommune="13055") for n in range(2, ELSEWHERE)]
    write_stock(tmp_path / "StockEtablissement_utf8.csv", rows, ESTABLISHMENT)
    write_stock(tmp_path / "StockUniteLegale_utf8.csv", [], UNIT)
    make_bakery()
    user = make_user(name="Ana Silva")
    give_role(user, make_commune(insee_code="92073"), role="agent", by=None, now=NOW)
    return user


@pytest.mark.parametrize(("javascript", "width"), [(True, 1440), (False, 360)])
def test_compared_in_the_background(phone_of, live_server, agent, javascript, width):
    with phone_of(agent, javascript=javascript, width=width) as page:
        page.goto(f"{live_server.url}/mairie/sirene/")
        page.get_by_role("button", name="Comparer avec toute la base").press("Enter")
        if not javascript:
            while page.locator("progress").count():
                page.get_by_role("link", name="Actualiser").click()
        told = page.get_by_text("Dernière comparaison avec toute la base")
        expect(told).to_contain_text("1 commerce absent", timeout=15_000)
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        if javascript:
            assert axe(page) == []
        expect(page.get_by_role("heading", name="Le Fournil")).to_be_visible()
    assert SireneCase.objects.get().siret == number(1)
