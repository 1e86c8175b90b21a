"""The commune's page, the page around a place, and the minute for which they are kept."""

import pytest
from django.test import override_settings

from merchants.geo import Point
from merchants.models.shop import Confirmer
from merchants.opening_hours import from_osm
from merchants.workflow.listing import set_hours
from merchants.workflow.status import close, confirm
from tests.factories import NOW, make_category, make_commune, make_shop

pytestmark = pytest.mark.django_db

DUMMY = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
RENDER_EACH_TIME = {"default": DUMMY, "pages": DUMMY}
HOURS = "Mo-Fr 09:00-12:00; 2026 Dec 24 off"


def make_shops(commune, number):
    for index in range(number):
        make_shop(
            commune=commune,
            category=make_category(f"Commerce {index}", group=f"Groupe {index % 3}"),
            hours=HOURS,
            services=["livraison", "retrait"],
        )


@pytest.mark.parametrize("number", [1, 3, 30])
@override_settings(CACHES=RENDER_EACH_TIME)
def test_queries_do_not_grow_with_shops(client, django_assert_num_queries, number):
    commune = make_commune()
    make_shops(commune, number)
    with django_assert_num_queries(12):
        client.get("/suresnes/?ouvert=2026-11-24T10:00&categorie=groupe-0&service=livraison")
    with django_assert_num_queries(12):
        client.get("/suresnes/")
    with django_assert_num_queries(4):
        client.get("/suresnes/commerces.geojson")
    with django_assert_num_queries(8):
        client.get("/suresnes/commerces.csv")


@pytest.mark.parametrize("number", [1, 3])
def test_queries_around_do_not_grow_with_shops_or_communes(
    client, django_assert_num_queries, number
):
    for index in range(number):
        make_shops(make_commune(f"Ville {index}"), number)
    with django_assert_num_queries(11):
        client.get("/autour/?pres=48.871,2.229&rayon=5")


def test_a_kept_page_costs_one_query(client, django_assert_num_queries):
    make_shops(make_commune(), 2)
    first = client.get("/suresnes/")
    with django_assert_num_queries(1):
        second = client.get("/suresnes/")
    assert second.content == first.content
    assert second["Cache-Control"] == "public, no-cache"
    assert client.get("/suresnes/", headers={"if-none-match": second["ETag"]}).status_code == 304


def test_a_kept_page_is_renewed_by_every_visible_write(client):
    shop = make_shop("Au Bon Pain d’Ici")
    assert "Jamais confirmé" in client.get("/suresnes/").content.decode()
    confirm(shop, by=None, as_=Confirmer.MERCHANT, now=NOW)
    assert "Jamais confirmé" not in client.get("/suresnes/").content.decode()

    set_hours(shop, from_osm("24/7", today=NOW.date()), by=None, now=NOW)
    assert "24\u00a0h/24" in client.get("/suresnes/").content.decode()

    close(shop, by=None, now=NOW)
    assert "Au Bon Pain" not in client.get("/suresnes/").content.decode()


def test_kept_pages_of_two_languages_and_questions_are_not_confused(client):
    make_shop("Fleurs d’Ici", category=make_category("Fleuriste", name_en="Florist"))
    make_shop("Vélos d’Ici")
    french = client.get("/suresnes/").content.decode()
    english = client.get("/en/suresnes/").content.decode()
    flowers = client.get("/suresnes/?q=fleurs").content.decode()
    assert 'lang="fr"' in french and 'lang="en"' in english
    assert "Florist" in english and "Florist" not in french
    assert "Vélos" in french and "Vélos" not in flowers


