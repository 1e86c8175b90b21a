"""Listings that were merged, for tests."""

from merchants.models import Shop, ShopStatus
from merchants.workflow.merging import merge
from tests.factories import NOW, make_shop


def merge_both(kept: Shop, other: Shop, *, by=None, now=NOW, **choices: str) -> Shop:
    """`other` ends in `kept`; `choices` name what is taken from which."""
    return merge(kept, other, choices=choices, by=by, now=now)


def make_in_state(name: str = "", *, status: str, **fields) -> Shop:
    """A shop in that state; a merged one is merged into a namesake that is published."""
    if status != ShopStatus.MERGED:
        return make_shop(name, status=status, **fields)
    other = make_shop(name, status=ShopStatus.PUBLISHED, **fields)
    merge_both(make_shop(f"{other.name} bis", commune=other.commune), other)
    return other
