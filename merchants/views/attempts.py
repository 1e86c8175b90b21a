"""How often somebody has tried something: counted for a person, or for the address of a visitor.

Wrong codes, and reports of an error. The times of the tries stand in the cache that all processes
share. Somebody who is logged in
is counted apart: whoever spoils the tries of an address (a town hall's Wi-Fi) keeps nobody from
logging in and using a right code. Two tries at the same instant may count as one, which fifty bits
can bear.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TypeVar

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from merchants.workflow.codes import WrongCode

WITHIN = timedelta(hours=1)
OF_A_PERSON = 10
OF_AN_ADDRESS = 30
# Of IPv6, what one household or office has.
PREFIX = 64
REPORTS_OF_AN_ADDRESS = 10

Answer = TypeVar("Answer")


class TooMany(Exception):
    """There were too many tries; this one was not looked at."""


def counted(request, now: datetime, look_up: Callable[[], Answer]) -> Answer:
    """What the look-up answers; a WrongCode of it counts, and goes on to the caller.

    Raises TooMany, without looking, once the tries of the last hour are used up.
    """
    key, most = _who(request)
    wrong = _recent(key, most, now)
    try:
        return look_up()
    except WrongCode:
        cache.set(key, [*wrong, now], WITHIN.total_seconds())
        raise


def counted_report(request, now: datetime, make: Callable[[], Answer]) -> Answer:
    """What `make` answers; each that it makes counts for the visitor's address.

    Raises TooMany, and makes nothing, once the REPORTS_OF_AN_ADDRESS of an hour are used up.
    """
    key = f"reports:address:{_hashed(request)}"
    made = _recent(key, REPORTS_OF_AN_ADDRESS, now)
    answer = make()
    cache.set(key, [*made, now], WITHIN.total_seconds())
    return answer


def _recent(key: str, most: int, now: datetime) -> list[datetime]:
    """The tries of the last hour. Raises TooMany where there is none left."""
    tries = [at for at in cache.get(key, []) if at > now - WITHIN]
    if len(tries) >= most:
        raise TooMany
    return tries


def _who(request) -> tuple[str, int]:
    if request.user.is_authenticated:
        return f"wrong-codes:person:{request.user.pk}", OF_A_PERSON
    return f"wrong-codes:address:{_hashed(request)}", OF_AN_ADDRESS


def _hashed(request) -> str:
    return salted_hmac("merchants.attempts", _network(request)).hexdigest()


def _network(request) -> str:
    """The visitor's address, by the proxies that are trusted (settings: BEHIND_PROXY)."""
    address = ip_address(get_adapter(request).get_client_ip(request))
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Network((address, PREFIX), strict=False))
    return str(address)
