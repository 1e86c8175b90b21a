"""INSEE's files on the page of SIRENE: an extract that an agent hands over, and the whole register
that is kept on the server, compared in the background."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.forms.sirene_stock import StockForm
from merchants.models import Commune
from merchants.opendata.files import ImportFileError
from merchants.opendata.sirene import Told
from merchants.opendata.sirene_stock import compare_stock
from merchants.opendata.sirene_tasks import nothing_of, start_reading
from merchants.workflow import WorkflowError

from .pages import TEMPLATES, town_hall_page
from .sirene import back_to_list, reading_of, said_found


@town_hall_page("sirene/fichier/", name="sirene_stock", of_commune=True, methods=("POST",))
def stock(request, *, commune: Commune):
    """Compares an extract with the directory while the person waits: some seconds for 50 MB."""
    form, told = StockForm(request.POST, request.FILES), Told()
    if not form.is_valid():
        for sentences in form.errors.values():
            messages.error(request, sentences[0])
        return redirect(back_to_list(request, commune))
    try:
        with TemporaryDirectory() as folder:
            file, units = (
                _stored(form.cleaned_data[name], Path(folder) / name) for name in ("file", "units")
            )
            [found] = compare_stock(
                [commune], file, units, told, now=timezone.now(), complete=False
            )
    except (ImportFileError, WorkflowError) as error:
        messages.error(request, str(error))
        return redirect(back_to_list(request, commune))
    if told.here:
        messages.success(request, said_found(found, _("ce fichier")))
    else:
        messages.warning(request, nothing_of(commune))
    return redirect(back_to_list(request, commune))


@town_hall_page("sirene/base/", name="sirene_register", of_commune=True, methods=("POST",))
def register(request, *, commune: Commune):
    """Begins to compare the whole register; the page of SIRENE tells how far it has come."""
    try:
        start_reading(commune, by=request.user, now=timezone.now())
    except WorkflowError as error:
        messages.warning(request, str(error))
    return redirect(f"{back_to_list(request, commune)}#base")


@town_hall_page(
    "sirene/base/avancement/", name="sirene_progress", of_commune=True, methods=("GET", "HEAD")
)
def progress(request, *, commune: Commune):
    """The bar alone, for a page that is open; 204 once there is nothing to wait for."""
    reading = reading_of(commune)
    if not reading["progress"].is_running:
        return HttpResponse(status=204)
    return TemplateResponse(request, f"{TEMPLATES}/_progress.html", reading)


def _stored(upload: UploadedFile | None, folder: Path) -> Path | None:
    """Under its own name: sentences on the file call it so."""
    if upload is None:
        return None
    folder.mkdir()
    path = folder / (Path(upload.name).name or "fichier.csv")
    with path.open("wb") as stored:
        shutil.copyfileobj(upload, stored)
    return path
