"""Public pages are the same for everybody: each is rendered once a minute, or when it changes."""

from functools import wraps
from hashlib import sha256

from django.core.cache import cache
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from merchants.models import Commune

SECONDS = 60


def commune_page(view):
    """Fetches the commune by its slug, and keeps what the view answers until the minute is over
    or the commune changes (`Commune.touch`).

    A kept page costs one query. Compressed once; only answers with status 200 are kept.
    """
    compressed_view = gzip_page(view)

    @require_safe
    @wraps(view)
    def wrapper(request, commune_slug: str, **kwargs):
        commune = get_object_or_404(Commune, slug=commune_slug)
        now = timezone.now().replace(second=0, microsecond=0)
        key = _key(request, commune, now)
        response = cache.get(key)
        if response is None:
            response = compressed_view(request, commune=commune, now=now, **kwargs)
            if response.status_code == 200:
                patch_cache_control(response, public=True, max_age=SECONDS)
                cache.set(key, response, SECONDS)
        return response

    return wrapper


def _key(request, commune: Commune, now) -> str:
    gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    parts = f"{request.get_full_path()} {commune.version} {now:%H:%M} {gzip} {request.get_host()}"
    return "page:" + sha256(parts.encode()).hexdigest()
