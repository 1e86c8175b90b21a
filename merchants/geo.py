"""Plain geometry on WGS 84 longitudes and latitudes, in degrees; no GIS library.

Good for the size of a commune or a canton: distances on a plane tangent at the centre are off by
less than 0.2 % within 50 km.
"""

import math
from typing import Any, NamedTuple

KM_PER_DEGREE = 111.195


class Point(NamedTuple):
    latitude: float
    longitude: float

    @classmethod
    def parse(cls, text: str) -> "Point":
        """Reads "48.87,2.17" (latitude first). ValueError outside the globe or not two numbers."""
        latitude, longitude = (float(part) for part in text.split(","))
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            raise ValueError(f"not on the globe: {text}")
        return cls(latitude, longitude)

    def distance_km(self, other: "Point") -> float:
        east = (other.longitude - self.longitude) * math.cos(math.radians(self.latitude))
        return math.hypot(other.latitude - self.latitude, east) * KM_PER_DEGREE


class Box(NamedTuple):
    west: float
    south: float
    east: float
    north: float

    @classmethod
    def parse(cls, text: str) -> "Box":
        """Reads "west,south,east,north". ValueError where it is not a box on the globe."""
        west, south, east, north = (float(part) for part in text.split(","))
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValueError(f"not a box on the globe: {text}")
        return cls(west, south, east, north)

    @classmethod
    def around(cls, point: Point, radius_km: float) -> "Box":
        """The box that holds the circle of that radius."""
        dlat = radius_km / KM_PER_DEGREE
        dlon = dlat / max(math.cos(math.radians(point.latitude)), 0.01)
        return cls(
            point.longitude - dlon, point.latitude - dlat,
            point.longitude + dlon, point.latitude + dlat,
        )  # fmt: skip

    def holds(self, point: Point) -> bool:
        return (
            self.west <= point.longitude <= self.east and self.south <= point.latitude <= self.north
        )


def contains(geometry: dict[str, Any], point: Point) -> bool:
    """Whether a GeoJSON Polygon or MultiPolygon (RFC 7946) holds the point, holes left out.

    Even-odd rule: a ray from the point crosses the rings of the polygon an odd number of times.
    """
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    return any(sum(_crossings(ring, point) for ring in polygon) % 2 == 1 for polygon in polygons)


class Outline:
    """A geometry that is asked about many points: `contains`, without looking at every side."""

    BANDS = 256

    def __init__(self, geometry: dict[str, Any]):
        box = box_of(geometry)
        self._south, self._north = box.south, box.north
        self._height = (box.north - box.south) / self.BANDS or 1.0
        polygons = geometry["coordinates"]
        if geometry["type"] == "Polygon":
            polygons = [polygons]
        # Of each band of latitude, the sides that a ray in it may cross, apart by polygon.
        self._bands: list[dict[int, list[tuple[float, float, float, float]]]] = [
            {} for _band in range(self.BANDS)
        ]
        for number, polygon in enumerate(polygons):
            for ring in polygon:
                x1, y1 = ring[-1][:2]
                for x2, y2, *_ in ring:
                    first, last = sorted((self._band(y1), self._band(y2)))
                    for band in range(first, last + 1):
                        self._bands[band].setdefault(number, []).append((x1, y1, x2, y2))
                    x1, y1 = x2, y2

    def _band(self, latitude: float) -> int:
        return min(max(int((latitude - self._south) / self._height), 0), self.BANDS - 1)

    def contains(self, point: Point) -> bool:
        """As the function of that name says."""
        y, x = point
        if not self._south <= y <= self._north:
            return False
        return any(
            sum(
                (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
                for x1, y1, x2, y2 in sides
            )
            % 2
            == 1
            for sides in self._bands[self._band(y)].values()
        )


def box_of(geometry: dict[str, Any]) -> Box:
    """The smallest box around a GeoJSON Polygon or MultiPolygon."""
    positions = list(_positions(geometry["coordinates"]))
    longitudes, latitudes = [p[0] for p in positions], [p[1] for p in positions]
    return Box(min(longitudes), min(latitudes), max(longitudes), max(latitudes))


def _crossings(ring: list[list[float]], point: Point) -> int:
    x, y = point.longitude, point.latitude
    crossings = 0
    x1, y1 = ring[-1][:2]
    for x2, y2, *_ in ring:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
        x1, y1 = x2, y2
    return crossings


def _positions(coordinates):
    if isinstance(coordinates[0], int | float):
        yield coordinates
    else:
        for part in coordinates:
            yield from _positions(part)
