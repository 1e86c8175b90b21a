"""Writing an import: all of it or nothing, in bulk.

A plan says what to write; `merchants.opendata.planning` makes it from a file. Every step writes
at most CHUNK shops per statement, so that 100,000 lines need neither minutes nor gigabytes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from merchants.models import (
    HistoryEntry,
    ImportedValues,
    OpeningPeriod,
    ServiceOption,
    Shop,
    ShopStatus,
    SpecialPeriod,
    User,
)
from merchants.models.history import Action, Capacity
from merchants.opening_hours import Schedule

from .bulk import chunks, insert_rows, update_rows
from .communes import touch
from .errors import WorkflowError
from .import_merge import said
from .listing import fill, free_slug, special_rows
from .reading import Listings
from .values import (
    COLUMNS,
    HOURS_FIELDS,
    SERVICE_FIELDS,
    Changes,
    Listing,
    differences,
    plain,
)

CHUNK = 500


class MovedOn(WorkflowError):
    """Somebody wrote one of the listings after the plan was made: it is to be made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """A new shop. `confirmed_at` and `confirmed_as` go together; `line` is that of the file."""

    listing: Listing
    confirmed_at: datetime | None = None
    confirmed_as: str = ""
    # Whatever the plan says of the others.
    is_draft: bool = False
    line: int = 0


class Update(NamedTuple):
    """New values of a shop. Without `changes`, what differs is found out when it is written;
    with them, the shop must still be of that `version`."""

    shop: int
    listing: Listing
    line: int = 0
    changes: Changes | None = None
    version: int | None = None


class Written(NamedTuple):
    """The shop that came of a line, and its version since."""

    shop: int
    version: int


@dataclass(slots=True, kw_only=True)
class Plan:
    """What an import writes; every listing went through `listing.prepared`.

    `heard` is what the source says of shops that are there already, by their keys.
    """

    status: str = ShopStatus.PENDING
    creations: list[Creation] = field(default_factory=list)
    updates: list[Update | tuple[int, Listing]] = field(default_factory=list)
    heard: dict[int, Listing] = field(default_factory=dict)


def apply_import(
    plan: Plan,
    *,
    by: User | None,
    now: datetime,
    action: Action = Action.IMPORT,
    told: Callable[[int], object] = lambda number: None,
    record: Callable[[dict[int, Written]], object] = lambda written: None,
) -> dict[int, Written]:
    """Writes the whole plan in one transaction; what came of each line.

    Effects: new shops with slug, categories, services, hours and confirmation; new values of
    the shops to update, whose slug, status and confirmation stay; a history entry for each; what
    the source says of each is kept (`ImportedValues`); the public pages of the communes concerned
    are renewed. `told` hears how many shops are written; `record` writes what else belongs into
    the transaction, while what the source said before still stands. Raises WorkflowError, with
    nothing written, if somebody wrote one of these listings meanwhile: MovedOn, if another plan
    may do.
    """
    written: dict[int, Written] = {}
    try:
        with transaction.atomic():
            slugs = _Slugs()
            concerned: set[int] = set()
            for chunk in chunks(plan.creations, CHUNK):
                written |= _create(chunk, plan.status, slugs, by, now)
                concerned |= _seen(chunk, plan.status)
                told(len(written))
            for chunk in chunks(plan.updates, CHUNK):
                concerned |= _update(
                    [Update(*each) for each in chunk], slugs, by, now, action, written
                )
                told(len(written))
            record(written)
            for chunk in chunks(plan.heard.items(), CHUNK):
                remember(dict(chunk))
            touch(concerned)
    except IntegrityError as error:
        raise WorkflowError(
            _("Une de ces fiches vient d’être enregistrée par ailleurs. Relancez l’import.")
        ) from error
    return written


def remember(listings: dict[int, Listing]) -> None:
    """What a source says of some shops is what its next file is compared with."""
    ImportedValues.objects.filter(shop__in=listings).delete()
    insert_rows(
        ImportedValues, ("shop", "values"), ((pk, said(each)) for pk, each in listings.items())
    )


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


