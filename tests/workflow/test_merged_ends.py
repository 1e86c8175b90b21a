"""What a merge ends, and what waits again once it is undone."""

import re
from datetime import timedelta

import pytest
from post_office.models import Email

from merchants.models import Claim, Invitation, Proposal, Shop
from merchants.models.claim import ClaimStatus
from merchants.workflow import WorkflowError, claims, codes
from merchants.workflow.edit import edit_listing
from merchants.workflow.members import accept_invitation, invite, leave, purge_invitations
from merchants.workflow.merging import unmerge
from merchants.workflow.proposals import accept
from tests.claiming import make_claim, make_person, private_files_in
from tests.factories import NOW, make_commune, make_member, make_shop, make_user
from tests.merging import merge_both

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    return private_files_in(tmp_path, monkeypatch)


@pytest.fixture
def kept():
    return make_shop("Le Fournil", commune=make_commune())


@pytest.fixture
def other(kept):
    return make_shop("Fournil", commune=kept.commune)


def undo(other) -> list[str]:
    return unmerge(other, by=None, now=LATER).lost


def states() -> list[tuple[Shop, str]]:
    return [(claim.shop, claim.status) for claim in Claim.objects.order_by("pk")]


class TestClaims:
    def test_of_who_claims_both(self, kept, other):
        agent, claimant = make_person("agent", kept), make_user()
        for shop in (kept, other):
            make_claim(shop, claimant)
        merge_both(kept, other, by=agent)
        assert states() == [(kept, "waiting"), (other, "withdrawn")]
        assert undo(other) == []
        assert states() == [(kept, "waiting"), (other, "waiting")]
        claim = Claim.objects.get(shop=other)
        assert (claim.decided_at, claim.decided_by) == (None, None)
        claims.accept(claim, by=agent, now=LATER)
        assert other.members.get().user == claimant

    def test_of_who_keeps_the_other_on_the_kept_one(self, kept, other):
        make_claim(kept, make_member(other))
        merge_both(kept, other)
        assert states() == [(kept, "withdrawn")]
        assert undo(other) == []
        assert states() == [(kept, "waiting")]

    def test_not_of_who_keeps_it_by_now(self, kept, other):
        """Nobody else answers for the kept listing: he who came with the other stays."""
        awa, paul = make_member(kept), make_member(other)
        make_member(kept, role="colleague")
        make_claim(kept, paul)
        merge_both(kept, other)
        kept.members.filter(user=awa).delete()
        assert undo(other) == []
        assert states() == [(kept, "withdrawn")]

    def test_not_beside_another_one(self, kept, other):
        paul = make_member(other)
        make_claim(kept, paul)
        merge_both(kept, other)
        make_member(kept)
        leave(kept, by=paul, now=NOW)
        make_claim(kept, paul)
        assert undo(other) == []
        assert states() == [(kept, "withdrawn"), (kept, "waiting")]

    def test_not_of_an_account_that_is_gone(self, kept, other):
        claimant = make_user()
        for shop in (kept, other):
            make_claim(shop, claimant)
        merge_both(kept, other)
        claimant.delete()
        assert undo(other) == []

    def test_what_proved_it_is_gone(self, kept, other, files):
        agent, claimant, second = make_person("agent", kept), make_user(), make_user()
        make_claim(kept, claimant)
        make_claim(other, claimant, proof="document")
        make_claim(kept, second)
        coded = make_claim(other, second)
        codes.issue(other, channel="in_person", by=agent, now=NOW, claim=coded)
        merge_both(kept, other)
        assert undo(other) == [
            "Une demande attend de nouveau, mais son document a été effacé.",
            "Une demande attend de nouveau, mais son code ne marche plus.",
        ]
        assert Claim.objects.waiting().count() == 4

    def test_one_that_its_author_withdrew_stays_so(self, kept, other):
        claim = make_claim(other)
        claims.withdraw(claim, by=claim.user, now=NOW)
        merge_both(kept, other)
        undo(other)
        assert states() == [(other, ClaimStatus.WITHDRAWN)]


class TestProposals:
    def test_waits_again(self, kept, other):
        agent = make_person("agent", kept)
        owner = make_member(other)
        edit_listing(other, {"name": "Le Levain"}, by=owner, expected_version=None, now=NOW)
        merge_both(kept, other, by=agent)
        assert Proposal.objects.get().status == "withdrawn"
        assert undo(other) == []
        proposal = Proposal.objects.get()
        assert (proposal.status, proposal.shop, proposal.decided_at, proposal.decided_by) == (
            "pending", other, None, None,
        )  # fmt: skip
        accept(proposal, by=agent, now=LATER)
        assert Shop.objects.get(pk=other.pk).name == "Le Levain"

    def test_not_beside_another_one(self, kept, other):
        owner = make_member(other)
        edit_listing(other, {"name": "Le Levain"}, by=owner, expected_version=None, now=NOW)
        merge_both(kept, other)
        Proposal.objects.create(shop=other, at=NOW, changes={})
        assert ["une autre attend" in sentence for sentence in undo(other)] == [True]
        assert Proposal.objects.order_by("pk").first().status == "withdrawn"

    def test_of_the_kept_one_is_not_concerned(self, kept, other):
        owner = make_member(kept)
        edit_listing(kept, {"name": "Le Levain"}, by=owner, expected_version=None, now=NOW)
        merge_both(kept, other)
        undo(other)
        assert Proposal.objects.get().status == "pending"


class TestInvitations:
    @pytest.fixture
    def link(self, kept, other) -> str:
        """Of an invitation to the other, of somebody whom the kept one has invited too."""
        for shop in (kept, other):
            invite(shop, "Un@example.fr", by=make_member(shop), now=NOW)
        letter = Email.objects.filter(to="Un@example.fr").order_by("-pk").first()
        return re.search(r"/invitation/([\w-]+)/", letter.message)[1]

    def test_opens_nothing_meanwhile_and_the_listing_afterwards(self, kept, other, link):
        merge_both(kept, other)
        person = make_user()
        with pytest.raises(WorkflowError, match="n’existe pas"):
            accept_invitation(link, by=person, now=NOW)
        assert undo(other) == []
        assert accept_invitation(link, by=person, now=LATER).shop == other
        assert Invitation.objects.filter(accepted_at=None).get().shop == kept

    def test_not_of_who_keeps_it(self, kept, other, link):
        """He came by another address, which is his today."""
        paul = other.members.get().user
        merge_both(kept, other)
        paul.email = "un@example.fr"
        paul.save()
        undo(other)
        assert [each.shop for each in Invitation.objects.all()] == [kept]

    def test_leaves_no_address_in_the_history(self, kept, other, link):
        merge_both(kept, other)
        assert "example.fr" not in str(list(other.history.values_list("changes", flat=True)))

    def test_goes_when_its_time_is_over(self, kept, other, link):
        merge_both(kept, other)
        purge_invitations(now=NOW + timedelta(days=60))
        assert not Invitation.objects.exists()
        assert undo(other) == []


def test_a_merge_of_before_this_was_kept(kept, other):
    """Its entry has no word of what ended."""
    merge_both(kept, other)
    entry = other.history.first()
    for name in ("ended", "told_apart"):
        del entry.changes["undo"][0][name]
    entry.save()
    assert undo(other) == []
