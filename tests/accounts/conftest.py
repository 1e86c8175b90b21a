import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from merchants.workflow.mail_queue import send_due_mails
from tests.factories import make_user
from tests.reading_client import ReadingClient

PASSWORD = "pain-de-campagne-2026"


@pytest.fixture
def merchant():
    return make_user("marie@example.fr", password=PASSWORD)


@pytest.fixture
def enter() -> Callable[..., ReadingClient]:
    """`enter(user)` logs in by the door itself, in a browser of its own."""

    def enter(user, **options) -> ReadingClient:
        client = ReadingClient(**options)
        response = client.post("/compte/connexion/", {"login": user.email, "password": PASSWORD})
        assert response.status_code == 302, response.context["form"].errors
        return client

    return enter


@pytest.fixture
def confirmed() -> Callable[[Client], None]:
    """`confirmed(client)` gives the password again, which changes of security ask for."""

    def confirmed(client: Client) -> None:
        response = client.post("/compte/confirmer/", {"password": PASSWORD})
        assert response.status_code == 302, response.context["form"].errors

    return confirmed


@pytest.fixture
def letters() -> Callable[[], list]:
    """`letters()` sends what waits, and says what has been sent since the last time."""

    def letters() -> list:
        mail.outbox.clear()
        assert send_due_mails(now=timezone.now()).failed == 0
        assert not Email.objects.exclude(status=0).exists()
        return list(mail.outbox)

    return letters


def link(message) -> str:
    """The first address of our site in a mail, without the host."""
    return re.search(r"http://testserver(/\S+)", message.body)[1]
