import logging
from collections.abc import Callable
from datetime import datetime
from traceback import format_tb

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from merchants.opendata.import_cleaning import purge_unapplied
from merchants.workflow import WorkflowError
from merchants.workflow.account import purge_accounts, purge_sessions
from merchants.workflow.claims import purge_documents
from merchants.workflow.codes import purge_codes
from merchants.workflow.counting import fold_counts, purge_searches
from merchants.workflow.digest import tell_town_halls
from merchants.workflow.import_runs import forget_files, purge_uploads
from merchants.workflow.mail_queue import prune_mails, send_due_mails
from merchants.workflow.members import purge_invitations
from merchants.workflow.placing import place_waiting
from merchants.workflow.registration import purge_drafts
from merchants.workflow.reminders import remind
from merchants.workflow.reports import purge_reports
from merchants.workflow.role_invitations import purge_role_invitations

logger = logging.getLogger(__name__)


def _mails(now: datetime) -> str:
    done = send_due_mails(now=now)
    return f"{done.sent} envoyés, {done.put_off} remis à plus tard, {done.failed} abandonnés"


def _points(now: datetime) -> str:
    done = place_waiting(now=now)
    return (
        f"{done.placed} placées, {done.in_doubt} à vérifier, {done.not_found} introuvables, "
        f"{done.failed} sans réponse, {done.left} laissées pour plus tard"
    )


# What is done, and how its result is said. Each stands alone: one that fails stops no other. Mails
# leave last, so that those which the others write leave too.
TASKS: list[tuple[str, Callable[[datetime], object]]] = [
    ("Comptes jamais vérifiés supprimés", lambda now: purge_accounts(now=now)),
    ("Connexions terminées effacées", lambda now: purge_sessions(now=now)),
    ("Codes périmés effacés", lambda now: purge_codes(now=now)),
    ("Justificatifs orphelins effacés", lambda now: purge_documents(now=now)),
    ("Inscriptions oubliées effacées", lambda now: purge_drafts(now=now)),
    ("Invitations restées sans réponse effacées", lambda now: purge_invitations(now=now)),
    ("Signalements anciens effacés", lambda now: purge_reports(now=now)),
    ("Invitations des mairies effacées", lambda now: purge_role_invitations(now=now)),
    ("Imports jamais appliqués effacés", lambda now: purge_unapplied(now=now)),
    ("Fichiers importés effacés", lambda now: forget_files(now=now)),
    ("Fichiers sans import effacés", lambda now: purge_uploads(now=now)),
    ("Courriels anciens effacés", lambda now: prune_mails(now=now)),
    ("Consultations et recherches comptées", lambda now: fold_counts(now=now)),
    ("Recherches anciennes effacées", lambda now: purge_searches(now=now)),
    ("Adresses à placer sur la carte", _points),
    ("Mairies prévenues de ce qui attend", lambda now: tell_town_halls(now=now)),
    ("Rappels de confirmation écrits", lambda now: remind(now=now)),
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
            except Exception as error:
                # A fault of ours. Its message may hold anything: where it happened is enough.
                failed.append(name)
                kind = type(error).__name__
                self.stderr.write(f"{name}\u00a0: échec ({kind})")
                where = "".join(format_tb(error.__traceback__))
                logger.error("daily, %s: %s\n%s", name, kind, where)
        if failed:
            raise CommandError(f"À regarder\u00a0: {', '.join(failed)}.")
