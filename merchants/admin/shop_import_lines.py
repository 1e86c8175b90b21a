"""One file of shops: what it would do line by line, then what it has done, and undoing that."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from merchants.models import ImportLine, ShopImport
from merchants.models.shop_import import ImportStatus, ImportTask, LineResult
from merchants.opendata import import_runs
from merchants.workflow.wording import Words

from .pages import render_page, town_hall_page
from .shop_import import FAILURES, doing, run_of, source_label, start

LINES_PER_PAGE = 100
ADDRESS = ("house_number", "street", "postcode", "city")
# Of an import that was taken back: the listings that it made and that stay.
KEPT = "kept"
# The parts of a file: result, name of the tab, and what an agent has to know of them.
PARTS = [
    (LineResult.ASKED, gettext_lazy("À décider"), gettext_lazy(
        "Le fichier contredit ce que quelqu’un a écrit ou confirmé depuis. Sans choix de votre "
        "part, la fiche reste comme elle est."
    )),
    (LineResult.NEW, gettext_lazy("Nouvelles"), ""),
    (LineResult.CHANGED, gettext_lazy("Modifiées"), ""),
    (LineResult.SAME, gettext_lazy("Déjà à jour"), gettext_lazy(
        "Ces commerces sont dans l’annuaire, et le fichier n’y change rien."
    )),
    (LineResult.REFUSED, gettext_lazy("Refusées"), gettext_lazy(
        "Rien n’est repris de ces lignes. Corrigez-les dans le fichier, puis déposez-le de nouveau."
    )),
    ("", gettext_lazy("Toutes les lignes"), ""),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tab:
    """Some of the lines: those of one result, or all of them (value "")."""

    value: str
    label: object
    help: object
    count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line with its values in words: (field, before, after)."""

    line: ImportLine
    told: list[tuple[str, str, str]]
    asked: list[tuple[str, str, str]]
    # Of a new listing: what it is and where, in one line.
    summary: str = ""


@town_hall_page("imports/<int:pk>/", name="import", methods=("GET", "HEAD"))
def import_page(request, pk: int):
    """Where a file stands: at work, at its columns, at its preview or at its result."""
    run = run_of(request, pk)
    if run.task:
        progress = import_runs.progress(run)
        context = {"run": run, "progress": progress, "doing": doing(run)}
        return render_page(request, "import_running", context, title=run.name)
    if run.status == ImportStatus.UPLOADED:
        return redirect("admin:import_columns", run.pk)
    return _lines(request, run)


def _lines(request, run: ShopImport):
    """The lines of one result, a hundred to a page. As many queries whatever their number."""
    tabs = _tabs(run)
    wanted = request.GET.get("resultat")
    named = [tab for tab in tabs if tab.value == wanted]
    tab = (named or [tab for tab in tabs if tab.count] or tabs)[0]
    paginator = Paginator(lines_of(run, tab.value), LINES_PER_PAGE)
    paginator.count = tab.count
    page = paginator.get_page(request.GET.get("page"))
    words = Words()
    is_ready = run.status == ImportStatus.READY
    context = {
        "run": run,
        "source_label": source_label(run),
        "tabs": tabs,
        "tab": tab,
        "page": page,
        "entries": [_entry(line, words) for line in page.object_list],
        "is_ready": is_ready,
        "may_decide": is_ready and tab.value == LineResult.ASKED,
        "totals": _totals(run),
        "shops_url": _shops_url(run),
    }
    template = "import_preview" if is_ready else "import_result"
    return render_page(request, template, context, title=run.name)


def _entry(line: ImportLine, words: Words) -> Entry:
    told, asked = words.lines(line.changes), words.lines(line.asked)
    if line.result != LineResult.NEW:
        return Entry(line, told, asked)
    new = {field: words.value(field, value) for field, (_old, value) in line.changes.items()}
    parts = [
        new.get("main_category", ""),
        " ".join(filter(None, (new.get(name, "") for name in ADDRESS))),
        new.get("service_area", ""),
        new.get("phone", ""),
    ]
    return Entry(line, told, asked, " · ".join(filter(None, parts)))


