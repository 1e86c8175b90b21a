"""The life of a proposal."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from post_office.models import Email

from merchants.models import Category, Commune, HistoryEntry, Proposal, Shop
from merchants.opening_hours import HolidayRule, Period, Schedule
from merchants.workflow import WorkflowError, proposals, status
from merchants.workflow.edit import FREE, REVIEWED, edit_listing, shown_listing
from merchants.workflow.listing import Listing, Service, update_listing
from merchants.workflow.members import leave
from tests.factories import make_category, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop("Le Fournil")


@pytest.fixture
def owner(shop):
    return make_member(shop)


@pytest.fixture
def agent():
    return make_user(is_superuser=True)


@pytest.fixture
def propose(shop, owner, now):
    def propose(**changes) -> Proposal:
        edit_listing(shop, changes, by=owner, expected_version=None, now=now)
        return Proposal.objects.get(status="pending")

    return propose


def last(shop) -> HistoryEntry:
    return HistoryEntry.objects.filter(shop=shop).first()


def test_accepted_values_are_public_and_the_merchant_is_told(shop, owner, agent, propose, now):
    version = Commune.objects.get().version
    proposal = propose(name="Le Bon Fournil", street="rue Neuve")
    proposals.accept(proposal, by=agent, now=now)
    shop = Shop.objects.get()
    assert (shop.name, shop.street) == ("Le Bon Fournil", "rue Neuve")
    assert list(Shop.objects.matching("bon neuve")) == [shop]
    assert Commune.objects.get().version == version + 1
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by, proposal.decided_at) == ("accepted", agent, now)
    entry = last(shop)
    assert (entry.action, entry.capacity, entry.changes) == (
        "accept",
        "town_hall",
        proposal.changes,
    )
    letter = Email.objects.get()
    assert letter.to == [owner.email]
    assert "Le Bon Fournil" in letter.message
    assert f"/mon-commerce/{shop.pk}/identite/" in letter.message


def test_everything_may_be_proposed(shop, agent, propose, now):
    Commune.objects.update(edit_policy="validation")
    other = make_category("Traiteur")
    proposal = propose(
        schedule=Schedule((Period(1, 540, 1500, True),), holiday_rule=HolidayRule.CLOSED),
        services=(Service(kind="livraison", fee=2, area="Le bourg"),),
        main_category=other,
        categories=(other, shop.main_category),
        payment_means=("cards",),
        siret="73282932000074",
        description="Bio",
    )
    proposals.accept(proposal, by=agent, now=now)
    shop = Shop.objects.get()
    assert [period.opens for period in shop.schedule.weekly] == [540]
    assert shop.schedule.holiday_rule == HolidayRule.CLOSED
    assert shop.services.get().area == "Le bourg"
    assert shop.main_category == other
    assert shop.categories.count() == 2
    assert (shop.payment_means, shop.siret) == (["cards"], "73282932000074")


def test_a_refusal_says_why_and_changes_nothing(shop, owner, agent, propose, now):
    proposal = propose(name="Le Bon Fournil")
    proposals.refuse(proposal, reason=" Un nom de marque, pas le vôtre. ", by=agent, now=now)
    proposal.refresh_from_db()
    assert (proposal.status, proposal.reason) == ("refused", "Un nom de marque, pas le vôtre.")
    assert Shop.objects.get().name == "Le Fournil"
    assert "Un nom de marque" in Email.objects.get().message
    assert (last(shop).action, last(shop).reason) == ("refuse_proposal", proposal.reason)
    assert shown_listing(Shop.objects.get()).refused == proposal


@pytest.mark.parametrize(
    ("reason", "sentence"), [("  ", "Dites pourquoi"), ("x" * 501, "trop long")]
)
def test_a_refusal_has_a_reason(agent, propose, now, reason, sentence):
    with pytest.raises(WorkflowError, match=sentence):
        proposals.refuse(propose(name="Autre"), reason=reason, by=agent, now=now)


def test_what_was_changed_meanwhile_is_not_accepted_unread(shop, agent, propose, now):
    read = propose(name="Autre")
    propose(name="Tout autre chose")
    for act in (
        lambda: proposals.accept(read, by=agent, now=now),
        lambda: proposals.refuse(read, reason="Non.", by=agent, now=now),
        lambda: proposals.withdraw(read, by=read.by, now=now),
    ):
        with pytest.raises(WorkflowError, match="modifiée entre-temps\xa0: relisez la nouvelle"):
            act()
    assert Shop.objects.get().name == "Le Fournil"
    assert Proposal.objects.filter(status="pending").count() == 1


def test_accepted_with_a_correction(shop, agent, propose, now):
    proposal = propose(name="MAC FOURNIL", street="rue Neuve")
    proposals.accept(proposal, by=agent, now=now, corrections={"name": "Mac Fournil"})
    shop = Shop.objects.get()
    assert (shop.name, shop.street) == ("Mac Fournil", "rue Neuve")
    assert last(shop).changes["name"] == ["Le Fournil", "Mac Fournil"]
    letter = Email.objects.get().message
    assert "La mairie a corrigé ceci dans votre proposition" in letter
    assert "- Nom\xa0: Mac Fournil" in letter.partition("corrigé")[2]


def test_a_request_is_no_refusal(shop, agent, propose, now):
    proposal = propose(name="Mac Fournil")
    with pytest.raises(WorkflowError, match="Dites pourquoi"):
        proposals.ask_change(proposal, reason=" ", by=agent, now=now)
    proposals.ask_change(proposal, reason="Joignez le bail.", by=agent, now=now)
    assert Proposal.objects.get().status == "to_correct"
    assert (last(shop).action, last(shop).reason) == ("ask_change", "Joignez le bail.")
    letter = Email.objects.get()
    assert letter.subject == "Le Fournil\xa0: la mairie demande une correction"
    assert "Joignez le bail." in letter.message and "tribunal" not in letter.message


@pytest.mark.parametrize("answer", [proposals.refuse, proposals.ask_change])
class TestReturned:
    """What came back fills its page again, until it is sent again or given up."""

    @pytest.fixture
    def refused(self, shop, agent, propose, now, answer):
        Commune.objects.update(edit_policy="validation")
        proposal = propose(name="Mac Fournil", description="Bio")
        answer(proposal, reason="Pas ce nom.", by=agent, now=now)
        return Proposal.objects.get()

    @pytest.fixture
    def edit(self, owner, now):
        def edit(**changes):
            shop = Shop.objects.get()
            return edit_listing(shop, changes, by=owner, expected_version=shop.version, now=now)

        return edit

    def shown(self):
        return shown_listing(Shop.objects.get())

    def test_fills_the_page(self, refused, answer):
        listing, pending, found = self.shown()
        assert (listing.name, listing.description) == ("Mac Fournil", "Bio")
        assert (pending, found) == (None, refused)

    def test_what_is_live_by_now_is_not_filled_in(self, refused, answer):
        """Saving the page would publish it."""
        Commune.objects.update(edit_policy="live")
        listing, _pending, _refused = self.shown()
        assert (listing.name, listing.description) == ("Mac Fournil", "")

    def test_a_category_that_is_gone_is_left_out_alone(self, shop, agent, propose, now, answer):
        other, third = make_category("Éphémère"), make_category("Traiteur")
        proposal = propose(name="Mac", main_category=other, categories=(other, third))
        answer(proposal, reason="Pas ce nom.", by=agent, now=now)
        Category.objects.filter(pk=other.pk).delete()
        listing = self.shown().listing
        assert (listing.name, listing.main_category) == ("Mac", shop.main_category)
        assert listing.categories == (shop.main_category, third)

    def test_is_given_up(self, owner, refused, now, answer):
        for _click in range(2):
            proposals.give_up(refused, by=owner, now=now)
        assert HistoryEntry.objects.filter(action="withdraw").count() == 1
        assert self.shown().refused is None
        refused.refresh_from_db()
        assert refused.dropped_at == now
        with pytest.raises(WorkflowError, match="ne permet pas"):
            proposals.give_up(refused, by=make_user(), now=now)

    def test_is_given_up_by_its_old_values(self, edit, refused, answer):
        assert edit(description="", step_free="").withdrawn
        assert self.shown().refused is None

    def test_stays_where_another_page_is_saved(self, edit, refused, answer):
        came = edit(phone="")
        assert not came.withdrawn
        assert self.shown().refused == refused

    def test_is_replaced_by_another(self, shop, owner, edit, refused, now, answer):
        edit(name="Le Bon Fournil")
        proposals.withdraw(Proposal.objects.get(status="pending"), by=owner, now=now)
        assert self.shown().refused is None


def test_letters_lead_to_the_page_of_what_was_proposed():
    assert proposals.page_of(["phone", "hours"]) == "my_shop_contact"
    assert proposals.page_of(["hours"]) == "my_shop_hours"
    assert proposals.page_of(["hours", "name"]) == "my_shop_identity"
    every = [field for fields in proposals.PAGES.values() for field in fields]
    assert sorted(every) == sorted(REVIEWED | FREE)


def test_owners_and_who_proposed_are_told(shop, owner, agent, now):
    writer, left = make_member(shop, role="colleague"), make_member(shop, role="colleague")
    make_member(shop, role="colleague")

    def decide(by, act, **arguments):
        edit_listing(shop, {"name": f"Par {by.pk}"}, by=by, expected_version=None, now=now)
        act(Proposal.objects.get(status="pending"), by=agent, now=now, **arguments)
        sent = {address for mail in Email.objects.all() for address in mail.to}
        Email.objects.all().delete()
        return sent

    assert decide(writer, proposals.refuse, reason="Non.") == {owner.email, writer.email}
    edit_listing(shop, {"name": "Encore"}, by=left, expected_version=None, now=now)
    leave(shop, by=left, now=now)
    Email.objects.all().delete()  # The owner is told of the departure.
    proposals.accept(Proposal.objects.get(status="pending"), by=agent, now=now)
    assert Email.objects.get().to == [owner.email]


def test_letters_are_in_french_and_say_what_is_true(shop, agent, propose, now):
    Commune.objects.update(edit_policy="validation")
    proposal = propose(step_free="yes")
    status.suspend(shop, by=agent, now=now)
    Email.objects.all().delete()
    with translation.override("en"):
        proposals.accept(proposal, by=agent, now=now)
    letter = Email.objects.get()
    assert "Accès\xa0: entrée de plain-pied" in letter.message
    assert "en ligne" not in letter.subject + letter.message


def test_it_is_taken_back(shop, owner, agent, propose, now):
    proposal = propose(name="Autre")
    for _click in range(2):
        proposals.withdraw(proposal, by=owner, now=now)
    assert HistoryEntry.objects.filter(action="withdraw").count() == 1
    with pytest.raises(WorkflowError, match="retirée"):
        proposals.accept(proposal, by=agent, now=now)
    assert not Email.objects.exists()


def test_of_two_agents_the_second_gets_a_sentence(agent, propose, now):
    proposal = propose(name="Autre")
    proposals.accept(proposal, by=agent, now=now)
    copy = Proposal.objects.get()
    for act in (
        lambda: proposals.accept(copy, by=agent, now=now),
        lambda: proposals.refuse(copy, reason="Non.", by=agent, now=now),
    ):
        with pytest.raises(WorkflowError, match="n’attend plus\xa0: elle a été acceptée"):
            act()


def test_only_the_town_hall_decides_and_only_the_shop_withdraws(owner, agent, propose, now):
    proposal = propose(name="Autre")
    for person in (owner, make_user()):
        with pytest.raises(WorkflowError, match="ne permet pas"):
            proposals.accept(proposal, by=person, now=now)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            proposals.refuse(proposal, reason="Non.", by=person, now=now)
    with pytest.raises(WorkflowError, match="ne permet pas"):
        proposals.withdraw(proposal, by=agent, now=now)


def test_a_field_that_changed_meanwhile_is_not_overwritten(shop, agent, propose, now):
    proposal = propose(name="Le Bon Fournil", street="rue Neuve")
    current = Shop.objects.get()
    update_listing(current, replace(Listing.of(current), name="Fournil"), by=agent, now=now)
    with pytest.raises(WorkflowError, match="«\xa0Nom\xa0» a changé depuis"):
        proposals.accept(proposal, by=agent, now=now)
    assert Shop.objects.get().name == "Fournil"


def test_a_siret_taken_meanwhile_is_told(shop, agent, propose, now):
    proposal = propose(siret="73282932000074")
    make_shop(siret="73282932000074")
    with pytest.raises(WorkflowError, match="Une fiche porte déjà ce SIRET"):
        proposals.accept(proposal, by=agent, now=now)


def test_a_category_that_is_gone_is_told(shop, agent, propose, now):
    other = make_category("Éphémère")
    proposal = propose(main_category=other, categories=(other,))
    Category.objects.filter(pk=other.pk).delete()
    with pytest.raises(WorkflowError, match="n’existe plus"):
        proposals.accept(proposal, by=agent, now=now)


def test_nobody_is_written_to_when_the_account_is_gone(shop, owner, agent, propose, now):
    proposal = propose(name="Autre")
    owner.delete()
    proposals.accept(Proposal.objects.get(pk=proposal.pk), by=agent, now=now)
    assert not Email.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"status": "accepted"},
        {"status": "refused"},
        {"reason": "pourquoi pas"},
        {"status": "refused", "decided_at": "now"},
        {"decided_at": "now"},
    ],
)
def test_a_decision_is_whole_or_not_at_all(propose, now, change):
    propose(name="Autre")
    change = {name: now if value == "now" else value for name, value in change.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(**change)


def test_one_waits_at_a_time(shop, propose, now):
    propose(name="Autre")
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(shop=shop, at=now, changes={})
