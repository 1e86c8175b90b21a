"""What became of each line: a summary to read, and a CSV to work through."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from merchants.workflow.values import Changes, Listing

from .facts import Remark
from .files import ImportFileError, inert


class Result(StrEnum):
    TAKEN = "prise"
    REPAIRED = "réparée"
    HERE = "déjà là"
    UPDATED = "mise à jour"
    ASKED = "à décider"
    REFUSED = "refusée"


TITLES = ["ligne", "identifiant", "nom", "résultat", "remarques", "motif"]
# What nothing differs in.
NOTHING: Changes = {}


@dataclass(slots=True)
class Outcome:
    """What becomes of a line. `shop` is the listing that it is about, `listing` what it says; it
    may name another one, `named`, that was merged into `shop`.

    `changes` are written; `asked` would be, if an agent said so. `is_news` where the source says
    of its shop what it had not said before.
    """

    line: int
    source_id: str
    name: str
    remarks: tuple[Remark, ...] = ()
    result: Result = Result.REFUSED
    reason: Remark | None = None
    shop: int | None = None
    named: int | None = None
    listing: Listing | None = None
    changes: Changes = field(default_factory=lambda: NOTHING)
    asked: Changes = field(default_factory=lambda: NOTHING)
    is_news: bool = False

    def refuse(self, reason: Remark) -> None:
        """Nothing is written of this line: what would have been repaired is beside the point."""
        self.result, self.reason, self.remarks = Result.REFUSED, reason, ()
        self.listing = None

    def take(self) -> None:
        repaired = any(not remark.notice for remark in self.remarks)
        self.result = Result.REPAIRED if repaired else Result.TAKEN


@dataclass(slots=True)
class Report:
    outcomes: list[Outcome] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def count(self, *results: Result) -> int:
        return sum(outcome.result in results for outcome in self.outcomes)

    def reasons(self) -> list[tuple[str, int]]:
        """Why lines were refused, the most frequent first."""
        return Counter(
            outcome.reason.label for outcome in self.outcomes if outcome.result == Result.REFUSED
        ).most_common()

    def repairs(self) -> list[tuple[str, int]]:
        """How many written lines each kind of repair concerns, the most frequent first."""
        return self._remarked(notice=False)

    def notices(self) -> list[tuple[str, int]]:
        """How many written lines somebody should look at, and why."""
        return self._remarked(notice=True)

    def _remarked(self, *, notice: bool) -> list[tuple[str, int]]:
        written = (Result.TAKEN, Result.REPAIRED, Result.UPDATED, Result.ASKED)
        return Counter(
            label
            for outcome in self.outcomes
            if outcome.result in written
            for label in {remark.label for remark in outcome.remarks if remark.notice == notice}
        ).most_common()

    def summary(self) -> Iterator[str]:
        yield from self.remarks
        yield f"Lignes lues\u00a0: {len(self.outcomes)}"
        taken = self.count(Result.TAKEN, Result.REPAIRED)
        yield f"  prises\u00a0: {taken}, dont réparées\u00a0: {self.count(Result.REPAIRED)}"
        yield f"  mises à jour\u00a0: {self.count(Result.UPDATED)}"
        asked = self.count(Result.ASKED)
        told = f", dont à décider\u00a0: {asked}" if asked else ""
        yield f"  déjà là\u00a0: {self.count(Result.HERE) + asked}{told}"
        yield f"  refusées\u00a0: {self.count(Result.REFUSED)}"
        for title, counted in (
            ("Refus", self.reasons()),
            ("Réparations", self.repairs()),
            ("Remarques", self.notices()),
        ):
            if counted:
                yield f"{title}\u00a0:"
                yield from (f"  {number} × {label}" for label, number in counted)

    @staticmethod
    def check_writable(path: Path) -> None:
        """Raises ImportFileError where `write_csv` could not; leaves an empty file."""
        try:
            path.touch()
        except OSError as error:
            raise ImportFileError(f"Le rapport {path.name} ne peut pas être écrit.") from error

    def write_csv(self, path: Path) -> None:
        """One row per line, for a spreadsheet. Raises ImportFileError if it cannot be written."""
        try:
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                writer = csv.writer(file, delimiter=";")
                writer.writerow(TITLES)
                for outcome in self.outcomes:
                    writer.writerow(map(inert, _cells(outcome)))
        except OSError as error:
            raise ImportFileError(f"Le rapport {path.name} ne peut pas être écrit.") from error


def _cells(outcome: Outcome) -> list[str]:
    return [
        str(outcome.line),
        outcome.source_id,
        outcome.name,
        outcome.result.value,
        " | ".join(map(str, outcome.remarks)),
        str(outcome.reason or ""),
    ]
