import pytest

from merchants.opendata.matching import look_alike
from merchants.text import normalise


@pytest.mark.parametrize(
    ("left", "right", "same_trade", "alike"),
    [
        ("Daisy Optic", "DAISY OPTIC Fleurs, Plantes, Décorations", True, True),
        ("Daisy Optic", "DAISY OPTIC Fleurs, Plantes, Décorations", False, False),
        ("AU PARADIS DU PAIN", "AU PARARIS DU PAINS Boulangerie Pâtisserie", True, True),
        ("LE VERGER DE COURBEVOIE", "Le verger de Courbevoie Marchand de légumes", True, True),
        ("tocquevilleprimeur", "Tocqueville Primeur", False, True),
        ("Boulangerie du Parc", "Boulangerie Dupont", True, False),
        ("Boulangerie de Courbevoie", "Fournil de Courbevoie", True, False),
        ("Hôtel de France", "Café de France", False, False),
        ("H&M", "C&A", True, False),
    ],
)
def test_names_that_may_be_one(left, right, same_trade, alike):
    place = frozenset({"courbevoie"})
    pair = normalise(left), normalise(right)
    assert look_alike(*pair, place, same_trade=same_trade) is alike
    assert look_alike(*reversed(pair), place, same_trade=same_trade) is alike
