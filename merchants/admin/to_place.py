from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class ToPlace(admin.SimpleListFilter):
    """Listings with an address that no point goes with: somebody puts it, or mends the address."""

    title = _("point sur la carte")
    parameter_name = "point"
    VALUE = "a-placer"

    def lookups(self, request, model_admin):
        return [(self.VALUE, _("à placer"))]

    def queryset(self, request, queryset):
        return queryset.to_place() if self.value() == self.VALUE else queryset
