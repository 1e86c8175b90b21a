"""The official company search (API Recherche d'entreprises), which knows every establishment.

Source: https://recherche-entreprises.api.gouv.fr/docs/ and the code of the service (DINUM). Seven
requests a second are allowed for one address. Directors are never asked for: only the head office
and the establishments that match.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from merchants.arrondissements import codes_within, whole_city
from merchants.geo import Point
from merchants.outside import OutsideError, get_json

TIMEOUT = 4.0  # seconds; somebody waits in front of a form
SHORTEST = 3  # characters; the service refuses shorter questions
LONGEST = 120
PER_PAGE = 10  # companies; the service gives 25 at most
MOST = 20  # establishments that a form can usefully show
MOST_PER_PAGE = 25  # companies
MOST_MATCHING = 100  # establishments of one company, the open ones first
MOST_COMPANIES = 10_000  # of one question, over all of its pages
# Below what is allowed, since forms ask at the same time from the same address.
PAUSE = 0.2  # seconds between two questions of a list

# "P": the person asked that the address (and the name of a natural person) be kept private
# (article R. 123-232 du code de commerce); "N" is what older files wrote. The service then sends
# "[NON-DIFFUSIBLE]" in most of these fields, and a legal person's name as it is.
PRIVATE = {"P", "N"}
MASK = "NON-DIFFUSIBLE"


class CompanySearchError(Exception):
    """The search cannot be used now; the message is a French sentence for the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One establishment, in the register's own spelling: capitals, without accents.

    With `partial_diffusion`, names, address and point are empty: nothing may be filled in. `naf`
    is the establishment's activity ("10.71C"), `commune_code` the INSEE code of the commune (of
    the whole city for an arrondissement), degrees are WGS 84. `since` is when it opened or, of a
    closed one, when it closed.
    """

    siret: str
    siren: str
    name: str = ""
    trade_name: str = ""
    house_number: str = ""
    street: str = ""
    address_extra: str = ""
    postcode: str = ""
    city: str = ""
    commune_code: str = ""
    naf: str = ""
    is_open: bool = True
    is_head_office: bool = False
    latitude: float | None = None
    longitude: float | None = None
    partial_diffusion: bool = False
    since: date | None = None

    @property
    def point(self) -> Point | None:
        if self.latitude is None or self.longitude is None:
            return None
        return Point(self.latitude, self.longitude)

    @property
    def best_name(self) -> str:
        """What stands over the door, else the name in the register."""
        return self.trade_name or self.name


@dataclass(frozen=True, slots=True)
class CompanyPage:
    """A page of a list: its establishments, and how many pages there are. `is_cut` where there
    are more companies than the service tells of."""

    companies: list[Company]
    pages: int
    is_cut: bool


class CompanySearch:
    """A client of the search at `base_url`; `timeout` in seconds.

    With a `pause` in seconds, it waits so long between two questions.
    """

    def __init__(self, base_url: str, timeout: float = TIMEOUT, *, pause: float = 0.0):
        self._url = f"{base_url.rstrip('/')}/search"
        self._timeout = timeout
        self._pause = pause
        self._next = 0.0

    def find(self, text_or_siret: str, *, commune_code: str | None = None) -> list[Company]:
        """Establishments by name, address, SIREN or SIRET; the open ones first, 20 at most.

        A SIRET finds that establishment wherever it lies, so that the form can say where; anything
        else is searched in the commune, if one is given. A question of fewer than 3 characters
        finds nothing. Raises CompanySearchError and nothing else.
        """
        question = " ".join(text_or_siret.split())[:LONGEST]
        digits = re.sub(r"[\s.\-]", "", question)
        siret = digits if re.fullmatch(r"\d{14}", digits) else ""
        if siret or re.fullmatch(r"\d{9}", digits):
            question = digits
        if len(question) < SHORTEST:
            return []
        parameters = {
            "q": question,
            "page": 1,
            "per_page": PER_PAGE,
            "minimal": "true",
            "include": "siege,matching_etablissements",
        }
        if commune_code and not siret:
            parameters["code_commune"] = ",".join(codes_within(commune_code))
        found, _answer = self._ask(parameters)
        if siret:
            found = [company for company in found if company.siret == siret]
        elif commune_code:
            found = [c for c in found if c.commune_code == whole_city(commune_code)]
        return sorted(found, key=lambda company: not company.is_open)[:MOST]

    def in_commune(
        self, commune_code: str, naf_codes: Sequence[str], *, page: int = 1
    ) -> CompanyPage:
        """A page (from 1) of the establishments of companies that have one of these activities.

        It is the company's main activity that the service looks at: an establishment may have
        another one, and a shop of a company that does something else is not found. Closed
        establishments of open companies are among them. Raises CompanySearchError alone.
        """
        parameters = {
            "code_commune": ",".join(codes_within(commune_code)),
            "activite_principale": ",".join(naf_codes),
            "etat_administratif": "A",
            "page": page,
            "per_page": MOST_PER_PAGE,
            "limite_matching_etablissements": MOST_MATCHING,
            "minimal": "true",
            "include": "siege,matching_etablissements",
        }
        found, answer = self._ask(parameters)
        try:
            companies, pages = int(answer["total_results"]), int(answer["total_pages"])
        except (KeyError, TypeError, ValueError) as error:
            raise CompanySearchError(_unexpected()) from error
        here = [c for c in found if c.commune_code == whole_city(commune_code)]
        most = MOST_COMPANIES // MOST_PER_PAGE
        return CompanyPage(here, min(pages, most), companies >= MOST_COMPANIES)

    def _ask(self, parameters: dict[str, Any]) -> tuple[list[Company], dict[str, Any]]:
        """The establishments of an answer, and the answer. Raises CompanySearchError alone."""
        if (left := self._next - time.monotonic()) > 0:
            time.sleep(left)
        self._next = time.monotonic() + self._pause
        try:
            answer = get_json(
                f"{self._url}?{urlencode(parameters)}",
                timeout=self._timeout,
                service=_("L’annuaire des entreprises"),
            )
            return list(_companies(answer)), answer
        except OutsideError as error:
            raise CompanySearchError(str(error)) from error
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise CompanySearchError(_unexpected()) from error


def _unexpected() -> str:
    return _("L’annuaire des entreprises a donné une réponse inattendue.")


def _companies(answer: dict[str, Any]) -> Iterator[Company]:
    """Every establishment of an answer once: those that match, or else the head office."""
    seen = set()
    for unit in answer["results"]:
        head_office = unit.get("siege") or {}
        for row in unit.get("matching_etablissements") or [head_office]:
            siret = row.get("siret") or ""
            if siret in seen or not re.fullmatch(r"\d{14}", siret):
                continue
            seen.add(siret)
            # The head office alone comes with its address in parts.
            yield _company(unit, head_office if head_office.get("siret") == siret else row)


def _company(unit: dict[str, Any], row: dict[str, Any]) -> Company:
    known = {
        "siret": row["siret"],
        "siren": row["siret"][:9],
        "commune_code": whole_city(_text(row, "commune")),
        "naf": _text(row, "activite_principale") or _text(unit, "activite_principale"),
        # "F" closes an establishment, "C" the company with all of its establishments.
        "is_open": row.get("etat_administratif") == "A" and unit.get("etat_administratif") != "C",
        "is_head_office": row.get("est_siege") is True,
    }
    closed_on = _date(row, "date_fermeture") or _date(unit, "date_fermeture")
    known["since"] = _date(row, "date_creation") if known["is_open"] else closed_on
    statuses = {row.get("statut_diffusion_etablissement"), unit.get("statut_diffusion")}
    if statuses & PRIVATE:
        return Company(**known, partial_diffusion=True)
    signs = [sign for sign in row.get("liste_enseignes") or [] if sign and MASK not in sign]
    latitude, longitude = _degrees(row, "latitude", 90), _degrees(row, "longitude", 180)
    if latitude is None or longitude is None:
        latitude = longitude = None
    return Company(
        **known,
        **_address(row),
        name=_legal_name(unit),
        trade_name=signs[0] if signs else _text(row, "nom_commercial"),
        latitude=latitude,
        longitude=longitude,
    )


def _legal_name(unit: dict[str, Any]) -> str:
    """Without the trade name and the acronym that `nom_complet` has in brackets."""
    return _text(unit, "nom_raison_sociale") or _text(unit, "nom_complet").split(" (")[0]


# Ways as the register spells them: where one follows, what stands before is a number or a place.
_WAY = (
    "ALLEES?|AVENUE|BOULEVARD|CHAUSSEE|CHEMIN|CITE|COURS?|ESPLANADE|FAUBOURG|GALERIE|IMPASSE|"
    "MAIL|MONTEE|PARVIS|PASSAGE|PLACE|PROMENADE|QUAI|ROND POINT|ROUTE|RUELLE|RUE|SENTE|SENTIER|"
    "SQUARE|TRAVERSE|VENELLE|VILLA|VOIE"
)
_NUMBER = r"\d+(?:[-/]\d+)?(?: ?(?:BIS|TER|QUATER))?"
_NUMBERED = re.compile(
    # "CC LES HALLES 12 BIS RUE DE LA GARE", "12 B RUE DE LA GARE"
    rf"(?:(?P<extra>.+?) )??(?P<number>{_NUMBER}(?: ?[A-Z])?) (?P<street>(?:{_WAY}) .+)"
    # "4 LE BOURG"
    rf"|(?P<number2>{_NUMBER}) (?P<street2>\D.+)"
    # "RUE DE LA GARE", "CC LES HALLES RUE DE LA GARE"
    rf"|(?:(?P<extra3>.+?) )??(?P<street3>(?:{_WAY}) .+)"
)


def _address(row: dict[str, Any]) -> dict[str, str]:
    """The address in parts: as given for a head office, else read from the line `adresse`."""
    postcode, city = _text(row, "code_postal"), _text(row, "libelle_commune")
    place = {"postcode": postcode, "city": city}
    if "libelle_voie" in row:
        number = f"{_text(row, 'numero_voie')} {_text(row, 'indice_repetition')}".strip()
        street = f"{_text(row, 'type_voie')} {_text(row, 'libelle_voie')}".strip()
        extra = _text(row, "complement_adresse")
        return place | {"house_number": number, "street": street, "address_extra": extra}
    line = _text(row, "adresse")
    if postcode and f" {postcode} " in f" {line} ":
        line = f" {line} ".rsplit(f" {postcode} ", 1)[0].strip()
    match = _NUMBERED.fullmatch(line)
    if not match:
        return place | {"street": line}
    part = match.groupdict()
    return place | {
        "house_number": part["number"] or part["number2"] or "",
        "street": part["street"] or part["street2"] or part["street3"] or "",
        "address_extra": part["extra"] or part["extra3"] or "",
    }


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key) or ""
    return "" if MASK in value else " ".join(value.split())


def _date(row: dict[str, Any], key: str) -> date | None:
    try:
        return date.fromisoformat(_text(row, key)[:10])
    except ValueError:
        return None


def _degrees(row: dict[str, Any], key: str, most: int) -> float | None:
    """The API writes degrees as text; None where it knows none."""
    text = _text(row, key)
    try:
        degrees = float(text)
    except ValueError:
        return None
    return degrees if -most <= degrees <= most else None
