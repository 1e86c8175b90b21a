"""Pages of the back office beside those of its models: one list, each guarded once.

A module of `merchants/admin/` writes a view and lists it with `@town_hall_page`; `site.py` gives
the list its addresses, and the first page its menu. GET never writes, here as everywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_http_methods

from merchants.models import Commune
from merchants.models.role import RoleKind

from .doors import decides_in, roles_of

TEMPLATES = "admin/town_hall"


@dataclass(frozen=True)
class Page:
    """An address below /mairie/; with a `title`, it stands in the menu."""

    route: str
    name: str
    view: Callable
    title: object = ""
    help: object = ""
    referents_only: bool = False


PAGES: list[Page] = []


def town_hall_page(
    route: str,
    *,
    name: str,
    title: object = "",
    help: object = "",
    of_commune: bool = False,
    referents_only: bool = False,
    methods: tuple[str, ...] = ("GET", "HEAD", "POST"),
):
    """Lists a view at /mairie/<route>, named "admin:<name>", for those who decide somewhere.

    `of_commune` gives the view `commune`, the one that `?commune=` names (an INSEE code) or the
    first of the person's: 404 for one that is not theirs. `referents_only` closes the page to
    agents (403). `title` and `help` are lazy sentences of the menu.
    """

    def decorate(view):
        @require_http_methods(list(methods))
        @wraps(view)
        def guarded(request, **kwargs):
            allowed = communes_of(request, referents_only=referents_only)
            if allowed is not None and not allowed:
                raise PermissionDenied
            if of_commune:
                kwargs["commune"] = commune_of(request, referents_only=referents_only)
            response = view(request, **kwargs)
            patch_cache_control(response, private=True, no_store=True)
            return response

        PAGES.append(Page(route, name, guarded, title, help, referents_only))
        return guarded

    return decorate


def communes_of(request, *, referents_only: bool = False) -> set[int] | None:
    """The communes whose agent (or referent) somebody is, by primary key; None: all of them."""
    if request.user.is_superuser:
        return None
    if referents_only:
        return {pk for pk, role in roles_of(request).items() if role == RoleKind.REFERENT}
    return decides_in(request)


def choosable(request, *, referents_only: bool = False):
    """The communes that somebody may choose from; for administrators, those in use."""
    allowed = communes_of(request, referents_only=referents_only)
    communes = Commune.objects.light().order_by("name", "pk")
    if allowed is not None:
        return communes.filter(pk__in=allowed)
    used = Q(shops__isnull=False) | Q(roles__isnull=False) | Q(imports__isnull=False)
    return communes.filter(
        Q(pk__in=Commune.objects.filter(used).order_by().values("pk"))
        | Q(insee_code=request.GET.get("commune", ""))
    )


def commune_of(request, *, referents_only: bool = False) -> Commune:
    """The commune that a page is about. Up to two queries; raises Http404 where there is none."""
    communes = choosable(request, referents_only=referents_only)
    code = request.GET.get("commune", "")
    found = communes.filter(insee_code=code).first() if code else communes.first()
    if found is None and not code and request.user.is_superuser:
        # A site that begins: no commune is in use yet.
        found = Commune.objects.light().order_by("name", "pk").first()
    if found is None:
        raise Http404
    return found


def scoped(request, rows, path: str = "commune"):
    """The rows of a queryset that lie in the person's communes; `path` leads to the commune."""
    allowed = communes_of(request)
    return rows if allowed is None else rows.filter(**{f"{path}__in": allowed})


def render_page(
    request, template: str, context: dict, *, title: object, status: int = 200
) -> HttpResponse:
    """templates/admin/town_hall/<template>.html inside the back office's frame."""
    context = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"{TEMPLATES}/{template}.html", context, status=status)
