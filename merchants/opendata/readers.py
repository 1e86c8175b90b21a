"""Opening a file of shops: which format it is, and its lines one by one.

A reader turns a line into a `SourceRow`, with the values as they stand in the file; what they
mean is for `merchants.opendata.facts`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from merchants.geo import box_of
from merchants.text import normalise

from .category_index import CategoryIndex
from .facts import tags_of
from .files import ImportFileError, clean, read_text, reread_csv
from .osm_files import is_osm, read_osm
from .sources import ACCESLIBRE, CSV_PREFIX, OSM, PARIS_2020
from .spreadsheets import is_spreadsheet, read_spreadsheet

# Columns of the register's stock: who objected to its diffusion is known to its own reader alone.
_SIRENE_TITLES = {"statutDiffusionEtablissement", "statutDiffusionUniteLegale"}
FORMATS = ("osm", "osm-geojson", "osm-csv", "paris-2020", "acceslibre", "csv")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One line: its number in the file (in GeoJSON, its rank), its id there, its raw values."""

    line: int
    source_id: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class ShopFile:
    """An opened file. Its `rows`, about `total` of them, can be read once, or else `raw`, the same
    as they stand in a table.

    `titles` are the columns of a plain file, and what each means here ("" for nothing).
    """

    format: str
    source: str
    rows: Iterable[SourceRow]
    total: int = 0
    remarks: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    raw: Iterable[tuple[int, dict[str, str]]] = ()


def open_shops(
    path: Path,
    *,
    format: str = "auto",
    source: str = "",
    matching: Mapping[str, str] | None = None,
    needs_name: bool = True,
) -> ShopFile:
    """Opens a file of shops. Raises ImportFileError where it is none.

    `source` names a plain file whose file name is no good name; other formats name themselves.
    `matching` ({title: our column, "" for none}) goes before what titles are known to mean;
    one of them must be "nom", unless somebody is still to say so (`needs_name`).
    """
    remarks: tuple[str, ...] = ()
    if format == "osm" or (format == "auto" and is_osm(path)):
        shops = _shops_of(path)
        return ShopFile("osm", OSM.name, shops, len(shops))
    if is_spreadsheet(path):
        total, rows = read_spreadsheet(path)
    else:
        text = read_text(path)
        remarks = text.remarks
        is_json = text.content.lstrip()[:1] in ("{", "[")
        if format == "osm-geojson" or (format == "auto" and is_json):
            found = _json_rows(text.content, path)
            return ShopFile("osm-geojson", OSM.name, *found, remarks)
        rows, total = reread_csv(path, text), text.content.count("\n")
        del text  # Some megabytes, while all lines are read.
    first = next(rows, None)
    if first is None:
        raise ImportFileError(f"Le fichier {path.name} ne contient aucune ligne.")
    titles = list(first[1])
    if _SIRENE_TITLES & set(titles):
        raise ImportFileError(
            f"Le fichier {path.name} vient de la base SIRENE. Déposez-le sur la page "
            "«\u00a0SIRENE\u00a0», sous «\u00a0Chercher du nouveau\u00a0»\u00a0: ce qu’il dit "
            "y est proposé, jamais publié."
        )
    rows = chain([first], rows)
    if format == "auto":
        format = _format_of(set(titles))
    if format not in _KEYED:
        file = _plain(rows, titles, path, source, remarks, matching or {}, total)
        if needs_name and "nom" not in file.titles.values():
            raise ImportFileError(
                f"Le fichier {path.name} n’a pas de colonne «\u00a0nom\u00a0»\u00a0: "
                "voyez docs/import.md."
            )
        return file
    keyed = _KEYED[format]
    _need(titles, keyed.needed, path)
    return ShopFile(format, keyed.source, _keyed(rows, keyed.key), total, remarks)


class _Keyed(NamedTuple):
    """A table whose columns are known, and the one that names a line."""

    source: str
    key: str
    needed: frozenset[str]
    telling: frozenset[str]  # By these columns it is recognised.


