"""Reading single values of a file: points, addresses, services, sites, means of payment."""

import re
from datetime import date
from functools import lru_cache
from urllib.parse import quote, urlsplit

from merchants.geo import Point
from merchants.models.service import ServiceKind
from merchants.models.shop import PaymentMeans, StepFree
from merchants.text import normalise

# Places on the web that sell for a shop, and that are not its own site.
_SHOPPING_HOSTS = (
    "epicery.com", "ubereats.com", "deliveroo.fr", "just-eat.fr", "ollca.com", "kol-app.com",
    "eatbu.com", "coursesu.com",
)  # fmt: skip
_SOCIAL_HOSTS = (
    "facebook.com", "instagram.com", "twitter.com", "x.com", "tiktok.com", "linkedin.com",
    "youtube.com", "pinterest.com", "pinterest.fr", "mastodon.social",
)  # fmt: skip


def point_of(latitude: str, longitude: str) -> Point | None:
    """The point, decimal commas allowed; None for blanks. ValueError where it is none."""
    if not (latitude or longitude):
        return None
    point = Point.parse(f"{latitude.replace(',', '.')},{longitude.replace(',', '.')}")
    # Written for "unknown" by many tools, and nobody trades there (nor at NaN).
    if not (abs(point.latitude) > 0.001 or abs(point.longitude) > 0.001):
        raise ValueError("no place on land")
    return point


_NUMBER = re.compile(
    r"^(\d+(?:\s*[-/,&à]\s*\d+)*(?:\s*(?:bis|ter|quater|[a-dA-D])\b)?)\s*[, ]\s*(\D.*)$",
    re.IGNORECASE,
)
_POSTCODE_CITY = re.compile(r"^(.*?)[\s,;-]+(\d{5})\s+(\D+)$")


def split_address(text: str) -> tuple[str, str]:
    """("12 bis", "rue de la Paix") of "12 bis, rue de la Paix"; ("", text) without a number."""
    text = " ".join(text.split())
    match = _NUMBER.match(text)
    return (match[1].strip(" ,"), match[2].strip(" ,")) if match else ("", text)


def split_postal(text: str) -> tuple[str, str, str]:
    """Street line, postcode and city of a whole address on one line."""
    match = _POSTCODE_CITY.match(" ".join(text.split()))
    return (match[1].strip(" ,"), match[2], match[3].strip(" ,")) if match else (text, "", "")


_SERVICES = [
    (ServiceKind.DELIVERY, r"livraisons?|livrons|livree?s? a domicile|uber ?eats?|"
     r"deliveroo|delivroo|just ?eat"),
    (ServiceKind.CLICK_AND_COLLECT, r"click (?:and |et |n )?collect|retraits?|drive"),
    (ServiceKind.TAKEAWAY, r"(?:a|vente a) emporter|emporter|venir chercher"),
    (ServiceKind.PHONE_ORDER, r"command\w*(?: \w+){0,4} (?:telephone|tel|telephonique)|"
     r"appeler directement|(?:par|au) telephone|telephone"),
    (ServiceKind.APPOINTMENT, r"rendez vous|rdv"),
]  # fmt: skip
_SERVICE_WORDS = [
    (kind, re.compile(rf"(?<!pas de )(?<!sans )(?<!aucune )\b(?:{words})\b"))
    for kind, words in _SERVICES
]


def services_in(text: str) -> list[str]:
    """The kinds of service that a French text speaks of, each once."""
    if not text:
        return []
    words = normalise(text)
    return [kind.value for kind, pattern in _SERVICE_WORDS if pattern.search(words)]


_STEP_FREE = {
    "yes": StepFree.YES, "designated": StepFree.YES, "oui": StepFree.YES,
    "plain pied": StepFree.YES,
    "de plain pied": StepFree.YES, "entree de plain pied": StepFree.YES, "accessible": StepFree.YES,
    "limited": StepFree.LIMITED, "partiel": StepFree.LIMITED, "partiellement": StepFree.LIMITED,
    "avec aide": StepFree.LIMITED, "limite": StepFree.LIMITED, "rampe": StepFree.LIMITED,
    "petite marche": StepFree.LIMITED,
    "no": StepFree.NO, "non": StepFree.NO, "marches": StepFree.NO, "non accessible": StepFree.NO,
}  # fmt: skip


def step_free_of(text: str) -> str | None:
    """The value of `Shop.step_free`; None where the text tells nothing that we know."""
    found = _STEP_FREE.get(normalise(text))
    return None if found is None else found.value


