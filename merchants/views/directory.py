"""The map and list of a commune, or around a place; and the same shops as data."""

from contextlib import suppress

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from merchants.forms.shop_filter import MAX_RADIUS_KM
from merchants.geo import Box, Point
from merchants.models import Commune, Shop
from merchants.models.commune import PARIS
from merchants.opendata import feeds
from merchants.templatetags.display import of_place
from merchants.views.caching import commune_page
from merchants.views.counting import counted_search, found_nothing
from merchants.views.results import Results
from merchants.views.tiles import tiles_config

NEIGHBOURHOOD_KM = 30


@counted_search
@commune_page
def commune(request, *, commune: Commune, now):
    results = _in_commune(request, commune, now)
    feed = reverse("commune_geojson", args=[commune.slug])
    context = {
        "commune": commune,
        "results": results,
        "title": _("Les commerces %(of_commune)s") % {"of_commune": of_place(commune.name)},
        "map_config": _map_config(results, feed, box=commune.box, contour=commune.contour),
        "csv_url": reverse("commune_csv", args=[commune.slug]) + results.parameters,
        "neighbours": [] if results.total else _neighbours(commune.centre, commune),
    }
    response = render(request, "merchants/commune.html", context)
    return response if results.total else found_nothing(request, response)


@commune_page
def commune_geojson(request, *, commune: Commune, now):
    return _geojson(_in_commune(request, commune, now))


@commune_page
def commune_csv(request, *, commune: Commune, now):
    return _csv(_in_commune(request, commune, now), f"commerces-{commune.slug}.csv")


@require_safe
def around(request):
    """The same page across commune borders: every shop near a place, nearest first."""
    results = _around(request)
    point = results.criteria.point
    box = Box.around(point, results.criteria.radius_km) if point else None
    context = {
        "commune": None,
        "results": results,
        "title": _("Les commerces autour de vous"),
        "map_config": _map_config(results, reverse("around_geojson"), box=box),
        "csv_url": reverse("around_csv") + results.parameters,
        "neighbours": [] if results.total else _neighbours(point),
    }
    return render(request, "merchants/around.html", context)


@require_safe
def around_geojson(request):
    return _geojson(_around(request))


@require_safe
def around_csv(request):
    return _csv(_around(request), "commerces.csv")


def _in_commune(request, commune: Commune, now) -> Results:
    return Results(
        commune.shops.published(),
        request.GET,
        now=now,
        clock=commune.clock,
        clocks=[commune.clock],
        path=commune.get_absolute_url(),
        commune=commune,
    )


def _around(request) -> Results:
    shops = Shop.objects.published()
    clocks = []
    # A malformed place is the form's to report.
    with suppress(ValueError):
        here = Point.parse(request.GET.get("pres", ""))
        clocks = shops.in_box(Box.around(here, MAX_RADIUS_KM)).clocks()
    clocks = clocks or [PARIS]
    return Results(
        shops.with_commune(),
        request.GET,
        now=timezone.now().replace(second=0, microsecond=0),
        clock=clocks[0],
        clocks=clocks,
        path=reverse("around"),
        needs_point=True,
    )


def _neighbours(point: Point | None, apart_from: Commune | None = None) -> list[Commune]:
    """The nearest communes that have shops, as far as one would go for them."""
    if point is None:
        return []
    communes = Commune.objects.light().with_shops().near(point, NEIGHBOURHOOD_KM)
    return [commune for commune in communes[:5] if commune != apart_from][:4]


def _map_config(results: Results, feed: str, *, box: Box | None, contour=None) -> dict:
    """What the map needs before its feed is there."""
    return tiles_config() | {
        "feed": feed + results.parameters,
        "box": box,
        "contour": contour,
        "here": results.criteria.point,
    }


def _geojson(results: Results) -> HttpResponse:
    body = feeds.feature_collection(results.shops)
    return HttpResponse(body, content_type="application/geo+json")


def _csv(results: Results, name: str) -> HttpResponse:
    response = HttpResponse(
        feeds.csv_export(results.ordered), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
