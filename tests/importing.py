"""Files of shops as town halls have them, and the steps of an import: for tests of its pages."""

import csv
import io
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile

from merchants.models import ShopImport
from merchants.models.claim import private_storage
from merchants.models.shop_import import ImportTask
from merchants.opendata import import_runs
from tests.factories import NOW

LIST = "/mairie/imports/"
SHOPS = [
    {"nom": "Épi", "activité": "boulangerie", "adresse": "1 rue X", "tel": "01 47 51 01 02"},
    {"nom": "Vis", "activité": "bricolage", "adresse": "2 rue X", "tel": "néant"},
    {"nom": "", "activité": "bar", "adresse": "3 rue X", "tel": ""},
]


def imports_in(folder: Path, monkeypatch) -> Path:
    """Files of imports go there, for a test: those that come in, and those that are read."""
    for storage in (private_storage(), ShopImport._meta.get_field("file").storage):
        monkeypatch.setitem(storage.__dict__, "base_location", str(folder))
        monkeypatch.setitem(storage.__dict__, "location", str(folder))
    return folder


def csv_of(rows: list[dict]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def upload_of(content: bytes, name: str = "commerces.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def make_import(commune, *, rows=SHOPS, by=None, upto="read", publish=True) -> ShopImport:
    """A file that has come as far as that: "upload", "read", "apply" or "undo"."""
    act = {"by": by, "now": NOW}
    file = io.BytesIO(csv_of(rows))
    run = import_runs.upload(commune=commune, name="commerces.csv", content=file, **act)
    if upto == "upload":
        return run
    matching = {column.title: column.chosen for column in import_runs.columns(run)}
    import_runs.set_options(
        run, matching=matching, source="", publish=publish, keep_unknown=False, **act
    )
    for task in (ImportTask.READ, ImportTask.APPLY, ImportTask.UNDO):
        import_runs.start(run, task, **act)
        if task == upto:
            break
    return run
