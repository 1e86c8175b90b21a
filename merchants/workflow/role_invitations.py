"""Letters that give their reader a role: how colleagues and helpers join a town hall's team."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from post_office.models import Email

from merchants.models import Commune, CommuneRole, RoleInvitation, User
from merchants.models.role import RoleKind
from merchants.text import unlinked

from . import mail, town_hall
from .errors import WorkflowError
from .member_letters import is_theirs
from .members import INVITATION_KEPT, INVITATION_LASTS, checked_address
from .roles import locked_team, referents_of, refuse_unless_referent, what_of

# Nobody uses us to write to a whole town: letters of one commune within a day, withdrawn ones too.
LETTERS_A_DAY = 20
# A click within that time of the first is a second click.
SECOND_CLICK = timedelta(minutes=1)
RANK = {RoleKind.HELPER: 1, RoleKind.AGENT: 2, RoleKind.REFERENT: 3}


def invite(
    commune: Commune, email: str, *, role: RoleKind, by: User | None, now: datetime
) -> RoleInvitation:
    """A referent invites somebody by letter.

    Effects: an invitation for INVITATION_LASTS, in the place of an older one to the same address;
    the letter with the link, which works once. A second click sends nothing. The same is done
    and said whether or not the address has an account.
    """
    email = checked_address(email)
    role = RoleKind(role)
    with transaction.atomic():
        locked_team(commune)
        refuse_unless_referent(commune, by)
        if CommuneRole.objects.filter(commune=commune, user__email__iexact=email).exists():
            raise WorkflowError(_("Cette personne fait déjà partie de l’équipe."))
        open_ones = RoleInvitation.objects.filter(commune=commune, accepted_at=None)
        older = open_ones.filter(email__iexact=email).first()
        if older and older.role == role and older.invited_at > now - SECOND_CLICK:
            return older
        subject = _subject(commune)
        _refuse_too_often(commune, subject, now)
        if older:
            older.delete()
        token = secrets.token_urlsafe(32)
        invitation = RoleInvitation.objects.create(
            commune=commune,
            email=email,
            role=role,
            token_hash=_hash(token),
            invited_by=by,
            invited_at=now,
            expires_at=now + INVITATION_LASTS,
        )
        language = settings.LANGUAGE_CODE
        with translation.override(language):
            context = {
                "subject": subject,
                "commune": commune,
                "invitation": invitation,
                "role": invitation.get_role_display(),
                "what": what_of(role),
                "who": unlinked(by.name) if by else "",
                "url": mail.address_of("role_invitation", token),
            }
        mail.send(
            "role_invitation", email, context, language=language, commune=commune, private=True
        )
    return invitation


def uninvite(invitation: RoleInvitation, *, by: User | None, now: datetime) -> None:
    """A referent takes an open invitation back; nothing where it is gone already.

    Effects: its link is dead. Raises WorkflowError where it has been accepted.
    """
    with transaction.atomic():
        locked_team(invitation.commune)
        refuse_unless_referent(invitation.commune, by)
        found = RoleInvitation.objects.filter(pk=invitation.pk).first()
        if found is None:
            return
        if found.accepted_at:
            raise WorkflowError(
                _("Cette invitation a déjà servi\u00a0: la personne est dans la liste.")
            )
        found.delete()


def invitation_of(token: str, *, now: datetime) -> RoleInvitation:
    """The open invitation of a link. Raises WorkflowError with what is wrong with it."""
    found = RoleInvitation.objects.select_related("commune", "invited_by")
    found = found.defer("commune__contour", "commune__search_text")
    return _open(found.filter(token_hash=_hash(token)).first(), now)


def accept(token: str, *, by: User, now: datetime) -> CommuneRole:
    """Whoever has the link, and an account, takes the role; a higher one that he has stays.

    Effects: the role; the invitation is used up; a letter to the referents where the invitation
    was sent to another address than theirs. A second click of the same person changes nothing.
    """
    with transaction.atomic():
        found = RoleInvitation.objects.select_related("commune").filter(token_hash=_hash(token))
        invitation = found.defer("commune__contour", "commune__search_text").first()
        if invitation is None:
            raise WorkflowError(_gone())
        commune = invitation.commune
        locked_team(commune)
        invitation = RoleInvitation.objects.filter(pk=invitation.pk).first()
        held = CommuneRole.objects.filter(commune=commune, user=by).first()
        if invitation and invitation.accepted_at and held:
            return held
        invitation = _open(invitation, now)
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at"])
        if held is None:
            held = CommuneRole.objects.create(
                commune=commune, user=by, role=invitation.role, since=now
            )
        elif RANK[RoleKind(invitation.role)] > RANK[RoleKind(held.role)]:
            held.role = invitation.role
            held.save(update_fields=["role"])
        if not is_theirs(invitation.email, by):
            _tell_referents(held, invitation)
    return held


def open_invitations(commune: Commune, *, now: datetime) -> list[RoleInvitation]:
    """Those that nobody has accepted yet, the newest first. One query."""
    rows = RoleInvitation.objects.filter(commune=commune, accepted_at=None, expires_at__gt=now)
    return list(rows.select_related("invited_by"))


def purge_role_invitations(*, now: datetime) -> int:
    """Deletes invitations that nobody accepted, INVITATION_KEPT after their end; says how many."""
    old = RoleInvitation.objects.filter(accepted_at=None, expires_at__lt=now - INVITATION_KEPT)
    number, _rows = old.delete()
    return number


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _gone() -> str:
    return _("Cette invitation n’existe pas, ou a été annulée.")


def _open(invitation: RoleInvitation | None, now: datetime) -> RoleInvitation:
    if invitation is None:
        raise WorkflowError(_gone())
    if invitation.accepted_at:
        raise WorkflowError(_("Cette invitation a déjà servi."))
    if now >= invitation.expires_at:
        raise WorkflowError(
            _("Cette invitation n’est plus valable\u00a0: demandez-en une autre à la mairie.")
        )
    return invitation


def _subject(commune: Commune) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return _("Travaillez avec nous\u00a0: %(town_hall)s") % {
            "town_hall": town_hall.name_of(commune)
        }


def _refuse_too_often(commune: Commune, subject: str, now: datetime) -> None:
    """Counted by the letters themselves: an invitation that is withdrawn is gone."""
    letters = Email.objects.filter(of_commune__commune=commune, subject=subject)
    if letters.filter(created__gt=now - timedelta(days=1)).count() >= LETTERS_A_DAY:
        raise WorkflowError(
            _("Trop d’invitations sont parties depuis hier\u00a0: réessayez demain.")
        )


def _tell_referents(held: CommuneRole, invitation: RoleInvitation) -> None:
    context = {
        "commune": held.commune,
        "role": held.get_role_display(),
        "invited": invitation.email,
        "who": unlinked(held.user.get_full_name()),
        "url": f"{mail.address_of('admin:team')}?commune={held.commune.insee_code}",
    }
    language = settings.LANGUAGE_CODE
    for referent in referents_of(held.commune).exclude(user=held.user).select_related("user"):
        mail.send(
            "role_elsewhere", referent.user.email, context, language=language, commune=held.commune
        )
