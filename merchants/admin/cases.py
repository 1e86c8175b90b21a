"""Cases: what waits, who is at which, and the way from one to the next.

A kind of case has a page of its own somewhere in the back office; its module names it with
`add_page`. What a page of a case shows of the way is `flow`, with the fragment `_case_flow.html`;
its keys are told by `_case_keys.html`. After a decision it answers with `go_on`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from merchants.models import Claim, Proposal, Report, Shop, SireneCase, TakenCase
from merchants.models.decision import CaseKind
from merchants.workflow import checks, queues, taking
from merchants.workflow.wording import label

from .confirming import posted_number
from .pages import communes_of, render_page, scoped, town_hall_page

PER_PAGE = 25
# How many of a queue are looked at for the next one.
FAR_ENOUGH = 500
# What the number of a case is the key of, and how its commune is reached.
ROWS = {
    CaseKind.REGISTRATION: (Shop, "commune"),
    CaseKind.PROPOSAL: (Proposal, "shop__commune"),
    CaseKind.CLAIM: (Claim, "shop__commune"),
    CaseKind.REPORT: (Report, "shop__commune"),
    CaseKind.SIRENE: (SireneCase, "commune"),
}
_pages: dict[str, str] = {}


def add_page(kind: CaseKind, url_name: str) -> None:
    """Says which page, by its number alone, shows a case of that kind."""
    _pages[kind.value] = url_name


def address_of(kind: str, number: int) -> str:
    """The page of a case; "" for a kind that has none here."""
    name = _pages.get(kind)
    if name is None:
        return ""
    arguments = [kind, number] if name == "admin:case" else [number]
    return reverse(name, args=arguments)


def next_case(
    request,
    communes: queues.Communes,
    after: tuple[str, int] | None = None,
    *,
    queue: str = "",
) -> tuple[str, int] | None:
    """The case to read next: of the same queue and behind `after`, else of the following queues.

    Without `after`, the oldest one of `queue`, or of the first that is not empty.

    What colleagues are at is left to them. Two queries for each queue that is looked into. To be
    asked before `after` is decided, while it still has its place.
    """
    order = [source for source in queues.SOURCES.values() if source.case in _pages]
    first = _place(order, communes, after, queue)
    for source in order[first:] + order[:first]:
        keys = list(queues.rows_of(source.kind, communes).values_list("pk", flat=True)[:FAR_ENOUGH])
        if after and source.case == after[0] and after[1] in keys:
            here = keys.index(after[1])
            keys = keys[here + 1 :] + keys[:here]
        busy = taking.taken(source.case, keys, now=timezone.now())
        for key in keys:
            if key not in busy or busy[key].by_id == request.user.pk:
                return source.case, key
    return None


def _place(
    order: list, communes: queues.Communes, after: tuple[str, int] | None, queue: str
) -> int:
    """Where the queue stands that `after` waits in, else the one that is named. Claims have two."""
    if not after:
        return next((n for n, source in enumerate(order) if source.kind == queue), 0)
    places = [n for n, source in enumerate(order) if source.case == after[0]]
    for place in places[1:]:
        if queues.rows_of(order[place].kind, communes).filter(pk=after[1]).exists():
            return place
    return places[0] if places else 0


def take(request, kind: str, number: int, *, from_colleague: bool = False) -> TakenCase:
    """Whoever looks at it is at it; says whose it is now. For POST alone."""
    now = timezone.now()
    return taking.take(kind, number, by=request.user, now=now, from_colleague=from_colleague)


def taken_by(request, kind: str, number: int) -> TakenCase | None:
    """The colleague who is at that case, if any. One query."""
    row = taking.taken(kind, [number], now=timezone.now()).get(number)
    return row if row and row.by_id != request.user.pk else None


def go_on(request, found: tuple[str, int] | None) -> HttpResponse:
    """To the next case, which is taken on the way; to the list where nothing is left.

    Looks again where the last decision was that case's too (a listing that has closed waits for
    nothing), or where it may have made the only one that is left.
    """
    if found is None or not _still_waits(request, *found):
        found = next_case(request, communes_of(request))
    if found is None:
        messages.info(request, _("Plus aucun dossier ne vous attend."))
        return redirect("admin:cases")
    take(request, *found)
    return redirect(address_of(*found))


def _still_waits(request, kind: str, number: int) -> bool:
    """One query, and another for claims, which have two queues."""
    kinds = [source.kind for source in queues.SOURCES.values() if source.case == kind]
    communes = communes_of(request)
    return any(queues.rows_of(kind, communes).filter(pk=number).exists() for kind in kinds)


def flow(request, kind: str, number: int, *, waits: bool = True) -> dict:
    """The context of `admin/town_hall/_case_flow.html`. One query; none once it is decided."""
    busy = taking.taken(kind, [number], now=timezone.now()) if waits else {}
    held = busy.get(number)
    mine = held is not None and held.by_id == request.user.pk
    return {
        "case_kind": str(kind),
        "case_number": number,
        "case_waits": waits,
        "taken": None if mine else held,
        "is_mine": mine,
    }


def row_of(request, kind: str, number: int):
    """The row of a case, whether or not it waits; 404 for another commune's or no kind."""
    try:
        model, path = ROWS[CaseKind(kind)]
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(scoped(request, model.objects.all(), path), pk=number)


