"""One letter a day to each town hall: what waits for its answer."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from post_office.models import Email

from merchants.french import of_place
from merchants.models import Claim, Commune, Proposal, Shop, ShopStatus
from merchants.models.claim import ClaimStatus
from merchants.models.proposal import ProposalStatus

from . import mail

Counts = dict[int, int]  # {commune's key: how many}


def tell_town_halls(*, now: datetime) -> int:
    """Writes to the town halls where something waits; says to how many. To be called once a day.

    Effects: a letter to each, and none to one that has had today's: it is known by its subject,
    which names the commune and the day. Five queries, and five for each letter.
    """
    with translation.override(settings.LANGUAGE_CODE):
        waiting = _waiting()
        keys = {key for _sentence, counts in waiting for key in counts}
        communes = Commune.objects.light().filter(pk__in=keys).exclude(town_hall_email="")
        return sum(_tell(commune, waiting, now) for commune in communes.order_by("pk"))


def _tell(commune: Commune, waiting: list, now: datetime) -> bool:
    day = date_format(timezone.localtime(now), "j F Y")
    subject = _("Commerces %(of_commune)s\u00a0: ce qui attend le %(day)s") % {
        "of_commune": of_place(commune.name),
        "day": day,
    }
    with transaction.atomic():
        # Two runs at once: the second one finds the first one's letter.
        Commune.objects.select_for_update(no_key=True).only("pk").get(pk=commune.pk)
        if Email.objects.filter(subject=subject, to=commune.town_hall_email).exists():
            return False
        lines = [
            sentence(counts[commune.pk]) for sentence, counts in waiting if commune.pk in counts
        ]
        context = {
            "subject": subject,
            "commune": commune,
            "lines": lines,
            "url": mail.address_of("admin:index"),
        }
        language = settings.LANGUAGE_CODE
        mail.send("town_hall_digest", commune.town_hall_email, context, language=language)
    return True


def _waiting() -> list:
    """(what says the number, the numbers) of each kind of thing that waits. Four queries."""
    pending = Shop.objects.filter(status=ShopStatus.PENDING)
    proposals = Proposal.objects.filter(status=ProposalStatus.PENDING)
    claims = Claim.objects.filter(status=ClaimStatus.WAITING)
    # A draft is still its writer's business.
    to_place = Shop.objects.to_place().exclude(status=ShopStatus.DRAFT)
    return [
        (_registrations, _count(pending, "commune")),
        (_proposals, _count(proposals, "shop__commune")),
        (_claims, _count(claims, "shop__commune")),
        (_to_place, _count(to_place, "commune")),
    ]


def _count(rows: QuerySet, commune: str) -> Counts:
    counted: Iterable = rows.order_by().values_list(commune).annotate(Count("pk"))
    return dict(counted)


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


def _to_place(n: int) -> str:
    return ngettext("%d fiche à placer sur la carte", "%d fiches à placer sur la carte", n) % n
