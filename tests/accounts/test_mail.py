"""Mails wait in the database until a server has taken them: nothing is lost, nothing waits for it.

The server is a real one (aiosmtpd), over a socket of this machine.
"""

import logging
import socket
import threading
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.core.mail import EmailMessage, send_mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from post_office.models import STATUS, Attachment, Email

from commerce_local.environment import MailServer, read_mail_url, sender
from merchants.management.commands import daily
from merchants.workflow import mail_queue, postman
from merchants.workflow.errors import WorkflowError
from merchants.workflow.mail_queue import WAITS, prune_mails, queue_mail, send_again, send_due_mails
from tests.factories import make_user

pytestmark = pytest.mark.django_db

DELETED = "mail/account_deleted.txt"


class Office:
    """A mail server's mood: what it answers, and what it took."""

    def __init__(self):
        self.taken = []
        self.answers: list[str] = []
        self.hang_up_after: str | None = None

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("refuse"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("raccroche"):
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.hang_up_after == "DATA":
            server.transport.abort()
            return "250 never heard"
        if self.answers:
            return self.answers.pop(0)
        self.taken.append(envelope)
        return "250 taken"


class Server(Controller):
    def factory(self):
        return SMTP(self.handler, hostname="testserver", ident="office")


@pytest.fixture
def office(settings):
    """`office` answers on a port of its own, and our settings name it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = Office()
    server = Server(handler, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    settings.POST_OFFICE = settings.POST_OFFICE | {
        "BACKENDS": {"default": "commerce_local.mail.SmtpBackend"}
    }
    handler.stop = server.stop
    yield handler
    if server.loop.is_running():
        server.stop()


def write(*recipients: str) -> list[Email]:
    for recipient in recipients:
        queue_mail(DELETED, to=recipient, context={})
    return list(Email.objects.order_by("pk"))


def states() -> list[int]:
    return list(Email.objects.order_by("pk").values_list("status", flat=True))


def test_a_mail_travels_whole(office):
    queue_mail("mail/account_deleted.txt", to="élodie@exemple.fr".replace("é", "e"), context={})
    assert send_due_mails(now=timezone.now()) == mail_queue.Delivery(sent=1)
    [envelope] = office.taken
    assert envelope.mail_from == "contact@example.fr"
    assert envelope.rcpt_tos == ["elodie@exemple.fr"]
    text = envelope.content.decode()
    assert "multipart/alternative" in text
    assert "Votre compte et ce qu’il contenait sont supprimés." in text
    assert "Message-ID: <" in text
    assert "Auto-Submitted: auto-generated" in text
    # A second round sends nothing again.
    assert send_due_mails(now=timezone.now()) == mail_queue.Delivery()


def test_a_server_that_is_away_loses_nothing(office):
    office.stop()
    write("a@example.fr", "b@example.fr")
    now = timezone.now()
    assert send_due_mails(now=now) == mail_queue.Delivery(put_off=2)
    assert states() == [STATUS.requeued] * 2
    for mail in Email.objects.all():
        assert mail.scheduled_time == now + WAITS[0]
        assert mail.logs.get().exception_type == "ConnectionRefusedError"


def test_waits_grow_and_then_the_mail_has_failed(office):
    office.stop()
    write("a@example.fr")
    for wait in WAITS:
        now = timezone.now()
        assert send_due_mails(now=now).put_off == 1
        assert Email.objects.get().scheduled_time == now + wait
        Email.objects.update(scheduled_time=now - timedelta(seconds=1))
    assert send_due_mails(now=timezone.now()).failed == 1
    assert states() == [STATUS.failed]


def test_as_many_waits_as_retries(settings):
    assert len(WAITS) == settings.POST_OFFICE["MAX_RETRIES"]


def test_a_server_that_asks_to_come_back_is_asked_again(office):
    office.answers = ["451 4.7.1 greylisted, try again later"]
    [mail] = write("a@example.fr")
    assert send_due_mails(now=timezone.now()).put_off == 1
    Email.objects.update(scheduled_time=timezone.now())
    assert send_due_mails(now=timezone.now()).sent == 1
    assert len(office.taken) == 1
    assert [log.status for log in mail.logs.order_by("pk")] == [STATUS.failed, STATUS.sent]


def test_one_refused_recipient_does_not_stop_the_others(office):
    write("a@example.fr", "refuse@example.fr", "b@example.fr")
    assert send_due_mails(now=timezone.now()) == mail_queue.Delivery(sent=2, put_off=1)
    assert states() == [STATUS.sent, STATUS.requeued, STATUS.sent]


def test_one_broken_connection_does_not_stop_the_others(office):
    write("a@example.fr", "raccroche@example.fr", "b@example.fr")
    assert send_due_mails(now=timezone.now()) == mail_queue.Delivery(sent=2, put_off=1)
    assert [envelope.rcpt_tos[0] for envelope in office.taken] == ["a@example.fr", "b@example.fr"]


def test_a_server_that_hangs_up_in_the_middle_of_the_text_loses_nothing(office):
    office.hang_up_after = "DATA"
    [mail] = write("a@example.fr")
    assert send_due_mails(now=timezone.now()).put_off == 1
    office.hang_up_after = None
    Email.objects.update(scheduled_time=timezone.now())
    assert send_due_mails(now=timezone.now()).sent == 1
    [envelope] = office.taken
    # The same number at each attempt: a mail that arrived twice is seen to be one.
    assert f"Message-ID: {mail.message_id}" in envelope.content.decode()


def test_more_than_one_batch(office, settings):
    settings.POST_OFFICE = settings.POST_OFFICE | {"BATCH_SIZE": 2}
    write(*(f"p{number}@example.fr" for number in range(5)))
    assert send_due_mails(now=timezone.now()).sent == 5
    assert len(office.taken) == 5


def test_two_senders_at_once_send_each_mail_once(office, transactional_db):
    write(*(f"p{number}@example.fr" for number in range(6)))
    held = threading.Event()
    results = []

    def send():
        from django.db import connection

        held.wait(5)
        results.append(send_due_mails(now=timezone.now()).sent)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    held.set()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == [0, 6]
    assert len(office.taken) == 6


# The queue -----------------------------------------------------------------------------------


def test_whatever_django_sends_waits_in_the_database():
    send_mail("Sujet", "Texte", None, ["a@example.fr"], html_message="<p>Texte</p>")
    mail = Email.objects.get()
    assert (mail.subject, mail.message, mail.html_message) == ("Sujet", "Texte", "<p>Texte</p>")
    assert mail.status == STATUS.queued


def test_words_of_people_are_no_template(client):
    EmailMessage("{% now 'Y' %}", "{{ 1|add:1 }} {% boum %}", to=["a@example.fr"]).send()
    mail = Email.objects.get()
    assert (mail.subject, mail.message) == ("{% now 'Y' %}", "{{ 1|add:1 }} {% boum %}")


def test_an_attachment_is_kept_out_of_the_public_folder(office, settings, tmp_path):
    message = EmailMessage("Lettre", "Voici.", to=["a@example.fr"])
    message.attach("lettre.pdf", b"%PDF-1.7 ...", "application/pdf")
    message.send()
    path = Attachment.objects.get().file.path
    assert not path.startswith(str(settings.MEDIA_ROOT))
    assert send_due_mails(now=timezone.now()).sent == 1
    assert b"lettre.pdf" in office.taken[0].content
    Attachment.objects.get().file.delete()


def test_what_is_taken_back_sends_nothing():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue_mail(DELETED, to="a@example.fr", context={})
        raise ZeroDivisionError
    assert not Email.objects.exists()


def test_the_text_of_private_mails_goes_once_they_are_sent(office):
    queue_mail(DELETED, to="a@example.fr", context={}, private=True)
    queue_mail(DELETED, to="b@example.fr", context={})
    queue_mail(DELETED, to="refuse@example.fr", context={}, private=True)
    send_due_mails(now=timezone.now())
    private, ordinary, waiting = Email.objects.order_by("pk")
    assert (private.message, private.html_message) == ("", "")
    assert ordinary.message and waiting.message
    assert b"Sensitivity: Private" in office.taken[0].content


def test_old_mails_are_deleted(now):
    write("sent@example.fr", "failed@example.fr", "waiting@example.fr", "recent@example.fr")
    old = now - timedelta(days=91)
    for recipient, status in [("sent", STATUS.sent), ("failed", STATUS.failed)]:
        Email.objects.filter(to=f"{recipient}@example.fr").update(status=status, last_updated=old)
    Email.objects.filter(to="recent@example.fr").update(
        status=STATUS.sent, last_updated=now - timedelta(days=29)
    )
    assert [prune_mails(now=now), prune_mails(now=now)] == [2, 0]
    assert [mail.to for mail in Email.objects.order_by("pk")] == [
        ["waiting@example.fr"],
        ["recent@example.fr"],
    ]


def test_logs_hold_no_address(office, caplog, settings):
    # The library's own lines hold tracebacks with addresses: they go nowhere.
    assert settings.LOGGING["loggers"]["post_office"] == {
        "handlers": ["nowhere"],
        "propagate": False,
    }
    caplog.set_level(logging.INFO)
    write("refuse@example.fr")
    send_due_mails(now=timezone.now())
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("merchants")]
    assert "mails: 0 sent, 1 put off, 0 failed" in ours
    assert "example.fr" not in " ".join(ours)


# The thread ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_after_a_commit_a_thread_sends_and_ends(office, settings):
    settings.SEND_MAILS_IN_BACKGROUND = True
    with transaction.atomic():
        queue_mail(DELETED, to="a@example.fr", context={})
        assert postman._postman.rest(0)
    assert postman._postman.rest(20)
    assert states() == [STATUS.sent]
    assert len(office.taken) == 1


@pytest.mark.django_db(transaction=True)
def test_the_thread_waits_for_a_mail_that_was_put_off(office, settings, monkeypatch):
    settings.SEND_MAILS_IN_BACKGROUND = True
    monkeypatch.setattr(mail_queue, "WAITS", [timedelta(seconds=1)] * len(WAITS))
    office.answers = ["451 4.7.1 greylisted, try again later"]
    queue_mail(DELETED, to="a@example.fr", context={})
    assert postman._postman.rest(20)
    assert len(office.taken) == 1
    assert states() == [STATUS.sent]


@pytest.mark.django_db(transaction=True)
def test_the_thread_leaves_what_is_far_away_to_the_day(office, settings, monkeypatch):
    settings.SEND_MAILS_IN_BACKGROUND = True
    monkeypatch.setattr(postman, "PATIENCE", 1)
    office.stop()
    queue_mail(DELETED, to="a@example.fr", context={})
    assert postman._postman.rest(20)
    assert states() == [STATUS.requeued]


@pytest.mark.django_db(transaction=True)
def test_the_thread_outlives_a_disk_that_fails(office, settings, monkeypatch, tmp_path, caplog):
    settings.SEND_MAILS_IN_BACKGROUND = True
    monkeypatch.setattr(postman, "PAUSE", 1)
    settings.VAR_DIR = tmp_path / "taken"
    settings.VAR_DIR.write_text("A file stands where the folder should be.")
    queue_mail(DELETED, to="a@example.fr", context={})
    assert not postman._postman.rest(0.5)
    assert "mails could not be looked at: FileExistsError" in caplog.text
    settings.VAR_DIR = tmp_path / "var"
    assert postman._postman.rest(20)
    assert states() == [STATUS.sent]


@pytest.mark.django_db(transaction=True)
def test_a_thread_that_cannot_start_spoils_nothing(settings, monkeypatch):
    settings.SEND_MAILS_IN_BACKGROUND = True

    def full(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", full)
    with transaction.atomic():
        queue_mail(DELETED, to="a@example.fr", context={})
    assert states() == [STATUS.queued]


# The folder, the addresses ---------------------------------------------------------------------


def test_the_demonstration_writes_files(settings, tmp_path):
    settings.MAIL_FOLDER = tmp_path / "mails"
    settings.POST_OFFICE = settings.POST_OFFICE | {
        "BACKENDS": {"default": "commerce_local.mail.FolderBackend"}
    }
    write("marie@example.fr")
    assert send_due_mails(now=timezone.now()).sent == 1
    [path] = (tmp_path / "mails").iterdir()
    assert "marie-examplefr-votre-compte-est-supprime" in path.name
    assert "sont supprimés." in path.read_text()


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", MailServer("localhost", 25)),
        (
            "smtp+tls://jean%40ville.fr:m%2Ft@smtp.ville.fr",
            MailServer("smtp.ville.fr", 587, "jean@ville.fr", "m/t", starttls=True),
        ),
        ("smtps://a:b@smtp.ville.fr:4650", MailServer("smtp.ville.fr", 4650, "a", "b", tls=True)),
        ("", MailServer()),
        ("smtp.ville.fr", MailServer()),
        ("http://smtp.ville.fr", MailServer()),
        ("smtp://smtp.ville.fr:mille", MailServer()),
    ],
)
def test_the_address_of_the_mail_server(url, server):
    assert read_mail_url(url) == server


def test_the_sender_has_a_name():
    assert sender('Ville "d’Ys"', "a@b.fr") == '"Ville \\"d’Ys\\"" <a@b.fr>'


# The town hall ---------------------------------------------------------------------------------


@pytest.fixture
def agent(login):
    return login(make_user(is_staff=True, is_superuser=True))


MAILS = "/mairie/post_office/email/"


@pytest.mark.parametrize("number", [1, 3])
def test_the_town_hall_sees_mails_and_their_state(agent, office, number, django_assert_num_queries):
    write(*[f"refuse{n}@example.fr" for n in range(number)])
    send_due_mails(now=timezone.now())
    with django_assert_num_queries(7):
        page = agent.get(MAILS).content.decode()
    assert page.count("nouvel essai prévu") == number + 1
    assert "refuse0@example.fr" in page
    assert "Courriels" in page
    mail = Email.objects.first()
    page = agent.get(f"{MAILS}{mail.pk}/change/").content.decode()
    assert "SMTPRecipientsRefused" in page
    assert "sont supprimés" in page
    assert f"{number} " in agent.get(f"{MAILS}?etat={STATUS.requeued}").content.decode()
    assert agent.get(f"{MAILS}?etat=x&q=refuse").status_code in {200, 302}


def test_the_town_hall_does_not_read_links_of_others(agent):
    queue_mail(DELETED, to="a@example.fr", context={}, private=True)
    page = agent.get(f"{MAILS}{Email.objects.get().pk}/change/").content.decode()
    assert "son texte n’est pas montré" in page
    assert "sont supprimés" not in page
    assert agent.get(f"{MAILS}add/").status_code == 403
    assert agent.get(f"{MAILS}{Email.objects.get().pk}/delete/").status_code == 403


def test_the_town_hall_has_a_mail_sent_again(agent, office):
    write("refuse@example.fr")
    send_due_mails(now=timezone.now())
    data = {"action": "send_again", "_selected_action": [Email.objects.get().pk]}
    page = agent.post(MAILS, data, follow=True).content.decode()
    assert "1 courriel part dans un instant." in page
    assert states() == [STATUS.queued]
    Email.objects.update(status=STATUS.sent)
    page = agent.post(MAILS, data, follow=True).content.decode()
    assert "n’attend un nouvel envoi" in page


def test_a_sent_mail_is_not_sent_again(now):
    write("a@example.fr")
    Email.objects.update(status=STATUS.sent)
    with pytest.raises(WorkflowError, match="n’attend un nouvel envoi"):
        send_again(Email.objects.all(), by=None, now=now)


# Every day -------------------------------------------------------------------------------------


def test_the_daily_command_says_what_it_did_and_can_be_run_again(capsys, office):
    make_user(verified=False, date_joined=timezone.now() - timedelta(days=31))
    write("a@example.fr")
    call_command("daily")
    said = capsys.readouterr().out.replace("\u00a0", " ").splitlines()
    assert {
        "Comptes jamais vérifiés supprimés : 1.",
        "Connexions terminées effacées : 0.",
        "Courriels anciens effacés : 0.",
    } <= set(said)
    # Last, so that the mails of other tasks leave too.
    assert said[-1] == "Courriels : 1 envoyés, 0 remis à plus tard, 0 abandonnés."
    call_command("daily")
    said = capsys.readouterr().out.replace("\u00a0", " ")
    assert "supprimés : 0." in said
    assert "0 envoyés" in said


def test_a_task_that_fails_stops_no_other(capsys, monkeypatch):
    def broken(now):
        raise OSError("disque plein")

    monkeypatch.setattr(daily, "TASKS", [("Cassé", broken), *daily.TASKS])
    with pytest.raises(CommandError, match="Cassé"):
        call_command("daily")
    said = capsys.readouterr()
    assert "disque plein" in said.err
    assert "Courriels" in said.out


def test_mails_are_sent_by_hand(capsys, office):
    write("a@example.fr", "refuse@example.fr")
    call_command("send_mails")
    said = capsys.readouterr().out.replace("\u00a0", " ")
    assert said == "Courriels : 1 envoyés, 1 remis à plus tard, 0 abandonnés.\n"
