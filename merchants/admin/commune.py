from collections.abc import Iterable

from django.contrib import admin
from django.db.models import URLField
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from merchants.models import Commune
from merchants.workflow import communes

from .doors import MatchingSearch, ThroughWorkflow


@admin.register(Commune)
class CommuneAdmin(MatchingSearch, ThroughWorkflow, admin.ModelAdmin):
    """What a town hall says of itself; the official data come from `load_communes`."""

    list_display = ["name", "insee_code", "department", "population"]
    list_filter = ["department"]
    search_fields = ["search_text", "insee_code"]
    number_field = "insee_code"
    readonly_fields = ["insee_code", "name", "slug", "postcodes", "department", "population"]
    fieldsets = [
        (_("Commune"), {"fields": readonly_fields}),
        (_("Présentation"), {"fields": ["welcome_text", "accent_color"]}),
        (
            _("Mairie"),
            {
                "fields": [
                    "town_hall_name",
                    "town_hall_address",
                    "town_hall_phone",
                    "town_hall_email",
                    "town_hall_website",
                    "legal_notice",
                ]
            },
        ),
        (_("Modifications des commerçants"), {"fields": ["edit_policy"]}),
        (_("Heure et jours fériés"), {"fields": ["timezone", "holiday_zone"]}),
    ]

    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request):
        return super().get_queryset(request).defer("contour")

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        """Only what was changed is written: a colleague may be at another field."""
        values = {name: getattr(obj, name) for name in form.changed_data}
        communes.update_town_hall(obj, values, by=request.user, now=timezone.now())


def log_settings(request, commune: Commune, labels: Iterable[object]) -> None:
    """« Historique » of the commune tells who changed what of its settings, whatever the page.

    As the admin's own log does, it keeps names as they are in the code: whoever reads it has them
    in their language.
    """
    with translation.override(None):
        names = [str(label) for label in labels]
    if names:
        message = [{"changed": {"fields": names}}]
        admin.site.get_model_admin(Commune).log_change(request, commune, message)
