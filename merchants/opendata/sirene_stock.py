"""The stock of SIRENE beside the directories of some communes, in one reading."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from merchants.company_search import Company
from merchants.models import Commune
from merchants.workflow.sirene import Activities, Found, find_cases, numbers_watched

from .files import ImportFileError
from .sirene import ESTABLISHMENTS, UNITS, Gathered, Told, Watch, read_establishments


@dataclass(frozen=True, slots=True)
class Stock:
    """The register's two files on this server, and the day of the first."""

    establishments: Path
    units: Path
    date: date


def stock_in(folder: Path | None) -> Stock | None:
    """The newest files of a folder, under the names that INSEE gives them.

    None unless both are there: who objected to diffusion, or ceased, may be said in the second
    alone. None too where the site may not look.
    """
    establishments, units = (_newest(folder, kind) for kind in (ESTABLISHMENTS, UNITS))
    if establishments is None or units is None:
        return None
    return Stock(establishments, units, day_of(establishments))


def day_of(file: Path) -> date:
    """When it came to this server. Raises ImportFileError."""
    return date.fromtimestamp(_stat(file).st_mtime)


def _newest(folder: Path | None, kind: str) -> Path | None:
    """ "StockEtablissement_utf8.zip", not "StockEtablissementHistorique_utf8.zip"."""
    name = re.compile(rf"{kind}(?![A-Za-z]).*\.(csv|zip|gz)")
    dates: dict[Path, float] = {}
    with suppress(OSError):
        for file in folder.iterdir() if folder else ():
            if name.fullmatch(file.name):
                with suppress(OSError):
                    if file.is_file():
                        dates[file] = file.stat().st_mtime
    return max(dates, key=dates.__getitem__, default=None)


def compare_stock(
    communes: Sequence[Commune],
    file: Path,
    units: Path | None,
    told: Told,
    *,
    now: datetime,
    complete: bool,
    keep: bool = True,
    tell: Callable[[int, int], None] | None = None,
) -> list[Found]:
    """What StockEtablissement, with StockUniteLegale or without, says of each commune.

    `told` counts the lines; `complete` and `keep` are those of `find_cases`, whose effects these
    are. `tell` hears how many bytes have been read, and of how many. Memory grows with what may be
    a shop there. Raises ImportFileError.
    """
    activities = {commune.insee_code: Activities(commune) for commune in communes}
    watched = {n for commune in communes for n in numbers_watched(commune)}

    watch, watch_units = _watches(tell, file, units)

    def may_matter() -> Iterator[Company]:
        for company in read_establishments(file, list(activities), told, watch):
            theirs = activities[company.commune_code]
            is_shop = company.is_open and theirs.mean_a_shop(company.naf)
            if is_shop or company.siret in watched:
                yield company

    with Gathered(may_matter(), units, told, watch_units) as gathered:
        return [
            find_cases(commune, gathered, now=now, complete=complete, keep=keep)
            for commune in communes
        ]


def _watches(
    tell: Callable[[int, int], None] | None, file: Path, units: Path | None
) -> tuple[Watch | None, Watch | None]:
    """What is read of each file, as a part of both."""
    if tell is None:
        return None, None
    first = _stat(file).st_size
    total = first + (_stat(units).st_size if units else 0)
    return (lambda done: tell(done, total)), (lambda done: tell(first + done, total))


def _stat(file: Path) -> os.stat_result:
    try:
        return file.stat()
    except FileNotFoundError as error:
        raise ImportFileError(f"Le fichier {file.name} n’existe pas.") from error
    except OSError as error:
        raise ImportFileError(f"Le fichier {file.name} ne peut pas être lu.") from error
