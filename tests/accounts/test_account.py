"""What a person sees and does on the account's own pages."""

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone
from post_office.models import Email

from merchants.models import Shop, User
from merchants.models.shop import Confirmer
from merchants.workflow.account import (
    delete_account,
    export_account,
    purge_accounts,
    purge_sessions,
)
from merchants.workflow.mail_queue import queue_mail
from merchants.workflow.members import add_member
from merchants.workflow.status import confirm
from tests.accounts.conftest import PASSWORD, link
from tests.factories import make_shop, make_user

pytestmark = pytest.mark.django_db


def test_a_name_of_ones_own(merchant, enter):
    device = enter(merchant)
    device.post("/compte/", {"name": "Marie Dupont"})
    page = device.get("/compte/").content.decode()
    assert 'value="Marie Dupont"' in page
    assert "Votre nom est enregistré." in page


def test_a_new_address_counts_once_it_is_verified(merchant, enter, confirmed, letters):
    device = enter(merchant)
    confirmed(device)
    device.post("/compte/adresse/", {"email": "marie@ailleurs.example", "action_add": ""})
    [letter] = letters()
    assert letter.to == ["marie@ailleurs.example"]
    assert "marie@ailleurs.example" in device.get("/compte/adresse/").content.decode()
    merchant.refresh_from_db()
    assert merchant.email == "marie@example.fr"
    device.post(link(letter))
    merchant.refresh_from_db()
    assert merchant.email == "marie@ailleurs.example"
    assert [a.email for a in EmailAddress.objects.all()] == ["marie@ailleurs.example"]
    # The old address is told.
    assert ["marie@example.fr"] in [letter.to for letter in letters()]


def test_an_address_that_is_taken_is_told_to_its_owner_only(merchant, enter, confirmed, letters):
    make_user("paul@example.fr")
    device = enter(merchant)
    confirmed(device)
    response = device.post("/compte/adresse/", {"email": "paul@example.fr", "action_add": ""})
    assert response.status_code == 302
    assert [letter.to for letter in letters()] == [["paul@example.fr"]]


def test_a_change_of_address_or_second_factor_asks_for_the_password_again(merchant, enter):
    device = enter(merchant)
    data = {"email": "marie@ailleurs.example", "action_add": ""}
    response = device.post("/compte/adresse/", data)
    assert response.headers["Location"].startswith("/compte/confirmer/")
    assert not Email.objects.exists()


def test_a_change_of_password_is_told(merchant, enter, confirmed, letters):
    device = enter(merchant)
    confirmed(device)
    new = "brioche-et-croissant-7"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert device.post("/compte/mot-de-passe/", data).status_code == 302
    assert device.get("/compte/").status_code == 200
    merchant.refresh_from_db()
    assert merchant.check_password(new)
    [letter] = letters()
    assert "Votre mot de passe a été changé." in letter.body
    assert "Adresse IP\u00a0: 127.0.0.1" in letter.body


# Sessions ------------------------------------------------------------------------------------


def test_one_session_is_closed_or_all_the_others(merchant, enter):
    here, there, far = (enter(merchant, headers={"User-Agent": f"F{n}"}) for n in range(3))
    page = here.get("/compte/connexions/").content.decode()
    assert [f"F{n}" in page for n in range(3)] == [True] * 3  # A browser that nobody knows.
    assert page.count("cet appareil") == 1
    there_pk = UserSession.objects.get(user_agent="F1").pk
    here.post(f"/compte/connexions/{there_pk}/fermer/")
    assert [b.get("/compte/").status_code for b in (here, there, far)] == [200, 302, 200]
    here.post("/compte/connexions/fermer/")
    assert [b.get("/compte/").status_code for b in (here, there, far)] == [200, 302, 302]


def test_nobody_closes_somebody_elses_session(merchant, enter):
    device = enter(merchant)
    stranger = enter(make_user(password=PASSWORD))
    pk = merchant.usersession_set.get().pk
    assert stranger.post(f"/compte/connexions/{pk}/fermer/").status_code == 404
    assert device.get("/compte/").status_code == 200
    assert device.get(f"/compte/connexions/{pk}/fermer/").status_code == 405


def test_logging_out(merchant, enter):
    device = enter(merchant)
    assert device.get("/compte/deconnexion/").status_code == 200
    response = device.post("/compte/deconnexion/")
    assert response.headers["Location"] == "/"
    # Nothing is left behind, not even a session that would carry a farewell.
    assert not Session.objects.exists()
    assert response.cookies["sessionid"].value == ""
    assert device.get("/compte/").status_code == 302


# Export and end ------------------------------------------------------------------------------