def _seen(creations: Sequence[Creation], status: str) -> set[int]:
    if status != ShopStatus.PUBLISHED:
        return set()
    return {creation.listing.commune.pk for creation in creations if not creation.is_draft}


def _create(
    chunk: Sequence[Creation], status: str, slugs: _Slugs, by: User | None, now: datetime
) -> dict[int, Written]:
    shops = []
    for creation in chunk:
        shop = SimpleNamespace(
            **_defaults(),
            status=(ShopStatus.DRAFT if creation.is_draft else ShopStatus(status)).value,
            slug=slugs.give(creation.listing),
            version=1,
            created_at=now,
            updated_at=now,
            confirmed_at=creation.confirmed_at,
            confirmed_as=creation.confirmed_as,
        )
        _fill(shop, creation.listing)
        shops.append(shop)
    names = [field.name for field in Shop._meta.concrete_fields if not field.primary_key]
    columns = [Shop._meta.get_field(name).attname for name in names]
    insert_rows(Shop, names, ([getattr(shop, each) for each in columns] for shop in shops))
    made = Shop.objects.filter(
        commune__in={shop.commune_id for shop in shops}, slug__in=[shop.slug for shop in shops]
    )
    keys = {row[:2]: row[2] for row in made.values_list("commune", "slug", "pk")}
    for shop in shops:
        shop.pk = keys[shop.commune_id, shop.slug]
    pairs = list(zip(shops, chunk, strict=True))
    _write_rows([(shop, creation.listing) for shop, creation in pairs])
    _record([(shop, {}) for shop in shops], by, now, Action.IMPORT)
    heard = [(shop.pk, said(creation.listing)) for shop, creation in pairs]
    insert_rows(ImportedValues, ("shop", "values"), heard)
    return {creation.line: Written(shop.pk, 1) for shop, creation in zip(shops, chunk, strict=True)}


@cache
def _defaults() -> dict[str, Any]:
    """What a new shop has in the columns that an import does not fill."""
    filled = {
        "commune", "main_category", "status", "slug", "version", "created_at", "updated_at",
        "confirmed_at", "confirmed_as",
    }  # fmt: skip
    return {
        field.attname: None if field.primary_key else field.get_default()
        for field in Shop._meta.concrete_fields
        if field.name not in filled
    } | {"pk": None}


def _update(
    chunk: Sequence[Update],
    slugs: _Slugs,
    by: User | None,
    now: datetime,
    action: Action,
    written: dict[int, Written],
) -> set[int]:
    """The communes whose pages show a difference."""
    keys = [update.shop for update in chunk]
    locked = Shop.objects.select_for_update(of=("self",)).filter(pk__in=keys)
    held = {
        pk: (version, status, commune, slug)
        for pk, version, status, commune, slug in locked.values_list(
            "pk", "version", "status", "commune", "slug"
        )
    }
    unknown = [update.shop for update in chunk if update.changes is None]
    before = Listings().read(unknown) if unknown else {}
    visible: set[int] = set()
    rows = []
    for update in chunk:
        if update.shop not in held:
            raise MovedOn(_("Une de ces fiches vient d’être modifiée. Relancez l’import."))
        version, status, commune, slug = held[update.shop]
        if update.version not in (None, version):
            raise MovedOn(_("Une de ces fiches vient d’être modifiée. Relancez l’import."))
        listing = update.listing
        if status == ShopStatus.PUBLISHED:
            visible |= {commune, listing.commune.pk}
        # An update without services or hours removes them: it is a whole line of a file.
        whole = replace(
            listing, services=listing.services or (), schedule=listing.schedule or Schedule()
        )
        changes = update.changes
        if changes is None:
            changes = differences(plain(before[update.shop].listing), plain(whole))
        shop = SimpleNamespace(
            pk=update.shop,
            slug=slug if commune == listing.commune.pk else slugs.give(listing),
            version=version + 1,
            updated_at=now,
        )
        _fill(shop, whole)
        rows.append((shop, whole, changes))
        written[update.line] = Written(shop.pk, shop.version)
    names = ["commune", "slug", "updated_at", "version", *COLUMNS]
    columns = [Shop._meta.get_field(name).attname for name in names]
    update_rows(
        Shop, names, ([*(getattr(row[0], each) for each in columns), row[0].pk] for row in rows)
    )
    _rewrite_rows(rows)
    _record([(shop, changes) for shop, _listing, changes in rows], by, now, action)
    return visible


