"""From an address to a point on the map: what the address base is sure of, and what to ask about.

A leaf over `geocoding`. A place that was offered to somebody comes back signed, so that a choice
needs no second question and nobody makes up what the address base says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.core.signing import BadSignature, Signer

from merchants.geo import Point
from merchants.geocoding import (
    HOUSE_NUMBER,
    LOCALITY,
    MUNICIPALITY,
    STREET,
    WEAK_SCORE,
    Geocoder,
    GeocoderError,
    Place,
    Territory,
    best,
    lies_in,
)
from merchants.streets import spelt_out
from merchants.text import normalise

CANDIDATES = 5  # to choose from
# A pin this near to a point stands on it: what a page shows has six decimals.
SAME_POINT_KM = 0.001
# How far from the address its entrance may lie without being asked about, by BAN's precision.
FAR_KM = {HOUSE_NUMBER: 0.3, STREET: 1.0, LOCALITY: 2.0}

_signer = Signer(salt="merchants.placing")


class Address(NamedTuple):
    house_number: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""

    @property
    def line(self) -> str:
        """ "12 rue de la Paix", as a geocoder wants it."""
        return f"{self.house_number} {self.street}".strip()

    def is_same_place(self, other: "Address") -> bool:
        """Whether both name one place: however written, and whichever lacks postcode or city."""
        if _plain(self.line) != _plain(other.line):
            return False
        towns = ((self.postcode, other.postcode), (self.city, other.city))
        return all(not one or not two or normalise(one) == normalise(two) for one, two in towns)

    def in_town(self, name: str, postcodes: Sequence[str]) -> "Address":
        """With that commune's name and only postcode where they are missing: the score of an answer
        counts both (0.94 with them, 0.81 without the postcode, 0.57 without either)."""
        city = self.city or name
        alone = postcodes[0] if len(postcodes) == 1 and normalise(city) == normalise(name) else ""
        return self._replace(city=city, postcode=self.postcode or alone)

    def with_place(self, place: Place) -> "Address":
        """As the address base writes it; a number that it does not know stays."""
        return Address(
            place.house_number or self.house_number, place.street, place.postcode, place.city
        )


class Spot(NamedTuple):
    """Where a listing stands on the map: the three fields of `Listing` that go together."""

    point: Point | None = None
    location_source: str = ""
    location_precision: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the address base says of an address.

    `place` is certain. Where it is None, `candidates` may be meant (the likeliest first), and
    `elsewhere` is that address in another commune. `problem` is a sentence where nobody answered.
    """

    place: Place | None = None
    candidates: tuple[Place, ...] = ()
    elsewhere: Place | None = None
    problem: str = ""


def ask(geocoder: Geocoder, address: Address, commune: Territory) -> Answer:
    """Looks an address up. One question over the network, two where the first answer is weak.

    Raises nothing: that nobody answers is an answer too.
    """
    town = {"postcode": address.postcode, "city": address.city}
    try:
        found = geocoder.search(address.line, **town, commune_code=commune.insee_code, limit=10)
        place, weak = best(found, commune)
        if place and not weak:
            return Answer(place)
        candidates = offered(found, commune)
        return Answer(None, candidates, _elsewhere(geocoder, address, commune))
    except GeocoderError as error:
        return Answer(problem=str(error))


def offered(found: Iterable[Place], commune: Territory | None) -> tuple[Place, ...]:
    """What somebody may choose from: addresses of the commune, each once, the likeliest first."""
    inside = [
        place
        for place in found
        if place.precision != MUNICIPALITY and (commune is None or lies_in(place, commune))
    ]
    inside.sort(key=lambda place: -place.score)
    once = {place.label: place for place in reversed(inside)}
    return tuple(place for place in inside if once[place.label] is place)[:CANDIDATES]


def fits(place: Place, address: Address) -> bool:
    """Whether the place still is that address's: nothing was typed over it since."""
    return address.with_place(place).is_same_place(address)


def is_far(pin: Point, place: Place) -> bool:
    """Whether an entrance so far from its address should be asked about."""
    return pin.distance_km(place.point) > FAR_KM.get(place.precision, FAR_KM[LOCALITY])


def same_point(one: Point | None, other: Point | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.distance_km(other) < SAME_POINT_KM


def signed(place: Place) -> str:
    """The place as a text that `unsigned` reads back. Without score: it has been chosen."""
    values = [getattr(place, name) for name in _SIGNED]
    return _signer.sign_object([*values, *place.point], compress=True)


def unsigned(text: str) -> Place | None:
    """The place of `signed`; None for any other text."""
    try:
        *values, latitude, longitude = _signer.unsign_object(text)
    except (BadSignature, ValueError):
        return None
    return Place(**dict(zip(_SIGNED, values, strict=True)), point=Point(latitude, longitude))


_SIGNED = ("label", "house_number", "street", "postcode", "city", "commune_code", "precision")


def _elsewhere(geocoder: Geocoder, address: Address, commune: Territory) -> Place | None:
    """The place of that very address, if it is certain and in another commune."""
    try:
        found = geocoder.search(address.line, postcode=address.postcode, city=address.city)
    except GeocoderError:
        return None  # The first answer stands.
    first = max(found, key=lambda place: place.score, default=None)
    if first is None or lies_in(first, commune):
        return None
    sure = first.precision == HOUSE_NUMBER and first.score >= WEAK_SCORE
    # A street of that name is somewhere in France: its town must be the one that was named.
    named = first.postcode == address.postcode or normalise(first.city) == normalise(address.city)
    return first if sure and named else None


def _plain(line: str) -> str:
    return normalise(spelt_out(line))
