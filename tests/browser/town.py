"""A town with a contour and a colour, as the browser's tests and measures want it."""

import math

from merchants.models import Commune, Shop
from tests.bench.seed import seed

# Outside the box of the seeded town, so that only these stand there.
TOGETHER = (48.8935, 2.1800)


def make_town(number: int, *, slug: str = "ville") -> Commune:
    """A commune with that many shops: two of them share one point, apart from the others."""
    commune = seed(number, slug=slug)
    commune.contour = {"type": "Polygon", "coordinates": [_ring()]}
    commune.bbox = [2.145, 48.845, 2.215, 48.895]
    commune.accent_color = "#8a1c4a"
    commune.save()
    latitude, longitude = TOGETHER
    pair = Shop.objects.filter(commune=commune).order_by("pk")[:2].values("pk")
    Shop.objects.filter(pk__in=list(pair.values_list("pk", flat=True))).update(
        latitude=latitude, longitude=longitude
    )
    return commune


def _ring(points: int = 240) -> list[list[float]]:
    """About as many vertices as the contour of a real commune."""
    turns = [2 * math.pi * (i % points) / points for i in range(points + 1)]
    return [
        [
            round(2.18 + 0.033 * math.cos(t) * (1 + 0.05 * math.sin(9 * t)), 6),
            round(48.87 + 0.024 * math.sin(t) * (1 + 0.05 * math.sin(7 * t)), 6),
        ]
        for t in turns
    ]
