from datetime import timedelta

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from merchants.models.shop_queryset import FRESH_FOR

NEVER, FRESH, AGEING, OLD = "jamais", "recente", "ancienne", "perimee"


class Confirmed(admin.SimpleListFilter):
    """How old the confirmation is. A hierarchy of dates would read all listings of the commune."""

    title = _("âge de la confirmation")
    parameter_name = "confirmation"

    def lookups(self, request, model_admin):
        return [
            (FRESH, _("moins de 6 mois")),
            (AGEING, _("de 6 mois à un an")),
            (OLD, _("plus d’un an")),
            (NEVER, _("jamais confirmé")),
        ]

    def queryset(self, request, queryset):
        now, wanted = timezone.now(), self.value()
        if wanted == NEVER:
            return queryset.never_confirmed()
        if wanted == FRESH:
            return queryset.confirmed_between(now - FRESH_FOR, now)
        if wanted == AGEING:
            return queryset.confirmed_between(now - timedelta(days=365), now - FRESH_FOR)
        if wanted == OLD:
            return queryset.confirmed_between(None, now - timedelta(days=365))
        return queryset
