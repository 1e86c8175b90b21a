import json

import osmium
import pytest
from osmium.osm.mutable import Node, Relation, Way

from merchants.opendata.files import ImportFileError
from merchants.opendata.readers import SourceRow, open_shops
from tests.factories import make_category

NODES = {1: (2.20, 48.86), 2: (2.21, 48.86), 3: (2.21, 48.88), 4: (2.20, 48.88)}


@pytest.fixture(autouse=True)
def categories(db):
    make_category("Boulangerie", osm_tags=["shop=bakery"])
    make_category("Restaurant", osm_tags=["amenity=restaurant"])


@pytest.fixture(params=["osm", "osm.pbf"])
def extract(request, tmp_path):
    """`extract(...)` is a file with those objects and four points around them."""

    def extract(*things):
        path = tmp_path / f"ville.{request.param}"
        with osmium.SimpleWriter(path) as writer:
            for number, place in NODES.items():
                writer.add(Node(id=number, location=place, version=1))
            for thing in things:
                writer.add(thing)
        return path

    return extract


def node(number: int, **tags: str) -> Node:
    return Node(id=number, location=(2.2, 48.8), tags=tags, version=1)


def rows(path) -> list[SourceRow]:
    return list(open_shops(path).rows)


def test_a_shop_with_its_point(extract):
    file = open_shops(extract(node(10, shop="bakery", name="Épi d’or ")))
    assert (file.format, file.source, file.total) == ("osm", "osm", 1)
    values = {"shop": "bakery", "name": "Épi d’or", "lat": "48.8", "lon": "2.2"}
    assert list(file.rows) == [SourceRow(1, "node/10", values)]


def test_an_outline_has_a_middle(extract):
    tags = {"shop": "mall"}
    found = rows(
        extract(
            Way(id=20, nodes=[1, 2, 3, 4, 1], tags=tags, version=1),
            Way(id=21, nodes=[1, 3], tags=tags, version=1),
            Relation(
                id=30,
                members=[("w", 20, "outer")],
                tags=tags | {"type": "multipolygon"},
                version=1,
            ),
        )
    )
    assert {row.source_id for row in found} == {"way/20", "way/21", "relation/30"}
    for row in found:
        middle = float(row.values["lat"]), float(row.values["lon"])
        assert middle == pytest.approx((48.87, 2.205))


def test_what_a_town_would_not_list_is_no_line(extract):
    found = rows(
        extract(
            node(10, amenity="bench"),
            node(11, amenity="place_of_worship", name="Saint-Leufroy"),
            node(12, highway="bus_stop", name="Mairie"),
            node(13, amenity="restaurant;bar", name="Chez Léon"),
            node(14, shop="zeppelin"),
            node(15, craft="caterer"),
        )
    )
    assert [row.source_id for row in found] == ["node/13", "node/14", "node/15"]


def test_an_outline_whose_points_are_missing_is_no_line(extract):
    found = rows(
        extract(
            Way(id=20, nodes=[97, 98, 99], tags={"shop": "bakery"}, version=1),
            node(10, shop="bakery"),
        )
    )
    assert [row.source_id for row in found] == ["node/10"]


def test_an_extract_without_shops_is_refused(extract):
    with pytest.raises(ImportFileError, match=r"ne contient aucun commerce\.$"):
        open_shops(extract(node(10, amenity="bench")))


@pytest.mark.parametrize("part", [0.5, 0.9])
def test_half_an_extract_is_refused(extract, part):
    path = extract(*(node(number, shop="bakery", name=f"N° {number}") for number in range(10, 60)))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    with pytest.raises(ImportFileError, match=r"n’est pas un extrait d’OpenStreetMap lisible\.$"):
        open_shops(path)


def test_entities_are_not_expanded(tmp_path):
    path = tmp_path / "bombe.osm"
    entities = '<!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    tag = '<node id="1" lat="48.8" lon="2.2"><tag k="shop" v="&b;"/></node>'
    path.write_text(f'{entities}<osm version="0.6">{tag}</osm>')
    with pytest.raises(ImportFileError, match="lisible"):
        open_shops(path)


class TestOverpass:
    """https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL#Output_Format_(out:json)"""

    @pytest.fixture
    def answer(self, tmp_path):
        def answer(*elements) -> list[SourceRow]:
            path = tmp_path / "export.json"
            path.write_text(json.dumps({"version": 0.6, "elements": elements}))
            file = open_shops(path)
            rows = list(file.rows)
            assert (file.format, file.total) == ("osm-geojson", len(rows))
            return rows

        return answer

    @pytest.mark.parametrize(
        "where",
        [
            {"lat": 48.87, "lon": 2.2},
            {"center": {"lat": 48.87, "lon": 2.2}},
            {"bounds": {"minlat": 48.86, "minlon": 2.1, "maxlat": 48.88, "maxlon": 2.3}},
        ],
    )
    def test_an_element_has_a_point(self, answer, where):
        [row] = answer({"type": "way", "id": 7, "tags": {"shop": "bakery"}} | where)
        assert (row.source_id, row.values["shop"]) == ("way/7", "bakery")
        point = float(row.values["lat"]), float(row.values["lon"])
        assert point == pytest.approx((48.87, 2.2))

    def test_points_of_outlines_are_no_lines(self, answer):
        [row] = answer(
            {"type": "way", "id": 7, "nodes": [8], "tags": {"shop": "bakery"}},
            {"type": "node", "id": 8, "lat": 48.87, "lon": 2.2},
        )
        assert (row.source_id, row.values["lat"]) == ("way/7", "")

    def test_dirt_does_not_lose_the_rest(self, answer):
        found = answer(
            {"tags": {"shop": "bakery"}, "bounds": {"minlat": "x"}},
            {"tags": {"shop": "bakery"}},
            {"type": "node", "id": 8, "lat": 48.87, "lon": 2.2, "tags": {"shop": "bakery"}},
        )
        assert [row.values["lat"] for row in found] == ["", "", "48.87"]

    @pytest.mark.parametrize("elements", [3, [3], [None]])
    def test_dirt_is_refused(self, tmp_path, elements):
        path = tmp_path / "export.json"
        path.write_text(json.dumps({"elements": elements}))
        with pytest.raises(ImportFileError, match="pas une collection GeoJSON valable"):
            list(open_shops(path).rows)
