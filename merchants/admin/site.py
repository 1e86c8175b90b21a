from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.defaultfilters import date as date_format
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from merchants import second_factor


class TownHallSite(AdminSite):
    """The back office: entered by the door of every account, and with a second factor."""

    def has_permission(self, request):
        """Asked several times for one page, and answered once."""
        if not super().has_permission(request):
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
        if not super().has_permission(request):
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

    def index(self, request, extra_context=None):
        notice = {"second_factor_notice": _notice(request.user)}
        return super().index(request, notice | (extra_context or {}))


def _notice(user) -> str:
    """What somebody without a second factor reads on the first page; nothing for the others."""
    if second_factor.has_second_factor(user):
        return ""
    if settings.DEMO:
        return _(
            "Démonstration\u00a0: la double authentification, obligatoire pour une mairie, "
            "n’est pas demandée ici."
        )
    until = date_format(second_factor.deadline(user), _("j F Y"))
    return _("Choisissez une double authentification avant le %(date)s.") % {"date": until}
