"""Who works for a town hall: given, changed and taken by its referents."""

import pytest
from post_office.models import Email

from merchants.models import CommuneMail, CommuneRole
from merchants.workflow import WorkflowError
from merchants.workflow.roles import give_role, take_role, team_of
from tests.factories import make_commune, make_user
from tests.team import make_colleague

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    return make_commune("Suresnes")


@pytest.fixture
def referent(commune):
    return make_colleague(commune, "referent", name="Inès")


def role_of(user) -> str | None:
    return CommuneRole.objects.filter(user=user).values_list("role", flat=True).first()


def test_a_referent_gives_changes_and_takes(commune, referent, now):
    paul = make_user("paul@example.fr")
    held = give_role(paul, commune, role="helper", by=referent, now=now)
    assert (held.role, held.since) == ("helper", now)
    give_role(paul, commune, role="agent", by=referent, now=now)
    assert role_of(paul) == "agent"
    give_role(paul, commune, role="agent", by=referent, now=now)  # A second click.
    take_role(held, by=referent, now=now)
    take_role(held, by=referent, now=now)
    assert role_of(paul) is None
    subjects = [mail.subject for mail in Email.objects.order_by("pk")]
    assert subjects == [
        "Votre rôle à la mairie de Suresnes\u00a0: aidant",
        "Votre rôle à la mairie de Suresnes\u00a0: agent",
        "Vous n’avez plus de rôle à la mairie de Suresnes",
    ]
    assert "Inès vous a donné un rôle" in Email.objects.order_by("pk")[0].message
    assert "/mon-commerce/aider/" in Email.objects.order_by("pk")[0].message
    assert "/mairie/" in Email.objects.order_by("pk")[1].message
    assert set(CommuneMail.objects.values_list("commune", flat=True)) == {commune.pk}


@pytest.mark.parametrize("who", ["agent", "helper", "stranger", "referent elsewhere"])
def test_nobody_else_does(commune, referent, now, who):
    place = make_commune("Garches") if "elsewhere" in who else commune
    by = make_user() if who == "stranger" else make_colleague(place, who.split()[0])
    paul = make_colleague(commune, "agent")
    for act in (
        lambda: give_role(make_user(), commune, role="agent", by=by, now=now),
        lambda: give_role(paul, commune, role="referent", by=by, now=now),
        lambda: take_role(paul.commune_roles.get(), by=by, now=now),
    ):
        with pytest.raises(WorkflowError, match="Seul un référent"):
            act()
    assert role_of(paul) == "agent"


def test_a_commune_keeps_a_referent(commune, referent, now):
    held = referent.commune_roles.get()
    for act in (
        lambda: take_role(held, by=referent, now=now),
        lambda: give_role(referent, commune, role="agent", by=referent, now=now),
    ):
        with pytest.raises(WorkflowError, match="au moins un référent"):
            act()
    make_colleague(commune, "referent")
    give_role(referent, commune, role="agent", by=referent, now=now)
    assert role_of(referent) == "agent"
    assert not Email.objects.exists()  # Nobody writes to himself.


def test_administrators_do_as_they_must(commune, referent, now):
    boss = make_user(is_superuser=True, is_staff=True)
    take_role(referent.commune_roles.get(), by=boss, now=now)
    assert not CommuneRole.objects.exists()
    assert Email.objects.get().to == [referent.email]


def test_the_team_in_order_with_its_second_factors(commune, referent, django_assert_num_queries):
    helper, agent = make_colleague(commune, "helper"), make_colleague(commune, "agent")
    make_colleague(make_commune("Garches"), "agent")
    agent.authenticator_set.create(type="totp", data={})
    helper.authenticator_set.create(type="recovery_codes", data={})
    with django_assert_num_queries(1):
        team = [(held.user, held.has_second_factor) for held in team_of(commune)]
    assert team == [(referent, False), (agent, True), (helper, False)]
