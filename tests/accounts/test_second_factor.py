"""TOTP, passkeys and recovery codes; and the back office, which asks for one of them."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.template.defaultfilters import date as date_format
from django.utils import timezone

from merchants import second_factor
from merchants.models import User
from merchants.workflow.account import remove_second_factor
from merchants.workflow.errors import WorkflowError
from merchants.workflow.roles import give_role
from tests.accounts.conftest import PASSWORD
from tests.factories import make_commune, make_user

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
    page = client.get(CODE).content.decode()
    assert 'inputmode="numeric"' in page
    # Nothing is said of passkeys to whoever has none.
    assert "data-passkey" not in page and "<script" not in page
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


def test_the_days_count_from_the_role(settings):
    """A merchant of two years becomes an agent: there is time to choose."""
    settings.SECOND_FACTOR_GRACE_DAYS = 7
    now = timezone.now()
    agent = make_user(is_staff=True, date_joined=now - timedelta(days=700))
    assert second_factor.is_missing(agent, now=now)
    given = now - timedelta(days=2)
    give_role(agent, make_commune("Suresnes"), role="agent", by=None, now=given)
    # A second commune, or another role in the first, starts nothing anew.
    give_role(agent, make_commune("Garches"), role="agent", by=None, now=now)
    give_role(agent, agent.commune_roles.first().commune, role="referent", by=None, now=now)
    end = given + timedelta(days=7)
    assert second_factor.deadline(agent) == end
    assert not second_factor.is_missing(agent, now=end - timedelta(minutes=1))
    assert second_factor.is_missing(agent, now=end)


def test_a_role_is_enough_to_need_one_and_a_shop_is_not(merchant, login, settings):
    settings.SECOND_FACTOR_GRACE_DAYS = 7
    now = timezone.now()
    User.objects.update(date_joined=now - timedelta(days=700))
    merchant.refresh_from_db()
    assert second_factor.deadline(merchant) is None
    assert not second_factor.is_missing(merchant, now=now)
    given = now - timedelta(days=30)
    give_role(merchant, make_commune(), role="helper", by=None, now=given)
    assert second_factor.is_missing(merchant, now=now)
    device = login(merchant)
    assert "il vous faut une double" in device.get("/compte/").content.decode()
    settings.SECOND_FACTOR_GRACE_DAYS = 40
    date = date_format(timezone.localtime(given) + timedelta(days=40), "j F Y")
    page = device.get("/compte/").content.decode()
    assert f"une double authentification avant le {date}." in page
    Authenticator.objects.create(user=merchant, type="totp", data={})
    assert "au nom de la mairie" not in device.get("/compte/").content.decode()
    settings.SECOND_FACTOR_GRACE_DAYS = 7
    assert not second_factor.is_missing(merchant, now=now)


def test_whoever_administers_the_whole_site_counts_from_the_account(settings):
    now = timezone.now()
    boss = make_user(is_staff=True, is_superuser=True, date_joined=now - timedelta(days=700))
    give_role(boss, make_commune(), role="agent", by=None, now=now)
    assert second_factor.is_missing(boss, now=now)


def test_only_an_equal_touches_the_account_of_an_administrator(login, settings):
    boss = make_user(is_staff=True, is_superuser=True)
    Authenticator.objects.create(user=boss, type="totp", data={})
    agent = make_user(is_staff=True)
    for codename in ("view_user", "change_user", "delete_user"):
        agent.user_permissions.add(Permission.objects.get(codename=codename))
    device = login(agent)
    data = {"action": "remove_second_factor", "_selected_action": [boss.pk]}
    page = device.post("/mairie/merchants/user/", data, follow=True).content.decode()
    assert "Votre compte ne permet pas cette action." in page
    assert second_factor.has_second_factor(boss)
    for page in ("password", "delete"):
        path = f"/mairie/merchants/user/{boss.pk}/{page}/"
        assert device.post(path, {"post": "yes"}).status_code == 403, page
    # Nor does anybody give themselves rights.
    form = {"email": agent.email, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    device.post(f"/mairie/merchants/user/{agent.pk}/change/", form)
    agent.refresh_from_db()
    assert not agent.is_superuser


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
