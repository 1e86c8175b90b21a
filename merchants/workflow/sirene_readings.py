"""A commune's comparison with the whole register: who asked for it, and what came of it."""

from dataclasses import asdict
from datetime import date, datetime

from merchants.models import Commune, SireneReading, User

from .sirene import Found
from .sirene_decisions import refuse_unless_town_hall


def begin_reading(commune: Commune, *, by: User, now: datetime) -> None:
    """Somebody sets to work, and holds the lock of it (`opendata.sirene_tasks`).

    Effects: the row of the commune says so; the last result stays. Raises WorkflowError for
    somebody who decides nothing there.
    """
    refuse_unless_town_hall(commune, by)
    SireneReading.objects.update_or_create(
        commune=commune, defaults={"by": by, "began_at": now, "error": ""}
    )


def end_reading(
    commune: Commune,
    found: Found,
    *,
    by: User | None,
    stock_date: date,
    began_at: datetime,
    now: datetime,
) -> None:
    """What came of it; `by` is None for the command. Effects: the row, in one write."""
    values = {"by": by, "began_at": began_at, "error": "", "ended_at": now}
    values |= {"stock_date": stock_date, "found": asdict(found)}
    SireneReading.objects.update_or_create(commune=commune, defaults=values)


def fail_reading(commune: Commune, sentence: str) -> None:
    """Effects: the row says why there is no new result. Cases that were found stay."""
    SireneReading.objects.filter(commune=commune).update(error=sentence)