_KEYED = {
    "osm-csv": _Keyed(
        OSM.name,
        "osm_id",
        frozenset({"osm_id", "category_key", "category_value"}),
        frozenset({"osm_id", "category_key"}),
    ),
    "paris-2020": _Keyed(
        PARIS_2020.name,
        "recordid",
        frozenset({"recordid", "nom_du_commerce"}),
        frozenset({"recordid", "nom_du_commerce"}),
    ),
    "acceslibre": _Keyed(
        ACCESLIBRE.name,
        "id",
        frozenset({"id", "nom", "activite"}),
        frozenset({"id", "nom", "activite", "voie"}),
    ),
}


def _format_of(titles: set[str]) -> str:
    return next((name for name, keyed in _KEYED.items() if keyed.telling <= titles), "csv")


def _keyed(rows: Iterable[tuple[int, dict]], key: str) -> Iterator[SourceRow]:
    for line, values in rows:
        yield SourceRow(line, values.get(key, ""), values)


def _need(titles: list[str], needed: set[str], path: Path) -> None:
    missing = needed - set(titles)
    if missing:
        raise ImportFileError(
            f"Le fichier {path.name} n’a pas ce format\u00a0: "
            f"colonnes absentes\u00a0: {', '.join(sorted(missing))}."
        )


# OSM -------------------------------------------------------------------------------------------


def _shops_of(path: Path) -> list[SourceRow]:
    """Of an extract, which also has benches and churches, what a town would list: a shop or a
    craft, whatever it sells, and the rest where it is of one of our categories."""
    index = CategoryIndex()
    shops = []
    for identifier, values in read_osm(path):
        if values.keys() & {"shop", "craft"} or index.of_tags(tags_of(values)).categories:
            shops.append(SourceRow(len(shops) + 1, identifier, values))
    if not shops:
        raise ImportFileError(f"Le fichier {path.name} ne contient aucun commerce.")
    return shops


def _json_rows(content: str, path: Path) -> tuple[Iterator[SourceRow], int]:
    """Of a GeoJSON collection (RFC 7946), or of what Overpass answers in its own JSON."""
    try:
        data = json.loads(content)
        found = data.get("features")
        if found is None:
            found = [_feature_of(each) for each in data["elements"] if each.get("tags")]
        if not isinstance(found, list):
            raise TypeError
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        raise ImportFileError(
            f"Le fichier {path.name} n’est pas une collection GeoJSON valable."
        ) from error
    return (_geojson_row(rank, each) for rank, each in enumerate(found, 1)), len(found)


def _feature_of(element: dict) -> dict:
    """An answer of Overpass has the point of a node; of a way, its middle ("out center"), its box
    ("out bb") or none."""
    if box := element.get("bounds"):
        corners = [[box.get(f"{end}lon"), box.get(f"{end}lat")] for end in ("min", "max")]
        geometry = {"type": "Polygon", "coordinates": [corners]}
    else:
        place = element.get("center", element)
        geometry = {"type": "Point", "coordinates": [place.get("lon"), place.get("lat")]}
    identifier = f"{element.get('type')}/{element.get('id')}"
    return {"id": identifier, "properties": element["tags"], "geometry": geometry}


def _geojson_row(rank: int, feature: Any) -> SourceRow:
    if not isinstance(feature, dict):
        return SourceRow(rank, "", {})
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    values = {key: clean(value) for key, value in properties.items()}
    values["lat"], values["lon"] = _middle(feature.get("geometry"))
    identifier = clean(feature.get("id")) or values.get("@id", "") or values.get("osm_id", "")
    return SourceRow(rank, identifier, values)


def _middle(geometry: Any) -> tuple[str, str]:
    """Latitude and longitude of a point, or of the middle of any other shape."""
    try:
        if geometry["type"] == "Point":
            longitude, latitude = geometry["coordinates"][:2]
        else:
            box = box_of(geometry)
            latitude, longitude = (box.south + box.north) / 2, (box.west + box.east) / 2
        return str(float(latitude)), str(float(longitude))
    except (TypeError, KeyError, ValueError, IndexError):
        return "", ""


# The plain CSV ---------------------------------------------------------------------------------

