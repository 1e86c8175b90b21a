import pytest

from merchants.phone import PhoneError, display_phone, normalise_phone


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("01 47 51 01 02", "+33147510102"),
        ("01.47.51.01.02", "+33147510102"),
        ("+33 (0) 1 46 57 01 97", "+33146570197"),
        ("0033146570197", "+33146570197"),
        ("01\u00a046\u202f57 01 97", "+33146570197"),
        ("+377 93 15 28 15", "+37793152815"),
        ("3631", "3631"),
        ("  ", ""),
    ],
)
def test_normalise(text, number):
    assert normalise_phone(text) == number


def test_normalise_reads_overseas_numbers_as_they_are_dialled_there():
    assert normalise_phone("0596 60 12 34", region="MQ") == "+596596601234"


@pytest.mark.parametrize("text", ["appelez-moi", "12", "01 47 51", "+33 0", "99999999999999"])
def test_refuses_in_french(text):
    with pytest.raises(PhoneError, match="n’est pas un numéro"):
        normalise_phone(text)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+33146570197", "01 46 57 01 97"),
        ("+596596601234", "0596 60 12 34"),
        ("+37793152815", "+377 93 15 28 15"),
        ("3631", "36 31"),
    ],
)
def test_display_keeps_pairs_together(number, shown):
    assert display_phone(number) == shown.replace(" ", "\u00a0")
