"""Public pages are the same for everybody: each is rendered once a minute, or when it changes."""

from functools import wraps
from hashlib import sha256

from django.core.cache import caches
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from merchants.forms.shop_filter import ShopFilterForm
from merchants.models import Commune

SECONDS = 60
# A kept answer is compressed; a town of 5,000 shops has a feed of some 150 KB.
LARGEST_KEPT = 400_000


def commune_page(view):
    """Fetches the commune by its slug, and keeps what the view answers until the minute is over
    or the commune changes (`Commune.touch`).

    A kept page costs one short query, and none of it is sent again to a browser that has it
    (ETag). Only answers with status 200 are kept, once for each question that makes sense:
    parameters that the filter form does not know make no other page.
    """
    compressed_view = gzip_page(view)

    @require_safe
    @wraps(view)
    def wrapper(request, commune_slug: str, **kwargs):
        pk_and_version = (
            Commune.objects.filter(slug=commune_slug).values_list("pk", "version").first()
        )
        if pk_and_version is None:
            raise Http404
        now = timezone.now().replace(second=0, microsecond=0)
        key = _key(request, pk_and_version, now)
        etag = f'W/"{key}"'
        if response := get_conditional_response(request, etag):
            return response
        cache = caches["pages"]
        response = cache.get(key)
        if response is None:
            commune = get_object_or_404(Commune, pk=pk_and_version[0])
            response = compressed_view(request, commune=commune, now=now, **kwargs)
            if response.status_code == 200:
                response["ETag"] = etag
                # The browser asks each time, and is told in a few bytes that nothing changed.
                patch_cache_control(response, public=True, no_cache=True)
                if len(response.content) <= LARGEST_KEPT:
                    cache.set(key, response, SECONDS)
        return response

    return wrapper


def _key(request, pk_and_version: tuple[int, int], now) -> str:
    """What the answer depends on, and nothing else: 200 bits of it, in hexadecimal."""
    parts = (
        *pk_and_version,
        f"{now:%Y-%m-%d %H:%M}",
        translation.get_language(),
        request.get_host(),
        request.path,
        ShopFilterForm.known_parameters(request.GET),
        "gzip" in request.headers.get("Accept-Encoding", ""),
    )
    return sha256(repr(parts).encode()).hexdigest()[:50]