def _fill(shop: SimpleNamespace, listing: Listing) -> None:
    """`fill`, for what is like a shop; an object of the model would cost as much as the rest."""
    fill(shop, listing)
    shop.commune_id = listing.commune.pk
    shop.main_category_id = listing.main_category and listing.main_category.pk


def _record(
    entries: Sequence[tuple[Shop, Changes]], by: User | None, now: datetime, action: Action
) -> None:
    """The history of a chunk, in one statement."""
    names = ("shop", "at", "by", "capacity", "action", "changes", "reason", "note", "version")
    author = by and by.pk
    insert_rows(
        HistoryEntry,
        names,
        (
            (shop.pk, now, author, Capacity.IMPORT.value, action.value, changes, "", shop.source,
             shop.version)
            for shop, changes in entries
        ),
    )  # fmt: skip


def _rewrite_rows(rows: Sequence[tuple[Shop, Listing, Changes]]) -> None:
    """The rows beside those of the shops, where they differ."""
    hours = [row for row in rows if HOURS_FIELDS & row[2].keys()]
    services = [row for row in rows if "services" in row[2]]
    categories = [row for row in rows if {"main_category", "categories"} & row[2].keys()]
    OpeningPeriod.objects.filter(shop__in=[row[0].pk for row in hours]).delete()
    SpecialPeriod.objects.filter(shop__in=[row[0].pk for row in hours]).delete()
    ServiceOption.objects.filter(shop__in=[row[0].pk for row in services]).delete()
    link = Shop.categories.through
    link.objects.filter(shop__in=[row[0].pk for row in categories]).delete()
    _write_categories([row[:2] for row in categories])
    _write_services([row[:2] for row in services])
    _write_hours([row[:2] for row in hours])


def _write_rows(pairs: Sequence[tuple[Shop, Listing]]) -> None:
    """The rows beside those of the shops themselves, which have none yet."""
    _write_categories(pairs)
    _write_services(pairs)
    _write_hours(pairs)


def _write_categories(pairs: Iterable[tuple[Shop, Listing]]) -> None:
    insert_rows(
        Shop.categories.through,
        ("shop", "category"),
        ((shop.pk, category.pk) for shop, listing in pairs for category in listing.categories),
    )


def _write_services(pairs: Iterable[tuple[Shop, Listing]]) -> None:
    insert_rows(
        ServiceOption,
        ("shop", *SERVICE_FIELDS),
        (
            (shop.pk, *(getattr(service, name) for name in SERVICE_FIELDS))
            for shop, listing in pairs
            for service in listing.services or ()
        ),
    )


def _write_hours(pairs: Sequence[tuple[Shop, Listing]]) -> None:
    schedules = [(shop, listing.schedule or Schedule()) for shop, listing in pairs]
    specials = [special_rows(shop, schedule) for shop, schedule in schedules]
    SpecialPeriod.objects.bulk_create(row for rows in specials for row in rows)
    owned = [
        (shop, special and special.pk, periods)
        for (shop, schedule), rows in zip(schedules, specials, strict=True)
        for special, periods in zip(
            (None, *rows), (schedule.weekly, *(s.periods for s in schedule.specials)), strict=True
        )
    ]
    insert_rows(
        OpeningPeriod,
        ("shop", "special", "weekday", "opens", "closes", "by_appointment"),
        (
            (shop.pk, special, period.weekday, period.opens, period.closes, period.by_appointment)
            for shop, special, periods in owned
            for period in periods
        ),
    )
