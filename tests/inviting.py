"""A commune whose listings nobody keeps yet, for what is printed and posted."""

from datetime import datetime

from merchants.models import Commune, Objection, Shop
from tests.factories import make_commune, make_shop


def make_town() -> Commune:
    return make_commune(
        "Suresnes",
        insee_code="92073",
        town_hall_name="Ville de Suresnes",
        town_hall_address="2 rue Carnot\n92150 Suresnes",
        town_hall_phone="01 41 18 19 20",
        town_hall_email="commerce@suresnes.example",
    )


def make_listing(name: str, commune: Commune, **values) -> Shop:
    """A listing that a letter finds."""
    address = {"house_number": "12", "street": "rue de la Paix", "postcode": "92150"}
    return make_shop(name, commune=commune, **address | values)


def make_objection(shop: Shop, now: datetime) -> Objection:
    return Objection.objects.create(siret=shop.siret, commune=shop.commune, at=now)
