"""The listings of the list as a file: all that its search and filters find, or the ticked ones."""

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from merchants.opendata import exports

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportsListings:
    """Buttons above the list of shops, and actions for the ticked ones.

    Which listings stand in the file is the list's own answer, where the person may change them:
    contacts that residents do not see are in it. What the address says only makes it shorter.
    """

    def get_urls(self):
        view = self.admin_site.admin_view(self.export_view)
        own = path("export/<slug:format>/", view, name="merchants_shop_export")
        return [own, *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        may = {"may_export": self.has_change_permission(request)}
        return super().changelist_view(request, may | (extra_context or {}))

    @method_decorator(require_safe)
    def export_view(self, request, format: str):
        if not self.has_change_permission(request):
            raise PermissionDenied
        if format not in FORMATS:
            raise Http404
        try:
            found = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            # As the list itself does.
            return redirect(f"{reverse('admin:merchants_shop_changelist')}?e=1")
        return self._file(request, found, format)

    @admin.action(description=_("Exporter en CSV"), permissions=["change"])
    def export_csv(self, request, queryset):
        return self._file(request, queryset, "csv")

    @admin.action(description=_("Exporter en XLSX"), permissions=["change"])
    def export_xlsx(self, request, queryset):
        return self._file(request, queryset, "xlsx")

    @admin.action(description=_("Exporter en GeoJSON"), permissions=["change"])
    def export_geojson(self, request, queryset):
        return self._file(request, queryset, "geojson")

    def _file(self, request, shops, format: str):
        """The keys are read at once, by the person's rights; the rest as it is written."""
        if not request.user.is_superuser:
            shops = shops.filter(commune__in=self.communes(request, "change"))
        numbers = list(shops.prefetch_related(None).values_list("pk", flat=True))
        response = FORMATS[format](numbers)
        name = f"commerces-{timezone.localdate():%Y-%m-%d}.{format}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Content-Type-Options"] = "nosniff"
        patch_cache_control(response, private=True, no_store=True)
        return response


def _csv(numbers):
    return StreamingHttpResponse(exports.csv_lines(numbers), content_type="text/csv; charset=utf-8")


def _geojson(numbers):
    return StreamingHttpResponse(
        exports.geojson_lines(numbers), content_type="application/geo+json"
    )


def _xlsx(numbers):
    return FileResponse(exports.xlsx_file(numbers), content_type=XLSX_TYPE)


FORMATS = {"csv": _csv, "xlsx": _xlsx, "geojson": _geojson}
