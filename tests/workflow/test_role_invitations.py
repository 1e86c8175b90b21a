"""Joining a town hall's team by a letter."""

from datetime import timedelta

import pytest
from post_office.models import Email

from merchants.models import CommuneRole, RoleInvitation
from merchants.workflow import WorkflowError
from merchants.workflow.role_invitations import (
    LETTERS_A_DAY,
    accept,
    invitation_of,
    invite,
    purge_role_invitations,
    uninvite,
)
from tests.factories import make_commune, make_user
from tests.team import make_colleague, role_token

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=5)


@pytest.fixture
def commune():
    return make_commune("Suresnes")


@pytest.fixture
def referent(commune):
    return make_colleague(commune, "referent", name="Inès")


def test_a_letter_gives_its_reader_the_role_once(commune, referent, now):
    invitation = invite(commune, "paul@example.fr", role="agent", by=referent, now=now)
    letter = Email.objects.get()
    assert (letter.to, letter.headers["Sensitivity"]) == (["paul@example.fr"], "Private")
    assert "Inès vous invite" in letter.message and "mairie de Suresnes" in letter.message
    assert role_token() not in str(RoleInvitation.objects.values())
    assert invitation_of(role_token(), now=now) == invitation
    paul = make_user("paul@example.fr")
    for _click in range(2):
        held = accept(role_token(), by=paul, now=now)
        assert (held.user, held.commune, held.role, held.since) == (paul, commune, "agent", now)
    with pytest.raises(WorkflowError, match="déjà servi"):
        accept(role_token(), by=make_user(), now=now)
    assert Email.objects.count() == 1  # The invited address: nobody is to be told.


def test_somebody_with_another_address_may_and_the_referents_are_told(commune, referent, now):
    invite(commune, "mairie@example.fr", role="helper", by=referent, now=now)
    accept(role_token(), by=make_user("paul@example.fr", name="Paul"), now=now)
    told = Email.objects.order_by("-pk").first()
    assert told.to == [referent.email]
    assert "mairie@\u2060example" in told.message or "mairie@example.fr" in told.message
    assert f"commune={commune.insee_code}" in told.message


@pytest.mark.parametrize(
    ("has", "invited", "gets"),
    [
        ("helper", "agent", "agent"),
        ("agent", "referent", "referent"),
        ("agent", "helper", "agent"),
        ("referent", "agent", "referent"),
    ],
)
def test_nobody_is_lowered_by_a_link(commune, referent, now, has, invited, gets):
    invite(commune, "other@example.fr", role=invited, by=referent, now=now)
    paul = make_colleague(commune, has)
    assert accept(role_token(), by=paul, now=now).role == gets


def test_a_link_is_dead_after_two_weeks_or_withdrawn(commune, referent, now):
    invitation = invite(commune, "paul@example.fr", role="agent", by=referent, now=now)
    late = now + timedelta(days=14)
    for act in (
        lambda: invitation_of(role_token(), now=late),
        lambda: accept(role_token(), by=make_user(), now=late),
    ):
        with pytest.raises(WorkflowError, match="n’est plus valable"):
            act()
    uninvite(invitation, by=referent, now=now)
    uninvite(invitation, by=referent, now=now)
    with pytest.raises(WorkflowError, match="n’existe pas"):
        accept(role_token(), by=make_user(), now=now)
    assert CommuneRole.objects.get().user == referent


def test_what_has_been_accepted_is_not_withdrawn(commune, referent, now):
    invitation = invite(commune, "paul@example.fr", role="agent", by=referent, now=now)
    accept(role_token(), by=make_user("paul@example.fr"), now=now)
    with pytest.raises(WorkflowError, match="déjà servi"):
        uninvite(invitation, by=referent, now=now)


def test_a_second_click_sends_nothing_and_a_new_letter_kills_the_old_link(commune, referent, now):
    for _click in range(2):
        invite(commune, "paul@example.fr", role="agent", by=referent, now=now)
    assert Email.objects.count() == 1
    first = role_token()
    invite(commune, "Paul@Example.fr", role="agent", by=referent, now=now + LATER)
    assert Email.objects.count() == 2
    with pytest.raises(WorkflowError, match="n’existe pas"):
        invitation_of(first, now=now)
    assert RoleInvitation.objects.count() == 1


def test_the_same_is_done_whether_or_not_there_is_an_account(commune, referent, now):
    make_user("known@example.fr")
    for email in ("known@example.fr", "unknown@example.fr"):
        invite(commune, email, role="agent", by=referent, now=now)
    known, unknown = Email.objects.order_by("pk")
    assert known.subject == unknown.subject
    assert len(known.message) == len(unknown.message)


@pytest.mark.parametrize("who", ["agent", "helper", "referent elsewhere"])
def test_referents_alone_invite_and_withdraw(commune, referent, now, who):
    place = make_commune("Garches") if "elsewhere" in who else commune
    by = make_colleague(place, who.split()[0])
    invitation = invite(commune, "paul@example.fr", role="agent", by=referent, now=now)
    for act in (
        lambda: invite(commune, "zoe@example.fr", role="helper", by=by, now=now),
        lambda: uninvite(invitation, by=by, now=now),
    ):
        with pytest.raises(WorkflowError, match="Seul un référent"):
            act()
    assert RoleInvitation.objects.count() == 1


@pytest.mark.parametrize(
    ("email", "sentence"),
    [("paul", "pas valable"), ("", "pas valable"), ("REFERENT@example.fr", "déjà partie")],
)
def test_addresses_that_make_no_sense(commune, now, email, sentence):
    referent = make_colleague(commune, "referent", email="referent@example.fr")
    with pytest.raises(WorkflowError, match=sentence):
        invite(commune, email, role="agent", by=referent, now=now)


def test_nobody_writes_to_a_whole_town(commune, referent, now):
    for number in range(LETTERS_A_DAY):
        held = invite(commune, f"a{number}@example.fr", role="agent", by=referent, now=now)
        uninvite(held, by=referent, now=now)
    with pytest.raises(WorkflowError, match="réessayez demain"):
        invite(commune, "encore@example.fr", role="agent", by=referent, now=now)
    elsewhere = make_commune("Garches")
    invite(elsewhere, "encore@example.fr", role="agent", by=None, now=now)
    Email.objects.update(created=now - timedelta(days=1, minutes=1))
    invite(commune, "encore@example.fr", role="agent", by=referent, now=now)


def test_old_invitations_go(commune, referent, now):
    invite(commune, "paul@example.fr", role="agent", by=referent, now=now)
    assert purge_role_invitations(now=now + timedelta(days=43)) == 0
    assert purge_role_invitations(now=now + timedelta(days=45)) == 1
    invite(commune, "paul@example.fr", role="agent", by=referent, now=now)
    accept(role_token(), by=make_user("paul@example.fr"), now=now)
    assert purge_role_invitations(now=now + timedelta(days=450)) == 0
