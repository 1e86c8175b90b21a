from collections.abc import Callable
from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from merchants.workflow import WorkflowError
from merchants.workflow.account import purge_accounts, purge_sessions
from merchants.workflow.mail_queue import prune_mails, send_due_mails


def _mails(now: datetime) -> str:
    done = send_due_mails(now=now)
    return f"{done.sent} envoyés, {done.put_off} remis à plus tard, {done.failed} abandonnés"


# What is done, and how its result is said. Each stands alone: one that fails stops no other. Mails
# leave last, so that those which the others write leave too.
TASKS: list[tuple[str, Callable[[datetime], object]]] = [
    ("Comptes jamais vérifiés supprimés", lambda now: purge_accounts(now=now)),
    ("Connexions terminées effacées", lambda now: purge_sessions(now=now)),
    ("Courriels anciens effacés", lambda now: prune_mails(now=now)),
    ("Courriels", _mails),
]


class Command(BaseCommand):
    help = "Ce que le site fait chaque jour\u202f; peut être relancé sans risque."

    def handle(self, **options):
        now, failed = timezone.now(), []
        for name, task in TASKS:
            try:
                self.stdout.write(f"{name}\u00a0: {task(now)}.")
            except (DatabaseError, OSError, WorkflowError) as error:
                failed.append(name)
                self.stderr.write(f"{name}\u00a0: échec ({type(error).__name__}: {error})")
        if failed:
            raise CommandError(f"À regarder\u00a0: {', '.join(failed)}.")
