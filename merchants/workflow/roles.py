"""Who works for which town hall: referents choose the people of their commune."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, QuerySet, When
from django.utils import translation
from django.utils.translation import gettext as _

from merchants import second_factor
from merchants.models import Commune, CommuneRole, User
from merchants.models.role import RoleKind
from merchants.text import unlinked

from . import mail, town_hall
from .errors import WorkflowError


def give_role(
    user: User, commune: Commune, *, role: RoleKind, by: User | None, now: datetime
) -> CommuneRole:
    """A referent of the commune, or an administrator, gives somebody a role or another one.

    Effects: the one role of that person in that commune, new or changed; a letter to that person.
    Nothing where it is the same already. The last referent stays one: only an administrator leaves
    a commune without.
    """
    with transaction.atomic():
        locked_team(commune)
        refuse_unless_referent(commune, by)
        held = CommuneRole.objects.filter(user=user, commune=commune).first()
        if held and held.role == role:
            return held
        if held is None:
            held = CommuneRole(user=user, commune=commune, since=now)
        elif role != RoleKind.REFERENT:
            _refuse_last_referent(held, by)
        held.role = role
        held.save()
        _tell(held, "role_changed", by)
    return held


def take_role(held: CommuneRole, *, by: User | None, now: datetime) -> None:
    """Effects: the person has no role in the commune any more; a letter to that person.

    Nothing where it is gone already. Who may, and the last referent: as in `give_role`.
    """
    with transaction.atomic():
        locked_team(held.commune)
        refuse_unless_referent(held.commune, by)
        held = CommuneRole.objects.select_related("user", "commune").filter(pk=held.pk).first()
        if held is None:
            return
        _refuse_last_referent(held, by)
        held.delete()
        _tell(held, "role_taken", by)


def team_of(commune: Commune) -> QuerySet[CommuneRole]:
    """Everybody who works there, referents first; adds `has_second_factor`. One query."""
    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=second_factor.TYPES)
    team = CommuneRole.objects.filter(commune=commune).select_related("user")
    return team.annotate(
        has_second_factor=Exists(factors),
        place=Case(
            When(role=RoleKind.REFERENT, then=0), When(role=RoleKind.AGENT, then=1), default=2
        ),
    ).order_by("place", "since", "pk")


def referents_of(commune: Commune) -> QuerySet[CommuneRole]:
    return CommuneRole.objects.filter(commune=commune, role=RoleKind.REFERENT)


def is_referent(commune: Commune, user: User) -> bool:
    """Whether that person chooses the people of the commune. Up to one query."""
    return user.is_superuser or referents_of(commune).filter(user=user).exists()


def refuse_unless_referent(commune: Commune, by: User | None) -> None:
    """The site itself (`by=None`) may, as in every other write."""
    if by is not None and not is_referent(commune, by):
        raise WorkflowError(_("Seul un référent de la commune peut faire cela."))


def locked_team(commune: Commune) -> None:
    """Two referents who take each other's role away come one after the other."""
    Commune.objects.select_for_update(no_key=True).only("pk").get(pk=commune.pk)


def what_of(role: str) -> str:
    """What somebody does in that role, as a letter says it."""
    return {
        RoleKind.HELPER: _("Vous pouvez aider les commerçants à écrire leur fiche."),
        RoleKind.AGENT: _(
            "Vous validez les fiches, vous les corrigez et vous appelez les commerces."
        ),
        RoleKind.REFERENT: _(
            "Vous faites tout ce que fait un agent, et vous choisissez l’équipe et les réglages "
            "de la commune."
        ),
    }[RoleKind(role)]


def door_of(role: str) -> str:
    """The address where somebody in that role begins."""
    return mail.address_of("helping" if role == RoleKind.HELPER else "admin:index")


def _refuse_last_referent(held: CommuneRole, by: User | None) -> None:
    if by is None or by.is_superuser or held.role != RoleKind.REFERENT:
        return
    if not referents_of(held.commune).exclude(pk=held.pk).exists():
        raise WorkflowError(
            _(
                "Une commune garde au moins un référent\u00a0: nommez d’abord quelqu’un "
                "à votre place."
            )
        )


def _tell(held: CommuneRole, template: str, by: User | None) -> None:
    """A letter to that person; none where the site acts, or the person alone."""
    if by is None or by == held.user:
        return
    language = settings.LANGUAGE_CODE
    with translation.override(language):
        context = {
            "commune": held.commune,
            "contact": town_hall.contact_lines(held.commune),
            "role": held.get_role_display(),
            "what": what_of(held.role),
            "who": unlinked(by.name),
            "url": door_of(held.role),
        }
    mail.send(template, held.user.email, context, language=language, commune=held.commune)
