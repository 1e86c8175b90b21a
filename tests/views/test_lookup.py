from types import SimpleNamespace

import pytest

from merchants.geo import Point
from merchants.placing import unsigned
from merchants.urls import merchant
from merchants.views import lookup
from tests.factories import SURESNES, make_commune, make_user
from tests.leaves import test_company_search as companies
from tests.leaves import test_geocoding as geocoding

pytestmark = pytest.mark.django_db

COMPANIES = "/mon-commerce/recherche/entreprises"
ADDRESSES = "/mon-commerce/recherche/adresses"


@pytest.fixture
def outside(service, settings):
    settings.COMPANY_SEARCH_URL = settings.GEOCODER_URL = service.url
    return service


@pytest.fixture
def person(login):
    return login(make_user())


class TestTheDoor:
    def test_every_route_of_the_group_is_for_people_with_an_account(self, client):
        assert {COMPANIES, ADDRESSES} <= {f"/{route.pattern}" for route in merchant}
        for route in (COMPANIES, ADDRESSES):
            answer = client.get(route)
            assert answer.status_code == 302
            assert "connexion" in answer.url

    @pytest.mark.parametrize("url", [COMPANIES, ADDRESSES])
    def test_nothing_but_reading(self, person, url):
        assert person.post(url).status_code == 405

    @pytest.mark.parametrize("url", [COMPANIES, ADDRESSES])
    def test_so_many_times_a_minute_for_each_person(
        self, person, login, outside, url, monkeypatch, now
    ):
        monkeypatch.setattr(lookup, "PER_MINUTE", 3)
        monkeypatch.setattr(lookup, "timezone", SimpleNamespace(now=lambda: now))
        # An empty question asks nobody, and counts all the same.
        assert [person.get(url).status_code for _time in range(4)] == [200, 200, 200, 429]
        said = person.get(url).json()["error"]
        assert said == "Trop de recherches à la suite. Réessayez dans une minute."
        assert login(make_user()).get(url).status_code == 200
        assert outside.asked == []

    @pytest.mark.parametrize("url", [COMPANIES, ADDRESSES])
    @pytest.mark.parametrize("code", ["99999", "99\x00", "Suresnes"])
    def test_an_unknown_commune(self, person, url, code):
        answer = person.get(url, {"q": "fournil", "commune": code})
        assert answer.status_code == 404
        assert answer.json() == {"error": "Cette commune n’est pas connue ici."}


class TestCompanies:
    def test_answers_what_the_form_fills_in(self, person, outside):
        make_commune("Suresnes", insee_code="92073")
        siege = companies.head_office(companies.SIRET, "12", "RUE", "DE LA PAIX")
        outside.body = companies.answer(companies.unit(siege))
        answer = person.get(COMPANIES, {"q": "fournil", "commune": "92073"})
        assert answer.json() == {
            "companies": [
                {
                    "siret": companies.SIRET,
                    "siren": "732829320",
                    "name": "LE FOURNIL DE MAMIE",
                    "trade_name": "",
                    "house_number": "12",
                    "street": "RUE DE LA PAIX",
                    "address_extra": "",
                    "postcode": "92150",
                    "city": "SURESNES",
                    "commune_code": "92073",
                    "naf": "10.71C",
                    "is_open": True,
                    "is_head_office": True,
                    "partial_diffusion": False,
                    "point": [48.871, 2.229],
                }
            ]
        }
        assert outside.asked[0][1]["code_commune"] == "92073"
        assert "no-store" in answer["Cache-Control"]

    def test_without_a_commune(self, person, outside):
        outside.body = companies.answer()
        assert person.get(COMPANIES, {"q": "fournil"}).json() == {"companies": []}

    @pytest.mark.parametrize("health", ["cut off", "silent"])
    def test_a_service_in_bad_health(self, person, outside, health):
        outside.body, outside.health = companies.answer(), health
        answer = person.get(COMPANIES, {"q": "fournil"})
        assert answer.status_code == 503
        assert answer.json()["error"].startswith("L’annuaire des entreprises")


class TestAddresses:
    def test_answers_places_of_the_commune(self, person, outside):
        make_commune("Courbevoie", insee_code="92026")
        elsewhere = geocoding.feature(2.2, 48.8, type="street", label="?", citycode="92062")
        outside.body = geocoding.answer(elsewhere, geocoding.NUMBER)
        answer = person.get(ADDRESSES, {"q": "39 av rép", "commune": "92026"})
        (found,) = answer.json()["places"]
        assert unsigned(found["signed"]).point == Point(48.900654, 2.248567)
        assert answer.json() == {
            "places": [
                {
                    "signed": found["signed"],
                    "label": "39 Avenue de la République 92400 Courbevoie",
                    "house_number": "39",
                    "street": "Avenue de la République",
                    "postcode": "92400",
                    "city": "Courbevoie",
                    "commune_code": "92026",
                    "point": [48.900654, 2.248567],
                    "precision": "housenumber",
                    "score": 0.94,
                }
            ]
        }
        assert outside.asked[0][1]["citycode"] == "92026"

    def test_a_city_of_arrondissements(self, person, outside):
        make_commune("Paris", insee_code="75056", department="75", point=SURESNES)
        outside.body = geocoding.answer(geocoding.PARIS, geocoding.NUMBER)
        answer = person.get(ADDRESSES, {"q": "1 place", "commune": "75056"})
        assert [place["city"] for place in answer.json()["places"]] == ["Paris"]

    def test_without_a_commune(self, person, outside):
        outside.body = geocoding.answer(geocoding.NUMBER)
        assert len(person.get(ADDRESSES, {"q": "39 avenue"}).json()["places"]) == 1

    def test_a_service_in_bad_health(self, person, outside):
        outside.body, outside.health = geocoding.answer(geocoding.NUMBER), "cut off"
        answer = person.get(ADDRESSES, {"q": "39 avenue"})
        assert answer.status_code == 503
        assert answer.json() == {
            "error": "La base nationale des adresses a donné une réponse illisible. "
            "Réessayez plus tard."
        }
