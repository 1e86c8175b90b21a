import pytest

from merchants.colors import (
    DARK_GROUND,
    LIGHT_GROUND,
    contrast,
    readable_on_dark,
    readable_on_light,
)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#abcdef", "#abcdef") == 1


@pytest.mark.parametrize(
    "color", ["#ffee00", "#FFFFFF", "#000000", "#0b5d8c", "#ff0000", "#808080"]
)
def test_any_colour_becomes_readable(color):
    assert contrast(readable_on_light(color), LIGHT_GROUND) >= 4.5
    assert contrast(readable_on_dark(color), DARK_GROUND) >= 4.5


def test_a_readable_colour_is_left_alone():
    assert readable_on_light("#0B5D8C") == "#0b5d8c"
