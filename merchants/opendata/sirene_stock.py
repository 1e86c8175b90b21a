"""The stock of SIRENE beside the directories of some communes, in one reading."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from merchants.company_search import Company
from merchants.models import Commune
from merchants.workflow.sirene import Activities, Found, find_cases, numbers_watched

from .sirene import Gathered, Told, read_establishments


def compare_stock(
    communes: Sequence[Commune],
    file: Path,
    units: Path | None,
    told: Told,
    *,
    now: datetime,
    complete: bool,
    keep: bool = True,
) -> list[Found]:
    """What StockEtablissement, with StockUniteLegale or without, says of each commune.

    `told` counts the lines; `complete` and `keep` are those of `find_cases`, whose effects these
    are. Memory grows with what may be a shop there. Raises ImportFileError.
    """
    activities = {commune.insee_code: Activities(commune) for commune in communes}
    watched = {n for commune in communes for n in numbers_watched(commune)}

    def may_matter() -> Iterator[Company]:
        for company in read_establishments(file, list(activities), told):
            theirs = activities[company.commune_code]
            is_shop = company.is_open and theirs.mean_a_shop(company.naf)
            if is_shop or company.siret in watched:
                yield company

    with Gathered(may_matter(), units, told) as gathered:
        return [
            find_cases(commune, gathered, now=now, complete=complete, keep=keep)
            for commune in communes
        ]
