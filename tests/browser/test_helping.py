"""Acting for a merchant, on a phone: a listing is found, corrected, and its letter made."""

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from merchants.models import AccessCode, Shop
from merchants.workflow.roles import give_role
from tests.browser.test_accessibility import axe
from tests.factories import make_commune, make_shop, make_user


@pytest.fixture
def shop(live_server) -> Shop:
    commune = make_commune("Suresnes", insee_code="92073", town_hall_name="Ville de Suresnes")
    make_shop("Chez Léa", commune=commune)
    return make_shop(
        "Le Fournil",
        commune=commune,
        street="rue de la Paix",
        house_number="12",
        postcode="92150",
        email="fournil@example.fr",
    )


@pytest.fixture
def helper(shop):
    user = make_user(name="Aline Martin")
    give_role(user, shop.commune, role="helper", by=None, now=timezone.now())
    return user


@pytest.mark.parametrize("javascript", [True, False])
def test_from_the_list_to_the_letter(phone_of, shop, helper, javascript):
    with phone_of(helper, javascript=javascript) as page:
        page.get_by_role("link", name="Aider les commerçants").first.click()
        page.get_by_label("Nom ou rue").fill("paix")
        page.get_by_role("button", name="Chercher").click()
        page.get_by_role("link", name="Mettre à jour (Le Fournil)").click()
        page.get_by_role("link", name="Modifier les horaires").click()
        page.get_by_label("lundi, plage 1 : ouvre à").fill("08:30")
        page.get_by_role("button", name="Enregistrer", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("C’est enregistré, et déjà en ligne.")
        page.get_by_role("link", name="Préparer la lettre").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Télécharger la lettre (PDF)").click()
        letter = download.value
        assert letter.suggested_filename == "lettre-le-fournil.pdf"
        assert Path(letter.path()).read_bytes().startswith(b"%PDF")
    held = Shop.objects.get(pk=shop.pk)
    assert held.schedule.to_osm().startswith("Mo 08:30-18:00")
    assert held.on_behalf
    assert AccessCode.objects.get().shop == held


def test_axe_finds_nothing_and_nothing_scrolls_sideways(phone_of, live_server, shop, helper):
    own = f"/mon-commerce/{shop.pk}/aider/"
    found = []
    with phone_of(helper) as page:
        for address in (
            "/mon-commerce/aider/92073/",
            "/mon-commerce/aider/92073/?q=introuvable",
            "/mon-commerce/aider/92073/inscrire/",
            own,
            f"{own}lettre/",
            f"{own}courriel/",
        ):
            page.goto(live_server.url + address)
            found += [f"{address} {fault}" for fault in axe(page)]
            room = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if room > 0:
                found.append(f"{address} is {room} px too wide")
        # A refused one, and a second letter, have more to say.
        Shop.objects.filter(pk=shop.pk).update(status="refused", on_behalf=True)
        page.goto(f"{live_server.url}{own}lettre/")
        with page.expect_download():
            page.get_by_role("button", name="Télécharger la lettre (PDF)").click()
        for address in (own, f"{own}lettre/"):
            page.goto(live_server.url + address)
            found += [f"{address} {fault}" for fault in axe(page)]
    assert not found, "\n\n".join(found)
