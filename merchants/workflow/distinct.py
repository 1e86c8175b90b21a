"""Two listings that look like one shop's, and are not: the town hall says so once.

Nothing of either listing changes, hence no history entry: the row itself keeps who said so, and
when. An entry would raise both versions, and tell the people of each shop the name of the other.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import DistinctShops, Shop, User
from merchants.models.history import Capacity

from .errors import WorkflowError
from .history import capacity_of, not_permitted, refuse_merged


def tell_apart(one: Shop, two: Shop, *, by: User | None, now: datetime) -> DistinctShops:
    """The town hall says that the two are different shops.

    Effects: the pair, with who said so and when; lists and checks do not propose it any more.
    Nothing where it has been said already. Raises WorkflowError for who does not work for the town
    hall of both, for one listing twice, and for one that was merged or is not sent yet.
    """
    with transaction.atomic():
        one, two = _held(one, two, by)
        for shop in (one, two):
            refuse_merged(shop)
        if Shop.objects.without_private_drafts().filter(pk__in=[one.pk, two.pk]).count() < 2:
            raise WorkflowError(
                _("Une inscription qui n’est pas encore envoyée ne se compare à rien.")
            )
        said = {"by": by, "at": now}
        pair, _made = DistinctShops.objects.get_or_create(one=one, two=two, defaults=said)
    return pair


def take_back(one: Shop, two: Shop, *, by: User | None, now: datetime) -> None:
    """The town hall is not so sure any more.

    Effects: the pair is gone; lists and checks propose it as before. Nothing where it is gone
    already. Raises WorkflowError as `tell_apart` does.
    """
    with transaction.atomic():
        one, two = _held(one, two, by)
        DistinctShops.objects.filter(one=one, two=two).delete()


def inherit(ours: Shop, theirs: Shop) -> list[int]:
    """What was said of a listing holds of the one that it is merged into: the keys of the pairs
    that are new. Both rows are locked.

    Its own pairs stay, for the day when the two are taken apart.
    """
    there = {_ordered(*pair) for pair in _pairs(ours).values_list("one", "two")}
    coming = {}
    for pair in _pairs(theirs):
        keys = _ordered(ours.pk, pair.two_id if pair.one_id == theirs.pk else pair.one_id)
        if keys[0] != keys[1] and keys not in there:
            said = {"by_id": pair.by_id, "at": pair.at}
            coming[keys] = DistinctShops(one_id=keys[0], two_id=keys[1], **said)
    return [pair.pk for pair in DistinctShops.objects.bulk_create(coming.values())]


def disinherit(keys: list[int]) -> None:
    """The way back of `inherit`."""
    DistinctShops.objects.filter(pk__in=keys).delete()


def _pairs(shop: Shop):
    return DistinctShops.objects.about([shop.pk]).order_by("pk")


def _ordered(one: int, two: int) -> tuple[int, int]:
    return min(one, two), max(one, two)


def _held(one: Shop, two: Shop, by: User | None) -> tuple[Shop, Shop]:
    """Both rows, locked in the order of their keys, as a merge locks them."""
    if one.pk == two.pk:
        raise WorkflowError(_("Choisissez deux fiches différentes."))
    rows = Shop.objects.select_for_update().filter(pk__in=[one.pk, two.pk]).order_by("pk")
    held = list(rows)
    if len(held) < 2:
        raise WorkflowError(_("Une de ces fiches n’existe plus."))
    if by and any(capacity_of(by, shop) != Capacity.TOWN_HALL for shop in held):
        raise WorkflowError(not_permitted())
    return held[0], held[1]
