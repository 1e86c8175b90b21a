"""Who works for which town hall."""

from datetime import datetime

from django.db import transaction

from merchants.models import Commune, CommuneRole, User
from merchants.models.role import RoleKind


def give_role(
    user: User, commune: Commune, *, role: RoleKind, by: User | None, now: datetime
) -> CommuneRole:
    """Effects: the one role of that person in that commune, new or changed."""
    values = {"role": role, "since": now}
    with transaction.atomic():
        held, _made = CommuneRole.objects.update_or_create(
            user=user, commune=commune, defaults={"role": role}, create_defaults=values
        )
    return held


def take_role(held: CommuneRole, *, by: User | None, now: datetime) -> None:
    """Effects: the person has no role in the commune any more."""
    held.delete()
