"""The team of a commune: referents manage it, agents read it, nobody else sees it."""

import pytest
from post_office.models import Email

from merchants.models import CommuneRole, RoleInvitation
from merchants.workflow.role_invitations import invite
from tests.factories import NOW, make_commune, make_member, make_shop, make_user
from tests.team import make_colleague, role_token

pytestmark = pytest.mark.django_db

TEAM = "/mairie/equipe/"


@pytest.fixture
def commune():
    return make_commune("Suresnes")


@pytest.fixture
def referent(commune):
    return make_colleague(commune, "referent", name="Inès")


@pytest.fixture
def paul(commune):
    return make_colleague(commune, "agent", email="paul@example.fr", name="Paul")


def role_of(user) -> str | None:
    return CommuneRole.objects.filter(user=user).values_list("role", flat=True).first()


def address(user, word: str) -> str:
    return f"{TEAM}{user.commune_roles.get().pk}/{word}/"


def test_agents_read_who_works_with_them_and_change_nothing(login, commune, referent, paul):
    invite(commune, "zoe@example.fr", role="helper", by=referent, now=NOW)
    RoleInvitation.objects.update(expires_at="2099-01-01T00:00Z")
    browser = login(paul)
    page = browser.get(TEAM).content.decode()
    for word in ("Inès", referent.email, "Paul", "(vous)", "zoe@example.fr", "pas encore"):
        assert word in page
    assert "Envoyer l’invitation" not in page and "/retirer/" not in page
    data = {"email": "leo@example.fr", "role": "referent", "sure": "1"}
    assert browser.post(TEAM, data).status_code == 403
    for word in ("role", "retirer"):
        assert browser.post(address(referent, word), data).status_code == 403
    invitation = RoleInvitation.objects.get()
    url = f"{TEAM}invitations/{invitation.pk}/annuler/"
    assert browser.post(url).status_code == 403
    assert (role_of(referent), RoleInvitation.objects.count()) == ("referent", 1)


@pytest.mark.parametrize("who", ["agent", "referent"])
def test_another_commune_s_team_is_not_there(login, commune, referent, paul, who):
    invitation = invite(commune, "zoe@example.fr", role="helper", by=referent, now=NOW)
    browser = login(make_colleague(make_commune("Garches"), who))
    assert browser.get(f"{TEAM}?commune={commune.insee_code}").status_code == 404
    data = {"email": "leo@example.fr", "role": "agent", "sure": "1"}
    assert browser.post(f"{TEAM}?commune={commune.insee_code}", data).status_code == 404
    page = browser.get(TEAM).content.decode()
    assert "Paul" not in page and "Suresnes" not in page
    refused = 403 if who == "agent" else 404
    for url in (
        address(paul, "role"),
        address(paul, "retirer"),
        f"{TEAM}invitations/{invitation.pk}/annuler/",
    ):
        assert browser.post(url, data).status_code == refused
    assert (role_of(paul), RoleInvitation.objects.count()) == ("agent", 1)


@pytest.mark.parametrize("who", ["helper", "merchant"])
def test_others_do_not_come_in(login, commune, referent, who):
    shop = make_shop(commune=commune)
    user = make_colleague(commune, "helper") if who == "helper" else make_member(shop)
    assert login(user).get(TEAM, follow=True).status_code == 403


def test_a_referent_changes_a_role_and_takes_it_away(login, commune, referent, paul):
    browser = login(referent)
    page = browser.post(address(paul, "role"), {"role": "helper"}, follow=True)
    assert "Paul\u00a0: le rôle est changé." in page.content.decode()
    assert role_of(paul) == "helper"
    assert browser.post(address(paul, "role"), {"role": "king"}, follow=True).status_code == 200
    remove = address(paul, "retirer")
    page = browser.get(remove).content.decode()
    assert "Paul ne travaillera plus pour Suresnes" in page
    assert browser.post(remove).status_code == 200  # Without "sure", it asks.
    assert role_of(paul) == "helper"
    page = browser.post(remove, {"sure": "1"}, follow=True).content.decode()
    assert "Paul ne fait plus partie de l’équipe." in page
    assert role_of(paul) is None
    assert browser.post(remove, {"sure": "1"}).status_code == 404


