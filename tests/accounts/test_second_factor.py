"""TOTP, passkeys and recovery codes; and the back office, which asks for one of them."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.utils import timezone

from merchants import second_factor
from merchants.models import User
from merchants.workflow.account import remove_second_factor
from merchants.workflow.errors import WorkflowError
from tests.accounts.conftest import PASSWORD
from tests.factories import make_user

pytestmark = pytest.mark.django_db

APP = "/compte/securite/application/"
CODE = "/compte/connexion/code/"


def code_for(secret: str) -> str:
    """What the application shows now (RFC 6238); each code counts once, so that is forgotten."""
    cache.clear()
    counter = int(time.time()) // 30
    return format_hotp_value(hotp_value(secret, counter))


@pytest.fixture
def enrol(confirmed):
    """`enrol(client)` activates the application, and gives its secret."""

    def enrol(client) -> str:
        assert client.get(APP).headers["Location"].startswith("/compte/confirmer/")
        confirmed(client)
        page = client.get(APP)
        secret = page.context["form"].secret
        assert secret in page.content.decode()
        response = client.post(APP, {"code": code_for(secret)})
        assert response.status_code == 302, response.context["form"].errors
        return secret

    return enrol


@pytest.mark.django_db(transaction=True)
def test_enrolment_then_login_with_a_code(merchant, enter, enrol, client, letters):
    device = enter(merchant)
    secret = enrol(device)
    assert second_factor.has_second_factor(merchant)
    assert any("par application est activée" in letter.body for letter in letters())

    response = client.post("/compte/connexion/", {"login": merchant.email, "password": PASSWORD})
    assert response.headers["Location"] == CODE
    assert client.get(CODE).status_code == 200
    assert client.get("/compte/").status_code == 302
    assert client.post(CODE, {"code": "000000"}).status_code == 200
    assert client.get("/compte/").status_code == 302
    assert client.post(CODE, {"code": code_for(secret)}).headers["Location"] == "/compte/"
    assert client.get("/compte/").status_code == 200


def test_a_recovery_code_serves_once(merchant, enter, enrol, client):
    device = enter(merchant)
    enrol(device)
    codes = device.get("/compte/securite/codes/").context["unused_codes"]
    assert len(codes) == 10
    for attempt, entered in [(1, True), (2, False)]:
        browser = type(client)()
        browser.post("/compte/connexion/", {"login": merchant.email, "password": PASSWORD})
        browser.post(CODE, {"code": codes[0]})
        assert (browser.get("/compte/").status_code == 200) is entered, attempt


def test_codes_are_limited(merchant, enter, enrol, client):
    secret = enrol(enter(merchant))
    client.post("/compte/connexion/", {"login": merchant.email, "password": PASSWORD})
    right = code_for(secret)
    for _attempt in range(5):
        client.post(CODE, {"code": "000000"})
    client.post(CODE, {"code": right})
    assert client.get("/compte/").status_code == 302


def test_enrolment_closes_sessions_that_had_only_a_password(merchant, enter, enrol):
    thief, device = enter(merchant), enter(merchant)
    enrol(device)
    assert thief.get("/compte/").status_code == 302
    assert device.get("/compte/").status_code == 200


def test_the_pages_of_the_second_factor(merchant, enter, enrol):
    device = enter(merchant)
    enrol(device)
    for path in ("", "codes/", "codes/nouveaux/", "codes.txt", "application/retirer/", "cles/"):
        assert device.get(f"/compte/securite/{path}").status_code == 200, path
    assert device.post("/compte/securite/application/retirer/").status_code == 302
    assert not second_factor.has_second_factor(merchant)


# The back office -----------------------------------------------------------------------------


@pytest.fixture
def agent():
    return make_user("agent@example.fr", password=PASSWORD, is_staff=True, is_superuser=True)


def let_the_grace_pass(settings) -> None:
    joined = timezone.now() - timedelta(days=settings.SECOND_FACTOR_GRACE_DAYS, minutes=1)
    User.objects.update(date_joined=joined)


def test_the_back_office_has_the_door_of_every_account(client, agent, enter):
    response = client.get("/mairie/merchants/shop/", follow=True)
    assert response.redirect_chain[-1][0] == "/compte/connexion/?next=/mairie/merchants/shop/"
    response = client.get("/mairie/login/?next=https://ailleurs.example/")
    assert response.headers["Location"] == "/compte/connexion/?next=/mairie/"
    # A password posted to the old address is not looked at.
    client.post("/mairie/login/", {"username": agent.email, "password": PASSWORD})
    assert client.get("/mairie/").status_code == 302
    assert enter(agent).get("/mairie/").status_code == 200


def test_a_merchant_is_told_that_the_back_office_is_closed(enter, merchant):
    assert enter(merchant).get("/mairie/", follow=True).status_code == 403


def test_during_the_grace_people_of_a_town_hall_are_reminded(enter, agent, settings):
    page = enter(agent).get("/mairie/").content.decode()
    assert "Choisissez une double authentification avant le" in page


def test_after_the_grace_they_enrol_first(enter, enrol, agent, settings):
    device = enter(agent)
    let_the_grace_pass(settings)
    for path in ("/mairie/", "/mairie/merchants/shop/", "/mairie/merchants/user/add/"):
        response = device.get(path, follow=True)
        assert response.redirect_chain[-1][0] == "/compte/securite/"
        assert "choisissez une double authentification" in response.content.decode()
    assert device.post("/mairie/merchants/shop/", {}).status_code == 302
    enrol(device)
    page = device.get("/mairie/").content.decode()
    assert "double authentification avant le" not in page
    assert "Tableau de bord" in page


def test_recovery_codes_alone_are_no_second_factor(agent, settings):
    let_the_grace_pass(settings)
    agent.refresh_from_db()
    Authenticator.objects.create(user=agent, type="recovery_codes", data={})
    assert second_factor.is_missing(agent, now=timezone.now())
    Authenticator.objects.create(user=agent, type="webauthn", data={})
    assert not second_factor.is_missing(agent, now=timezone.now())


def test_the_demonstration_is_exempt_and_says_so(enter, agent, settings):
    let_the_grace_pass(settings)
    settings.DEMO = True
    page = enter(agent).get("/mairie/").content.decode()
    assert "n’est pas demandée ici" in page


def test_the_town_hall_helps_whoever_lost_the_telephone(enter, enrol, merchant, agent, letters):
    device = enter(merchant)
    enrol(device)
    letters()
    office = enter(agent)
    office.post(
        "/mairie/merchants/user/",
        {"action": "remove_second_factor", "_selected_action": [merchant.pk]},
    )
    assert not second_factor.has_second_factor(merchant)
    assert device.get("/compte/").status_code == 302
    [letter] = letters()
    assert letter.to == [merchant.email]
    assert letter.subject == "Double authentification retirée – Commerce local"
    with pytest.raises(WorkflowError, match="pas de double authentification"):
        remove_second_factor(merchant, by=agent, now=timezone.now())
