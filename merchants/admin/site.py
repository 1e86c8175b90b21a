from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from merchants import second_factor
from merchants.opening_hours.phrases import full_date_text

from .doors import decides_in
from .landing import first_page
from .menu import menu
from .pages import PAGES


class TownHallSite(AdminSite):
    """The back office: entered by the door of every account, and with a second factor."""

    def has_permission(self, request):
        """Asked several times for one page, and answered once."""
        if not _works_here(request):
            return False
        if not hasattr(request, "second_factor_missing"):
            request.second_factor_missing = second_factor.is_missing(
                request.user, now=timezone.now()
            )
        return not request.second_factor_missing

    @method_decorator(never_cache)
    def login(self, request, extra_context=None):
        """Whoever may not enter yet goes where that is settled: the door, or the second factor."""
        address = request.GET.get(REDIRECT_FIELD_NAME, "")
        if not url_has_allowed_host_and_scheme(address, request.get_host(), request.is_secure()):
            address = reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(address)
        if not _works_here(request):
            raise PermissionDenied
        if not self.has_permission(request):
            messages.warning(
                request,
                _("Avant d’entrer dans l’espace mairie, choisissez une double authentification."),
            )
            return redirect("mfa_index")
        return redirect(address)

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def get_urls(self):
        own = path(
            "r/<int:content_type_id>/<path:object_id>/",
            self.admin_view(self.view_on_site),
            name="view_on_site",
        )
        pages = [path(page.route, self.admin_view(page.view), name=page.name) for page in PAGES]
        return [own, *pages, *super().get_urls()]

    def view_on_site(self, request, content_type_id, object_id):
        """The public page of a row that the person may see here: its address names the row."""
        model = get_object_or_404(ContentType, pk=content_type_id).model_class()
        try:
            model_admin = self.get_model_admin(model)
        except NotRegistered as error:
            raise Http404 from error
        row = model_admin.get_object(request, object_id)
        if row is None or not model_admin.has_view_permission(request, row):
            raise Http404
        return shortcut(request, content_type_id, object_id)

    def get_app_list(self, request, app_label=None):
        """The menu of plain words, on every page; asked for twice, and read once."""
        if not hasattr(request, "town_hall_menu"):
            request.town_hall_menu = menu(request, self._build_app_dict(request))
        return request.town_hall_menu

    def app_index(self, request, app_label, extra_context=None):
        """Applications are developers' business: what they hold stands in the menu."""
        return redirect("admin:index")

    def index(self, request, extra_context=None):
        now = timezone.now()
        context = first_page(request, now=now) | {"second_factor_notice": _notice(request.user)}
        return super().index(request, context | (extra_context or {}))


def _works_here(request) -> bool:
    """As `User.enters_town_hall`, from the roles that scope the page. One query at most."""
    user = request.user
    if not user.is_active:
        return False
    return user.is_superuser or user.is_staff or bool(decides_in(request))


def _notice(user) -> str:
    """What somebody without a second factor reads on the first page; nothing for the others."""
    if second_factor.has_second_factor(user):
        return ""
    if settings.DEMO:
        return _(
            "Démonstration\u00a0: la double authentification, obligatoire pour une mairie, "
            "n’est pas demandée ici."
        )
    until = full_date_text(timezone.localtime(second_factor.deadline(user)), _)
    return _("Choisissez une double authentification avant le %(date)s.") % {"date": until}
