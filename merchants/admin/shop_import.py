"""Files of shops at the town hall: the list, a new one, its columns, and how far it has come.

What a file would do, and has done, line by line: `shop_import_lines.py`. Fetching authorises:
an import of another commune is not found, nor is one of several communes but by administrators.
"""

import csv
import io

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from merchants.forms.shop_import import ColumnsForm, UploadForm
from merchants.models import Commune, ShopImport
from merchants.models.shop_import import ImportStatus, ImportTask, LineResult
from merchants.opendata import import_cleaning, import_runs
from merchants.opendata.files import ImportFileError
from merchants.opendata.sources import CSV_PREFIX, source_of
from merchants.workflow import WorkflowError
from merchants.workflow.import_runs import UNAPPLIED

from .pages import TEMPLATES, choosable, render_page, scoped, town_hall_page

RUNS_PER_PAGE = 25
FAILURES = (ImportFileError, WorkflowError)
COUNTED = {
    LineResult.NEW: ngettext_lazy("%d nouvelle", "%d nouvelles"),
    LineResult.CHANGED: ngettext_lazy("%d modifiée", "%d modifiées"),
    LineResult.ASKED: ngettext_lazy("%d à décider", "%d à décider"),
    LineResult.SAME: ngettext_lazy("%d déjà à jour", "%d déjà à jour"),
    LineResult.REFUSED: ngettext_lazy("%d refusée", "%d refusées"),
}
# A file of invented shops, to be filled in with real ones.
MODEL = [
    ("nom", "Le Fournil des Coteaux"),
    ("categorie", "Boulangerie-pâtisserie"),
    ("siret", ""),
    ("numero", "12 bis"),
    ("voie", "rue de la Paix"),
    ("code_postal", "92150"),
    ("ville", "Suresnes"),
    ("telephone", "01 99 00 68 90"),
    ("courriel", "bonjour@fournil.example"),
    ("site", "https://fournil.example"),
    ("description", "Pains à la farine de meule, fougasses et brioches."),
    ("horaires", "du mardi au samedi 7h-13h30 et 16h-20h, dimanche 7h-13h"),
    ("jours_feries", "fermé"),
    ("livraison", "non"),
    ("retrait", "commande la veille avant 18 h"),
    ("a_emporter", "oui"),
    ("commande_telephone", "oui"),
    ("acces_pmr", "oui"),
    ("paiement", "CB, espèces, titres-restaurant"),
]


@town_hall_page(
    "imports/",
    name="imports",
    title=gettext_lazy("Imports"),
    help=gettext_lazy(
        "Un tableur de commerces, lu et vérifié ligne par ligne avant d’enregistrer."
    ),
    of_commune=True,
    methods=("GET", "HEAD"),
)
def imports(request, commune):
    """The files of a commune, the newest first; for administrators, those of several too."""
    runs = commune.imports.all()
    if request.user.is_superuser:
        runs |= ShopImport.objects.filter(commune=None)
    runs = runs.select_related("by", "commune").defer("commune__contour", "commune__search_text")
    page = Paginator(runs, RUNS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "commune": commune,
        "communes": choosable(request),
        "page": page,
        "runs": [(run, source_label(run), told(run)) for run in page.object_list],
    }
    return render_page(request, "imports", context, title=_("Imports"))


