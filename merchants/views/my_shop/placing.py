"""What the pages with an address have in common: the pin, and what is said of a missing point."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from merchants.forms.address import AddressPart
from merchants.models import Proposal, Shop
from merchants.models.shop import LocationSource
from merchants.views.lookup import held_back
from merchants.views.my_shop.access import acting_as, posted_version
from merchants.views.tiles import tiles_config
from merchants.workflow.edit import Edit, edit_listing
from merchants.workflow.history import values_seen
from merchants.workflow.values import Listing, with_values

SHOWN = frozenset([*AddressPart.ADDRESS, "point", "location_source", "location_precision"])


def placer(request: HttpRequest) -> str:
    """Who moves the pin: the merchant, or the town hall for him."""
    source = LocationSource.TOWN_HALL if acting_as(request) else LocationSource.MERCHANT
    return source.value


def held_back_for(request: HttpRequest) -> Callable[[], str]:
    """Counts a look-up of that person; a sentence where it is one too many (`lookup.held_back`)."""
    return lambda: held_back(request.user.pk, timezone.now())


def seen_address(
    request: HttpRequest, shop: Shop, listing: Listing, refused: Proposal | None = None
) -> Listing:
    """The listing with the address that the posted page was made from; one query for an old page.

    What a refused proposal put into the page stays as it was refused.
    """
    version = posted_version(request)
    if version is None or version == shop.version:
        return listing
    kept = refused.changes.keys() if refused else frozenset()
    old = values_seen(shop, version)
    return with_values(listing, {n: v for n, v in old.items() if n in SHOWN and n not in kept})


def pin_config(listing: Listing) -> dict[str, Any]:
    """The map of the pin. `home` is the address's own point, where that is known."""
    from_address = listing.location_source == LocationSource.GEOCODER
    return tiles_config() | {
        "point": listing.point,
        "centre": listing.commune.centre,
        "home": listing.point if from_address else None,
        "icon": listing.main_category.icon if listing.main_category else "storefront",
    }


def saying(request: HttpRequest, form: AddressPart) -> Callable[..., Edit]:
    """`edit_listing`, which also says where the point could not be set."""

    def edit(*arguments, **act) -> Edit:
        came = edit_listing(*arguments, **act)
        if form.notice:
            messages.warning(request, form.notice)
        return came

    return edit
