from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class ToPlace(admin.SimpleListFilter):
    """Listings with an address that no point goes with: somebody puts it, or mends the address."""

    title = _("point sur la carte")
    parameter_name = "point"

    def lookups(self, request, model_admin):
        return [("a-placer", _("à placer"))]

    def queryset(self, request, queryset):
        return queryset.to_place() if self.value() == "a-placer" else queryset