@town_hall_page("imports/modele.csv", name="import_model", methods=("GET", "HEAD"))
def import_model(request):
    """A spreadsheet with our titles and one example, which Excel opens as it is."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows(zip(*MODEL, strict=True))
    response = HttpResponse(
        text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="commerces-modele.csv"'
    return response


@town_hall_page("imports/nouveau/", name="import_upload", of_commune=True)
def import_upload(request, commune):
    """A file comes in. If it says itself what its columns are, it is read at once."""
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        commune=commune,
        may_everywhere=request.user.is_superuser,
    )
    if form.is_bound and form.is_valid():
        try:
            run = _uploaded(request, commune, form.cleaned_data)
        except FAILURES as error:
            form.add_error("file", str(error))
        else:
            if _columns(run) == ([], ""):
                start(request, run, ImportTask.READ)
            return redirect("admin:import", run.pk)
    context = {
        "commune": commune,
        "communes": [] if form.is_bound else choosable(request),
        "form": form,
        "sources": _sources(commune),
    }
    return render_page(request, "import_upload", context, title=_("Importer un fichier"))


def _uploaded(request, commune: Commune, values: dict) -> ShopImport:
    act = {"by": request.user, "now": timezone.now()}
    run = import_runs.upload(
        commune=None if values.get("everywhere") else commune,
        name=values["file"].name,
        content=values["file"],
        **act,
    )
    return import_runs.set_options(run, matching=None, **_options(values), **act)


def _options(values: dict) -> dict:
    return {name: values[name] for name in ("source", "publish", "keep_unknown")}


@town_hall_page("imports/<int:pk>/colonnes/", name="import_columns")
def import_columns(request, pk: int):
    """Which column is which of ours, and what holds for the whole file; then it is read."""
    run = run_of(request, pk)
    if run.task or run.status not in UNAPPLIED:
        return redirect("admin:import", run.pk)
    columns, unreadable = _columns(run)
    form = ColumnsForm(request.POST or None, columns=columns, initial=_initial(run))
    if form.is_bound and form.is_valid():
        act = {"by": request.user, "now": timezone.now()}
        try:
            options = _options(form.cleaned_data)
            import_runs.set_options(run, matching=form.matching, **options, **act)
            import_runs.start(run, ImportTask.READ, **act)
        except FAILURES as error:
            form.add_error(None, str(error))
        else:
            return redirect("admin:import", run.pk)
    context = {
        "run": run,
        "form": form,
        "unreadable": unreadable,
        "sources": _sources(run.commune),
    }
    return render_page(request, "import_columns", context, title=run.name)


def _initial(run: ShopImport) -> dict:
    return {
        "source": source_words(run.source, run.commune),
        "publish": "1" if run.publish else "",
        "keep_unknown": run.keep_unknown,
    }


def _columns(run: ShopImport) -> tuple[list[import_runs.Column], str]:
    """The columns of a file; none and a sentence if it can no longer be read."""
    try:
        return import_runs.columns(run), ""
    except ImportFileError as error:
        return [], str(error)


@town_hall_page("imports/<int:pk>/recommencer/", name="import_again", methods=("POST",))
def import_again(request, pk: int):
    """What was interrupted begins again."""
    run = run_of(request, pk)
    start(request, run, ImportTask(run.task or ImportTask.READ))
    return redirect("admin:import", run.pk)


@town_hall_page("imports/<int:pk>/abandonner/", name="import_abandon")
def import_abandon(request, pk: int):
    """What was never applied is given up; asked first."""
    run = run_of(request, pk)
    if import_runs.progress(run).is_running or run.status not in UNAPPLIED:
        return redirect("admin:import", run.pk)
    if request.method == "POST":
        return _abandoned(request, run)
    context = {
        "run": run,
        "sentences": [
            _("Le fichier et ses lignes seront effacés."),
            _("Aucune fiche de l’annuaire ne change."),
        ],
        "button": _("Abandonner l’import"),
        "after": "",
    }
    return render_page(request, "import_confirm", context, title=_("Abandonner cet import\u202f?"))


def _abandoned(request, run: ShopImport):
    try:
        import_cleaning.abandon(run, by=request.user, now=timezone.now())
    except WorkflowError as error:
        messages.error(request, str(error))
        return redirect("admin:import", run.pk)
    messages.success(
        request, _("L’import de «\u00a0%(name)s\u00a0» est abandonné.") % {"name": run.name}
    )
    code = f"?commune={run.commune.insee_code}" if run.commune else ""
    return redirect(f"{reverse('admin:imports')}{code}")


@town_hall_page("imports/<int:pk>/avancement/", name="import_progress", methods=("GET", "HEAD"))
def import_progress(request, pk: int):
    """The bar alone, for a page that is open; 204 once there is nothing to wait for."""
    run = run_of(request, pk)
    progress = import_runs.progress(run)
    if not progress.is_running:
        return HttpResponse(status=204)
    context = {"progress": progress, "doing": doing(run)}
    return TemplateResponse(request, f"{TEMPLATES}/_progress.html", context)


@town_hall_page("imports/<int:pk>/fichier/", name="import_file", methods=("GET", "HEAD"))
def import_file(request, pk: int):
    """The file as it came, to be saved: never shown by the site itself."""
    run = run_of(request, pk)
    if not run.file or not run.file.storage.exists(run.file.name):
        raise Http404
    response = FileResponse(
        run.file.open("rb"),
        as_attachment=True,
        filename=run.name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def run_of(request, pk: int) -> ShopImport:
    """An import of the person's communes. Fetching authorises: Http404 for any other."""
    runs = ShopImport.objects.select_related("commune", "by", "applied_by", "undone_by")
    runs = runs.defer("commune__contour", "commune__search_text")
    return get_object_or_404(scoped(request, runs), pk=pk)


def start(request, run: ShopImport, task: ImportTask) -> None:
    """Sets to work; what the rules refuse is said on the next page."""
    try:
        import_runs.start(run, task, by=request.user, now=timezone.now())
    except FAILURES as error:
        messages.error(request, str(error))


def doing(run: ShopImport) -> str:
    """What a run is busy with."""
    return {
        ImportTask.READ: _("Lecture du fichier"),
        ImportTask.APPLY: _("Enregistrement des fiches"),
        ImportTask.UNDO: _("Annulation de l’import"),
    }[ImportTask(run.task)]


def told(run: ShopImport) -> str:
    """What the lines of a file make or have made, in one line; "" before it is read."""
    return ", ".join(
        COUNTED[result] % run.counts[result] for result in COUNTED if run.counts.get(result)
    )


def source_label(run: ShopImport) -> str:
    """What the source of a file is called; "" for none."""
    if run.source.startswith(CSV_PREFIX):
        return source_words(run.source, run.commune)
    source = source_of(run.source)
    return str(source.label) if source else ""


def source_words(source: str, commune: Commune | None) -> str:
    """What somebody has called a plain file: without our prefix and the code of the commune."""
    words = source.removeprefix(CSV_PREFIX)
    if commune:
        words = words.removesuffix(f"-{commune.insee_code.lower()}")
    return words.replace("-", " ")


def _sources(commune: Commune | None) -> list[str]:
    """What the plain files of a commune have been called, to be called so again."""
    runs = ShopImport.objects.filter(commune=commune, source__startswith=CSV_PREFIX)
    runs = runs.filter(status__in=[ImportStatus.APPLIED, ImportStatus.UNDONE])
    names = runs.order_by("source").values_list("source", flat=True).distinct()
    return [source_words(name, commune) for name in names]
