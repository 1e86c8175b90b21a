"""What public pages count: views of a shop, and searches that found nothing.

Outside of what is kept (`caching`), so that a kept page counts too; into a file, since GET writes
to no database (`counts`). Robots and pages that a browser fetches ahead are no views.
"""

import logging
import re
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from merchants import counts
from merchants.forms.shop_filter import ShopFilterForm
from merchants.text import normalise
from merchants.user_agent import is_robot

LONGEST_WORDS = 60
# An address, or what may be a telephone number or somebody's number: not ours to keep.
PRIVATE = re.compile(r"\S@\S|(?:\d[\s./-]*){6}")

logger = logging.getLogger(__name__)


def counted_view(view):
    """Around a shop's page: one view more where it was shown, from a cache or not."""

    @wraps(view)
    def wrapper(request, *, commune_slug: str, shop_slug: str, **kwargs):
        response = view(request, commune_slug=commune_slug, shop_slug=shop_slug, **kwargs)
        # 304: the browser shows what it had been given within the minute.
        if response.status_code in {200, 304}:
            _count(request, counts.VIEW, f"{commune_slug}/{shop_slug}")
        return response

    return wrapper


def counted_search(view):
    """Around a commune's page: one search more where `found_nothing` marked the answer."""

    @wraps(view)
    def wrapper(request, *, commune_slug: str, **kwargs):
        response = view(request, commune_slug=commune_slug, **kwargs)
        if words := getattr(response, "words_not_found", ""):
            # The filters fetch while somebody is still typing.
            is_typed = request.headers.get("Sec-Fetch-Dest") == "empty"
            what = counts.TYPED if is_typed else counts.SEARCH
            _count(request, what, f"{commune_slug} {words}")
        return response

    return wrapper


def found_nothing(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Marks the answer of a page without results where words alone were looked for: kept with it,
    for `counted_search`."""
    asked = ShopFilterForm.known_parameters(request.GET)
    if [name for name, _values in asked] == ["q"]:
        response.words_not_found = words_of(asked[0][1][-1])
    return response


def words_of(question: str) -> str:
    """The words that may be kept; "" for none."""
    if PRIVATE.search(question):
        return ""
    words = normalise(question)
    if len(words) > LONGEST_WORDS:
        words = words[: LONGEST_WORDS + 1].rpartition(" ")[0]
    return words if len(words) > 2 else ""


def _count(request: HttpRequest, what: str, key: str) -> None:
    """A failure is the log's, never the visitor's."""
    if request.method != "GET" or _is_ahead(request) or is_robot(_user_agent(request)):
        return
    month = f"{timezone.localtime():%Y-%m}"
    try:
        counts.append(settings.VAR_DIR / "counts", what, month, key)
    except OSError as error:
        logger.warning("counts: nothing is counted: %s", type(error).__name__)


def _user_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")


def _is_ahead(request: HttpRequest) -> bool:
    """Whether a browser fetches the page before anybody asks for it."""
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any("prefetch" in purpose for purpose in purposes)
