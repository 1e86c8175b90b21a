"""The page of one case of SIRENE, in the way from case to case; many at once: the list."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.models import Shop, SireneCase
from merchants.models.decision import CaseKind
from merchants.models.sirene import SireneKind, SireneStatus
from merchants.workflow import WorkflowError, taking

from . import cases
from .pages import communes_of, render_page, scoped, town_hall_page
from .sirene import DECISIONS, LONGEST_NAME, said

# Of the page's keys, what each does: the buttons that its kind has.
KEYS = {
    SireneKind.UNLISTED: [("a", gettext_lazy("créer la fiche"))],
    SireneKind.CLOSED: [("a", gettext_lazy("fermer la fiche"))],
    SireneKind.SUCCESSOR: [
        ("a", gettext_lazy("remplacer la fiche")),
        ("s", gettext_lazy("changer le SIRET")),
        ("f", gettext_lazy("seulement fermer")),
    ],
}
KEYS_OF_ALL = [("e", gettext_lazy("écarter")), ("n", gettext_lazy("suivant"))]

cases.add_page(CaseKind.SIRENE, "admin:sirene_case")


def _scoped_case(request, pk: int) -> SireneCase:
    rows = scoped(request, SireneCase.objects.for_queue())
    rows = rows.select_related("commune", "decided_by")
    return get_object_or_404(rows.defer("commune__contour"), pk=pk)


@town_hall_page("sirene/<int:pk>/", name="sirene_case")
def sirene_case(request, *, pk: int):
    """Both sides, and the decision; then the next case opens."""
    found = _scoped_case(request, pk)
    if request.method != "POST":
        return _page(request, found, typed=found.name)
    # As long as it still has its place in the queue.
    following = cases.next_case(request, communes_of(request), (CaseKind.SIRENE.value, found.pk))
    decision, name = request.POST.get("decision", ""), request.POST.get("name", "")[:LONGEST_NAME]
    try:
        done = _decide(request, found, decision, name)
    except WorkflowError as error:
        messages.error(request, str(error))
        return _page(request, _scoped_case(request, pk), typed=name)
    taking.release(CaseKind.SIRENE, found.pk, by=request.user)
    messages.success(request, said(decision, [done]))
    return cases.go_on(request, following)


def _decide(request, found: SireneCase, decision: str, name: str) -> Shop | SireneCase:
    if decision not in DECISIONS:
        raise WorkflowError(_("Choisissez une décision."))
    act, takes_name = DECISIONS[decision]
    typed = {"name": name} if takes_name else {}
    return act(found, by=request.user, now=timezone.now(), **typed)


def _page(request, found: SireneCase, *, typed: str):
    waits = found.status == SireneStatus.WAITING
    context = {
        "case": found,
        "place": found.commune,
        "list_address": f"{reverse('admin:sirene')}?commune={found.commune.insee_code}",
        "typed": typed,
        "keys": KEYS[found.kind] + KEYS_OF_ALL,
        **cases.flow(request, CaseKind.SIRENE, found.pk, waits=waits),
    }
    return render_page(request, "sirene_case", context, title=found.title)
