"""Is this shop here already? Compared in memory: no query for a single line.

The same shop is the same (source, identifier), else the same live SIRET, else the same name in
the same commune within SAME_PLACE_KM or at the same address.
"""

import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import product
from typing import NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from rapidfuzz.distance import Indel

from merchants.geo import Point
from merchants.models import HistoryEntry, Objection, Shop, ShopMember, ShopStatus
from merchants.models.history import Action
from merchants.names import SAME_PLACE_KM
from merchants.text import STOP_WORDS, normalise
from merchants.workflow.values import Listing

SIDE_BY_SIDE_KM = 0.03
CHUNK = 500

_of_shop = {"shop": OuterRef("pk")}
BY_HAND = [
    Action.EDIT, Action.CLOSURE, Action.CLOSURE_REMOVED, Action.ACCEPT, Action.MERGE, Action.UNDO,
]  # fmt: skip
# The states of a listing that a line of a file may be about.
STANDING = [ShopStatus.DRAFT, *ShopStatus.live()]
MERGED = ShopStatus.MERGED
# Somebody keeps the listing, confirmed it or wrote in it: not all of it is the file's any more.
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
    into: int | None = None  # the shop that it was merged into

    @property
    def shop(self) -> int | None:
        """The shop that is in the directory today."""
        return self.into or self.pk

    def is_at(self, listing: Listing) -> bool:
        """Whether it is in the same place: within SAME_PLACE_KM, or at the same address."""
        if self.point and listing.point:
            return self.point.distance_km(listing.point) <= SAME_PLACE_KM
        return self.address == _address(listing.house_number, listing.street)

    def is_same(self, listing: Listing) -> bool:
        """Whether it has the same name in the same place."""
        same_name = (self.commune, self.name) == (listing.commune.pk, normalise(listing.name))
        return same_name and self.is_at(listing)


_COLUMNS = (
    "pk", "name", "house_number", "street", "latitude", "longitude", "siret", "source",
    "source_id", "status", "somebodys", "commune", "main_category",
)  # fmt: skip


class KnownShops:
    """What is in the database for the communes of a file, and the lines taken so far."""

    def __init__(self, source: str):
        self._by_id: dict[str, Entry] = {}
        self._by_siret: dict[str, Entry] = {}
        self._ended_by_siret: dict[str, Entry] = {}
        self._by_name: dict[tuple[int, str], list[Entry]] = defaultdict(list)
        self._lookalikes = Lookalikes()
        self._communes: set[int] = set()
        self._sirets: set[str] = set()
        # Few, as a business has to ask for it.
        self._objected = set(Objection.objects.values_list("siret", flat=True))
        # What somebody is still writing stands in nobody's way.
        known = Shop.objects.exclude(status=ShopStatus.DRAFT, source="")
        self._shops = known.order_by().annotate(somebodys=SOMEBODYS).values_list(*_COLUMNS)
        merged = Shop.objects.filter(status=ShopStatus.MERGED).order_by()
        self._merged: dict[int, int] = dict(merged.values_list("pk", "merged_into"))
        self._kept: dict[int, Entry | None] = dict.fromkeys(self._merged.values())
        for row in self._shops.filter(source=source).exclude(source_id="").iterator():
            self._by_id[row[8]] = self._entry(row)

    def learn(self, listings: Iterable[Listing]) -> None:
        """Reads what the database knows of the communes and the SIRETs of some lines, before
        these are asked about. Two queries for each CHUNK of new communes, new SIRETs."""
        listings = list(listings)
        communes = {listing.commune.pk for listing in listings} - self._communes
        self._communes |= communes
        for chunk in _chunks(sorted(communes)):
            for row in self._shops.filter(commune__in=chunk).iterator():
                entry = self._known(row)
                self._by_name[entry.commune, entry.name].append(entry)
                if entry.pk in self._kept:
                    self._kept[entry.pk] = entry
                if entry.status in STANDING:
                    self._lookalikes.add(entry)
        sirets = {listing.siret for listing in listings if listing.siret} - self._sirets
        self._sirets |= sirets
        for chunk in _chunks(sorted(sirets)):
            for row in self._shops.filter(siret__in=chunk, status__in=[*STANDING, MERGED]):
                entry = self._known(row)
                known = self._ended_by_siret if entry.into else self._by_siret
                known.setdefault(entry.siret, entry)

    def _known(self, row: tuple) -> Entry:
        """The entry of a row; the one that its source's identifier has already, if any."""
        entry = self._by_id.get(row[8])
        return entry if entry and entry.pk == row[0] else self._entry(row)

    def _entry(self, row: tuple) -> Entry:
        entry = _entry(row)
        pk = entry.pk
        while pk in self._merged:
            pk = self._merged[pk]
        return entry if pk == entry.pk else entry._replace(into=pk)

    def objects(self, siret: str) -> bool:
        """Whether that business does not want to stand in the directory."""
        return siret in self._objected

    def by_id(self, source_id: str) -> Entry | None:
        return self._by_id.get(source_id) if source_id else None

    def by_siret(self, siret: str) -> Entry | None:
        return self._by_siret.get(siret) if siret else None

    def ended_by_siret(self, listing: Listing) -> Entry | None:
        """The merged listing that had that SIRET, where what was kept still stands there."""
        ended = self._ended_by_siret.get(listing.siret) if listing.siret else None
        kept = self.kept(ended) if ended else None
        stands = kept and kept.status in STANDING and kept.commune == listing.commune.pk
        return ended if stands else None

    def kept(self, ended: Entry) -> Entry | None:
        """What a merged listing was merged into; None where that is in no commune of the file."""
        return self._kept.get(ended.into)

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
    if _likeness(left, right, 0.88):
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
    return left == right or (min(len(left), len(right)) >= 4 and _likeness(left, right, 0.8))


def _likeness(left: str, right: str, least: float) -> bool:
    """Whether difflib finds two texts that alike. rapidfuzz's ratio is never below difflib's, and
    tells in no time that most are not."""
    return (
        Indel.normalized_similarity(left, right, score_cutoff=least - 0.001) > 0
        and SequenceMatcher(None, left, right).ratio() >= least
    )


def _entry(row: tuple) -> Entry:
    pk, name, number, street, latitude, longitude, siret, source, source_id, status, kept = row[:11]
    point = None if latitude is None else Point(latitude, longitude)
    # One text for all that have the same source, and so on.
    source, status, siret = sys.intern(source), sys.intern(status), sys.intern(siret)
    return Entry(
        pk, 0, normalise(name), _address(number, street), point, siret, source, source_id, status,
        bool(kept), row[11], name, row[12],
    )  # fmt: skip


def _address(number: str, street: str) -> str:
    return sys.intern(normalise(f"{number} {street}"))


def _chunks(items: list) -> Iterator[list]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
