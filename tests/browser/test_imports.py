"""A file of shops on an agent’s screen, from upload to undo, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from merchants.models import Shop
from merchants.opendata.category_files import read_categories
from merchants.workflow.categories import save_categories
from merchants.workflow.roles import give_role
from tests.browser.test_accessibility import axe
from tests.factories import NOW, make_commune, make_user
from tests.importing import csv_of, imports_in

NUMBER = 250
ROWS = [
    {"enseigne du magasin": f"Épicerie {n}", "type": "épicerie", "adresse": f"{n} rue X"}
    for n in range(1, NUMBER + 1)
] + [{"enseigne du magasin": "", "type": "bar", "adresse": "1 rue Y"}]


@pytest.fixture
def agent(live_server, settings, tmp_path, monkeypatch):
    settings.WORK_IN_BACKGROUND = True
    imports_in(tmp_path / "private", monkeypatch)
    save_categories(read_categories(), by=None, now=NOW)
    user = make_user(name="Ana Silva")
    give_role(user, make_commune(), role="agent", by=None, now=NOW)
    return user


@pytest.mark.parametrize(("javascript", "width"), [(True, 1440), (False, 360)])
def test_from_upload_to_undo(phone_of, live_server, agent, javascript, width):
    with phone_of(agent, javascript=javascript, width=width) as page:

        def is_at(heading: str) -> None:
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            page.wait_for_load_state()  # The stylesheet too.
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            if javascript:
                assert axe(page) == [], heading

        def waits_for(words: str) -> None:
            """A script renews the page; without one, one leaves it, comes back and renews it."""
            if not javascript:
                page.goto(f"{live_server.url}/mairie/imports/")
                page.get_by_role("link", name="commerces.csv").click()
                while page.locator("progress").count():
                    page.get_by_role("link", name="Actualiser").click()
            expect(page.get_by_text(words).first).to_be_visible(timeout=15_000)

        page.goto(f"{live_server.url}/mairie/imports/")
        is_at("Imports")
        page.get_by_role("link", name="Importer un fichier").click()
        is_at("Importer un fichier")
        page.get_by_label("Fichier").set_input_files(
            {"name": "commerces.csv", "mimeType": "text/csv", "buffer": csv_of(ROWS)}
        )
        page.get_by_label("sont publiées dès l’import").check()
        page.get_by_role("button", name="Déposer le fichier").click()
        is_at("commerces.csv")
        page.get_by_role("button", name="Lire le fichier").click()
        expect(page.get_by_text("Dites quelle colonne donne le nom")).to_be_visible()
        page.get_by_label("enseigne du magasin").select_option(label="Nom")
        page.get_by_role("button", name="Lire le fichier").click()
        waits_for("Rien n’est encore enregistré.")
        page.get_by_role("link", name="Refusées 1").click()
        is_at("commerces.csv")
        page.get_by_role("link", name="Appliquer l’import (250 nouvelles").click()
        is_at("Appliquer cet import ?")
        page.get_by_role("button", name="Appliquer l’import").click()
        waits_for("Appliqué le")
        page.get_by_role("link", name="Refusées 1").click()
        assert Shop.objects.published().count() == NUMBER
        is_at("commerces.csv")
        page.get_by_role("link", name="Annuler cet import").click()
        is_at("Annuler cet import ?")
        page.get_by_role("button", name="Annuler l’import").click()
        waits_for("Cet import a été annulé")
        assert not Shop.objects.published().exists()
