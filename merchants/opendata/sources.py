"""Where imported listings come from: what each source is called, and what its licence asks for.

The shop page shows the attribution of a listing's source; the open-data pages list them all.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Source:
    """`name` is the value of `Shop.source`; `licence` is empty where there is none.

    A licence asks for its attribution always. Without one, the attribution tells only where a
    listing comes from that nobody has confirmed yet.
    """

    name: str
    label: str | Promise
    licence: str
    licence_url: str
    attribution: str | Promise
    attribution_url: str = ""


ODBL = ("ODbL 1.0", "https://opendatacommons.org/licenses/odbl/1-0/")
LICENCE_OUVERTE = (
    "Licence Ouverte 2.0",
    "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
)

OSM = Source(
    "osm",
    "OpenStreetMap",
    *ODBL,
    _("© les contributeurs d’OpenStreetMap, sous licence ODbL 1.0."),
    "https://www.openstreetmap.org/copyright",
)
PARIS_2020 = Source(
    "paris-2020",
    _("Ville de Paris, commerçants livrant à domicile (2020)"),
    *ODBL,
    _("© Ville de Paris, sous licence ODbL 1.0."),
    "https://opendata.paris.fr/",
)
ACCESLIBRE = Source(
    "acceslibre",
    "Acceslibre",
    *LICENCE_OUVERTE,
    _("Données d’Acceslibre, sous Licence Ouverte 2.0."),
    "https://acceslibre.beta.gouv.fr/",
)
# Listings that an agent made of what the register tells.
SIRENE = Source(
    "sirene",
    "SIRENE",
    *LICENCE_OUVERTE,
    _("Données de l’INSEE, base SIRENE, sous Licence Ouverte 2.0."),
    "https://www.sirene.fr/",
)
REGISTRY = {source.name: source for source in (OSM, PARIS_2020, ACCESLIBRE, SIRENE)}

CSV_PREFIX = "csv:"
TOWN_HALL_FILE = _("D’après un fichier de la mairie.")


def source_of(name: str) -> Source | None:
    """The source of `Shop.source`; None for a listing that was typed here (name "")."""
    if name in REGISTRY:
        return REGISTRY[name]
    if not name:
        return None
    return Source(name, name.removeprefix(CSV_PREFIX), "", "", TOWN_HALL_FILE)
