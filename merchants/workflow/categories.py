"""The tree of categories, and the search text of the shops that hang on it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from merchants.models import Category, Shop, User

from .listing import Listing, search_text

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryValues:
    """A group (no children of its own kind above it) or, in `children`, one of its categories."""

    slug: str
    name: str
    name_en: str
    icon: str
    keywords: str = ""
    osm_tags: tuple[str, ...] = ()
    naf_codes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    children: tuple["CategoryValues", ...] = ()


@dataclass(slots=True)
class CategoryCounts:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    reindexed: int = 0


def save_categories(
    groups: tuple[CategoryValues, ...], *, by: User | None, now: datetime
) -> CategoryCounts:
    """Creates or updates groups and categories by slug; none is ever removed.

    Effects: the categories, ordered as given; the search text of the shops, where one changed.
    """
    counts = CategoryCounts()
    with transaction.atomic():
        held = {category.slug: category for category in Category.objects.all()}
        for position, values in enumerate(groups, 1):
            group = _save(held, values, None, position, counts)
            for rank, child in enumerate(values.children, 1):
                _save(held, child, group, rank, counts)
        if counts.updated:
            counts.reindexed = reindex(by=by, now=now)
    return counts


def reindex(*, by: User | None = None, now: datetime | None = None) -> int:
    """Writes the search text of all shops anew; returns how many changed.

    To be called after a change of names or keywords of categories. Reads every shop once, in
    chunks of CHUNK.
    """
    changed = 0
    parents = {category.pk: category for category in Category.objects.select_related("parent")}
    last = 0
    with transaction.atomic():
        while True:
            shops = list(
                Shop.objects.filter(pk__gt=last)
                .order_by("pk")
                .select_related("commune")
                .defer("commune__contour")
                .prefetch_related("categories", "services", "periods", "specials__periods")[:CHUNK]
            )
            if not shops:
                return changed
            last = shops[-1].pk
            stale = []
            for shop in shops:
                for category in shop.categories.all():
                    category.parent = parents[category.pk].parent
                shop.main_category = parents.get(shop.main_category_id)
                text = search_text(Listing.of(shop))
                if text != shop.search_text:
                    shop.search_text = text
                    stale.append(shop)
            Shop.objects.bulk_update(stale, ["search_text"], CHUNK)
            changed += len(stale)


def _save(held, values, parent, position, counts) -> Category:
    fields = {
        "parent_id": parent and parent.pk,
        "name": values.name,
        "name_en": values.name_en,
        "icon": values.icon,
        "keywords": values.keywords,
        "osm_tags": list(values.osm_tags),
        "naf_codes": list(values.naf_codes),
        "labels": list(values.labels),
        "position": position,
    }
    category = held.get(values.slug)
    if category is None:
        category = Category(slug=values.slug, **fields)
        counts.created += 1
    elif any(getattr(category, name) != value for name, value in fields.items()):
        for name, value in fields.items():
            setattr(category, name, value)
        counts.updated += 1
    else:
        counts.unchanged += 1
        return category
    category.save()
    return category
