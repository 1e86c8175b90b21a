"""SIRET numbers (article R. 123-221 du code de commerce): 14 digits with two check keys."""

import re
from functools import lru_cache

from stdnum.exceptions import ValidationError as StdnumError
from stdnum.fr import siret


class SiretError(ValueError):
    """The text is no SIRET; the message is a French sentence for the person."""


@lru_cache(maxsize=4096)
def normalise_siret(text: str) -> str:
    """The 14 digits, or "" for a blank text. Raises SiretError.

    La Poste's establishments (SIREN 356000000) have a key of their own, which is accepted.
    """
    digits = re.sub(r"[\s.\-\u202f]", "", text)
    if not digits:
        return ""
    if not re.fullmatch(r"\d{14}", digits):
        raise SiretError(
            f"Un SIRET compte 14 chiffres\u202f; «\u00a0{text.strip()}\u00a0» ne convient pas."
        )
    try:
        return siret.validate(digits)
    except StdnumError as error:
        raise SiretError(
            f"«\u00a0{text.strip()}\u00a0» n’est pas un SIRET\u00a0: "
            "la clé de contrôle ne correspond pas."
        ) from error
