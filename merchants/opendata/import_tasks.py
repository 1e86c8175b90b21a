"""An import's work in the background: one piece at a time, and how far it has come."""

from collections.abc import Callable
from datetime import datetime
from typing import IO

from django.utils.translation import gettext as _

from merchants.models import ShopImport, User
from merchants.models.shop_import import ImportTask
from merchants.workflow import WorkflowError
from merchants.workflow.import_runs import begin, fail

from . import background
from .background import Busy, Progress
from .files import ImportFileError

Work = Callable[[ShopImport, User | None, datetime], object]


class Teller(background.Teller):
    """Says how far a run has come."""

    def __init__(self, run: ShopImport):
        super().__init__(_name(run.pk))


def progress(run: ShopImport) -> Progress:
    """How far the work on a run has come; reads its row again. One query."""
    task = ShopImport.objects.values_list("task", flat=True).get(pk=run.pk)
    return background.progress_of(_name(run.pk)) if task else Progress()


def start_work(
    run: ShopImport, task: ImportTask, work: Work, *, by: User | None, now: datetime
) -> None:
    """Begins a piece of work in the background, once the transaction is over.

    Raises WorkflowError where the run is being worked on, or is in no state for it.
    """
    lock, name = hold(run.pk), _name(run.pk)
    try:
        begin(run, task=task, by=by)
    except BaseException:
        lock.close()
        raise
    background.start(name, lambda: _do(run.pk, work, by, now), lock)
    run.refresh_from_db()


def _do(pk: int, work: Work, by: User | None, now: datetime) -> None:
    run = ShopImport.objects.select_related("commune").get(pk=pk)
    try:
        work(run, by, now)
    except (ImportFileError, WorkflowError) as error:
        fail(run, str(error))
    except Exception:
        fail(run, _("Une erreur inattendue a tout arrêté. Rien n’a été enregistré."))
        raise


def hold(pk: int) -> IO:
    """The lock of who works on a run, until it is closed. Raises WorkflowError."""
    try:
        return background.hold(_name(pk))
    except Busy as error:
        raise WorkflowError(_("Cet import est déjà en cours de traitement.")) from error


def _name(pk: int) -> str:
    return f"import-{pk}"
