"""An import's work in the background: one piece at a time, and how far it has come.

Whoever works on an import holds a lock on a file that ends with the process: a run that is said
to be worked on, and whose lock nobody holds, was interrupted. How far it has come stands in the
cache: on SQLite nobody else could write it to the database in the middle of a transaction.
"""

import fcntl
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.utils.translation import gettext as _

from merchants.models import ShopImport, User
from merchants.models.shop_import import ImportTask
from merchants.workflow import WorkflowError
from merchants.workflow.import_runs import begin, fail

from .files import ImportFileError

logger = logging.getLogger(__name__)

Work = Callable[[ShopImport, User | None, datetime], object]
# Seconds between two words on how far the work has come.
PACE = 0.5
KEPT = 24 * 3600


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands. `total` is 0 as long as nobody knows it."""

    task: str
    done: int = 0
    total: int = 0
    is_running: bool = False
    # Somebody's process ended in the middle: nothing is half-done, and it can be started again.
    is_interrupted: bool = False

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 0


class Teller:
    """Says how far a piece of work has come, at most once in PACE seconds."""

    def __init__(self, run: ShopImport):
        self._key = _key(run.pk)
        self._next = 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() >= self._next:
            cache.set(self._key, (done, total), KEPT)
            self._next = time.monotonic() + PACE


def progress(run: ShopImport) -> Progress:
    """How far the work on a run has come; reads its row again. One query."""
    task = ShopImport.objects.values_list("task", flat=True).get(pk=run.pk)
    if not task:
        return Progress("")
    done, total = cache.get(_key(run.pk), (0, 0))
    running = _is_held(run.pk)
    return Progress(task, done, total, is_running=running, is_interrupted=not running)


def start_work(
    run: ShopImport, task: ImportTask, work: Work, *, by: User | None, now: datetime
) -> None:
    """Begins a piece of work in a thread of its own, once the transaction is over.

    Raises WorkflowError where the run is being worked on, or is in no state for it.
    """
    held = hold(run.pk)
    try:
        begin(run, task=task, by=by)
        cache.set(_key(run.pk), (0, 0), KEPT)
    except BaseException:
        held.close()
        raise
    if not settings.IMPORTS_IN_BACKGROUND:
        _do(run.pk, work, by, now, held)
        run.refresh_from_db()
        return
    thread = threading.Thread(
        target=_in_thread, args=(run.pk, work, by, now, held), name=f"import-{run.pk}", daemon=True
    )
    # Rolled back, the file is forgotten with this function, and with it the lock.
    transaction.on_commit(thread.start)


def _in_thread(pk: int, work: Work, by: User | None, now: datetime, held: IO) -> None:
    try:
        _do(pk, work, by, now, held)
    except Exception:
        logger.exception("import %s stopped", pk)
    finally:
        connection.close()


def _do(pk: int, work: Work, by: User | None, now: datetime, held: IO) -> None:
    with held:
        run = ShopImport.objects.select_related("commune").get(pk=pk)
        try:
            work(run, by, now)
        except (ImportFileError, WorkflowError) as error:
            fail(run, str(error))
        except Exception:
            fail(run, _("Une erreur inattendue a tout arrêté. Rien n’a été enregistré."))
            raise
        finally:
            cache.delete(_key(pk))


def hold(pk: int) -> IO:
    """The open file whose lock is ours until it is closed. Raises WorkflowError."""
    folder = settings.VAR_DIR / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / f"{pk}.lock").open("w")
    for _attempt in range(20):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            time.sleep(0.01)  # Somebody looks, perhaps; he does so for microseconds.
    file.close()
    raise WorkflowError(_("Cet import est déjà en cours de traitement."))


def _is_held(pk: int) -> bool:
    try:
        with (settings.VAR_DIR / "imports" / f"{pk}.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _key(pk: int) -> str:
    return f"import-{pk}"
