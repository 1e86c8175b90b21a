"""Every page of an account stands, in both languages; public pages know nothing of accounts."""

import re

import pytest
from django.urls import get_resolver, reverse
from django.utils import translation

from merchants.account_urls import entrance, members
from tests.accounts.conftest import PASSWORD
from tests.factories import make_commune, make_shop, make_user

pytestmark = pytest.mark.django_db

# What needs an argument or stands only in the middle of something else is tried where that is.
WITH_ARGUMENT = {
    "account_confirm_email",
    "account_reset_password_from_key",
    "close_session",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
}
LANGUAGES = ["fr", "en"]


def address(name: str, language: str) -> str:
    with translation.override(language):
        return reverse(name)


def names(group) -> list[str]:
    return [pattern.name for pattern in group if pattern.name not in WITH_ARGUMENT]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", names(entrance))
def test_pages_for_everybody(name, language, client):
    path = address(name, language)
    assert path.startswith("/compte/" if language == "fr" else "/en/compte/")
    response = client.get(path)
    if name == "mfa_authenticate":
        assert response.headers["Location"] == address("account_login", language)
        return
    assert response.status_code == 200
    page = response.content.decode()
    assert f'<html lang="{language}"' in page
    assert "css/account.css" in page
    keeps_page_apart(response)
    assert set(response.cookies) <= {"csrftoken"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", names(members))
def test_pages_for_those_who_are_logged_in(name, language, client, enter, confirmed, merchant):
    path = address(name, language)
    response = client.get(path)
    expected = 405 if name == "close_other_sessions" else 302
    if name not in {"account_logout", "mfa_deactivate_totp"}:
        assert response.status_code in {302, expected}, "a stranger is sent to the door"
    device = enter(merchant)
    response = device.get(path)
    if response.status_code == 302 and "/confirmer/" in response.headers["Location"]:
        confirmed(device)
        response = device.get(path)
    if name == "close_other_sessions":
        assert response.status_code == 405
    elif name in {
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_generate_recovery_codes",
        "account_set_password",
    }:
        # For those who have, or have not, what the page is about.
        assert response.status_code in {200, 302, 404}
    else:
        assert response.status_code == 200
    if response.status_code == 200 and "html" in response.headers["Content-Type"]:
        assert f'<html lang="{language}"' in response.content.decode()
        keeps_page_apart(response)


def keeps_page_apart(response) -> None:
    """Under our policy: nothing inline, nothing foreign; and for this visitor alone."""
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    page = response.content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    for script in re.findall(r"<script\b[^>]*>", page):
        assert "src=" in script or "application/json" in script
    assert "public" not in response.headers.get("Cache-Control", "")
    assert 'content="noindex"' in page


def test_every_address_of_allauth_that_is_used_has_a_french_one():
    resolver = get_resolver()
    for name in ("account_login", "mfa_index", "usersessions_list"):
        assert resolver.reverse_dict.getlist(name)
    for pattern in [*entrance, *members]:
        assert not re.search(r"login|password|email|session", str(pattern.pattern))


# Public pages --------------------------------------------------------------------------------


@pytest.fixture
def public_pages() -> list[str]:
    make_commune("Garches", insee_code="92033")
    shop = make_shop("Au Bon Pain", commune=make_commune("Suresnes"))
    town = shop.commune.get_absolute_url()
    return [
        "/",
        town,
        f"/en{town}",
        f"{town}commerces.geojson",
        f"{town}theme.css",
        shop.get_absolute_url(),
        "/autour/",
        "/classement/",
        "/mentions-legales/",
        "/confidentialite/",
        "/accessibilite/",
        "/robots.txt",
        "/compte-inconnu/",
    ]


def test_public_pages_are_the_same_for_whoever_is_logged_in(public_pages, client, enter):
    agent = make_user(password=PASSWORD, is_staff=True, is_superuser=True)
    device = enter(agent)
    device.cookies["messages"] = "x"
    for path in public_pages:
        for first, second in ((client, device), (device, client)):
            answers = [browser.get(path) for browser in (first, second)]
            assert answers[0].content == answers[1].content, path
            for answer in answers:
                assert not answer.cookies, path
                assert "Cookie" not in answer.headers.get("Vary", ""), path


def test_every_public_page_leads_to_the_accounts(client, public_pages):
    page = client.get("/").content.decode()
    assert re.search(r'<a href="/mon-commerce/"[^>]*>Espace commerçant</a>', page)
    assert "Disallow: /*compte/" in client.get("/robots.txt").content.decode()


@pytest.mark.parametrize("debug", [True, False])
def test_the_demonstration_says_where_its_mails_are(client, settings, tmp_path, debug):
    settings.MAIL_FOLDER = tmp_path / "mails"
    settings.DEMO = not debug
    for path in ("adresse/a-verifier/", "mot-de-passe/oublie/envoye/"):
        assert str(tmp_path / "mails") in client.get(f"/compte/{path}").content.decode()
    settings.MAIL_FOLDER = None
    assert (
        "aucun courriel ne part" not in client.get("/compte/adresse/a-verifier/").content.decode()
    )
