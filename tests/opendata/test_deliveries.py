from decimal import Decimal

import pytest

from merchants.opendata.deliveries import Around, delivery_of
from merchants.text import normalise

NEARBY = {normalise(name) for name in ("Rueil-Malmaison", "Garches", "Nanterre")}


def read(text: str, commune: str = "Rueil-Malmaison") -> tuple:
    """(area, minimum, fee, delay, note)"""
    service = delivery_of(text, Around(commune, "92", NEARBY.__contains__))
    return service.area, service.minimum_order, service.fee, service.delay, service.note


def test_a_whole_sentence():
    assert read("Garches et Vaucresson, dès 40 €, 5,50 € de frais, sous 48 h, le jeudi") == (
        "Garches et Vaucresson",
        Decimal(40),
        Decimal("5.50"),
        "sous 48 h",
        "le jeudi",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Rueil",
        "rueil-malmaison",
        "92500 Rueil-Malmaison",
        "Nanterre",
        "Rueil et Chatou",
        "Rueil, Puteaux et Saint-Cloud",
        "dans tout Rueil",
        "dans toute la ville",
        "toute la ville et les communes voisines",
        "à domicile dans Rueil",
        "5 km",
        "Rueil et 10 km autour",
        "dans un rayon de 10 km autour de la gare",
        "centre-ville",
        "le bourg",
        "quartier de la Fouilleuse",
        "métropole lilloise",
        "Île-de-France",
        "Hauts-de-Seine et Paris",
        "dans le 78",
        "92 et 75",
        "dans le Lot",
    ],
)
def test_places(text):
    assert read(f"{text}, dès 20 €") == (text, Decimal(20), None, "", "")


@pytest.mark.parametrize(
    "text",
    [
        "à vélo",
        "pianos",
        "bûches et gâteaux glacés",
        "à domicile",
        "envoi en France",
        "pour les personnes âgées",
        "10 km gratuits",
        "sacs de plus de 10 kg",
        "le samedi",
        "Noël",
        "Lot",
        "Rueil, Samedi et Dimanche",
        "Rueil, Colombes",  # a place that nobody knows here, or something else
    ],
)
def test_what_is_no_place_stays_whole_in_the_note(text):
    text = f"{text}, 9 €"
    area, minimum, fee, delay, note = read(text)
    if area == "Rueil":
        assert note == "Samedi et Dimanche, 9 €"
        return
    assert (area, minimum, fee, delay, note) == ("", None, None, "", text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("à vélo, Rueil, dès 35 €, gratuit", ("Rueil", 35, 0, "", "à vélo")),
        ("bûches glacées, Rueil, 5 €", ("Rueil", None, 5, "", "bûches glacées")),
        # An amount that follows a condition belongs to it.
        ("Rueil, gros objets, 15 €", ("Rueil", None, None, "", "gros objets, 15 €")),
        ("Rueil, dès 12 bouteilles, gratuit",
         ("Rueil", None, None, "", "dès 12 bouteilles, gratuit")),
        ("Rueil, dès 20 €, gratuit dès 30 €", ("Rueil", 20, None, "", "gratuit dès 30 €")),
        # Two fees, two areas: none of them is the one.
        ("Rueil, 5 €, gratuit", ("", None, None, "", "Rueil, 5 €, gratuit")),
        ("Rueil, 5 €, Garches", ("", None, None, "", "Rueil, 5 €, Garches")),
        ("dès 40 €, 5 €, sous 48 h", ("", 40, 5, "sous 48 h", "")),
        ("Rueil, en 3 camions", ("Rueil", None, None, "", "en 3 camions")),
    ],
)  # fmt: skip
def test_amounts_and_delays(text, found):
    assert read(text) == found


def test_a_name_that_means_something_else_is_no_short_form():
    assert read("Bois, 30 €", "Bois-Colombes")[0] == ""
    assert read("Bois-Colombes, 30 €", "Bois-Colombes")[0] == "Bois-Colombes"
