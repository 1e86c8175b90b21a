"""Pairs of listings that may be one shop's, for a whole commune at once."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, product

from merchants.geo import Point
from merchants.models.distinct import DistinctShops
from merchants.models.shop import Shop
from merchants.models.shop_queryset import ShopQuerySet
from merchants.names import ALIKE, BARE, NEXT_DOOR_KM, SAME_PLACE_KM, likeness
from merchants.streets import spelt_out
from merchants.text import normalise

COLUMNS = ("pk", "siret", "name", "house_number", "street", "latitude", "longitude")
# At least SAME_PLACE_KM to the north, and to the east up to the north of France.
CELL_LATITUDE, CELL_LONGITUDE = 0.0014, 0.0022


@dataclass(frozen=True)
class TwinPair:
    """Two listings, the older one first."""

    one: Shop
    two: Shop


@dataclass(frozen=True, slots=True)
class _Place:
    pk: int
    siret: str
    name: str
    address: str
    point: Point | None


def twin_pairs(shops: ShopQuerySet, *, city: str, most: int) -> list[TwinPair]:
    """The likeliest pairs among these shops of one commune, of that name: the same SIRET, or names
    that are alike (`names.likeness`) within SAME_PLACE_KM or at the same address. Listings with
    two SIRETs are two shops, and so are those that the town hall has told apart.

    Three queries, however many shops; names are compared in Python, and only of neighbours.
    """
    places = [_place(*row) for row in shops.order_by("pk").values_list(*COLUMNS)]
    apart = DistinctShops.objects.filter(one__in=shops.order_by().values("pk"))
    known = set(apart.values_list("one", "two"))
    ranked = []
    for one, two in _neighbours(places):
        if (one.pk, two.pk) in known:
            continue
        rank = _rank(one, two, city)
        if rank is not None:
            ranked.append((rank, one.pk, two.pk))
    ranked.sort()
    found = ranked[:most]
    keys = {pk for _rank, *pair in found for pk in pair}
    by_key = shops.filter(pk__in=keys).select_related("main_category").in_bulk()
    # Somebody may have merged two of them between the queries.
    return [
        TwinPair(by_key[one], by_key[two])
        for _rank, one, two in found
        if one in by_key and two in by_key
    ]


def _place(pk, siret, name, number, street, latitude, longitude) -> _Place:
    point = None if latitude is None else Point(latitude, longitude)
    address = normalise(f"{number} {spelt_out(street)}") if number and street else ""
    return _Place(pk, siret, name, address, point)


def _neighbours(places: Iterable[_Place]) -> Iterator[tuple[_Place, _Place]]:
    """Each pair once, the lower key first: in the same cell or the next, at the same address, or
    of one SIRET."""
    cells: dict[tuple[int, int], list[_Place]] = defaultdict(list)
    together: dict[str, list[_Place]] = defaultdict(list)
    for place in places:
        if place.point:
            cells[_cell(place.point)].append(place)
        for key in filter(None, (place.address, place.siret)):
            together[key].append(place)
    seen = set()
    for group in together.values():
        for pair in combinations(group, 2):
            keys = (pair[0].pk, pair[1].pk)
            if keys not in seen:
                seen.add(keys)
                yield pair
    for (row, column), here in cells.items():
        around = product((row - 1, row, row + 1), (column - 1, column, column + 1))
        others = [place for cell in around for place in cells.get(cell, ())]
        for one, two in product(here, others):
            if one.pk < two.pk and (one.pk, two.pk) not in seen:
                yield one, two


def _cell(point: Point) -> tuple[int, int]:
    return math.floor(point.latitude / CELL_LATITUDE), math.floor(point.longitude / CELL_LONGITUDE)


def _rank(one: _Place, two: _Place, city: str) -> tuple[int, float, float] | None:
    """Where a pair stands (the lower, the likelier); None where it is none."""
    if one.siret and two.siret:
        return (0, 0.0, 0.0) if one.siret == two.siret else None
    km = one.point.distance_km(two.point) if one.point and two.point else None
    same_address = bool(one.address) and one.address == two.address
    if not same_address and (km is None or km > SAME_PLACE_KM):
        return None
    score = likeness(one.name, two.name, city=city)
    is_next_door = same_address or (km is not None and km <= NEXT_DOOR_KM)
    if score >= ALIKE or (score == BARE and is_next_door):
        return 1, -score, km or 0.0
    return None
