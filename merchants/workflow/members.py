"""The people of a shop: who keeps its listing, and how others join and leave."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import HistoryEntry, Invitation, Shop, ShopMember, ShopStatus, User
from merchants.models.history import Action, Capacity
from merchants.models.member import MemberRole
from merchants.text import unlinked

from . import mail
from .drafts import erase, own_drafts
from .errors import WorkflowError
from .history import adopt, already_done, capacity_of, held_by, locked, record, taken_over
from .member_letters import is_theirs, tell
from .values import Changes

INVITATION_LASTS = timedelta(days=14)
# Nobody uses us to write to a whole town: at once, of one shop; within a day, of one shop and of
# one person for all shops, whatever has become of them since.
OPEN_INVITATIONS = 10
INVITATIONS_A_DAY = 10
# An invitation that nobody accepted is kept this long after its end.
INVITATION_KEPT = timedelta(days=30)
OWNERS = frozenset({Capacity.MERCHANT, Capacity.TOWN_HALL, Capacity.SYSTEM})


def add_member(
    shop: Shop,
    user: User,
    *,
    role: MemberRole = MemberRole.OWNER,
    by: User | None,
    now: datetime,
    capacity: Capacity | None = None,
) -> ShopMember:
    """The town hall makes somebody a member, or changes the role; so does what hands a listing over
    to its merchant, and knows in what capacity (`capacity`).

    Effects: the membership; a history entry.
    """
    with transaction.atomic():
        if capacity is None:
            held, capacity = _held_in(shop, by)
        else:
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
    email = checked_address(email)
    with transaction.atomic():
        held = _held(shop, by)
        open_ones = Invitation.objects.filter(shop=held, accepted_at=None)
        older = open_ones.filter(email__iexact=email).first()
        again = already_done(held, Action.INVITE, by=by, version=expected_version)
        if older and older.role == role and again:
            adopt(shop, held)
            return older
        if ShopMember.objects.filter(shop=held, user__email__iexact=email).exists():
            raise WorkflowError(_("Cette personne s’occupe déjà de ce commerce."))
        _refuse_too_often(held, by, now)
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
            "name": unlinked(held.name),
            "commune": held.commune,
            "invitation": invitation,
            "who": unlinked(by.name) if by else "",
            "url": mail.address_of("invitation", token),
        }
        mail.send(
            "invitation", email, context, language=language, commune=held.commune, private=True
        )
    adopt(shop, held)
    return invitation


def uninvite(invitation: Invitation, *, by: User | None, now: datetime) -> None:
    """An owner takes an open invitation back; nothing where it is gone already.

    Effects: its link is dead; a history entry. Raises WorkflowError where it has been accepted.
    """
    with transaction.atomic():
        held = _held(invitation.shop, by)
        invitation = Invitation.objects.filter(pk=invitation.pk).first()
        if invitation is None:
            return
        if invitation.accepted_at:
            raise WorkflowError(
                _("Cette invitation a déjà servi\u00a0: la personne est dans la liste.")
            )
        invitation.delete()
        record(held, Action.UNINVITE, by=by, now=now)


def purge_invitations(*, now: datetime) -> int:
    """Deletes invitations that nobody accepted, INVITATION_KEPT after their end; says how many."""
    old = Invitation.objects.filter(accepted_at=None, expires_at__lt=now - INVITATION_KEPT)
    number, _rows = old.delete()
    return number


def invitation_of(token: str, *, now: datetime) -> Invitation:
    """The open invitation of a link. Raises WorkflowError with what is wrong with it."""
    found = Invitation.objects.select_related("shop__commune", "invited_by")
    return _open(found.filter(token_hash=_hash(token)).first(), now)


def accept_invitation(token: str, *, by: User, now: datetime) -> ShopMember:
    """Whoever has the link, and an account, becomes a member.

    Effects: the membership (a colleague who was invited as an owner becomes one); the invitation
    is used up; a history entry; a letter to the owners where the invitation was sent to another
    address than theirs. A second click of the same person changes nothing.
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
        if invitation:
            invitation.shop = held  # The locked one, whatever a merge has moved meanwhile.
        invitation = _open(invitation, now)
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at"])
        if member is None:
            member = _join(held, by, invitation.role, now)
            _record(held, Action.JOIN, None, member, by=by, now=now)
            if not is_theirs(invitation.email, by):
                for owner in _other_owners(held, member):
                    tell(owner.user, "invitation_elsewhere", held, by, invited=invitation.email)
        elif invitation.role == MemberRole.OWNER and not member.is_owner:
            _set_role(held, member, MemberRole.OWNER, by=by, now=now)
    return member


def remove_member(
    member: ShopMember, *, by: User | None, now: datetime, writes: bool = True
) -> None:
    """An owner takes a colleague off the list; the town hall, anybody.

    Effects: the membership ends; a history entry; a letter to that person, unless the caller
    writes one (`writes`). Nothing where it has ended already.
    """
    with transaction.atomic():
        held, capacity = _held_in(member.shop, by)
        member = ShopMember.objects.filter(pk=member.pk).first()
        if member is None:
            return
        if member.is_owner and capacity == Capacity.MERCHANT:
            raise WorkflowError(
                _(
                    "Un responsable part de lui-même\u202f; en cas de désaccord, "
                    "écrivez à la mairie."
                )
            )
        _end(held, member, Action.LEAVE, by=by, now=now, capacity=capacity)
        if writes:
            tell(member.user, "member_removed", held, by)


