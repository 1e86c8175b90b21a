"""Is this shop here already? Compared in memory: no query for a single line.

The same shop is the same (source, identifier), else the same live SIRET, else the same name in
the same commune within SAME_PLACE_KM or at the same address.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from merchants.geo import Point
from merchants.models import Shop, ShopStatus
from merchants.text import normalise
from merchants.workflow.listing import Listing

SAME_PLACE_KM = 0.15
CHUNK = 500


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
    confirmed: bool
    commune: int


class KnownShops:
    """What is in the database for the communes of a file, and the lines taken so far."""

    def __init__(self, listings: Iterable[Listing], source: str):
        listings = list(listings)
        self._by_id: dict[str, Entry] = {}
        self._by_siret: dict[str, Entry] = {}
        self._by_name: dict[tuple[int, str], list[Entry]] = defaultdict(list)
        columns = (
            "pk", "name", "house_number", "street", "latitude", "longitude", "siret", "source",
            "source_id", "status", "confirmed_at", "commune",
        )  # fmt: skip
        shops = Shop.objects.order_by().values_list(*columns)
        for row in shops.filter(source=source).exclude(source_id="").iterator():
            self._by_id[row[8]] = _entry(row)
        communes = sorted({listing.commune.pk for listing in listings})
        for chunk in _chunks(communes):
            for row in shops.filter(commune__in=chunk).iterator():
                entry = _entry(row)
                self._by_name[row[11], entry.name].append(entry)
        sirets = sorted({listing.siret for listing in listings if listing.siret})
        for chunk in _chunks(sirets):
            for row in shops.filter(siret__in=chunk, status__in=ShopStatus.live()):
                self._by_siret[row[6]] = _entry(row)

    def by_id(self, source_id: str) -> Entry | None:
        return self._by_id.get(source_id) if source_id else None

    def by_siret(self, siret: str) -> Entry | None:
        return self._by_siret.get(siret) if siret else None

    def by_name(self, listing: Listing) -> Entry | None:
        """The shop of that name in the same place."""
        address = _address(listing.house_number, listing.street)
        for entry in self._by_name.get((listing.commune.pk, normalise(listing.name)), ()):
            if entry.siret and listing.siret and entry.siret != listing.siret:
                continue
            if entry.point and listing.point:
                if entry.point.distance_km(listing.point) <= SAME_PLACE_KM:
                    return entry
            elif entry.address == address:
                return entry
        return None

    def claim(self, siret: str, entry: Entry) -> None:
        """A shop of the database gets this SIRET from the file: no later line may."""
        if siret:
            self._by_siret[siret] = entry

    def take(self, line: int, listing: Listing) -> None:
        """Remembers a line that will be written, for the lines after it."""
        entry = Entry(
            None, line, normalise(listing.name), _address(listing.house_number, listing.street),
            listing.point, listing.siret, listing.source, listing.source_id, "", False,
            listing.commune.pk,
        )  # fmt: skip
        self._by_id[listing.source_id] = entry
        if listing.siret:
            self._by_siret[listing.siret] = entry
        self._by_name[listing.commune.pk, entry.name].append(entry)


def same(left: Listing, right: Listing) -> bool:
    """Whether two listings say the same, leaving aside where hours come from."""
    return _content(left) == _content(right)


def _content(listing: Listing) -> tuple:
    schedule = listing.schedule
    hours = schedule and (schedule.weekly, schedule.specials, schedule.holiday_rule)
    return (
        listing.commune.pk,
        listing.main_category.pk,
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
    pk, name, number, street, latitude, longitude, siret, source, source_id, status, at, commune = (
        row
    )
    point = None if latitude is None else Point(latitude, longitude)
    return Entry(
        pk, 0, normalise(name), _address(number, street), point, siret, source, source_id, status,
        at is not None, commune,
    )  # fmt: skip


def _address(number: str, street: str) -> str:
    return normalise(f"{number} {street}")


def _chunks(items: list) -> Iterator[list]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