def test_the_export_holds_all_that_is_held(merchant, enter, now):
    shop = make_shop("Au Bon Pain")
    confirm(shop, by=merchant, as_=Confirmer.MERCHANT, now=now)
    device = enter(merchant, headers={"User-Agent": "Firefox"})
    queue_mail("mail/account_deleted.txt", to=merchant.email, context={})
    queue_mail("mail/account_deleted.txt", to="autre@example.fr", context={})
    response = device.get("/compte/mes-donnees.json")
    assert response.headers["Content-Disposition"] == 'attachment; filename="mes-donnees.json"'
    data = json.loads(response.content)
    assert data["compte"]["adresse"] == "marie@example.fr"
    assert data["adresses"] == [{"email": "marie@example.fr", "verified": True, "primary": True}]
    assert [(line["ip"], line["user_agent"]) for line in data["connexions"]] == [
        ("127.0.0.1", "Firefox")
    ]
    assert len(data["courriels"]) == 1
    assert [line["name"] for line in data["fiches_confirmees"]] == ["Au Bon Pain"]
    for secret in (merchant.password, PASSWORD):
        assert secret not in response.content.decode()


def test_no_table_that_points_at_accounts_is_forgotten_by_the_export():
    """A new one makes this fail: `export_account` and `delete_account` have to know it."""
    known = {
        "account_emailaddress",
        "django_admin_log",
        # The shops that a person keeps and what they do for a town hall: not held of them yet.
        "merchants_communerole",
        "merchants_shopmember",
        "merchants_shop",
        "merchants_user_groups",
        "merchants_user_user_permissions",
        "mfa_authenticator",
        "usersessions_usersession",
    }
    pointing = {relation.related_model._meta.db_table for relation in User._meta.related_objects}
    assert pointing - known == set()
    assert set(export_account(make_user())) == {
        "compte",
        "adresses",
        "double_authentification",
        "connexions",
        "courriels",
        "commerces",
        "modifications",
        "fiches_confirmees",
    }


def test_deletion_asks_for_the_password_and_leaves_nothing(merchant, enter, letters, now):
    shop = make_shop()
    confirm(shop, by=merchant, as_=Confirmer.MERCHANT, now=now)
    device, other = enter(merchant), enter(merchant)
    queue_mail("mail/account_deleted.txt", to=merchant.email, context={})
    for data in ({"password": "autre-chose-2026", "sure": "on"}, {"password": PASSWORD}):
        response = device.post("/compte/supprimer/", data)
        assert response.status_code == 200
        assert response.context["form"].errors
    response = device.post("/compte/supprimer/", {"password": PASSWORD, "sure": "on"})
    assert response.headers["Location"] == "/compte/supprime/"
    assert device.get("/compte/supprime/").status_code == 200
    assert [device.get("/compte/").status_code, other.get("/compte/").status_code] == [302, 302]
    assert not User.objects.exists()
    assert not EmailAddress.objects.exists()
    assert not Session.objects.exists()
    shop.refresh_from_db()
    assert (shop.confirmed_as, shop.confirmed_by) == (Confirmer.MERCHANT, None)
    # The earlier mail is gone with the account; one last mail says so.
    assert [letter.subject for letter in letters()] == [
        "Votre compte est supprimé – Commerce local"
    ]


def test_somebody_of_a_town_hall_does_not_leave_alone(enter, login):
    agent = make_user(password=PASSWORD, is_staff=True, is_superuser=True)
    data = {"password": PASSWORD, "sure": "on"}
    page = enter(agent).post("/compte/supprimer/", data).content.decode()
    assert "Votre compte ouvre l’espace mairie" in page
    boss = login(make_user(is_staff=True, is_superuser=True))
    boss.post(f"/mairie/merchants/user/{agent.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=agent.pk).exists()
    assert Email.objects.get().to == [agent.email]


# Every day -----------------------------------------------------------------------------------


def test_accounts_never_verified_go_after_a_month(now):
    old, recent = now - timedelta(days=31), now - timedelta(days=29)
    gone = make_user(verified=False, date_joined=old)
    kept = [
        make_user(verified=False, date_joined=recent),
        make_user(verified=True, date_joined=old),
        make_user(verified=False, date_joined=old, last_login=recent),
        make_user(verified=False, date_joined=old, is_staff=True),
    ]
    assert [purge_accounts(now=now), purge_accounts(now=now)] == [1, 0]
    assert list(User.objects.order_by("pk")) == kept
    assert gone.email not in [address for mail in Email.objects.all() for address in mail.to]


def test_sessions_that_are_over_are_forgotten(merchant, enter, now):
    enter(merchant)
    over = enter(merchant)
    key = over.session.session_key
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() - timedelta(days=1))
    assert [purge_sessions(now=now), purge_sessions(now=now)] == [1, 0]
    assert UserSession.objects.count() == Session.objects.count() == 1


def test_deleting_twice_or_without_address_harms_nobody(now):
    user = make_user(verified=False)
    delete_account(user, by=None, now=now)
    assert not Email.objects.exists()


def test_a_shop_outlives_the_account_of_its_owner(now):
    """It goes back to the town hall, and its history keeps what was done, without the name."""
    shop, owner = make_shop(), make_user()
    add_member(shop, owner, role="owner", by=None, now=now)
    assert [line["shop__name"] for line in export_account(owner)["commerces"]] == [shop.name]
    delete_account(owner, by=owner, now=now)
    shop = Shop.objects.get()
    assert shop.status == "published" and not shop.members.exists()
    assert shop.history.first().action == "leave" and shop.history.first().by is None
