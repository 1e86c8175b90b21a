"""The last decision of the town hall is taken back, or a sentence says what stands on it."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone
from post_office.models import Email

from merchants.models import Claim, Commune, HistoryEntry, Proposal, Shop, ShopMember, User
from merchants.workflow import WorkflowError, claims, proposals, registration, status
from merchants.workflow.edit import edit_listing
from merchants.workflow.undo import undo, undoable
from tests.claiming import make_claim, make_person
from tests.factories import NOW, make_category, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def shop():
    return make_shop("Le Fournil", status="pending", street="rue de la Paix")


@pytest.fixture
def owner(shop):
    return make_member(shop, email="awa@example.fr")


@pytest.fixture
def agent():
    return make_user(is_superuser=True)


@pytest.fixture
def take_back(agent):
    def take_back(shop, *, by=agent, reason="Une erreur.", entry=None):
        Email.objects.all().delete()
        entry = entry or undoable(shop)
        return undo(shop, entry=entry, by=by, now=LATER, reason=reason)

    return take_back


def told() -> set[str]:
    return {mail.to[0] for mail in Email.objects.all()}


def propose(shop, owner, **changes) -> Proposal:
    edit_listing(shop, changes, by=owner, expected_version=None, now=NOW)
    return Proposal.objects.get(status="pending")


@pytest.mark.parametrize(
    ("before", "act", "writes"),
    [
        ("pending", status.publish, True),
        ("refused", status.publish, True),
        ("pending", partial(status.refuse, reason="Non."), True),
        ("pending", partial(status.ask_change, reason="Le numéro."), True),
        ("published", status.suspend, True),
        ("suspended", status.reopen, True),
        ("closed", status.reopen, False),
        ("published", status.close, False),
        ("suspended", status.close, False),
    ],
)
def test_every_move_goes_back(shop, owner, agent, take_back, before, act, writes):
    Shop.objects.update(status=before)
    act(shop, by=agent, now=NOW)
    after, version = shop.status, Commune.objects.get().version
    take_back(shop)
    assert Shop.objects.get().status == shop.status == before
    entry = HistoryEntry.objects.first()
    assert (entry.action, entry.reason, entry.by) == ("undo", "Une erreur.", agent)
    assert entry.changes == {"status": [after, before]}
    assert told() == ({"awa@example.fr"} if writes else set())
    seen = "published" in {before, after}
    assert Commune.objects.get().version - version == seen


def test_the_letter_says_what_was_taken_back(shop, owner, agent, take_back):
    status.refuse(shop, by=agent, now=NOW, reason="Non.")
    take_back(shop, reason="Nous avions mal lu.")
    letter = Email.objects.get()
    assert letter.subject == "Le Fournil\xa0: la mairie revient sur sa décision"
    for said in ("Publication refusée", "Nous avions mal lu.", "en attente de validation"):
        assert said in letter.message


def test_what_the_closing_said_and_withdrew_is_there_again(shop, owner, agent, take_back):
    Shop.objects.update(status="published")
    proposal = propose(shop, owner, name="Le Levain")
    status.close(shop, by=agent, now=NOW, farewell="Merci à tous.", successor="Au 14")
    proposal.refresh_from_db()
    assert proposal.status == "withdrawn"
    take_back(shop)
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_at) == ("pending", None)
    assert (Shop.objects.get().farewell, Shop.objects.get().closed_at) == ("", None)


def test_a_reopening_taken_back_says_goodbye_again(shop, agent, take_back):
    Shop.objects.update(status="published")
    status.close(shop, by=agent, now=NOW, farewell="Merci à tous.", successor="Au 14")
    status.reopen(shop, by=agent, now=NOW + timedelta(minutes=5))
    take_back(shop)
    shop = Shop.objects.get()
    assert (shop.status, shop.farewell, shop.successor) == ("closed", "Merci à tous.", "Au 14")
    assert shop.closed_at == NOW


def test_an_accepted_proposal_waits_again(shop, owner, agent, take_back):
    Shop.objects.update(status="published")
    other = make_category("Traiteur")
    old = (shop.name, shop.main_category)
    changes = {"name": "Le Levain", "main_category": other, "categories": (other,)}
    proposal = propose(shop, owner, **changes)
    proposals.accept(proposal, by=agent, now=NOW, corrections={"name": "Au Levain"})
    take_back(shop)
    shop, proposal = Shop.objects.get(), Proposal.objects.get()
    assert (shop.name, shop.main_category) == old
    assert list(Shop.objects.matching("boulangerie fournil")) == [shop]
    assert (proposal.status, proposal.decided_by) == ("pending", None)
    assert proposal.new_values["name"] == "Le Levain"
    assert told() == {"awa@example.fr"}


def test_not_once_a_value_was_changed_since(shop, owner, agent, take_back):
    Shop.objects.update(status="published")
    proposals.accept(propose(shop, owner, name="Le Levain"), by=agent, now=NOW)
    edit_listing(shop, {"name": "Encore"}, by=owner, expected_version=None, now=NOW)
    proposals.accept(Proposal.objects.get(status="pending"), by=None, now=LATER)
    first = HistoryEntry.objects.filter(action="accept").last()
    with pytest.raises(WorkflowError, match="une autre l’a suivie"):
        take_back(shop, entry=first)
    Shop.objects.update(name="Autrement")
    with pytest.raises(WorkflowError, match="« Nom » a été modifié depuis".replace(" ", "\\s")):
        take_back(shop)
    assert not Email.objects.exists()


@pytest.mark.parametrize("answer", [proposals.refuse, proposals.ask_change])
class TestReturned:
    def test_waits_again(self, shop, owner, agent, take_back, answer):
        Shop.objects.update(status="published")
        answer(propose(shop, owner, name="Le Levain"), reason="Non.", by=agent, now=NOW)
        take_back(shop)
        proposal = Proposal.objects.get()
        assert (proposal.status, proposal.reason) == ("pending", "")
        assert told() == {"awa@example.fr"}

    def test_not_once_the_merchant_has_answered(self, shop, owner, agent, take_back, answer):
        Shop.objects.update(status="published")
        proposal = propose(shop, owner, name="Le Levain")
        answer(proposal, reason="Non.", by=agent, now=NOW)
        proposals.give_up(proposal, by=owner, now=LATER)
        with pytest.raises(WorkflowError, match="Le commerçant a répondu depuis"):
            take_back(shop)


class TestClaims:
    @pytest.fixture
    def claim(self, shop, owner) -> Claim:
        Shop.objects.update(status="published")
        return make_claim(shop, make_user("paul@example.fr"))

    def test_a_refused_one_waits_again(self, shop, claim, agent, take_back):
        claims.refuse(claim, reason="Non.", by=agent, now=NOW)
        take_back(shop)
        claim = Claim.objects.get()
        assert (claim.status, claim.reason, claim.decided_at) == ("waiting", "", None)
        assert told() == {"awa@example.fr", "paul@example.fr"}
        assert "il a été effacé" in Email.objects.first().message

    @pytest.mark.parametrize("replace", [True, False])
    def test_an_accepted_one_gives_the_listing_back(self, shop, owner, claim, agent, take_back,
                                                    replace):  # fmt: skip
        colleague = make_member(shop, role="colleague")
        claims.accept(claim, by=agent, now=NOW, replace_owners=replace)
        assert ShopMember.objects.filter(user=claim.user).exists()
        take_back(shop)
        kept = dict(ShopMember.objects.values_list("user", "role"))
        assert kept == {owner.pk: "owner", colleague.pk: "colleague"}
        assert Claim.objects.get().is_waiting
        assert told() == {"awa@example.fr", "paul@example.fr"}

    def test_a_colleague_who_claimed_is_one_again(self, shop, owner, claim, agent, take_back):
        make_member(shop, claim.user, role="colleague")
        claims.accept(claim, by=agent, now=NOW)
        take_back(shop)
        assert ShopMember.objects.get(user=claim.user).role == "colleague"

    def test_not_once_the_person_has_left(self, shop, claim, agent, take_back):
        claims.accept(claim, by=agent, now=NOW)
        ShopMember.objects.filter(user=claim.user).delete()
        with pytest.raises(WorkflowError, match="ne tient plus la fiche"):
            take_back(shop)
        assert Claim.objects.get().status == "accepted"

    def test_not_once_the_account_is_gone(self, shop, claim, agent, take_back):
        claims.refuse(claim, reason="Non.", by=agent, now=NOW)
        User.objects.filter(pk=claim.user_id).delete()
        with pytest.raises(WorkflowError, match="n’est plus là"):
            take_back(shop)


class TestRefused:
    def test_once(self, shop, agent, take_back):
        status.refuse(shop, by=agent, now=NOW, reason="Non.")
        entry = undoable(shop)
        take_back(shop)
        assert undoable(shop) is None
        with pytest.raises(WorkflowError, match="une autre l’a suivie"):
            take_back(shop, entry=entry)

    def test_where_the_merchant_has_sent_it_again(self, shop, owner, agent, take_back):
        status.refuse(shop, by=agent, now=NOW, reason="Non.")
        registration.send(shop, by=owner, now=LATER, terms="2026-11-23")
        with pytest.raises(WorkflowError, match="a changé d’état depuis"):
            take_back(shop)

    def test_where_a_proposal_waits_on_the_published_listing(self, shop, owner, agent, take_back):
        status.publish(shop, by=agent, now=NOW)
        propose(shop, owner, name="Le Levain")
        with pytest.raises(WorkflowError, match="Une modification proposée depuis attend"):
            take_back(shop)

    def test_where_another_listing_has_the_siret(self, agent, take_back):
        siret = "73282932000074"
        shop = make_shop("Le Fournil", status="pending", siret=siret)
        status.refuse(shop, by=agent, now=NOW, reason="Non.")
        make_shop("Le Fournil bis", siret=siret)
        with pytest.raises(WorkflowError, match="porte déjà ce SIRET"):
            take_back(shop)
        assert Shop.objects.get(pk=shop.pk).status == "refused"

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
    def test_without_a_reason(self, shop, agent, take_back, reason):
        status.refuse(shop, by=agent, now=NOW, reason="Non.")
        with pytest.raises(WorkflowError):
            take_back(shop, reason=reason)
        assert Shop.objects.get().status == "refused"

    def test_what_an_owner_decided_is_his(self, shop, owner):
        Shop.objects.update(status="published")
        status.close(shop, by=owner, now=NOW)
        assert undoable(shop) is None

    @pytest.mark.parametrize(
        ("who", "may"),
        [("agent", True), ("referent", True), ("admin", True), ("site", True), ("helper", False),
         ("owner", False), ("colleague", False), ("agent elsewhere", False), ("stranger", False)],
    )  # fmt: skip
    def test_to_whom(self, shop, agent, take_back, who, may):
        status.refuse(shop, by=agent, now=NOW, reason="Non.")
        person = make_person(who, shop)
        if may:
            take_back(shop, by=person)
        else:
            with pytest.raises(WorkflowError, match="ne permet pas"):
                take_back(shop, by=person)
        assert (Shop.objects.get().status == "pending") is may


def test_reading_the_last_decision_costs_one_query(shop, agent, django_assert_num_queries):
    status.refuse(shop, by=agent, now=timezone.now(), reason="Non.")
    with django_assert_num_queries(1):
        assert undoable(shop).action == "refuse"
