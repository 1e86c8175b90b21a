"""Letters to people: written in the transaction that they tell of, sent once it is committed."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from .mail_queue import queue_mail


def send(
    template: str, to: str, context: dict[str, Any], *, language: str, private: bool = False
) -> None:
    """Writes templates/merchants/mail/<template>.txt to somebody; nothing leaves on a rollback.

    `private` letters hold a secret link (see `mail_queue.write_mail`).
    """
    with translation.override(language):
        queue_mail(f"merchants/mail/{template}.txt", to=to, context=context, private=private)


def address_of(name: str, *arguments: object) -> str:
    """The whole address of a page in French, for a letter."""
    with translation.override(settings.LANGUAGE_CODE):
        return settings.SITE_URL + reverse(name, args=arguments)
