"""The address of a listing that was merged into another leads to the other’s."""

from functools import wraps

from django.http import Http404
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control

from merchants.models import Shop


def follow_merged(view):
    """For views of one shop (`shop_slug`, and `commune` or `commune_slug`) that answer 404 where
    there is none: the same page of the listing that it was merged into, if residents see that.

    301, which browsers ask for again each time: a merge may be undone. One query more, for an
    address without a shop alone.
    """

    @wraps(view)
    def wrapper(request, *, shop_slug: str, **kwargs):
        try:
            return view(request, shop_slug=shop_slug, **kwargs)
        except Http404:
            commune = kwargs["commune"].slug if "commune" in kwargs else kwargs["commune_slug"]
            kept = Shop.objects.merged_from(commune, shop_slug).with_commune().first()
            if kept is None:
                raise
        is_read = request.method in {"GET", "HEAD"}
        route = request.resolver_match.view_name
        response = redirect(route, kept.commune.slug, kept.slug, permanent=is_read)
        if is_read and request.GET:
            response["Location"] += f"?{request.GET.urlencode()}"
        patch_cache_control(response, public=True, no_cache=True)
        return response

    return wrapper
