"""Imports that nobody will apply: given up by an agent, or forgotten for a month.

Never one that somebody is at work on: who works on a run holds its lock (`import_tasks`).
"""

from datetime import datetime

from merchants.models import ShopImport, User
from merchants.workflow import WorkflowError, import_runs

from .import_tasks import hold


def abandon(run: ShopImport, *, by: User | None, now: datetime) -> None:
    """`workflow.import_runs.abandon`; WorkflowError also where somebody is at work on the run."""
    with hold(run.pk):
        import_runs.abandon(run, by=by, now=now)


def purge_unapplied(*, now: datetime) -> int:
    """Abandons what was never applied and is `UNAPPLIED_KEPT` old; says how many.

    One that is being worked on, or was applied meanwhile, is left alone.
    """
    old = ShopImport.objects.filter(
        status__in=import_runs.UNAPPLIED, at__lt=now - import_runs.UNAPPLIED_KEPT
    )
    count = 0
    for run in old.order_by("pk"):
        try:
            abandon(run, by=None, now=now)
        except WorkflowError:
            continue
        count += 1
    return count
