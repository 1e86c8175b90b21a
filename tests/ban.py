"""Answers of the national address base about Suresnes, in the words of a real addok server."""

from merchants.models import Commune
from tests.factories import make_commune
from tests.leaves.test_geocoding import answer, feature

__all__ = ["PAIX", "PARIS", "STREET", "TOWN", "answer", "house", "make_suresnes"]

PAIX = (48.8721, 2.2275)  # 12 rue de la Paix


def house(
    label: str = "12 Rue de la Paix",
    *,
    at: tuple[float, float] = PAIX,
    score: float = 0.95,
    town: tuple[str, str, str] = ("92150", "92073", "Suresnes"),
) -> dict:
    """A house number; in another town, give postcode, INSEE code and name."""
    postcode, code, city = town
    number, _space, street = label.partition(" ")
    return feature(
        at[1], at[0], label=f"{label} {postcode} {city}", score=score, housenumber=number,
        id=f"{code}_0001_{number}", type="housenumber", name=label, street=street,
        postcode=postcode, citycode=code, city=city, context="92", importance=0.3,
    )  # fmt: skip


STREET = feature(
    2.2280, 48.8725, label="Rue de la Paix 92150 Suresnes", score=0.74, id="92073_0001",
    type="street", name="Rue de la Paix", postcode="92150", citycode="92073", city="Suresnes",
    context="92", importance=0.3,
)  # fmt: skip
TOWN = feature(
    2.2290, 48.8710, label="Suresnes", score=0.5, id="92073", type="municipality",
    name="Suresnes", postcode="92150", citycode="92073", city="Suresnes", context="92",
    importance=0.5,
)  # fmt: skip
PARIS = house("12 Rue de la Paix", at=(48.8690, 2.3310), town=("75002", "75102", "Paris"))


def make_suresnes() -> Commune:
    """With a contour: a square of about four kilometres."""
    west, south, east, north = 2.20, 48.85, 2.25, 48.89
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    commune = make_commune("Suresnes", insee_code="92073")
    commune.contour = {"type": "Polygon", "coordinates": [ring]}
    commune.bbox = [west, south, east, north]
    commune.save()
    return commune
