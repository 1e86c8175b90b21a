"""One page for each registration and each proposal: the listing, the checks, the decision.

The decision is asked about once more, with the very letter that will go out; then the next case
opens by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from merchants.company_search import CompanySearch
from merchants.forms.review import CorrectionForm
from merchants.geocoding import Geocoder
from merchants.models import Proposal, Shop, ShopStatus, User
from merchants.models.decision import CaseKind, ReasonKind
from merchants.models.proposal import ProposalStatus
from merchants.views.lookup import held_back
from merchants.views.shop import shop_context
from merchants.workflow import WorkflowError, checks, proposals, queues, reasons, status, taking
from merchants.workflow.edit import with_proposal
from merchants.workflow.preview import previewed
from merchants.workflow.review import accept_corrected
from merchants.workflow.values import Listing
from merchants.workflow.wording import Words

from . import cases
from .confirming import confirm_page, posted_number
from .pages import TEMPLATES, communes_of, render_page, scoped, town_hall_page

cases.add_page(CaseKind.REGISTRATION, "admin:case")
cases.add_page(CaseKind.PROPOSAL, "admin:case")

CORRECT, ASK, REFUSE = "correct", "ask", "refuse"
DECISIONS = {
    "accept": gettext_lazy("Accepter"),
    CORRECT: gettext_lazy("Accepter avec une correction"),
    ASK: gettext_lazy("Demander une correction"),
    REFUSE: gettext_lazy("Refuser"),
}
# Of the page's keys, what each does; the letter is shown before anything goes out.
KEYS = [
    ("a", gettext_lazy("accepter")),
    ("c", gettext_lazy("corriger")),
    ("d", gettext_lazy("demander")),
    ("r", gettext_lazy("refuser")),
    ("n", gettext_lazy("suivant")),
]
DONE = {
    "accept": gettext_lazy("«\u00a0%(name)s\u00a0»\u00a0: accepté."),
    CORRECT: gettext_lazy("«\u00a0%(name)s\u00a0»\u00a0: corrigé et accepté."),
    ASK: gettext_lazy("«\u00a0%(name)s\u00a0»\u00a0: une correction est demandée."),
    REFUSE: gettext_lazy("«\u00a0%(name)s\u00a0»\u00a0: refusé."),
}


@dataclass
class Case:
    """A registration (`proposal` is None) or a proposal, with its listing as it would become."""

    kind: str
    shop: Shop
    proposal: Proposal | None

    @property
    def number(self) -> int:
        return self.proposal.pk if self.proposal else self.shop.pk

    @property
    def waits(self) -> bool:
        if self.proposal:
            return self.proposal.status == ProposalStatus.PENDING
        return self.shop.status == ShopStatus.PENDING

    @property
    def state(self) -> str:
        return (self.proposal or self.shop).get_status_display()

    @property
    def sender(self) -> User | None:
        return self.proposal.by if self.proposal else checks.sender_of(self.shop)

    @cached_property
    def listing(self) -> Listing:
        shown = self.proposal if self.waits else None
        return with_proposal(self.shop, shown)

    @property
    def refusal(self) -> ReasonKind:
        return ReasonKind.PROPOSAL if self.proposal else ReasonKind.REFUSAL

    def address(self, name: str = "case") -> str:
        return reverse(f"admin:{name}", args=[self.kind, self.number])


def _case(request, kind: str, number: int) -> Case:
    """Fetching authorises: 404 for another commune's, and for kinds that have another page."""
    if kind == CaseKind.PROPOSAL:
        rows = Proposal.objects.select_related("by")
        proposal = get_object_or_404(scoped(request, rows, "shop__commune"), pk=number)
        return Case(kind, get_object_or_404(_shops(), pk=proposal.shop_id), proposal)
    if kind != CaseKind.REGISTRATION:
        raise Http404
    shops = scoped(request, _shops().without_private_drafts())
    return Case(kind, get_object_or_404(shops, pk=number), None)


