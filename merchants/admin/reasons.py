"""The sentences that a town hall often writes, kept by its referents."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.forms.standard_reasons import reason_rows, rows_of
from merchants.models import StandardReason
from merchants.models.decision import ReasonKind
from merchants.workflow import WorkflowError
from merchants.workflow.reasons import reasons_for
from merchants.workflow.standard_reasons import write_reasons

from .commune import log_settings
from .pages import choosable, render_page, town_hall_page


@town_hall_page(
    "reglages/motifs/",
    name="reasons",
    title=gettext_lazy("Motifs habituels"),
    help=gettext_lazy("Les phrases à choisir pour refuser, suspendre ou faire corriger"),
    of_commune=True,
    referents_only=True,
)
def reasons(request, *, commune):
    """One kind at a time (`?pour=`); POST with `do=default` goes back to the site's sentences."""
    kind = _kind(request)
    rows = reason_rows(request.POST or None, reasons_for(commune, kind))
    error = ""
    if request.method == "POST":
        back_to_default = request.POST.get("do") == "default"
        if back_to_default or rows.is_valid():
            wanted = [] if back_to_default else rows_of(rows)
            act = {"by": request.user, "now": timezone.now()}
            try:
                write_reasons(commune, kind, wanted, **act)
            except WorkflowError as refused:
                error = str(refused)
            else:
                log_settings(request, commune, [gettext_lazy("Motifs habituels"), kind.label])
                messages.success(request, _("C’est enregistré."))
                return redirect(f"{_address(commune)}&pour={kind.value}")
    context = {
        "commune": commune,
        "communes": choosable(request, referents_only=True),
        "kind": kind,
        "kinds": list(ReasonKind),
        "rows": rows,
        "error": error,
        "address": _address(commune),
        "is_own": StandardReason.objects.filter(commune=commune, kind=kind).exists(),
    }
    return render_page(request, "reasons", context, title=_("Motifs habituels"))


def _kind(request) -> ReasonKind:
    try:
        return ReasonKind(request.GET.get("pour", ReasonKind.REFUSAL))
    except ValueError as error:
        raise Http404 from error


def _address(commune) -> str:
    return f"{reverse('admin:reasons')}?commune={commune.insee_code}"
