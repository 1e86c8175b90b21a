import pytest

from merchants.geo import Point
from merchants.opendata import values


@pytest.mark.parametrize(
    ("latitude", "longitude", "point"),
    [("48,87", "2.22", Point(48.87, 2.22)), ("", "", None), ("-21.1", "55.5", Point(-21.1, 55.5))],
)
def test_points(latitude, longitude, point):
    assert values.point_of(latitude, longitude) == point


@pytest.mark.parametrize("pair", [("48", ""), ("x", "y"), ("0", "0"), ("95", "2"), ("nan", "nan")])
def test_points_that_are_none(pair):
    with pytest.raises(ValueError):
        values.point_of(*pair)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("75 rue Saint Charles", ("75", "rue Saint Charles")),
        ("36, rue du Temple", ("36", "rue du Temple")),
        ("7 bis rue de boulainvilliers", ("7 bis", "rue de boulainvilliers")),
        ("12-14 avenue Foch", ("12-14", "avenue Foch")),
        ("3B rue X", ("3B", "rue X")),
        ("Place Baudoyer", ("", "Place Baudoyer")),
        ("8 mai 1945", ("8", "mai 1945")),
        ("", ("", "")),
    ],
)
def test_addresses(text, parts):
    assert values.split_address(text) == parts


def test_a_whole_address():
    assert values.split_postal("12 rue X, 92150 Suresnes") == ("12 rue X", "92150", "Suresnes")
    assert values.split_postal("12 rue X") == ("12 rue X", "", "")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Livraison à domicile 14e - 15e", ["livraison"]),
        ("Nous livrons sur tout Paris", ["livraison"]),
        ("Pizzas et sandwichs\nA emporter ou en livraison", ["livraison", "emporter"]),
        ("Click&Collect & Livraison Ubereats 7/7", ["livraison", "retrait"]),
        ("Commande et information par téléphone", ["telephone"]),
        ("commande par téléphone, retrait sur place", ["retrait", "telephone"]),
        ("Uniquement sur rendez-vous", ["rendez-vous"]),
        ("Livres anciens, pas de livraison", []),
        ("Produits italiens", []),
    ],
)
def test_services_in_french(text, kinds):
    assert values.services_in(text) == kinds


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("cards|contactless|cash|meal_voucher", ("cards", "contactless", "cash", "meal_voucher")),
        ("CB, espèces et titres-restaurant", ("cards", "cash", "meal_voucher")),
        ("Carte bancaire sans contact, chèques-vacances", ("cards", "contactless", "ancv")),
        ("chèque", ("cheque",)),
        ("bons cadeaux", ("gift_voucher",)),
        ("", ()),
    ],
)
def test_means_of_payment(text, means):
    assert values.payments_in(text) == means


def test_means_of_payment_of_osm():
    tags = {"payment:visa": "yes", "payment:coins": "yes", "payment:cheque": "no"}
    assert values.payments_of_tags(tags) == ("cards", "cash")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("www.klodawski.com", "https://www.klodawski.com"),
        ("Http://shop.example.fr/a b", "http://shop.example.fr/a%20b"),
        ("https://exemple.fr/é", "https://exemple.fr/%C3%A9"),
        ("//exemple.fr", "https://exemple.fr"),
    ],
)
def test_addresses_that_are_completed(text, url):
    assert values.url_of(text) == (url, True)


def test_a_whole_address_stays():
    url = "https://exemple.fr/a?b=c%20d#e"
    assert values.url_of(url) == (url, False)


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "ftp://x.fr", "néant", "http://x", "https://a@b.fr"]
)
def test_addresses_that_are_none(text):
    with pytest.raises(ValueError):
        values.url_of(text)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.epicery.com/x", "shop_url"),
        ("https://m.facebook.com/x", "social"),
        ("https://notfacebook.com/x", "website"),
    ],
)
def test_kinds_of_address(url, kind):
    assert values.kind_of_url(url) == kind