_OSM_PAYMENTS = {
    PaymentMeans.CARDS: "cards cb credit_cards debit_cards visa mastercard maestro visa_debit "
    "visa_electron electronic_purses american_express carte_bleue",
    PaymentMeans.CONTACTLESS: "contactless nfc mobile_payment",
    PaymentMeans.CASH: "cash coins notes",
    PaymentMeans.CHEQUES: "cheque cheques check",
    PaymentMeans.MEAL_VOUCHERS: "meal_voucher meal_vouchers ticket_restaurant titre_restaurant "
    "titres_restaurant tickets_restaurant swile",
    PaymentMeans.HOLIDAY_VOUCHERS: "ancv cheque_vacances cheques_vacances",
    PaymentMeans.GIFT_VOUCHERS: "gift_voucher",
}
_OSM_PAYMENT = {
    f"payment:{word}": means.value
    for means, words in _OSM_PAYMENTS.items()
    for word in words.split()
}
_PAYMENT_WORDS = [
    (PaymentMeans.CONTACTLESS, r"sans contact|contactless"),
    (PaymentMeans.CARDS, r"cartes?(?: bancaires?| bleues?)?|cb|cards"),
    (PaymentMeans.CASH, r"especes?|liquide|cash"),
    (PaymentMeans.HOLIDAY_VOUCHERS, r"cheques? vacances|ancv"),
    (PaymentMeans.CHEQUES, r"cheques?(?! vacances| cadeau| restaurant)"),
    (PaymentMeans.MEAL_VOUCHERS, r"(?:titres?|tickets?|cheques?) (?:resto|restaurant|restaurants)"
     r"|meal voucher"),
    (PaymentMeans.GIFT_VOUCHERS, r"bons? cadeaux?|cheques? cadeaux?|gift voucher"),
]  # fmt: skip


def payments_of_tags(values: dict[str, str]) -> tuple[str, ...]:
    """`Shop.payment_means` of OSM's `payment:*` attributes that say yes."""
    found = {
        _OSM_PAYMENT[key] for key, value in values.items()
        if key in _OSM_PAYMENT and value in {"yes", "only"}
    }  # fmt: skip
    return tuple(means.value for means in PaymentMeans if means.value in found)


@lru_cache(maxsize=4096)
def payments_in(text: str) -> tuple[str, ...]:
    """`Shop.payment_means` of a French text: "CB, espèces et titres-restaurant"."""
    words = normalise(text)
    found = set()
    for means, pattern in _PAYMENT_WORDS:
        if re.search(rf"\b(?:{pattern})\b", words):
            found.add(means.value)
            words = re.sub(rf"\b(?:{pattern})\b", " ", words)
    return tuple(means.value for means in PaymentMeans if means.value in found)


def several(text: str) -> list[str]:
    """The parts of a text that holds several values: "a;b", "a / b", "a,b", "a - b"."""
    return [
        part.strip()
        for part in re.split(r"[;,|\n]|\s/\s|\s-\s|\set\s|\sou\s", text)
        if part.strip()
    ]


def url_of(text: str) -> tuple[str, bool]:
    """(the address with scheme and without spaces, whether it had to be repaired).

    ValueError where it is none.
    """
    url = text.strip()
    scheme, separator, rest = url.partition("://")
    if not separator:
        if url.startswith("//"):
            url = f"https:{url}"
        elif re.match(r"^[\w-]+(\.[\w-]+)+([/?#:].*)?$", url):
            url = f"https://{url}"
        else:
            raise ValueError(f"no address: {text}")
    else:
        url = f"{scheme.lower()}://{rest}"
    url = quote(url, safe=":/?#[]@!$&'()*+,;=%~")
    parts = urlsplit(url)
    if (
        parts.scheme not in {"http", "https"}
        or "." not in (parts.hostname or "")
        or "@" in parts.netloc
    ):
        raise ValueError(f"no address: {text}")
    return url, url != text


def kind_of_url(url: str) -> str:
    """ "shop_url", "social" or "website", by the host."""
    host = urlsplit(url).hostname or ""
    if _under(host, _SHOPPING_HOSTS):
        return "shop_url"
    return "social" if _under(host, _SOCIAL_HOSTS) else "website"


def _under(host: str, parents: tuple[str, ...]) -> bool:
    return any(host == parent or host.endswith(f".{parent}") for parent in parents)


EMAIL_IN_URL = re.compile(r"^(?:https?://)?([\w.+-]+@[\w-]+(?:\.[\w-]+)+)/?$")


def date_of(text: str) -> date:
    """A date written 2026-11-23 (a time may follow) or 23/11/2026. ValueError."""
    match = re.match(r"^(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text)
    if match:
        return date(int(match[3]), int(match[2]), int(match[1]))
    return date.fromisoformat(text[:10])
