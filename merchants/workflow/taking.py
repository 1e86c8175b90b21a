"""Who is at which case, so that two agents do not read the same one. It forbids nothing."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from merchants.models import TakenCase, User

HELD_FOR = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)


def take(
    kind: str, number: int, *, by: User, now: datetime, from_colleague: bool = False
) -> TakenCase:
    """Somebody begins with a case, or is still at it; what others took for HELD_FOR stays theirs,
    unless that person means to take it `from_colleague`.

    Effects: the row, which is given back (`by` says whose it is); rows of other days are deleted.
    """
    with transaction.atomic():
        TakenCase.objects.filter(at__lt=now - FORGOTTEN_AFTER).delete()
        # Of two at once the second one waits here, and reads whose it is.
        values = {"by": by, "at": now}
        row, made = TakenCase.objects.select_for_update(of=("self",)).get_or_create(
            kind=kind, number=number, defaults=values
        )
        theirs = row.by_id != by.pk and row.at > now - HELD_FOR
        if not made and (from_colleague or not theirs):
            row.by, row.at = by, now
            row.save(update_fields=["by", "at"])
    return row


def release(kind: str, number: int, *, by: User) -> None:
    """A case is decided: nobody is at it. Effects: the row is gone, whoever's it was."""
    TakenCase.objects.filter(kind=kind, number=number).delete()


def taken(kind: str, numbers: Iterable[int], *, now: datetime) -> dict[int, TakenCase]:
    """Which of these cases somebody is at, by number. One query."""
    rows = TakenCase.objects.filter(kind=kind, number__in=list(numbers), at__gt=now - HELD_FOR)
    return {row.number: row for row in rows.select_related("by")}
