"""What a person sees and does on the account's own pages."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.utils import timezone, translation
from post_office.models import Email

from merchants.models import Claim, Shop, User
from merchants.models.claim import ClaimProof
from merchants.models.shop import Confirmer
from merchants.workflow.account import (
    delete_account,
    open_sessions,
    purge_accounts,
    purge_sessions,
)
from merchants.workflow.account_export import export_account
from merchants.workflow.errors import WorkflowError
from merchants.workflow.mail_queue import queue_mail
from merchants.workflow.members import add_member, invite, remove_member
from merchants.workflow.roles import give_role
from merchants.workflow.status import confirm
from tests.accounts.conftest import PASSWORD, link
from tests.factories import make_shop, make_user

pytestmark = pytest.mark.django_db

EXPORT_QUERIES = 26


def test_a_name_of_ones_own(merchant, enter):
    device = enter(merchant)
    device.post("/compte/", {"name": "Marie Dupont"})
    page = device.get("/compte/").content.decode()
    assert 'value="Marie Dupont"' in page
    assert "Votre nom est enregistré." in page


@pytest.mark.parametrize(
    "name", ["Voyez http://mal.example", "www.mal.example", "mal.example/x", "a@mal.example"]
)
def test_a_name_carries_no_link(merchant, enter, name):
    page = enter(merchant).post("/compte/", {"name": name}).content.decode()
    assert "Un nom ne contient ni lien ni adresse." in page
    merchant.refresh_from_db()
    assert merchant.name == ""


def test_a_name_stands_on_one_line(merchant, enter):
    enter(merchant).post("/compte/", {"name": " Marie\r\n\tDupont "})
    merchant.refresh_from_db()
    assert merchant.name == "Marie Dupont"


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
    device = enter(merchant, headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"})
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
    assert "Navigateur\u00a0: Firefox, Windows\n" in letter.body
    assert "prévenez-nous\u00a0: contact@example.fr" in letter.body


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


def test_sessions_that_have_ended_are_not_listed(merchant, enter, confirmed):
    here, out, expired, older = (enter(merchant, headers={"User-Agent": n}) for n in "ABCD")
    out.post("/compte/deconnexion/")
    Session.objects.filter(session_key=expired.session.session_key).update(
        expire_date=timezone.now() - timedelta(days=1)
    )
    assert [line.user_agent for line in open_sessions(merchant, now=timezone.now())] == ["D", "A"]
    # Another password ends what was opened with the older one.
    confirmed(here)
    new = "brioche-et-croissant-7"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    here.post("/compte/mot-de-passe/", data)
    assert older.get("/compte/").status_code == 302
    merchant.refresh_from_db()
    assert [line.user_agent for line in open_sessions(merchant, now=timezone.now())] == ["A"]
    page = here.get("/compte/connexions/").content.decode()
    assert page.count("cet appareil") == 1
    assert "Fermer" not in page.split("<h1>")[1].replace("Fermez-le", "")


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_sessions_costs_the_same(merchant, enter, number, django_assert_num_queries):
    devices = [enter(merchant) for _device in range(number)]
    with django_assert_num_queries(5):
        page = devices[0].get("/compte/connexions/").content.decode()
    assert page.count("adresse IP") == number


@pytest.mark.parametrize(
    ("path", "date"),
    [
        ("/compte/connexions/", "Depuis le 3 juin 2026, 14:05"),
        ("/en/compte/connexions/", "3 June 2026, 14:05"),
    ],
)
def test_dates_are_european_in_both_languages(merchant, enter, path, date):
    device = enter(merchant)
    UserSession.objects.update(created_at=datetime(2026, 6, 3, 12, 5, tzinfo=UTC))
    assert date in device.get(path).content.decode()


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
    add_member(shop, merchant, role="colleague", by=None, now=now)
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
    [letter] = data["courriels"]
    assert (letter["to"], letter["status"]) == (["marie@example.fr"], "en attente")
    assert "sont supprimés" in letter["message"]
    assert [line["name"] for line in data["fiches_confirmees"]] == ["Au Bon Pain"]
    for secret in (merchant.password, PASSWORD):
        assert secret not in response.content.decode()


def test_no_table_that_points_at_accounts_is_forgotten_by_the_export():
    """A new one makes this fail: `export_account` and `delete_account` have to know it."""
    known = {
        "account_emailaddress",
        "django_admin_log",
        "merchants_accesscode",
        "merchants_call",
        "merchants_claim",
        "merchants_communerole",
        "merchants_distinctshops",
        "merchants_historyentry",
        "merchants_invitation",
        "merchants_objection",
        "merchants_proposal",
        "merchants_report",
        "merchants_roleinvitation",
        "merchants_shop",
        "merchants_shopimport",
        "merchants_shopmember",
        "merchants_sirenecase",
        "merchants_sirenereading",
        "merchants_takencase",
        "merchants_user_groups",
        "merchants_user_user_permissions",
        "mfa_authenticator",
        "usersessions_usersession",
    }
    # Hidden ones too: `related_name="+"`.
    pointing = {
        field.related_model._meta.db_table
        for field in User._meta.get_fields(include_hidden=True)
        if field.auto_created and not field.concrete
    }
    assert pointing - known == set()


def test_the_export_holds_what_others_know_of_the_person(merchant, now):
    owner, shop = make_user(name="Paul"), make_shop("Au Bon Pain")
    add_member(shop, owner, role="owner", by=None, now=now)
    invite(shop, "MARIE@example.fr", by=owner, now=now)
    member = add_member(shop, merchant, role="colleague", by=None, now=now)
    remove_member(member, by=owner, now=now)
    give_role(merchant, shop.commune, role="helper", by=None, now=now)
    data = export_account(merchant)
    [invitation] = data["invitations_recues"]
    assert (invitation["shop__name"], invitation["email"]) == ("Au Bon Pain", "MARIE@example.fr")
    # Others wrote that she came and went.
    assert [line["action"] for line in data["modifications"]] == ["join", "leave"]
    assert [(line["commune__name"], line["role"]) for line in data["roles"]] == [
        (shop.commune.name, "helper")
    ]
    # The invitation's link stays a secret, even for whoever holds the file.
    letters = {mail["to"][0]: mail["message"] for mail in data["courriels"]}
    assert letters["MARIE@example.fr"] == ""
    assert [line["email"] for line in export_account(owner)["invitations_envoyees"]] == [
        "MARIE@example.fr"
    ]


def test_an_address_that_is_not_verified_opens_and_erases_nothing(merchant, now):
    """Marie asks for Paul's address as her own: what was written to Paul stays Paul's."""
    shop = make_shop()
    invite(shop, "paul@example.fr", by=None, now=now)
    queue_mail("mail/account_deleted.txt", to="paul@example.fr", context={})
    EmailAddress.objects.create(user=merchant, email="paul@example.fr", verified=False)
    data = export_account(merchant)
    assert (data["courriels"], data["invitations_recues"]) == ([], [])
    delete_account(merchant, by=merchant, now=now)
    assert [invitation.email for invitation in shop.invitations.all()] == ["paul@example.fr"]
    assert Email.objects.filter(to="paul@example.fr").count() == 2


def test_the_export_holds_second_factors_without_their_secrets(merchant):
    data = {"name": "Mon téléphone", "credential": {"secret": "abc"}}
    Authenticator.objects.create(user=merchant, type="webauthn", data=data)
    Authenticator.objects.create(user=merchant, type="totp", data={"secret": "abc"})
    Authenticator.objects.create(user=merchant, type="recovery_codes", data={"seed": "abc"})
    exported = export_account(merchant)["double_authentification"]
    assert [(line["type"], line["name"]) for line in exported] == [
        ("webauthn", "Mon téléphone"),
        ("totp", ""),
        ("recovery_codes", ""),
    ]
    assert "abc" not in str(exported)


@pytest.mark.parametrize("number", [1, 3])
def test_the_export_costs_the_same(merchant, now, number, django_assert_num_queries):
    for _shop in range(number):
        add_member(make_shop(), merchant, role="owner", by=None, now=now)
    with django_assert_num_queries(EXPORT_QUERIES):
        assert len(export_account(merchant)["commerces"]) == number


def test_deletion_asks_for_the_password_and_leaves_nothing(merchant, enter, letters, now):
    shop = make_shop()
    add_member(shop, merchant, role="colleague", by=None, now=now)
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


def test_an_administrator_does_not_delete_the_own_account(login):
    boss = make_user(is_staff=True, is_superuser=True)
    device = login(boss)
    path = f"/mairie/merchants/user/{boss.pk}/delete/"
    assert device.post(path, {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [boss.pk], "post": "yes"}
    assert device.post("/mairie/merchants/user/", data).status_code == 403
    assert User.objects.filter(pk=boss.pk).exists()


def test_the_back_office_forgets_how_a_deleted_person_was_called(merchant, login, now):
    User.objects.update(name="Marie Dupont")
    merchant.refresh_from_db()
    boss = make_user(is_staff=True, is_superuser=True)
    device = login(boss)
    shop = make_shop()
    data = {"user": merchant.pk, "commune": shop.commune.pk, "role": "helper"}
    assert device.post("/mairie/merchants/communerole/add/", data).status_code == 302
    assert LogEntry.objects.filter(object_repr__contains="Marie Dupont").count() == 1
    device.post(f"/mairie/merchants/user/{merchant.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=merchant.pk).exists()
    assert LogEntry.objects.count() == 2
    assert not LogEntry.objects.filter(object_repr__contains="Marie Dupont").exists()


@pytest.mark.parametrize("itself", [True, False])
def test_what_somebody_else_did_is_told_in_the_language_of_the_site(merchant, itself, now):
    by = merchant if itself else make_user(is_staff=True, is_superuser=True)
    with translation.override("en"):
        delete_account(merchant, by=by, now=now)
    greeting = "Hello," if itself else "Bonjour,"
    assert greeting in Email.objects.get().message


# What becomes of the shops ---------------------------------------------------------------------


SURE = {"password": PASSWORD, "sure": "on"}


@pytest.fixture
def bakery(merchant, now):
    """Marie's alone, with a colleague."""
    shop = make_shop("Au Bon Pain")
    add_member(shop, merchant, role="owner", by=None, now=now)
    add_member(shop, make_user(name="Paul"), role="colleague", by=None, now=now)
    return shop