def test_oneself_only_after_a_question_and_never_the_last_referent(login, commune, referent):
    browser = login(referent)
    url = address(referent, "role")
    page = browser.post(url, {"role": "agent"}).content.decode()
    assert "Votre rôle à Suresnes devient\u00a0: agent" in page
    page = browser.post(url, {"role": "agent", "sure": "1"}, follow=True).content.decode()
    assert "au moins un référent" in page and role_of(referent) == "referent"
    make_colleague(commune, "referent")
    answer = browser.post(address(referent, "retirer"), {"sure": "1"})
    assert (answer.status_code, answer.url) == (302, "/mairie/")
    assert role_of(referent) is None
    assert browser.get(TEAM, follow=True).status_code == 403


def test_inviting_keeps_what_was_typed(login, commune, referent, paul):
    browser = login(referent)
    page = browser.post(TEAM, {"email": "paul@example.fr", "role": "helper"}).content.decode()
    assert "fait déjà partie de l’équipe" in page and 'value="paul@example.fr"' in page
    page = browser.post(TEAM, {"email": "zoe", "role": "helper"}).content.decode()
    assert 'value="zoe"' in page
    for email in ("known@example.fr", "unknown@example.fr"):
        make_user("known@example.fr") if email.startswith("known") else None
        page = browser.post(TEAM, {"email": email, "role": "agent"}, follow=True)
        assert f"L’invitation est partie à {email}." in page.content.decode()
    pk = RoleInvitation.objects.first().pk
    browser.post(f"{TEAM}invitations/{pk}/annuler/")
    assert RoleInvitation.objects.count() == 1


def test_the_link_asks_first_and_works_for_who_has_to_log_in(login, client, commune, referent):
    invite(commune, "zoe@example.fr", role="agent", by=referent, now=NOW)
    RoleInvitation.objects.update(expires_at="2099-01-01T00:00Z")
    link = f"/mon-commerce/equipe/{role_token()}/"
    answer = client.get(link)
    assert answer.status_code == 302 and answer.url.endswith(f"?next={link}")
    zoe = make_user("zoe@example.fr")
    browser = login(zoe)
    page = browser.get(link).content.decode()
    assert "Inès vous invite." in page and "mairie de Suresnes" in page
    assert role_of(zoe) is None
    assert browser.post(link).url == "/mairie/"
    assert role_of(zoe) == "agent"
    assert browser.get(TEAM).status_code == 200
    assert login(make_user()).get(link).status_code == 410
    assert client.get("/mon-commerce/equipe/x/").status_code == 302
    assert browser.get("/mon-commerce/equipe/nothing/").status_code == 410


def test_a_helper_goes_to_the_merchants(login, commune, referent):
    invite(commune, "zoe@example.fr", role="helper", by=referent, now=NOW)
    RoleInvitation.objects.update(expires_at="2099-01-01T00:00Z")
    browser = login(make_user("zoe@example.fr"))
    assert browser.post(f"/mon-commerce/equipe/{role_token()}/").url == "/mon-commerce/aider/"


def test_administrators_manage_every_team(login, commune, paul):
    browser = login(make_user(is_superuser=True, is_staff=True))
    page = browser.get(f"{TEAM}?commune={commune.insee_code}").content.decode()
    assert "paul@example.fr" in page
    browser.post(address(paul, "role"), {"role": "referent"})
    assert role_of(paul) == "referent"
    assert Email.objects.get().to == ["paul@example.fr"]


@pytest.mark.parametrize("number", [1, 3])
def test_costs_the_same(login, commune, referent, number, django_assert_num_queries):
    for index in range(number):
        make_colleague(commune, "agent")
        invite(commune, f"a{index}@example.fr", role="agent", by=referent, now=NOW)
    browser = login(referent)
    with django_assert_num_queries(9):
        browser.get(TEAM)
