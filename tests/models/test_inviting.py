"""How far an invitation has come, told for all listings at once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from post_office.models import STATUS, Email

from merchants.models import AccessCode, Shop
from merchants.models.inviting import InvitationState
from merchants.models.shop import Confirmer
from merchants.workflow import claims, codes, letters, status
from tests.factories import make_member, make_user
from tests.inviting import make_listing, make_objection, make_town
from tests.pdf_text import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    """The mails of the queue bear the real time."""
    return timezone.now()


@pytest.fixture
def town():
    return make_town()


@pytest.fixture
def by():
    return make_user(is_superuser=True)


def state_of(shop, now) -> str:
    return Shop.objects.with_invitation(now).get(pk=shop.pk).invitation


def code_in(pdf: bytes) -> str:
    (page,) = pages(pdf)
    return next(word for word in page.text.split() if len(word) == 11 and word[5] == "-")


class TestState:
    def test_of_a_letter(self, town, by, now):
        shop = make_listing("Le Fournil", town)
        assert state_of(shop, now) == InvitationState.NEW
        letters.prepare(shop, by=by, now=now)
        found = Shop.objects.with_invitation(now).get()
        assert (found.invitation, found.letter_at) == (InvitationState.PRINTED, now)
        assert found.letter_until == now + codes.LASTS_BY_POST
        late = now + timedelta(days=61)
        found = Shop.objects.with_invitation(late).get()
        assert (found.invitation, found.letter_until) == (InvitationState.PRINTED, None)

    @pytest.mark.parametrize(
        ("mail", "state"),
        [(STATUS.queued, "waiting"), (STATUS.requeued, "waiting"), (STATUS.failed, "failed"),
         (STATUS.sent, "emailed"), (None, "emailed")],
    )  # fmt: skip
    def test_of_an_email(self, town, by, now, mail, state):
        shop = make_listing("Le Fournil", town, email="un@example.fr")
        letters.send_email(shop, by=by, now=now)
        if mail is None:  # The queue has forgotten it.
            Email.objects.all().delete()
        Email.objects.update(status=mail)
        assert state_of(shop, now) == state

    def test_the_later_of_the_two_counts(self, town, by, now):
        shop = make_listing("Le Fournil", town, email="un@example.fr")
        letters.prepare(shop, by=by, now=now - timedelta(days=2))
        letters.send_email(shop, by=by, now=now - timedelta(days=1))
        assert state_of(shop, now) == InvitationState.WAITING
        letters.prepare(shop, by=by, now=now)
        assert state_of(shop, now) == InvitationState.PRINTED

    def test_a_mail_to_the_same_address_for_another_shop_is_another(self, town, by, now):
        one = make_listing("Le Fournil", town, email="un@example.fr")
        other = make_listing("Le Levain", town, email="un@example.fr")
        letters.send_email(one, by=by, now=now)
        Email.objects.update(status=STATUS.failed)
        letters.send_email(other, by=by, now=now)
        assert state_of(one, now) == InvitationState.FAILED
        assert state_of(other, now) == InvitationState.WAITING

    def test_of_one_that_is_confirmed_then_taken_over(self, town, by, now):
        shop = make_listing("Le Fournil", town)
        code = code_in(letters.prepare(shop, by=by, now=now))
        shop.refresh_from_db()
        codes.confirm_by_code(code, now=now, expected_version=shop.version)
        assert state_of(shop, now) == InvitationState.CONFIRMED
        codes.redeem(code, by=make_user(), now=now)
        found = Shop.objects.with_invitation(now).get()
        assert (found.invitation, found.code_used_at) == (InvitationState.TAKEN_OVER, now)

    def test_a_confirmation_before_the_letter_is_no_answer_to_it(self, town, by, now):
        shop = make_listing("Le Fournil", town)
        status.confirm(shop, by=None, as_=Confirmer.MERCHANT, now=now - timedelta(days=400))
        assert state_of(shop, now) == InvitationState.CONFIRMED
        letters.prepare(shop, by=by, now=now)
        assert state_of(shop, now) == InvitationState.PRINTED

    def test_a_call_of_the_town_hall_is_no_answer_of_the_merchant(self, town, by, now):
        shop = make_listing("Le Fournil", town)
        status.confirm(shop, by=by, as_=Confirmer.TOWN_HALL_BY_PHONE, now=now)
        assert state_of(shop, now) == InvitationState.NEW

    def test_of_a_code_that_an_agent_looks_at_first(self, town, by, now):
        shop = make_listing("Le Fournil", town)
        code = code_in(letters.prepare(shop, by=by, now=now))
        AccessCode.objects.update(used_at=now, used_by=make_user())
        assert code and state_of(shop, now) == InvitationState.USED

    def test_of_one_that_objected(self, town, by, now):
        shop = make_listing("Le Fournil", town, siret="73282932000074")
        letters.prepare(shop, by=by, now=now)
        make_objection(shop, now)
        assert state_of(shop, now) == InvitationState.OBJECTED


def test_invited_are_those_that_nobody_keeps_and_those_that_an_invitation_brought(town, by, now):
    free = make_listing("Libre", town)
    waiting = make_listing("En attente", town, status="pending")
    make_listing("Brouillon", town, status="draft")
    make_member(make_listing("Tenu", town))
    brought = make_listing("Repris", town)
    codes.redeem(code_in(letters.prepare(brought, by=by, now=now)), by=make_user(), now=now)
    # Taken over by a claim, which is no invitation's doing.
    claimed = make_listing("Demandé", town, email="un@example.fr")
    made = claims.claim(claimed, proof="code", channel="in_person", by=make_user(), now=now)
    claims.accept(made, by=by, now=now)
    assert set(Shop.objects.invited()) == {free, waiting, brought}
