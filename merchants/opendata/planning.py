"""From an opened file to what an import will write, and a line of report for each of its lines."""

from dataclasses import replace

from merchants.models import ShopStatus
from merchants.text import normalise
from merchants.workflow.importing import Creation, Plan

from .facts import Remark
from .mapping import Mapped, Mapper
from .matching import Entry, KnownShops, current, same
from .readers import ShopFile
from .reports import Outcome, Report, Result

# A listing that somebody confirmed, or that was refused, suspended or closed, is no longer
# the file's to change.
CHANGEABLE = {ShopStatus.DRAFT, ShopStatus.PENDING, ShopStatus.PUBLISHED}


def plan_import(file: ShopFile, mapper: Mapper, *, status: str) -> tuple[Plan, Report]:
    """Reads the whole file and compares it with the database; writes nothing."""
    lines = [_identified(mapper.map(row)) for row in file.rows]
    known = KnownShops((line.listing for line in lines if line.listing), file.source)
    plan = Plan(status=status)
    report = Report(remarks=list(file.remarks))
    candidates: dict[int, tuple[int, Mapped]] = {}
    for line in lines:
        outcome = Outcome(
            line=line.line,
            source_id=line.source_id,
            name=line.name,
            remarks=tuple(line.remarks),
        )
        report.outcomes.append(outcome)
        if line.refusal:
            outcome.refuse(line.refusal)
            continue
        held = known.by_id(line.listing.source_id)
        if held and held.pk is None:
            outcome.refuse(Remark("En double dans le fichier", f"comme la ligne {held.line}"))
            continue
        if held and held.commune != line.listing.commune.pk:
            outcome.refuse(Remark("Cet identifiant est celui d’une fiche d’une autre commune"))
            continue
        twin = known.by_siret(line.listing.siret)
        if twin and not (held and twin.pk == held.pk):
            outcome.refuse(_same_siret(twin))
            continue
        if held:
            outcome.result = Result.HERE
            if held.status in CHANGEABLE and not held.confirmed:
                candidates[held.pk] = (len(report.outcomes) - 1, line)
                known.claim(line.listing.siret, held)
            continue
        namesake = known.by_name(line.listing)
        if namesake and namesake.pk is None:
            outcome.refuse(
                Remark("En double dans le fichier", f"même nom et même lieu, ligne {namesake.line}")
            )
            continue
        if namesake:
            outcome.result = Result.HERE
            outcome.reason = Remark("Même nom au même endroit qu’une fiche existante")
            continue
        known.take(line.line, line.listing)
        outcome.result = Result.REPAIRED if line.remarks else Result.TAKEN
        plan.creations.append(
            Creation(
                listing=line.listing,
                confirmed_at=line.confirmed_at,
                confirmed_as=line.confirmed_as,
            )
        )
    for pk, listing in current(candidates):
        place, line = candidates[pk]
        if not same(listing, line.listing):
            plan.updates.append((pk, line.listing))
            report.outcomes[place].result = Result.UPDATED
    return plan, report


def _identified(line: Mapped) -> Mapped:
    """Without an identifier in the file, name and address are one."""
    if line.listing and not line.listing.source_id:
        listing = line.listing
        words = f"{listing.name} {listing.house_number} {listing.street} {listing.postcode}"
        line.listing = replace(listing, source_id=normalise(words).replace(" ", "-")[:120])
    return line


def _same_siret(twin: Entry) -> Remark:
    if twin.pk is None:
        return Remark("En double dans le fichier", f"même SIRET, ligne {twin.line}")
    return Remark("Une fiche porte déjà ce SIRET", twin.siret)
