"""The client of the geocoder, against answers that an addok server really gave.

`tests/leaves/test_addok.py` asks a real one, where it is installed.
"""

from dataclasses import dataclass, replace

import pytest

from merchants.geo import Point
from merchants.geocoding import (
    HOUSE_NUMBER,
    LOCALITY,
    MUNICIPALITY,
    STREET,
    WEAK_SCORE,
    Geocoder,
    GeocoderError,
    Place,
    best,
)
from merchants.models.shop import LocationPrecision


def feature(longitude: float, latitude: float, **properties) -> dict:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": properties,
    }


NUMBER = feature(
    2.248567, 48.900654,
    label="39 Avenue de la République 92400 Courbevoie", score=0.9363636363636363,
    housenumber="39", id="92026_8185_39", type="housenumber",
    name="39 Avenue de la République", postcode="92400", citycode="92026", city="Courbevoie",
    context="92, Hauts-de-Seine, Île-de-France", importance=0.3,
    street="Avenue de la République",
)  # fmt: skip
WAY = feature(
    2.24021, 48.897964,
    label="Boulevard de la Mission Marchand 92400 Courbevoie", score=0.674, id="92026_0028",
    type="street", name="Boulevard de la Mission Marchand", postcode="92400", citycode="92026",
    city="Courbevoie", context="92, Hauts-de-Seine, Île-de-France", importance=0.3,
)  # fmt: skip
TOWN = feature(
    2.2557, 48.89841,
    label="Courbevoie", score=0.9545, id="92026", type="municipality", name="Courbevoie",
    postcode="92400", citycode="92026", population=82902, city="Courbevoie", context="92",
    importance=0.5,
)  # fmt: skip
HAMLET = feature(
    -0.52, 47.3,
    label="12 Les Landes 53000 Laval", score=0.8, id="53130_1_12", type="housenumber",
    housenumber="12", name="12 Les Landes", postcode="53000", citycode="53130", city="Laval",
    locality="Les Landes",
)  # fmt: skip
PARIS = feature(
    2.3522, 48.8566,
    label="1 Place de l’Hôtel de Ville 75004 Paris", score=0.97, type="housenumber",
    housenumber="1", name="1 Place de l’Hôtel de Ville", postcode="75004", citycode="75104",
    city="Paris", district="Paris 4e Arrondissement", street="Place de l’Hôtel de Ville",
)  # fmt: skip
PARCEL = feature(2.2, 48.9, id="92026000AB0001", type="parcel", score=1)


def answer(*features: dict) -> dict:
    return {
        "type": "FeatureCollection",
        "version": "draft",
        "features": list(features),
        "attribution": "BAN",
        "licence": "ETALAB-2.0",
        "query": "…",
        "limit": 5,
    }


@pytest.fixture
def geocoder(service) -> Geocoder:
    """Behind a path, as on the Géoplateforme."""
    service.body = answer(NUMBER, WAY)
    return Geocoder(f"{service.url}/geocodage/", timeout=0.5)


class TestWhatIsAsked:
    def test_a_whole_address(self, geocoder, service):
        geocoder.search(
            "39, av. de la République", postcode="92400", city="Courbevoie", commune_code="92026",
            near=Point(48.9, 2.25), limit=3,
        )  # fmt: skip
        assert service.asked == [
            (
                "/geocodage/search",
                {
                    "q": "39, avenue de la République 92400 Courbevoie",
                    "limit": "3",
                    "autocomplete": "0",
                    "citycode": "92026",
                },
            )
        ]
        assert service.agents == ["commerce-local"]

    def test_what_the_address_holds_is_not_said_twice(self, geocoder, service):
        geocoder.search(
            "42 bd de la Paix, 92400 COURBEVOIE cedex 2", postcode="92400", city="Courbevoie"
        )
        ((_path, asked),) = service.asked
        assert asked["q"] == "42 boulevard de la Paix, 92400 COURBEVOIE"
        assert asked["postcode"] == "92400"

    def test_a_city_of_arrondissements_has_no_code_of_its_own(self, geocoder, service):
        geocoder.search("1 rue de Rivoli", commune_code="75056", near=Point(48.85, 2.35))
        ((_path, asked),) = service.asked
        assert "citycode" not in asked
        assert (asked["lat"], asked["lon"]) == ("48.85", "2.35")

    def test_completion(self, geocoder, service):
        geocoder.complete("39 av rép", commune_code="92026", limit=8)
        assert service.asked == [
            (
                "/geocodage/search",
                {
                    "q": "39 avenue rép",
                    "limit": "8",
                    "autocomplete": "1",
                    "citycode": "92026",
                },
            )
        ]

    def test_the_way_back(self, geocoder, service):
        (place, _other) = geocoder.reverse(Point(48.9, 2.25))
        assert service.asked == [
            ("/geocodage/reverse", {"lat": "48.9", "lon": "2.25", "limit": "1"})
        ]
        assert place.house_number == "39"

    @pytest.mark.parametrize("text", ["", "  ", "ab", "!!", "…"])
    def test_a_short_question_is_not_asked(self, geocoder, service, text):
        assert geocoder.complete(text) == []
        assert service.asked == []

    def test_an_address_of_no_letter_is_not_asked(self, geocoder, service):
        assert geocoder.search("-", postcode="92400", city="Courbevoie") == []
        assert service.asked == []

    def test_a_question_begins_with_a_letter_and_is_cut(self, geocoder, service):
        geocoder.complete("« " + "x" * 500)
        assert service.asked[0][1]["q"] == "x" * 200


