"""A town hall's import, step by step: a file is kept, looked at, applied in one go, undone at will.

    run = upload(commune=…, name="commerces.xlsx", content=file, by=agent, now=now)
    columns(run)                            # of a CSV or a spreadsheet: which is which
    set_options(run, matching=…, …)
    start(run, ImportTask.READ, …)          # the preview: `run.lines`
    decide(run, lines=…, take=True, …)      # values that somebody else wrote
    start(run, ImportTask.APPLY, …)
    start(run, ImportTask.UNDO, …)

`manage.py import_shops` plans and applies with the same functions (`merchants.opendata.planning`,
`merchants.workflow.importing`).
"""

import csv
import io
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from merchants.models import (
    Commune,
    ImportLine,
    Shop,
    ShopImport,
    ShopStatus,
    SourceMatching,
    User,
)
from merchants.models.claim import private_storage
from merchants.models.shop_import import ImportStatus, ImportTask, LineResult
from merchants.text import normalise
from merchants.workflow import WorkflowError
from merchants.workflow.import_merge import said
from merchants.workflow.import_runs import (
    FOLDER,
    Line,
    check_may_import,
    check_state,
    decide,
    decided,
    keep_reading,
    keep_result,
    keep_upload,
    save_options,
)
from merchants.workflow.import_undo import undo_run
from merchants.workflow.importing import MovedOn, Plan, Written, apply_import
from merchants.workflow.wording import Words

from .background import Progress
from .category_index import CategoryIndex
from .files import ImportFileError, inert
from .import_tasks import Teller, progress, start_work
from .mapping import Mapper
from .places import Everywhere, Forced
from .planning import Taken, plan_import
from .readers import COLUMNS, ShopFile, meaning_of, open_shops, source_name
from .reports import TITLES, Report, Result
from .sources import CSV_PREFIX

__all__ = [
    "MOST_BYTES", "Column", "ImportFileError", "Progress", "apply", "columns", "decide",
    "progress", "read", "result_csv", "set_options", "start", "undo", "upload",
]  # fmt: skip

MOST_BYTES = 50_000_000
SAMPLES = 3
CHUNK = 1000
ATTEMPTS = 3
# Rows in which samples are looked for.
LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a plain file: its title, up to three values, and what it means.

    `suggested` and `chosen` are keys of `readers.COLUMNS`, or "" for "left aside". The
    suggestion is what was said of the last file of that source, else what the title tells.
    """

    title: str
    samples: tuple[str, ...]
    suggested: str
    chosen: str


def upload(
    *, commune: Commune | None, name: str, content: BinaryIO, by: User | None, now: datetime
) -> ShopImport:
    """Keeps a file in the private storage, and recognises what it is.

    `commune` None: each line says its own, for administrators. `content` is read from where it
    stands, in pieces. Raises WorkflowError (too big, not permitted) or ImportFileError
    (unreadable, no shops), both with a sentence; then nothing is kept.
    """
    check_may_import(commune, by)
    storage = private_storage()
    # A name of its own in a folder of its own: sentences on the file call it by its name.
    name = Path(name.replace("\\", "/")).name or "fichier.csv"
    stored = storage.save(
        f"{FOLDER}/{now:%Y}/{uuid.uuid4().hex}/{storage.get_valid_name(name)[-100:]}",
        _Bounded(content),
    )
    try:
        path = Path(storage.path(stored))
        file = open_shops(path, source=town_source(Path(name).stem, commune), needs_name=False)
        return keep_upload(
            commune=commune,
            file=stored,
            name=name,
            format=file.format,
            source=file.source,
            by=by,
            now=now,
        )
    except BaseException:
        storage.delete(stored)
        raise


class _Bounded(File):
    """Of an upload no more than MOST_BYTES reach the disk. Raises WorkflowError."""

    def chunks(self, chunk_size=None):
        size = 0
        while piece := self.file.read(1 << 16):
            size += len(piece)
            if size > MOST_BYTES:
                raise WorkflowError(_("Ce fichier est trop lourd\u00a0: 50\u00a0Mo au plus."))
            yield piece


def town_source(words: str, commune: Commune | None) -> str:
    """What a commune's own file is called: two towns may well have a "commerces.csv"."""
    words = normalise(words.removeprefix(CSV_PREFIX))
    if commune is None:
        return words
    code = commune.insee_code.lower()
    room = 40 - len(CSV_PREFIX) - len(code) - 1
    return f"{words[:room].strip()} {code}"


