"""Addresses to points and back, by the national address base (BAN).

The Géoplateforme (https://data.geopf.fr/geocodage) and any addok server speak the same protocol,
GeocodeJSON over `/search` and `/reverse`: https://adresse.data.gouv.fr/api-doc/adresse and
https://addok.readthedocs.io/en/latest/api/. geopy's `BANFrance` speaks it too.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext as _
from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeopyError
from geopy.geocoders import BANFrance

from merchants.arrondissements import codes_within, whole_city
from merchants.geo import Point
from merchants.outside import USER_AGENT, OutsideError, get_json
from merchants.streets import spelt_out
from merchants.text import normalise

TIMEOUT = 4.0  # seconds; somebody waits in front of a form
SHORTEST, LONGEST = 3, 200  # characters; the service refuses other questions

# BAN's `type` of an answer. The same values as `models.shop.LocationPrecision`.
HOUSE_NUMBER, STREET, LOCALITY, MUNICIPALITY = "housenumber", "street", "locality", "municipality"
PRECISIONS = {HOUSE_NUMBER, STREET, LOCALITY, MUNICIPALITY}

# addok's score says how much of the question is in the answer, from 0 to 1. With number, way,
# postcode and city, what is right has 0.87 or more (0.936 letter by letter for a street of
# middling importance) and another way of the same name ("rue" for "avenue") 0.80 or less.
# Measured on addok 1.3 with addok-fr, addok-france and 145 real streets.
WEAK_SCORE = 0.82
# Two answers that score alike and lie further apart than this are two different places.
SAME_SCORE, SAME_PLACE_KM = 0.02, 0.3


class GeocoderError(Exception):
    """The geocoder cannot be used now; the message is a French sentence for the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address of the BAN. `precision` is a value of LocationPrecision, `score` 0 to 1.

    `commune_code` is the INSEE code of the commune (of the whole city for an arrondissement).
    For a lieu-dit, `street` is its name; for a commune it is empty.
    """

    label: str
    house_number: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    commune_code: str = ""
    point: Point
    precision: str
    score: float = 0.0


class Territory(Protocol):
    """What `best` needs of a commune; `models.Commune` is one."""

    insee_code: str

    def holds(self, point: Point) -> bool | None:
        """Whether the point lies in it; None where nobody knows."""


class Geocoder:
    """A client of the geocoder at `base_url`; `timeout` in seconds.

    Every method raises GeocoderError and nothing else; nothing found is an empty list.
    """

    def __init__(self, base_url: str, timeout: float = TIMEOUT):
        self._client = _Addok(base_url, timeout)

    def search(
        self,
        address: str,
        *,
        postcode: str = "",
        city: str = "",
        commune_code: str = "",
        near: Point | None = None,
        limit: int = 5,
    ) -> list[Place]:
        """Places for a whole address ("12 bis, av. de la Gare"), the best first.

        Give postcode and city: the score counts them. `commune_code` keeps the answers to that
        commune; `near` prefers close ones where no code can do so.
        """
        if not normalise(address):
            return []
        words = [spelt_out(address)]
        words += [part for part in (postcode, city) if normalise(part) not in normalise(address)]
        return self._ask(" ".join(words), 0, postcode, commune_code, near, limit)

    def complete(
        self,
        text: str,
        *,
        postcode: str = "",
        commune_code: str = "",
        near: Point | None = None,
        limit: int = 5,
    ) -> list[Place]:
        """Places whose address begins like the text, while somebody is typing."""
        return self._ask(spelt_out(text), 1, postcode, commune_code, near, limit)

    def reverse(self, point: Point, *, limit: int = 1) -> list[Place]:
        """The addresses nearest to a point; `score` then says how near."""
        parameters = {"lat": point.latitude, "lon": point.longitude, "limit": limit}
        return self._client.places("/reverse", parameters)

    def _ask(
        self,
        question: str,
        autocomplete: int,
        postcode: str,
        commune_code: str,
        near: Point | None,
        limit: int,
    ) -> list[Place]:
        question = re.sub(r"^\W+", "", " ".join(question.split()))[:LONGEST].strip()
        if len(question) < SHORTEST:
            return []
        parameters = {"q": question, "limit": limit, "autocomplete": autocomplete}
        # One filter is enough, and the surer one: a postcode may be that of a CEDEX. A city with
        # arrondissements has no code of its own in the BAN.
        if commune_code and len(codes_within(commune_code)) == 1:
            parameters["citycode"] = commune_code
        elif postcode:
            parameters["postcode"] = postcode
        if near and "citycode" not in parameters:
            parameters |= {"lat": near.latitude, "lon": near.longitude}
        return self._client.places("/search", parameters)


def best(places: Sequence[Place], commune: Territory) -> tuple[Place | None, bool]:
    """The best of the places that lie in the commune, and whether the person should be asked.

    A place lies in the commune by its INSEE code or by the contour. It is weak where it is no
    house number, where its score is below WEAK_SCORE, or where another place scores alike
    elsewhere in the commune (the third "rue de l’Église" of a merged commune).
    """
    inside = [place for place in places if lies_in(place, commune)]
    if not inside:
        return None, False
    first = max(inside, key=lambda place: place.score)
    rivals = any(
        first.score - other.score < SAME_SCORE
        and other.precision == first.precision
        and other.point.distance_km(first.point) > SAME_PLACE_KM
        for other in inside
    )
    weak = first.precision != HOUSE_NUMBER or first.score < WEAK_SCORE or rivals
    return first, weak


def lies_in(place: Place, commune: Territory) -> bool:
    """Whether a place is the commune's, by its INSEE code or by the contour."""
    return place.commune_code == commune.insee_code or commune.holds(place.point) is True


