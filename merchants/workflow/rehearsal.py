"""What a decision would write to people, read before it is made."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from .mail_queue import kept_letters


@dataclass(frozen=True)
class Letter:
    to: str
    subject: str
    text: str


def rehearse(decide: Callable[[], object]) -> list[Letter]:
    """The letters of a decision, by making it and taking it all back: the very texts that will be
    sent, and none where the rules refuse it (WorkflowError).

    Nothing of it stays: neither rows, nor mails, nor what waits for the commit. What `decide`
    was given holds values that were never stored: read it again.
    """
    with kept_letters() as mails, transaction.atomic():
        decide()
        transaction.set_rollback(True)
    return [Letter(", ".join(mail.to), mail.subject, mail.body) for mail in mails]
