"""Two people at once, over one claim or one code."""

import pytest
from django.utils import timezone

from merchants.models import Claim, Shop, ShopMember
from merchants.workflow import claims, codes
from tests.claiming import make_claim, make_code
from tests.factories import make_shop, make_user
from tests.workflow.test_together import sentences, together

__all__ = ["together"]  # A fixture.

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_code_for_two(together):
    now = timezone.now()
    shop, people = make_shop(), [make_user(), make_user()]
    code = make_code(shop, now=now)
    told = sentences(
        together(
            *(lambda person=person: codes.redeem(code, by=person, now=now) for person in people)
        )
    )
    assert len(told) == 1 and "a déjà servi" in told[0]
    assert ShopMember.objects.count() == 1
    assert not Claim.objects.exists()


def test_two_codes_for_one_listing(together):
    """The first one takes over; the second one's code is evidence in a dispute."""
    now = timezone.now()
    shop, people = make_shop(street="rue de la Paix"), [make_user(), make_user()]
    held = [make_code(shop, channel=channel, now=now) for channel in ("post", "in_person")]
    came = together(
        *(
            lambda person=person, code=code: codes.redeem(code, by=person, now=now)
            for person, code in zip(people, held, strict=True)
        )
    )
    assert sentences(came) == []
    owner = ShopMember.objects.get().user
    claim = Claim.objects.get()
    assert {owner, claim.user} == set(people)


def test_a_second_click_on_a_claim(together):
    shop, person = make_shop(), make_user()
    came = together(*(lambda: make_claim(Shop.objects.get(), person) for _click in range(2)))
    assert sentences(came) == []
    assert Claim.objects.count() == 1
    assert shop.history.filter(action="claim").count() == 1


def test_two_agents(together):
    shop = make_shop()
    make_claim(shop)
    agents = [make_user(is_superuser=True) for _number in range(2)]
    now = timezone.now()
    told = sentences(
        together(
            lambda: claims.accept(Claim.objects.get(), by=agents[0], now=now),
            lambda: claims.refuse(Claim.objects.get(), reason="Non.", by=agents[1], now=now),
        )
    )
    assert len(told) == 1 and "n’attend plus" in told[0]
    assert ShopMember.objects.exists() is (Claim.objects.get().status == "accepted")


def test_claims_of_one_person_on_many_shops(together):
    """No more than five wait, wherever they are."""
    person = make_user()
    for _number in range(4):
        make_claim(make_shop(), person)
    last = [make_shop(), make_shop()]
    told = sentences(together(*(lambda shop=shop: make_claim(shop, person) for shop in last)))
    assert len(told) == 1 and "Cinq de vos demandes" in told[0]
