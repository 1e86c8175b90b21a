from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from merchants.models import User
from merchants.workflow import WorkflowError
from merchants.workflow.account import delete_account, remove_second_factor


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Accounts. Those who administer the whole site are in the hands of their equals alone."""

    ordering = ["email"]
    list_display = ["email", "name", "is_staff", "is_active", "date_joined"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["email", "name"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        (_("Droits"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "password1", "password2"]})]
    filter_horizontal = []
    actions = ["remove_second_factor"]

    def get_readonly_fields(self, request, obj=None):
        # People change their own address, and show that they read it.
        fixed = [] if obj is None else ["email"]
        if not request.user.is_superuser:
            fixed += ["is_staff", "is_superuser"]
        return [*fixed, *self.readonly_fields]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not _is_above(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        # Nobody of a town hall leaves alone: see `delete_account`.
        return (
            super().has_delete_permission(request, obj)
            and obj != request.user
            and not _is_above(request.user, obj)
        )

    @admin.action(
        description=_("Retirer la double authentification (téléphone perdu)"),
        permissions=["change"],
    )
    def remove_second_factor(self, request, queryset):
        for user in queryset:
            if not self.has_change_permission(request, user):
                refusal = _("Votre compte ne permet pas cette action.")
                self.message_user(request, f"{user}\u00a0: {refusal}", messages.WARNING)
                continue
            try:
                remove_second_factor(user, by=request.user, now=timezone.now())
            except WorkflowError as error:
                self.message_user(request, f"{user}\u00a0: {error}", messages.WARNING)
            else:
                self.message_user(
                    request, _("%(user)s est déconnecté et prévenu par courriel.") % {"user": user}
                )

    def delete_model(self, request, obj):
        delete_account(obj, by=request.user, now=timezone.now())

    def delete_queryset(self, request, queryset):
        for user in queryset:
            delete_account(user, by=request.user, now=timezone.now())


def _is_above(agent: User, other: User | None) -> bool:
    return other is not None and other.is_superuser and not agent.is_superuser
