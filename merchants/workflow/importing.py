"""Writing an import: all of it or nothing, in bulk.

A plan says what to write; `merchants.opendata.planning` makes it from a file. Every step writes
at most CHUNK shops per statement, so that 100,000 lines need neither minutes nor gigabytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from merchants.models import (
    Commune,
    OpeningPeriod,
    ServiceOption,
    Shop,
    ShopStatus,
    SpecialPeriod,
    User,
)
from merchants.opening_hours import Schedule

from .errors import WorkflowError
from .listing import COLUMNS, Listing, fill, free_slug, period_rows, service_rows, special_rows

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """A new shop. `confirmed_at` and `confirmed_as` go together."""

    listing: Listing
    confirmed_at: datetime | None = None
    confirmed_as: str = ""


@dataclass(slots=True, kw_only=True)
class Plan:
    """What an import writes; every listing went through `listing.prepared`."""

    status: str = ShopStatus.PENDING
    creations: list[Creation] = field(default_factory=list)
    updates: list[tuple[int, Listing]] = field(default_factory=list)


def apply_import(plan: Plan, *, by: User | None, now: datetime) -> None:
    """Writes the whole plan in one transaction.

    Effects: new shops with slug, categories, services, hours and confirmation; new values of
    the shops to update, whose slug, status and confirmation stay; the public pages of the
    communes concerned are renewed. Raises WorkflowError, with nothing written, if somebody
    wrote one of these listings meanwhile.
    """
    try:
        with transaction.atomic():
            slugs = _Slugs()
            for commune in _create(plan, slugs) | _update(plan, slugs, now):
                commune.touch()
    except IntegrityError as error:
        raise WorkflowError(
            _("Une de ces fiches vient d’être enregistrée par ailleurs. Relancez l’import.")
        ) from error


class _Slugs:
    """The slugs of each commune, read once, with those given since."""

    def __init__(self):
        self._taken: dict[int, set[str]] = {}

    def give(self, listing: Listing) -> str:
        commune = listing.commune.pk
        if commune not in self._taken:
            slugs = Shop.objects.in_commune(listing.commune).values_list("slug", flat=True)
            self._taken[commune] = set(slugs)
        slug = free_slug(listing, self._taken[commune])
        self._taken[commune].add(slug)
        return slug


def _create(plan: Plan, slugs: _Slugs) -> set[Commune]:
    for chunk in _chunks(plan.creations):
        shops = []
        for creation in chunk:
            shop = Shop(status=plan.status, slug=slugs.give(creation.listing))
            fill(shop, creation.listing)
            shop.confirmed_at = creation.confirmed_at
            shop.confirmed_as = creation.confirmed_as
            shops.append(shop)
        Shop.objects.bulk_create(shops)
        _write_rows(shops, [creation.listing for creation in chunk])
    if plan.status != ShopStatus.PUBLISHED:
        return set()
    return {creation.listing.commune for creation in plan.creations}


def _update(plan: Plan, slugs: _Slugs, now: datetime) -> set[Commune]:
    visible = set()
    for chunk in _chunks(plan.updates):
        keys = [pk for pk, _listing in chunk]
        held = Shop.objects.select_related("commune").defer("commune__contour").in_bulk(keys)
        shops, listings = [], []
        for pk, listing in chunk:
            shop = held[pk]
            if shop.status == ShopStatus.PUBLISHED:
                visible |= {shop.commune, listing.commune}
            if shop.commune_id != listing.commune.pk:
                shop.slug = slugs.give(listing)
            fill(shop, listing)
            shop.updated_at = now
            shops.append(shop)
            listings.append(listing)
        Shop.objects.bulk_update(shops, ["commune", "slug", "updated_at", *COLUMNS], CHUNK // 5)
        OpeningPeriod.objects.filter(shop__in=keys).delete()
        SpecialPeriod.objects.filter(shop__in=keys).delete()
        ServiceOption.objects.filter(shop__in=keys).delete()
        Shop.categories.through.objects.filter(shop__in=keys).delete()
        _write_rows(shops, listings)
    return visible


def _write_rows(shops: Sequence[Shop], listings: Sequence[Listing]) -> None:
    """The rows beside those of the shops themselves, which have none yet."""
    pairs = list(zip(shops, listings, strict=True))
    link = Shop.categories.through
    link.objects.bulk_create(
        link(shop_id=shop.pk, category_id=category.pk)
        for shop, listing in pairs
        for category in listing.categories
    )
    ServiceOption.objects.bulk_create(
        row for shop, listing in pairs for row in service_rows(shop, listing.services or ())
    )
    schedules = [(shop, listing.schedule or Schedule()) for shop, listing in pairs]
    specials = [special_rows(shop, schedule) for shop, schedule in schedules]
    SpecialPeriod.objects.bulk_create(row for rows in specials for row in rows)
    OpeningPeriod.objects.bulk_create(
        row
        for (shop, schedule), rows in zip(schedules, specials, strict=True)
        for row in period_rows(shop, schedule, rows)
    )


def _chunks(items: Sequence) -> Iterator[list]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
