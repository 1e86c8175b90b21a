"""What a line says, in one vocabulary for all formats; still raw text, nothing is checked.

`facts_of` picks the columns of a format; `merchants.opendata.mapping` judges what they hold.
"""

import re
from dataclasses import dataclass, field

from merchants.text import normalise
from merchants.workflow.listing import MONACO, Service

from . import values as read
from .deliveries import cut


@dataclass(frozen=True, slots=True)
class Remark:
    """A French sentence in two parts, so that reports can count lines by the first.

    A `notice` is for somebody to look at; nothing was changed or left out.
    """

    label: str
    detail: str = ""
    notice: bool = False

    def __str__(self):
        return f"{self.label}\u00a0: {self.detail}" if self.detail else self.label


@dataclass(slots=True)
class Facts:
    name: str = ""
    # The trade, by OSM attributes, French labels or NAF code; else by the name, if `by_name`.
    tags: list[str] = field(default_factory=list)
    labels: str = ""
    more_labels: str = ""
    naf: str = ""
    by_name: str = ""
    siret: str = ""
    description: str = ""
    house_number: str = ""
    street: str = ""
    address_extra: str = ""
    postcode: str = ""
    city: str = ""
    insee_code: str = ""
    latitude: str = ""
    longitude: str = ""
    # Whether the point is that of the entrance, rather than of an address.
    surveyed: bool = True
    service_area: str = ""
    phones: list[str] = field(default_factory=list)
    email: str = ""
    urls: list[str] = field(default_factory=list)
    shop_url: str = ""
    social_urls: list[str] = field(default_factory=list)
    step_free: str = ""
    payment_means: tuple[str, ...] = ()
    osm_hours: str = ""
    hours: str = ""  # OSM notation or a French sentence
    holiday_words: str = ""
    services: list[Service] = field(default_factory=list)
    delivery: str = ""  # where, minimum, fee and delay, in one sentence
    confirmed_on: str = ""
    confirmed_by: str = ""
    remarks: list[Remark] = field(default_factory=list)


def facts_of(format: str, values: dict[str, str]) -> Facts:
    return _FORMATS[format](values)


# OSM -------------------------------------------------------------------------------------------

# The attributes that name a trade, in the order in which they count.
TRADE_KEYS = (
    "shop",
    "craft",
    "amenity",
    "tourism",
    "leisure",
    "office",
    "healthcare",
    "street_vendor",
)
_SOCIAL_KEYS = ("facebook", "instagram", "twitter", "youtube", "tiktok", "linkedin")


def _osm_csv(row: dict[str, str]) -> Facts:
    """Flat CSV of OSM shops: the attribute in category_key and category_value."""
    plain = {
        "housenumber": "addr:housenumber", "street": "addr:street", "postcode": "addr:postcode",
        "city": "addr:city",
    }  # fmt: skip
    tags = {plain.get(key, key): value for key, value in row.items()}
    if row.get("category_key"):
        tags[row["category_key"]] = row.get("category_value", "")
    tags["addr:city"] = tags.get("addr:city") or row.get("commune", "")
    facts = _osm(tags)
    facts.insee_code = row.get("insee", "")
    return facts


def _osm(tags: dict[str, str]) -> Facts:
    def first(*keys: str) -> str:
        return next((tags[key] for key in keys if tags.get(key)), "")

    facts = Facts(
        name=first("name", "name:fr"),
        tags=tags_of(tags),
        siret=tags.get("ref:FR:SIRET", ""),
        house_number=first("addr:housenumber", "contact:housenumber"),
        street=first("addr:street", "addr:place", "contact:street"),
        postcode=first("addr:postcode", "contact:postcode"),
        city=first("addr:city", "contact:city"),
        insee_code=MONACO if tags.get("addr:country") == "MC" else tags.get("ref:INSEE", ""),
        latitude=tags.get("lat", ""),
        longitude=tags.get("lon", ""),
        phones=[tags[key] for key in ("phone", "contact:phone", "contact:mobile") if tags.get(key)],
        email=first("email", "contact:email"),
        urls=[tags[key] for key in ("website", "contact:website", "url") if tags.get(key)],
        step_free=tags.get("wheelchair", ""),
        payment_means=read.payments_of_tags(tags),
        osm_hours=tags.get("opening_hours", ""),
    )
    if not facts.name and (brand := first("brand", "operator")):
        facts.name = brand
        facts.remarks.append(Remark("Nom absent\u00a0: celui de l’enseigne est repris", brand))
    for key in _SOCIAL_KEYS:
        link = first(f"contact:{key}", key)
        if link:
            facts.social_urls.append(link if "/" in link else f"https://www.{key}.com/{link}")
    _osm_services(facts, tags)
    temporary = sorted(key for key in tags if key.endswith(":covid19"))
    if temporary:
        facts.remarks.append(Remark("Mesures de 2020, non reprises", ", ".join(temporary)))
    return facts


def tags_of(values: dict[str, str]) -> list[str]:
    """The attributes that name the trade ("shop=bakery"), in the order in which they count."""
    return [
        f"{key}={part.strip()}"
        for key in TRADE_KEYS
        for part in values.get(key, "").split(";")
        if part.strip()
    ]


def _osm_services(facts: Facts, tags: dict[str, str]) -> None:
    for key, kind in (
        ("delivery", "livraison"),
        ("click_and_collect", "retrait"),
        ("takeaway", "emporter"),
    ):
        if tags.get(key) in {"yes", "only"}:
            facts.services.append(Service(kind=kind))


# Paris, 2020 -----------------------------------------------------------------------------------


