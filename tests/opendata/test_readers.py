import json

import pytest

from merchants.opendata.files import ImportFileError
from merchants.opendata.readers import SourceRow, open_shops


def rows(path, **options) -> list[SourceRow]:
    return list(open_shops(path, **options).rows)


def feature(**properties):
    geometry = {"type": "Point", "coordinates": [2.2, 48.8]}
    return {"type": "Feature", "id": "node/1", "properties": properties, "geometry": geometry}


@pytest.fixture
def geojson(tmp_path):
    def geojson(*features):
        path = tmp_path / "osm.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return path

    return geojson


class TestGeoJson:
    def test_a_feature(self, geojson):
        file = open_shops(geojson(feature(name="Épi", shop="bakery", level=0)))
        assert (file.format, file.source) == ("osm-geojson", "osm")
        values = {"name": "Épi", "shop": "bakery", "level": "0", "lat": "48.8", "lon": "2.2"}
        assert list(file.rows) == [SourceRow(1, "node/1", values)]

    def test_a_way_has_a_middle(self, geojson):
        square = [[[2.0, 48.0], [2.2, 48.0], [2.2, 48.2], [2.0, 48.2], [2.0, 48.0]]]
        way = feature() | {"geometry": {"type": "Polygon", "coordinates": square}}
        values = rows(geojson(way))[0].values
        assert (float(values["lat"]), float(values["lon"])) == pytest.approx((48.1, 2.1))

    @pytest.mark.parametrize(
        "dirt",
        [
            None,
            "x",
            {},
            {"properties": [], "geometry": {}},
            {"properties": None, "geometry": {"type": "Point", "coordinates": ["a"]}},
            {"geometry": {"type": "Polygon", "coordinates": []}},
        ],
    )
    def test_dirt_does_not_lose_the_rest(self, geojson, dirt):
        found = rows(geojson(dirt, feature(name="Épi")))
        assert len(found) == 2
        assert found[1].values["name"] == "Épi"

    @pytest.mark.parametrize("content", ["{", "[]", "{}", '{"features": 3}'])
    def test_what_is_no_collection_is_refused(self, tmp_path, content):
        path = tmp_path / "a.geojson"
        path.write_text(content)
        with pytest.raises(ImportFileError, match="collection GeoJSON"):
            open_shops(path)


@pytest.mark.parametrize(
    ("header", "row", "format", "source", "source_id"),
    [
        (
            "osm_id,name,category_key,category_value",
            "node/5,A,shop,bakery",
            "osm-csv",
            "osm",
            "node/5",
        ),
        ("recordid;nom_du_commerce;adresse", "abc;A;1 rue X", "paris-2020", "paris-2020", "abc"),
        ("id,nom,activite,voie", "8918,A,,rue X", "acceslibre", "acceslibre", "8918"),
        ("nom;rue", "A;rue X", "csv", "csv:a", ""),
    ],
)
def test_each_csv_tells_what_it_is(tmp_path, header, row, format, source, source_id):
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n{row}\n")
    file = open_shops(path)
    assert (file.format, file.source) == (format, source)
    assert [found.source_id for found in file.rows] == [source_id]


def test_the_wrong_format_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("nom\nA\n")
    with pytest.raises(ImportFileError, match="colonnes absentes\u00a0: nom_du_commerce, recordid"):
        open_shops(path, format="paris-2020")


class TestPlainCsv:
    def test_titles_are_forgiven(self, tmp_path):
        path = tmp_path / "Mes commerces 2026.csv"
        path.write_text(
            "Enseigne;Catégorie;Code Postal;Tél.;Mobile;Lat;Truc\nA;Bar;92150;01;06;48,8;?\n"
        )
        file = open_shops(path)
        assert file.source == "csv:mes-commerces-2026"
        assert file.remarks == ("Colonnes non reprises\u00a0: Truc.",)
        assert next(iter(file.rows)).values == {
            "nom": "A",
            "categorie": "Bar",
            "code_postal": "92150",
            "telephone": "01 ; 06",
            "latitude": "48,8",
        }

    def test_the_source_can_be_named(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("nom\nA\n")
        assert open_shops(path, source="Mairie").source == "csv:mairie"

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [("rue\nx\n", "pas de colonne «\u00a0nom\u00a0»"), ("nom\n", "aucune ligne")],
    )
    def test_no_name_or_no_line(self, tmp_path, content, sentence):
        path = tmp_path / "a.csv"
        path.write_text(content)
        with pytest.raises(ImportFileError, match=sentence):
            open_shops(path)
