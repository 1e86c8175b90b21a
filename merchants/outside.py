"""Asking an outside service for JSON over HTTP, so that it can neither hang nor flood a page.

Shared by the clients of outside services (`company_search`, `geocoding`), whose own exceptions
carry on the sentence.
"""

import http.client
import json
import time
import urllib.error
import urllib.request
from typing import Any

from django.utils.translation import gettext as _

USER_AGENT = "commerce-local"
MOST_BYTES = 4 * 1024 * 1024  # of a whole answer; the real ones weigh some tens of kilobytes
CHUNK = 64 * 1024


class OutsideError(Exception):
    """The service gave no answer that can be used; the message is a French sentence.

    It never holds what was asked or answered: both may name a person.
    """


def get_json(url: str, *, timeout: float, service: str) -> Any:
    """What the address answers, decoded from JSON. Raises OutsideError and nothing else.

    `timeout` is in seconds: for the connection, for each wait, and for the whole body, so that a
    service that drips is left too. `service` begins the sentence of an error
    ("L’annuaire des entreprises").
    """
    words = {"service": service}
    deadline = time.monotonic() + timeout
    request = urllib.request.Request(
        url, headers={"User-Agent": USER_AGENT, "Accept": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.loads(_read(answer, deadline))
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 429:
            raise OutsideError(
                _("%(service)s reçoit trop de demandes. Réessayez dans une minute.") % words
            ) from error
        if error.code >= 500:
            raise OutsideError(
                _("%(service)s est en panne. Réessayez plus tard.") % words
            ) from error
        raise OutsideError(_("%(service)s a refusé la demande.") % words) from error
    except TimeoutError as error:
        raise OutsideError(_slow() % words) from error
    except urllib.error.URLError as error:
        slow = isinstance(error.reason, TimeoutError)
        raise OutsideError((_slow() if slow else _down()) % words) from error
    except (http.client.IncompleteRead, ValueError, RecursionError) as error:
        # Cut off on the way, HTML instead of JSON, not UTF-8, larger than any real answer.
        raise OutsideError(
            _("%(service)s a donné une réponse illisible. Réessayez plus tard.") % words
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise OutsideError(_down() % words) from error


def _read(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    """The whole body, within the time and the size that an answer may take."""
    parts, size = [], 0
    # `read1` returns after one packet, so that the clock is looked at between packets.
    while part := answer.read1(CHUNK):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise ValueError("larger than any real answer")
        if time.monotonic() > deadline:
            raise TimeoutError
    return b"".join(parts)


def _slow() -> str:
    return _("%(service)s met trop de temps à répondre. Réessayez plus tard.")


def _down() -> str:
    return _("%(service)s ne répond pas. Réessayez plus tard.")
