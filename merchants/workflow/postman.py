"""Takes mails into the queue, and a thread that sends them when the request is over.

The thread lives as long as mails wait for a moment that is near, then ends. What it leaves, because
the process stops or the moment is far, `manage.py daily` or the next mail takes along.
"""

import logging
import threading
from contextlib import suppress
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error, connection, transaction
from django.utils import timezone
from post_office.models import PRIORITY, STATUS, Email
from post_office.utils import create_attachments

from merchants.models import CommuneMail

from .mail_queue import next_due, send_due_mails

logger = logging.getLogger(__name__)

# A mail that is due within this many seconds is waited for.
PATIENCE = 3600
# After so many seconds a database or a disk that failed is asked again.
PAUSE = 300


class QueueBackend(BaseEmailBackend):
    """Django's `EMAIL_BACKEND`: whatever sends a mail writes it into the database.

    Not the library's own backend: that one reads every text as a Django template, the words of
    merchants included.
    """

    def send_messages(self, messages):
        for message in messages:
            html = [text for text, kind in getattr(message, "alternatives", ()) if "html" in kind]
            mail = Email.objects.create(
                from_email=message.from_email,
                to=message.to,
                cc=message.cc,
                bcc=message.bcc,
                subject=message.subject,
                message=message.body,
                html_message=html[0] if html else "",
                headers=_headers(message),
                status=STATUS.queued,
                priority=PRIORITY.medium,
                # The same at each attempt: a mail that arrived twice is seen to be one.
                message_id=make_msgid(domain=urlsplit(settings.SITE_URL).hostname),
            )
            files = {
                name: {"file": ContentFile(content), "mimetype": kind}
                for name, content, kind in message.attachments
            }
            mail.attachments.add(*create_attachments(files))
            if commune := getattr(message, "commune", None):
                CommuneMail.objects.create(mail=mail, commune=commune)
        # Whatever becomes of the thread, what was committed stays, and so does the answer to it.
        transaction.on_commit(wake, robust=True)
        return len(messages)


def _headers(message) -> dict:
    headers = dict(message.extra_headers)
    if message.reply_to:
        headers.setdefault("Reply-To", ", ".join(message.reply_to))
    return headers


class Postman:
    """At most one thread in each process."""

    def __init__(self):
        self._lock = threading.Lock()
        self._called = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """There is something to send: starts the thread, or tells the one that waits."""
        with self._lock:
            self._called.set()
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="postman", daemon=True)
                self._thread.start()

    def rest(self, timeout: float) -> bool:
        """Waits for the thread to end; whether it has."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def _work(self) -> None:
        while True:
            self._called.clear()
            wait = self._round()
            with self._lock:
                if wait is None and not self._called.is_set():
                    self._thread = None
                    return
            if wait is not None:
                self._called.wait(wait)

    def _round(self) -> float | None:
        """Sends what is due; the seconds until more is due, None where that is not soon."""
        try:
            now = timezone.now()
            send_due_mails(now=now)
            due = next_due()
            wait = (due - now).total_seconds() if due else PATIENCE + 1
        except (Error, OSError) as error:
            # The mails are in the database still. No traceback: it may hold addresses.
            logger.error("mails could not be looked at: %s", type(error).__name__)
            wait = PAUSE
        finally:
            with suppress(Error):
                connection.close()
        return max(wait, 1) if wait <= PATIENCE else None


_postman = Postman()


def wake() -> None:
    """After a commit, or when a server starts: mails may wait. Does not block."""
    if settings.SEND_MAILS_IN_BACKGROUND:
        _postman.wake()
