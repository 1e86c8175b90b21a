import pytest

from merchants.french import of_place


@pytest.mark.parametrize(
    ("name", "joined"),
    [
        ("Suresnes", "de Suresnes"),
        ("Asnières-sur-Seine", "d’Asnières-sur-Seine"),
        ("Évry", "d’Évry"),
        ("Eu", "d’Eu"),
        ("Œuilly", "d’Œuilly"),
        ("Le Mans", "du Mans"),
        ("Les Lilas", "des Lilas"),
        ("Les Sables-d'Olonne", "des Sables-d’Olonne"),
        ("La Rochelle", "de La Rochelle"),
        ("L'Haÿ-les-Roses", "de L’Haÿ-les-Roses"),
        ("L’Isle-Adam", "de L’Isle-Adam"),
        ("Lens", "de Lens"),
        ("Lesquin", "de Lesquin"),
        ("Yvetot", "d’Yvetot"),
        ("Y", "d’Y"),
        ("Yenne", "de Yenne"),
        ("Yutz", "de Yutz"),
        ("Houilles", "de Houilles"),
    ],
)
def test_of_place(name, joined):
    assert of_place(name) == joined
