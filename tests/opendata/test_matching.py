import random
from difflib import SequenceMatcher

import pytest

from merchants.opendata.matching import _likeness, look_alike
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


def test_likeness_is_difflib_s():
    """Another library only tells sooner which pairs are not worth a look."""
    rng = random.Random(1)
    for _pair in range(2000):
        left = "".join(rng.choices("abc d", k=rng.randrange(1, 12)))
        right = "".join(letter for letter in left if rng.random() < 0.9) + rng.choice(["", "a"])
        alike = SequenceMatcher(None, left, right).ratio() >= 0.8
        assert _likeness(left, right, 0.8) is alike