def _paris(row: dict[str, str]) -> Facts:
    """The city's list of shops that deliver; services stand in free texts."""
    number, street = read.split_address(row.get("adresse", ""))
    texts = [row.get(key, "") for key in ("services", "precisions", "description")]
    text = " ".join(" ".join(part for part in texts if part).split())
    kinds = read.services_in(text)
    # The sentence is told once: with the first service it speaks of, or as the description.
    services = [
        Service(kind=kind, note=cut(text, 300) if rank == 0 else "")
        for rank, kind in enumerate(kinds)
    ]
    return Facts(
        name=row.get("nom_du_commerce", ""),
        labels=row.get("type_de_commerce", ""),
        description="" if kinds else text,
        house_number=number,
        street=street,
        postcode=row.get("code_postal", ""),
        city="Paris",
        latitude=row.get("lat", ""),
        longitude=row.get("lon", ""),
        surveyed=False,
        phones=[row.get("telephone", "")],
        urls=[row.get("site_internet", "")],
        services=services,
    )


# Acceslibre ------------------------------------------------------------------------------------

# "OPH Courbevoie habitat- X", "France Habitation - X": the landlord, then the shop.
_LANDLORD = re.compile(
    r"^(?:OPH\b[^-–]*|[^-–]*\bhabitat(?:ion)?\b[^-–]*|Total Mar?keting France)\s*[-–]\s*(?=\S)",
    re.IGNORECASE,
)


def _acceslibre(row: dict[str, str]) -> Facts:
    """Establishments open to the public; most tell no activity, some name their landlord or
    the person in charge after a dash: neither belongs in a directory."""
    whole = row.get("nom", "")
    name = _LANDLORD.sub("", whole)
    name = re.split(r"\s+–\s+", name)[0].strip(" .-") or whole
    facts = Facts(
        name=name,
        labels=row.get("activite", ""),
        by_name=whole,
        siret=row.get("siret", ""),
        house_number=row.get("numero", ""),
        street=row.get("voie", "") or row.get("lieu_dit", ""),
        address_extra=row.get("lieu_dit", "") if row.get("voie") else "",
        postcode=row.get("code_postal", ""),
        city=row.get("commune", ""),
        insee_code=row.get("code_insee", ""),
        latitude=row.get("lat", ""),
        longitude=row.get("lon", ""),
        surveyed=False,
        phones=[row.get("telephone", "")],
        urls=[row.get("site_internet", "")],
    )
    if name != whole:
        words = f"«\u00a0{whole}\u00a0» devient «\u00a0{name}\u00a0»"
        facts.remarks.append(Remark("Nom raccourci", words))
    return facts


# The plain CSV ---------------------------------------------------------------------------------


def _csv(row: dict[str, str]) -> Facts:
    """The columns of docs/import.md, under their canonical names."""
    number, street = row.get("numero", ""), row.get("voie", "")
    postcode, city = row.get("code_postal", ""), row.get("ville", "")
    if row.get("adresse") and not street:
        line, found_postcode, found_city = read.split_postal(row["adresse"])
        number, street = read.split_address(line)
        postcode, city = postcode or found_postcode, city or found_city
    elif street and not number:
        number, street = read.split_address(street)
    if postcode.isdigit() and len(postcode) == 4:
        postcode = postcode.zfill(5)  # A spreadsheet ate the zero of 01000.
    return Facts(
        name=row.get("nom", ""),
        labels=row.get("categorie", ""),
        more_labels=row.get("autres_categories", ""),
        naf=row.get("naf", ""),
        siret=row.get("siret", ""),
        description=row.get("description", ""),
        house_number=number,
        street=street,
        address_extra=row.get("complement", ""),
        postcode=postcode,
        city=city,
        insee_code=row.get("code_insee", ""),
        latitude=row.get("latitude", ""),
        longitude=row.get("longitude", ""),
        service_area=row.get("zone_intervention", ""),
        phones=[row.get("telephone", "")],
        email=row.get("courriel", ""),
        urls=[row.get("site", "")],
        shop_url=row.get("boutique_en_ligne", ""),
        social_urls=re.split(r"[\s;,|]+", row.get("reseaux_sociaux", "")),
        step_free=row.get("acces_pmr", ""),
        payment_means=read.payments_in(row.get("paiement", "")),
        hours=row.get("horaires", ""),
        holiday_words=row.get("jours_feries", ""),
        services=_csv_services(row),
        delivery=_told(row.get("livraison", "")),
        confirmed_on=row.get("confirme_le", ""),
        confirmed_by=row.get("confirme_par", ""),
    )


SERVICE_COLUMNS = {
    "livraison": "livraison",
    "retrait": "retrait",
    "a_emporter": "emporter",
    "commande_telephone": "telephone",
    "sur_rendez_vous": "rendez-vous",
}
_YES = {"oui", "o", "x", "1", "yes", "true", "vrai"}
_NO = {"", "non", "n", "0", "no", "false", "faux"}


def _told(text: str) -> str:
    """What a column of services says beyond yes and no."""
    return "" if normalise(text) in _YES | _NO else text


def _csv_services(row: dict[str, str]) -> list[Service]:
    """One column for each kind ("oui", or what a customer must know), or one free text."""
    services = {}
    for column, kind in SERVICE_COLUMNS.items():
        text = row.get(column, "")
        if normalise(text) not in _NO:
            services[kind] = Service(kind=kind, note=cut(_told(text), 300))
    text = row.get("services", "")
    for kind in read.services_in(text):
        # Bare words ("livraison, retrait") are no note.
        bare = len(normalise(text).split()) <= 3 * len(read.services_in(text))
        services.setdefault(kind, Service(kind=kind, note="" if bare else cut(text, 300)))
    return list(services.values())


_FORMATS = {
    "osm": _osm,
    "osm-geojson": _osm,
    "osm-csv": _osm_csv,
    "paris-2020": _paris,
    "acceslibre": _acceslibre,
    "csv": _csv,
}