def _tabs(run: ShopImport) -> list[Tab]:
    counts = run.counts | {
        "": sum(run.counts.values()),
        LineResult.ASKED: lines_of(run, LineResult.ASKED).count(),
    }
    tabs = [Tab(value, label, help, counts.get(value, 0)) for value, label, help in PARTS]
    if run.status == ImportStatus.UNDONE:
        help = _("Quelqu’un s’est occupé de ces fiches depuis l’import\u00a0: elles sont restées.")
        tabs.insert(0, Tab(KEPT, _("Gardées"), help, lines_of(run, KEPT).count()))
    return tabs


def lines_of(run: ShopImport, result: str):
    """The lines of one tab. A line may change one value and ask about another."""
    if result == KEPT:
        return run.lines.filter(result=LineResult.NEW, shop__isnull=False)
    if result == LineResult.ASKED:
        return run.lines.exclude(asked={})
    return run.lines.filter(result=result) if result else run.lines.all()


@town_hall_page("imports/<int:pk>/decider/", name="import_decide", methods=("POST",))
def import_decide(request, pk: int):
    """What an agent says of the lines of a page, or of all: keep the listing, or take the file."""
    run = run_of(request, pk)
    act = {"by": request.user, "now": timezone.now()}
    everything = request.POST.get("all")
    try:
        if everything in {"keep", "take"}:
            import_runs.decide(run, lines=None, take=everything == "take", **act)
        else:
            for answer in ("keep", "take"):
                lines = [
                    int(name.removeprefix("line-"))
                    for name, value in request.POST.items()
                    if value == answer and name.removeprefix("line-").isdecimal()
                ]
                import_runs.decide(run, lines=lines, take=answer == "take", **act)
    except FAILURES as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Vos choix sont enregistrés."))
    page = request.GET.get("page", "")
    query = {"resultat": LineResult.ASKED.value} | ({"page": page} if page.isdecimal() else {})
    return redirect(f"{reverse('admin:import', args=[run.pk])}?{urlencode(query)}")


@town_hall_page("imports/<int:pk>/appliquer/", name="import_apply")
def import_apply(request, pk: int):
    """What will be written, before it is."""
    run = run_of(request, pk)
    if run.task or run.status != ImportStatus.READY:
        return redirect("admin:import", run.pk)
    if request.method == "POST":
        start(request, run, ImportTask.APPLY)
        return redirect("admin:import", run.pk)
    context = {
        "run": run,
        "sentences": _will_apply(run),
        "button": _("Appliquer l’import"),
        "after": _("Un import s’annule en entier, tant que personne n’a écrit dans ses fiches."),
    }
    return render_page(request, "import_confirm", context, title=_("Appliquer cet import\u202f?"))


@town_hall_page("imports/<int:pk>/annuler/", name="import_undo")
def import_undo(request, pk: int):
    """What undoing will do, before it does."""
    run = run_of(request, pk)
    if run.task or run.status != ImportStatus.APPLIED:
        return redirect("admin:import", run.pk)
    if request.method == "POST":
        start(request, run, ImportTask.UNDO)
        return redirect("admin:import", run.pk)
    context = {
        "run": run,
        "sentences": _will_undo(run),
        "button": _("Annuler l’import"),
        "after": "",
    }
    return render_page(request, "import_confirm", context, title=_("Annuler cet import\u202f?"))


