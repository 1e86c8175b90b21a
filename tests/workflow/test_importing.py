from dataclasses import replace

import pytest
from django.db import connection

from merchants.models import Commune, Shop, ShopStatus
from merchants.opening_hours import Period, Schedule
from merchants.workflow import WorkflowError
from merchants.workflow.importing import CHUNK, Creation, MovedOn, Plan, Update, apply_import
from merchants.workflow.listing import Listing, Service, fill, prepared
from tests.factories import make_category, make_commune, make_shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listings() -> list[Listing]:
    commune, category = make_commune(), make_category()
    return [
        prepared(
            Listing(
                commune=commune,
                name=f"Commerce {number % 7}",
                main_category=category,
                schedule=Schedule((Period(number % 7, 540, 1080),)),
                services=(Service(kind="livraison"),),
                source="osm",
                source_id=f"node/{number}",
            )
        )
        for number in range(20)
    ]


def creations(listings) -> Plan:
    return Plan(
        status=ShopStatus.PUBLISHED, creations=[Creation(listing=each) for each in listings]
    )


def test_writes_what_create_listing_would(listings, now):
    apply_import(creations(listings), by=None, now=now)
    assert Shop.objects.count() == 20
    shop = Shop.objects.get(source_id="node/3")
    assert Listing.of(shop) == listings[3]
    assert set(shop.categories.all()) == {shop.main_category}
    assert " livraison" in shop.search_text
    assert Commune.objects.get().version == 1
    assert Shop.objects.values("slug").distinct().count() == 20


def test_updates_rows_and_leaves_status_slug_and_confirmation(listings, now):
    shop = make_shop("Avant", status="pending", source="osm", source_id="node/1")
    plan = Plan(updates=[(shop.pk, listings[1])])
    apply_import(plan, by=None, now=now)
    shop = Shop.objects.get()
    assert (shop.name, shop.slug, shop.status) == ("Commerce 1", "avant", "pending")
    assert Listing.of(shop) == listings[1]


def test_namesakes_that_move_together_get_slugs_of_their_own(listings, now):
    there = make_commune("Garches")
    pairs = [
        (make_shop("Vis", commune=listings[0].commune, source="osm", source_id=f"node/{n}").pk,
         replace(listings[n], name="Vis", commune=there))
        for n in range(2)
    ]  # fmt: skip
    apply_import(Plan(updates=pairs), by=None, now=now)
    assert set(Shop.objects.values_list("commune__name", "slug")) == {
        ("Garches", "vis"),
        ("Garches", "vis-2"),
    }


def test_a_crash_in_the_middle_leaves_nothing(listings, now):
    """The database fails while the hours are written, after shops and services."""
    shop = make_shop("Avant", source="osm", source_id="node/999")
    plan = creations(listings)
    plan.updates.append((shop.pk, replace(listings[0], source_id="node/999", name="Après")))

    def fail(execute, sql, params, many, context):
        if sql.startswith('INSERT INTO "merchants_openingperiod"'):
            assert Shop.objects.count() > 1
            raise OSError("disque plein")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail), pytest.raises(OSError):
        apply_import(plan, by=None, now=now)
    assert list(Shop.objects.values_list("name", flat=True)) == ["Avant"]
    apply_import(plan, by=None, now=now)
    assert Shop.objects.count() == 21


def test_somebody_elses_write_is_told_and_nothing_is_written(listings, now):
    plan = creations(listings)
    make_shop(source="osm", source_id="node/7")
    with pytest.raises(WorkflowError, match="Relancez l’import"):
        apply_import(plan, by=None, now=now)
    assert Shop.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_number_of_statements_does_not_depend_on_the_number_of_shops(
    listings, count, now, django_assert_num_queries
):
    assert count < CHUNK
    with django_assert_num_queries(12):
        apply_import(creations(listings[:count]), by=None, now=now)


def test_a_plan_that_is_older_than_the_listing_is_not_written(listings, now):
    shop = make_shop("Avant", source="osm", source_id="node/1")
    plan = creations(listings[2:])
    changes = {"name": ["Avant", "Commerce 1"]}
    plan.updates.append(Update(shop.pk, listings[1], 1, changes, shop.version - 1))
    with pytest.raises(MovedOn, match="vient d’être modifiée"):
        apply_import(plan, by=None, now=now)
    assert list(Shop.objects.values_list("name", flat=True)) == ["Avant"]


def test_an_import_says_all_that_a_new_shop_s_columns_hold(listings, now):
    """As many columns as the model has, with the defaults of those that no file fills."""
    apply_import(creations(listings[:1]), by=None, now=now)
    made = Shop.objects.get()
    made.pk = made.version = None
    like = Shop(status="published", slug="commerce-0")
    fill(like, listings[0])
    for field in Shop._meta.concrete_fields:
        if field.name not in {"id", "version", "created_at", "updated_at"}:
            assert getattr(made, field.attname) == getattr(like, field.attname), field.name
    assert (made.created_at, made.updated_at) == (now, now)
