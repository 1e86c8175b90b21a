"""How to reach a shop, from the columns of a file: its telephone number, its places on the web."""

import re
from collections.abc import Iterable
from contextlib import suppress

from django.core.exceptions import ValidationError

from merchants.models import Commune
from merchants.phone import PhoneError, display_phone
from merchants.workflow.listing import MONACO, check_url, phone_of

from . import values as read
from .facts import Facts, Remark


def phone_in(texts: Iterable[str], commune: Commune, remarks: list[Remark]) -> str:
    """The first number that is one; the others are told."""
    kept = ""
    for text in filter(None, texts):
        numbers = _numbers([text], commune) or _numbers(read.several(text), commune)
        if not numbers:
            remarks.append(Remark("Téléphone illisible, non repris", text))
        for number, written in numbers:
            if not kept:
                kept = number
                if not _is_whole(written, number, commune):
                    words = f"«\u00a0{written}\u00a0» devient {display_phone(number)}"
                    remarks.append(Remark("Téléphone complété", words))
            elif number != kept:
                remarks.append(Remark("Second téléphone, non repris", display_phone(number)))
    return kept


def _numbers(parts: list[str], commune: Commune) -> list[tuple[str, str]]:
    """The parts that are numbers: in E.164, and as they were written."""
    numbers = []
    for part in parts:
        with suppress(PhoneError):
            numbers.append((phone_of(part, commune), part))
    return numbers


def _is_whole(written: str, number: str, commune: Commune) -> bool:
    """Whether a number was written as one dials it, here or from abroad, whatever the spaces."""
    digits = re.sub(r"\D", "", written)
    abroad = number.removeprefix("+")
    known = {abroad, f"00{abroad}", re.sub(r"\D", "", display_phone(number))}
    if commune.insee_code == MONACO:
        known.add(abroad.removeprefix("377"))
    return digits in known


def _is_url(url: str) -> bool:
    try:
        check_url(url)
    except ValidationError:
        return False
    return len(url) <= 500


def addresses_in(facts: Facts, remarks: list[Remark]) -> dict:
    """E-mail address and addresses on the web, each in its place."""
    kept = {"email": facts.email, "website": "", "shop_url": "", "social_links": []}
    urls = [(url, None) for url in facts.urls] + [(facts.shop_url, "shop_url")]
    urls += [(url, "social") for url in facts.social_urls]
    for text, wanted in urls:
        if not text:
            continue
        disguised = read.EMAIL_IN_URL.match(text)
        if disguised:
            if not kept["email"]:
                kept["email"] = disguised[1]
                remarks.append(Remark("Courriel trouvé à la place du site", disguised[1]))
            continue
        try:
            url, repaired = read.url_of(text)
        except ValueError:
            parts = [part for part in read.several(text) if part != text]
            try:
                url, repaired = read.url_of(parts[0]) if parts else ("", False)
            except ValueError:
                url = ""
        if not _is_url(url):
            remarks.append(Remark("Adresse de site illisible, non reprise", text))
            continue
        if repaired:
            remarks.append(Remark("Adresse de site complétée", url))
        kind = wanted or read.kind_of_url(url)
        if kind == "social":
            if url not in kept["social_links"]:
                kept["social_links"].append(url)
        elif not kept[kind]:
            kept[kind] = url
    return kept | {"social_links": tuple(kept["social_links"])}
