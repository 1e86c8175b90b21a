"""From an opened file to what an import will write, and a line of report for each of its lines."""

from dataclasses import replace
from typing import NamedTuple

from merchants.models import ShopStatus
from merchants.text import normalise
from merchants.workflow.importing import Creation, Plan
from merchants.workflow.listing import Listing

from .completing import completed, left_out
from .facts import Remark
from .mapping import Mapped, Mapper
from .matching import Entry, KnownShops, current, same
from .readers import ShopFile
from .reports import Outcome, Report, Result

# A listing that somebody keeps, or that was refused, suspended or closed, is no longer
# the file's to change.
CHANGEABLE = {ShopStatus.DRAFT, ShopStatus.PENDING, ShopStatus.PUBLISHED}


def plan_import(
    file: ShopFile, mapper: Mapper, *, status: str, drafts: Plan | None = None
) -> tuple[Plan, Report]:
    """Reads the whole file and compares it with the database; writes nothing.

    New listings whose activity nobody tells (`Mapper.keep_unknown`) go to `drafts`.
    """
    lines = [_identified(mapper.map(row)) for row in file.rows]
    planner = _Planner(KnownShops((line.listing for line in lines if line.listing), file.source))
    report = Report(remarks=list(file.remarks))
    for line in lines:
        outcome = Outcome(
            line=line.line,
            source_id=line.source_id,
            name=line.name,
            remarks=tuple(line.remarks),
        )
        report.outcomes.append(outcome)
        planner.read(_Reading(line, outcome))
    plan = Plan(status=status, updates=planner.updates())
    for line, outcome in planner.taken.values():
        outcome.take()
        target = plan if drafts is None or not line.is_unknown else drafts
        target.creations.append(
            Creation(
                listing=line.listing,
                confirmed_at=line.confirmed_at,
                confirmed_as=line.confirmed_as,
            )
        )
    return plan, report


class _Reading(NamedTuple):
    line: Mapped
    outcome: Outcome


class _Planner:
    """Decides on the lines one after the other; a later one may complete an earlier one."""

    def __init__(self, known: KnownShops):
        self.known = known
        self.taken: dict[int, _Reading] = {}  # by line
        self._changing: dict[int, _Reading] = {}  # by the shop's key
        self._held: dict[int, int] = {}  # the shop's key -> the line that has its identifier
        self._besides: list[tuple[int, _Reading]] = []  # other lines on shops of the database

    def read(self, reading: _Reading) -> None:
        line, outcome = reading
        if line.refusal:
            outcome.refuse(line.refusal)
            return
        listing = line.listing
        held = self.known.by_id(listing.source_id)
        first = held and (held.line or self._held.get(held.pk))
        if first:
            self._duplicate(reading, held, f"comme la ligne {first}")
            return
        if held and held.commune != listing.commune.pk:
            outcome.refuse(Remark("Cet identifiant est celui d’une fiche d’une autre commune"))
            return
        twin = self.known.by_siret(listing.siret)
        if twin and not (held and twin.pk == held.pk):
            self._same_siret(reading, twin, is_held=held is not None)
            return
        if held:
            self._hold(reading, held)
            return
        namesake = self.known.by_name(listing)
        if namesake and namesake.pk is None:
            self._duplicate(reading, namesake, f"même nom et même lieu, ligne {namesake.line}")
        elif namesake:
            self._here(reading, namesake, "Même nom au même endroit qu’une fiche existante")
        else:
            self._take(reading)

    def _take(self, reading: _Reading) -> None:
        line, outcome = reading
        if alike := self.known.lookalike(line.listing):
            what = f"la fiche «\u00a0{alike.label}\u00a0»" if alike.pk else f"la ligne {alike.line}"
            outcome.remarks += (Remark("À vérifier", f"ressemble à {what}", notice=True),)
        self.known.take(line.line, line.listing)
        self.taken[line.line] = reading

    def _hold(self, reading: _Reading, held: Entry) -> None:
        reading.outcome.result = Result.HERE
        self._held[held.pk] = reading.line.line
        if held.status in CHANGEABLE and not held.somebodys:
            self._changing[held.pk] = reading
            self.known.claim(reading.line.listing.siret, held)

    def _same_siret(self, reading: _Reading, twin: Entry, *, is_held: bool) -> None:
        if twin.pk is None:
            self._duplicate(reading, twin, f"même SIRET, ligne {twin.line}")
        elif not is_held and twin.commune == reading.line.listing.commune.pk:
            self._here(reading, twin, "Une fiche de la commune porte ce SIRET")
        else:
            reading.outcome.refuse(Remark("Une fiche porte déjà ce SIRET", twin.siret))

    def _duplicate(self, reading: _Reading, entry: Entry, words: str) -> None:
        first = self.taken[entry.line] if entry.line else self._changing.get(entry.pk)
        added, left = _complete(first, reading, entry)
        reading.outcome.refuse(
            Remark("En double dans le fichier", "\u202f; ".join([words, *added, *left]))
        )

    def _here(self, reading: _Reading, entry: Entry, words: str) -> None:
        reading.outcome.result = Result.HERE
        reading.outcome.reason = Remark(words)
        if first := self._changing.get(entry.pk):
            added, left = _complete(first, reading, entry)
            reading.outcome.reason = Remark(words, "\u202f; ".join([*added, *left]))
        else:
            self._besides.append((entry.pk, reading))

    def updates(self) -> list[tuple[int, Listing]]:
        """The new listings of shops that change, once all lines are read."""
        besides: dict[int, list[_Reading]] = {}
        for pk, reading in self._besides:
            besides.setdefault(pk, []).append(reading)
        updates = []
        for pk, listing in current(self._changing.keys() | besides.keys()):
            for line, outcome in besides.get(pk, ()):
                if left := left_out(listing, line.listing):
                    outcome.reason = replace(outcome.reason, detail=_left(left))
            if pk not in self._changing:
                continue
            line, outcome = self._changing[pk]
            new = line.listing
            if line.is_unknown:
                new = replace(
                    new, main_category=listing.main_category, categories=listing.categories
                )
            if not same(listing, new):
                updates.append((pk, new))
                outcome.result = Result.UPDATED
        return updates


def _complete(
    first: _Reading | None, second: _Reading, entry: Entry
) -> tuple[list[str], list[str]]:
    """Gives the first line what only the second knows, if name and place are the same; says
    what was added and what was not taken."""
    if first is None:
        return [], []
    other = second.line.listing
    added = []
    if entry.is_same(other):
        first.line.listing, names = completed(first.line.listing, other)
        if names:
            words = ", ".join(names)
            added = [f"qu’elle complète\u00a0: {words}"]
            told = Remark("Complété par une autre ligne", f"ligne {second.line.line} ({words})")
            first.outcome.remarks += (told,)
    left = left_out(first.line.listing, other)
    return added, [_left(left)] if left else []


def _left(values: list[str]) -> str:
    return f"non repris\u00a0: {', '.join(values)}"


def _identified(line: Mapped) -> Mapped:
    """Without an identifier in the file, name and address are one."""
    if line.listing and not line.listing.source_id:
        listing = line.listing
        words = f"{listing.name} {listing.house_number} {listing.street} {listing.postcode}"
        line.listing = replace(listing, source_id=normalise(words).replace(" ", "-")[:120])
    return line
