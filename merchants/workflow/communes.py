"""Writing communes: the official facts, and apart from them what a town hall says of itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext as _

from merchants.geo import Box, Point, box_of
from merchants.logos import process
from merchants.models import Commune, User
from merchants.models.commune import CLOCKS, PARIS
from merchants.models.service import ServiceKind
from merchants.photos import PhotoError
from merchants.text import index_text, normalise

from .errors import WorkflowError
from .listing import first_sentence
from .roles import refuse_unless_referent

CHUNK = 1000

# First segments of our own addresses: a commune of that name gets its department as well.
RESERVED_SLUGS = frozenset(
    """
    a-propos accessibilite admin aide api apropos autour categories classement commerce commerces
    communes compte confidentialite connexion contact deconnexion donnees donnees-ouvertes en
    espace-commercant favicon-ico feeds flux fr healthz i18n inscription mairie manifest media
    mentions-legales mes-commerces mon-commerce open-data opendata plan-du-site recherche
    robots-txt service services sitemap sitemap-xml static statut tout-est-exact
    """.split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TownHallValues:
    """What a town hall says of itself; the fields are those of `Commune`."""

    town_hall_name: str = ""
    town_hall_address: str = ""
    town_hall_phone: str = ""
    town_hall_email: str = ""
    town_hall_website: str = ""
    accent_color: str = ""
    welcome_text: str = ""
    legal_notice: str = ""


# What a town hall may write: its presentation, its rules, and the clock of the place.
TOWN_HALL_COLUMNS = (
    *TownHallValues.__dataclass_fields__,
    "moderation_policy",
    "appeal_contact",
    "edit_policy",
    "hidden_categories",
    "hidden_services",
    "timezone",
    "holiday_zone",
)
SEVERAL = "hidden_categories"  # The one that is rows of a table of its own.


@dataclass(frozen=True, slots=True, kw_only=True)
class CommuneValues:
    """What a file says of a commune; None where it is silent, which changes nothing."""

    insee_code: str
    name: str
    department: str
    postcodes: tuple[str, ...] | None = None
    population: int | None = None
    centre: Point | None = None
    box: Box | None = None
    contour: dict | None = None
    town_hall: TownHallValues | None = None


@dataclass(slots=True)
class CommuneCounts:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    without_geometry: int = 0
    unknown: int = 0


# Columns that a second loading renews. Not the slug (addresses stay), not the clock (the
# Marquesas differ from their department), not the town hall's own texts.
RENEWED = (
    "name", "department", "postcodes", "population", "latitude", "longitude", "bbox",
    "search_text",
)  # fmt: skip


def save_communes(
    records: Iterable[CommuneValues], *, by: User | None, now: datetime
) -> CommuneCounts:
    """Creates or updates communes by INSEE code.

    Effects: new communes with a slug and a clock of their own (and the town hall's particulars,
    if given); the official facts of known ones; their public pages are renewed.
    """
    records = {record.insee_code: record for record in records}
    counts = CommuneCounts()
    with transaction.atomic():
        held = _held()
        taken = {row["slug"] for row in held.values()} | RESERVED_SLUGS
        new, changed, outlined = [], [], []
        # The largest first: of homonyms, it is the one most people mean.
        order = sorted(records.values(), key=lambda r: (-(r.population or 0), r.insee_code))
        for record in order:
            before = held.get(record.insee_code)
            columns = _columns(record, before)
            counts.without_geometry += columns["bbox"] is None and columns["latitude"] is None
            if before is None:
                slug = _free_slug(record, taken)
                taken.add(slug)
                new.append(_new_commune(record, columns, slug))
            elif any(columns[name] != before[name] for name in RENEWED):
                changed.append(
                    Commune(insee_code=before["insee_code"], slug=before["slug"], **columns)
                )
            else:
                counts.unchanged += 1
            if before is not None and record.contour is not None:
                outlined.append((before["id"], record.contour))
        Commune.objects.bulk_create(new, CHUNK)
        Commune.objects.bulk_create(
            changed,
            CHUNK,
            update_conflicts=True,
            unique_fields=["insee_code"],
            update_fields=RENEWED,
        )
        counts.created, counts.updated = len(new), len(changed)
        renewed = {commune.insee_code for commune in changed}
        for code in _save_contours(outlined):
            if code not in renewed:
                renewed.add(code)
                counts.updated += 1
                counts.unchanged -= 1
        _renew_pages(renewed)
    return counts


def save_contours(
    contours: Iterable[tuple[str, dict]], *, by: User | None, now: datetime
) -> CommuneCounts:
    """Gives known communes their contour (INSEE code, GeoJSON geometry), and its box.

    Effects: contour and box; the public pages are renewed. Unknown codes are counted.
    """
    contours = dict(contours)
    counts = CommuneCounts()
    with transaction.atomic():
        keys = dict(Commune.objects.order_by().values_list("insee_code", "pk"))
        known = [(keys[code], shape) for code, shape in contours.items() if code in keys]
        changed = _save_contours(known)
        _renew_pages(changed)
        counts.updated = len(changed)
        counts.unchanged = len(known) - len(changed)
        counts.unknown = len(contours) - len(known)
    return counts


def touch(keys: Iterable[int]) -> None:
    """The public pages of these communes are renewed, in one order: of two writers neither waits
    for the other."""
    for commune in Commune.objects.light().filter(pk__in=keys).order_by("pk"):
        commune.touch()


def update_town_hall(
    commune: Commune, values: Mapping[str, object], *, by: User | None, now: datetime
) -> Commune:
    """Gives columns of TOWN_HALL_COLUMNS new values; ValueError on any other.

    A referent of the commune does, or an administrator. Effects: those columns and no other; the
    public pages are renewed. Raises WorkflowError on a value that cannot be kept. Without values,
    nothing is written.
    """
    if unknown := set(values) - set(TOWN_HALL_COLUMNS):
        raise ValueError(f"not for a town hall to write: {sorted(unknown)}")
    if not values:
        return commune
    columns = {name: value for name, value in values.items() if name != SEVERAL}
    with transaction.atomic():
        held = _locked(commune, by)
        for name, value in columns.items():
            setattr(held, name, value)
        others = {field.name for field in Commune._meta.get_fields()} - set(columns)
        try:
            held.clean_fields(exclude=others)
        except ValidationError as error:
            raise WorkflowError(first_sentence(Commune, error)) from error
        if set(held.hidden_services) - set(ServiceKind.values):
            raise WorkflowError(_("Ce service n’existe pas."))
        held.save(update_fields=columns)
        if SEVERAL in values:
            held.hidden_categories.set(values[SEVERAL])
        held.touch()
    commune.refresh_from_db(fields=[*columns, "version"])
    return commune


def set_logo(commune: Commune, file: BinaryIO | None, *, by: User | None, now: datetime) -> Commune:
    """A referent, or an administrator, gives the commune a logo; without `file`, takes it away.

    Effects: the picture, written anew on a ground where it can be seen (`logos.process`); the
    older file is deleted once that is committed; the public pages are renewed. Raises
    WorkflowError on a file that is no picture.
    """
    try:
        picture = process(file) if file else b""
    except PhotoError as error:
        raise WorkflowError(str(error)) from error
    with transaction.atomic():
        held = _locked(commune, by)
        older = held.logo.name
        if picture:
            name = f"{held.insee_code}-{sha256(picture).hexdigest()[:12]}.webp"
            if older == f"logos/{name}":
                return commune
            held.logo.save(name, ContentFile(picture), save=False)
        elif older:
            held.logo = ""
        else:
            return commune
        held.save(update_fields=["logo"])
        held.touch()
        if older:
            transaction.on_commit(partial(held.logo.storage.delete, older), robust=True)
    commune.refresh_from_db(fields=["logo", "version"])
    return commune


def _locked(commune: Commune, by: User | None) -> Commune:
    held = Commune.objects.select_for_update(of=("self",)).light().get(pk=commune.pk)
    refuse_unless_referent(held, by)
    return held


def _save_contours(outlined: list[tuple[int, dict]]) -> set[str]:
    """Writes the contours that differ; the INSEE codes of those communes."""
    codes = set()
    for start in range(0, len(outlined), 200):
        shapes = dict(outlined[start : start + 200])
        fields = Commune.objects.only("insee_code", "contour", "bbox").in_bulk(list(shapes))
        stale = []
        for pk, commune in fields.items():
            box = list(box_of(shapes[pk]))
            if commune.contour != shapes[pk] or commune.bbox != box:
                commune.contour, commune.bbox = shapes[pk], box
                stale.append(commune)
        Commune.objects.bulk_update(stale, ["contour", "bbox"], 100)
        codes |= {commune.insee_code for commune in stale}
    return codes


def _renew_pages(codes: set[str]) -> None:
    ordered = sorted(codes)
    for start in range(0, len(ordered), CHUNK // 2):
        for commune in (
            Commune.objects.filter(
                insee_code__in=ordered[start : start + CHUNK // 2], shops__isnull=False
            )
            .distinct()
            .only("pk")
        ):
            commune.touch()


def _held() -> dict[str, dict]:
    outlined = ExpressionWrapper(Q(contour__isnull=False), output_field=BooleanField())
    rows = Commune.objects.order_by().annotate(outlined=outlined)
    columns = ["id", "insee_code", "slug", "outlined", *RENEWED]
    return {row["insee_code"]: row for row in rows.values(*columns)}


def _columns(record: CommuneValues, before: dict | None) -> dict:
    """The renewed columns after this record; where it is silent, as they were."""
    old = before or {}
    # The contour is finer than any box that a file gives.
    if record.contour is not None:
        box = list(box_of(record.contour))
    elif record.box is not None and not old.get("outlined"):
        box = list(record.box)
    else:
        box = old.get("bbox")
    centre = record.centre or (old.get("latitude"), old.get("longitude"))
    postcodes = old.get("postcodes", []) if record.postcodes is None else list(record.postcodes)
    return {
        "name": record.name,
        "department": record.department,
        "postcodes": postcodes,
        "population": old.get("population") if record.population is None else record.population,
        "latitude": centre[0],
        "longitude": centre[1],
        "bbox": box,
        "search_text": index_text(record.name, *postcodes[:40]),
    }


def _new_commune(record: CommuneValues, columns: dict, slug: str) -> Commune:
    clock = CLOCKS.get(record.department, PARIS)
    commune = Commune(
        insee_code=record.insee_code,
        slug=slug,
        contour=record.contour,
        timezone=clock.timezone,
        holiday_zone=clock.holiday_zone,
        **columns,
    )
    if record.town_hall:
        for name in TownHallValues.__dataclass_fields__:
            setattr(commune, name, getattr(record.town_hall, name))
    return commune


def _free_slug(record: CommuneValues, taken: set[str]) -> str:
    name = normalise(record.name).replace(" ", "-") or "commune"
    by_department = f"{name}-{record.department.lower()}"
    for slug in (name, by_department):
        if slug not in taken:
            return slug
    return f"{by_department}-{record.insee_code.lower()}"
