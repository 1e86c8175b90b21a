"""A commune's comparison with the whole register: who asked for it, and what came of it."""

from dataclasses import asdict
from datetime import date, datetime

from merchants.models import Commune, SireneReading, User

from .sirene import Found
from .sirene_decisions import refuse_unless_town_hall


def begin_reading(
    commune: Commune, *, by: User | None, now: datetime, stock_date: date
) -> SireneReading:
    """Somebody sets to work; None is the command. The caller holds the lock of who does.

    Effects: the row of the commune, without what came of the comparison before. Raises
    WorkflowError for somebody who decides nothing there.
    """
    if by is not None:
        refuse_unless_town_hall(commune, by)
    values = {"by": by, "began_at": now, "stock_date": stock_date}
    values |= {"ended_at": None, "found": {}, "error": ""}
    reading, _made = SireneReading.objects.update_or_create(commune=commune, defaults=values)
    return reading


def end_reading(commune: Commune, found: Found, *, now: datetime) -> None:
    """Effects: the row says how many cases are new."""
    _end(commune, now, found=asdict(found))


def fail_reading(commune: Commune, sentence: str, *, now: datetime) -> None:
    """Effects: the row says why there is no result. Cases that were found stay."""
    _end(commune, now, error=sentence)


def _end(commune: Commune, now: datetime, **values) -> None:
    SireneReading.objects.filter(commune=commune).update(ended_at=now, **values)
