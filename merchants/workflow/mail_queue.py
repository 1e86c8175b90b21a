"""Mails: written into the database with what they are about, sent when that is committed.

docs/decisions/0008-mail.md says why. Web, admin and commands write with `queue_mail`; the postman's
thread and `manage.py daily` send.
"""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from post_office.mail import get_queued, send_queued
from post_office.models import STATUS, Email
from post_office.utils import cleanup_expired_mails

from merchants.models import Commune, CommuneRole, User
from merchants.models.role import RoleKind

from .errors import WorkflowError

logger = logging.getLogger(__name__)

# How long a mail that was not taken waits, time after time; after the last one it has failed.
# A greylisting server wants minutes, a broken one hours. POST_OFFICE["MAX_RETRIES"] counts them.
WAITS = [timedelta(minutes=minutes) for minutes in (2, 10, 30, 120, 360, 720, 1440)]
WAITING = (STATUS.queued, STATUS.requeued)
SENT_KEPT = timedelta(days=30)
FAILED_KEPT = timedelta(days=90)

# A standard header (RFC 2156) that says: this mail holds a link that is its reader's alone.
PRIVATE = {"Sensitivity": "Private"}
# RFC 3834: so that nobody's "I am on holiday" answers it.
AUTOMATIC = {"Auto-Submitted": "auto-generated"}
# Where the mails of a rehearsal go.
_kept: ContextVar[list[EmailMultiAlternatives] | None] = ContextVar("kept_letters", default=None)


@dataclass(frozen=True)
class Delivery:
    """What one round did: mails sent, put off, and given up."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0


class Letter(EmailMultiAlternatives):
    """A mail that knows which town hall it is written for; `QueueBackend` keeps that with it."""

    commune: Commune | None = None


def write_mail(template: str, *, to: str, context: dict, private: bool = False) -> Letter:
    """A mail from a text template whose first line is the subject; the HTML is made of the text.

    `private` mails hold a secret link: nobody reads their text in the back office, and it is
    erased as soon as they are sent.
    """
    names = {name: getattr(settings, name) for name in ("SITE_NAME", "SITE_URL", "CONTACT_EMAIL")}
    names["to"] = to
    subject, _newline, text = render_to_string(template, names | context).strip().partition("\n")
    text = text.strip() + "\n"
    html = render_to_string(
        "mail/message.html",
        names | {"subject": subject, "text": text, "language": get_language()},
    )
    mail = Letter(subject.strip(), text, to=[to], headers=AUTOMATIC | (PRIVATE if private else {}))
    mail.attach_alternative(html, "text/html")
    return mail


def queue_mail(
    template: str,
    *,
    to: str,
    context: dict,
    private: bool = False,
    commune: Commune | None = None,
) -> None:
    """Writes a mail into the caller's transaction; it is sent once that is committed.

    Nothing that happens to the mail later reaches the caller. With `commune`, the agents of that
    town hall see whether it left.
    """
    mail = write_mail(template, to=to, context=context, private=private)
    mail.commune = commune
    kept = _kept.get()
    if kept is None:
        mail.send()
    else:
        kept.append(mail)


@contextmanager
def kept_letters() -> Iterator[list[EmailMultiAlternatives]]:
    """Inside, mails are written and not queued: they are given to the caller (see `rehearsal`)."""
    mails: list[EmailMultiAlternatives] = []
    token = _kept.set(mails)
    try:
        yield mails
    finally:
        _kept.reset(token)


def is_private(mail: Email) -> bool:
    """Whether it holds a link that is its reader's alone."""
    return (mail.headers or {}).get("Sensitivity") == PRIVATE["Sensitivity"]


def send_due_mails(*, now: datetime) -> Delivery:
    """Sends what waits and is due, one process at a time; the others wait here for their turn.

    Effects: each mail is sent, put off (see WAITS) or failed, with a line in its log; the text of
    private mails that were sent is erased. A process that dies in between sends some again.
    """
    sent = put_off = failed = 0
    with _one_at_a_time():
        while get_queued().exists():
            started = timezone.now()
            more_sent, more_failed, more_put_off = send_queued(log_level=2)
            _put_off(Email.objects.filter(last_updated__gte=started), now)
            sent, put_off, failed = sent + more_sent, put_off + more_put_off, failed + more_failed
        Email.objects.filter(status=STATUS.sent, headers__Sensitivity="Private").exclude(
            message=""
        ).update(message="", html_message="")
    if sent or put_off or failed:
        logger.info("mails: %s sent, %s put off, %s failed", sent, put_off, failed)
    return Delivery(sent, put_off, failed)


def next_due() -> datetime | None:
    """When the next mail that waits is due; None if none waits."""
    waiting = Email.objects.filter(status__in=WAITING).exclude(scheduled_time=None)
    return waiting.order_by("scheduled_time").values_list("scheduled_time", flat=True).first()


def send_again(mails: QuerySet[Email], *, by: User | None, now: datetime) -> int:
    """The town hall wants mails that failed, or wait for later, sent now; says how many.

    Those of its communes; administrators, all. A mail that was sent is not sent twice: a private
    one no longer has its text.
    """
    if by is not None and not by.is_superuser:
        decides = CommuneRole.objects.filter(user=by).exclude(role=RoleKind.HELPER)
        mails = mails.filter(of_commune__commune__in=decides.values("commune"))
    mails = mails.filter(status__in=(STATUS.failed, STATUS.requeued)).order_by()
    # By their keys: what is read through another table cannot be written.
    chosen = Email.objects.filter(pk__in=list(mails.values_list("pk", flat=True)))
    number = chosen.update(status=STATUS.queued, scheduled_time=None, number_of_retries=0)
    if not number:
        raise WorkflowError(_("Aucun de ces courriels n’attend un nouvel envoi."))
    return number


def prune_mails(*, now: datetime) -> int:
    """Deletes mails sent a month ago or failed a quarter ago, and attachments without a mail."""
    number = 0
    for status, kept in ((STATUS.sent, SENT_KEPT), (STATUS.failed, FAILED_KEPT)):
        old = Email.objects.filter(status=status, last_updated__lt=now - kept)
        number += old.count()
        old.delete()
    cleanup_expired_mails(now - timedelta(days=365), delete_attachments=True)
    return number


def _put_off(mails: QuerySet[Email], now: datetime) -> None:
    """The library knows one interval only; these grow."""
    for times, wait in enumerate(WAITS, start=1):
        mails.filter(status=STATUS.requeued, number_of_retries=times).update(
            scheduled_time=now + wait
        )


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """A lock between processes and threads that ends with its holder, even if that crashes."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "mails.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
