"""What is held on a person, as a file that the person may keep (RGPD, articles 15 and 20)."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db.models import Q
from post_office.models import STATUS

from merchants.models import (
    AccessCode,
    Call,
    Claim,
    CommuneRole,
    DistinctShops,
    HistoryEntry,
    Invitation,
    Objection,
    Proposal,
    Report,
    RoleInvitation,
    Shop,
    ShopImport,
    ShopMember,
    SireneCase,
    SireneReading,
    TakenCase,
    User,
)

from .account import invitations_to, mails_to, role_invitations_to
from .mail_queue import is_private

MAIL_STATES = {
    STATUS.sent: "envoyé",
    STATUS.failed: "échec",
    STATUS.queued: "en attente",
    STATUS.requeued: "nouvel essai prévu",
}


def export_account(user: User) -> dict[str, Any]:
    """Everything that is held on a person, in plain values.

    Secrets (password, keys, codes, links) are left out: they are of use to nobody else. Twenty-five
    queries at most.
    """
    return {
        "compte": {
            "numero": user.pk,
            "adresse": user.email,
            "nom": user.name,
            "inscription": user.date_joined,
            "derniere_connexion": user.last_login,
            "actif": user.is_active,
            "espace_mairie": user.is_staff,
            "administration_du_site": user.is_superuser,
        },
        "adresses": list(
            EmailAddress.objects.filter(user=user).values("email", "verified", "primary")
        ),
        "double_authentification": [
            {
                "type": factor.type,
                # The person gave it: "mon téléphone".
                "name": factor.wrap().name if factor.type == Authenticator.Type.WEBAUTHN else "",
                "created_at": factor.created_at,
                "last_used_at": factor.last_used_at,
            }
            for factor in Authenticator.objects.filter(user=user).order_by("pk")
        ],
        "connexions": list(
            UserSession.objects.filter(user=user)
            .order_by("pk")
            .values("created_at", "last_seen_at", "ip", "user_agent")
        ),
        "courriels": [
            {
                "created": mail.created,
                "to": mail.to,
                "subject": mail.subject,
                "status": MAIL_STATES[mail.status],
                "message": "" if is_private(mail) else mail.message,
            }
            for mail in mails_to(user).order_by("created", "pk")
        ],
        "commerces": list(
            ShopMember.objects.filter(user=user)
            .order_by("pk")
            .values("shop__name", "role", "since")
        ),
        "roles": list(
            CommuneRole.objects.filter(user=user)
            .order_by("pk")
            .values("commune__name", "role", "since")
        ),
        "invitations_de_mairies": list(
            (role_invitations_to(user) | RoleInvitation.objects.filter(invited_by=user))
            .order_by("pk")
            .values("commune__name", "email", "role", "invited_at", "expires_at", "accepted_at")
        ),
        "invitations_recues": _invitations(invitations_to(user)),
        "invitations_envoyees": _invitations(Invitation.objects.filter(invited_by=user)),
        "demandes": list(
            Claim.objects.filter(user=user)
            .order_by("pk")
            .values(
                "shop__name",
                "at",
                "proof",
                "channel",
                "message",
                "document",
                "answer",
                "status",
                "decided_at",
                "reason",
            )
        ),
        "codes": list(
            AccessCode.objects.filter(Q(issued_by=user) | Q(used_by=user))
            .order_by("pk")
            .values("shop__name", "channel", "issued_at", "used_at")
        ),
        "propositions": list(
            Proposal.objects.filter(Q(by=user) | Q(decided_by=user))
            .order_by("pk")
            .values("shop__name", "at", "changes", "status", "decided_at", "reason")
        ),
        # What the person did, and what others did to their membership.
        "modifications": list(
            HistoryEntry.objects.filter(
                Q(by=user)
                | Q(changes__members__0__user=user.pk)
                | Q(changes__members__1__user=user.pk)
            )
            .order_by("at", "pk")
            .values("shop__name", "at", "capacity", "action", "changes", "reason", "note")
        ),
        "fiches_confirmees": list(
            Shop.objects.filter(confirmed_by=user)
            .order_by("pk")
            .values("name", "confirmed_at", "confirmed_as")
        ),
        **_town_hall_work(user),
        "journal_mairie": list(
            LogEntry.objects.filter(user=user)
            .order_by("pk")
            .values("action_time", "content_type__model", "object_repr", "action_flag")
        ),
    }


def _invitations(found) -> list[dict[str, Any]]:
    columns = ["shop__name", "email", "role", "invited_at", "expires_at", "accepted_at"]
    return list(found.order_by("pk").values(*columns))


def _town_hall_work(user: User) -> dict[str, list]:
    """What somebody did in the back office beside the listings themselves. Eight queries."""
    mine = Q(by=user) | Q(applied_by=user) | Q(undone_by=user)
    rows = {
        "appels": (Call.objects.filter(by=user), ("shop__name", "at", "outcome", "note")),
        "signalements_traites": (
            Report.objects.filter(decided_by=user),
            ("shop__name", "kind", "status", "decided_at"),
        ),
        "imports": (ShopImport.objects.filter(mine), ("name", "at", "applied_at", "undone_at")),
        "sirene": (
            SireneCase.objects.filter(decided_by=user),
            ("siret", "kind", "status", "decided_at"),
        ),
        "comparaisons_sirene": (
            SireneReading.objects.filter(by=user),
            ("commune__name", "began_at", "ended_at"),
        ),
        "oppositions_notees": (Objection.objects.filter(by=user), ("siret", "at")),
        "fiches_dites_differentes": (
            DistinctShops.objects.filter(by=user),
            ("one__name", "two__name", "at"),
        ),
        "dossiers_pris": (TakenCase.objects.filter(by=user), ("kind", "number", "at")),
    }
    return {
        name: list(found.order_by("pk").values(*names)) for name, (found, names) in rows.items()
    }
