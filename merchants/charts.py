"""Charts as plain numbers for an SVG: bars with their values above them, so that no colour tells.

A leaf; templates/admin/town_hall/components/bar_chart.html draws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 372, 168
TOP, BOTTOM, SIDE = 34, 24, 6  # Room for the values, the labels, and at both ends.
FILLED = 0.7  # Of a bar's share of the width.


@dataclass(frozen=True)
class Bar:
    """One value. `text` is how it is said, "" for none; lengths are in units of the view box."""

    label: str
    text: str
    is_marked: bool
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def text_y(self) -> float:
        return round(self.y - 4, 1)


@dataclass(frozen=True)
class BarChart:
    name: str  # Of its ids in the page.
    title: str
    description: str
    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def base(self) -> int:
        return self.height - BOTTOM

    @property
    def label_y(self) -> int:
        return self.height - 8


def bar_chart(
    name: str,
    title: str,
    description: str,
    values: Sequence[tuple[str, float | None, str]],
    *,
    marked: int,
    top: float | None = None,
) -> BarChart:
    """Bars of (label, value, text) from zero to `top`, or to the largest; `marked` is an index.

    None is no value: no bar, and its text at the foot.
    """
    largest = top or max((value for _label, value, _text in values if value), default=0) or 1
    room = HEIGHT - TOP - BOTTOM
    step = (WIDTH - 2 * SIDE) / max(len(values), 1)
    bars = []
    for place, (label, value, text) in enumerate(values):
        height = round(min((value or 0) / largest, 1) * room, 1)
        bars.append(
            Bar(
                label=label,
                text=text,
                is_marked=place == marked,
                x=round(SIDE + step * (place + (1 - FILLED) / 2), 1),
                y=round(HEIGHT - BOTTOM - height, 1),
                width=round(step * FILLED, 1),
                height=height,
            )
        )
    return BarChart(name, title, description, tuple(bars))
