"""Writing an import: all of it or nothing, in bulk.

A plan says what to write; `merchants.opendata.planning` makes it from a file. Every step writes
at most CHUNK shops per statement, so that 100,000 lines need neither minutes nor gigabytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from merchants.models import (
    Commune,
    HistoryEntry,
    OpeningPeriod,
    ServiceOption,
    Shop,
    ShopStatus,
    SpecialPeriod,
    User,
)
from merchants.models.history import Action, Capacity
from merchants.opening_hours import Schedule

from .errors import WorkflowError
from .listing import fill, free_slug, period_rows, service_rows, special_rows
from .values import COLUMNS, Changes, Listing, differences, plain

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
    the shops to update, whose slug, status and confirmation stay; a history entry for each; the
    public pages of the communes concerned are renewed. Raises WorkflowError, with nothing written,
    if somebody wrote one of these listings meanwhile.
    """
    try:
        with transaction.atomic():
            slugs = _Slugs()
            concerned = _create(plan, slugs, by, now) | _update(plan, slugs, by, now)
            for commune in sorted(concerned, key=lambda commune: commune.pk):
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


def _create(plan: Plan, slugs: _Slugs, by: User | None, now: datetime) -> set[Commune]:
    for chunk in _chunks(plan.creations):
        shops = []
        for creation in chunk:
            shop = Shop(status=plan.status, slug=slugs.give(creation.listing), version=1)
            fill(shop, creation.listing)
            shop.confirmed_at = creation.confirmed_at
            shop.confirmed_as = creation.confirmed_as
            shops.append(shop)
        Shop.objects.bulk_create(shops)
        _write_rows(shops, [creation.listing for creation in chunk])
        _record([(shop, {}) for shop in shops], by, now)
    if plan.status != ShopStatus.PUBLISHED:
        return set()
    return {creation.listing.commune for creation in plan.creations}


def _update(plan: Plan, slugs: _Slugs, by: User | None, now: datetime) -> set[Commune]:
    visible = set()
    for chunk in _chunks(plan.updates):
        keys = [pk for pk, _listing in chunk]
        held = (
            Shop.objects.select_for_update(of=("self",))
            .select_related("commune", "main_category")
            .defer("commune__contour")
            .prefetch_related("categories", "services", "periods", "specials")
            .in_bulk(keys)
        )
        shops, listings, entries = [], [], []
        for pk, listing in chunk:
            shop = held[pk]
            if shop.status == ShopStatus.PUBLISHED:
                visible |= {shop.commune, listing.commune}
            if shop.commune_id != listing.commune.pk:
                shop.slug = slugs.give(listing)
            # An update without services or hours removes them: it is a whole line of a file.
            whole = replace(
                listing, services=listing.services or (), schedule=listing.schedule or Schedule()
            )
            entries.append((shop, differences(plain(Listing.of(shop)), plain(whole))))
            fill(shop, listing)
            shop.updated_at = now
            shop.version += 1
            shops.append(shop)
            listings.append(listing)
        columns = ["commune", "slug", "updated_at", "version", *COLUMNS]
        Shop.objects.bulk_update(shops, columns, CHUNK // 5)
        OpeningPeriod.objects.filter(shop__in=keys).delete()
        SpecialPeriod.objects.filter(shop__in=keys).delete()
        ServiceOption.objects.filter(shop__in=keys).delete()
        Shop.categories.through.objects.filter(shop__in=keys).delete()
        _write_rows(shops, listings)
        _record(entries, by, now)
    return visible


def _record(entries: Sequence[tuple[Shop, Changes]], by: User | None, now: datetime) -> None:
    """The history of a chunk, in one statement."""
    HistoryEntry.objects.bulk_create(
        HistoryEntry(
            shop=shop,
            at=now,
            by=by,
            capacity=Capacity.IMPORT,
            action=Action.IMPORT,
            changes=changes,
            note=shop.source,
            version=shop.version,
        )
        for shop, changes in entries
    )


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
