"""The stock of SIRENE, as INSEE publishes it each month: two CSV files of several gigabytes.

Source: INSEE, "Base Sirene des entreprises et de leurs établissements", StockEtablissement and
StockUniteLegale (Licence Ouverte 2.0), and their file layouts. The files are read line by line,
packed (.zip, .gz) or not, and never held in memory: a line is parsed where it names the commune.
"""

import csv
import gzip
import io
import pickle
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, cast

from merchants.arrondissements import codes_within, whole_city
from merchants.company_search import PRIVATE, Company

from .files import ImportFileError, clean

ESTABLISHMENTS, UNITS = "StockEtablissement", "StockUniteLegale"
# Hears how many bytes of a file have been read, as it is stored.
Watch = Callable[[int], None]
# What we read. A file that lacks one of these is another file, or was written anew by somebody.
COLUMNS = {
    ESTABLISHMENTS: (
        "siren", "nic", "siret", "statutDiffusionEtablissement", "dateCreationEtablissement",
        "complementAdresseEtablissement", "numeroVoieEtablissement",
        "indiceRepetitionEtablissement", "typeVoieEtablissement", "libelleVoieEtablissement",
        "codePostalEtablissement", "libelleCommuneEtablissement", "codeCommuneEtablissement",
        "dateDebut", "etatAdministratifEtablissement", "enseigne1Etablissement",
        "denominationUsuelleEtablissement", "activitePrincipaleEtablissement",
    ),
    UNITS: (
        "siren", "statutDiffusionUniteLegale", "prenomUsuelUniteLegale", "dateDebut",
        "etatAdministratifUniteLegale", "nomUniteLegale", "denominationUniteLegale",
        "categorieJuridiqueUniteLegale",
    ),
}  # fmt: skip
# How the register shortens ways, where people do not; the others: `streets.spelt_out`.
WAYS = {
    "ALL": "ALLEE", "CAR": "CARREFOUR", "CHS": "CHAUSSEE", "COR": "CORNICHE", "DOM": "DOMAINE",
    "DSC": "DESCENTE", "ECA": "ECART", "GR": "GRANDE RUE", "HAM": "HAMEAU", "HLE": "HALLE",
    "LD": "", "LIEU-DIT": "", "LOT": "LOTISSEMENT", "MAR": "MARCHE", "MTE": "MONTEE",
    "PLN": "PLAINE", "PLT": "PLATEAU", "PRO": "PROMENADE", "PRV": "PARVIS", "QUA": "QUARTIER",
    "RES": "RESIDENCE", "RLE": "RUELLE", "ROC": "ROCADE", "SEN": "SENTE", "TPL": "TERRE PLEIN",
    "TRA": "TRAVERSE", "VLA": "VILLA", "VLGE": "VILLAGE",
}  # fmt: skip
# "categorieJuridiqueUniteLegale" of a natural person.
NATURAL_PERSON = "1000"
MASKED = "[ND]"
BUFFER = 1024 * 1024
LONGEST_HEADER = 64 * 1024
# A quoted cell may hold line breaks; more lines than these are a stray quote.
MOST_BREAKS = 20


@dataclass(slots=True)
class Told:
    """What was read: `here` are the establishments of the communes, `private` those of them that
    objected to diffusion, `other_naf` open ones whose activity is of another nomenclature;
    `communes` are the codes of those of the communes that have any."""

    lines: int = 0
    here: int = 0
    private: int = 0
    other_naf: int = 0
    unreadable: int = 0
    communes: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Unit:
    """What an establishment takes from its legal unit."""

    name: str
    is_private: bool
    is_open: bool
    since: date | None