def _shops():
    return Shop.objects.for_page().select_related("commune", "main_category__parent")


@town_hall_page("dossiers/<str:kind>/<int:number>/", name="case", methods=("GET", "HEAD"))
def case(request, kind: str, number: int):
    """The page of a case; kinds that are shown elsewhere are found from here too."""
    if kind not in (CaseKind.REGISTRATION, CaseKind.PROPOSAL):
        row = cases.row_of(request, kind, number)
        address = cases.address_of(kind, row.pk)
        if not address:
            raise Http404
        return redirect(address)
    return _page(request, _case(request, kind, number))


@town_hall_page(
    "dossiers/<str:kind>/<int:number>/verifications/", name="case_checks", methods=("GET", "HEAD")
)
def case_checks(request, kind: str, number: int):
    """What the official services say: as a part of the page for its script, else the whole page."""
    found = _case(request, kind, number)
    if sentence := held_back(request.user.pk, timezone.now()):
        told = [checks.Check(_("Services officiels"), checks.Verdict.UNKNOWN, sentence)]
    else:
        told = checks.outside_checks(
            found.listing,
            companies=CompanySearch(settings.COMPANY_SEARCH_URL),
            geocoder=Geocoder(settings.GEOCODER_URL),
        )
    if "part" in request.GET:
        return TemplateResponse(request, f"{TEMPLATES}/_checks.html", {"checks": told})
    return _page(request, found, outside=told)


@town_hall_page(
    "dossiers/<str:kind>/<int:number>/decision/", name="case_decision", methods=("POST",)
)
def case_decision(request, kind: str, number: int):
    """A button was pressed: the letter is shown; with `send`, it goes out."""
    found = _case(request, kind, number)
    decision = request.POST.get("decision", "")
    form = CorrectionForm(request.POST if decision == CORRECT else None, listing=found.listing)
    try:
        if "back" in request.POST:
            return _page(request, found, form=form, typed=request.POST)
        decide = _decide(request, found, decision, form)
        if "send" not in request.POST:
            return _confirm(request, found, decision, decide, form)
        following = cases.next_case(request, communes_of(request), (kind, number))
        decide()
    except WorkflowError as error:
        messages.error(request, str(error))
        return _page(request, _case(request, kind, number), form=form, typed=request.POST)
    taking.release(kind, number, by=request.user)
    messages.success(request, DONE[decision] % {"name": found.shop.name})
    return cases.go_on(request, following)


def _confirm(request, found: Case, decision: str, decide, form: CorrectionForm) -> HttpResponse:
    lines = Words().lines(form.lines) if decision == CORRECT else []
    return confirm_page(
        request,
        decide,
        title=f"{DECISIONS[decision]}\u00a0: {found.shop.name}",
        question=_("Voici ce qui va partir. Rien n’est encore décidé."),
        action=found.address("case_decision"),
        lines=lines,
    )


def _decide(request, found: Case, decision: str, form: CorrectionForm) -> Callable[[], object]:
    """The function of the workflow that was chosen, on rows read anew each time it is called."""
    act = {"by": request.user, "now": timezone.now()}
    if decision not in DECISIONS:
        raise WorkflowError(_("Choisissez une décision."))
    if decision == CORRECT and not form.is_valid():
        raise WorkflowError(_("Corrigez d’abord ce qui est signalé ci-dessous."))
    if decision in (ASK, REFUSE):
        act["reason"] = reasons.written(
            found.shop.commune,
            ReasonKind.CHANGE if decision == ASK else found.refusal,
            chosen=request.POST.get("standard", ""),
            own=request.POST.get("reason", ""),
        )
    if found.proposal:
        return _on_proposal(found.proposal.pk, decision, form, act)
    return _on_registration(
        found.shop.pk,
        decision,
        form,
        act | {"expected_version": posted_number(request, "version", missing=-1)},
    )


