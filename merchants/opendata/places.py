"""In which commune a line lies: by its point, its INSEE code, its postcode and its city."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from merchants.arrondissements import whole_city
from merchants.geo import KM_PER_DEGREE, Box, Outline, Point, contains
from merchants.models import Commune
from merchants.text import normalise

# A point this far outside the contour may still be right: contours are simplified.
TOLERANCE_KM = 1.0
CELL = 0.25  # degrees; a commune's box touches a handful of cells
CELLS_KEPT = 60  # contours in memory, at most some tens of megabytes

# Postcodes of arrondissements -> the commune.
_ARRONDISSEMENT_POSTCODES = (
    (re.compile(r"^75[01]\d\d$"), "75056"),
    (re.compile(r"^6900\d$"), "69123"),
    (re.compile(r"^130(0\d|1[0-6])$"), "13055"),
)


def _is_post_of(postcode: str, insee_code: str) -> bool:
    return any(
        city == insee_code and posts.match(postcode) for posts, city in _ARRONDISSEMENT_POSTCODES
    )


def _city_name(city: str) -> str:
    """The normalised name of a town, without "Cedex 9"."""
    return re.sub(r" ?\bcedex\b.*", "", normalise(city))


class Place(NamedTuple):
    """The commune of a line, and how far outside its contour or box the point lies."""

    commune: Commune
    metres_outside: int = 0


class PlaceError(Exception):
    """No commune for this line; a French reason, and what differs from line to line."""

    def __init__(self, reason: str, detail: str = ""):
        super().__init__(reason)
        self.reason, self.detail = reason, detail


class _Known(NamedTuple):
    pk: int
    insee_code: str
    name: str
    postcodes: tuple[str, ...]
    box: Box | None


NEARBY_KM = 40.0


class CommuneNames:
    """The names of all communes of the database, read at the first question."""

    def __init__(self):
        self._places: dict[str, list[tuple[int, str, Point | None]]] = {}

    def near(self, name: str, commune: Commune) -> bool:
        """Whether a normalised name is that of another commune of the department, or nearby."""
        if not self._places:
            rows = Commune.objects.order_by().values_list(
                "pk", "name", "department", "latitude", "longitude"
            )
            for pk, known, department, latitude, longitude in rows.iterator():
                point = _centre(latitude, longitude)
                self._places.setdefault(normalise(known), []).append((pk, department, point))
        here = _centre(commune.latitude, commune.longitude)
        return any(
            pk != commune.pk
            and (
                department == commune.department
                or bool(here and point and here.distance_km(point) <= NEARBY_KM)
            )
            for pk, department, point in self._places.get(name, ())
        )


def _centre(latitude: float | None, longitude: float | None) -> Point | None:
    return None if latitude is None or longitude is None else Point(latitude, longitude)


class Forced:
    """Every line belongs to one commune, unless its point or its words say otherwise."""

    def __init__(self, commune: Commune):
        self.commune = commune
        self.names = CommuneNames()
        self._outline = Outline(commune.contour) if commune.contour else None

    def _km_outside(self, point: Point) -> float:
        if self._outline and self._outline.contains(point):
            return 0.0
        return km_outside(self.commune.contour, self.commune.box, point)

    def commune_of(
        self, point: Point | None, *, insee_code: str, postcode: str, city: str
    ) -> Place:
        """The commune. Raises PlaceError where the point lies too far outside, or where the
        line names another commune, whatever its point."""
        commune = self.commune
        outside = f"Hors de la commune ({commune.name})"
        distance = 0.0 if point is None else self._km_outside(point)
        if distance > TOLERANCE_KM:
            raise PlaceError(outside, f"à {_km(distance)} de ses limites")
        if insee_code:
            if whole_city(insee_code) != commune.insee_code:
                raise PlaceError(outside, f"code INSEE {insee_code}")
        elif self._is_elsewhere(postcode, city, None if point is None else distance):
            words = f"code postal {postcode}" if postcode else ""
            raise PlaceError(outside, f"{words} {city}".strip())
        return Place(commune, round(distance * 1000))

    def _is_elsewhere(self, postcode: str, city: str, distance: float | None) -> bool:
        """Whether postcode and city name another commune.

        A postcode alone may be a CEDEX code, or misspelt: a point inside the contour, or the
        commune's own name beside a point, speaks against it.
        """
        name, here = _city_name(city), normalise(self.commune.name)
        if name and name != here and self.names.near(name, self.commune):
            return True
        is_here = bool(name) and (f"{name} ".startswith(f"{here} ") or here.startswith(f"{name} "))
        posts = self.commune.postcodes
        if not (postcode and posts):
            # A quarter's name, perhaps; but not where the point is outside, too.
            return bool(name) and not is_here and bool(distance)
        if postcode in posts or _is_post_of(postcode, self.commune.insee_code):
            return False
        if is_here:
            return distance is None and name == normalise(city)
        return bool(name) or distance != 0


class Everywhere:
    """Any commune of the database. Reads the facts of all once, contours cell by cell."""

    def __init__(self):
        self.names = CommuneNames()
        self._cells: dict[tuple[int, int], list[_Known]] = defaultdict(list)
        self._by_code: dict[str, _Known] = {}
        self._by_postcode: dict[str, list[_Known]] = defaultdict(list)
        self._communes: dict[int, Commune] = {}
        self._contours: dict[tuple[int, int], dict[int, dict]] = {}
        rows = Commune.objects.order_by("insee_code")
        for pk, code, name, postcodes, bbox in rows.values_list(
            "pk", "insee_code", "name", "postcodes", "bbox"
        ):
            if whole_city(code) != code:
                continue
            known = _Known(
                pk, code, normalise(name), tuple(postcodes), Box(*bbox) if bbox else None
            )
            self._by_code[code] = known
            for postcode in postcodes:
                self._by_postcode[postcode].append(known)
            for cell in _cells_of(known.box):
                self._cells[cell].append(known)

    def commune_of(
        self, point: Point | None, *, insee_code: str, postcode: str, city: str
    ) -> Place:
        """The commune: by contour; else by box, with code, postcode or name; else without point.

        Raises PlaceError where none or several are possible.
        """
        insee_code = whole_city(insee_code)
        for posts, city_code in _ARRONDISSEMENT_POSTCODES:
            if not insee_code and posts.match(postcode):
                insee_code = city_code
        if point is not None:
            return self._at(point, insee_code, postcode, city)
        if not (insee_code or postcode):
            raise PlaceError("Ni position, ni code INSEE, ni code postal")
        known = self._by_code.get(insee_code)
        candidates = [known] if known else self._by_postcode.get(postcode, [])
        words = f"code postal {postcode}, ville «\u00a0{city}\u00a0»"
        known = self._named(candidates, insee_code if known else "", postcode, city, words)
        return Place(self._commune(known))

    def _at(self, point: Point, insee_code: str, postcode: str, city: str) -> Place:
        cell = (math.floor(point.longitude / CELL), math.floor(point.latitude / CELL))
        near = [known for known in self._cells.get(cell, ()) if _in_box(known.box, point)]
        contours = self._contours_of(cell) if near else {}
        for known in near:
            contour = contours.get(known.pk)
            if contour and known.box.holds(point) and contains(contour, point):
                return Place(self._commune(known))
        # Without a contour around the point, boxes are too coarse to decide alone: of communes
        # that lie at most TOLERANCE_KM away, the line must name one.
        near = [
            known
            for known in near
            if km_outside(contours.get(known.pk), known.box, point) <= TOLERANCE_KM
        ]
        by_code = self._by_code.get(insee_code)
        for known in (by_code,) if by_code else self._by_postcode.get(postcode, ()):
            if known.box is None:
                near.append(known)
        words = f"position {point.latitude:.5f}, {point.longitude:.5f}"
        if near and not (insee_code or postcode or city):
            raise PlaceError("Commune incertaine\u00a0: ni contour, ni code, ni ville", words)
        known = self._named(near, insee_code, postcode, city, words)
        distance = km_outside(contours.get(known.pk), known.box, point)
        return Place(self._commune(known), round(distance * 1000))

    def _named(
        self, candidates: list[_Known], insee_code: str, postcode: str, city: str, words: str
    ) -> _Known:
        """The one that the line names: by its code, else its postcode, else its city."""
        name = normalise(city)
        if insee_code:
            candidates = [known for known in candidates if known.insee_code == insee_code]
        elif postcode:
            candidates = [known for known in candidates if postcode in known.postcodes]
            if len(candidates) > 1:
                candidates = [k for k in candidates if k.name == name] or candidates
        else:
            candidates = [known for known in candidates if known.name == name]
        if not candidates:
            raise PlaceError("Aucune commune connue à cet endroit", words)
        if len(candidates) > 1:
            raise PlaceError("Plusieurs communes possibles", words)
        return candidates[0]

    def _commune(self, known: _Known) -> Commune:
        if known.pk not in self._communes:
            self._communes[known.pk] = Commune.objects.defer("contour").get(pk=known.pk)
        return self._communes[known.pk]

    def _contours_of(self, cell: tuple[int, int]) -> dict[int, dict]:
        """The contours of the communes that touch a cell; those of the last cells are kept."""
        if cell not in self._contours:
            if len(self._contours) >= CELLS_KEPT:
                self._contours.pop(next(iter(self._contours)))
            keys = [known.pk for known in self._cells[cell]]
            rows = Commune.objects.filter(pk__in=keys, contour__isnull=False)
            self._contours[cell] = dict(rows.values_list("pk", "contour"))
        return self._contours[cell]


def km_outside(contour: dict | None, box: Box | None, point: Point) -> float:
    """How far the point lies outside a contour, or else a box; 0 where neither is known."""
    if contour:
        if contains(contour, point):
            return 0.0
        return min(_km_to_segment(point, a, b) for a, b in _segments(contour))
    if box is None:
        return 0.0
    nearest = Point(
        min(max(point.latitude, box.south), box.north),
        min(max(point.longitude, box.west), box.east),
    )
    return point.distance_km(nearest)


def _segments(geometry: dict) -> Iterator[tuple[list[float], list[float]]]:
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    for polygon in polygons:
        for ring in polygon:
            yield from pairwise(ring)


def _km_to_segment(point: Point, a: list[float], b: list[float]) -> float:
    """On the plane tangent at the point, as in `merchants.geo`."""
    scale = math.cos(math.radians(point.latitude))
    ax, ay = (a[0] - point.longitude) * scale, a[1] - point.latitude
    bx, by = (b[0] - point.longitude) * scale, b[1] - point.latitude
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = min(max(-(ax * dx + ay * dy) / length, 0), 1) if length else 0
    return math.hypot(ax + along * dx, ay + along * dy) * KM_PER_DEGREE


MARGIN = 0.02  # degrees; more than TOLERANCE_KM anywhere in France


def _cells_of(box: Box | None) -> Iterator[tuple[int, int]]:
    if box is None:
        return
    west, south = (math.floor((side - MARGIN) / CELL) for side in box[:2])
    east, north = (math.floor((side + MARGIN) / CELL) for side in box[2:])
    for x in range(west, east + 1):
        for y in range(south, north + 1):
            yield x, y


def _in_box(box: Box, point: Point) -> bool:
    west, south, east, north = box
    return (
        west - MARGIN <= point.longitude <= east + MARGIN
        and south - MARGIN <= point.latitude <= north + MARGIN
    )


def _km(distance: float) -> str:
    return f"{distance:.1f}".replace(".", ",") + "\u00a0km"