def test_a_kept_page_is_compressed_only_for_who_asks(client):
    make_shops(make_commune(), 3)
    compressed = client.get("/suresnes/", headers={"accept-encoding": "gzip"})
    plain = client.get("/suresnes/")
    assert compressed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    assert len(compressed.content) < len(plain.content) / 3


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("?categorie=licornes", "La catégorie « licornes » n’existe pas"),
        ("?service=drone", "Le service « drone » n’existe pas"),
        ("?ouvert=hier", "La date ou l’heure n’a pas été comprise"),
        ("?ouvert=9999-12-31T23:59", "La date ou l’heure n’a pas été comprise"),
        ("?pres=ici", "La position n’a pas été comprise"),
        ("?pres=200,0", "La position n’a pas été comprise"),
        ("?pres=nan,nan", "La position n’a pas été comprise"),
        ("?pres=48.87,2.22&rayon=abc", "La distance n’a pas été comprise"),
        ("?zone=1,2,3", "La zone de la carte n’a pas été comprise"),
        ("?tri=argent", "Cet ordre de tri n’existe pas"),
        ("?page=0", "Cette page n’existe pas"),
        ("?page=99999", "Cette page n’existe pas"),
        ("?q=" + "a" * 200, "La recherche n’a pas été comprise"),
        ("?q=%00pain", "La recherche n’a pas été comprise"),
        ("?q=!!!", "La recherche n’a pas été comprise"),
    ],
)
def test_a_value_without_sense_is_left_out_with_a_notice(client, address, sentence):
    make_shop("Au Bon Pain d’Ici")
    response = client.get(f"/suresnes/{address}")
    assert response.status_code == 200
    text = response.content.decode().replace("\u00a0", " ")
    assert sentence in text
    assert "Au Bon Pain" in text


def test_nothing_found_offers_ways_on(client):
    make_shop("Fleurs d’Ici")
    neighbour = make_commune("Nanterre", point=Point(48.89, 2.20))
    make_shop("Cycles d’À Côté", commune=neighbour)
    response = client.get("/suresnes/?q=introuvable&service=livraison")
    text = response.content.decode()
    assert 'href="/suresnes/?service=livraison"' in text
    assert 'href="/suresnes/?q=introuvable"' in text
    assert 'href="/nanterre/?q=introuvable&amp;service=livraison"' in text


def test_around_crosses_communes_nearest_first(client):
    home = Point(48.871, 2.229)
    far = make_shop("Loin", commune=make_commune("Nanterre"), point=Point(48.90, 2.22))
    near = make_shop("Près", commune=make_commune("Suresnes"), point=Point(48.872, 2.229))
    make_shop("Ailleurs", commune=make_commune("Lille"), point=Point(50.6, 3.0))
    address = f"/autour/?pres={home.latitude},{home.longitude}&rayon=10"
    results = client.get(address).context["results"]
    assert [card.shop for card in results.cards] == [near, far]
    assert results.cards[0].distance_km == pytest.approx(0.11, abs=0.01)
    features = client.get(address.replace("/?", "/commerces.geojson?")).json()["features"]
    assert {feature["properties"]["path"] for feature in features} == {
        "suresnes/pres", "nanterre/loin",
    }  # fmt: skip
    assert client.get("/autour/").context["results"].total == 0


def test_listings_that_are_not_published_are_nowhere(client):
    commune = make_commune()
    for state in ("draft", "pending", "refused", "suspended", "closed"):
        make_shop(f"Boutique {state}", commune=commune, status=state)
    assert client.get("/suresnes/").context["results"].total == 0
    assert client.get("/suresnes/commerces.geojson").json()["features"] == []
    assert client.get("/suresnes/commerces/boutique-draft/").status_code == 404
    assert client.get("/suresnes/commerces/boutique-draft/carte/").status_code == 404


def test_only_reading_is_allowed(client):
    make_commune()
    assert client.post("/suresnes/").status_code == 405
    assert client.head("/suresnes/").status_code == 200


def test_parameters_that_mean_nothing_make_no_other_kept_page(client, django_assert_num_queries):
    make_shops(make_commune(), 2)
    client.get("/suresnes/?q=commerce&service=livraison")
    with django_assert_num_queries(1):
        client.get("/suresnes/?service=livraison&utm_source=bulletin&q=commerce&tri=")


def test_around_reads_the_clock_of_the_place(client):
    """At ten in the morning at La Réunion, not in Paris."""
    commune = make_commune("Saint-Denis", department="974", point=Point(-20.88, 55.45))
    make_shop("Snack", commune=commune, point=Point(-20.88, 55.45), hours="Mo-Su 09:30-10:30")
    address = "/autour/?pres=-20.88,55.45&ouvert=2026-11-24T10:00"
    assert client.get(address).context["results"].total == 1
