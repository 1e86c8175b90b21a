"""The life of a proposal."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from post_office.models import Email

from merchants.models import Category, Commune, HistoryEntry, Proposal, Shop
from merchants.opening_hours import HolidayRule, Period, Schedule
from merchants.workflow import WorkflowError, proposals
from merchants.workflow.edit import edit_listing
from merchants.workflow.listing import Listing, Service, update_listing
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
    assert proposals.last_refusal(shop) == proposal


@pytest.mark.parametrize(
    ("reason", "sentence"), [("  ", "Dites pourquoi"), ("x" * 501, "trop long")]
)
def test_a_refusal_has_a_reason(agent, propose, now, reason, sentence):
    with pytest.raises(WorkflowError, match=sentence):
        proposals.refuse(propose(name="Autre"), reason=reason, by=agent, now=now)


def test_a_refused_proposal_is_corrected_and_sent_again(shop, owner, agent, propose, now):
    first = propose(name="Mac Fournil", street="rue Neuve")
    proposals.refuse(first, reason="Pas ce nom.", by=agent, now=now)
    first = Proposal.objects.get()
    came = proposals.resend(
        first, {"name": "Le Bon Fournil"}, by=owner, expected_version=None, now=now
    )
    assert came.proposed == {"name": ["Le Fournil", "Le Bon Fournil"], "street": ["", "rue Neuve"]}
    proposals.accept(Proposal.objects.get(status="pending"), by=agent, now=now)
    assert Shop.objects.get().name == "Le Bon Fournil"
    assert proposals.last_refusal(shop) is None
    with pytest.raises(WorkflowError, match="Seule une proposition refusée"):
        proposals.resend(
            Proposal.objects.get(status="accepted"), by=owner, expected_version=None, now=now
        )


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
