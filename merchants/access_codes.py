"""Access codes: made at random, read off paper or over the telephone, kept only as a hash.

Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O or U, so that nothing is
taken for something else and no word is formed. Ten characters are 50 bits.
"""

import re
import secrets

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10  # characters
# What people type for a character that is not there.
_MISREAD = str.maketrans("OIL", "011")
# Spaces of every kind, dashes and hyphens, points.
_SEPARATORS = re.compile(r"[\s.\u00ad\u2010-\u2015\u2212_-]+")


class CodeError(ValueError):
    """The text is no access code; the message is a French sentence for the person."""


def make_code() -> str:
    """A new code of LENGTH characters."""
    return "".join(secrets.choice(ALPHABET) for _number in range(LENGTH))


def normalise_code(text: str) -> str:
    """The code that somebody typed: lower case, spaces, dashes, O for 0, I or L for 1 are fine.

    Raises CodeError.
    """
    code = _SEPARATORS.sub("", text).upper().translate(_MISREAD)
    if len(code) != LENGTH:
        raise CodeError(_("Un code compte 10\u00a0caractères, par exemple 7K3QX\u20119M2PD."))
    if not set(code) <= set(ALPHABET):
        raise CodeError(
            _("Un code n’a que des chiffres et des lettres, jamais U\u00a0: relisez-le.")
        )
    return code


def display_code(text: str) -> str:
    """In two groups of five, which the eye keeps between paper and screen: "7K3QX-9M2PD"."""
    code = normalise_code(text)
    return f"{code[:5]}-{code[5:]}"


def hash_code(text: str) -> str:
    """What is kept of a code, in 64 hexadecimal digits.

    Keyed with SECRET_KEY: 50 bits alone would be tried out in a day by whoever got hold of a
    copy of the database. A new key therefore ends all codes.
    """
    code = normalise_code(text)
    return salted_hmac("merchants.access_codes", code, algorithm="sha256").hexdigest()
