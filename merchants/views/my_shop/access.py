"""Who comes in: fetching a shop is what authorises.

404 to strangers; 403 to those who know the shop but may not act: the commune's town hall where
somebody keeps the listing (it then corrects at /mairie/) and, on an owner's pages, colleagues.

A listing that nobody keeps is edited by the town hall's helpers and agents, for the merchant:
`request.acting` says so, and `member` is None. They need the second factor of the back office.
"""

from dataclasses import dataclass
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from merchants import second_factor
from merchants.models import Commune, Shop, ShopMember, ShopStatus
from merchants.models.history import Capacity
from merchants.workflow.history import role_in


@dataclass(frozen=True)
class Acting:
    """Somebody of the town hall writes a listing that nobody keeps."""

    shop: Shop
    capacity: Capacity


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
    """For whoever may write the listing: gives the view `shop` and `member`. Nine queries.

    These are the people of the shop and, where there are none, helpers and agents of the commune
    (`member` is None, `request.acting` says in what capacity; eleven queries).
    Every form names the version of the listing that it was made from: 400 for a POST without.
    """
    return person(_fetched(_complete(view), _member_or_town_hall))


def people_of_shop(view):
    """For the people of the shop alone: who they are, and what each of them did."""
    return person(_fetched(_complete(view), _member))


def owner(view):
    """For the owners of the shop."""

    complete = _complete(view)

    @wraps(view)
    def wrapper(request, **kwargs):
        if not kwargs["member"].is_owner:
            raise PermissionDenied
        return complete(request, **kwargs)

    return person(_fetched(wrapper, _member))


def helper(view):
    """For helpers and agents, and a listing of their commune that nobody keeps: gives `shop`."""

    @wraps(view)
    def wrapper(request, *, member, **kwargs):
        return view(request, **kwargs)

    return person(_fetched(_complete(wrapper), _town_hall_alone))


def role_holder(view):
    """For helpers and agents of the commune of that INSEE code: gives the view `commune`."""

    @wraps(view)
    def wrapper(request, insee: str, **kwargs):
        commune = Commune.objects.light().of_code(insee)
        if commune is None or role_in(commune.pk, request.user) is None:
            raise Http404
        return _without_factor(request) or view(request, commune=commune, **kwargs)

    return person(wrapper)


def home(request: HttpRequest) -> str:
    """Where that person goes back to: « Mes commerces », or the listing that is helped with."""
    acting = getattr(request, "acting", None)
    return reverse("helping_shop", args=[acting.shop.pk]) if acting else reverse("my_shops")


def acting_as(request: HttpRequest) -> Capacity | None:
    """In what capacity somebody of the town hall acts for a merchant; None for the merchants."""
    acting = getattr(request, "acting", None)
    return acting.capacity if acting else None


def posted_version(request: HttpRequest, name: str = "version") -> int | None:
    """The version that the page was made from; None where it does not say.

    Under the name "agreed": the one up to which the person was told what others had written.
    """
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _fetched(view, allowed):
    """`allowed(user, pk)` is (member, capacity), of which one is None; or it refuses."""

    @wraps(view)
    def wrapper(request, pk: int, **kwargs):
        try:
            found, capacity = allowed(request.user, pk)
        except (Http404, PermissionDenied):
            if kept := _merged_into(pk):
                return _to_kept(request, kept, allowed)
            raise
        shop = Shop.objects.with_commune().for_page().get(pk=pk)
        if shop.status == ShopStatus.MERGED:
            return _to_kept(request, shop.merged_into_id, allowed)
        request.acting = Acting(shop, capacity) if capacity else None
        if capacity and (refusal := _without_factor(request)):
            return refusal
        return view(request, shop=shop, member=found, **kwargs)

    return wrapper


def _merged_into(pk: int) -> int | None:
    """The listing that one was merged into, by their keys. One query."""
    merged = Shop.objects.filter(pk=pk, status=ShopStatus.MERGED)
    return merged.values_list("merged_into", flat=True).first()


def _to_kept(request: HttpRequest, kept: int, allowed) -> HttpResponse:
    """To the same page of the listing that was kept, for those who may read that."""
    allowed(request.user, kept)
    messages.info(request, _("Deux fiches ont été réunies\u00a0: voici celle qui reste."))
    return redirect(
        request.resolver_match.view_name, **request.resolver_match.kwargs | {"pk": kept}
    )


def _without_factor(request: HttpRequest) -> HttpResponse | None:
    """Where whoever works for a town hall chooses a second factor first; None with one."""
    if not second_factor.is_missing(request.user, now=timezone.now()):
        return None
    messages.warning(
        request, _("Pour agir au nom de la mairie, choisissez d’abord une double authentification.")
    )
    return redirect("mfa_index")


def _member(user, pk: int) -> tuple[ShopMember, None]:
    found = ShopMember.objects.filter(shop=pk, user=user).first()
    if found is None:
        _role(user, pk)
        raise PermissionDenied
    return found, None


def _town_hall(user, pk: int) -> tuple[None, Capacity]:
    capacity = _role(user, pk)
    if ShopMember.objects.filter(shop=pk).exists():
        raise PermissionDenied
    return None, capacity


def _town_hall_alone(user, pk: int) -> tuple[None, Capacity]:
    if ShopMember.objects.filter(shop=pk, user=user).exists():
        raise PermissionDenied
    return _town_hall(user, pk)


def _member_or_town_hall(user, pk: int) -> tuple[ShopMember | None, Capacity | None]:
    found = ShopMember.objects.filter(shop=pk, user=user).first()
    return (found, None) if found else _town_hall(user, pk)


def _role(user, pk: int) -> Capacity:
    """In what capacity that person works for the shop's town hall; Http404 for a stranger."""
    shop = Shop.objects.filter(pk=pk).only("commune_id").first()
    capacity = role_in(shop.commune_id, user) if shop else None
    if capacity is None:
        raise Http404
    return capacity


def _complete(view):
    @wraps(view)
    def wrapper(request, **kwargs):
        if request.method == "POST" and posted_version(request) is None:
            return HttpResponseBadRequest(_("Ce formulaire n’est pas complet."))
        return view(request, **kwargs)

    return wrapper
