"""Two lines on one shop: what the second knows and the first does not."""

from dataclasses import replace

from merchants.phone import display_phone
from merchants.workflow.listing import Listing

# What may be added to a listing, and what it is called in a report.
FIELDS = {
    "phone": "téléphone",
    "email": "courriel",
    "website": "site",
    "shop_url": "boutique en ligne",
    "social_links": "réseaux sociaux",
    "schedule": "horaires",
    "step_free": "accès",
    "payment_means": "paiement",
    "services": "services",
}
# Of these, a report gives the values that are not taken.
_WORTH_TELLING = ("phone", "email", "website", "schedule")


def completed(listing: Listing, other: Listing) -> tuple[Listing, list[str]]:
    """The listing with its empty fields from another line, and the French names of those."""
    added = {
        name: getattr(other, name)
        for name in FIELDS
        if _tells(other, name) and not _tells(listing, name)
    }
    return replace(listing, **added), [FIELDS[name] for name in added]


def left_out(listing: Listing, other: Listing) -> list[str]:
    """What another line says and the listing does not: "téléphone 01 47 51 01 02", "horaires"."""
    told = []
    for name in _WORTH_TELLING:
        if not _tells(other, name) or _said(listing, name) == _said(other, name):
            continue
        value = _said(other, name)
        if name == "phone":
            value = display_phone(value)
        told.append(FIELDS[name] if name == "schedule" else f"{FIELDS[name]} {value}")
    return told


def _tells(listing: Listing, name: str) -> bool:
    return bool(any(_said(listing, name)) if name == "schedule" else getattr(listing, name))


def _said(listing: Listing, name: str):
    value = getattr(listing, name)
    return (value.weekly, value.specials) if name == "schedule" and value else value or ()