class TestWhatIsRead:
    def test_a_house_number(self, geocoder, service):
        service.body = answer(NUMBER)
        assert geocoder.search("39 avenue de la république") == [
            Place(
                label="39 Avenue de la République 92400 Courbevoie",
                house_number="39",
                street="Avenue de la République",
                postcode="92400",
                city="Courbevoie",
                commune_code="92026",
                point=Point(48.900654, 2.248567),
                precision="housenumber",
                score=0.9363636363636363,
            )
        ]

    @pytest.mark.parametrize(
        ("one", "precision", "number", "street"),
        [
            (WAY, STREET, "", "Boulevard de la Mission Marchand"),
            (TOWN, MUNICIPALITY, "", ""),
            (HAMLET, HOUSE_NUMBER, "12", "Les Landes"),
        ],
    )
    def test_other_kinds(self, geocoder, service, one, precision, number, street):
        service.body = answer(one)
        (place,) = geocoder.search("quelque part")
        assert (place.precision, place.house_number, place.street) == (precision, number, street)

    def test_an_arrondissement_is_the_city(self, geocoder, service):
        service.body = answer(PARIS)
        assert [place.commune_code for place in geocoder.search("place")] == ["75056"]

    def test_what_is_no_address_is_passed_over(self, geocoder, service):
        service.body = answer(PARCEL, WAY)
        assert len(geocoder.search("quelque part")) == 1

    def test_nothing_found(self, geocoder, service):
        service.body = answer()
        assert geocoder.search("zzzz") == []
        assert geocoder.reverse(Point(0, 0)) == []

    def test_precisions_are_those_of_a_shop(self):
        ours = {HOUSE_NUMBER, STREET, LOCALITY, MUNICIPALITY}
        assert ours == set(LocationPrecision.values) - {LocationPrecision.EXACT}


class TestBadHealth:
    @pytest.mark.parametrize(
        ("health", "status", "sentence"),
        [
            ("hangs", 200, "La base nationale des adresses met trop de temps à répondre"),
            ("drips", 200, "La base nationale des adresses met trop de temps à répondre"),
            ("cut off", 200, "La base nationale des adresses a donné une réponse illisible"),
            ("chunked", 200, "La base nationale des adresses a donné une réponse illisible"),
            ("well", 429, "La base nationale des adresses reçoit trop de demandes"),
            ("well", 503, "La base nationale des adresses est en panne"),
            ("well", 413, "La base nationale des adresses a refusé la demande"),
        ],
    )
    @pytest.mark.parametrize("method", ["search", "complete", "reverse"])
    def test_is_told_in_a_sentence(self, geocoder, service, health, status, sentence, method):
        service.health, service.status = health, status
        question = Point(48.9, 2.25) if method == "reverse" else "39 avenue"
        with pytest.raises(GeocoderError, match=sentence):
            getattr(geocoder, method)(question)

    @pytest.mark.parametrize(
        "body",
        [
            "<html>", [], {}, {"type": "FeatureCollection", "features": 1}, {"error": "?"},
            answer(1), answer({}), answer({"type": "Feature", "geometry": None, "properties": {}}),
            answer(feature(2.2, 148.9, type="street", label="?")),
            answer(feature(2.2, 48.9, type="street")),
            answer(feature("x", 48.9, type="street", label="?")),
        ],
    )  # fmt: skip
    def test_an_answer_of_another_shape(self, geocoder, service, body):
        service.body = body
        with pytest.raises(GeocoderError, match="une réponse"):
            geocoder.search("39 avenue de la république")

    def test_nobody_answers(self):
        with pytest.raises(GeocoderError, match="ne répond pas"):
            Geocoder("http://127.0.0.1:9").search("39 avenue de la république")


@dataclass
class Commune:
    insee_code: str = "92026"
    inside: bool | None = None

    def holds(self, point: Point) -> bool | None:
        return self.inside


PLACE = Place(
    label="39 Avenue de la République 92400 Courbevoie",
    house_number="39",
    street="Avenue de la République",
    commune_code="92026",
    point=Point(48.900654, 2.248567),
    precision=HOUSE_NUMBER,
    score=0.94,
)


class TestBest:
    def test_a_good_match(self):
        worse = replace(PLACE, label="39 Rue Hudri", score=0.6)
        assert best([worse, PLACE], Commune()) == (PLACE, False)

    def test_nothing_found(self):
        assert best([], Commune()) == (None, False)

    @pytest.mark.parametrize("inside", [None, False])
    def test_out_of_the_commune(self, inside):
        assert best([replace(PLACE, commune_code="92062")], Commune(inside=inside)) == (None, False)

    def test_another_code_inside_the_contour(self):
        """A merged commune whose addresses still carry the old code."""
        place = replace(PLACE, commune_code="92999")
        assert best([place], Commune(inside=True)) == (place, False)

    def test_a_place_outside_never_wins(self):
        inside = replace(PLACE, score=0.5)
        outside = replace(PLACE, commune_code="92062", score=1.0)
        assert best([outside, inside], Commune()) == (inside, True)

    @pytest.mark.parametrize("precision", [STREET, LOCALITY, MUNICIPALITY])
    def test_what_is_no_house_number_is_asked_about(self, precision):
        place = replace(PLACE, precision=precision, score=1.0)
        assert best([place], Commune()) == (place, True)

    @pytest.mark.parametrize(
        ("score", "weak"), [(WEAK_SCORE, False), (WEAK_SCORE - 0.01, True), (0.1, True)]
    )
    def test_a_weak_score_is_asked_about(self, score, weak):
        place = replace(PLACE, score=score)
        assert best([place], Commune()) == (place, weak)

    def test_two_places_alike_are_asked_about(self):
        far = replace(PLACE, point=Point(48.91, 2.25))
        assert best([PLACE, far], Commune()) == (PLACE, True)
        near = replace(PLACE, point=Point(48.9007, 2.2486))
        assert best([PLACE, near], Commune()) == (PLACE, False)
