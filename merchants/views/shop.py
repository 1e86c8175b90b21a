from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from merchants.forms.shop_filter import ShopFilterForm
from merchants.models import Commune, Shop, ShopStatus
from merchants.opendata import feeds, sources
from merchants.opening_hours import describe, week_rows
from merchants.views.caching import commune_page
from merchants.views.results import Card
from merchants.views.tiles import tiles_config


@commune_page
def shop(request, *, commune: Commune, now, shop_slug: str):
    """The page of one shop, with all that a resident asks before going there."""
    shop = get_object_or_404(commune.shops.ever_seen().for_page(), slug=shop_slug)
    if shop.status == ShopStatus.CLOSED:
        return _closed(request, commune, shop, now)
    local_day = now.astimezone(shop.schedule.zone).date()
    context = {
        "commune": commune,
        "shop": shop,
        "opening": describe(shop.schedule, now, _),
        "week": week_rows(shop.schedule, local_day, _),
        "json_ld": feeds.local_business(shop, request.build_absolute_uri(request.path), local_day),
        "source": sources.source_of(shop.source),
        "map_config": tiles_config() | {"point": shop.point, "icon": shop.main_category.icon},
    }
    return render(request, "merchants/shop.html", context)


def _closed(request, commune: Commune, shop: Shop, now):
    """A shop that closed for good says so for a while; then its page is gone (410)."""
    context = {"commune": commune, "shop": shop}
    if shop.says_goodbye(now):
        return render(request, "merchants/shop_closed.html", context)
    return render(request, "merchants/shop_gone.html", context, status=410)


@commune_page
def shop_card(request, *, commune: Commune, now, shop_slug: str):
    """The shop's card alone, for the map's popup; `ouvert` as in the list it comes from."""
    shop = get_object_or_404(commune.shops.published().for_cards(), slug=shop_slug)
    form = ShopFilterForm(request.GET, categories={}, now=now, clock=commune.clock)
    card = Card(shop, describe(shop.schedule, form.criteria.instant or now, _), None)
    return render(request, "merchants/_shop_popup.html", {"card": card})