def test_nothing_is_deleted_before_it_is_said_what_becomes_of_the_shop(merchant, enter, bakery):
    device = enter(merchant)
    page = device.get("/compte/supprimer/").content.decode()
    assert "Que devient «\u00a0Au Bon Pain\u00a0»\u202f?" in page
    assert page.count('type="radio"') == 3
    assert "checked" not in page
    for choice in ({}, {f"shop-{bakery.pk}": "autre"}):
        response = device.post("/compte/supprimer/", SURE | choice)
        assert response.status_code == 200
        assert list(response.context["form"].errors) == [f"shop-{bakery.pk}"]
    assert User.objects.filter(pk=merchant.pk).exists()


@pytest.mark.parametrize(
    ("choice", "status", "people"),
    [
        ("town_hall", "published", []),
        ("close", "closed", []),
        ("member", "published", [("Paul", "owner")]),
    ],
)
def test_the_person_chooses_what_becomes_of_the_shop(
    merchant, enter, bakery, choice, status, people
):
    if choice == "member":
        choice = f"member-{bakery.members.get(role='colleague').pk}"
    device = enter(merchant)
    response = device.post("/compte/supprimer/", SURE | {f"shop-{bakery.pk}": choice})
    assert response.headers["Location"] == "/compte/supprime/"
    bakery.refresh_from_db()
    assert bakery.status == status
    assert [(member.user.name, member.role) for member in bakery.members.all()] == people


