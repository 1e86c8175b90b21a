"""Letters to people: written in the transaction that they tell of, sent once it is committed."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from merchants.models import Commune

from .mail_queue import queue_mail


def send(
    template: str,
    to: str,
    context: dict[str, Any],
    *,
    language: str,
    commune: Commune | None = None,
    private: bool = False,
) -> None:
    """Writes templates/merchants/mail/<template>.txt to somebody; nothing leaves on a rollback.

    `commune` is the one whose agents see whether it left; without, administrators alone do.
    `private` letters hold a secret link (see `mail_queue.write_mail`).
    """
    name = f"merchants/mail/{template}.txt"
    with translation.override(language):
        queue_mail(name, to=to, context=context, private=private, commune=commune)


def address_of(name: str, *arguments: object) -> str:
    """The whole address of a page in French, for a letter."""
    with translation.override(settings.LANGUAGE_CODE):
        return settings.SITE_URL + reverse(name, args=arguments)
