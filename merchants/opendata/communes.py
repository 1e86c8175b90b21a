"""Reading communes: geo.api.gouv.fr (files or live), a CSV of the COG, and contours."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from merchants.geo import Box, Point, box_of
from merchants.phone import PhoneError, normalise_phone
from merchants.workflow.communes import CommuneValues, TownHallValues

from .files import ImportFileError, clean, read_csv, read_json, read_text

TIMEOUT = 30  # seconds; a department's contours weigh a few megabytes
FIELDS = "nom,code,codesPostaux,codeDepartement,population,centre,contour,bbox"
_CODE = re.compile(r"^\d[0-9AB]\d{3}$")


@dataclass(slots=True)
class CommuneFile:
    """What a file holds: communes, contours of communes described elsewhere, or both."""

    communes: list[CommuneValues] = field(default_factory=list)
    contours: list[tuple[str, dict]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def keep(self, departments: set[str], codes: set[str]) -> None:
        """Leaves out what lies outside these departments and communes; keeps all without any."""
        if departments or codes:
            self.communes = [
                record
                for record in self.communes
                if record.insee_code in codes or record.department in departments
            ]
            self.contours = [
                (code, shape)
                for code, shape in self.contours
                if code in codes or department_of(code) in departments
            ]


def read_communes(path: Path) -> CommuneFile:
    """Reads a file of communes. Raises ImportFileError where it is none."""
    if path.suffix.lower() == ".csv":
        return _from_csv(path)
    return _from_json(read_json(path), path.name)


def fetch_communes(base_url: str, *, department: str = "", code: str = "") -> CommuneFile:
    """Asks geo.api.gouv.fr for a department's communes, or for one. Raises ImportFileError."""
    place = f"departements/{department}/communes" if department else f"communes/{code}"
    url = f"{base_url.rstrip('/')}/{urllib.parse.quote(place)}?fields={FIELDS}&format=json"
    request = urllib.request.Request(url, headers={"User-Agent": "commerce-local"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            data = json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise ImportFileError(
                f"geo.api.gouv.fr ne connaît pas {department or code}."
            ) from error
        raise ImportFileError(
            f"geo.api.gouv.fr a répondu par une erreur ({error.code}). Réessayez plus tard."
        ) from error
    except (OSError, ValueError) as error:
        raise ImportFileError(
            "geo.api.gouv.fr ne répond pas. Réessayez plus tard, ou donnez un fichier."
        ) from error
    if not data:
        raise ImportFileError(f"geo.api.gouv.fr ne connaît pas {department or code}.")
    return _from_json(data, "geo.api.gouv.fr")


def department_of(code: str) -> str:
    """The department of an INSEE code: "92" of 92063, "974" of 97411, "99" of 99138."""
    return code[:3] if code[:2] in {"97", "98"} else code[:2]


def _from_csv(path: Path) -> CommuneFile:
    text = read_text(path)
    found = CommuneFile(remarks=list(text.remarks))
    wrong = 0
    for _line, row in read_csv(text.content, path.name):
        code, name = row.get("code_insee", ""), row.get("nom", "")
        if not (_CODE.match(code) and name):
            wrong += 1
            continue
        found.communes.append(
            CommuneValues(
                insee_code=code,
                name=name[:120],
                department=row.get("departement") or department_of(code),
                postcodes=tuple(re.findall(r"\d{5}", row.get("codes_postaux", ""))),
                population=int(row["population"]) if row.get("population", "").isdigit() else None,
                centre=_csv_point(row, "point") or _csv_point(row, "centroid"),
                box=_csv_box(row),
            )
        )
    if not found.communes:
        raise ImportFileError(
            f"Le fichier {path.name} ne contient aucune commune (colonnes code_insee et nom)."
        )
    if wrong:
        found.remarks.append(f"Lignes sans code INSEE ou sans nom\u00a0: {wrong}.")
    return found


def _csv_point(row: dict[str, str], prefix: str) -> Point | None:
    try:
        return Point.parse(f"{row[f'{prefix}_lat']},{row[f'{prefix}_lon']}")
    except (KeyError, ValueError):
        return None


def _csv_box(row: dict[str, str]) -> Box | None:
    try:
        return Box.parse(",".join(row[f"bbox_{side}"] for side in "wsen"))
    except (KeyError, ValueError):
        return None


def _from_json(data: Any, name: str) -> CommuneFile:
    if isinstance(data, dict) and data.get("type") == "FeatureCollection":
        pairs = [
            (feature.get("properties") or {}, feature.get("geometry"))
            for feature in data.get("features", [])
            if isinstance(feature, dict)
        ]
    else:
        rows = data if isinstance(data, list) else [data]
        pairs = [(row, None) for row in rows if isinstance(row, dict)]
    found = CommuneFile()
    wrong = 0
    for row, geometry in pairs:
        code = clean(row.get("code"))
        try:
            if not _CODE.match(code):
                raise ValueError(code)
            contour = _contour(row.get("contour")) or _contour(geometry)
            if contour and not {"codesPostaux", "codeDepartement", "population"} & row.keys():
                found.contours.append((code, contour))
            else:
                found.communes.append(_commune(code, row, geometry, contour))
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            wrong += 1
    if not (found.communes or found.contours):
        raise ImportFileError(f"Le fichier {name} ne contient aucune commune.")
    if wrong:
        found.remarks.append(f"Communes illisibles, laissées de côté\u00a0: {wrong}.")
    return found


def _commune(code: str, row: dict, geometry: dict | None, contour: dict | None) -> CommuneValues:
    if not clean(row.get("nom")):
        raise ValueError(code)
    postcodes = row.get("codesPostaux")
    bbox = row.get("bbox")
    if bbox:
        bbox = box_of(bbox) if isinstance(bbox, dict) else Box(*map(float, bbox))
    town_hall = row.get("mairie")
    return CommuneValues(
        insee_code=code,
        name=clean(row["nom"])[:120],
        department=clean(row.get("codeDepartement")) or department_of(code),
        postcodes=None if postcodes is None else tuple(map(str, postcodes)),
        population=None if row.get("population") is None else int(row["population"]),
        centre=_point(row.get("centre")) or _point(geometry),
        box=bbox or None,
        contour=contour,
        # The API's own `mairie` is a point; ours gives the particulars.
        town_hall=_town_hall(town_hall)
        if isinstance(town_hall, dict) and "coordinates" not in town_hall
        else None,
    )


def _town_hall(block: dict) -> TownHallValues:
    color = clean(block.get("couleur"))
    try:
        phone = normalise_phone(clean(block.get("telephone")))
    except PhoneError:
        phone = ""
    return TownHallValues(
        town_hall_name=clean(block.get("nom"))[:120],
        town_hall_address=clean(block.get("adresse")),
        town_hall_phone=phone,
        town_hall_email=clean(block.get("courriel")),
        town_hall_website=clean(block.get("site"))[:200],
        accent_color=color if re.fullmatch(r"#[0-9a-fA-F]{6}", color) else "",
        welcome_text=clean(block.get("texte_accueil"))[:600],
        legal_notice=clean(block.get("mentions_legales")),
    )


def _point(geometry: Any) -> Point | None:
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return None
    longitude, latitude = geometry["coordinates"][:2]
    return Point.parse(f"{latitude},{longitude}")


def _contour(geometry: Any) -> dict | None:
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return None
    box_of(geometry)  # Raises where the coordinates are none.
    return {"type": geometry["type"], "coordinates": geometry["coordinates"]}
