from django.contrib import admin
from django.utils import timezone

from merchants.models import CommuneRole
from merchants.workflow import roles


@admin.register(CommuneRole)
class CommuneRoleAdmin(admin.ModelAdmin):
    """Who works for which town hall."""

    list_display = ["user", "commune", "role", "since"]
    fields = ["user", "commune", "role", "since"]
    list_filter = ["role"]
    list_select_related = ["user", "commune"]
    search_fields = ["user__email", "user__name", "commune__name"]
    autocomplete_fields = ["user", "commune"]

    def get_readonly_fields(self, request, obj=None):
        return ["user", "commune", "since"] if obj else ["since"]

    def save_model(self, request, obj, form, change):
        held = roles.give_role(
            obj.user, obj.commune, role=obj.role, by=request.user, now=timezone.now()
        )
        obj.pk = held.pk

    def delete_model(self, request, obj):
        roles.take_role(obj, by=request.user, now=timezone.now())

    def delete_queryset(self, request, queryset):
        for held in queryset:
            self.delete_model(request, held)
