"""The mails that the site wrote: to whom, about what, and whether they left."""

from django.contrib import admin, messages
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from post_office.models import STATUS, Email, Log

from merchants.opening_hours.phrases import moment_text
from merchants.workflow import WorkflowError
from merchants.workflow.mail_queue import is_private, send_again
from merchants.workflow.postman import wake

from .doors import ByCommune

STATES = {
    STATUS.sent: _("envoyé"),
    STATUS.failed: _("échec"),
    STATUS.queued: _("en attente"),
    STATUS.requeued: _("nouvel essai prévu"),
}


def _date(moment) -> str:
    return moment_text(timezone.localtime(moment), gettext)


class StateFilter(admin.SimpleListFilter):
    title = _("état")
    parameter_name = "etat"

    def lookups(self, request, model_admin):
        return list(STATES.items())

    def queryset(self, request, queryset):
        value = self.value() or ""
        return queryset.filter(status=int(value)) if value.isdecimal() else queryset


class LogInline(admin.TabularInline):
    """What the mail server said, attempt after attempt."""

    model = Log
    verbose_name_plural = _("essais")
    fields = readonly_fields = ["on", "state", "answer"]
    can_delete = False
    max_num = 0

    @admin.display(description=_("date"))
    def on(self, log):
        return _date(log.date)

    @admin.display(description=_("état"))
    def state(self, log):
        return STATES[log.status]

    @admin.display(description=_("réponse du serveur"))
    def answer(self, log):
        return f"{log.exception_type} {log.message}".strip() or "–"

    def has_view_permission(self, request, obj=None):
        return self.admin_site.get_model_admin(Email).has_view_permission(request, obj)

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Email)
class MailAdmin(ByCommune, admin.ModelAdmin):
    """Mails are read here, and sent again; they are written by the site alone.

    Agents see those about their communes. Those of accounts (a new password, a new address) are
    of no commune, and administrators' alone.
    """

    commune_path = "of_commune__commune"
    # The library has a page of its own for this, with links that are not ours.
    change_form_template = "admin/change_form.html"
    list_display = ["written", "recipient", "about", "state", "attempts", "next_attempt"]
    list_display_links = ["about"]
    list_filter = [StateFilter]
    search_fields = ["to", "subject"]
    ordering = ["-created"]
    date_hierarchy = "created"
    fields = readonly_fields = [
        "written",
        "sender",
        "recipient",
        "about",
        "state",
        "attempts",
        "next_attempt",
        "text",
    ]
    inlines = [LogInline]
    actions = ["send_again"]

    @admin.display(description=_("écrit le"), ordering="created")
    def written(self, mail):
        return _date(mail.created)

    @admin.display(description=_("expéditeur"))
    def sender(self, mail):
        return mail.from_email

    @admin.display(description=_("destinataire"), ordering="to")
    def recipient(self, mail):
        return ", ".join(mail.to)

    @admin.display(description=_("objet"), ordering="subject")
    def about(self, mail):
        return mail.subject

    @admin.display(description=_("état"), ordering="status")
    def state(self, mail):
        return STATES[mail.status]

    @admin.display(description=_("nouveaux essais"))
    def attempts(self, mail):
        return mail.number_of_retries or 0

    @admin.display(description=_("prochain essai"), ordering="scheduled_time")
    def next_attempt(self, mail):
        return _date(mail.scheduled_time) if mail.status == STATUS.requeued else "–"

    @admin.display(description=_("texte"))
    def text(self, mail):
        if is_private(mail):
            return _("Ce courriel contient un lien personnel\u00a0: son texte n’est pas montré.")
        return mail.message

    @admin.action(description=_("Envoyer maintenant"), permissions=["change"])
    def send_again(self, request, queryset):
        try:
            number = send_again(queryset, by=request.user, now=timezone.now())
        except WorkflowError as error:
            self.message_user(request, str(error), messages.WARNING)
            return
        transaction.on_commit(wake, robust=True)
        self.message_user(
            request,
            ngettext(
                "%(n)s courriel part dans un instant.",
                "%(n)s courriels partent dans un instant.",
                number,
            )
            % {"n": number},
        )

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        # The list's action asks for it; a mail itself is only shown.
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False
