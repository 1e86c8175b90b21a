import random

import pytest
from geopy.distance import geodesic

from merchants.geo import Box, Outline, Point, box_of, contains

# A square with a square hole, and an island beside it.
SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
HOLE = [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]]
ISLAND = [[20, 0], [21, 0], [21, 1], [20, 1], [20, 0]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE, HOLE]}
MULTI = {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [ISLAND]]}


@pytest.mark.parametrize(
    ("longitude", "latitude", "inside"),
    [(1, 1, True), (5, 5, False), (11, 5, False), (5, 9.99, True), (-0.1, 5, False)],
)
def test_contains_leaves_holes_out(longitude, latitude, inside):
    assert contains(POLYGON, Point(latitude, longitude)) is inside
    assert contains(MULTI, Point(latitude, longitude)) is inside


def test_contains_every_part_of_a_multipolygon():
    assert contains(MULTI, Point(0.5, 20.5))
    assert not contains(POLYGON, Point(0.5, 20.5))


def test_an_outline_says_the_same_of_any_point():
    rng = random.Random(1)
    star = [[rng.uniform(0, 10), rng.uniform(0, 10)] for _corner in range(40)]
    star.append(star[0])
    corners = [Point(y, x) for x, y in [*SQUARE, *HOLE, *ISLAND, *star]]
    points = [Point(rng.uniform(-1, 11), rng.uniform(-1, 22)) for _point in range(2000)]
    for shape in (POLYGON, MULTI, {"type": "Polygon", "coordinates": [star]}):
        outline = Outline(shape)
        assert all(outline.contains(p) is contains(shape, p) for p in [*points, *corners])


def test_box_of():
    assert box_of(MULTI) == Box(0, 0, 21, 10)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((48.87, 2.22), (48.90, 2.25)),
        ((50.67, 3.10), (50.30, 3.40)),
        ((-21.1, 55.5), (-21.2, 55.3)),
    ],
)
def test_distance_is_close_to_the_ellipsoid(one, other):
    measured = Point(*one).distance_km(Point(*other))
    assert measured == pytest.approx(geodesic(one, other).km, rel=0.005)


@pytest.mark.parametrize(
    "text", ["", "48.8", "48.8;2.2", "91,2", "48,181", "nan,2", "a,b", "1,2,3"]
)
def test_point_refuses(text):
    with pytest.raises(ValueError):
        Point.parse(text)


def test_point_reads_latitude_first():
    assert Point.parse("48.87, 2.17") == Point(48.87, 2.17)


@pytest.mark.parametrize("text", ["", "1,2,3", "3,0,2,1", "0,3,1,2", "inf,0,1,1", "x,0,1,1"])
def test_box_refuses(text):
    with pytest.raises(ValueError):
        Box.parse(text)


def test_box_around_holds_the_circle():
    centre = Point(48.87, 2.22)
    box = Box.around(centre, 5)
    assert box.holds(centre)
    assert Point(box.north, centre.longitude).distance_km(centre) == pytest.approx(5)
    assert centre.distance_km(Point(centre.latitude, box.east)) == pytest.approx(5, rel=0.001)
