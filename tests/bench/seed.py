"""A town of any size: shops with varied hours and services, always the same for one number."""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.db import transaction

from merchants.models import (
    Category,
    Commune,
    OpeningPeriod,
    ServiceOption,
    Shop,
    SpecialPeriod,
)
from merchants.models.service import ServiceKind
from merchants.text import index_text

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Europe/Paris"))
STREETS = "rue de la Gare,rue Nationale,place du Marché,avenue Foch,rue des Écoles".split(",")
NAMES = "Maison,Atelier,Au Bon,Les Délices,Comptoir,La Petite,Chez,Le Grand".split(",")
WEEKS = [
    ([(540, 1140)], range(1, 6)),
    ([(540, 750), (840, 1140)], range(1, 6)),
    ([(420, 1200)], range(7)),
    ([(1080, 1560)], range(2, 7)),
    ([(0, 1440)], range(7)),
]


@transaction.atomic
def seed(number: int, *, slug: str) -> Commune:
    """Makes a commune with that many published shops; loads the categories where they miss."""
    if not Category.objects.exists():
        call_command("load_categories", verbosity=0)
    rng = random.Random(number)
    commune = Commune.objects.create(
        insee_code=f"{92000 + number % 999:05}",
        name=f"Ville {number}",
        slug=slug,
        postcodes=["92500"],
        department="92",
        latitude=48.87,
        longitude=2.18,
        bbox=[2.15, 48.85, 2.21, 48.89],
        search_text=index_text(f"Ville {number}", "92500"),
    )
    categories = list(Category.objects.leaves().select_related("parent"))
    shops = Shop.objects.bulk_create(
        [_shop(rng, commune, rng.choice(categories), i) for i in range(number)], batch_size=500
    )
    through = Shop.categories.through
    through.objects.bulk_create(
        [through(shop=shop, category_id=shop.main_category_id) for shop in shops], batch_size=2000
    )
    OpeningPeriod.objects.bulk_create(
        [period for shop in shops for period in _periods(rng, shop)], batch_size=2000
    )
    ServiceOption.objects.bulk_create(
        [
            ServiceOption(shop=shop, kind=kind, note="Dans toute la ville")
            for shop in shops
            for kind in ServiceKind
            if rng.random() < 0.2
        ],
        batch_size=2000,
    )
    SpecialPeriod.objects.bulk_create(
        [
            SpecialPeriod(
                shop=shop,
                start=date(2026, 11, 10) + timedelta(days=rng.randrange(60)),
                end=date(2027, 1, 20),
                kind="closed",
                reason="congés",
            )
            for shop in shops
            if rng.random() < 0.05
        ]
    )
    return commune


def _shop(rng: random.Random, commune: Commune, category: Category, number: int) -> Shop:
    name = f"{rng.choice(NAMES)} {category.name} {number}"
    street = rng.choice(STREETS)
    description = f"{category.name} au cœur de la ville : {category.keywords}. Accueil et conseil."
    confirmed = rng.random() < 0.7
    return Shop(
        commune=commune,
        name=name,
        slug=f"commerce-{number}",
        status="published",
        main_category=category,
        description=description,
        house_number=str(rng.randrange(1, 120)),
        street=street,
        postcode="92500",
        city=commune.name,
        latitude=rng.uniform(48.852, 48.888),
        longitude=rng.uniform(2.152, 2.208),
        location_source="import",
        location_precision="housenumber",
        phone="+33199000000",
        confirmed_at=NOW - timedelta(days=rng.randrange(400)) if confirmed else None,
        confirmed_as="merchant" if confirmed else "",
        holiday_rule=rng.choice(["closed", "as_usual", "unknown"]),
        search_text=index_text(name, category.keywords, description, street),
    )


def _periods(rng: random.Random, shop: Shop):
    if rng.random() < 0.1:
        return
    ranges, days = rng.choice(WEEKS)
    for weekday in days:
        for opens, closes in ranges:
            yield OpeningPeriod(shop=shop, weekday=weekday, opens=opens, closes=closes)
