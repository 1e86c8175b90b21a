"""The point of a listing, in its form: the map, the address that is looked up, the next one.

The fields of the form are what is saved; the map's script (static/js/shop_point.js) only fills
them in.
"""

from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from merchants.geocoding import Geocoder, Place
from merchants.models import Commune, Shop
from merchants.models.shop import LocationPrecision, LocationSource
from merchants.placing import Address, ask
from merchants.views.lookup import LONGEST, held_back
from merchants.views.tiles import tiles_config
from merchants.workflow import queues

from .pages import communes_of, scoped, town_hall_page
from .to_place import ToPlace

NEXT = "_next_to_place"  # The button that saves, and goes on to the next listing.


@town_hall_page("communes/<int:pk>/adresse/", name="commune_address", methods=("GET", "HEAD"))
def commune_address(request, pk: int):
    """Where the address base puts an address that is typed in a form, as JSON; nothing is written.

    `pk` is the commune that the form names. {"places": […], "sure": whether the first is meant,
    "elsewhere": that address in another commune}; 429 or 503 with {"error": sentence}.
    """
    commune = get_object_or_404(scoped(request, Commune.objects.light(), "pk"), pk=pk)
    if sentence := held_back(request.user.pk, timezone.now()):
        return JsonResponse({"error": sentence}, status=429)
    typed = Address(*(request.GET.get(name, "").strip()[:LONGEST] for name in Address._fields))
    if not typed.line:
        return JsonResponse({"places": [], "sure": False, "elsewhere": ""})
    address = typed.in_town(commune.name, commune.postcodes)
    answer = ask(Geocoder(settings.GEOCODER_URL), address, commune)
    if answer.problem:
        return JsonResponse({"error": answer.problem}, status=503)
    return JsonResponse(
        {
            "places": [_place(p) for p in ([answer.place] if answer.place else answer.candidates)],
            "sure": answer.place is not None,
            "elsewhere": answer.elsewhere.label if answer.elsewhere else "",
        }
    )


def _place(place: Place) -> dict:
    names = ("label", "house_number", "street", "postcode", "city", "precision", "point")
    return {name: getattr(place, name) for name in names}


def point_config(request, shop: Shop | None) -> dict:
    """What the map's script reads: where it opens, and what the form says of each way to a point.

    Of a new listing, somebody who works for one commune sees that commune; one query then.
    """
    commune = shop.commune if shop else _only_commune(request)
    return tiles_config() | {
        "box": commune.bbox if commune else None,
        "centre": commune.centre if commune else None,
        "country": settings.LEAFLET_CONFIG["DEFAULT_CENTER"],
        "icon": shop.main_category.icon if shop else "storefront",
        "byHand": [LocationSource.TOWN_HALL, LocationPrecision.EXACT],
        "byAddress": LocationSource.GEOCODER,
    }


def _only_commune(request) -> Commune | None:
    theirs = communes_of(request)
    if theirs is None or len(theirs) != 1:
        return None
    return Commune.objects.light().get(pk__in=theirs)


def comes_from_queue(request) -> bool:
    """Whether the form was opened from the list of what is to be placed."""
    filters = parse_qs(request.GET.get("_changelist_filters", ""))
    return filters.get(ToPlace.parameter_name) == [ToPlace.VALUE]


def next_address(request, shop: Shop, preserved_filters: str) -> str:
    """The form of the next listing to place, which leads back to the same list; "" for none."""
    following = queues.next_to_place(communes_of(request), after=shop)
    if following is None:
        return ""
    return add_preserved_filters(
        {"preserved_filters": preserved_filters, "opts": Shop._meta},
        reverse("admin:merchants_shop_change", args=[following.pk]),
    )