def test_a_shop_that_is_shared_or_was_never_seen(merchant, enter, bakery, now):
    """The other owner keeps the first; the second cannot close, since it never opened."""
    add_member(bakery, make_user(name="Jeanne"), role="owner", by=None, now=now)
    draft = make_shop("Le Fournil", status="pending")
    add_member(draft, merchant, role="owner", by=None, now=now)
    device = enter(merchant)
    form = device.get("/compte/supprimer/").context["form"]
    assert [shop.name for shop in form.shops] == ["Le Fournil"]
    assert [value for value, _label in form.fields[f"shop-{draft.pk}"].choices] == ["town_hall"]
    device.post("/compte/supprimer/", SURE | {f"shop-{draft.pk}": "town_hall"})
    assert sorted(member.user.name for member in bakery.members.all()) == ["Jeanne", "Paul"]
    assert not draft.members.exists()


def test_an_heir_who_left_meanwhile_stops_the_deletion(merchant, bakery, now):
    colleague = bakery.members.get(role="colleague")
    remove_member(colleague, by=None, now=now)
    colleague.pk = 10**6
    with pytest.raises(WorkflowError, match="ne s’occupe plus"):
        delete_account(merchant, by=merchant, now=now, heirs={bakery.pk: colleague})
    assert User.objects.filter(pk=merchant.pk).exists()
    assert bakery.members.get().user == merchant


def test_invitations_to_the_person_go_too(merchant, now):
    shop = make_shop()
    invite(shop, "Marie@Example.fr", by=None, now=now)
    invite(shop, "autre@example.fr", by=None, now=now)
    delete_account(merchant, by=merchant, now=now)
    assert [invitation.email for invitation in shop.invitations.all()] == ["autre@example.fr"]
    assert sorted(mail.to for mail in Email.objects.all()) == [
        ["autre@example.fr"],
        ["marie@example.fr"],
    ]


def test_the_proofs_of_a_claim_go_too(merchant, now, django_capture_on_commit_callbacks):
    claim = Claim.objects.create(
        shop=make_shop("Au Bon Pain"),
        user=merchant,
        proof=ClaimProof.DOCUMENT,
        message="C’est à moi.",
        document=ContentFile(b"%PDF-1.7", name="kbis.pdf"),
        at=now,
    )
    [line] = export_account(merchant)["demandes"]
    assert (line["shop__name"], line["message"]) == ("Au Bon Pain", "C’est à moi.")
    storage, name = claim.document.storage, claim.document.name
    with django_capture_on_commit_callbacks(execute=True):
        delete_account(merchant, by=merchant, now=now)
        # What is taken back has lost nothing.
        assert storage.exists(name)
    assert not storage.exists(name)
    assert not Claim.objects.exists()


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
