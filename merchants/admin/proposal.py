from django.contrib import admin, messages
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from merchants.models import Proposal
from merchants.workflow import WorkflowError, proposals
from merchants.workflow.wording import Words

from .doors import ByCommune, DecisionForm, LongList


@admin.register(Proposal)
class ProposalAdmin(LongList, ByCommune, admin.ModelAdmin):
    """What merchants propose; to be accepted or refused, never rewritten."""

    commune_path = "shop__commune"
    action_form = DecisionForm
    actions = ["accept", "refuse"]
    list_display = ["shop", "commune", "what", "at", "by", "status"]
    list_filter = ["status", ("shop__commune", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["shop__search_text"]
    fields = ["shop", "what", "by", "at", "status", "reason", "decided_by", "decided_at"]
    readonly_fields = fields

    def get_queryset(self, request):
        return self.lines(super().get_queryset(request))

    def lines(self, rows):
        rows = rows.select_related("shop__commune", "by")
        return rows.defer("shop__commune__contour", "shop__commune__search_text")

    def get_changelist_instance(self, request):
        """Names of categories are read once for the whole list, and for no other."""
        changelist = super().get_changelist_instance(request)
        words = Words()
        for proposal in changelist.result_list:
            proposal.words = words
        return changelist

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=_("commune"), ordering="shop__commune__name")
    def commune(self, proposal):
        return proposal.shop.commune

    @admin.display(description=_("modifications"))
    def what(self, proposal):
        words = getattr(proposal, "words", None) or Words()
        return format_html_join(
            "", "{}\u00a0: «\u00a0{}\u00a0» → «\u00a0{}\u00a0»<br>", words.lines(proposal.changes)
        )

    @admin.action(description=_("Accepter"), permissions=["change"])
    def accept(self, request, queryset):
        self._each(request, queryset, proposals.accept)

    @admin.action(description=_("Refuser, avec le motif écrit à côté"), permissions=["change"])
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
