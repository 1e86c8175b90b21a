"""« C’est mon commerce » at the town hall: both sides of a claim, and what may be done about it.

Claims are read here and never rewritten; each button is one function of the workflow, by POST.
"""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from merchants.access_codes import display_code
from merchants.documents import content_type
from merchants.models import Claim
from merchants.models.claim import CodeChannel
from merchants.models.decision import CaseKind, ReasonKind
from merchants.workflow import WorkflowError, claims, codes, reasons, taking, town_hall

from . import cases
from .confirming import confirm_page
from .doors import ByCommune, LongList

cases.add_page(CaseKind.CLAIM, "admin:merchants_claim_change")

TEMPLATES = "admin/merchants/claim"
# How an agent gives a code to somebody who asked for one.
CHANNELS = (CodeChannel.IN_PERSON, CodeChannel.POST, CodeChannel.PHONE)
# Of the page's keys, what each does; the letters are shown before anything goes out.
KEYS = [
    ("a", gettext_lazy("accepter")),
    ("r", gettext_lazy("refuser")),
    ("n", gettext_lazy("suivant")),
]

# Where the session holds a code between its making and its page.
SHOWN_ONCE = "claim_code"


class DisputeFilter(admin.SimpleListFilter):
    title = gettext_lazy("litige")
    parameter_name = "litige"

    def lookups(self, request, model_admin):
        return [("oui", _("quelqu’un d’autre tient la fiche")), ("non", _("personne ne la tient"))]

    def queryset(self, request, queryset):
        wanted = {"oui": True, "non": False}.get(self.value())
        return queryset if wanted is None else queryset.filter(is_dispute=wanted)


