"""A listing as it would look: an object that a template shows and that nobody saves."""

from typing import Any

from django.db.models import QuerySet

from merchants.models import Category, ServiceOption, Shop

from .listing import fill, service_rows
from .values import Listing


def previewed(shop: Shop, listing: Listing) -> Shop:
    """The shop with the values of that listing in their places; read `shop` for nothing else.

    Prefetch as `for_page` does.
    """
    fill(shop, listing)
    rows: dict[str, QuerySet[Any]] = {
        "categories": _read(Category.objects.none(), list(listing.categories))
    }
    if listing.services is not None:
        services = service_rows(shop, listing.services)
        rows["services"] = _read(ServiceOption.objects.none(), services)
    shop._prefetched_objects_cache |= rows
    if listing.schedule is not None:
        shop.__dict__["schedule"] = listing.schedule
    return shop


def _read(rows: QuerySet[Any], values: list[Any]) -> QuerySet[Any]:
    """A queryset that has been read already, and holds those."""
    rows._result_cache = values
    return rows
