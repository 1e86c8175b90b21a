"""Is this shop here already? Compared in memory: no query for a single line.

The same shop is the same (source, identifier), else the same live SIRET, else the same name in
the same commune within SAME_PLACE_KM or at the same address.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import product
from typing import NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from merchants.geo import Point
from merchants.models import HistoryEntry, Shop, ShopMember, ShopStatus
from merchants.models.history import Action
from merchants.names import SAME_PLACE_KM
from merchants.text import STOP_WORDS, normalise
from merchants.workflow.values import Listing

SIDE_BY_SIDE_KM = 0.03
CHUNK = 500

_of_shop = {"shop": OuterRef("pk")}
BY_HAND = [Action.EDIT, Action.CLOSURE, Action.CLOSURE_REMOVED, Action.ACCEPT]
# The states of a listing that a line of a file may be about.
STANDING = [ShopStatus.DRAFT, *ShopStatus.live()]
# Somebody keeps the listing, confirmed it or wrote in it: it is not the file's any more.
SOMEBODYS = ExpressionWrapper(
    Q(confirmed_at__isnull=False)
    | Exists(ShopMember.objects.filter(**_of_shop))
    | Exists(HistoryEntry.objects.filter(**_of_shop, action__in=BY_HAND)),
    output_field=BooleanField(),
)


class Entry(NamedTuple):
    """A shop of the database (`pk`), or a line of the file that was taken (`line`)."""

    pk: int | None
    line: int
    name: str
    address: str
    point: Point | None
    siret: str
    source: str
    source_id: str
    status: str
    somebodys: bool
    commune: int
    label: str  # the name as it is written
    trade: int  # the main category

    def is_at(self, listing: Listing) -> bool:
        """Whether it is in the same place: within SAME_PLACE_KM, or at the same address."""
        if self.point and listing.point:
            return self.point.distance_km(listing.point) <= SAME_PLACE_KM
        return self.address == _address(listing.house_number, listing.street)

    def is_same(self, listing: Listing) -> bool:
        """Whether it has the same name in the same place."""
        same_name = (self.commune, self.name) == (listing.commune.pk, normalise(listing.name))
        return same_name and self.is_at(listing)


class KnownShops:
    """What is in the database for the communes of a file, and the lines taken so far."""

    def __init__(self, listings: Iterable[Listing], source: str):
        listings = list(listings)
        self._by_id: dict[str, Entry] = {}
        self._by_siret: dict[str, Entry] = {}
        self._by_name: dict[tuple[int, str], list[Entry]] = defaultdict(list)
        self._lookalikes = Lookalikes()
        columns = (
            "pk", "name", "house_number", "street", "latitude", "longitude", "siret", "source",
            "source_id", "status", "somebodys", "commune", "main_category",
        )  # fmt: skip
        # What somebody is still writing stands in nobody's way.
        known = Shop.objects.exclude(status=ShopStatus.DRAFT, source="")
        shops = known.order_by().annotate(somebodys=SOMEBODYS).values_list(*columns)
        for row in shops.filter(source=source).exclude(source_id="").iterator():
            self._by_id[row[8]] = _entry(row)
        communes = sorted({listing.commune.pk for listing in listings})
        for chunk in _chunks(communes):
            for row in shops.filter(commune__in=chunk).iterator():
                entry = _entry(row)
                self._by_name[row[11], entry.name].append(entry)
                if entry.status in STANDING:
                    self._lookalikes.add(entry)
        sirets = sorted({listing.siret for listing in listings if listing.siret})
        for chunk in _chunks(sirets):
            for row in shops.filter(siret__in=chunk, status__in=STANDING):
                self._by_siret[row[6]] = _entry(row)

    def by_id(self, source_id: str) -> Entry | None:
        return self._by_id.get(source_id) if source_id else None

    def by_siret(self, siret: str) -> Entry | None:
        return self._by_siret.get(siret) if siret else None

    def by_name(self, listing: Listing) -> Entry | None:
        """The shop of that name in the same place."""
        for entry in self._by_name.get((listing.commune.pk, normalise(listing.name)), ()):
            if entry.siret and listing.siret and entry.siret != listing.siret:
                continue
            if entry.is_at(listing):
                return entry
        return None

    def lookalike(self, listing: Listing) -> Entry | None:
        """A shop that may well be the same: a close name, and hardly any distance."""
        return self._lookalikes.of(listing)

    def claim(self, siret: str, entry: Entry) -> None:
        """A shop of the database gets this SIRET from the file: no later line may."""
        if siret:
            self._by_siret[siret] = entry

    def take(self, line: int, listing: Listing) -> None:
        """Remembers a line that will be written, for the lines after it."""
        entry = Entry(
            None, line, normalise(listing.name), _address(listing.house_number, listing.street),
            listing.point, listing.siret, listing.source, listing.source_id, "", False,
            listing.commune.pk, listing.name, listing.main_category.pk,
        )  # fmt: skip
        self._by_id[listing.source_id] = entry
        if listing.siret:
            self._by_siret[listing.siret] = entry
        self._by_name[listing.commune.pk, entry.name].append(entry)
        self._lookalikes.add(entry)


class Lookalikes:
    """Shops that are side by side and have much the same name: two of one, perhaps."""

    def __init__(self):
        self._near: dict[tuple[int, int], list[Entry]] = defaultdict(list)
        self._at: dict[tuple[int, str], list[Entry]] = defaultdict(list)

    def add(self, entry: Entry) -> None:
        if entry.point:
            self._near[_cell(entry.point)].append(entry)
        if entry.address[:1].isdigit():
            self._at[entry.commune, entry.address].append(entry)

    def of(self, listing: Listing) -> Entry | None:
        name = normalise(listing.name)
        trades = {category.pk for category in listing.categories}
        place = frozenset(normalise(listing.commune.name).split())
        for entry in self._neighbours(listing):
            if entry.siret and listing.siret and entry.siret != listing.siret:
                continue
            if look_alike(entry.name, name, place, same_trade=entry.trade in trades):
                return entry
        return None

    def _neighbours(self, listing: Listing) -> Iterator[Entry]:
        address = _address(listing.house_number, listing.street)
        yield from self._at.get((listing.commune.pk, address), ())
        if listing.point:
            row, column = _cell(listing.point)
            for cell in product((row - 1, row, row + 1), (column - 1, column, column + 1)):
                for entry in self._near.get(cell, ()):
                    if entry.point.distance_km(listing.point) <= SIDE_BY_SIDE_KM:
                        yield entry


def _cell(point: Point) -> tuple[int, int]:
    """Some 55 m to the north; to the east, half as much at 60° of latitude."""
    return math.floor(point.latitude * 2000), math.floor(point.longitude * 2000)


def look_alike(left: str, right: str, place: frozenset[str], *, same_trade: bool) -> bool:
    """Whether two normalised names may be one: a slip of the pen apart, or, in the same trade,
    one of them with some words more. `place` are words that tell nothing, those of the commune.
    """
    if SequenceMatcher(None, left, right).ratio() >= 0.88:
        return True
    short, long = sorted((_telling(left, place), _telling(right, place)), key=len)
    return (
        same_trade
        and any(len(word) >= 4 for word in short)
        and all(any(_close(word, other) for other in long) for word in short)
    )


def _telling(name: str, place: frozenset[str]) -> set[str]:
    return set(name.split()) - STOP_WORDS - place


def _close(left: str, right: str) -> bool:
    return left == right or (
        min(len(left), len(right)) >= 4 and SequenceMatcher(None, left, right).ratio() >= 0.8
    )


def same(left: Listing, right: Listing) -> bool:
    """Whether two listings say the same, leaving aside where hours come from."""
    return _content(left) == _content(right)


def _content(listing: Listing) -> tuple:
    schedule = listing.schedule
    hours = schedule and (schedule.weekly, schedule.specials, schedule.holiday_rule)
    return (
        listing.commune.pk,
        listing.main_category and listing.main_category.pk,
        frozenset(category.pk for category in listing.categories),
        hours,
        tuple(sorted(listing.services or (), key=lambda service: service.kind)),
        *(getattr(listing, name) for name in _PLAIN),
    )


_PLAIN = [
    name for name in Listing.__dataclass_fields__
    if name not in {"commune", "main_category", "categories", "schedule", "services"}
]  # fmt: skip


def current(keys: Iterable[int]) -> Iterator[tuple[int, Listing]]:
    """The listings of these shops as they stand, read in chunks."""
    for chunk in _chunks(sorted(keys)):
        shops = (
            Shop.objects.filter(pk__in=chunk)
            .select_related("commune", "main_category")
            .defer("commune__contour", "search_text")
            .prefetch_related("categories", "services", "periods", "specials")
        )
        for shop in shops:
            yield shop.pk, Listing.of(shop)


def _entry(row: tuple) -> Entry:
    pk, name, number, street, latitude, longitude, siret, source, source_id, status, kept = row[:11]
    point = None if latitude is None else Point(latitude, longitude)
    return Entry(
        pk, 0, normalise(name), _address(number, street), point, siret, source, source_id, status,
        bool(kept), row[11], name, row[12],
    )  # fmt: skip


def _address(number: str, street: str) -> str:
    return normalise(f"{number} {street}")


def _chunks(items: list) -> Iterator[list]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