def _on_proposal(pk: int, decision: str, form: CorrectionForm, act: dict) -> Callable[[], object]:
    if decision == CORRECT:
        act["corrections"] = form.corrections
    does = {ASK: proposals.ask_change, REFUSE: proposals.refuse}.get(decision, proposals.accept)
    return lambda: does(Proposal.objects.select_related("shop__commune", "by").get(pk=pk), **act)


def _on_registration(
    pk: int, decision: str, form: CorrectionForm, act: dict
) -> Callable[[], object]:
    if decision == CORRECT:
        return lambda: accept_corrected(Shop(pk=pk), form.corrections, **act)
    does = {ASK: status.ask_change, REFUSE: status.refuse}.get(decision, status.publish)
    return lambda: does(Shop(pk=pk), **act)


def _page(request, found: Case, *, form=None, outside=None, typed=None) -> HttpResponse:
    now = timezone.now()
    shop, listing, sender = found.shop, found.listing, found.sender
    local = checks.local_checks(shop, listing, sender=sender, now=now)
    changes = Words().lines(found.proposal.changes) if found.proposal else []
    version, address = shop.version, cases.address_of(found.kind, found.number)
    last = shop.history.select_related("by").first()
    commune = shop.commune
    context = {
        "case": found,
        "changes": changes,
        "checks": local,
        "outside": outside,
        "form": form or CorrectionForm(listing=listing),
        "change_reasons": reasons.reasons_for(commune, ReasonKind.CHANGE),
        "refusal_reasons": reasons.reasons_for(commune, found.refusal),
        "typed": {name: (typed or {}).get(name, "") for name in ("decision", "reason", "standard")},
        "version": version,
        "address": address,
        "last": last,
        "sender": sender,
        "keys": KEYS,
        **cases.flow(request, found.kind, found.number, waits=found.waits),
    }
    # Last: the listing is put into the very object of the shop.
    shown = previewed(shop, listing) if found.proposal and found.waits else shop
    context |= {"shop": shown, **shop_context(shown, now)}
    del context["commune"]  # Of the page's frame: a choice between communes.
    return render_page(request, "case", context | {"place": commune}, title=listing.name)


# Those that nobody needs to look at --------------------------------------------------------------


@town_hall_page("dossiers/sans-reserve/", name="clean_cases")
def clean_cases(request):
    """Registrations without a reserve, accepted together; the list is shown first."""
    numbers = [int(n) for n in request.POST.getlist("number") if n.isdecimal() and len(n) < 19]
    rows = queues.registrations(communes_of(request)).with_commune()
    rows = rows.select_related("main_category").prefetch_related("photos", *cases.LISTING)
    if request.method == "POST":
        rows = rows.filter(pk__in=numbers)
    found = list(rows.order_by("waits_since", "pk")[: cases.PER_PAGE])
    clean = checks.without_reserve(found, now=timezone.now())
    shops = [shop for shop in found if shop.pk in clean]
    if request.method == "POST":
        return _accept_all(request, shops, len(numbers))
    context = {"shops": shops}
    return render_page(request, "clean_cases", context, title=_("Dossiers sans réserve"))


def _accept_all(request, shops: list[Shop], wanted: int) -> HttpResponse:
    """Each by itself: what the rules refuse is said, and the others are published."""
    done = 0
    for shop in shops:
        seen = posted_number(request, f"version-{shop.pk}", missing=-1)
        try:
            status.publish(shop, by=request.user, now=timezone.now(), expected_version=seen)
        except WorkflowError as error:
            messages.warning(request, f"{shop.name}\u00a0: {error}")
        else:
            taking.release(CaseKind.REGISTRATION, shop.pk, by=request.user)
            done += 1
    if done < wanted and len(shops) < wanted:
        messages.warning(
            request,
            _("Certains dossiers ont changé entre-temps\u00a0: ils sont restés en attente."),
        )
    if done:
        sentence = ngettext(
            "%(number)d fiche est publiée.", "%(number)d fiches sont publiées.", done
        )
        messages.success(request, sentence % {"number": done})
    return redirect(f"{reverse('admin:cases')}?kind={CaseKind.REGISTRATION}")