def columns(run: ShopImport) -> list[Column]:
    """The columns of a plain file, in its order; none of a format that is known.

    Raises ImportFileError. One query.
    """
    file = _opened(run, needs_name=False)
    if not file.titles:
        return []
    saved = SourceMatching.objects.filter(commune=run.commune_id, source=run.source)
    suggested = {title: meaning_of(title) for title in file.titles}
    suggested |= next(iter(saved.values_list("matching", flat=True)), {})
    samples: dict[str, dict[str, None]] = {title: {} for title in file.titles}
    for _line, row in islice(file.raw, LOOKED_AT):
        for title, found in samples.items():
            if len(found) < SAMPLES and row.get(title):
                found[row[title]] = None
    return [
        Column(
            title,
            tuple(found),
            suggested[title],
            run.matching.get(title, suggested[title]),
        )
        for title, found in samples.items()
    ]


def set_options(
    run: ShopImport,
    *,
    matching: Mapping[str, str] | None,
    source: str,
    publish: bool,
    keep_unknown: bool,
    by: User | None,
    now: datetime,
) -> ShopImport:
    """How the file is to be read; it is then to be read (again).

    `matching` is {title: key of `readers.COLUMNS`, or ""}, {} for formats that are known,
    None as long as nobody has said it;
    `source` is what the file is called from one import to the next ("" leaves it as it is).
    Raises WorkflowError: no column is the name, or a column that is not in the file.
    """
    file = _opened(run, needs_name=False)
    if file.titles and matching is not None:
        if unknown := set(matching) - set(file.titles):
            words = ", ".join(sorted(unknown))
            raise WorkflowError(
                _("Colonne absente du fichier\u00a0: %(names)s.") % {"names": words}
            )
        if unknown := set(matching.values()) - {"", *COLUMNS}:
            names = ", ".join(sorted(unknown))
            raise WorkflowError(_("Colonne inconnue\u00a0: %s.") % names)
        matching = {title: matching.get(title, "") for title in file.titles}
        if "nom" not in matching.values():
            raise WorkflowError(_("Dites quelle colonne donne le nom du commerce."))
    if file.titles:
        if source and source != run.source:
            words = normalise(source.removeprefix(CSV_PREFIX))
            code = run.commune.insee_code.lower() if run.commune else ""
            if code not in words.split():
                words = town_source(words, run.commune)
            source = source_name(words)
    else:
        matching, source = {}, run.source
    return save_options(
        run,
        matching=matching or {},
        source=source or run.source,
        publish=publish,
        keep_unknown=keep_unknown,
        by=by,
        now=now,
    )


def start(run: ShopImport, task: ImportTask, *, by: User | None, now: datetime) -> None:
    """Reads, applies or undoes in the background, once the transaction is over.

    `progress(run)` tells how it goes; then `run` has a new status, or `run.error` says why not.
    Raises WorkflowError where the run is being worked on, or is in no state for it. With
    WORK_IN_BACKGROUND = False, all is over when this returns.
    """
    works = {
        ImportTask.READ: lambda held, by, now: read(held, now=now),
        ImportTask.APPLY: lambda held, by, now: apply(held, by=by, now=now),
        ImportTask.UNDO: lambda held, by, now: undo(held, by=by, now=now),
    }
    start_work(run, task, works[task], by=by, now=now)


def read(run: ShopImport, *, now: datetime) -> ShopImport:
    """Compares the whole file with the directory. Raises ImportFileError, WorkflowError.

    Effects: a line of `run.lines` for each line of the file, `run.counts` ({LineResult: number}),
    `run.remarks` (French sentences on the file as a whole); the run is READY.
    """
    check_state(run, ImportTask.READ)
    with translation.override(settings.LANGUAGE_CODE):
        _plan, report = _planned(run, Teller(run), now)
        return keep_reading(run, _lines(report, {}), remarks=report.remarks)


def apply(run: ShopImport, *, by: User | None, now: datetime) -> ShopImport:
    """Plans once more, and writes everything in one transaction. Raises as `read` does.

    Effects: those of `importing.apply_import`; lines, counts and remarks say what was really
    done, with each line's listing; the run is APPLIED. Nothing for a run that is applied already.
    Where people write the same listings meanwhile, all is compared again, ATTEMPTS times at most.
    """
    run.refresh_from_db()
    if run.status == ImportStatus.APPLIED:
        return run
    check_may_import(run.commune, by)
    check_state(run, ImportTask.APPLY)
    with translation.override(settings.LANGUAGE_CODE):
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return _apply(run, by, now)
            except MovedOn:
                if attempt == ATTEMPTS:
                    raise
    return run


