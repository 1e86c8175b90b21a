"""What the feeds say, in the words of their formats."""

import csv
import io
from datetime import date

import pytest

from merchants.models import Shop
from merchants.opendata import feeds
from merchants.workflow.listing import Service
from tests.factories import make_category, make_commune, make_shop

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)


@pytest.fixture
def shop():
    return make_shop(
        "Au Bon Pain",
        commune=make_commune("Suresnes"),
        category=make_category("Boulangerie", icon="bakery"),
        hours="Tu-Sa 07:00-13:00; PH off; 2026 Dec 24-2026 Dec 26 off; 2026 Dec 31 08:00-12:00",
        services=[Service(kind="livraison", note="Dès 20 €")],
        house_number="12",
        street="rue de la Paix",
        postcode="92150",
        phone="01 47 51 01 02",
        website="https://aubonpain.example/",
        description="Pain bio",
        step_free="yes",
    )


def published():
    return Shop.objects.published()


def test_geojson_is_compact_and_leaves_out_who_has_no_point(shop, django_assert_num_queries):
    make_shop("Plombier", point=None, service_area="Suresnes")
    with django_assert_num_queries(1):
        body = feeds.feature_collection(published())
    assert body.decode() == (
        '{"type":"FeatureCollection","features":[{"type":"Feature",'
        f'"id":{shop.pk},"geometry":'
        '{"type":"Point","coordinates":[2.229,48.871]},"properties":{"name":"Au Bon Pain",'
        '"path":"suresnes/au-bon-pain","icon":"bakery"}}]}'
    )


def test_csv_holds_what_is_published(shop):
    (row,) = csv.DictReader(io.StringIO(feeds.csv_export(published())), delimiter=";")
    assert row["nom"] == "Au Bon Pain"
    assert row["telephone"] == "+33147510102"
    assert row["livraison"] == "Dès 20 €" and row["retrait"] == ""
    assert row["code_insee"] == shop.commune.insee_code
    assert row["horaires"].startswith("Tu-Sa 07:00-13:00; PH off")


def test_csv_runs_no_formula(shop):
    make_shop("=HYPERLINK(1)", commune=shop.commune)
    rows = csv.DictReader(io.StringIO(feeds.csv_export(published())), delimiter=";")
    assert {row["nom"] for row in rows} == {"Au Bon Pain", "'=HYPERLINK(1)"}


def test_local_business(shop):
    data = feeds.local_business(shop, "https://site.example/suresnes/commerces/x/", TODAY)
    assert data["@type"] == "LocalBusiness"
    assert data["address"]["streetAddress"] == "12 rue de la Paix"
    assert data["geo"] == {"@type": "GeoCoordinates", "latitude": 48.871, "longitude": 2.229}
    assert len(data["openingHoursSpecification"]) == 5
    assert data["openingHoursSpecification"][0] == {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": "https://schema.org/Tuesday",
        "opens": "07:00",
        "closes": "13:00",
    }
    specials = {row["validFrom"]: row for row in data["specialOpeningHoursSpecification"]}
    assert specials["2026-12-24"]["opens"] == specials["2026-12-24"]["closes"] == "00:00"
    assert specials["2026-12-24"]["validThrough"] == "2026-12-26"
    assert specials["2026-12-31"]["closes"] == "12:00"
    assert "email" not in data


def test_local_business_forgets_what_is_over(shop):
    data = feeds.local_business(shop, "https://site.example/", date(2027, 1, 2))
    assert "specialOpeningHoursSpecification" not in data