class Gathered:
    """Establishments of a stock with the names of their units, kept in a temporary file.

    Read as often as one likes, `Company` by `Company`. Nothing is kept of those whose unit objected
    to diffusion but their number; a unit that ceased closes its establishments.
    """

    def __init__(
        self,
        companies: Iterable[Company],
        units: Path | None,
        told: Told,
        watch: Watch | None = None,
    ):
        """Reads both files, one after the other. Raises ImportFileError."""
        self._file = tempfile.SpooledTemporaryFile(max_size=16 * BUFFER)  # noqa: SIM115
        self._units: dict[str, Unit] = {}
        sirens = set()
        try:
            rest = iter(companies)
            while batch := tuple(islice(rest, 500)):
                sirens.update(company.siren for company in batch)
                pickle.dump(batch, self._file)
            if units is not None:
                self._units = dict(read_units(units, sirens, watch))
            if self._units:
                told.private += sum(1 for c in self._written() if self._became_private(c))
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Gathered":
        return self

    def __exit__(self, *error) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Company]:
        for company in self._written():
            unit = self._units.get(company.siren)
            yield company if unit is None or company.partial_diffusion else _of_unit(company, unit)

    def _became_private(self, company: Company) -> bool:
        unit = self._units.get(company.siren)
        return unit is not None and unit.is_private and not company.partial_diffusion

    def _written(self) -> Iterator[Company]:
        self._file.seek(0)
        with suppress(EOFError):
            while True:
                yield from pickle.load(self._file)


def _of_unit(company: Company, unit: Unit) -> Company:
    if unit.is_private:
        return _private(company.siret, company.commune_code)
    if company.is_open and not unit.is_open:
        company = replace(company, is_open=False, since=unit.since)
    return replace(company, name=unit.name)


def read_establishments(
    path: Path, communes: Collection[str], told: Told, watch: Watch | None = None
) -> Iterator[Company]:
    """The establishments of these communes, open and closed; names stand in the other file.

    Of those that objected to diffusion there is the number alone (`partial_diffusion`). Raises
    ImportFileError where the file is not the stock, before the first one, or where it ends too
    soon.
    """
    codes = {code for commune in communes for code in codes_within(commune)}
    if len(codes) == 1:
        (only,) = (code.encode() for code in codes)

        def names_one(line: bytes) -> bool:
            return only in line
    else:
        names_one = re.compile(b"|".join(sorted(code.encode() for code in codes))).search
    with _opened(path, watch) as file:
        table = _Table(file, path, ESTABLISHMENTS)
        for row in table.rows(told, names_one):
            if row["codeCommuneEtablissement"] not in codes:
                continue
            if not re.fullmatch(r"\d{14}", row["siret"]):
                told.unreadable += 1
                continue
            told.here += 1
            told.communes.add(whole_city(row["codeCommuneEtablissement"]))
            if row["statutDiffusionEtablissement"] in PRIVATE:
                told.private += 1
                yield _private(row["siret"], whole_city(row["codeCommuneEtablissement"]))
                continue
            company = _company(row)
            if company.is_open and not company.naf and row["activitePrincipaleEtablissement"]:
                told.other_naf += 1
            yield company


def read_units(
    path: Path, sirens: Collection[str], watch: Watch | None = None
) -> Iterator[tuple[str, Unit]]:
    """The legal units of these numbers. Raises ImportFileError, as `read_establishments`."""
    wanted = {siren.encode() for siren in sirens}
    with _opened(path, watch) as file:
        table = _Table(file, path, UNITS)
        place, delimiter = table.place("siren"), table.delimiter.encode()

        def is_wanted(line: bytes) -> bool:
            return line.split(delimiter, place + 1)[place].strip(b'" \r\n') in wanted

        # Before the number stands nothing that could hold a delimiter, in the official layout.
        for row in table.rows(Told(), is_wanted if place == 0 else lambda line: True):
            if row["siren"] in sirens:
                yield row["siren"], _unit(row)


def _private(siret: str, commune_code: str) -> Company:
    return Company(siret=siret, siren=siret[:9], commune_code=commune_code, partial_diffusion=True)


