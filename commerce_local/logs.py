"""Keeps secrets out of the logs: addresses of letters hold keys, and Django logs addresses."""

import logging
import re

# What follows these in an address is a key (see merchants/urls.py and merchants/account_urls.py).
BEFORE_A_KEY = (
    "/mot-de-passe/nouveau/",
    "/adresse/verifier/",
    "/mon-commerce/invitation/",
    "/mon-commerce/equipe/",
    "/tout-est-exact/",
    "/code/",
)
_KEY = re.compile(rf"({'|'.join(map(re.escape, BEFORE_A_KEY))})[^/\s?]{{8,}}")


class KeysCut(logging.Filter):
    """Writes "…" for the key of an address in a message; never drops a message."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        cut = _KEY.sub(r"\1…", message)
        if cut != message:
            record.msg, record.args = cut, ()
        return True
