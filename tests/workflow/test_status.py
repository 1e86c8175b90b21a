import pytest

from merchants.models import Commune, Shop, ShopStatus
from merchants.models.shop import Confirmer
from merchants.workflow import WorkflowError, status
from tests.factories import make_commune, make_shop, make_user

pytestmark = pytest.mark.django_db

LEGAL = {
    ("draft", "submit"): "pending",
    ("refused", "submit"): "pending",
    ("draft", "publish"): "published",
    ("pending", "publish"): "published",
    ("refused", "publish"): "published",
    ("pending", "refuse"): "refused",
    ("published", "suspend"): "suspended",
    ("suspended", "reopen"): "published",
    ("closed", "reopen"): "published",
    ("published", "close"): "closed",
    ("suspended", "close"): "closed",
}


@pytest.mark.parametrize("move", status.TRANSITIONS)
@pytest.mark.parametrize("before", ShopStatus.values)
def test_every_move_from_every_state(before, move, now):
    shop = make_shop("Le Fournil", status=before)
    commune = Commune.objects.get()
    act = getattr(status, move)
    after = LEGAL.get((before, move))
    assert (move in status.allowed(shop)) == (after is not None)
    if after is None:
        with pytest.raises(WorkflowError, match="Le Fournil"):
            act(shop, by=None, now=now)
        assert Shop.objects.get().status == before
    else:
        act(shop, by=None, now=now)
        assert Shop.objects.get().status == shop.status == after
    seen = after is not None and "published" in {before, after}
    assert Commune.objects.get().version - commune.version == seen


def test_what_was_never_validated_cannot_come_out_through_closing(now):
    shop = make_shop(status="draft")
    with pytest.raises(WorkflowError):
        status.close(shop, by=None, now=now)
    with pytest.raises(WorkflowError):
        status.reopen(shop, by=None, now=now)
    assert Shop.objects.get().status == "draft"


def test_of_two_people_who_act_at_once_one_is_told(now):
    shop = make_shop(status="pending")
    copy = Shop.objects.get()
    status.publish(shop, by=None, now=now)
    with pytest.raises(WorkflowError, match="publié"):
        status.refuse(copy, by=None, now=now)


def test_a_shop_cannot_come_back_under_a_siret_that_another_has(now):
    commune = make_commune()
    gone = make_shop(commune=commune, siret="73282932000074", status="closed")
    make_shop(commune=commune, siret="73282932000074")
    with pytest.raises(WorkflowError, match="Une autre fiche porte déjà ce SIRET"):
        status.reopen(gone, by=None, now=now)
    assert Shop.objects.get(pk=gone.pk).status == "closed"


def test_confirm_says_who_when_and_in_what_capacity(now):
    shop, person = make_shop(), make_user()
    version = Commune.objects.get().version
    status.confirm(shop, by=person, as_=Confirmer.TOWN_HALL_BY_PHONE, now=now)
    shop = Shop.objects.get()
    assert (shop.confirmed_at, shop.confirmed_as, shop.confirmed_by) == (
        now,
        Confirmer.TOWN_HALL_BY_PHONE,
        person,
    )
    assert Commune.objects.get().version == version + 1