def leave(shop: Shop, *, by: User, now: datetime, to_town_hall: bool = False) -> None:
    """Somebody stops keeping the listing.

    Effects: the membership ends; a history entry; a letter to the owners who stay. The last owner
    first hands over, or says that the listing goes back to the town hall (`to_town_hall`), which
    ends every membership: a letter to each. A
    registration that was never sent is not the town hall's: it is erased with its last owner.
    """
    with transaction.atomic():
        held = locked(shop)
        member = ShopMember.objects.filter(shop=held, user=by).first()
        if member is None:
            return
        capacity = capacity_of(by, held)
        if member.is_owner and not _other_owners(held, member).exists():
            is_own = own_drafts().filter(pk=held.pk).exists()
            if not to_town_hall and is_own:
                raise WorkflowError(
                    _(
                        "Vous êtes seul responsable\u00a0: transmettez d’abord l’inscription à un "
                        "collègue, ou abandonnez-la."
                    )
                )
            if is_own:
                erase(held)
                return
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
                tell(colleague.user, "member_removed", held, by)
        for owner in _other_owners(held, member):
            tell(owner.user, "member_left", held, by)
        _end(held, member, Action.LEAVE, by=by, now=now, capacity=capacity)
    adopt(shop, held)


def has_left(shop: int, user: User) -> bool:
    """Whether that person kept the listing of that number, and went. Up to two queries."""
    gone = HistoryEntry.objects.filter(shop=shop, by=user, action=Action.LEAVE)
    return gone.exists() and not ShopMember.objects.filter(shop=shop, user=user).exists()


def hand_over(
    member: ShopMember, *, by: User, now: datetime, expected_version: int | None = None
) -> None:
    """An owner makes a colleague the owner in his place, and becomes a colleague.

    Effects: both roles; a history entry for each; a letter to both. Nothing where that person's
    click from the page of `expected_version` has done it already.
    """
    with transaction.atomic():
        held = locked(member.shop)
        member = ShopMember.objects.filter(pk=member.pk).first()
        if member is None:
            raise WorkflowError(_("Cette personne ne s’occupe plus de ce commerce."))
        giver = ShopMember.objects.filter(shop=held, user=by).first()
        again = already_done(held, Action.ROLE, by=by, version=expected_version)
        if again and giver and not giver.is_owner and member.is_owner:
            return
        if giver is None or not giver.is_owner:
            raise WorkflowError(_owners_only())
        if member.is_owner:
            raise WorkflowError(_("Cette personne est déjà responsable de ce commerce."))
        capacity = Capacity.MERCHANT
        _set_role(held, member, MemberRole.OWNER, by=by, now=now, capacity=capacity)
        _set_role(held, giver, MemberRole.COLLEAGUE, by=by, now=now, capacity=capacity)
        tell(member.user, "handed_over_to", held, by)
        tell(by, "handed_over_by", held, member.user)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _gone() -> str:
    return _("Cette invitation n’existe pas, ou a été annulée.")


def _owners_only() -> str:
    return _("Seul un responsable du commerce peut faire cela.")


def _open(invitation: Invitation | None, now: datetime) -> Invitation:
    # One of a listing that was merged waits for the day when it is one again.
    if invitation is None or invitation.shop.status == ShopStatus.MERGED:
        raise WorkflowError(_gone())
    if invitation.accepted_at:
        raise WorkflowError(_("Cette invitation a déjà servi."))
    if not invitation.is_open(now):
        raise WorkflowError(
            _("Cette invitation n’est plus valable\u00a0: demandez-en une autre au commerce.")
        )
    return invitation


def _held(shop: Shop, by: User | None) -> Shop:
    held, _capacity = _held_in(shop, by)
    return held


def _held_in(shop: Shop, by: User | None) -> tuple[Shop, Capacity]:
    return held_by(shop, by, allowed=OWNERS, open_only=False, refusal=_owners_only())


def checked_address(email: str) -> str:
    """An address that one can write to. Raises WorkflowError."""
    email = email.strip()
    try:
        validate_email(email)
        MaxLengthValidator(Invitation._meta.get_field("email").max_length)(email)
    except ValidationError as error:
        raise WorkflowError(_("Cette adresse électronique n’est pas valable.")) from error
    return email


def _refuse_too_often(held: Shop, by: User | None, now: datetime) -> None:
    sent = HistoryEntry.objects.filter(action=Action.INVITE, at__gt=now - timedelta(days=1))
    several = [sent.filter(shop=held)] + ([sent.filter(by=by)] if by else [])
    if any(entries.count() >= INVITATIONS_A_DAY for entries in several):
        raise WorkflowError(
            _("Trop d’invitations sont parties depuis hier\u00a0: réessayez demain.")
        )


def _refuse_without_owner(held: Shop, member: ShopMember, role: str) -> None:
    if role != MemberRole.OWNER and not _other_owners(held, member).exists():
        raise WorkflowError(_("Un commerce garde au moins un responsable."))


def _other_owners(held: Shop, member: ShopMember):
    owners = ShopMember.objects.filter(shop=held, role=MemberRole.OWNER)
    return owners.exclude(pk=member.pk).select_related("user")


def _join(held: Shop, user: User, role: str, now: datetime) -> ShopMember:
    taken_over(held)
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
