from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from merchants.models import Proposal
from merchants.workflow import WorkflowError, proposals
from merchants.workflow.wording import Words


class DecisionForm(ActionForm):
    """The choice of an action, and the reason of a refusal beside it."""

    reason = forms.CharField(label=_("Motif du refus"), required=False, max_length=500)


@admin.register(Proposal)
class ProposalAdmin(admin.ModelAdmin):
    """What merchants propose; to be accepted or refused, never rewritten."""

    action_form = DecisionForm
    actions = ["accept", "refuse"]
    list_display = ["shop", "commune", "what", "at", "by", "status"]
    list_filter = ["status", "shop__commune"]
    list_select_related = ["shop__commune", "by"]
    search_fields = ["shop__search_text"]
    fields = ["shop", "what", "by", "at", "status", "reason", "decided_by", "decided_at"]
    readonly_fields = fields

    def get_queryset(self, request):
        return super().get_queryset(request).defer("shop__commune__contour")

    def changelist_view(self, request, extra_context=None):
        self._words = Words()  # Names of categories are read once for the whole list.
        return super().changelist_view(request, extra_context)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=_("commune"), ordering="shop__commune__name")
    def commune(self, proposal):
        return proposal.shop.commune

    @admin.display(description=_("modifications"))
    def what(self, proposal):
        words = getattr(self, "_words", None) or Words()
        return format_html_join(
            "", "{}\u00a0: «\u00a0{}\u00a0» → «\u00a0{}\u00a0»<br>", words.lines(proposal.changes)
        )

    @admin.action(description=_("Accepter"))
    def accept(self, request, queryset):
        self._each(request, queryset, proposals.accept)

    @admin.action(description=_("Refuser, avec le motif écrit à côté"))
    def refuse(self, request, queryset):
        self._each(request, queryset, proposals.refuse, reason=request.POST.get("reason", ""))

    def _each(self, request, queryset, act, **arguments):
        """Applies a workflow function to each proposal; says how many, and each refusal."""
        done = 0
        for proposal in queryset.select_related("shop__commune"):
            try:
                act(proposal, by=request.user, now=timezone.now(), **arguments)
            except WorkflowError as error:
                self.message_user(request, f"{proposal.shop}\u00a0: {error}", messages.WARNING)
            else:
                done += 1
        if done:
            sentence = ngettext(
                "%d proposition a été traitée.", "%d propositions ont été traitées.", done
            )
            self.message_user(request, sentence % done, messages.SUCCESS)