@town_hall_page("imports/<int:pk>/bilan.csv", name="import_csv", methods=("GET", "HEAD"))
def import_csv(request, pk: int):
    """The lines of a file and what becomes of each, for a spreadsheet."""
    run = run_of(request, pk)
    if run.status == ImportStatus.UPLOADED:
        raise Http404
    response = StreamingHttpResponse(
        import_runs.result_csv(run), content_type="text/csv; charset=utf-8"
    )
    name = slugify(run.name.rpartition(".")[0]) or "import"
    response["Content-Disposition"] = f'attachment; filename="{name}-bilan.csv"'
    return response


@dataclass(frozen=True, slots=True)
class Totals:
    """How many listings a file makes and changes; of those to decide, how many it takes."""

    new: int
    changed: int
    kept: int

    @property
    def writes(self) -> bool:
        return bool(self.new or self.changed)

    @property
    def words(self) -> str:
        new = ngettext("%d nouvelle", "%d nouvelles", self.new) % self.new
        changed = ngettext("%d modification", "%d modifications", self.changed) % self.changed
        # Nothing is said of none: French and English count it differently.
        told = [words for number, words in ((self.new, new), (self.changed, changed)) if number]
        return _("Appliquer l’import (%(counts)s)") % {"counts": ", ".join(told)}


def _totals(run: ShopImport) -> Totals:
    """Two queries."""
    asked = lines_of(run, LineResult.ASKED)
    taken = asked.filter(take=True, result=LineResult.ASKED).count()
    return Totals(
        new=run.counts.get(LineResult.NEW, 0),
        changed=run.counts.get(LineResult.CHANGED, 0) + taken,
        kept=asked.filter(take=False).count(),
    )


def _will_apply(run: ShopImport) -> list[str]:
    totals = _totals(run)
    if run.publish:
        new = ngettext(
            "%d nouvelle fiche sera publiée.", "%d nouvelles fiches seront publiées.", totals.new
        )
    else:
        new = ngettext(
            "%d nouvelle fiche attendra d’être validée.",
            "%d nouvelles fiches attendront d’être validées.",
            totals.new,
        )
    changed = ngettext("%d fiche sera modifiée.", "%d fiches seront modifiées.", totals.changed)
    kept = ngettext(
        "%d fiche à décider restera comme elle est.",
        "%d fiches à décider resteront comme elles sont.",
        totals.kept,
    )
    refused = ngettext(
        "%d ligne refusée sera laissée de côté.",
        "%d lignes refusées seront laissées de côté.",
        run.counts.get(LineResult.REFUSED, 0),
    )
    numbers = (totals.new, totals.changed, totals.kept, run.counts.get(LineResult.REFUSED, 0))
    sentences = [
        sentence % number
        for sentence, number in zip((new, changed, kept, refused), numbers, strict=True)
        if number
    ]
    if run.keep_unknown and run.publish:
        sentences.append(_("Celles dont l’activité n’est pas indiquée resteront en brouillon."))
    return sentences


def _will_undo(run: ShopImport) -> list[str]:
    totals = _totals(run)
    made = ngettext(
        "%d fiche créée par cet import sera supprimée.",
        "%d fiches créées par cet import seront supprimées.",
        totals.new,
    )
    changed = ngettext(
        "%d fiche modifiée retrouvera ses valeurs d’avant.",
        "%d fiches modifiées retrouveront leurs valeurs d’avant.",
        totals.changed,
    )
    sentences = [
        sentence % number
        for sentence, number in ((made, totals.new), (changed, totals.changed))
        if number
    ]
    return [
        *sentences,
        _(
            "Ce que quelqu’un a écrit, confirmé ou repris depuis ne sera pas touché\u00a0: ces "
            "fiches seront gardées, et la liste vous en sera donnée."
        ),
    ]


def _shops_url(run: ShopImport) -> str:
    """The listings of that source in the back office; "" before there are any."""
    if run.status != ImportStatus.APPLIED:
        return ""
    query = {"source__exact": run.source}
    if run.commune_id:
        query["commune__id__exact"] = run.commune_id
    return f"{reverse('admin:merchants_shop_changelist')}?{urlencode(query)}"