@admin.register(Claim)
class ClaimAdmin(LongList, ByCommune, admin.ModelAdmin):
    commune_path = "shop__commune"
    list_display = ["shop", "commune", "user", "proof", "age", "dispute", "status"]
    list_filter = [
        "status",
        DisputeFilter,
        "proof",
        ("shop__commune", admin.RelatedOnlyFieldListFilter),
    ]
    search_fields = ["shop__search_text", "user__email", "user__name"]

    def get_queryset(self, request):
        return self.lines(super().get_queryset(request))

    def lines(self, rows):
        rows = rows.with_dispute().select_related("shop__commune", "user")
        return rows.defer("shop__commune__contour", "shop__commune__search_text")

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        own = [
            ("decider", self.decide_view, "decide"),
            ("code", self.code_view, "code"),
            ("document", self.document_view, "document"),
        ]
        return [
            path(
                f"<int:pk>/{word}/",
                self.admin_site.admin_view(view),
                name=f"merchants_claim_{name}",
            )
            for word, view, name in own
        ] + super().get_urls()

    @admin.display(description=gettext_lazy("commune"), ordering="shop__commune__name")
    def commune(self, claim):
        return claim.shop.commune

    @admin.display(description=gettext_lazy("depuis"), ordering="at")
    def age(self, claim):
        return timesince(claim.at, depth=1)

    @admin.display(description=gettext_lazy("litige"), boolean=True, ordering="is_dispute")
    def dispute(self, claim):
        return claim.is_dispute

    # The page of one claim

    @method_decorator(require_safe)
    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Both sides, the evidence, and the buttons. Read-only: the buttons lead elsewhere."""
        claim = self._claim(request, object_id, "view")
        shown = _popped(request, claim)
        if not shown:
            return self._page(request, claim)
        channel = CodeChannel(shown.pop("channel"))
        shown["expires_at"] = claim.codes.filter(channel=channel).first().expires_at
        if channel == CodeChannel.POST:
            shown["contact"] = town_hall.contact_lines(claim.shop.commune)
            return self._render(request, claim, "letter", shown)
        return self._page(request, claim, issued=shown, channel=channel)

    @method_decorator(require_POST)
    def decide_view(self, request, pk: int):
        """Accept, accept in the place of who keeps it, or refuse with a reason."""
        claim = self._claim(request, pk, "change")
        typed = {name: request.POST.get(name, "") for name in ("reason", "standard")}
        try:
            if "back" in request.POST:
                return self._page(request, claim, **typed)
            decide = self._decision(request, claim)
            if "preview" in request.POST:
                return confirm_page(
                    request,
                    decide,
                    title=claim.shop.name,
                    question=_("Voici ce qui va partir. Rien n’est encore décidé."),
                    action=reverse("admin:merchants_claim_decide", args=[claim.pk]),
                )
            communes = None if request.user.is_superuser else self.communes(request, "change")
            following = cases.next_case(request, communes, (CaseKind.CLAIM.value, claim.pk))
            decide()
        except WorkflowError as error:
            claim.refresh_from_db()
            self.message_user(request, str(error), messages.ERROR)
            return self._page(request, claim, **typed)
        taking.release(CaseKind.CLAIM, claim.pk, by=request.user)
        self.message_user(request, _("C’est décidé\u00a0: chacun est prévenu par courriel."))
        return cases.go_on(request, following)

    def _decision(self, request, claim: Claim):
        """The function of the workflow that was chosen, on a row read anew at each call."""
        decision = request.POST.get("decision", "")
        act = {"by": request.user, "now": timezone.now()}
        if decision == "refuse":
            act["reason"] = reasons.written(
                claim.shop.commune,
                ReasonKind.CLAIM,
                chosen=request.POST.get("standard", ""),
                own=request.POST.get("reason", ""),
            )
            return lambda: claims.refuse(_again(claim), **act)
        if decision == "accept" or (decision == "replace" and "sure" in request.POST):
            act["replace_owners"] = decision == "replace"
            return lambda: claims.accept(_again(claim), **act)
        if decision == "replace":
            raise WorkflowError(_("Cochez la case\u00a0: ils perdront la fiche."))
        raise WorkflowError(_("Choisissez une décision."))

    @method_decorator(require_POST)
    def code_view(self, request, pk: int):
        """Issues a code. The page that one comes back to shows it, once, or the letter to print."""
        claim = self._claim(request, pk, "change")
        channel = request.POST.get("channel", "")
        try:
            if channel not in CHANNELS:
                raise WorkflowError(_("Dites comment le code sera donné."))
            code = codes.issue(
                claim.shop, channel=channel, by=request.user, now=timezone.now(), claim=claim
            )
        except WorkflowError as error:
            self.message_user(request, str(error), messages.ERROR)
            return self._page(request, claim)
        shown = {"claim": claim.pk, "code": display_code(code), "channel": channel}
        request.session[SHOWN_ONCE] = shown
        return redirect(reverse("admin:merchants_claim_change", args=[claim.pk]))

    @method_decorator(require_safe)
    def document_view(self, request, pk: int):
        """The document as a file to be saved: never shown by the site itself, never kept."""
        claim = self._claim(request, pk, "view")
        if not claim.document or not claim.document.storage.exists(claim.document.name):
            raise Http404
        name = claim.document.name
        with claim.document.storage.open(name) as file:  # Five megabytes at most.
            response = HttpResponse(file.read(), content_type=content_type(name))
        saved_as = f"demande-{claim.pk}.{name.rpartition('.')[2]}"
        response["Content-Disposition"] = f'attachment; filename="{saved_as}"'
        response["X-Content-Type-Options"] = "nosniff"
        patch_cache_control(response, private=True, no_store=True)
        return response

    def _claim(self, request, pk, right: str) -> Claim:
        """Fetching authorises: 404 outside of what the list shows, 403 without the right."""
        may = getattr(self, f"has_{right}_permission")
        if not may(request):
            raise PermissionDenied
        claim = self.get_object(request, str(pk))
        if claim is None:
            raise Http404
        if not may(request, claim):
            raise PermissionDenied
        return claim

    def _page(self, request, claim: Claim, **shown):
        keepers = list(claim.shop.members.exclude(user=claim.user_id).select_related("user"))
        given = list(claim.codes.select_related("issued_by"))
        context = {
            "keepers": keepers,
            "own_address": claims.own_address(claim.shop, claim.user),
            "verified": claim.user.emailaddress_set.filter(verified=True).exists(),
            "other_claims": claim.shop.claims.waiting().exclude(pk=claim.pk).count(),
            "codes": given,
            "of_helpers": codes.given_by_helpers(given, claim.shop),
            "channels": [channel for channel in CHANNELS if _has_way(claim, channel)],
            "may_decide": claim.is_waiting and self.has_change_permission(request, claim),
            "now": timezone.now(),
            "reasons": reasons.reasons_for(claim.shop.commune, ReasonKind.CLAIM),
            "reason": "",
            "standard": "",
            "keys": KEYS,
            "may_go_on": self.has_change_permission(request, claim),
            **cases.flow(request, CaseKind.CLAIM, claim.pk, waits=claim.is_waiting),
            "issued": None,
            "channel": claim.channel,
        }
        return self._render(request, claim, "change_form", context | shown)

    def _render(self, request, claim: Claim, template: str, context: dict):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "claim": claim,
            "shop": claim.shop,
            "title": claim.shop.name,
            **context,
        }
        response = TemplateResponse(request, f"{TEMPLATES}/{template}.html", context)
        patch_cache_control(response, private=True, no_store=True)
        return response


def _popped(request, claim: Claim) -> dict | None:
    """The code that has just been made for that claim, taken out of the session; none twice, and
    none that has died meanwhile."""
    shown = request.session.get(SHOWN_ONCE)
    if request.method != "GET" or not shown or shown["claim"] != claim.pk:
        return None
    del request.session[SHOWN_ONCE]
    is_alive = claim.codes.filter(channel=shown["channel"], used_at=None).exists()
    return {"code": shown["code"], "channel": shown["channel"]} if is_alive else None


def _again(claim: Claim) -> Claim:
    return Claim.objects.select_related("shop", "user").get(pk=claim.pk)


def _has_way(claim: Claim, channel: CodeChannel) -> bool:
    try:
        claims.refuse_without_way(claim.shop, channel)
    except WorkflowError:
        return False
    return True
