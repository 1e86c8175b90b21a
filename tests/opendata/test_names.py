import pytest

from merchants.opendata import names
from merchants.opendata.category_files import read_categories


def test_every_brand_is_of_a_category():
    slugs = {child.slug for group in read_categories() for child in group.children}
    assert set(names.BRANDS) <= slugs


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Pharmacie de L'Hôtel de Ville", "pharmacie"),
        ("Boulangerie-Pâtisserie Marceau", "boulangerie"),
        ("Clinique vétérinaire SCI des Bruyères", "veterinaire"),
        ("Cabinet d'assurances Lorieul", "assurance"),
        ("Bar Restaurant Le Clémenceau", "bar"),
        ("AUTO ECOLE LA DEFENSE PERMIS", "auto-ecole"),
    ],
)
def test_trades(name, slug):
    assert names.trade_of(name) == (slug, "")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("École élémentaire Rouget de Lisle", names.SCHOOL),
        ("Docteur Roberte X", names.HEALTH),
        ("Mairie Hôtel de Ville", names.PUBLIC),
        ("Restaurant Molière (Aînés)", names.PUBLIC),
        ("SEPADEF-Parking Michelet", names.PARKING),
        ("CLIENT VACANT 0018", names.EMPTY),
    ],
)
def test_what_is_no_shop(name, reason):
    assert names.trade_of(name) == ("", reason)


@pytest.mark.parametrize("name", ["Le Dattier", "MORGANT Catherine", "Barbara", ""])
def test_nothing_is_guessed(name):
    assert names.trade_of(name) == ("", "")
