"""What every PDF is made of: text in the letters that the fonts have, and sizes that fit."""

import pytest

from merchants.pdf import REGULAR, drawable, fitted_size


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("L’Épi «\u00a0d’Or\u00a0» – œuvre…", "L’Épi «\u00a0d’Or\u00a0» – œuvre…"),
        ("Que faire\u202f? 12\u2009€", "Que faire\u00a0? 12\u00a0€"),
        ("E\u0301te\u0301", "Été"),
        ("Kebab Ağrı, Łódź, Győr", "Kebab Ağrı, Łódz, Gyor"),
        ("Ty\u2011Breizh 東京 🙂", "Ty-Breizh ?? ?"),
        ("a\u200bb\tc", "ab c"),
    ],
)
def test_what_the_fonts_do_not_have(text, shown):
    assert drawable(text) == shown


def test_a_line_is_set_smaller_until_it_fits_and_no_smaller_than_can_be_read():
    assert fitted_size("Court", REGULAR, 10, 200) == 10
    assert 6 < fitted_size("Une boulangerie artisanale et fils", REGULAR, 10, 150) < 10
    assert fitted_size("Sans fin " * 40, REGULAR, 10, 150) == 6
