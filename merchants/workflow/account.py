"""An account's own life: its name, its sessions, its end."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from post_office.models import Email

from merchants.models import Claim, Invitation, RoleInvitation, Shop, ShopMember, User
from merchants.models.member import MemberRole

from .errors import WorkflowError
from .mail_queue import queue_mail
from .members import hand_over, leave
from .status import close

# An account whose address was never verified is deleted after this time.
UNVERIFIED_KEPT = timedelta(days=30)


def rename(user: User, *, name: str, by: User | None, now: datetime) -> User:
    """Effects: the name of the account."""
    user.name = name
    user.save(update_fields=["name"])
    return user


def open_sessions(user: User, *, now: datetime) -> list[UserSession]:
    """Where the person is logged in, the last one first. Two queries, and writes nothing.

    allauth keeps a line for sessions that have ended (logged out, or opened with an older
    password) until the next login; those are left out.
    """
    lines = list(UserSession.objects.filter(user=user).order_by("-created_at", "-pk"))
    keys = [line.session_key for line in lines]
    live = Session.objects.filter(session_key__in=keys, expire_date__gt=now)
    seals = {session.pk: session.get_decoded().get(HASH_SESSION_KEY) for session in live}
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return [line for line in lines if seals.get(line.session_key) in hashes]


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
        _tell("mail/account_second_factor_removed.txt", user.email, itself=by == user)


def shops_without_another_owner(user: User) -> QuerySet[Shop]:
    """The shops that nobody is in charge of once this person has left."""
    owners = ShopMember.objects.filter(role=MemberRole.OWNER)
    kept = owners.filter(user=user).values("shop")
    shared = owners.exclude(user=user).values("shop")
    return Shop.objects.filter(pk__in=kept).exclude(pk__in=shared)


def delete_account(
    user: User,
    *,
    by: User | None,
    now: datetime,
    heirs: Mapping[int, ShopMember] | None = None,
    closing: Collection[int] = (),
) -> None:
    """The end of an account.

    Of the shops that nobody else is in charge of, `heirs` ({shop number: colleague}) get a new
    owner, those of `closing` close for good, registrations that were never sent are erased, and
    the others go back to the town hall.
    Somebody of a town hall cannot leave alone: another administrator takes the right away first.

    Effects: the person leaves every shop, as above, and is logged out everywhere; mails and
    invitations written to them are deleted, and the documents of their claims; the back office's
    log forgets how they were called; the account goes with its addresses and second factors; what
    it wrote and confirmed stays, without its name; a last mail says that it is done (kept for a
    month, like every mail).
    """
    if user.is_staff and by == user:
        raise WorkflowError(
            _(
                "Votre compte ouvre l’espace mairie\u00a0: demandez d’abord à une autre personne "
                "qui l’administre de retirer ce droit."
            )
        )
    heirs = heirs or {}
    with transaction.atomic():
        for shop in Shop.objects.filter(members__user=user).order_by("pk"):
            if shop.pk in closing:
                close(shop, by=user, now=now)
            if shop.pk in heirs:
                hand_over(heirs[shop.pk], by=user, now=now)
            leave(shop, by=user, now=now, to_town_hall=True)
        close_sessions(user, by=by, now=now)
        mails_to(user).delete()
        invitations_to(user).delete()
        role_invitations_to(user).delete()
        _delete_documents(user)
        _forget_in_the_log(user)
        address, verified = user.email, _has_verified_address(user)
        user.delete()
        if verified:
            _tell("mail/account_deleted.txt", address, itself=by == user)


def purge_accounts(*, now: datetime) -> int:
    """Deletes accounts whose address was never verified, a month after; says how many.

    Accounts that a town hall made for its own people are left alone.
    """
    never_verified = User.objects.filter(
        is_staff=False, last_login=None, date_joined__lt=now - UNVERIFIED_KEPT
    ).exclude(emailaddress__verified=True)
    number = 0
    for pk in list(never_verified.values_list("pk", flat=True)):
        with transaction.atomic():
            # Locked and looked at again: somebody may be opening the link at this moment.
            user = never_verified.select_for_update(of=("self",)).filter(pk=pk).first()
            if user is not None:
                delete_account(user, by=None, now=now)
                number += 1
    return number


def purge_sessions(*, now: datetime) -> int:
    """Deletes sessions that are over, and what was noted of them (address, browser)."""
    SessionStore.clear_expired()
    over = UserSession.objects.exclude(
        session_key__in=Session.objects.values_list("session_key", flat=True)
    )
    number = over.count()
    over.delete()
    return number


def mails_to(user: User) -> QuerySet[Email]:
    """Mails have one recipient each (see `queue_mail`)."""
    return Email.objects.filter(_any_address(user, "to"))


def invitations_to(user: User) -> QuerySet[Invitation]:
    return Invitation.objects.filter(_any_address(user, "email"))


def role_invitations_to(user: User) -> QuerySet[RoleInvitation]:
    return RoleInvitation.objects.filter(_any_address(user, "email"))


def _any_address(user: User, column: str) -> Q:
    """Whatever its case: others may have typed it. Verified ones alone: anybody may have asked
    for somebody else's address."""
    addresses = EmailAddress.objects.filter(user=user, verified=True)
    found = Q(pk__in=[])
    for address in addresses.values_list("email", flat=True):
        found |= Q(**{f"{column}__iexact": address})
    return found


def _has_verified_address(user: User) -> bool:
    return EmailAddress.objects.filter(user=user, verified=True).exists()


def _delete_documents(user: User) -> None:
    """The rows go with the account; files would stay."""
    for claim in Claim.objects.filter(user=user).exclude(document=""):
        file = claim.document
        transaction.on_commit(partial(file.storage.delete, file.name), robust=True)


def _forget_in_the_log(user: User) -> None:
    """The back office's log keeps the words that named what was changed: here, a person."""
    about = Q(object_repr__icontains=user.email)
    for model, keys in (
        (User, [user.pk]),
        (user.commune_roles.model, user.commune_roles.values_list("pk", flat=True)),
    ):
        kind = ContentType.objects.get_for_model(model)
        about |= Q(content_type=kind, object_id__in=[str(key) for key in keys])
    LogEntry.objects.filter(about).update(object_repr=f"n°\u00a0{user.pk}")


def _tell(template: str, address: str, *, itself: bool) -> None:
    """What somebody else does is told in the site's language, not in that of whoever did it."""
    language = translation.get_language() if itself else settings.LANGUAGE_CODE
    with translation.override(language):
        queue_mail(template, to=address, context={})
