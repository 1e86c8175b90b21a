"""Our client against a real addok with 145 real streets: the scores behind WEAK_SCORE."""

from dataclasses import dataclass

import pytest

from merchants.geo import Point
from merchants.geocoding import HOUSE_NUMBER, STREET, Geocoder, GeocoderError, best
from merchants.placing import Address, ask
from tests import addok

pytestmark = pytest.mark.addok

COURBEVOIE = "92026"


@dataclass
class Commune:
    insee_code: str = COURBEVOIE

    def holds(self, point: Point) -> bool | None:
        return None


@pytest.fixture(scope="module")
def geocoder(shared_data):
    if addok.missing():
        pytest.skip(addok.missing())
    with addok.running(shared_data / "ban" / "addok-courbevoie.ndjson.gz") as url:
        yield Geocoder(url)


def find(geocoder, address: str, commune: str = COURBEVOIE):
    places = geocoder.search(address, postcode="92400", city="Courbevoie", commune_code=commune)
    return best(places, Commune())


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("39 avenue de la République", "39 Avenue de la République"),
        ("39, av. de la republique", "39 Avenue de la République"),
        ("42 BD DE LA PAIX 92400 COURBEVOIE CEDEX", "42 Boulevard de la Paix"),
        ("30 boulevard de la mission marchant", "30 Boulevard de la Mission Marchand"),
        ("5 PL CHARRAS", "5 Place Charras"),
        ("17 quai du Président Paul Doumer", "17 Quai du Président Paul Doumer"),
    ],
)
def test_finds_what_people_write(geocoder, written, label):
    place, weak = find(geocoder, written)
    assert (place.label, place.precision) == (f"{label} 92400 Courbevoie", HOUSE_NUMBER)
    assert not weak


@pytest.mark.parametrize(
    ("written", "precision"),
    [
        ("39 rue de la République", HOUSE_NUMBER),  # It is an avenue.
        ("15 rue Marceau", HOUSE_NUMBER),
        ("11 parvis de la Défense", HOUSE_NUMBER),  # It is a place.
        ("17 quai Paul Doumer", HOUSE_NUMBER),  # Right, but for two words.
        ("999 place Charras", STREET),
        ("1 ter avenue Marceau", STREET),
        ("avenue de la République", STREET),
        ("zone artisanale des Fontaines", STREET),
    ],
)
def test_asks_where_it_is_not_sure(geocoder, written, precision):
    place, weak = find(geocoder, written)
    assert place.precision == precision
    assert weak


class TestAsk:
    """What a form makes of it."""

    def test_certain(self, geocoder):
        address = Address("39", "av. de la République").in_town("Courbevoie", ["92400"])
        came = ask(geocoder, address, Commune())
        assert came.place.label == "39 Avenue de la République 92400 Courbevoie"

    def test_candidates(self, geocoder):
        came = ask(
            geocoder, Address("39", "rue de la République", "92400", "Courbevoie"), Commune()
        )
        assert came.place is None
        assert came.candidates[0].label == "39 Avenue de la République 92400 Courbevoie"
        assert len(came.candidates) <= 5

    def test_elsewhere(self, geocoder):
        address = Address("39", "avenue de la République", "92400", "Courbevoie")
        came = ask(geocoder, address, Commune("92073"))
        assert (came.place, came.candidates) == (None, ())
        assert came.elsewhere.city == "Courbevoie"


def test_another_commune(geocoder):
    assert find(geocoder, "39 avenue de la République", "92073") == (None, False)
    places = geocoder.search("39 avenue de la République", postcode="92400")
    assert places
    assert best(places, Commune("92073")) == (None, False)


def test_nothing_like_it(geocoder):
    place, weak = find(geocoder, "zzzzzz qqqqqq")
    assert place is None or weak


def test_completion(geocoder):
    places = geocoder.complete("bd de la mis", commune_code=COURBEVOIE)
    assert places[0].street == "Boulevard de la Mission Marchand"
    streets = {place.street for place in geocoder.complete("pl char", near=Point(48.9, 2.25))}
    assert {"Place Charras", "Place Charles de Gaulle"} <= streets


def test_the_way_back(geocoder):
    (place,) = geocoder.reverse(Point(48.8968, 2.2405))
    assert place.label == "20 Boulevard de la Mission Marchand 92400 Courbevoie"
    assert place.point.distance_km(Point(48.8968, 2.2405)) < 0.02


def test_a_point_off_the_globe_is_refused(geocoder):
    with pytest.raises(GeocoderError, match="a refusé la demande"):
        geocoder.reverse(Point(95.0, 2.24))


def test_a_question_that_is_too_long_for_the_server_is_cut(geocoder):
    assert geocoder.search("rue de la Paix " * 100, commune_code=COURBEVOIE) is not None
