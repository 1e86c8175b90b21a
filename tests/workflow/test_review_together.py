"""Two agents at the same case at once: one decides, the other is told."""

from functools import partial

import pytest
from django.utils import timezone
from post_office.models import Email

from merchants.models import HistoryEntry, Proposal, Shop, TakenCase
from merchants.workflow import proposals, status, taking
from merchants.workflow.edit import edit_listing
from merchants.workflow.review import accept_corrected
from merchants.workflow.undo import undo, undoable
from tests.factories import make_member, make_shop, make_user
from tests.workflow.test_together import sentences, together

__all__ = ["together"]  # A fixture.

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agents():
    return [make_user(is_superuser=True), make_user(is_superuser=True)]


def test_one_registration(together, agents):
    shop, now = make_shop(status="pending"), timezone.now()
    make_member(shop)
    version = shop.history.first().version
    one, other = agents
    acts = [
        partial(status.publish, Shop(pk=shop.pk), by=one, now=now, expected_version=version),
        partial(accept_corrected, Shop(pk=shop.pk), {"name": "Autre"}, by=other, now=now,
                expected_version=version),
    ]  # fmt: skip
    told = sentences(together(*acts))
    assert len(told) == 1
    assert Shop.objects.get().status == "published"
    assert HistoryEntry.objects.filter(action="publish").count() == 1
    assert Email.objects.count() == 1


def test_one_proposal(together, agents):
    shop, now = make_shop("Le Fournil"), timezone.now()
    owner = make_member(shop)
    edit_listing(shop, {"name": "Le Levain"}, by=owner, expected_version=None, now=now)
    proposal = Proposal.objects.get()
    acts = [
        partial(proposals.accept, Proposal.objects.get(), by=agents[0], now=now),
        partial(proposals.ask_change, Proposal.objects.get(), reason="?", by=agents[1], now=now),
    ]
    told = sentences(together(*acts))
    assert len(told) == 1 and "n’attend plus" in told[0]
    proposal.refresh_from_db()
    assert (Shop.objects.get().name == "Le Levain") is (proposal.status == "accepted")
    assert Email.objects.count() == 1


def test_one_case_is_taken_once(together, agents):
    now = timezone.now()
    came = together(*(partial(taking.take, "inscription", 7, by=one, now=now) for one in agents))
    assert len({row.by_id for row in came}) == 1
    assert TakenCase.objects.count() == 1


def test_one_decision_is_taken_back_once(together, agents):
    shop, now = make_shop(status="pending"), timezone.now()
    status.refuse(shop, by=agents[0], now=now, reason="Non.")
    entry = undoable(shop)
    acts = [
        partial(undo, Shop(pk=shop.pk), entry=entry, by=one, now=now, reason="Erreur.")
        for one in agents
    ]
    assert len(sentences(together(*acts))) == 1
    assert HistoryEntry.objects.filter(action="undo").count() == 1
