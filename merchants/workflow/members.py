"""The people of a shop: who keeps its listing, and how others join and leave."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import Invitation, Shop, ShopMember, User
from merchants.models.history import Action, Capacity
from merchants.models.member import MemberRole

from . import mail
from .errors import WorkflowError
from .history import adopt, already_done, capacity_of, locked, record
from .values import Changes

INVITATION_LASTS = timedelta(days=14)
OPEN_INVITATIONS = 10  # At once, of one shop: nobody uses us to write to a whole town.


def add_member(
    shop: Shop,
    user: User,
    *,
    role: MemberRole = MemberRole.OWNER,
    by: User | None,
    now: datetime,
    capacity: Capacity | None = None,
) -> ShopMember:
    """The town hall (or the registration of a shop) makes somebody a member, or changes the role.

    Effects: the membership; a history entry.
    """
    with transaction.atomic():
        held = locked(shop)
        member = ShopMember.objects.filter(shop=held, user=user).first()
        if member is None:
            member = _join(held, user, role, now)
            _record(held, Action.JOIN, None, member, by=by, now=now, capacity=capacity)
        elif member.role != role:
            _refuse_without_owner(held, member, role)
            _set_role(held, member, role, by=by, now=now, capacity=capacity)
    adopt(shop, held)
    return member


def invite(
    shop: Shop,
    email: str,
    *,
    role: MemberRole = MemberRole.COLLEAGUE,
    by: User | None,
    now: datetime,
    language: str = settings.LANGUAGE_CODE,
    expected_version: int | None = None,
) -> Invitation:
    """An owner invites somebody by letter.

    Effects: an invitation for INVITATION_LASTS, in the place of an older one to the same address;
    a history entry; the letter with the link, which works once. A second click sends nothing.
    """
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise WorkflowError(_("Cette adresse électronique n’est pas valable.")) from error
    with transaction.atomic():
        held = locked(shop)
        _refuse_unless_owner(held, by)
        open_ones = Invitation.objects.filter(shop=held, accepted_at=None)
        older = open_ones.filter(email__iexact=email).first()
        if older and already_done(held, Action.INVITE, by=by, version=expected_version):
            adopt(shop, held)
            return older
        if ShopMember.objects.filter(shop=held, user__email__iexact=email).exists():
            raise WorkflowError(_("Cette personne s’occupe déjà de ce commerce."))
        if older:
            older.delete()
        if open_ones.filter(expires_at__gt=now).count() >= OPEN_INVITATIONS:
            raise WorkflowError(
                _("Trop d’invitations attendent une réponse\u00a0: annulez-en une d’abord.")
            )
        token = secrets.token_urlsafe(32)
        invitation = Invitation.objects.create(
            shop=held,
            email=email,
            role=role,
            token_hash=_hash(token),
            invited_by=by,
            invited_at=now,
            expires_at=now + INVITATION_LASTS,
        )
        record(held, Action.INVITE, by=by, now=now)
        context = {
            "shop": held,
            "invitation": invitation,
            "by": by,
            "url": mail.address_of("invitation", token),
        }
        mail.send("invitation", email, context, language=language, private=True)
    adopt(shop, held)
    return invitation


def uninvite(invitation: Invitation, *, by: User | None, now: datetime) -> None:
    """An owner takes an open invitation back; nothing where it is gone already.

    Effects: its link is dead; a history entry.
    """
    with transaction.atomic():
        held = locked(invitation.shop)
        _refuse_unless_owner(held, by)
        gone, _rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).delete()
        if gone:
            record(held, Action.UNINVITE, by=by, now=now)


def invitation_of(token: str, *, now: datetime) -> Invitation:
    """The open invitation of a link. Raises WorkflowError with what is wrong with it."""
    found = Invitation.objects.select_related("shop__commune", "invited_by")
    return _open(found.filter(token_hash=_hash(token)).first(), now)


def accept_invitation(token: str, *, by: User, now: datetime) -> ShopMember:
    """Whoever has the link, and an account, becomes a member.

    Effects: the membership (a colleague who was invited as an owner becomes one); the invitation
    is used up; a history entry. A second click of the same person changes nothing.
    """
    with transaction.atomic():
        invitation = Invitation.objects.filter(token_hash=_hash(token)).first()
        if invitation is None:
            raise WorkflowError(_gone())
        held = locked(Shop(pk=invitation.shop_id))
        invitation = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
        member = ShopMember.objects.filter(shop=held, user=by).first()
        if invitation and invitation.accepted_at and member:
            return member
        invitation = _open(invitation, now)
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at"])
        if member is None:
            member = _join(held, by, invitation.role, now)
            _record(held, Action.JOIN, None, member, by=by, now=now)
        elif invitation.role == MemberRole.OWNER and not member.is_owner:
            _set_role(held, member, MemberRole.OWNER, by=by, now=now)
    return member


def remove_member(member: ShopMember, *, by: User | None, now: datetime) -> None:
    """An owner takes a colleague off the list; the town hall, anybody.

    Effects: the membership ends; a history entry. Nothing where it has ended already.
    """
    with transaction.atomic():
        held = locked(member.shop)
        _refuse_unless_owner(held, by)
        member = ShopMember.objects.filter(pk=member.pk).first()
        if member is None:
            return
        capacity = capacity_of(by, held)
        if member.is_owner and capacity == Capacity.MERCHANT:
            raise WorkflowError(
                _(
                    "Un responsable part de lui-même\u202f; en cas de désaccord, "
                    "écrivez à la mairie."
                )
            )
        _end(held, member, Action.LEAVE, by=by, now=now, capacity=capacity)


def leave(shop: Shop, *, by: User, now: datetime, to_town_hall: bool = False) -> None:
    """Somebody stops keeping the listing.

    Effects: the membership ends; a history entry. The last owner first hands over, or says that
    the listing goes back to the town hall (`to_town_hall`), which ends every membership.
    """
    with transaction.atomic():
        held = locked(shop)
        member = ShopMember.objects.filter(shop=held, user=by).first()
        if member is None:
            return
        capacity = capacity_of(by, held)
        if member.is_owner and not _other_owners(held, member).exists():
            if not to_town_hall:
                raise WorkflowError(
                    _(
                        "Vous êtes seul responsable\u00a0: transmettez d’abord le commerce à un "
                        "collègue, ou confiez la fiche à la mairie."
                    )
                )
            Invitation.objects.filter(shop=held, accepted_at=None).delete()
            for colleague in ShopMember.objects.filter(shop=held).exclude(pk=member.pk):
                _end(held, colleague, Action.LEAVE, by=by, now=now, capacity=capacity)
        _end(held, member, Action.LEAVE, by=by, now=now, capacity=capacity)
    adopt(shop, held)


def hand_over(member: ShopMember, *, by: User, now: datetime) -> None:
    """An owner makes a colleague the owner in his place, and becomes a colleague.

    Effects: both roles; a history entry for each. Nothing where it has been done already.
    """
    with transaction.atomic():
        held = locked(member.shop)
        member = ShopMember.objects.filter(pk=member.pk).first()
        if member is None:
            raise WorkflowError(_("Cette personne ne s’occupe plus de ce commerce."))
        giver = ShopMember.objects.filter(shop=held, user=by).first()
        if giver and not giver.is_owner and member.is_owner:
            return
        if giver is None or not giver.is_owner:
            raise WorkflowError(_owners_only())
        if member.is_owner:
            raise WorkflowError(_("Cette personne est déjà responsable de ce commerce."))
        capacity = Capacity.MERCHANT
        _set_role(held, member, MemberRole.OWNER, by=by, now=now, capacity=capacity)
        _set_role(held, giver, MemberRole.COLLEAGUE, by=by, now=now, capacity=capacity)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _gone() -> str:
    return _("Cette invitation n’existe pas, ou a été annulée.")


def _owners_only() -> str:
    return _("Seul un responsable du commerce peut faire cela.")


def _open(invitation: Invitation | None, now: datetime) -> Invitation:
    if invitation is None:
        raise WorkflowError(_gone())
    if invitation.accepted_at:
        raise WorkflowError(_("Cette invitation a déjà servi."))
    if not invitation.is_open(now):
        raise WorkflowError(
            _("Cette invitation n’est plus valable\u00a0: demandez-en une autre au commerce.")
        )
    return invitation


def _refuse_unless_owner(held: Shop, by: User | None) -> None:
    if capacity_of(by, held) not in {Capacity.MERCHANT, Capacity.TOWN_HALL, Capacity.SYSTEM}:
        raise WorkflowError(_owners_only())


def _refuse_without_owner(held: Shop, member: ShopMember, role: str) -> None:
    if role != MemberRole.OWNER and not _other_owners(held, member).exists():
        raise WorkflowError(_("Un commerce garde au moins un responsable."))


def _other_owners(held: Shop, member: ShopMember):
    owners = ShopMember.objects.filter(shop=held, role=MemberRole.OWNER)
    return owners.exclude(pk=member.pk)


def _join(held: Shop, user: User, role: str, now: datetime) -> ShopMember:
    return ShopMember.objects.create(shop=held, user=user, role=role, since=now)


def _set_role(
    held: Shop,
    member: ShopMember,
    role: str,
    *,
    by: User | None,
    now: datetime,
    capacity: Capacity | None = None,
) -> None:
    before = _plain(member)
    member.role = role
    member.save(update_fields=["role"])
    _record(held, Action.ROLE, before, member, by=by, now=now, capacity=capacity)


def _end(held, member: ShopMember, action: Action, *, by, now, capacity) -> None:
    before = _plain(member)
    member.delete()
    _record(held, action, before, None, by=by, now=now, capacity=capacity)


def _record(
    held: Shop,
    action: Action,
    before: dict | None,
    member: ShopMember | None,
    *,
    by: User | None,
    now: datetime,
    capacity: Capacity | None = None,
) -> None:
    changes: Changes = {"members": [before, member and _plain(member)]}
    record(held, action, by=by, now=now, changes=changes, capacity=capacity)


def _plain(member: ShopMember) -> dict:
    return {"user": member.user_id, "role": str(member.role)}
