"""How far the invitation of a listing that nobody kept has come: letters, e-mails, what came of it.

Letters and e-mails are told by the history, since codes are deleted when the next one is made;
what became of a mail, by the queue of mails, as long as it keeps it.
"""

from datetime import datetime

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from merchants.models.claim import AccessCode, CodeChannel
from merchants.models.history import Action, HistoryEntry
from merchants.models.member import ShopMember
from merchants.models.sirene import Objection

# post_office's states of a mail.
_SENT, _FAILED = 0, 1


class InvitationState(models.TextChoices):
    """The last thing that happened; what the town hall is to do stands first."""

    NEW = "new", _("pas encore invité")
    PRINTED = "printed", _("lettre imprimée")
    EMAILED = "emailed", _("courriel envoyé")
    WAITING = "waiting", _("courriel en attente d’envoi")
    FAILED = "failed", _("courriel non remis")
    USED = "used", _("code utilisé, à examiner")
    CONFIRMED = "confirmed", _("fiche confirmée par le commerçant")
    TAKEN_OVER = "taken_over", _("fiche reprise par le commerçant")
    OBJECTED = "objected", _("ne veut pas figurer")


# Whom the town hall may still write to.
INVITABLE = frozenset(
    {
        InvitationState.NEW, InvitationState.PRINTED, InvitationState.EMAILED,
        InvitationState.WAITING, InvitationState.FAILED, InvitationState.CONFIRMED,
    }
)  # fmt: skip


def invited(shops):
    """Of these listings, those that nobody keeps, and those that were taken over by an invitation.

    Published, or waiting for it.
    """
    used = AccessCode.objects.filter(
        shop=OuterRef("pk"), channel__in=_WRITTEN, used_at__isnull=False
    )
    kept = ShopMember.objects.filter(shop=OuterRef("pk"))
    shops = shops.filter(status__in=["published", "pending"])
    return shops.filter(~Exists(kept) | Exists(used))


def with_invitation(shops, now: datetime):
    """Adds `letter_at`, `letter_until` (while its code works), `invited_email_at`, `mail_status`,
    `code_used_at`, `is_kept`, `has_objected` and `invitation`, an InvitationState. One query."""
    written = HistoryEntry.objects.filter(shop=OuterRef("pk"), action=Action.CODE)
    codes = AccessCode.objects.filter(shop=OuterRef("pk"), channel__in=_WRITTEN)
    alive = codes.filter(channel=CodeChannel.POST, used_at=None, expires_at__gt=now)
    mails = apps.get_model("post_office", "Email").objects.filter(
        to=OuterRef("email"),
        created__gte=OuterRef("invited_email_at"),
        # Its subject names the listing: one address may be that of two shops.
        subject__contains=Concat(Value("«\u00a0"), OuterRef("name"), Value("\u00a0»")),
    )
    shops = shops.annotate(
        letter_at=_last(written.filter(note=CodeChannel.POST.value), "at"),
        letter_until=_last(alive, "expires_at"),
        invited_email_at=_last(written.filter(note=CodeChannel.EMAIL.value), "at"),
        code_used_at=_last(codes.filter(used_at__isnull=False), "used_at"),
        is_kept=Exists(ShopMember.objects.filter(shop=OuterRef("pk"))),
        has_objected=Exists(
            Objection.objects.filter(siret=OuterRef("siret"), commune=OuterRef("commune"))
        ),
    )
    shops = shops.annotate(mail_status=Subquery(mails.order_by("created").values("status")[:1]))
    return shops.annotate(
        invitation=Case(
            When(has_objected=True, then=Value(InvitationState.OBJECTED.value)),
            When(is_kept=True, then=Value(InvitationState.TAKEN_OVER.value)),
            When(code_used_at__isnull=False, then=Value(InvitationState.USED.value)),
            When(
                _later("confirmed_at", "letter_at") & _later("confirmed_at", "invited_email_at"),
                confirmed_as="merchant",
                then=Value(InvitationState.CONFIRMED.value),
            ),
            When(
                _later("letter_at", "invited_email_at"), then=Value(InvitationState.PRINTED.value)
            ),
            When(invited_email_at=None, then=Value(InvitationState.NEW.value)),
            When(mail_status=_FAILED, then=Value(InvitationState.FAILED.value)),
            When(
                Q(mail_status=None) | Q(mail_status=_SENT),
                then=Value(InvitationState.EMAILED.value),
            ),
            default=Value(InvitationState.WAITING.value),
            output_field=models.CharField(),
        )
    )


_WRITTEN = (CodeChannel.POST, CodeChannel.EMAIL)


def _last(rows, column: str) -> Subquery:
    return Subquery(rows.order_by(F(column).desc()).values(column)[:1])


def _later(one: str, other: str) -> Q:
    """Whether the first of two moments is known, and no earlier than the second, if that is."""
    return Q(**{f"{one}__isnull": False}) & (Q(**{other: None}) | Q(**{f"{one}__gte": F(other)}))
