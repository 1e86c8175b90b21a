import pytest

from tests.factories import make_commune, make_shop

pytestmark = pytest.mark.django_db


def test_with_one_commune_it_goes_straight_there(client):
    make_commune("Garches")
    response = client.get("/")
    assert response.status_code == 302
    assert response["Location"] == "/garches/"


@pytest.mark.parametrize("question", ["Gar", "garches", "92380", "GARCHÈS"])
def test_finds_a_commune_by_name_or_postcode(client, question):
    make_commune("Garches", postcodes=["92380"])
    make_commune("Suresnes", postcodes=["92150"])
    assert client.get("/", {"q": question})["Location"] == "/garches/"


def test_lists_those_that_answer_when_there_are_several(client):
    for name in ("Saint-Denis", "Saint-Cloud", "Garches"):
        make_commune(name)
    found = client.get("/?q=saint").context["found"]
    assert {commune.name for commune in found} == {"Saint-Denis", "Saint-Cloud"}


def test_says_so_when_nothing_is_found(client):
    make_commune("Garches")
    make_commune("Suresnes")
    response = client.get("/?q=Atlantide")
    assert response.status_code == 200
    assert "Atlantide" in response.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow(client, django_assert_num_queries, number):
    make_commune("Vide")
    for index in range(number):
        make_shop(commune=make_commune(f"Ville {index}"))
    with django_assert_num_queries(2):
        client.get("/")
    with django_assert_num_queries(3):
        client.get("/?q=v")
