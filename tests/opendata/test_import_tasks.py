"""An import's work in the background: who is at it, how far it has come, what became of it."""

import pytest

from merchants.models import ShopImport
from merchants.models.shop_import import ImportTask
from merchants.opendata import import_runs, import_tasks
from merchants.opendata.category_files import read_categories
from merchants.workflow import WorkflowError
from merchants.workflow.categories import save_categories
from tests.factories import make_commune
from tests.imports import LINES, read, uploaded


@pytest.fixture(autouse=True)
def commune(db, now):
    save_categories(read_categories(), by=None, now=now)
    return make_commune(insee_code="92073")


class TestInTheBackground:
    def test_from_step_to_step(self, now):
        run = uploaded(LINES)
        for task, state in [("read", "ready"), ("apply", "applied"), ("undo", "undone")]:
            import_runs.start(run, ImportTask(task), by=None, now=now)
            assert (run.status, run.task, run.error) == (state, "", "")
            assert import_runs.progress(run) == import_runs.Progress()

    def test_what_fails_says_why_and_can_be_done_again(self, now):
        run = uploaded([{"Boutique du coin": "Épi"}])
        import_runs.start(run, ImportTask.READ, by=None, now=now)
        assert (run.status, run.task) == ("uploaded", "")
        assert "n’a pas de colonne" in run.error

    def test_one_at_a_time_and_a_process_that_ends_is_told(self, now):
        run = read(LINES)
        held = import_tasks.hold(run.pk)
        ShopImport.objects.filter(pk=run.pk).update(task="apply")
        import_tasks.Teller(run)(3, 12)
        running = import_runs.progress(run)
        assert (running.is_running, running.is_interrupted, running.percent) == (True, False, 25)
        with pytest.raises(WorkflowError, match="en cours de traitement"):
            import_runs.start(run, ImportTask.APPLY, by=None, now=now)
        held.close()  # As the system does when the process is killed.
        stopped = import_runs.progress(run)
        assert (stopped.is_running, stopped.is_interrupted) == (False, True)
        import_runs.start(run, ImportTask.APPLY, by=None, now=now)
        assert run.status == "applied"