# The lists ------------------------------------------------------------------------------------


@dataclass
class Line:
    """A case in its list."""

    number: int
    address: str
    title: str
    detail: str
    commune: str
    who: str
    since: datetime
    taken: TakenCase | None = None
    is_clean: bool = False


@town_hall_page("dossiers/", name="cases", methods=("GET", "HEAD"))
def cases(request):
    """What waits, queue by queue; `?kind=` opens one of them."""
    communes = communes_of(request)
    waiting = [queue for queue in queues.waiting(communes) if queue.case]
    kind = request.GET.get("kind") or next((q.kind for q in waiting if q.count), waiting[0].kind)
    chosen = next((queue for queue in waiting if queue.kind == kind), None)
    if chosen is None:
        raise Http404
    page = Paginator(_listed(kind, communes), PER_PAGE).get_page(request.GET.get("page"))
    lines = _lines(request, chosen, list(page.object_list))
    clean = [line for line in lines if line.is_clean]
    context = {"queues": waiting, "queue": chosen, "page": page, "lines": lines, "clean": clean}
    return render_page(request, "cases", context, title=_("Dossiers à traiter"))


def _listed(kind: str, communes: queues.Communes):
    rows = queues.rows_of(kind, communes)
    if kind == CaseKind.REGISTRATION:
        rows = rows.with_commune().select_related("main_category")
        return rows.prefetch_related("members__user", "photos", *LISTING)
    if kind == CaseKind.SIRENE:
        return rows.select_related("commune", "shop").defer("commune__contour", "shop__search_text")
    rows = rows.select_related("shop__commune", "shop__main_category")
    if kind == CaseKind.PROPOSAL:
        rows = rows.select_related("by")
    elif kind in (CaseKind.CLAIM, queues.DISPUTE):
        rows = rows.select_related("user")
    return rows.defer("shop__commune__contour", "shop__commune__search_text")


# What `Listing.of` reads.
LISTING = ("categories", "services", "periods", "specials")


def _lines(request, queue: queues.Queue, rows: list) -> list[Line]:
    now = timezone.now()
    busy = taking.taken(queue.case, [row.pk for row in rows], now=now)
    lines = [_line(queue, row) for row in rows]
    clean = checks.without_reserve(rows, now=now) if queue.kind == CaseKind.REGISTRATION else set()
    for line in lines:
        line.taken = busy.get(line.number)
        line.is_clean = line.number in clean
    return lines


def _line(queue: queues.Queue, row) -> Line:
    shop = row if isinstance(row, Shop) else row.shop
    title = row.title if isinstance(row, SireneCase) else shop.name
    who = ""
    if isinstance(row, Shop):
        detail = row.main_category.label if row.main_category else ""
        who = ", ".join(str(member.user) for member in row.members.all())
    elif isinstance(row, Proposal):
        detail, who = ", ".join(label(name) for name in row.changes), str(row.by or "")
    elif isinstance(row, Claim):
        detail, who = row.get_proof_display(), str(row.user)
    else:
        detail = row.get_kind_display()
    commune = row.commune if isinstance(row, SireneCase) else shop.commune
    return Line(
        number=row.pk,
        address=address_of(queue.case, row.pk),
        title=title,
        detail=detail,
        commune=commune.name,
        who=who,
        since=row.waits_since,
    )


# The way ----------------------------------------------------------------------------------------


@town_hall_page("dossiers/suivant/", name="next_case", methods=("POST",))
def next_case_view(request):
    """Past the case that `kind` and `number` name, or to the first one of `queue`."""
    number = posted_number(request, "number")
    after = (request.POST.get("kind", ""), number) if number else None
    queue = request.POST.get("queue", "")
    return go_on(request, next_case(request, communes_of(request), after, queue=queue))


@town_hall_page("dossiers/prendre/", name="take_case", methods=("POST",))
def take_case_view(request):
    """« Je m’en occupe »; with `anyway`, also what a colleague is at. A script wants no page."""
    kind = request.POST.get("kind", "")
    row = row_of(request, kind, posted_number(request, "number"))
    held = take(request, kind, row.pk, from_colleague="anyway" in request.POST)
    if "quiet" in request.POST:
        return HttpResponse(status=204)
    if held.by_id != request.user.pk:
        messages.warning(
            request, _("%(who)s s’en occupe déjà.") % {"who": held.by.get_short_name()}
        )
    back = address_of(kind, row.pk) or reverse("admin:cases")
    wanted = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(wanted, request.get_host(), request.is_secure())
    return redirect(wanted if allowed else back)
