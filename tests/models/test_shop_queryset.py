"""The vocabulary for reading shops, word by word."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from merchants.geo import Box, Point
from merchants.models import OpeningPeriod, Shop, SpecialPeriod
from merchants.models.shop import Confirmer
from merchants.workflow.status import confirm
from tests.factories import make_category, make_commune, make_shop

pytestmark = pytest.mark.django_db


def names(shops):
    return [shop.name for shop in shops]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("boulangerie pain bio", ["Au Fournil"]),
        ("boulangeries", ["Au Fournil"]),
        ("BOULANG", ["Au Fournil"]),
        ("velo", ["L’Échappée"]),
        ("l'échap", ["L’Échappée"]),
        ("gare", ["Au Fournil"]),
        ("livraison", ["L’Échappée"]),
        ("pain vélo", []),
        ("100%", []),
        ("_", ["Au Fournil", "L’Échappée"]),
    ],
)
def test_matching(question, found):
    commune = make_commune()
    make_shop(
        "Au Fournil",
        commune=commune,
        category=make_category("Boulangerie", keywords="pain, baguette"),
        description="Farines bio",
        street="rue de la Gare",
    )
    make_shop(
        "L’Échappée",
        commune=commune,
        category=make_category("Cycles", group="Loisirs", keywords="vélo, réparation"),
        services=["livraison"],
    )
    assert sorted(names(Shop.objects.matching(question))) == found


def test_the_fair_order_gives_everybody_the_first_place_in_turn(now):
    commune = make_commune()
    shops = [make_shop(f"Commerce {i}", commune=commune, hours=None) for i in range(6)]
    days = 365
    first = Counter(
        Shop.objects.in_fair_order(now + timedelta(days=day))[0].pk for day in range(days)
    )
    shares = [first[shop.pk] / days for shop in shops]
    assert min(shares) > 0.6 / len(shops) and max(shares) < 1.4 / len(shops)


def test_the_fair_order_puts_open_then_confirmed_first(now):
    commune = make_commune()
    closed = make_shop("Fermé", commune=commune, hours="Su 09:00-10:00")
    opened = make_shop("Ouvert", commune=commune, hours="24/7")
    trusted = make_shop("Ouvert et confirmé", commune=commune, hours="24/7")
    stale = make_shop("Confirmé l’an dernier", commune=commune, hours="24/7")
    confirm(trusted, by=None, as_=Confirmer.MERCHANT, now=now - timedelta(days=10))
    confirm(stale, by=None, as_=Confirmer.MERCHANT, now=now - timedelta(days=300))
    order = list(Shop.objects.in_fair_order(now))
    assert order[0] == trusted and order[-1] == closed
    assert set(order[1:3]) == {opened, stale}


def test_by_name_is_the_order_of_a_french_index():
    commune = make_commune()
    for name in ("Zoo", "Épicerie", "apéro", "Eau vive"):
        make_shop(name, commune=commune)
    assert names(Shop.objects.by_name()) == ["apéro", "Eau vive", "Épicerie", "Zoo"]


def test_near_and_in_box():
    centre = Point(48.871, 2.229)
    commune = make_commune()
    near = make_shop("Près", commune=commune, point=Point(48.872, 2.229))
    far = make_shop("Loin", commune=commune, point=Point(48.90, 2.229))
    make_shop("Nulle part", commune=commune, point=None)
    found = list(Shop.objects.near(centre, 1))
    assert found == [near]
    assert found[0].distance_km == pytest.approx(0.111, abs=0.001)
    assert list(Shop.objects.in_box(Box(2.2, 48.89, 2.3, 48.95))) == [far]


@pytest.mark.parametrize(
    "change",
    [
        {"status": "publishd"},
        {"holiday_rule": "maybe"},
        {"latitude": None},
        {"latitude": 95.0},
        {"confirmed_as": "merchant"},
        {"source_id": "x"},
        {"step_free": "perhaps"},
    ],
)
def test_the_database_keeps_the_promises(change):
    shop = make_shop()
    with pytest.raises(IntegrityError), transaction.atomic():
        Shop.objects.filter(pk=shop.pk).update(**change)


def test_another_shops_special_hours_open_nobody(now):
    one, other = make_shop("Un", hours=None), make_shop("Autre", hours=None)
    day = now.date()
    special = SpecialPeriod.objects.create(shop=other, start=day, end=day, kind="hours")
    OpeningPeriod.objects.create(
        shop=one, special=special, weekday=day.weekday(), opens=0, closes=1440
    )
    assert not Shop.objects.open_at(now).exists()


def test_a_question_is_best_answered_by_name_or_trade(now):
    commune = make_commune()
    cycles = make_category("Cycles et vélos", group="Loisirs")
    grocer = make_category("Épicerie")
    said = make_shop("Épicerie", commune=commune, category=grocer, description="Livre à vélo")
    trade = make_shop("L’Échappée", commune=commune, category=cycles, hours=None)
    named = make_shop("Vélo Café", commune=commune, category=grocer, hours=None)
    found = list(Shop.objects.matching("vélos").in_fair_order(now, question="vélos"))
    assert set(found[:2]) == {trade, named} and found[2] == said


def test_a_district_and_a_postcode_are_found():
    paris = make_commune("Paris", postcodes=["75001", "75011"])
    shop = make_shop("Fleurs", commune=paris, postcode="75011", street="bd Voltaire")
    for question in ("75011", "11e", "paris 11", "boulevard voltaire", "fleurs bd voltaire"):
        assert list(Shop.objects.matching(question)) == [shop]


def test_hours_that_nobody_knows_are_counted(now):
    commune = make_commune()
    make_shop(commune=commune, hours="24/7")
    make_shop(commune=commune, hours=None)
    make_shop(commune=commune, hours="Mo-Su 00:00-24:00; PH unknown")
    shops = Shop.objects.in_commune(commune)
    assert shops.count_by_hours([now], now) == (3, [2], 1)
    christmas = now.replace(month=12, day=25)
    assert shops.count_by_hours([now, christmas], christmas) == (3, [2, 1], 2)
