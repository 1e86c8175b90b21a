"""A decision is read before it is made: the very letters, and nothing stays."""

import pytest
from post_office.models import Email

from merchants.models import HistoryEntry, Shop
from merchants.workflow import WorkflowError, status
from merchants.workflow.rehearsal import rehearse
from tests.factories import make_member, make_shop

pytestmark = pytest.mark.django_db


def test_the_letter_is_the_one_that_goes_out(now):
    shop = make_shop("Le Fournil", status="pending")
    make_member(shop, email="awa@example.fr")
    before = list(HistoryEntry.objects.values()), Shop.objects.values().get()

    def decide():
        status.refuse(Shop(pk=shop.pk), by=None, now=now, reason="Non.")

    (letter,) = rehearse(decide)
    assert before == (list(HistoryEntry.objects.values()), Shop.objects.values().get())
    assert not Email.objects.exists()
    decide()
    sent = Email.objects.get()
    assert (letter.to, letter.subject, letter.text) == (sent.to[0], sent.subject, sent.message)


def test_what_the_rules_refuse_is_refused(now):
    shop = make_shop("Le Fournil", status="published")
    make_member(shop)
    with pytest.raises(WorkflowError, match="publié"):
        rehearse(lambda: status.refuse(Shop(pk=shop.pk), by=None, now=now, reason="Non."))
    # Letters are queued again afterwards.
    status.suspend(shop, by=None, now=now)
    assert Email.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_of_it_waits_for_a_commit(now):
    shop = make_shop("Le Fournil", status="pending")
    make_member(shop)
    assert len(rehearse(lambda: status.publish(Shop(pk=shop.pk), by=None, now=now))) == 1
    assert Shop.objects.get().status == "pending"
    assert not Email.objects.exists()