# Column -> other titles that mean the same; compared without accents, case or punctuation.
COLUMNS = {
    "identifiant": "id, reference, ref, numero de fiche, code",
    "nom": "nom du commerce, enseigne, commerce, raison sociale, nom commercial, denomination",
    "categorie": "activite, type, type de commerce, categorie principale, rubrique, metier",
    "autres_categories": "categories, categories secondaires, autres activites",
    "naf": "code naf, ape, code ape",
    "siret": "numero siret, n siret",
    "description": "presentation, texte, descriptif",
    "numero": "numero de voie, n, num, n de voie, no",
    "voie": "rue, nom de la voie, libelle de voie, libelle voie",
    "adresse": "adresse complete, adresse postale, adresse 1",
    "complement": "complement d adresse, adresse 2, complement adresse",
    "code_postal": "cp, codepostal",
    "ville": "commune, localite",
    "code_insee": "insee, code commune, commune insee",
    "latitude": "lat, y",
    "longitude": "lon, lng, long, x",
    "zone_intervention": "zone d intervention, secteur, rayon d action",
    "telephone": "tel, telephone fixe, phone, mobile, portable",
    "courriel": "email, e mail, mail, adresse electronique, adresse mail",
    "site": "site internet, site web, site_internet, web, url, website",
    "boutique_en_ligne": "boutique, vente en ligne, e boutique, url boutique",
    "reseaux_sociaux": "reseaux, facebook, instagram, liens",
    "acces_pmr": "acces, accessibilite, accessible, plain pied, pmr, fauteuil roulant, wheelchair",
    "paiement": "moyens de paiement, paiements, reglement, paiements acceptes",
    "horaires": "horaires d ouverture, ouverture, opening hours, jours et heures d ouverture",
    "jours_feries": "feries, ouverture jours feries",
    "livraison": "livraison a domicile, delivery",
    "retrait": "click and collect, click collect, retrait en magasin, retrait sur place",
    "a_emporter": "emporter, vente a emporter, takeaway",
    "commande_telephone": "commande par telephone, commande telephonique",
    "sur_rendez_vous": "rendez vous, rdv",
    "services": "service, services proposes, precisions, precision",
    "confirme_le": "date de confirmation, verifie le, mis a jour le",
    "confirme_par": "verifie par, confirmation",
}


# By these columns we know what `merchants.opendata.feeds` wrote.
OWN_EXPORT = {"identifiant", "nom", "code_insee", "commande_telephone", "confirme_le", "source"}


def _titles() -> dict[str, str]:
    known = {}
    for column, others in COLUMNS.items():
        for title in (column, *others.split(",")):
            known[normalise(title)] = column
    return known


TITLES = _titles()


def meaning_of(title: str) -> str:
    """Our column of that title; "" for none."""
    return TITLES.get(normalise(re.sub(r" \(\d+\)$", "", title)), "")


def _plain(
    rows: Iterable[tuple[int, dict]],
    header: list[str],
    path: Path,
    source: str,
    remarks: tuple[str, ...],
    matching: Mapping[str, str],
    total: int,
) -> ShopFile:
    titles = {title: matching.get(title, meaning_of(title)) for title in header if title}
    unknown = [title for title, column in titles.items() if not column and title not in matching]
    if set(header) >= OWN_EXPORT and "confirme_par" not in header:
        # Identifiers are the numbers of our shops, not those of a town's file of the same name.
        source = source if source.startswith("export") else f"export {source or path.stem}"
        unknown.remove("source")
    if unknown:
        remarks = (*remarks, f"Colonnes non reprises\u00a0: {', '.join(unknown)}.")
    name = source_name(source or path.stem)
    return ShopFile("csv", name, _plain_rows(rows, titles), total, remarks, titles, rows)


def source_name(words: str) -> str:
    """`Shop.source` of a plain file that somebody calls so."""
    return (CSV_PREFIX + (normalise(words).replace(" ", "-") or "fichier"))[:40]


def _plain_rows(rows: Iterable[tuple[int, dict]], titles: dict[str, str]) -> Iterator[SourceRow]:
    for line, row in rows:
        values: dict[str, str] = {}
        for title, text in row.items():
            column = titles.get(title)
            if column and text:
                # Two columns of one meaning (téléphone, mobile): both, one after the other.
                values[column] = f"{values[column]} ; {text}" if column in values else text
        yield SourceRow(line, values.get("identifiant", ""), values)
