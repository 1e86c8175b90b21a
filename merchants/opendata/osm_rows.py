"""A program of its own: prints what names a trade in an extract of OpenStreetMap, as JSON.

`merchants.opendata.osm_files` runs it apart, since a spoilt extract can bring its reader down. The
first line is the number of objects, each further one [identifier, tags, latitude, longitude]: the
point of a node, the middle of what a way or a relation covers.

Formats: https://wiki.openstreetmap.org/wiki/PBF_Format, https://wiki.openstreetmap.org/wiki/OSM_XML
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import osmium
from osmium.osm import Location

MOST_MEMORY = 2_000_000_000
UNREADABLE = 3  # exit code
# As `facts.TRADE_KEYS`; this program imports nothing of ours.
KEYS = ("shop", "craft", "amenity", "tourism", "leisure", "office", "healthcare", "street_vendor")


def found_in(path: str, format: str) -> Iterator[list]:
    wanted = osmium.filter.KeyFilter(*KEYS)
    extract = osmium.FileProcessor(osmium.io.File(path, format))
    for thing in extract.with_locations().with_areas(wanted).with_filter(wanted):
        if thing.is_node():
            kind, number, places = "node", thing.id, [thing.location]
        elif thing.is_way():
            # Closed or not; its area would be the same once more.
            kind, number, places = "way", thing.id, [node.location for node in thing.nodes]
        elif thing.is_area() and not thing.from_way():
            rings = thing.outer_rings()
            kind, number = "relation", thing.orig_id()
            places = [node.location for ring in rings for node in ring]
        else:
            continue
        if middle := middle_of(places):
            yield [f"{kind}/{number}", dict(thing.tags), *middle]


def middle_of(places: Iterable[Location]) -> tuple[float, float] | None:
    """Latitude and longitude; None where the extract lacks the points of the object."""
    known = [place for place in places if place.valid()]
    if not known:
        return None
    latitudes, longitudes = [place.lat for place in known], [place.lon for place in known]
    return (min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2


def main(path: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with Path(path).open("rb") as file:
        format = "pbf" if b"OSMHeader" in file.read(15) else "osm"
    try:
        found = list(found_in(path, format))
    except (RuntimeError, ValueError):
        return UNREADABLE
    print(len(found))  # noqa: T201
    for each in found:
        print(json.dumps(each))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
