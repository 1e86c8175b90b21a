"""Opening files that others wrote: encodings, delimiters, JSON."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Control characters, which no database column wants; tab and newline become spaces.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")


# With its end, of whatever system.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class ImportFileError(Exception):
    """A file that cannot be read at all; the message is a French sentence for the person."""


@dataclass(frozen=True, slots=True)
class Text:
    """The decoded text of a file; `remarks` are French sentences on what had to be guessed."""

    content: str
    remarks: tuple[str, ...] = ()
    encoding: str = "utf-8-sig"


def read_text(path: Path) -> Text:
    """The text of a UTF-8 file (with or without mark), UTF-16 with mark, else Windows-1252."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise ImportFileError(f"Le fichier {path.name} n’existe pas.") from error
    except OSError as error:
        raise ImportFileError(f"Le fichier {path.name} ne peut pas être lu.") from error
    if not raw.strip():
        raise ImportFileError(f"Le fichier {path.name} est vide.")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return Text(raw.decode("utf-16"), ("Fichier lu en UTF-16.",), "utf-16")
        except UnicodeDecodeError as error:
            raise ImportFileError(f"Le fichier {path.name} n’est pas un texte.") from error
    if b"\x00" in raw[:4096] or raw[:2] in (b"PK", b"\x1f\x8b"):
        raise ImportFileError(
            f"Le fichier {path.name} n’est pas un texte. Enregistrez-le en CSV ou en GeoJSON."
        )
    try:
        return Text(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        # Excel for Windows; errors="replace" for the five bytes that cp1252 leaves undefined.
        return Text(
            raw.decode("cp1252", errors="replace"),
            ("Le fichier n’est pas en UTF-8\u00a0: il a été lu en Windows-1252 (latin-1).",),
            "cp1252",
        )


def read_json(path: Path) -> Any:
    try:
        return json.loads(read_text(path).content)
    except (ValueError, RecursionError) as error:
        raise ImportFileError(f"Le fichier {path.name} n’est pas du JSON valable.") from error


def clean(text: object) -> str:
    """The value as one trimmed text without control characters; "" for None."""
    if text is None:
        return ""
    text = str(text)
    return (text if text.isprintable() else _CONTROL.sub("", text)).strip()


def delimiter_of(content: str) -> str:
    """The delimiter of a CSV: the one of ; , tab | that its header holds most often."""
    header = content.lstrip().split("\n", 1)[0]
    return max(";,\t|", key=header.count)


def read_csv(content: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row of a CSV with the number of its first line (the header is line 1)."""
    # Not a StringIO, which would hold a copy four times as large.
    lines = (match[0] for match in _LINE.finditer(content))
    return _csv_rows(lines, delimiter_of(content), name)


def reread_csv(path: Path, text: Text) -> Iterator[tuple[int, dict[str, str]]]:
    """The same from the file that was read before, whose text need not be kept in memory."""
    delimiter, encoding = delimiter_of(text.content), text.encoding

    def lines() -> Iterator[str]:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            yield from file

    return _csv_rows(lines(), delimiter, path.name)


def _csv_rows(
    lines: Iterator[str], delimiter: str, name: str
) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        header = titled(next(reader, []))
        before = reader.line_num
        for values in reader:
            line, before = before + 1, reader.line_num
            if any(value.strip() for value in values):
                # A short row lacks its last columns; what exceeds the header has no name.
                values += [""] * (len(header) - len(values))
                yield line, dict(zip(header, map(clean, values), strict=False))
    except csv.Error as error:
        raise ImportFileError(
            f"Le fichier {name} n’est pas un CSV lisible (ligne {reader.line_num})."
        ) from error


def titled(cells: Iterable[object]) -> list[str]:
    """The titles of the columns; a second "Téléphone" becomes "Téléphone (2)"."""
    titles: list[str] = []
    for cell in cells:
        title = clean(cell)
        count, known = 1, title
        while title and known in titles:
            count += 1
            known = f"{title} ({count})"
        titles.append(known)
    return titles


def inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection); numbers stay."""
    runs = text.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    return f"'{text}" if runs and not _NUMBER.fullmatch(text) else text


# A telephone number (E.164) or a coordinate.
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
