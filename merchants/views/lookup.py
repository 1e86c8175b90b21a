"""What the registration form looks up while somebody fills it in, as JSON.

Only this server speaks to the outside: no browser of a visitor does. A service that is down is
told with status 503 and a sentence, and the form goes on without it.
"""

from dataclasses import asdict
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.core.cache import cache
from django.http import JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from merchants.company_search import Company, CompanySearch, CompanySearchError
from merchants.geocoding import Geocoder, GeocoderError, Place
from merchants.models import Commune
from merchants.placing import offered, signed

# Of one person, both lookups together. Somebody who types has a completion every 300 ms at most.
PER_MINUTE = 90
LONGEST = 200  # characters of a question


def lookup(view):
    """Fetches the commune that `commune` names by its INSEE code, and holds people back who ask
    more than PER_MINUTE times a minute. The services count us all as one."""

    @require_safe
    @never_cache
    @wraps(view)
    def wrapper(request):
        if sentence := held_back(request.user.pk, timezone.now()):
            return _json({"error": sentence}, status=429)
        code = request.GET.get("commune", "")
        commune = Commune.objects.light().of_code(code)
        if code and commune is None:
            return _json({"error": _("Cette commune n’est pas connue ici.")}, status=404)
        question = request.GET.get("q", "").strip()[:LONGEST]
        try:
            return _json(view(request, question=question, commune=commune))
        except (CompanySearchError, GeocoderError) as error:
            return _json({"error": str(error)}, status=503)

    return wrapper


@lookup
def companies(request, *, question: str, commune: Commune | None) -> dict[str, list]:
    """Establishments by name or number: {"companies": […]}, the fields of `Company`."""
    search = CompanySearch(settings.COMPANY_SEARCH_URL)
    found = search.find(question, commune_code=commune.insee_code if commune else None)
    return {"companies": [_company(company) for company in found]}


@lookup
def addresses(request, *, question: str, commune: Commune | None) -> dict[str, list]:
    """Addresses that begin like the question: {"places": […]}, the fields of `Place`.

    `signed` goes back with the form that the place was picked in: it is not looked up again.
    """
    geocoder = Geocoder(settings.GEOCODER_URL)
    if commune is None:
        found = geocoder.complete(question)
    else:
        found = geocoder.complete(
            question, commune_code=commune.insee_code, near=commune.centre, limit=8
        )
    return {"places": [_place(place) for place in offered(found, commune)]}


def _company(company: Company) -> dict:
    row = asdict(company) | {"point": company.point}
    del row["latitude"], row["longitude"], row["since"]
    return row


def _place(place: Place) -> dict:
    row = asdict(place) | {"point": place.point, "score": round(place.score, 2)}
    return row | {"signed": signed(place)}


def _json(answer: dict, *, status: int = 200) -> JsonResponse:
    """`point` is [latitude, longitude] or null."""
    compact = {"separators": (",", ":"), "ensure_ascii": False}
    return JsonResponse(answer, status=status, json_dumps_params=compact)


def held_back(user_key: int, now: datetime) -> str:
    """As `too_often`, in a sentence; "" for who may ask."""
    if too_often(user_key, now):
        return _("Trop de recherches à la suite. Réessayez dans une minute.")
    return ""


def too_often(user_key: int, now: datetime) -> bool:
    """Counts a question of that person; whether it is one too many for this minute."""
    key = f"lookup:{user_key}:{now:%H:%M}"
    cache.add(key, 0, timeout=120)
    try:
        return cache.incr(key) > PER_MINUTE
    except ValueError:  # Thrown out of the cache in between.
        return False
