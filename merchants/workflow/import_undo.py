"""Taking a whole import back: what it created goes, what it changed is as before."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from merchants.models import (
    Claim,
    HistoryEntry,
    ImportedValues,
    ImportLine,
    Shop,
    ShopImport,
    ShopMember,
    ShopStatus,
    User,
)
from merchants.models.history import Action
from merchants.models.shop_import import ImportStatus, ImportTask, LineResult

from .bulk import insert_rows
from .communes import touch
from .errors import WorkflowError
from .import_merge import BY_IMPORT, grouped, told
from .import_runs import adopt_run, check_state, held_run
from .importing import Plan, Update, apply_import
from .reading import Listings
from .values import Changes, Plain, with_specials, with_values

CHUNK = 500


def undo_run(
    run: ShopImport,
    *,
    by: User | None,
    now: datetime,
    told: Callable[[int, int], object] = lambda done, total: None,
) -> ShopImport:
    """Takes an applied import back, in one transaction.

    Effects: the shops that it created are deleted, unless somebody keeps or claims one or has
    written in it since; values that it changed are what they were, unless somebody has changed
    them since, with a history entry; what the source had said before is what its next file is
    compared with; each line says what became of it, and the run is UNDONE; the public pages of
    the communes concerned are renewed. Raises WorkflowError for a run that is not applied, and
    for one after which the same source was applied again.
    """
    with transaction.atomic():
        held = held_run(run, by)
        check_state(held, ImportTask.UNDO)
        _refuse_if_overtaken(held)
        undoing = _Undoing(by, now)
        lines = ImportLine.objects.filter(shop_import=held).order_by("pk")
        total, done, last = lines.count(), 0, 0
        while chunk := list(lines.filter(pk__gt=last)[:CHUNK]):
            undoing.take_back(chunk)
            done, last = done + len(chunk), chunk[-1].pk
            told(done, total)
        touch(undoing.concerned)
        held.status, held.task, held.error = ImportStatus.UNDONE, ImportTask.NONE, ""
        held.undone_at, held.undone_by = now, by
        held.remarks = [*held.remarks, *undoing.summary()]
        held.save()
    return adopt_run(run, held)


def _refuse_if_overtaken(held: ShopImport) -> None:
    later = Q(applied_at__gt=held.applied_at) | Q(applied_at=held.applied_at, pk__gt=held.pk)
    newer = ShopImport.objects.filter(later, source=held.source, status=ImportStatus.APPLIED)
    if name := newer.values_list("name", flat=True).first():
        raise WorkflowError(
            _("Annulez d’abord l’import plus récent de la même source\u00a0: «\u00a0%s\u00a0».")
            % name
        )


class _Undoing:
    def __init__(self, by: User | None, now: datetime):
        self.by, self.now = by, now
        self.concerned: set[int] = set()
        self.deleted = self.kept = self.restored = 0
        self._listings = Listings()
        self._categories = {each.slug: each for each in self._listings.categories.values()}

    def summary(self) -> list[str]:
        return [
            _("Import annulé\u00a0: fiches supprimées, %(number)s.") % {"number": self.deleted},
            _("Import annulé\u00a0: fiches gardées, %(number)s.") % {"number": self.kept},
            _("Import annulé\u00a0: fiches remises comme avant, %(number)s.")
            % {"number": self.restored},
        ]

    def take_back(self, lines: list[ImportLine]) -> None:
        """Some lines of the run, which then say what became of them."""
        self._delete([line for line in lines if line.result == LineResult.NEW])
        changed = [line for line in lines if line.result == LineResult.CHANGED and line.shop_id]
        self._restore(changed)
        self._forget([line for line in lines if line.shop_id and line.said_before is not None])
        told = [line for line in lines if line.result in (LineResult.NEW, LineResult.CHANGED)]
        ImportLine.objects.bulk_update(told, ["remarks"])

    def _delete(self, lines: list[ImportLine]) -> None:
        """The shops that these lines created, where nobody else has anything to do with them."""
        keys = [line.shop_id for line in lines]
        shops = (
            Shop.objects.select_for_update(of=("self",))
            .only("version", "status", "commune")
            .in_bulk(keys)
        )
        somebodys = _written_since(lines) | {
            *ShopMember.objects.filter(shop__in=keys).values_list("shop", flat=True),
            *Claim.objects.filter(shop__in=keys).values_list("shop", flat=True),
            *Shop.objects.filter(merged_into__in=keys).values_list("merged_into", flat=True),
        }
        gone = []
        for line in lines:
            shop = shops.get(line.shop_id)
            if shop is None:
                line.remarks.append(_("Annulation\u00a0: la fiche n’existait plus."))
            elif shop.pk in somebodys:
                self.kept += 1
                line.remarks.append(
                    _("Annulation\u00a0: fiche gardée, quelqu’un s’en est occupé depuis.")
                )
            else:
                gone.append(shop.pk)
                line.shop = None
                line.remarks.append(_("Annulation\u00a0: fiche supprimée."))
                if shop.status == ShopStatus.PUBLISHED:
                    self.concerned.add(shop.commune_id)
        self.deleted += len(gone)
        if gone:
            Shop.objects.filter(pk__in=gone).delete()

    def _restore(self, lines: list[ImportLine]) -> None:
        """The values that these lines changed, where they are still the file's."""
        if not lines:
            return
        keys = [line.shop_id for line in lines]
        # Locked first, and read as they are then.
        list(Shop.objects.select_for_update(of=("self",)).filter(pk__in=keys).values_list("pk"))
        shops = self._listings.read(keys)
        taken = _taken_sirets(lines)
        plan = Plan()
        for line in lines:
            listing, version = shops[line.shop_id]
            current = told(listing)
            back = self._still_theirs(current, line.changes)
            if back.get("siret") in taken:
                del back["siret"]
            if len(back) < len(line.changes):
                line.remarks.append(_("Annulation\u00a0: ce qui a changé depuis est gardé."))
            if back:
                self.restored += 1
                line.remarks.append(_("Annulation\u00a0: valeurs d’avant remises."))
                changes = {name: [current[name], value] for name, value in back.items()}
                old = with_values(listing, back, categories=self._categories)
                if "specials" in back:
                    old = with_specials(old, back["specials"])
                plan.updates.append(Update(line.shop_id, old, line.number, changes, version))
        apply_import(plan, by=self.by, now=self.now, action=Action.IMPORT_UNDONE)

    def _still_theirs(self, current: Plain, changes: Changes) -> Plain:
        """The old values of those that are still the file's, what goes together as a whole."""
        back: Plain = {}
        for group in grouped(changes):
            old = {name: changes[name][0] for name in group}
            slugs = {old.get("main_category"), *old.get("categories", ())} - {None}
            if slugs <= self._categories.keys() and all(
                current.get(name) == changes[name][1] for name in group
            ):
                back |= old
        return back

    def _forget(self, lines: list[ImportLine]) -> None:
        """What the source had said before these lines is what its next file is compared with."""
        keys = [line.named_id or line.shop_id for line in lines]
        ImportedValues.objects.filter(shop__in=keys).delete()
        insert_rows(
            ImportedValues,
            ("shop", "values"),
            (
                (key, line.said_before)
                for key, line in zip(keys, lines, strict=True)
                if line.said_before
            ),
        )


def _written_since(lines: list[ImportLine]) -> set[int]:
    """The shops in which these lines were not the last to write, but for imports taken back."""
    created = {line.shop_id: line.version for line in lines}
    later: dict[int, Counter[str]] = {}
    entries = HistoryEntry.objects.filter(shop__in=created, version__gt=1)
    for pk, version, action in entries.values_list("shop", "version", "action"):
        if version > created[pk]:
            later.setdefault(pk, Counter())[action] += 1
    return {
        pk
        for pk, actions in later.items()
        if not actions.keys() <= BY_IMPORT or actions[Action.IMPORT] > actions[Action.IMPORT_UNDONE]
    }


def _taken_sirets(lines: Iterable[ImportLine]) -> set[str]:
    """Of the SIRETs that listings would get back, those that others have by now."""
    wanted = {line.changes["siret"][0] for line in lines if "siret" in line.changes} - {""}
    if not wanted:
        return set()
    live = Shop.objects.filter(siret__in=wanted, status__in=ShopStatus.live())
    return set(live.values_list("siret", flat=True))
