"""Accounts on a telephone: sign-up and verification, with and without JavaScript; passkeys."""

import re

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from merchants.workflow.mail_queue import send_due_mails
from merchants.workflow.members import add_member
from tests.browser.screens import on_each_screen
from tests.browser.test_accessibility import axe
from tests.factories import make_shop, make_user

PASSWORD = "pain-de-campagne-2026"
PAGES = [
    "",
    "adresse/",
    "mot-de-passe/",
    "connexions/",
    "supprimer/",
    "securite/",
    "securite/application/",
    "securite/cles/ajouter/",
]


def link_of_the_last_mail(live_server) -> str:
    send_due_mails(now=timezone.now())
    path = re.search(r"http://[^/\s]+(/\S+)", mail.outbox[-1].body)[1]
    return live_server.url + path


def enter(page, live_server, email: str) -> None:
    page.goto(f"{live_server.url}/compte/connexion/")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def no_sideways_scroll(page) -> bool:
    page.wait_for_load_state("load")
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("javascript", [True, False])
def test_sign_up_and_verification_on_a_telephone(open_page, live_server, javascript):
    with open_page(width=360, height=740, javascript=javascript) as page:
        page.goto(live_server.url)
        page.get_by_role("link", name="Espace commerçant").click()
        page.get_by_role("link", name="Créez-en un").click()
        page.get_by_label("Adresse électronique").fill("marie@example.fr")
        page.get_by_label("Mot de passe").fill("court")
        page.get_by_role("button", name="Créer mon compte").click()
        expect(page.locator(".form-errors")).to_contain_text("trop court")
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Créer mon compte").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Vérifiez votre adresse")
        assert no_sideways_scroll(page)

        page.goto(link_of_the_last_mail(live_server))
        page.get_by_role("button", name="Confirmer").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Mon commerce")
        page.get_by_role("link", name="Mon compte").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
        expect(page.locator(".lead")).to_have_text("marie@example.fr")
        assert no_sideways_scroll(page)

        page.get_by_role("button", name="Se déconnecter").click()
        page.goto(f"{live_server.url}/compte/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Connexion")


def test_login_by_keyboard(phone, live_server):
    make_user("marie@example.fr", password=PASSWORD)
    phone.goto(f"{live_server.url}/compte/connexion/")
    phone.get_by_label("Adresse électronique").focus()
    phone.keyboard.type("marie@example.fr")
    phone.keyboard.press("Tab")
    phone.keyboard.type(PASSWORD)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Mon compte")


@on_each_screen
def test_axe_finds_nothing(open_page, live_server, width, scheme):
    marie, shop = make_user("marie@example.fr", password=PASSWORD), make_shop("Au Bon Pain")
    now = timezone.now()
    add_member(shop, marie, role="owner", by=None, now=now)
    add_member(shop, make_user(name="Paul"), role="colleague", by=None, now=now)
    found = []
    with open_page(width=width) as page:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for path in ("connexion/", "inscription/", "adresse/a-verifier/", "mot-de-passe/oublie/"):
            page.goto(f"{live_server.url}/compte/{path}")
            found += [f"{path} {fault}" for fault in axe(page)]
            assert no_sideways_scroll(page), path
        page.goto(f"{live_server.url}/compte/inscription/")
        page.get_by_label("Adresse électronique").fill("paul@example.fr")
        page.get_by_label("Mot de passe").fill("court")
        page.get_by_role("button", name="Créer mon compte").click()
        found += [f"errors {fault}" for fault in axe(page)]

        enter(page, live_server, "marie@example.fr")
        page.goto(f"{live_server.url}/compte/confirmer/")
        found += [f"confirmer {fault}" for fault in axe(page)]
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Continuer").click()
        for path in PAGES:
            page.goto(f"{live_server.url}/compte/{path}")
            assert page.url == f"{live_server.url}/compte/{path}"
            found += [f"{path} {fault}" for fault in axe(page)]
            assert no_sideways_scroll(page), path
        page.goto(f"{live_server.url}/compte/supprimer/")
        page.evaluate("document.querySelectorAll('form').forEach(form => form.noValidate = true)")
        page.get_by_role("button", name="Supprimer mon compte").click()
        expect(page.locator("fieldset .form-errors")).to_be_visible()
        found += [f"errors of the end {fault}" for fault in axe(page)]
    assert not found, "\n\n".join(found)


@pytest.mark.parametrize("javascript", [True, False])
def test_the_end_of_an_account_on_a_telephone(open_page, live_server, javascript):
    marie, shop = make_user("marie@example.fr", password=PASSWORD), make_shop("Au Bon Pain")
    now = timezone.now()
    add_member(shop, marie, role="owner", by=None, now=now)
    add_member(shop, make_user(name="Paul"), role="colleague", by=None, now=now)
    with open_page(width=360, height=740, javascript=javascript) as page:
        enter(page, live_server, "marie@example.fr")
        page.get_by_role("link", name="Supprimer mon compte").click()
        choices = page.get_by_role("group", name="Que devient «\u00a0Au Bon Pain\u00a0»")
        expect(choices.get_by_role("radio")).to_have_count(3)
        choices.get_by_label("Paul reprend la fiche.").check()
        page.get_by_label("Votre mot de passe").fill(PASSWORD)
        page.get_by_label("Je veux supprimer mon compte.").check()
        assert no_sideways_scroll(page)
        page.get_by_role("button", name="Supprimer mon compte").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Votre compte est supprimé")
    assert [(m.user.name, m.role) for m in shop.members.all()] == [("Paul", "owner")]


def test_a_passkey_is_added_and_asked_for(phone, live_server, settings):
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    make_user("marie@example.fr", password=PASSWORD)
    devtools = phone.context.new_cdp_session(phone)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    enter(phone, live_server, "marie@example.fr")
    phone.goto(f"{live_server.url}/compte/securite/cles/ajouter/")
    phone.get_by_label("Mot de passe").fill(PASSWORD)
    phone.get_by_role("button", name="Continuer").click()
    phone.get_by_role("button", name="Ajouter").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Codes de secours")

    phone.goto(f"{live_server.url}/compte/deconnexion/")
    phone.locator("main").get_by_role("button", name="Se déconnecter").last.click()
    enter(phone, live_server, "marie@example.fr")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Double authentification")
    phone.get_by_role("button", name="Utiliser ma clé").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Mon compte")


def test_a_passkey_that_does_not_answer_is_said(phone, live_server, settings):
    make_user("marie@example.fr", password=PASSWORD)
    enter(phone, live_server, "marie@example.fr")
    phone.goto(f"{live_server.url}/compte/securite/cles/ajouter/")
    phone.get_by_label("Mot de passe").fill(PASSWORD)
    phone.get_by_role("button", name="Continuer").click()
    # A browser in which the person says no.
    phone.evaluate("() => { navigator.credentials.create = () => Promise.reject(new Error()); }")
    phone.get_by_role("button", name="Ajouter").click()
    expect(phone.get_by_role("alert")).to_have_text(
        "La clé n’a pas répondu. Réessayez, ou prenez un code."
    )
