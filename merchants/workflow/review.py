"""Decisions on a registration that are more than one move of `status`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import Shop, User

from . import status
from .errors import WorkflowError
from .history import adopt, changed_meanwhile, locked
from .listing import update_listing
from .values import Listing, Plain, differences, plain, with_values

ADDRESS = frozenset({"house_number", "street", "postcode", "city"})
NO_POINT: Plain = {"point": None, "location_source": "", "location_precision": ""}


def accept_corrected(
    shop: Shop,
    corrections: Mapping[str, Any],
    *,
    by: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Shop:
    """The town hall mends what is wrong and publishes: pending → published.

    `corrections` are plain values, with `without_stale_point`. Effects: those of `update_listing`
    and of `status.publish`, in one transaction; the letter to the owners says what was corrected.
    """
    with transaction.atomic():
        held = locked(shop)
        if expected_version is not None and held.version != expected_version:
            raise WorkflowError(changed_meanwhile())
        before = Listing.of(held)
        try:
            listing = with_values(before, corrections)
        except KeyError as error:
            raise WorkflowError(_("Cette catégorie n’existe plus.")) from error
        update_listing(held, listing, by=by, now=now)
        corrected = differences(plain(before), plain(Listing.of(locked(shop))))
        held = status.publish(held, by=by, now=now, corrected=corrected)
    return adopt(shop, held)


def without_stale_point(corrections: Plain, point: object) -> Plain:
    """The corrections; the point goes with the address that it stood for, and is placed anew by
    `daily` or by hand."""
    if point and ADDRESS & corrections.keys():
        return corrections | NO_POINT
    return corrections
