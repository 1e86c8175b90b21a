"""Files that no row names: what an account that is gone or a write that failed has left behind."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.core.files.storage import Storage

# A file that has just come may not have its row yet.
ORPHAN_KEPT = timedelta(days=1)


def delete_orphans(storage: Storage, folder: str, needed: Collection[str], *, now: datetime) -> int:
    """Deletes the files below a folder that are not `needed` (names in the storage), and the
    folders that this leaves empty, but for years. Says how many files."""
    before, count = now - ORPHAN_KEPT, 0
    for name in list(_files(storage, folder)):
        # Somebody may give it up himself in the meantime.
        with suppress(FileNotFoundError):
            if name not in needed and storage.get_modified_time(name) < before:
                storage.delete(name)
                count += 1
                parent = PurePosixPath(name).parent
                if len(parent.parts) > 2 and not any(storage.listdir(str(parent))):
                    storage.delete(str(parent))
    return count


def _files(storage: Storage, folder: str) -> Iterator[str]:
    if not storage.exists(folder):
        return
    folders, files = storage.listdir(folder)
    yield from (str(PurePosixPath(folder, name)) for name in files)
    for name in folders:
        yield from _files(storage, str(PurePosixPath(folder, name)))
