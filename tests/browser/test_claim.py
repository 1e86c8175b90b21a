"""« C’est mon commerce » on a phone, with and without JavaScript: a claim, a code, both sides."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from merchants.access_codes import display_code
from merchants.models import Claim, Shop, ShopMember
from tests.browser.test_accessibility import axe
from tests.claiming import PDF, make_claim, make_code, private_files_in
from tests.factories import make_commune, make_member, make_shop, make_user


@pytest.fixture
def shop(live_server) -> Shop:
    return make_shop(
        "Le Fournil",
        commune=make_commune(town_hall_name="Mairie de Suresnes"),
        street="rue de la Paix",
        house_number="12",
        postcode="92150",
        phone="+33147510142",
    )


@pytest.fixture
def files(tmp_path, monkeypatch):
    return private_files_in(tmp_path / "private", monkeypatch)


def code_of(shop, **values) -> str:
    return display_code(make_code(shop, now=timezone.now(), **values))


@pytest.mark.parametrize("javascript", [True, False])
def test_a_claim_with_a_document(phone_of, live_server, shop, files, javascript):
    with phone_of(make_user(), javascript=javascript) as page:
        page.goto(live_server.url + shop.get_absolute_url())
        page.get_by_role("link", name="C’est mon commerce").click()
        document = page.get_by_label("Votre document")
        expect(document).not_to_be_visible()
        page.get_by_label("Un document : extrait Kbis").check()
        page.get_by_label("Un mot pour la mairie").fill("Bonjour")
        page.get_by_role("button", name="Envoyer ma demande").click()
        # Said beside its field, with all that was typed.
        expect(page.get_by_text("Joignez un document")).to_be_visible()
        expect(page.get_by_label("Un mot pour la mairie")).to_have_value("Bonjour")
        document.set_input_files({"name": "kbis.pdf", "mimeType": "application/pdf", "buffer": PDF})
        page.get_by_role("button", name="Envoyer ma demande").click()
        expect(page.get_by_text("Votre demande est partie.")).to_be_visible()
        page.get_by_role("button", name="Retirer ma demande").click()
        expect(page.get_by_text("Votre demande est retirée.")).to_be_visible()
    assert Claim.objects.get().status == "withdrawn"


@pytest.mark.parametrize("javascript", [True, False])
def test_a_code_from_paper(phone_of, shop, javascript):
    code = code_of(shop)
    person = make_user()
    with phone_of(person, javascript=javascript) as page:
        page.get_by_role("link", name="Saisir un code de la mairie").click()
        page.get_by_label("Votre code").fill("00000-00000")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Ce code ne convient pas")).to_be_visible()
        page.get_by_label("Votre code").fill(code.lower().replace("-", " "))
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Reprendre cette fiche").click()
        expect(page.get_by_text("Vous tenez maintenant la fiche « Le Fournil ».")).to_be_visible()
    assert ShopMember.objects.get().user == person


@pytest.mark.parametrize("javascript", [True, False])
def test_the_link_of_a_letter_needs_no_login(open_page, live_server, shop, javascript):
    with open_page(width=360, height=740, javascript=javascript) as page:
        page.goto(f"{live_server.url}/code/")
        page.get_by_label("Votre code").fill(code_of(shop))
        page.get_by_role("button", name="Continuer").click()
        page.get_by_role("button", name="Oui, tout est exact").click()
        expect(page.get_by_role("heading", name="Merci")).to_be_visible()
        page.get_by_role("link", name="Reprendre cette fiche").click()
        expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
    assert Shop.objects.get().confirmed_as == "merchant"


@pytest.mark.parametrize("width", [360, 1440])
def test_pages_are_accessible_and_as_wide_as_the_screen(phone_of, live_server, shop, width):
    claimant, owner = make_user("paul@example.fr", name="Paul"), make_member(shop, name="Awa")
    code = code_of(shop)
    elsewhere = make_shop("Autre")
    personal = code_of(elsewhere)
    claim_page = f"{shop.get_absolute_url()}c-est-mon-commerce/"
    found = []

    def look(page, address, name=""):
        page.goto(live_server.url + address)
        found.extend(f"{address} {fault}" for fault in axe(page))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address

    with phone_of(claimant, width=width) as page:
        for address in (
            claim_page,
            f"{elsewhere.get_absolute_url()}c-est-mon-commerce/",
            "/mon-commerce/code/",
            "/code/",
            f"/mon-commerce/code/{code}/",
            f"/mon-commerce/code/{personal}/",
            f"/code/{code}/",
            f"/code/{personal}/",
        ):
            look(page, address)
        page.goto(live_server.url + claim_page)
        page.get_by_label("Un document : extrait Kbis").check()
        page.get_by_role("button", name="Envoyer ma demande").click()
        found.extend(f"mistakes {fault}" for fault in axe(page))
        make_claim(shop, claimant)
        for address in ("/mon-commerce/", "/mon-commerce/demandes/", claim_page):
            look(page, address)
    with phone_of(owner, width=width) as page:
        for address in ("/mon-commerce/", f"/mon-commerce/{shop.pk}/demandes/"):
            look(page, address)
    assert found == []


@pytest.mark.parametrize("width", [360, 1440])
def test_the_town_hall_sees_both_sides_and_hands_over_a_code(
    open_page, live_server, shop, files, width
):
    make_member(shop, name="Awa Diallo")
    made = make_claim(shop, make_user(name="Paul Martin"), proof="document")
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    address = f"{live_server.url}/mairie/merchants/claim/{made.pk}/change/"
    with open_page(width=width) as page:
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        page.context.add_cookies([cookie])
        page.goto(address)
        for side in ("Qui demande", "Qui tient la fiche"):
            expect(page.get_by_role("heading", name=side)).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Enregistrer le document").click()
        assert download.value.suggested_filename == f"demande-{made.pk}.pdf"
        page.get_by_label("Donner un code").select_option("in_person")
        page.get_by_role("button", name="Créer le code").click()
        expect(page.get_by_text("Remettez-le en main propre")).to_be_visible()
        page.get_by_label("Donner un code").select_option("post")
        page.get_by_role("button", name="Créer le code").click()
        expect(page.get_by_text("Madame, Monsieur")).to_be_visible()
        page.get_by_role("link", name="Retour à la demande").click()
        page.get_by_label("Ceux qui tiennent la fiche la perdront").check()
        page.get_by_role("button", name="Accepter, à la place de ceux qui la tiennent").click()
        page.get_by_role("button", name="Envoyer la décision").click()
        expect(page.get_by_text("C’est décidé")).to_be_visible()
    assert ShopMember.objects.get().user == made.user
