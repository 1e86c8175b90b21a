"""One letter a day to each town hall: what waits for its answer."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from post_office.models import Email

from merchants.french import of_place
from merchants.models import Commune
from merchants.models.decision import CaseKind
from merchants.opening_hours.phrases import full_date_text

from . import mail
from .queues import DISPUTE, TO_PLACE, by_commune


def tell_town_halls(*, now: datetime) -> int:
    """Writes to the town halls where something waits; says to how many. To be called once a day.

    Effects: a letter to each, and none to one that has had today's: it is known by its subject,
    which names the commune and the day. Seven queries, and six for each letter.
    """
    with translation.override(settings.LANGUAGE_CODE):
        waiting = _waiting()
        keys = {key for _sentence, counts in waiting for key in counts}
        communes = Commune.objects.light().filter(pk__in=keys).exclude(town_hall_email="")
        return sum(_tell(commune, waiting, now) for commune in communes.order_by("pk"))


def _tell(commune: Commune, waiting: list, now: datetime) -> bool:
    day = full_date_text(timezone.localtime(now), _)
    subject = _("Commerces %(of_commune)s\u00a0: ce qui attend le %(day)s") % {
        "of_commune": of_place(commune.name),
        "day": day,
    }
    with transaction.atomic():
        # Two runs at once: the second one finds the first one's letter.
        Commune.objects.select_for_update(no_key=True).only("pk").get(pk=commune.pk)
        if Email.objects.filter(subject=subject, to=commune.town_hall_email).exists():
            return False
        lines = [sentence(counts[commune.pk]) for sentence, counts in waiting if counts[commune.pk]]
        context = {
            "subject": subject,
            "commune": commune,
            "lines": lines,
            "url": mail.address_of("admin:index"),
        }
        language = settings.LANGUAGE_CODE
        to = commune.town_hall_email
        mail.send("town_hall_digest", to, context, language=language, commune=commune)
    return True


def _waiting() -> list[tuple[Callable[[int], str], Counter[int]]]:
    """(what says the number, the numbers by commune) of what waits. Six queries."""
    return [(sentence, by_commune(*kinds)) for sentence, kinds in TOLD]


def _registrations(n: int) -> str:
    return ngettext("%d inscription à relire", "%d inscriptions à relire", n) % n


def _proposals(n: int) -> str:
    return (
        ngettext(
            "%d modification proposée par un commerçant",
            "%d modifications proposées par des commerçants",
            n,
        )
        % n
    )


def _claims(n: int) -> str:
    return (
        ngettext(
            "%d demande «\u00a0C’est mon commerce\u00a0»",
            "%d demandes «\u00a0C’est mon commerce\u00a0»",
            n,
        )
        % n
    )


def _reports(n: int) -> str:
    return ngettext("%d signalement d’un habitant", "%d signalements d’habitants", n) % n


def _to_place(n: int) -> str:
    return ngettext("%d fiche à placer sur la carte", "%d fiches à placer sur la carte", n) % n


# What is told, and the queues that are counted for it.
TOLD = [
    (_registrations, [CaseKind.REGISTRATION]),
    (_proposals, [CaseKind.PROPOSAL]),
    (_claims, [CaseKind.CLAIM, DISPUTE]),
    (_reports, [CaseKind.REPORT]),
    (_to_place, [TO_PLACE]),
]
