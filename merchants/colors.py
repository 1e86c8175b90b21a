"""Colours that can be read: contrast as WCAG 2.2 defines it (relative luminance, 1.4.3)."""

import colorsys
import re
from dataclasses import dataclass

ENOUGH = 4.5
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
LIGHT_GROUND, DARK_GROUND = "#ffffff", "#161b22"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two "#rrggbb" colours, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_on_light(color: str) -> str:
    """The colour, darkened as little as text on a light ground needs (contrast 4.5)."""
    return _moved(color, LIGHT_GROUND, -0.02)


def readable_on_dark(color: str) -> str:
    """The colour, lightened as little as text on a dark ground needs (contrast 4.5)."""
    return _moved(color, DARK_GROUND, 0.02)


@dataclass(frozen=True, slots=True)
class Readings:
    """A colour as pages show it, on a light and on a dark ground."""

    on_light: str
    on_dark: str
    is_darkened: bool
    is_lightened: bool


def readings(color: str) -> Readings:
    """What becomes of a colour; ValueError for what is no "#rrggbb", or stays unreadable."""
    if not COLOR.fullmatch(color):
        raise ValueError(color)
    on_light, on_dark = readable_on_light(color), readable_on_dark(color)
    if min(contrast(on_light, LIGHT_GROUND), contrast(on_dark, DARK_GROUND)) < ENOUGH:
        raise ValueError(color)
    return Readings(on_light, on_dark, on_light != color.lower(), on_dark != color.lower())


def _moved(color: str, ground: str, step: float) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(color))
    while contrast(color, ground) < ENOUGH and 0 <= lightness + step <= 1:
        lightness += step
        rgb = colorsys.hls_to_rgb(hue, lightness, saturation)
        color = "#" + "".join(f"{round(channel * 255):02x}" for channel in rgb)
    return color.lower()


def _channels(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _luminance(color: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
