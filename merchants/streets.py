"""Streets as they are written: shortened by people and registers, in full by the address base."""

import re

from merchants.text import normalise

# How ways are shortened on letters and in SIRENE. The geocoder finds them all the same, but its
# score compares letters: "39 av de la République" has 0.81, spelt out 0.94.
_SHORT = {
    "all": "allée", "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard",
    "blvd": "boulevard", "boul": "boulevard", "bvd": "boulevard", "che": "chemin", "chem": "chemin",
    "crs": "cours", "esp": "esplanade", "fbg": "faubourg", "fg": "faubourg", "imp": "impasse",
    "pas": "passage", "pl": "place", "prom": "promenade", "r": "rue", "rpt": "rond-point",
    "rte": "route", "sq": "square",
}  # fmt: skip
_SHORT_WAY = re.compile(
    rf"^(\s*(?:\d+\s*(?:bis|ter|quater|[a-z])?\b\s*,?\s*)?)({'|'.join(_SHORT)})\b\.?(?=\s)",
    re.IGNORECASE,
)


def spelt_out(address: str) -> str:
    """The way in full letters, and no CEDEX: "12, bd Foch" -> "12, boulevard Foch"."""
    address = re.sub(r"\bcedex(\s+\d{1,2})?\b", "", address, flags=re.IGNORECASE)
    return _SHORT_WAY.sub(lambda match: match[1] + _SHORT[match[2].lower()], address)


def street_key(street: str) -> str:
    """What two writings of one street share: "av. Foch", "Avenue Foch" -> "avenue foch"."""
    return normalise(spelt_out(street))


def same_street(one: str, other: str) -> bool:
    """Whether two streets, without their numbers, are one: "av. Foch", "Avenue Foch"."""
    left, right = street_key(one), street_key(other)
    return bool(left) and left == right


_REPEATED = {"bis": "b", "ter": "t", "quater": "q"}


def number_key(number: str) -> str:
    """What two writings of one house number share: "12 bis", "12B" -> "12b"; "" for none."""
    found = re.match(r"(\d+)\s*(bis|ter|quater|[a-z])?\b(.*)", normalise(number))
    if not found:
        return ""
    letter = found[2] or ""
    return f"{int(found[1])}{_REPEATED.get(letter, letter)}{found[3].replace(' ', '')}"
