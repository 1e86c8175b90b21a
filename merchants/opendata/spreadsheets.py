"""Reading the first sheet of a spreadsheet (XLSX, ODS, XLS) as the rows of a CSV are read."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from .apart import lines_of
from .files import ImportFileError, clean, titled

# Their first bytes: a ZIP archive, and the container of Excel 97–2003.
_SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# What 50 MB of a spreadsheet may unpack to; more is no list of shops.
MOST_UNPACKED = 600_000_000
_PROGRAM = Path(__file__).with_name("sheet_rows.py")
# Exit codes of that program.
_SENTENCES = {
    1: "n’est pas un tableur lisible.",
    3: "est protégé par un mot de passe\u00a0: enregistrez-le sans.",
    4: "n’est pas un tableur lisible.",
    5: "est vide.",
}
_TOO_LARGE = (
    "est trop étendu\u00a0: supprimez les lignes et les colonnes vides, ou enregistrez-le en CSV."
)


def is_spreadsheet(path: Path) -> bool:
    """Whether the file begins as one does. False where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(4) in _SIGNATURES
    except OSError:
        return False


def read_spreadsheet(path: Path) -> tuple[int, Iterator[tuple[int, dict[str, str]]]]:
    """About how many rows the first sheet has that has any, and each row below its titles, with
    its number in the sheet. Raises ImportFileError. See `sheet_rows`: a process of its own."""
    _check_size(path)
    lines = lines_of(_PROGRAM, path, _SENTENCES, _TOO_LARGE)
    return int(next(lines)), _titled_rows(lines)


def _check_size(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise ImportFileError(f"Le fichier {path.name} n’est pas un tableur lisible.") from error
    if unpacked > MOST_UNPACKED:
        raise ImportFileError(f"Le fichier {path.name} est trop grand une fois décompressé.")


def _titled_rows(lines: Iterator[str]) -> Iterator[tuple[int, dict[str, str]]]:
    header: list[str] | None = None
    for line in lines:
        number, values = json.loads(line)
        if header is None:
            header = titled(values)
        else:
            yield number, dict(zip(header, map(clean, values), strict=False))
