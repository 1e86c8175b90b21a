"""Who comes in: fetching a shop is what authorises.

404 to strangers; 403 to those who know the shop but may not act: the commune's town hall (which
corrects listings at /mairie/) and, on an owner's pages, colleagues.
"""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBadRequest
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from merchants.models import CommuneRole, Shop, ShopMember


def person(view):
    """For whoever is logged in. Nothing of it is kept by anybody but that browser."""

    @wraps(view)
    @login_required
    @require_http_methods(["GET", "HEAD", "POST"])
    def wrapper(request, **kwargs):
        response = view(request, **kwargs)
        patch_cache_control(response, private=True, no_cache=True)
        return response

    return wrapper


def member(view):
    """For the people of the shop: gives the view `shop` and `member`. Nine queries.

    Every form names the version of the listing that it was made from: 400 for a POST without.
    """
    return person(_fetched(_complete(view)))


def owner(view):
    """For the owners of the shop."""

    complete = _complete(view)

    @wraps(view)
    def wrapper(request, **kwargs):
        if not kwargs["member"].is_owner:
            raise PermissionDenied
        return complete(request, **kwargs)

    return person(_fetched(wrapper))


def posted_version(request: HttpRequest) -> int | None:
    """The version that the page was made from; None where it does not say."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _fetched(view):
    @wraps(view)
    def wrapper(request, pk: int, **kwargs):
        found = ShopMember.objects.filter(shop=pk, user=request.user).first()
        if found is None:
            _refuse(request.user, pk)
        shop = Shop.objects.with_commune().for_page().get(pk=pk)
        return view(request, shop=shop, member=found, **kwargs)

    return wrapper


def _complete(view):
    @wraps(view)
    def wrapper(request, **kwargs):
        if request.method == "POST" and posted_version(request) is None:
            return HttpResponseBadRequest(_("Ce formulaire n’est pas complet."))
        return view(request, **kwargs)

    return wrapper


def _refuse(user, pk: int):
    shop = Shop.objects.filter(pk=pk).only("commune_id").first()
    if shop and (
        user.is_superuser or CommuneRole.objects.filter(user=user, commune=shop.commune_id).exists()
    ):
        raise PermissionDenied
    raise Http404
