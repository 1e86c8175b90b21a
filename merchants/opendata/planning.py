"""From an opened file to what an import will write, and a line of report for each of its lines."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from merchants.models import HistoryEntry, ImportedValues, Shop, ShopMember, ShopStatus
from merchants.text import normalise
from merchants.workflow.bulk import chunks
from merchants.workflow.import_merge import Entry as Write
from merchants.workflow.import_merge import Hands, HandsOfBoth, compare, merged, said, told
from merchants.workflow.importing import Creation, Plan, Update
from merchants.workflow.reading import Held, Listings
from merchants.workflow.values import Changes, Plain
from merchants.workflow.wording import label

from .completing import completed, left_out
from .facts import Remark
from .mapping import Mapped, Mapper
from .matching import CHUNK, Entry, KnownShops
from .readers import ShopFile
from .reports import Outcome, Report, Result

# A listing that was refused, suspended, closed or merged is no longer the file's to change.
CHANGEABLE = {
    ShopStatus.DRAFT,
    ShopStatus.PENDING,
    ShopStatus.PUBLISHED,
    ShopStatus.TO_CORRECT,
}
# Of a line: the values that an agent lets the file change, as {field: [old, new]}.
Taken = Mapping[int, Changes]


def plan_import(
    file: ShopFile,
    mapper: Mapper,
    *,
    status: str,
    taken: Taken | None = None,
    told: Callable[[int], object] = lambda lines: None,
) -> tuple[Plan, Report]:
    """Reads the whole file and compares it with the database; writes nothing.

    New listings whose activity nobody tells (`Mapper.keep_unknown`) become drafts. `told` hears
    how many lines are read.
    """
    planner = _Planner(KnownShops(file.source), taken or {})
    report = Report(remarks=list(file.remarks))
    for lines in chunks(map(mapper.map, file.rows), CHUNK):
        lines = [_identified(line) for line in lines]
        planner.known.learn(line.listing for line in lines if line.listing)
        for line in lines:
            outcome = Outcome(
                line.line, line.source_id, line.name, tuple(line.remarks), listing=line.listing
            )
            report.outcomes.append(outcome)
            planner.read(_Reading(line, outcome))
        told(len(report.outcomes))
    plan = Plan(status=status)
    planner.compare(plan)
    for line, outcome in planner.taken.values():
        outcome.take()
        outcome.listing = line.listing
        plan.creations.append(
            Creation(
                listing=line.listing,
                confirmed_at=line.confirmed_at,
                confirmed_as=line.confirmed_as,
                is_draft=line.is_unknown,
                line=line.line,
            )
        )
    return plan, report


class _Reading(NamedTuple):
    line: Mapped
    outcome: Outcome


class _Planner:
    """Decides on the lines one after the other; a later one may complete an earlier one."""

    def __init__(self, known: KnownShops, decided: Taken):
        self.known = known
        self.taken: dict[int, _Reading] = {}  # by line
        self._decided = decided
        self._changing: dict[int, _Reading] = {}  # by the key of the shop that has its identifier
        self._into: dict[int, Entry] = {}  # of these, merged ones -> what each was merged into
        self._touched: set[int] = set()  # of these, in which somebody may have written
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
        ended = held if held and held.into else None
        if ended:
            held = self.known.kept(ended)
            if held is None or held.commune != listing.commune.pk:
                self._here(reading, ended, self._merged_with(ended))
                return
        if held and held.commune != listing.commune.pk:
            outcome.refuse(Remark("Cet identifiant est celui d’une fiche d’une autre commune"))
            return
        if not held and self.known.objects(listing.siret):
            outcome.refuse(Remark("Ce commerce ne veut pas figurer dans l’annuaire"))
            return
        twin = self.known.by_siret(listing.siret)
        if twin and not (held and twin.pk == held.pk):
            self._same_siret(reading, twin, is_held=held is not None)
            return
        if held:
            self._hold(reading, held, ended)
            return
        if gone := self.known.ended_by_siret(listing):
            self._here(reading, gone, self._merged_with(gone))
            return
        namesake = self.known.by_name(listing)
        if namesake and namesake.pk is None:
            self._duplicate(reading, namesake, f"même nom et même lieu, ligne {namesake.line}")
        elif namesake and namesake.into:
            self._here(reading, namesake, self._merged_with(namesake))
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

    def _hold(self, reading: _Reading, held: Entry, ended: Entry | None) -> None:
        """A line with the identifier of a shop, or of one that was merged into it (`ended`)."""
        named = ended or held
        reading.outcome.result = Result.HERE
        reading.outcome.shop = held.pk
        self._held[named.pk] = reading.line.line
        if ended:
            reading.outcome.named = ended.pk
            reading.outcome.reason = Remark(self._merged_with(ended))
        if held.status in CHANGEABLE:
            self._changing[named.pk] = reading
            if ended:
                self._into[ended.pk] = held
            if ended or held.somebodys:
                self._touched.add(named.pk)
            self.known.claim(reading.line.listing.siret, held)

    def _merged_with(self, ended: Entry) -> str:
        if kept := self.known.kept(ended):
            return f"Fiche réunie avec «\u00a0{kept.label}\u00a0»"
        return "Fiche réunie avec une autre"

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
        reading.outcome.shop = entry.shop
        reading.outcome.reason = Remark(words)
        first = self._changing.get(entry.shop)
        # Whoever merged two listings chose what to keep of each.
        if first and not entry.into:
            added, left = _complete(first, reading, entry)
            reading.outcome.reason = Remark(words, "\u202f; ".join([*added, *left]))
        else:
            self._besides.append((entry.shop, reading))

    def _settle(self) -> None:
        """Of several lines about one shop its own is heard, or else the first; of the others it
        is said which, and what they say."""
        heard: dict[int, _Reading] = {}
        for key, kept in self._into.items():
            reading = self._changing[key]
            first = self._changing.get(kept.pk) or heard.setdefault(kept.pk, reading)
            if first is not reading:
                del self._changing[key]
                words = f"{reading.outcome.reason.label}, que décrit la ligne {first.line.line}"
                reading.outcome.reason = Remark(words)
                self._besides.append((kept.pk, reading))

    def compare(self, plan: Plan) -> None:
        """What changes in shops of the database, once all lines are read."""
        del self.known  # Some tens of megabytes, and nobody asks any more.
        self._settle()
        besides: dict[int, list[_Reading]] = {}
        for pk, reading in self._besides:
            besides.setdefault(pk, []).append(reading)
        listings = Listings()
        for chunk in chunks(sorted(self._changing.keys() | besides.keys()), CHUNK):
            before = _said_before([pk for pk in chunk if pk in self._changing])
            news = [pk for pk in chunk if pk in self._changing and self._is_news(pk, before)]
            touched = [pk for pk in news if pk in self._touched]
            hands = _hands([*touched, *self._kept(touched)])
            # What the source says as it did before needs no look at the listing itself.
            held = listings.read({*news, *self._kept(news), *(besides.keys() & set(chunk))})
            for pk in besides.keys() & held.keys():
                for line, outcome in besides[pk]:
                    if left := left_out(held[pk].listing, line.listing):
                        outcome.reason = replace(outcome.reason, detail=_left(left))
            for pk in news:
                if {pk, *self._kept([pk])} <= held.keys():  # Nobody has deleted it meanwhile.
                    self._compare(plan, pk, held, before.get(pk), hands)

    def _kept(self, keys: list[int]) -> set[int]:
        """What those of these shops that were merged were merged into."""
        return {self._into[key].pk for key in keys if key in self._into}

    def _is_news(self, pk: int, before: dict[int, Plain]) -> bool:
        return said(self._changing[pk].line.listing) != before.get(pk)

    def _compare(
        self,
        plan: Plan,
        named: int,
        held: Mapping[int, Held],
        base: Plain | None,
        hands: Mapping[int, Hands],
    ) -> None:
        line, outcome = self._changing[named]
        pk = outcome.shop
        listing, version = held[pk]
        new = line.listing
        outcome.is_news = True
        plan.heard[named] = new
        current, own = told(listing), hands.get(named, Hands())
        if base is None:
            base = own.base(current if pk == named else told(held[named].listing))
        whose = own if pk == named else HandsOfBoth(hands[pk], own, current, base)
        if line.is_unknown:
            new = replace(new, main_category=listing.main_category, categories=listing.categories)
        changed, asked = compare(current, told(new), base, whose)
        decided = self._decided.get(line.line, {})
        # What was decided on other values than those of today is not decided.
        agreed = {name: pair for name, pair in asked.items() if decided.get(name) == pair}
        changed |= agreed
        asked = {name: pair for name, pair in asked.items() if name not in agreed}
        outcome.changes, outcome.asked = changed, asked
        if asked:
            outcome.result = Result.ASKED
            names = ", ".join(label(name).lower() for name in asked)
            outcome.remarks += (Remark("Quelqu’un y a écrit, à décider", names, notice=True),)
        if changed:
            outcome.result = Result.UPDATED
            whole = merged(listing, new, changed)
            plan.updates.append(Update(pk, whole, line.line, changed, version))


def _said_before(keys: list[int]) -> dict[int, Plain]:
    """What the source of these shops said of them when its last file was read."""
    return dict(ImportedValues.objects.filter(shop__in=keys).values_list("shop", "values"))


def _hands(keys: list[int]) -> dict[int, Hands]:
    """Who wrote what in these shops. Three queries, or none."""
    if not keys:
        return {}
    kept = set(ShopMember.objects.filter(shop__in=keys).values_list("shop", flat=True))
    confirmed = Shop.objects.filter(pk__in=keys).values_list("pk", "confirmed_at")
    history: dict[int, list[Write]] = {pk: [] for pk in keys}
    entries = HistoryEntry.objects.filter(shop__in=keys).order_by("version")
    for pk, action, at, changes in entries.values_list("shop", "action", "at", "changes"):
        history[pk].append(Write(action, at, changes))
    return {
        pk: Hands.of(history[pk], is_kept=pk in kept, confirmed_at=confirmed_at)
        for pk, confirmed_at in confirmed
    }


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
