"""A file of SIRENE that an agent hands over on the page of its cases."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.forms.sirene_stock import StockForm
from merchants.models import Commune
from merchants.opendata.files import ImportFileError
from merchants.opendata.sirene import Told
from merchants.opendata.sirene_stock import compare_stock
from merchants.workflow import WorkflowError

from .pages import town_hall_page
from .sirene import back_to_list, said_found


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
        messages.warning(
            request,
            _("Ce fichier ne contient aucun établissement de %(name)s.") % {"name": commune.name},
        )
    return redirect(back_to_list(request, commune))


def _stored(upload: UploadedFile | None, folder: Path) -> Path | None:
    """Under its own name: sentences on the file call it so."""
    if upload is None:
        return None
    folder.mkdir()
    path = folder / (Path(upload.name).name or "fichier.csv")
    with path.open("wb") as stored:
        shutil.copyfileobj(upload, stored)
    return path
