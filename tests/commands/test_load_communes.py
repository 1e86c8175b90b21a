import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import CommandError

from merchants.geo import Point
from merchants.models import Commune

pytestmark = pytest.mark.django_db

SQUARE = {"type": "Polygon", "coordinates": [[[2.2, 48.8], [2.3, 48.8], [2.3, 48.9], [2.2, 48.8]]]}
SURESNES = {
    "nom": "Suresnes",
    "code": "92073",
    "codesPostaux": ["92150"],
    "codeDepartement": "92",
    "population": 49_311,
    "centre": {"type": "Point", "coordinates": [2.22, 48.87]},
    "mairie": {"type": "Point", "coordinates": [2.22, 48.87]},
}


@pytest.fixture
def write(tmp_path):
    def write(data, name: str = "communes.json"):
        path = tmp_path / name
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        return path

    return write


class TestFiles:
    def test_a_json_list_then_again(self, run, write):
        path = write([SURESNES])
        assert "1 créées, 0 mises à jour, 0 inchangées, 0 sans géométrie" in run(
            "load_communes", path
        )
        assert "0 créées, 0 mises à jour, 1 inchangées" in run("load_communes", path)
        commune = Commune.objects.get()
        assert (commune.slug, commune.postcodes, commune.department) == (
            "suresnes",
            ["92150"],
            "92",
        )
        assert commune.centre == Point(48.87, 2.22)

    def test_geojson_with_town_hall(self, run, write):
        hall = {"nom": "Mairie de Suresnes", "telephone": "01 41 18 19 20", "couleur": "rouge"}
        feature = {
            "type": "Feature",
            "properties": SURESNES | {"mairie": hall, "bbox": SQUARE},
            "geometry": SQUARE,
        }
        run("load_communes", write({"type": "FeatureCollection", "features": [feature]}))
        commune = Commune.objects.get()
        assert (commune.town_hall_name, commune.town_hall_phone) == (hall["nom"], "+33141181920")
        assert commune.accent_color == ""
        assert commune.contour == SQUARE

    def test_monaco_needs_no_department(self, run, write):
        run("load_communes", write({"code": "99138", "nom": "Monaco", "codesPostaux": ["98000"]}))
        assert Commune.objects.get().department == "99"

    def test_csv_and_contours_in_one_call(self, run, write):
        csv = write(
            "code_insee,nom,departement,codes_postaux,population,point_lon,point_lat\n"
            "92073,Suresnes,92,92150|92151,49311,2.22,48.87\n"
            "59009,Villeneuve,59,59491 59493,,,\n"
            "x,Nulle part,,,,,\n",
            "communes.csv",
        )
        shape = {"type": "Feature", "properties": {"code": "92073", "nom": "x"}, "geometry": SQUARE}
        other = shape | {"properties": {"code": "92074", "nom": "y"}}
        contours = write({"type": "FeatureCollection", "features": [shape, other]}, "c.geojson")
        said = run("load_communes", csv, contours)
        assert "2 créées, 0 mises à jour, 0 inchangées, 1 sans géométrie" in said
        assert "1 enregistrés, 0 inchangés, 1 de communes inconnues" in said
        assert "Lignes sans code INSEE ou sans nom : 1" in said
        communes = Commune.objects.in_bulk(field_name="insee_code")
        assert communes["92073"].contour == SQUARE
        assert communes["92073"].postcodes == ["92150", "92151"]
        assert communes["59009"].postcodes == ["59491", "59493"]

    def test_a_file_can_be_filtered(self, run, write):
        path = write([SURESNES, SURESNES | {"code": "53130", "codeDepartement": "53"}])
        run("load_communes", path, "--departement", "53")
        assert Commune.objects.get().insee_code == "53130"
        assert "Aucune commune" in run("load_communes", path, "--commune", "75056")

    @pytest.mark.parametrize(
        "dirt",
        [3, {"code": "x"}, {"code": "92001"}, {"code": "92001", "nom": 1, "population": "?"}],
    )
    def test_dirt_is_counted(self, run, write, dirt):
        said = run("load_communes", write([SURESNES, dirt]))
        assert "1 créées" in said
        assert ("illisibles" in said) == isinstance(dirt, dict)

    @pytest.mark.parametrize("data", ["{", "[]", "{}", "nom\nx\n"])
    @pytest.mark.parametrize("name", ["a.json", "a.csv"])
    def test_a_file_of_something_else(self, run, write, data, name):
        with pytest.raises(CommandError, match="Le fichier a"):
            run("load_communes", write(data, name))

    def test_nothing_asked(self, run):
        with pytest.raises(CommandError, match="Indiquez un fichier"):
            run("load_communes")


class _Api(BaseHTTPRequestHandler):
    """Speaks geo.api.gouv.fr's protocol for Suresnes and its department."""

    def do_GET(self):
        url = urlsplit(self.path)
        asked = parse_qs(url.query)["fields"][0].split(",")
        known = {key: value for key, value in SURESNES.items() if key in asked}
        answers = {
            "/communes/92073": (200, known),
            "/departements/92/communes": (200, [known]),
            "/departements/00/communes": (200, []),
            "/communes/99999": (404, {"code": 404}),
        }
        status, answer = answers.get(url.path, (503, "en panne"))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def api(settings):
    server = HTTPServer(("127.0.0.1", 0), _Api)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.GEO_API_URL = f"http://127.0.0.1:{server.server_port}/"
    yield
    server.shutdown()
    thread.join()
    server.server_close()


class TestLive:
    @pytest.mark.parametrize("options", [["--commune", "92073"], ["--departement", "92"]])
    def test_asks_for_what_is_needed(self, run, api, options):
        assert "1 créées" in run("load_communes", *options)
        assert Commune.objects.get().population == 49_311

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            (["--commune", "99999"], "ne connaît pas 99999"),
            (["--departement", "00"], "ne connaît pas 00"),
            (["--departement", "93"], r"par une erreur \(503\)"),
        ],
    )
    def test_what_it_does_not_know(self, run, api, options, sentence):
        with pytest.raises(CommandError, match=sentence):
            run("load_communes", *options)

    def test_nobody_answers(self, run, settings):
        settings.GEO_API_URL = "http://127.0.0.1:9"
        with pytest.raises(CommandError, match=r"geo\.api\.gouv\.fr ne répond pas"):
            run("load_communes", "--commune", "92073")


@pytest.mark.one_database
def test_all_the_communes_of_france(run, shared_data):
    folder = shared_data / "communes"
    files = [folder / "communes.csv", *sorted((folder / "contours").glob("*.geojson"))]
    said = run("load_communes", *files)
    assert "35014 créées, 0 mises à jour, 0 inchangées, 150 sans géométrie" in said
    assert "1427 enregistrés, 0 inchangés, 69 de communes inconnues" in said
    slugs = dict(Commune.objects.values_list("insee_code", "slug"))
    assert slugs["75056"] == "paris"
    assert slugs["93066"] == "saint-denis-93"
    assert slugs["97411"] == "saint-denis"
    assert Commune.objects.get(insee_code="53130").contour["type"] in {"Polygon", "MultiPolygon"}
