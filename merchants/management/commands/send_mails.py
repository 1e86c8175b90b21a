from django.core.management.base import BaseCommand
from django.utils import timezone

from merchants.workflow.mail_queue import send_due_mails


class Command(BaseCommand):
    help = "Envoie les courriels qui attendent."

    def handle(self, **options):
        done = send_due_mails(now=timezone.now())
        self.stdout.write(
            f"Courriels\u00a0: {done.sent} envoyés, {done.put_off} remis à plus tard, "
            f"{done.failed} abandonnés."
        )