def _company(row: dict[str, str]) -> Company:
    is_open = row["etatAdministratifEtablissement"] == "A"
    started, created = _date(row["dateDebut"]), _date(row["dateCreationEtablissement"])
    number = f"{row['numeroVoieEtablissement']} {row['indiceRepetitionEtablissement']}"
    way = row["typeVoieEtablissement"]
    street = f"{WAYS.get(way.upper(), way)} {row['libelleVoieEtablissement']}"
    # Older files have no column for it, and each nomenclature writes its codes its own way.
    is_naf = row.get("nomenclatureActivitePrincipaleEtablissement", "") in {"", "NAFRev2"}
    return Company(
        siret=row["siret"],
        siren=row["siret"][:9],
        trade_name=row["enseigne1Etablissement"] or row["denominationUsuelleEtablissement"],
        house_number=number.strip(),
        street=street.strip(),
        address_extra=row["complementAdresseEtablissement"],
        postcode=row["codePostalEtablissement"],
        city=row["libelleCommuneEtablissement"],
        commune_code=whole_city(row["codeCommuneEtablissement"]),
        naf=row["activitePrincipaleEtablissement"] if is_naf else "",
        is_open=is_open,
        is_head_office=row.get("etablissementSiege") == "true",
        # The current period of an open one begins with any change: a new sign, a first employee.
        since=(created or started) if is_open else started,
    )


