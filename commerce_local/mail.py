"""How a mail leaves the queue: over SMTP, or into a folder at work and in the demo."""

import smtplib
from contextlib import suppress

from django.conf import settings
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.text import slugify


class SmtpBackend(smtp.EmailBackend):
    """A connection that broke is given up, so that the next mail of the batch opens a new one."""

    def send_messages(self, messages):
        try:
            return super().send_messages(messages)
        except OSError:  # What smtplib raises derives from it.
            connection, self.connection = self.connection, None
            with suppress(OSError, smtplib.SMTPException):
                if connection is not None:
                    connection.close()
            raise


class FolderBackend(BaseEmailBackend):
    """One file for each mail, named by date, recipient and subject; mail programs open them."""

    def send_messages(self, messages):
        settings.MAIL_FOLDER.mkdir(parents=True, exist_ok=True)
        for message in messages:
            now = timezone.localtime()
            about = slugify(f"{message.recipients()[0]} {message.subject}".replace("@", "-"))[:80]
            path = settings.MAIL_FOLDER / f"{now:%Y-%m-%d-%H%M%S-%f}-{about}.eml"
            path.write_bytes(message.message().as_bytes(linesep="\n"))
        return len(messages)
