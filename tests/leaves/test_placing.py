"""From an address to a point: what is certain, what is asked about, what a choice brings back."""

from dataclasses import dataclass, replace

import pytest

from merchants.geo import Point
from merchants.geocoding import MUNICIPALITY, STREET, Geocoder, Place
from merchants.placing import (
    Address,
    Answer,
    ask,
    fits,
    is_far,
    offered,
    same_point,
    signed,
    unsigned,
)
from tests.leaves.test_geocoding import NUMBER, PLACE, TOWN, WAY, answer, feature

ADDRESS = Address("39", "avenue de la République", "92400", "Courbevoie")
ELSEWHERE = feature(
    2.2290, 48.8710, label="39 Avenue de la République 92150 Suresnes", score=0.93,
    housenumber="39", type="housenumber", street="Avenue de la République", postcode="92150",
    citycode="92073", city="Suresnes",
)  # fmt: skip


@dataclass
class Commune:
    insee_code: str = "92026"

    def holds(self, point: Point) -> bool | None:
        return None


@pytest.fixture
def geocoder(service) -> Geocoder:
    return Geocoder(service.url, timeout=0.5)


class TestAsk:
    def test_certain_after_one_question(self, geocoder, service):
        service.body = answer(NUMBER, WAY)
        assert ask(geocoder, ADDRESS, Commune()) == Answer(
            replace(PLACE, postcode="92400", city="Courbevoie", score=0.9363636363636363)
        )
        assert [path for path, _asked in service.asked] == ["/search"]

    def test_weak(self, geocoder, service):
        service.body = answer(WAY, TOWN)
        came = ask(geocoder, ADDRESS, Commune())
        assert came.place is None
        assert [place.precision for place in came.candidates] == [STREET]
        assert came.elsewhere is None

    def test_in_another_commune(self, geocoder, service):
        service.body = answer(ELSEWHERE)
        address = ADDRESS._replace(postcode="92150", city="Suresnes")
        came = ask(geocoder, address, Commune())
        assert (came.place, came.candidates) == (None, ())
        assert came.elsewhere.city == "Suresnes"
        (_path, first), (_path, second) = service.asked
        assert first["citycode"] == "92026"
        assert "citycode" not in second

    def test_a_street_of_that_name_elsewhere_in_france(self, geocoder, service):
        service.body = answer(ELSEWHERE)
        assert ask(geocoder, ADDRESS, Commune()) == Answer()

    def test_nothing(self, geocoder, service):
        service.body = answer()
        assert ask(geocoder, ADDRESS, Commune()) == Answer()

    @pytest.mark.parametrize("health", ["hangs", "cut off", "chunked", "silent"])
    def test_bad_health(self, geocoder, service, health):
        service.body, service.health = answer(NUMBER), health
        came = ask(geocoder, ADDRESS, Commune())
        assert came.place is None
        assert came.problem.startswith("La base nationale des adresses")


class TestOffered:
    def test_five_of_the_commune_each_once_the_likeliest_first(self):
        several = [
            replace(PLACE, label=f"{number}", score=number / 10) for number in (1, 2, 3, 4, 5, 6, 6)
        ]
        outside = replace(PLACE, commune_code="92073", score=1.0)
        town = replace(PLACE, precision=MUNICIPALITY)
        found = offered([*several, outside, town], Commune())
        assert [place.label for place in found] == ["6", "5", "4", "3", "2"]

    def test_of_any_commune(self):
        assert offered([replace(PLACE, commune_code="92073")], None)


class TestSigned:
    def test_comes_back(self):
        assert unsigned(signed(PLACE)) == replace(PLACE, score=0.0)

    @pytest.mark.parametrize("text", ["", "keep", "x:y", "é", "." + "x" * 300])
    def test_nothing_else_does(self, text):
        assert unsigned(text) is None

    def test_nobody_moves_it(self):
        text = signed(PLACE)
        assert unsigned(text[:5] + "A" + text[6:]) is None


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (("39", "Avenue de la Republique", "92400", "COURBEVOIE"), True),
        (("39", "av. de la République", "", ""), True),
        (("39", "avenue de la République", "", "Courbevoie"), True),
        (("39 bis", "avenue de la République", "92400", "Courbevoie"), False),
        (("39", "rue de la République", "92400", "Courbevoie"), False),
        (("39", "avenue de la République", "92150", "Courbevoie"), False),
        (("39", "avenue de la République", "92400", "Suresnes"), False),
        (("", "", "92400", "Courbevoie"), False),
    ],
)
def test_same_place(other, same):
    assert ADDRESS.is_same_place(Address(*other)) is same
    assert Address(*other).is_same_place(ADDRESS) is same


@pytest.mark.parametrize(
    ("postcode", "city", "known", "came"),
    [
        ("", "", ["92400"], ("92400", "Courbevoie")),
        ("", "", ["92400", "92401"], ("", "Courbevoie")),
        ("92150", "", ["92400"], ("92150", "Courbevoie")),
        ("", "COURBEVOIE", ["92400"], ("92400", "COURBEVOIE")),
        ("", "Suresnes", ["92400"], ("", "Suresnes")),
    ],
)
def test_in_town(postcode, city, known, came):
    address = Address("39", "avenue de la République", postcode, city)
    assert address.in_town("Courbevoie", known)[2:] == came


def test_a_place_fits_an_address_until_something_is_typed_over_it():
    place = replace(PLACE, postcode="92400", city="Courbevoie")
    assert fits(place, ADDRESS)
    assert not fits(place, ADDRESS._replace(house_number="41"))
    street = replace(place, house_number="", precision=STREET)
    assert fits(street, ADDRESS._replace(house_number="41"))
    assert not fits(street, ADDRESS._replace(street="rue Neuve"))


def test_distances():
    point = Point(48.9, 2.25)
    assert same_point(point, Point(48.900001, 2.250001))
    assert not same_point(point, Point(48.90002, 2.25))
    assert same_point(None, None)
    assert not same_point(point, None)
    place = Place(label="", point=point, precision="housenumber")
    assert not is_far(Point(48.902, 2.25), place)
    assert is_far(Point(48.904, 2.25), place)
    assert not is_far(Point(48.904, 2.25), replace(place, precision=STREET))
