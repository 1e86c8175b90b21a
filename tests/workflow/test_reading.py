from dataclasses import replace
from datetime import date

import pytest

from merchants.models import Shop
from merchants.opening_hours import Period, SpecialKind, SpecialPeriod
from merchants.opening_hours.schedule import with_special
from merchants.workflow.listing import Service, set_hours, update_listing
from merchants.workflow.reading import Listings
from merchants.workflow.values import Listing, plain
from tests.factories import make_category, make_commune, make_shop


@pytest.fixture
def shops(db, now) -> list[Shop]:
    """One of everything, one of nothing, and one elsewhere."""
    full = make_shop(
        hours="Mo-Fr 09:00-12:00,14:00-18:00",
        services=[Service(kind="livraison", fee=5, area="La ville"), "retrait"],
        phone="01 47 51 01 02",
        social_links=("https://x.com/a",),
        payment_means=("cards", "cash"),
        source="osm",
        source_id="node/1",
    )
    special = SpecialPeriod(
        date(2026, 12, 24), date(2026, 12, 24), SpecialKind.HOURS, (Period(3, 540, 720),), "Noël"
    )
    set_hours(full, with_special(full.schedule, special), by=None, now=now)
    several = (make_category("Zinc"), make_category("Bar"))
    whole = Listing.of(Shop.objects.get())
    update_listing(full, replace(whole, categories=several), by=None, now=now)
    make_shop("Rien", hours=None, point=None)
    make_shop("Ailleurs", commune=make_commune("Garches", department="974"))
    return list(Shop.objects.order_by("pk"))


def test_the_same_as_one_by_one(shops):
    read = Listings().read([shop.pk for shop in shops])
    for shop in shops:
        listing, version = read[shop.pk]
        assert listing == Listing.of(shop)
        assert plain(listing) == plain(Listing.of(shop))
        assert version == shop.version
    assert len(read[shops[0].pk].listing.categories) == 3
    assert read[shops[0].pk].listing.schedule.specials


@pytest.mark.parametrize("number", [1, 3])
def test_as_many_queries_for_many(shops, number, django_assert_num_queries):
    listings = Listings()
    with django_assert_num_queries(6):
        listings.read([shop.pk for shop in shops[:number]])