def _unit(row: dict[str, str]) -> Unit:
    is_private = row["statutDiffusionUniteLegale"] in PRIVATE
    name = row["denominationUniteLegale"]
    if row["categorieJuridiqueUniteLegale"] == NATURAL_PERSON or not name:
        family = row.get("nomUsageUniteLegale") or row["nomUniteLegale"]
        person = f"{row['prenomUsuelUniteLegale']} {family}".strip()
        name = row.get("denominationUsuelle1UniteLegale") or person or name
    return Unit(
        name="" if is_private else name,
        is_private=is_private,
        is_open=row["etatAdministratifUniteLegale"] != "C",
        since=_date(row["dateDebut"]),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


# The file ---------------------------------------------------------------------------------------


class _Table:
    """A CSV that is read as bytes: its titles, then those of its lines that are asked for."""

    def __init__(self, file: BinaryIO, path: Path, kind: str):
        self._file = file
        head = file.readline(LONGEST_HEADER)
        if not head.strip():
            raise ImportFileError(f"Le fichier {path.name} est vide.")
        if b"\x00" in head or head[:4] == b"PAR1":
            raise ImportFileError(
                f"Le fichier {path.name} n’est pas un CSV\u00a0: prenez {kind} au format CSV."
            )
        text = head.decode("utf-8-sig", errors="replace")
        self.delimiter = max(",;\t", key=text.count)
        self.titles = [clean(title) for title in _cells(text, self.delimiter) or []]
        self._check(path, kind)
        self._read = set(COLUMNS[kind]) | OPTIONAL

    def place(self, title: str) -> int:
        return self.titles.index(title)

    def rows(self, told: Told, wanted: Callable[[bytes], object]) -> Iterator[dict[str, str]]:
        """The cells that we read, by title, of each wanted line."""
        places = [(title, n) for n, title in enumerate(self.titles) if title in self._read]
        for record in _records(self._file, told, wanted):
            cells = _cells(record.decode("utf-8", errors="replace"), self.delimiter)
            if cells is None or len(cells) != len(self.titles):
                told.unreadable += 1
                continue
            yield {title: _known(cells[n]) for title, n in places}

    def _check(self, path: Path, kind: str) -> None:
        missing = [title for title in COLUMNS[kind] if title not in self.titles]
        if not missing:
            return
        other = UNITS if kind == ESTABLISHMENTS else ESTABLISHMENTS
        if all(title in self.titles for title in COLUMNS[other]):
            raise ImportFileError(
                f"Le fichier {path.name} est {other}\u00a0: ici, c’est {kind} qui est attendu."
            )
        if not any(title in self.titles for title in COLUMNS[kind]):
            raise ImportFileError(
                f"Le fichier {path.name} n’est pas {kind}, le stock que publie l’INSEE\u00a0: sa "
                f"première ligne doit donner les titres des colonnes (siren, {COLUMNS[kind][1]}…)."
            )
        raise ImportFileError(
            f"Le fichier {path.name} n’est pas {kind}, tel que le publie l’INSEE\u00a0: colonnes "
            f"absentes\u00a0: {', '.join(missing)}."
        )


# Of newer files, of older ones, or blank as a rule.
OPTIONAL = {
    "etablissementSiege", "nomenclatureActivitePrincipaleEtablissement", "nomUsageUniteLegale",
    "denominationUsuelle1UniteLegale",
}  # fmt: skip


def _known(cell: str) -> str:
    return "" if MASKED in cell else " ".join(clean(cell).split())


def _cells(line: str, delimiter: str) -> list[str] | None:
    """None where the line is no row of a CSV."""
    try:
        return next(csv.reader(line.splitlines(keepends=True), delimiter=delimiter), None)
    except csv.Error:
        return None


def _records(file: BinaryIO, told: Told, wanted: Callable[[bytes], object]) -> Iterator[bytes]:
    """The wanted lines; those that a quoted cell breaks are joined.

    A line is looked at as it stands before anything is made of it: this is what makes millions of
    lines cost less than parsing them.
    """
    held: list[bytes] = []
    for line in file:
        told.lines += 1
        if held or (b'"' in line and line.count(b'"') % 2):
            held.append(line)
            if len(held) == 1 or sum(part.count(b'"') for part in held) % 2:
                if len(held) > MOST_BREAKS:
                    told.unreadable += 1
                    yield from (one for one in held[1:] if wanted(one))
                    held = []
                continue
            line, held = b"".join(held), []
        if wanted(line):
            yield line
    told.unreadable += bool(held)
    yield from (one for one in held[1:] if wanted(one))


class _Watched(io.FileIO):
    """A file that says, each time it is read, how many of its bytes have been."""

    def __init__(self, path: Path, watch: Watch):
        super().__init__(path)
        self._watch = watch

    def readinto(self, buffer, /) -> int | None:
        count = super().readinto(buffer)
        self._watch(self.tell())
        return count


@contextmanager
def _opened(path: Path, watch: Watch | None) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked. What goes wrong, now or later, is an ImportFileError."""
    try:
        with io.BufferedReader(_Watched(path, watch), BUFFER) if watch else path.open("rb") as raw:
            start = raw.read(4)
            raw.seek(0)
            if start[:2] == b"\x1f\x8b":
                with gzip.open(raw) as file, _buffered(file) as buffered:
                    yield buffered
            elif start == b"PK\x03\x04":
                with (
                    zipfile.ZipFile(raw) as archive,
                    _only_csv(archive, path) as file,
                    _buffered(file) as buffered,
                ):
                    yield buffered
            else:
                yield raw
    except FileNotFoundError as error:
        raise ImportFileError(f"Le fichier {path.name} n’existe pas.") from error
    except (EOFError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile) as error:
        raise ImportFileError(
            f"Le fichier {path.name} est incomplet ou abîmé\u00a0: téléchargez-le de nouveau."
        ) from error
    except OSError as error:
        raise ImportFileError(f"Le fichier {path.name} ne peut pas être lu.") from error


def _only_csv(archive: zipfile.ZipFile, path: Path) -> IO[bytes]:
    tables = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".csv")]
    if len(tables) != 1:
        raise ImportFileError(
            f"L’archive {path.name} doit contenir un fichier CSV, et un seul\u00a0: "
            f"elle en contient {len(tables)}."
        )
    try:
        return archive.open(tables[0])
    except (NotImplementedError, RuntimeError) as error:  # Packed in a rare way; with a password.
        raise ImportFileError(
            f"L’archive {path.name} ne peut pas être lue ici\u00a0: décompressez-la d’abord."
        ) from error


def _buffered(file: IO[bytes]) -> BinaryIO:
    """Packed files give their lines one by one, and slowly."""
    return io.BufferedReader(cast(io.RawIOBase, file), BUFFER)