class _Adapter(BaseSyncAdapter):
    """geopy's way to the network, with the bounds of `merchants.outside`."""

    def get_json(self, url: str, *, timeout: float, headers: dict[str, str]) -> Any:
        return get_json(url, timeout=timeout, service=_("La base nationale des adresses"))

    def get_text(self, url: str, *, timeout: float, headers: dict[str, str]) -> str:
        raise NotImplementedError("only JSON is asked for")


class _Addok(BANFrance):
    """geopy's client with the parameters of the protocol that it does not pass on."""

    def __init__(self, base_url: str, timeout: float):
        address = urlsplit(base_url)
        super().__init__(
            domain=f"{address.netloc}{address.path}",
            scheme=address.scheme,
            timeout=timeout,
            user_agent=USER_AGENT,
            adapter_factory=lambda *, proxies, ssl_context: _Adapter(
                proxies=proxies, ssl_context=ssl_context
            ),
        )

    def places(self, path: str, parameters: dict[str, str | int | float]) -> list[Place]:
        url = f"{self.scheme}://{self.domain}{path}?{urlencode(parameters)}"
        try:
            return list(self._call_geocoder(url, _places))
        except OutsideError as error:
            raise GeocoderError(str(error)) from error
        except (GeopyError, LookupError, TypeError, AttributeError, ValueError) as error:
            raise GeocoderError(
                _("La base nationale des adresses a donné une réponse inattendue.")
            ) from error


def _places(answer: dict[str, Any]) -> Iterable[Place]:
    """Read here and not by geopy, whose locations know neither score nor precision."""
    for feature in answer["features"]:
        properties = feature["properties"]
        longitude, latitude = feature["geometry"]["coordinates"][:2]
        if properties.get("type") not in PRECISIONS:
            continue  # The Géoplateforme also knows parcels and points of interest.
        point = Point(float(latitude), float(longitude))
        if not (-90 <= point.latitude <= 90 and -180 <= point.longitude <= 180):
            raise ValueError("not on the globe")
        precision = properties["type"]
        name = properties.get("name") if precision != MUNICIPALITY else ""
        yield Place(
            label=str(properties["label"]),
            house_number=str(properties.get("housenumber") or ""),
            street=str(properties.get("street") or properties.get("locality") or name or ""),
            postcode=str(properties.get("postcode") or ""),
            city=str(properties.get("city") or ""),
            commune_code=whole_city(str(properties.get("citycode") or "")),
            point=point,
            precision=precision,
            score=min(max(float(properties.get("score") or 0), 0.0), 1.0),
        )
