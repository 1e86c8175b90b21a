"""An account's own life: its name, its export, its end."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _
from post_office.models import Email

from merchants.models import HistoryEntry, Shop, ShopMember, User

from .errors import WorkflowError
from .mail_queue import queue_mail
from .members import leave

# An account whose address was never verified is deleted after this time.
UNVERIFIED_KEPT = timedelta(days=30)


def rename(user: User, *, name: str, by: User | None, now: datetime) -> User:
    """Effects: the name of the account."""
    user.name = name
    user.save(update_fields=["name"])
    return user


def close_sessions(
    user: User, *, by: User | None, now: datetime, only: int | None = None, keep: str | None = None
) -> int:
    """Logs the person out on other devices; says on how many.

    `only` is the number of one session, `keep` the key of the session that goes on.
    Effects: the session and its line in the list are deleted.
    """
    sessions = UserSession.objects.filter(user=user).exclude(session_key=keep or "")
    if only is not None:
        sessions = sessions.filter(pk=only)
    with transaction.atomic():
        keys = list(sessions.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        sessions.delete()
    return len(keys)


def remove_second_factor(user: User, *, by: User, now: datetime) -> None:
    """The town hall helps somebody who lost telephone and codes.

    Effects: second factors and recovery codes are deleted, the person is logged out everywhere and
    told by mail.
    """
    if not Authenticator.objects.filter(user=user).exists():
        raise WorkflowError(_("Ce compte n’a pas de double authentification."))
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        close_sessions(user, by=by, now=now)
        queue_mail("mail/account_second_factor_removed.txt", to=user.email, context={})


def export_account(user: User) -> dict:
    """Everything that is held on a person, in plain values (RGPD, article 20).

    Secrets (password, keys, codes) are left out: they are of use to nobody else. Eight queries.
    """
    return {
        "compte": {
            "numero": user.pk,
            "adresse": user.email,
            "nom": user.name,
            "inscription": user.date_joined,
            "derniere_connexion": user.last_login,
            "espace_mairie": user.is_staff,
        },
        "adresses": list(
            EmailAddress.objects.filter(user=user).values("email", "verified", "primary")
        ),
        "double_authentification": list(
            Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")
        ),
        "connexions": list(
            UserSession.objects.filter(user=user).values("created_at", "ip", "user_agent")
        ),
        "courriels": list(
            _mails_to(user).order_by("created").values("created", "subject", "status")
        ),
        "commerces": list(
            ShopMember.objects.filter(user=user).values("shop__name", "role", "since")
        ),
        "modifications": list(
            HistoryEntry.objects.filter(by=user)
            .order_by("at")
            .values("shop__name", "at", "action", "changes")
        ),
        "fiches_confirmees": list(
            Shop.objects.filter(confirmed_by=user).values("name", "confirmed_at")
        ),
    }


def delete_account(user: User, *, by: User | None, now: datetime) -> None:
    """The end of an account.

    Somebody of a town hall cannot leave alone: another administrator takes the right away first.

    Effects: the person leaves the shops, which go back to the town hall where nobody else is in
    charge, and is logged out everywhere; mails written to them are deleted; the account
    goes with its addresses and second factors; what it confirmed stays, without its name; a last
    mail says that it is done (kept for a month, like every mail).
    """
    if user.is_staff and by == user:
        raise WorkflowError(
            _(
                "Votre compte ouvre l’espace mairie\u00a0: demandez d’abord à une autre personne "
                "qui l’administre de retirer ce droit."
            )
        )
    with transaction.atomic():
        for shop in Shop.objects.filter(members__user=user):
            leave(shop, by=user, now=now, to_town_hall=True)
        close_sessions(user, by=by, now=now)
        _mails_to(user).delete()
        address, verified = user.email, _has_verified_address(user)
        user.delete()
        if verified:
            queue_mail("mail/account_deleted.txt", to=address, context={})


def purge_accounts(*, now: datetime) -> int:
    """Deletes accounts whose address was never verified, a month after; says how many.

    Accounts that a town hall made for its own people are left alone.
    """
    never_verified = User.objects.filter(
        is_staff=False, last_login=None, date_joined__lt=now - UNVERIFIED_KEPT
    ).exclude(emailaddress__verified=True)
    users = list(never_verified)
    for user in users:
        delete_account(user, by=None, now=now)
    return len(users)


def purge_sessions(*, now: datetime) -> int:
    """Deletes sessions that are over, and what was noted of them (address, browser)."""
    SessionStore.clear_expired()
    over = UserSession.objects.exclude(
        session_key__in=Session.objects.values_list("session_key", flat=True)
    )
    number = over.count()
    over.delete()
    return number


def _has_verified_address(user: User) -> bool:
    return EmailAddress.objects.filter(user=user, verified=True).exists()


def _mails_to(user: User):
    """Mails have one recipient each (see `queue_mail`)."""
    addresses = {
        user.email,
        *EmailAddress.objects.filter(user=user).values_list("email", flat=True),
    }
    return Email.objects.filter(to__in=[[address] for address in sorted(addresses)])
