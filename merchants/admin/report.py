"""What residents report: a queue, and one page for each report beside the listing it is about."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.models import Report, Shop, ShopStatus
from merchants.models.decision import CaseKind
from merchants.models.report import ReportKind, ReportStatus
from merchants.workflow import WorkflowError, letters, reports, taking

from . import cases
from .pages import choosable, communes_of, render_page, scoped, town_hall_page

PER_PAGE = 50

# Of the page's keys, what each does.
KEYS = [
    ("t", gettext_lazy("traité")),
    ("s", gettext_lazy("sans suite")),
    ("n", gettext_lazy("suivant")),
]

cases.add_page(CaseKind.REPORT, "admin:report")


def _scoped_reports(request):
    rows = scoped(request, Report.objects.all(), "shop__commune")
    rows = rows.select_related("shop__commune", "decided_by")
    return rows.defer("shop__commune__contour", "shop__commune__search_text")


@town_hall_page(
    "signalements/",
    name="reports",
    title=gettext_lazy("Signalements"),
    help=gettext_lazy("Ce que des habitants disent de faux sur une fiche."),
    methods=("GET", "HEAD"),
)
def report_list(request):
    """The oldest first, of all the person's communes or of one; decided ones, the last first."""
    rows, state = _scoped_reports(request), request.GET.get("etat", "")
    if state not in ReportStatus.values:
        state = ReportStatus.WAITING.value
    rows = rows.filter(status=state)
    code = request.GET.get("commune", "")
    if code:
        rows = rows.filter(shop__commune__insee_code=code)
    order = ("at", "pk") if state == ReportStatus.WAITING else ("-decided_at", "-pk")
    allowed = communes_of(request)
    context = {
        "page": Paginator(rows.order_by(*order), PER_PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": ReportStatus.choices,
        "code": code,
        "choices": choosable(request) if allowed is None or len(allowed) > 1 else [],
        "now": timezone.now(),
    }
    return render_page(request, "reports", context, title=_("Signalements"))


@town_hall_page("signalements/<int:pk>/", name="report")
def report(request, *, pk: int):
    """What a resident says, what the listing says, and what is done about it."""
    found = get_object_or_404(_scoped_reports(request), pk=pk)
    if request.method != "POST":
        return _page(request, found)
    do, answer = request.POST.get("do", ""), request.POST.get("answer", "")
    if do in {"closed", "back"}:
        return _page(request, found, answer=answer, closes=do == "closed")
    # As long as it still has its place in the queue.
    following = cases.next_case(request, communes_of(request), (CaseKind.REPORT.value, found.pk))
    try:
        _decide(request, found, do, answer)
    except WorkflowError as error:
        messages.error(request, str(error))
        return _page(request, get_object_or_404(_scoped_reports(request), pk=pk), answer=answer)
    taking.release(CaseKind.REPORT, found.pk, by=request.user)
    said = _("Signalement sur «\u00a0%(name)s\u00a0»\u00a0: %(status)s.")
    words = {"name": found.shop.name, "status": found.get_status_display()}
    messages.success(request, said % words)
    return cases.go_on(request, following)


def _decide(request, found: Report, do: str, answer: str) -> None:
    act = {"by": request.user, "now": timezone.now(), "answer": answer}
    if do == "handled":
        reports.handle(found, **act)
    elif do == "dismissed":
        reports.dismiss(found, **act)
    elif do == "closed_sure":
        reports.close_shop(found, seen_version=_version(request.POST), **act)
    else:
        raise WorkflowError(_("Choisissez un des boutons."))


def _version(posted) -> int:
    text = posted.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _page(request, found: Report, *, answer: str = "", closes: bool = False):
    shops = Shop.objects.with_commune().select_related("main_category")
    shop = shops.prefetch_related("categories__parent", "services", "periods", "specials").get(
        pk=found.shop_id
    )
    others = shop.reports.filter(status=ReportStatus.WAITING).exclude(pk=found.pk)
    waits = found.status == ReportStatus.WAITING
    context = {
        "report": found,
        "shop": shop,
        "facts": letters.facts(shop),
        "is_kept": shop.members.exists(),
        "others": list(others.order_by("at", "pk")[:10]),
        "waits": waits,
        "answer": answer,
        "closes": closes and waits,
        "is_online": shop.status == ShopStatus.PUBLISHED,
        "is_about_hours": found.kind == ReportKind.HOURS,
        "is_about_closing": found.kind == ReportKind.CLOSED,
        "now": timezone.now(),
        "keys": KEYS,
        **cases.flow(request, CaseKind.REPORT, found.pk, waits=waits),
    }
    return render_page(request, "report", context, title=shop.name)
