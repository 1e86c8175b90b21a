from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from merchants.forms.shop_filter import ShopFilterForm
from merchants.models import Commune, Shop, ShopStatus
from merchants.opendata import feeds, sources
from merchants.opening_hours import describe, week_rows
from merchants.views.caching import commune_page
from merchants.views.counting import counted_view
from merchants.views.merged import follow_merged
from merchants.views.results import Card
from merchants.views.tiles import tiles_config


@counted_view
@commune_page
@follow_merged
def shop(request, *, commune: Commune, now, shop_slug: str):
    """The page of one shop, with all that a resident asks before going there."""
    shop = get_object_or_404(commune.shops.ever_seen().for_page(), slug=shop_slug)
    if shop.status == ShopStatus.CLOSED:
        return _closed(request, commune, shop, now)
    local_day = now.astimezone(shop.schedule.zone).date()
    context = shop_context(shop, now) | {
        "shop": shop,
        "json_ld": feeds.local_business(shop, request.build_absolute_uri(request.path), local_day),
        "source": sources.source_of(shop.source),
    }
    return render(request, "merchants/shop.html", context)


def shop_context(shop: Shop, now: datetime) -> dict[str, Any]:
    """What templates/merchants/_shop.html shows beside the shop. Prefetch as `for_page` does."""
    local_day = now.astimezone(shop.schedule.zone).date()
    # A draft may still lack its category.
    icon = shop.main_category.icon if shop.main_category else "storefront"
    return {
        "commune": shop.commune,
        "opening": describe(shop.schedule, now, _),
        "week": week_rows(shop.schedule, local_day, _),
        "map_config": tiles_config() | {"point": shop.point, "icon": icon},
    }


def _closed(request, commune: Commune, shop: Shop, now):
    """A shop that closed for good says so for a while; then its page is gone (410)."""
    context = {"commune": commune, "shop": shop}
    if shop.says_goodbye(now):
        return render(request, "merchants/shop_closed.html", context)
    return render(request, "merchants/shop_gone.html", context, status=410)


@commune_page
@follow_merged
def shop_card(request, *, commune: Commune, now, shop_slug: str):
    """The shop's card alone, for the map's popup; `ouvert` as in the list it comes from."""
    shop = get_object_or_404(commune.shops.published().for_cards(), slug=shop_slug)
    form = ShopFilterForm(request.GET, categories={}, now=now, clock=commune.clock)
    card = Card(shop, describe(shop.schedule, form.criteria.instant or now, _), None)
    return render(request, "merchants/_shop_popup.html", {"card": card})
