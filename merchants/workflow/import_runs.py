"""Imports of town halls: what was asked for, what each line would do, and what became of it.

`merchants.opendata.import_runs` reads the files and plans; here is what is written of it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import Commune, ImportedValues, ImportLine, ShopImport, SourceMatching, User
from merchants.models.history import Capacity
from merchants.models.shop_import import ImportStatus, ImportTask

from .bulk import chunks, insert_rows
from .errors import WorkflowError
from .history import not_permitted, role_in
from .orphans import delete_orphans
from .values import Changes, Plain

CHUNK = 1000
# In the private storage: a year, a folder for each file.
FOLDER = "imports"
# A file holds names and telephone numbers: how long it is kept, and with all of its lines, where
# nobody has applied it (docs/decisions/0007-imports.md).
FILES_KEPT = timedelta(days=90)
UNAPPLIED_KEPT = timedelta(days=30)
UNAPPLIED = (ImportStatus.UPLOADED, ImportStatus.READY)


def check_may_import(commune: Commune | None, by: User | None) -> None:
    """WorkflowError unless that person may import for a commune (None: for all). One query."""
    if by is None or by.is_superuser:
        return
    if commune is None or role_in(commune.pk, by) != Capacity.TOWN_HALL:
        raise WorkflowError(not_permitted())


def keep_upload(
    *,
    commune: Commune | None,
    file: str,
    name: str,
    format: str,
    source: str,
    by: User | None,
    now: datetime,
) -> ShopImport:
    """A stored file becomes an import to prepare. Effects: its row."""
    check_may_import(commune, by)
    return ShopImport.objects.create(
        commune=commune,
        by=by,
        at=now,
        file=file,
        name=name[:200],
        format=format,
        source=source,
    )


def save_options(
    run: ShopImport,
    *,
    matching: Mapping[str, str],
    source: str,
    publish: bool,
    keep_unknown: bool,
    by: User | None,
    now: datetime,
) -> ShopImport:
    """How a file is to be read.

    Effects: the options of the run, which is to be read again: what an earlier reading said is
    gone; the matching is kept for the next file of that source.
    """
    with transaction.atomic():
        held = held_run(run, by)
        if held.status not in UNAPPLIED:
            raise WorkflowError(_("Cet import est déjà appliqué."))
        held.matching, held.source = dict(matching), source
        held.publish, held.keep_unknown = publish, keep_unknown
        held.status, held.counts, held.remarks, held.error = ImportStatus.UPLOADED, {}, [], ""
        held.task = ImportTask.NONE
        held.save()
        ImportLine.objects.filter(shop_import=held).delete()
        if matching:
            SourceMatching.objects.update_or_create(
                commune=held.commune, source=source, defaults={"matching": dict(matching)}
            )
    return adopt_run(run, held)


_FROM = {
    ImportTask.READ: {ImportStatus.UPLOADED, ImportStatus.READY},
    ImportTask.APPLY: {ImportStatus.READY},
    ImportTask.UNDO: {ImportStatus.APPLIED},
}


def begin(run: ShopImport, *, task: ImportTask, by: User | None) -> ShopImport:
    """Somebody sets to work. Effects: the run says at what. Raises WorkflowError."""
    with transaction.atomic():
        held = held_run(run, by)
        check_state(held, task)
        held.task, held.error = task, ""
        held.save(update_fields=["task", "error"])
    return adopt_run(run, held)


def check_state(run: ShopImport, task: ImportTask) -> None:
    """WorkflowError where a run is in no state for that."""
    if run.status in _FROM[task]:
        return
    raise WorkflowError(
        {
            ImportStatus.UPLOADED: _("Lisez d’abord le fichier\u00a0: rien n’est prêt."),
            ImportStatus.READY: _("Cet import n’est pas encore appliqué."),
            ImportStatus.APPLIED: _("Cet import est déjà appliqué."),
            ImportStatus.UNDONE: _("Cet import est annulé\u00a0: déposez le fichier à nouveau."),
        }[run.status]
    )


def fail(run: ShopImport, sentence: str) -> None:
    """The work ended without result. Effects: the run says why, and is worked on no more."""
    ShopImport.objects.filter(pk=run.pk).update(task=ImportTask.NONE, error=sentence)


def decide(
    run: ShopImport, *, lines: Iterable[int] | None, take: bool, by: User | None, now: datetime
) -> int:
    """What an agent says of values that somebody else wrote: take the file's, or leave them.

    `lines` are keys of ImportLine, None for all that are asked. Effects: their answer; how many
    lines that concerns.
    """
    with transaction.atomic():
        held = held_run(run, by)
        check_state(held, ImportTask.APPLY)
        asked = ImportLine.objects.filter(shop_import=held).exclude(asked={})
        if lines is not None:
            asked = asked.filter(pk__in=list(lines))
        return asked.update(take=take)


def abandon(run: ShopImport, *, by: User | None, now: datetime) -> None:
    """Somebody will not apply it; None for the site, after UNAPPLIED_KEPT.

    Effects: the run and its lines are gone, and its file once that is committed. What was said of
    the columns stays for the next file of that source. Raises WorkflowError where it was applied.
    The caller holds the lock of who works on it (`opendata.import_cleaning`).
    """
    with transaction.atomic():
        held = held_run(run, by)
        if held.status not in UNAPPLIED:
            raise WorkflowError(_("Cet import est déjà appliqué\u00a0: il peut être annulé."))
        ImportLine.objects.filter(shop_import=held).delete()
        held.delete()
        if held.file:
            transaction.on_commit(partial(_delete_file, held), robust=True)


def forget_files(*, now: datetime) -> int:
    """Effects: the files of imports that are done and FILES_KEPT old are gone; what was read in
    them stays as the lines. Says how many. A file that cannot be deleted is tried again."""
    old = ShopImport.objects.filter(at__lt=now - FILES_KEPT).exclude(status__in=UNAPPLIED)
    count = 0
    for run in old.exclude(file="").order_by("pk").only("file"):
        _delete_file(run)
        count += ShopImport.objects.filter(pk=run.pk).update(file="")
    return count


def purge_uploads(*, now: datetime) -> int:
    """Deletes files that no import names (an upload that was killed). Says how many. One query."""
    field = ShopImport._meta.get_field("file")
    needed = set(ShopImport.objects.exclude(file="").values_list("file", flat=True))
    return delete_orphans(field.storage, FOLDER, needed, now=now)


def _delete_file(run: ShopImport) -> None:
    """With the folder that it has to itself (`opendata.import_runs.upload`)."""
    storage, path = run.file.storage, PurePosixPath(run.file.name)
    storage.delete(str(path))
    if len(path.parts) == 4 and storage.exists(str(path.parent)):
        storage.delete(str(path.parent))


class Line(NamedTuple):
    """A line of a file, as `ImportLine` keeps it. `is_news`, `named`: see `Outcome`."""

    number: int
    source_id: str
    name: str
    result: str
    reason: str
    remarks: list[str]
    shop: int | None
    changes: Changes
    asked: Changes
    version: int | None = None
    is_news: bool = False
    named: int | None = None


_COLUMNS = (
    "shop_import", "number", "source_id", "name", "result", "reason", "remarks", "shop", "changes",
    "asked", "take", "version", "said_before", "named",
)  # fmt: skip


def keep_reading(run: ShopImport, lines: Iterable[Line], *, remarks: Sequence[str]) -> ShopImport:
    """What each line would do is there to look at.

    Effects: the lines of an earlier reading are gone; those of this one, in pieces, so that
    others may write meanwhile; at last the counts, the remarks, and a run that is READY.
    """
    with transaction.atomic():
        held = held_run(run, None)
        check_state(held, ImportTask.READ)
        held.status, held.counts, held.remarks = ImportStatus.UPLOADED, {}, []
        held.save(update_fields=["status", "counts", "remarks"])
        ImportLine.objects.filter(shop_import=held).delete()
    counts: Counter[str] = Counter()
    for chunk in chunks(lines, CHUNK):
        counts.update(line.result for line in chunk)
        with transaction.atomic():
            insert_rows(ImportLine, _COLUMNS, (_row(run, line, {}) for line in chunk))
    with transaction.atomic():
        held = held_run(run, None)
        check_state(held, ImportTask.READ)
        held.status, held.task, held.error = ImportStatus.READY, ImportTask.NONE, ""
        held.counts, held.remarks = dict(counts), list(remarks)
        held.save()
    return adopt_run(run, held)


def keep_result(
    run: ShopImport,
    lines: Iterable[Line],
    *,
    remarks: Sequence[str],
    by: User | None,
    now: datetime,
) -> None:
    """What each line has done, inside the transaction that does it (`apply_import`'s `record`).

    Effects: the lines, each with its listing, and with what the source had said of it before;
    counts and remarks; the run is APPLIED. Raises WorkflowError where it is so already.
    """
    held = held_run(run, by)
    check_state(held, ImportTask.APPLY)
    earlier = ImportLine.objects.filter(shop_import=held)
    taken = set(earlier.filter(take=True).values_list("number", flat=True))
    earlier.delete()
    counts: Counter[str] = Counter()
    for chunk in chunks(lines, CHUNK):
        counts.update(line.result for line in chunk)
        news = [line.named or line.shop for line in chunk if line.is_news]
        before = ImportedValues.objects.filter(shop__in=news)
        said = {key: {} for key in news} | dict(before.values_list("shop", "values"))
        insert_rows(
            ImportLine, _COLUMNS, (_row(run, line, said, line.number in taken) for line in chunk)
        )
    held.status, held.task, held.error = ImportStatus.APPLIED, ImportTask.NONE, ""
    held.applied_at, held.applied_by = now, by
    held.counts, held.remarks = dict(counts), list(remarks)
    held.save()
    adopt_run(run, held)


def decided(run: ShopImport) -> dict[int, Changes]:
    """The values that an agent lets the file change, by the number of the line. One query."""
    lines = ImportLine.objects.filter(shop_import=run, take=True)
    return dict(lines.values_list("number", "asked"))


def _row(
    run: ShopImport, line: Line, said: Mapping[int | None, Plain], take: bool = False
) -> tuple[Any, ...]:
    return (
        run.pk,
        line.number,
        line.source_id[:120],
        line.name[:200],
        line.result,
        line.reason[:500],
        line.remarks,
        line.shop,
        line.changes,
        line.asked,
        take and not line.asked,
        line.version,
        said.get(line.named or line.shop) if line.is_news else None,
        line.named,
    )


def held_run(run: ShopImport, by: User | None) -> ShopImport:
    """The locked row of a run, for somebody who may import there. Two queries."""
    held = ShopImport.objects.select_for_update(of=("self",)).select_related("commune")
    try:
        held = held.get(pk=run.pk)
    except ShopImport.DoesNotExist as error:
        raise WorkflowError(_("Cet import n’existe plus.")) from error
    check_may_import(held.commune, by)
    return held


def adopt_run(run: ShopImport, held: ShopImport) -> ShopImport:
    run.__dict__.update(held.__dict__)
    return run
