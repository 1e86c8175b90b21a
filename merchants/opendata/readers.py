"""Opening a file of shops: which format it is, and its lines one by one.

A reader turns a line into a `SourceRow`, with the values as they stand in the file; what they
mean is for `merchants.opendata.facts`.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from merchants.geo import box_of
from merchants.text import normalise

from .files import ImportFileError, clean, read_csv, read_text
from .sources import ACCESLIBRE, CSV_PREFIX, OSM, PARIS_2020

FORMATS = ("osm-geojson", "osm-csv", "paris-2020", "acceslibre", "csv")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One line: its number in the file (in GeoJSON, its rank), its id there, its raw values."""

    line: int
    source_id: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class ShopFile:
    """An opened file; `rows` can be read once."""

    format: str
    source: str
    rows: Iterable[SourceRow]
    remarks: tuple[str, ...] = ()


def open_shops(path: Path, *, format: str = "auto", source: str = "") -> ShopFile:
    """Opens a file of shops. Raises ImportFileError where it is none.

    `source` names a plain CSV whose file name is no good name; other formats name themselves.
    """
    text = read_text(path)
    content = text.content
    if format == "auto":
        format = _format_of(content, path)
    if format == "osm-geojson":
        return ShopFile(format, OSM.name, _geojson_rows(content, path), text.remarks)
    rows = read_csv(content, path.name)
    first = next(rows, None)
    if first is None:
        raise ImportFileError(f"Le fichier {path.name} ne contient aucune ligne.")
    titles = list(first[1])
    rows = chain([first], rows)
    if format == "osm-csv":
        _need(titles, {"osm_id", "category_key", "category_value"}, path)
        return ShopFile(format, OSM.name, _keyed(rows, "osm_id"), text.remarks)
    if format == "paris-2020":
        _need(titles, {"recordid", "nom_du_commerce"}, path)
        return ShopFile(format, PARIS_2020.name, _keyed(rows, "recordid"), text.remarks)
    if format == "acceslibre":
        _need(titles, {"id", "nom", "activite"}, path)
        return ShopFile(format, ACCESLIBRE.name, _keyed(rows, "id"), text.remarks)
    return _plain_csv(rows, titles, path, source, text.remarks)


def _format_of(content: str, path: Path) -> str:
    head = content.lstrip()
    if head[:1] in "{[":
        return "osm-geojson"
    titles = set(next(read_csv(content, path.name), (0, {}))[1])
    for titles_of, format in (
        ({"osm_id", "category_key"}, "osm-csv"),
        ({"recordid", "nom_du_commerce"}, "paris-2020"),
        ({"id", "nom", "activite", "voie"}, "acceslibre"),
    ):
        if titles_of <= titles:
            return format
    return "csv"


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


# OSM GeoJSON -----------------------------------------------------------------------------------


def _geojson_rows(content: str, path: Path) -> Iterator[SourceRow]:
    try:
        data = json.loads(content)
        features = data["features"]
        if not isinstance(features, list):
            raise TypeError
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        raise ImportFileError(
            f"Le fichier {path.name} n’est pas une collection GeoJSON valable."
        ) from error
    return (_geojson_row(rank, feature) for rank, feature in enumerate(features, 1))


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


def _plain_csv(
    rows: Iterable[tuple[int, dict]],
    header: list[str],
    path: Path,
    source: str,
    remarks: tuple[str, ...],
) -> ShopFile:
    titles = {title: TITLES.get(normalise(title), "") for title in header}
    if "nom" not in titles.values():
        raise ImportFileError(
            f"Le fichier {path.name} n’a pas de colonne «\u00a0nom\u00a0»\u00a0: "
            "voyez docs/import.md."
        )
    unknown = [title for title, column in titles.items() if title and not column]
    if set(header) >= OWN_EXPORT and "confirme_par" not in header:
        # Identifiers are the numbers of our shops, not those of a town's file of the same name.
        source = f"export {source or path.stem}"
        unknown.remove("source")
    if unknown:
        remarks = (*remarks, f"Colonnes non reprises\u00a0: {', '.join(unknown)}.")
    name = CSV_PREFIX + (normalise(source or path.stem).replace(" ", "-") or "fichier")
    return ShopFile("csv", name[:40], _plain_rows(rows, titles), remarks)


def _plain_rows(rows: Iterable[tuple[int, dict]], titles: dict[str, str]) -> Iterator[SourceRow]:
    for line, row in rows:
        values: dict[str, str] = {}
        for title, text in row.items():
            column = titles.get(title)
            if column and text:
                # Two columns of one meaning (téléphone, mobile): both, one after the other.
                values[column] = f"{values[column]} ; {text}" if column in values else text
        yield SourceRow(line, values.get("identifiant", ""), values)
