"""Telephone numbers of France and overseas: E.164 in the database, French groups on the screen."""

from functools import lru_cache

import phonenumbers


class PhoneError(ValueError):
    """The text is no telephone number; the message is a French sentence for the person."""


@lru_cache(maxsize=8192)
def normalise_phone(text: str, *, region: str = "FR") -> str:
    """The number in E.164 ("+33147510102"), or "" for a blank text.

    `region` (ISO 3166-1) reads numbers written without a country code. Short numbers of four
    digits ("3631") are kept as they are. Raises PhoneError.
    """
    # "+33 (0) 1 …" is a common way to write two numbers in one.
    cleaned = text.strip().replace("(0)", "").replace("\u202f", " ").replace("\xa0", " ")
    if not cleaned:
        return ""
    digits = "".join(filter(str.isdigit, cleaned))
    if len(digits) == 4 and digits[0] in "13" and not cleaned.startswith("+"):
        return digits
    try:
        number = phonenumbers.parse(cleaned, region)
    except phonenumbers.NumberParseException as error:
        raise PhoneError(f"«\u00a0{text}\u00a0» n’est pas un numéro de téléphone.") from error
    if not phonenumbers.is_valid_number(number):
        raise PhoneError(f"«\u00a0{text}\u00a0» n’est pas un numéro de téléphone attribué.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=4096)
def display_phone(e164: str) -> str:
    """The French way, in pairs with no-break spaces: "01 47 51 01 02"; abroad, "+377 …"."""
    if not e164.startswith("+"):
        return "\xa0".join((e164[:2], e164[2:])) if len(e164) == 4 else e164
    number = phonenumbers.parse(e164)
    french = number.country_code in {33, 262, 508, 590, 594, 596, 681, 687, 689}
    style = phonenumbers.PhoneNumberFormat
    wanted = style.NATIONAL if french else style.INTERNATIONAL
    return phonenumbers.format_number(number, wanted).replace(" ", "\xa0")
