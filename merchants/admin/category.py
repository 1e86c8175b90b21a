from django.contrib import admin

from merchants.models import Category


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """To look at: categories come from fixtures/categories.json, through `load_categories`."""

    list_display = ["name", "parent", "slug", "icon"]
    list_filter = ["parent"]
    list_select_related = ["parent"]
    search_fields = ["name", "name_en", "keywords"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
