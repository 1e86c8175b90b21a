"""Reading an extract of OpenStreetMap: PBF, as download sites give it, or XML (".osm")."""

import json
from collections.abc import Iterator
from pathlib import Path

from .apart import lines_of
from .files import clean

_PROGRAM = Path(__file__).with_name("osm_rows.py")
_UNREADABLE = {3: "n’est pas un extrait d’OpenStreetMap lisible."}
_TOO_LARGE = "est trop grand\u00a0: prenez un extrait de votre commune ou de votre département."


def is_osm(path: Path) -> bool:
    """Whether the file begins as one does. False where it cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(200)
    except OSError:
        return False
    return head[6:15] == b"OSMHeader" or b"<osm" in head


def read_osm(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The identifier ("node/1") and tags of each object that names a trade, with its "lat" and
    "lon". Raises ImportFileError. See `osm_rows`: a process of its own."""
    lines = lines_of(_PROGRAM, path, _UNREADABLE, _TOO_LARGE)
    next(lines)
    for line in lines:
        identifier, tags, latitude, longitude = json.loads(line)
        values = {key: clean(value) for key, value in tags.items()}
        yield identifier, values | {"lat": str(latitude), "lon": str(longitude)}