def _apply(run: ShopImport, by: User | None, now: datetime) -> ShopImport:
    teller = Teller(run)
    plan, report = _planned(run, teller, now, decided(run))
    count = len(report.outcomes)
    changing = len(plan.creations) + len(plan.updates)
    apply_import(
        plan,
        by=by,
        now=now,
        told=lambda number: teller(count + number, count + changing),
        record=lambda written: keep_result(
            run, _lines(report, written), remarks=report.remarks, by=by, now=now
        ),
    )
    return run


def undo(run: ShopImport, *, by: User | None, now: datetime) -> ShopImport:
    """Takes a whole import back, in one transaction. See `workflow.import_undo.undo_run`."""
    with translation.override(settings.LANGUAGE_CODE):
        return undo_run(run, by=by, now=now, told=Teller(run))


def mapper_of(
    file: ShopFile, commune: Commune | None, *, keep_unknown: bool, now: datetime
) -> Mapper:
    """What understands the lines of a file, of one commune or of any."""
    return Mapper(
        format=file.format,
        source=file.source,
        categories=CategoryIndex(),
        places=Forced(commune) if commune else Everywhere(),
        today=timezone.localdate(now),
        keep_unknown=keep_unknown,
    )


def _planned(
    run: ShopImport, teller: Teller, now: datetime, taken: Taken | None = None
) -> tuple[Plan, Report]:
    file = _opened(run)
    mapper = mapper_of(file, run.commune, keep_unknown=run.keep_unknown, now=now)
    # Of what is applied, reading is about a half.
    parts = 1 if taken is None else 2
    return plan_import(
        file,
        mapper,
        status=ShopStatus.PUBLISHED if run.publish else ShopStatus.PENDING,
        taken=taken,
        told=lambda lines: teller(lines, file.total * parts),
    )


_RESULTS = {
    Result.TAKEN: LineResult.NEW,
    Result.REPAIRED: LineResult.NEW,
    Result.UPDATED: LineResult.CHANGED,
    Result.HERE: LineResult.SAME,
    Result.ASKED: LineResult.ASKED,
    Result.REFUSED: LineResult.REFUSED,
}


def _lines(report: Report, written: Mapping[int, Written]) -> Iterator[Line]:
    """The lines of a report, with the shop of each that is written. Made one by one: there may be
    100,000."""
    for outcome in report.outcomes:
        changes = outcome.changes
        is_new = _RESULTS[outcome.result] == LineResult.NEW
        if is_new:
            changes = {name: [None, value] for name, value in said(outcome.listing).items()}
        done = written.get(outcome.line)
        yield Line(
            outcome.line,
            outcome.source_id,
            outcome.name,
            _RESULTS[outcome.result].value,
            str(outcome.reason or ""),
            [str(remark) for remark in outcome.remarks],
            done.shop if done else outcome.shop,
            changes,
            outcome.asked,
            done and done.version,
            outcome.is_news,
            outcome.named,
        )


def result_csv(run: ShopImport) -> Iterator[str]:
    """The run, line by line, as a CSV for a spreadsheet, piece by piece."""
    # The mark tells a spreadsheet that the text is UTF-8.
    yield "\ufeff" + _csv_row([*TITLES, "fiche", "avant", "après"])
    words = Words()
    lines = ImportLine.objects.filter(shop_import=run).select_related("shop__commune")
    for line in lines.defer("shop__commune__contour").order_by("number", "pk").iterator(CHUNK):
        told = words.lines(line.changes | line.asked)
        yield _csv_row(
            [
                str(line.number),
                line.source_id,
                line.name,
                line.get_result_display(),
                " | ".join(line.remarks),
                line.reason,
                address_of(line.shop) if line.shop else "",
                " | ".join(f"{name}\u00a0: {old}" for name, old, _new in told if old),
                " | ".join(f"{name}\u00a0: {new}" for name, _old, new in told),
            ]
        )


def address_of(shop: Shop) -> str:
    return f"{settings.SITE_URL}{shop.get_absolute_url()}"


def _csv_row(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerow(map(inert, cells))
    return text.getvalue()


def _opened(run: ShopImport, *, needs_name: bool = True) -> ShopFile:
    return open_shops(
        Path(run.file.path),
        format=run.format,
        source=run.source.removeprefix(CSV_PREFIX),
        matching=run.matching,
        needs_name=needs_name,
    )
