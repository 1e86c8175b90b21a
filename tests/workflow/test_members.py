"""The people of a shop: invited, joining, leaving, handing over."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from post_office.models import Email

from merchants.models import HistoryEntry, Invitation, Shop, ShopMember
from merchants.models.member import MemberRole
from merchants.workflow import WorkflowError, members
from tests.factories import make_member, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop("Le Fournil")


@pytest.fixture
def owner(shop):
    return make_member(shop, name="Awa Diallo")


def roles(shop) -> dict:
    return {member.user: member.role for member in ShopMember.objects.filter(shop=shop)}


def token() -> str:
    """That of the last letter."""
    text = Email.objects.order_by("-pk").first().message
    return re.search(r"/mon-commerce/invitation/([^/\s]+)/", text)[1]


def last(shop) -> HistoryEntry:
    return HistoryEntry.objects.filter(shop=shop).first()


class TestInvite:
    def test_sends_a_link_that_makes_its_reader_a_member_once(self, shop, owner, now):
        invitation = members.invite(shop, "paul@example.fr", by=owner, now=now)
        letter = Email.objects.get()
        assert letter.to == ["paul@example.fr"]
        assert "Awa Diallo vous invite" in letter.message
        assert letter.headers["Sensitivity"] == "Private"
        assert token() not in str(Invitation.objects.values())
        assert last(shop).action == "invite"
        assert members.invitation_of(token(), now=now) == invitation

        paul = make_user("paul@example.fr")
        joined = members.accept_invitation(token(), by=paul, now=now)
        assert (joined.user, joined.role, joined.since) == (paul, "colleague", now)
        entry = last(shop)
        assert (entry.action, entry.by, entry.capacity) == ("join", paul, "colleague")
        assert entry.changes == {"members": [None, {"user": paul.pk, "role": "colleague"}]}
        # A second click of the same person; then somebody else with the same link.
        assert members.accept_invitation(token(), by=paul, now=now) == joined
        with pytest.raises(WorkflowError, match="a déjà servi"):
            members.accept_invitation(token(), by=make_user(), now=now)
        assert len(roles(shop)) == 2

    def test_a_link_is_dead_after_two_weeks(self, shop, owner, now):
        members.invite(shop, "paul@example.fr", by=owner, now=now)
        late = now + members.INVITATION_LASTS
        members.invitation_of(token(), now=late - timedelta(seconds=1))
        for act in (
            lambda: members.invitation_of(token(), now=late),
            lambda: members.accept_invitation(token(), by=make_user(), now=late),
        ):
            with pytest.raises(WorkflowError, match="n’est plus valable"):
                act()
        assert len(roles(shop)) == 1

    def test_a_new_letter_kills_the_older_link(self, shop, owner, now):
        members.invite(shop, "paul@example.fr", by=owner, now=now)
        first = token()
        members.invite(shop, "Paul@Example.fr", by=owner, now=now)
        assert Invitation.objects.count() == 1
        with pytest.raises(WorkflowError, match="n’existe pas, ou a été annulée"):
            members.accept_invitation(first, by=make_user(), now=now)

    def test_a_second_click_sends_nothing(self, shop, owner, now):
        version = Shop.objects.get().version
        for _click in range(2):
            members.invite(shop, "paul@example.fr", by=owner, now=now, expected_version=version)
        assert Email.objects.count() == 1

    @pytest.mark.parametrize(
        "email",
        [
            "",
            "paul",
            "paul@",
            "a b@example.fr",
            f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 20}.fr",
        ],
    )
    def test_an_address_is_one(self, shop, owner, now, email):
        with pytest.raises(WorkflowError, match="n’est pas valable"):
            members.invite(shop, email, by=owner, now=now)

    def test_who_is_there_is_not_invited(self, shop, owner, now):
        with pytest.raises(WorkflowError, match="s’occupe déjà de ce commerce"):
            members.invite(shop, owner.email.upper(), by=owner, now=now)

    def test_only_owners_invite(self, shop, owner, now):
        for person in (make_member(shop, role="colleague"), make_user()):
            with pytest.raises(WorkflowError, match="Seul un responsable"):
                members.invite(shop, "paul@example.fr", by=person, now=now)
        assert not Email.objects.exists()

    def test_nobody_writes_to_a_whole_town(self, shop, owner, now):
        before = now - timedelta(days=2)
        for number in range(members.OPEN_INVITATIONS):
            members.invite(shop, f"n{number}@example.fr", by=owner, now=before)
        with pytest.raises(WorkflowError, match="attendent une réponse"):
            members.invite(shop, "encore@example.fr", by=owner, now=now)

    def test_nor_one_letter_after_another(self, shop, owner, now):
        other, elsewhere = make_member(shop), make_shop("Ailleurs")
        make_member(elsewhere, owner)

        def send(where, by, moment=now):
            number = Email.objects.count()
            sent = members.invite(where, f"n{number}@example.fr", by=by, now=moment)
            members.uninvite(sent, by=by, now=moment)

        for _number in range(members.INVITATIONS_A_DAY):
            send(shop, owner)
        # Neither another owner of that shop, nor that owner for another one.
        for where, by in ((shop, other), (elsewhere, owner)):
            with pytest.raises(WorkflowError, match="réessayez demain"):
                send(where, by)
        send(shop, owner, now + timedelta(days=1))

    def test_another_role_is_another_letter(self, shop, owner, now):
        version = Shop.objects.get().version
        for role in ("colleague", "owner"):
            sent = members.invite(
                shop, "paul@example.fr", role=role, by=owner, now=now, expected_version=version
            )
            assert sent.role == role
        assert Email.objects.count() == 2

    @pytest.mark.parametrize("name", ["evil.com", "http://evil.example/", "evil@example.com"])
    def test_no_name_becomes_a_link(self, shop, owner, now, name):
        type(owner).objects.filter(pk=owner.pk).update(name=name)
        Shop.objects.update(name=name)
        owner.refresh_from_db()
        members.invite(shop, "paul@example.fr", by=owner, now=now)
        letter = Email.objects.get()
        assert name not in letter.subject + letter.message + letter.html_message
        assert set(re.findall(r'href="([^"]+)"', letter.html_message)) == {
            f"http://testserver/mon-commerce/invitation/{token()}/",
            "http://testserver",
        }

    def test_no_address_stands_for_a_name(self, shop, now):
        nameless = make_member(shop)
        members.invite(shop, "paul@example.fr", by=nameless, now=now)
        letter = Email.objects.get()
        assert nameless.email not in letter.message
        assert "Un responsable de «\u00a0Le Fournil\u00a0» vous invite" in letter.message

    def test_one_that_nobody_answered_is_forgotten(self, shop, owner, now):
        members.invite(shop, "paul@example.fr", by=owner, now=now)
        end = now + members.INVITATION_LASTS + members.INVITATION_KEPT
        assert members.purge_invitations(now=end) == 0
        assert members.purge_invitations(now=end + timedelta(seconds=1)) == 1
        assert not Invitation.objects.exists()

    def test_one_that_was_accepted_is_not_taken_back(self, shop, owner, now):
        sent = members.invite(shop, "paul@example.fr", by=owner, now=now)
        members.accept_invitation(token(), by=make_user(), now=now)
        with pytest.raises(WorkflowError, match="a déjà servi"):
            members.uninvite(sent, by=owner, now=now)

    def test_an_invitation_is_taken_back(self, shop, owner, now):
        invitation = members.invite(shop, "paul@example.fr", by=owner, now=now)
        for _click in range(2):
            members.uninvite(invitation, by=owner, now=now)
        assert HistoryEntry.objects.filter(action="uninvite").count() == 1
        with pytest.raises(WorkflowError, match="annulée"):
            members.invitation_of(token(), now=now)

    def test_a_colleague_invited_as_an_owner_becomes_one(self, shop, owner, now):
        colleague = make_member(shop, role="colleague")
        members.invite(shop, "autre@example.fr", role=MemberRole.OWNER, by=owner, now=now)
        members.accept_invitation(token(), by=colleague, now=now)
        assert roles(shop)[colleague] == "owner"


class TestLeaving:
    def test_a_colleague_leaves(self, shop, owner, now):
        colleague = make_member(shop, role="colleague")
        members.leave(shop, by=colleague, now=now)
        members.leave(shop, by=colleague, now=now)
        assert roles(shop) == {owner: "owner"}
        assert HistoryEntry.objects.filter(action="leave").count() == 1

    def test_the_last_owner_hands_over_first(self, shop, owner, now):
        make_member(shop, role="colleague")
        with pytest.raises(WorkflowError, match="transmettez d’abord"):
            members.leave(shop, by=owner, now=now)
        members.leave(shop, by=owner, now=now, to_town_hall=True)
        assert roles(shop) == {}
        assert Shop.objects.get().status == "published"

    def test_one_of_two_owners_leaves(self, shop, owner, now):
        other = make_member(shop)
        members.leave(shop, by=owner, now=now)
        assert roles(shop) == {other: "owner"}

    def test_an_owner_removes_a_colleague_and_no_owner(self, shop, owner, now):
        colleague, other = make_member(shop, role="colleague"), make_member(shop)
        held = {member.user: member for member in ShopMember.objects.all()}
        for _click in range(2):
            members.remove_member(held[colleague], by=owner, now=now)
        with pytest.raises(WorkflowError, match="part de lui-même"):
            members.remove_member(held[other], by=owner, now=now)
        assert set(roles(shop)) == {owner, other}
        # The town hall settles a quarrel.
        members.remove_member(held[other], by=make_user(is_superuser=True), now=now)
        assert set(roles(shop)) == {owner}

    def test_a_colleague_removes_nobody(self, shop, owner, now):
        colleague = make_member(shop, role="colleague")
        member = ShopMember.objects.get(user=owner)
        with pytest.raises(WorkflowError, match="Seul un responsable"):
            members.remove_member(member, by=colleague, now=now)


class TestHandOver:
    def test_both_change_places(self, shop, owner, now):
        colleague = make_member(shop, role="colleague")
        member = ShopMember.objects.get(user=colleague)
        for _click in range(2):
            members.hand_over(member, by=owner, now=now, expected_version=shop.version)
        assert roles(shop) == {colleague: "owner", owner: "colleague"}
        assert HistoryEntry.objects.filter(action="role").count() == 2

    def test_who_never_was_an_owner_is_told_so(self, shop, owner, now):
        colleague = make_member(shop, role="colleague")
        member = ShopMember.objects.get(user=owner)
        with pytest.raises(WorkflowError, match="Seul un responsable"):
            members.hand_over(member, by=colleague, now=now, expected_version=1)

    def test_refusals(self, shop, owner, now):
        colleague, other = make_member(shop, role="colleague"), make_member(shop)
        held = {member.user: member for member in ShopMember.objects.all()}
        with pytest.raises(WorkflowError, match="Seul un responsable"):
            members.hand_over(held[colleague], by=colleague, now=now)
        with pytest.raises(WorkflowError, match="déjà responsable"):
            members.hand_over(held[other], by=owner, now=now)
        members.leave(shop, by=colleague, now=now)
        with pytest.raises(WorkflowError, match="ne s’occupe plus"):
            members.hand_over(held[colleague], by=owner, now=now)


class TestLetters:
    """Who is concerned reads of it, once."""

    def told(self) -> set:
        return {(email.to[0], email.subject) for email in Email.objects.all()}

    def test_handed_over(self, shop, owner, now):
        paul = make_member(shop, role="colleague", name="Paul")
        member = ShopMember.objects.get(user=paul)
        for _click in range(2):
            members.hand_over(member, by=owner, now=now, expected_version=shop.version)
        assert Email.objects.count() == 2
        assert self.told() == {
            (paul.email, "Vous êtes responsable de «\u00a0Le Fournil\u00a0»"),
            (owner.email, "Vous avez transmis la fiche «\u00a0Le Fournil\u00a0»"),
        }

    def test_left(self, shop, owner, now):
        paul = make_member(shop, role="colleague", name="Paul")
        members.leave(shop, by=paul, now=now)
        subject = "Paul ne s’occupe plus de la fiche «\u00a0Le Fournil\u00a0»"
        assert self.told() == {(owner.email, subject)}

    @pytest.mark.parametrize("to_town_hall", [True, False])
    def test_removed(self, shop, owner, now, to_town_hall):
        paul = make_member(shop, role="colleague", name="Paul")
        if to_town_hall:
            members.leave(shop, by=owner, now=now, to_town_hall=True)
        else:
            members.remove_member(ShopMember.objects.get(user=paul), by=owner, now=now)
        subject = "Vous ne vous occupez plus de la fiche «\u00a0Le Fournil\u00a0»"
        assert self.told() == {(paul.email, subject)}

    @pytest.mark.parametrize("email", ["paul@example.fr", "autre@example.fr"])
    def test_joined_with_another_address(self, shop, owner, now, email):
        members.invite(shop, "Paul@example.fr", by=owner, now=now)
        members.accept_invitation(token(), by=make_user(email, name="Paul"), now=now)
        subject = "Paul a rejoint la fiche «\u00a0Le Fournil\u00a0» avec une autre adresse"
        assert ((owner.email, subject) in self.told()) is (email != "paul@example.fr")


class TestAddMember:
    def test_the_town_hall_sets_and_changes_roles(self, shop, now):
        agent, user = make_user(is_superuser=True), make_user()
        members.add_member(shop, user, by=agent, now=now)
        assert last(shop).capacity == "town_hall"
        version = Shop.objects.get().version
        members.add_member(shop, user, by=agent, now=now)
        assert Shop.objects.get().version == version
        with pytest.raises(WorkflowError, match="garde au moins un responsable"):
            members.add_member(shop, user, role=MemberRole.COLLEAGUE, by=agent, now=now)


def test_the_history_keeps_what_a_deleted_account_did_without_its_name(shop, owner, now):
    members.invite(shop, "paul@example.fr", by=owner, now=now)
    number = HistoryEntry.objects.count()
    owner.delete()
    assert HistoryEntry.objects.count() == number
    entry = last(shop)
    assert (entry.by, entry.capacity) == (None, "merchant")
    assert "Awa" not in str(HistoryEntry.objects.values())


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (ShopMember, {"role": "boss"}),
        (Invitation, {"role": "boss"}),
        (Invitation, {"expires_at": None}),
        (HistoryEntry, {"capacity": "nobody"}),
    ],
)
def test_the_database_keeps_the_promises(shop, owner, now, model, change):
    members.invite(shop, "paul@example.fr", by=owner, now=now)
    if "expires_at" in change:
        change = {"expires_at": now - timedelta(days=1)}
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**change)


def test_nobody_is_there_twice(shop, owner, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        ShopMember.objects.create(shop=shop, user=owner, since=now)
