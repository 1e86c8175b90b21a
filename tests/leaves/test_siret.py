import pytest

from merchants.siret import SiretError, normalise_siret


@pytest.mark.parametrize(
    ("text", "siret"),
    [
        ("732 829 320 00074", "73282932000074"),
        ("732.829.320-00074", "73282932000074"),
        # La Poste's establishments count the plain sum of digits.
        ("356 000 000 49837", "35600000049837"),
        (" ", ""),
    ],
)
def test_normalise(text, siret):
    assert normalise_siret(text) == siret


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("123", "compte 14 chiffres"),
        ("732 829 320 00075", "la clé de contrôle ne correspond pas"),
        ("7328293200007A", "compte 14 chiffres"),
    ],
)
def test_refuses_in_french(text, sentence):
    with pytest.raises(SiretError, match=sentence):
        normalise_siret(text)
