"""What the town hall sees of its listings, hidden contacts included: CSV, XLSX, GeoJSON.

Written CHUNK listings at a time, whatever their number: six queries and a few megabytes for each.
The titles are those that imports read (docs/import.md), then what only the town hall knows.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import orjson
import xlsxwriter
from django.db.models import Choices
from django.utils import translation

from merchants.models import ServiceOption, Shop, ShopStatus
from merchants.models.service import ServiceKind
from merchants.models.shop import (
    Confirmer,
    LocationPrecision,
    LocationSource,
    PaymentMeans,
    StepFree,
)
from merchants.opening_hours import HolidayRule
from merchants.workflow import mail

from .facts import SERVICE_COLUMNS
from .files import inert

CHUNK = 500
Value = str | float | bool | date | datetime | None

# In words that imports understand.
_STEP_FREE = {StepFree.YES: "oui", StepFree.LIMITED: "partiel", StepFree.NO: "non"}
_HOLIDAYS = {
    HolidayRule.CLOSED: "fermé", HolidayRule.AS_USUAL: "ouvert", HolidayRule.UNKNOWN: "à confirmer",
}  # fmt: skip


def _labels(choices: type[Choices]) -> dict[Any, str]:
    with translation.override("fr"):
        return {choice.value: str(choice.label) for choice in choices}


_STATUSES, _CONFIRMERS = _labels(ShopStatus), _labels(Confirmer)
_SOURCES, _PRECISIONS = _labels(LocationSource), _labels(LocationPrecision)
_PAYMENTS = _labels(PaymentMeans)


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    value: Callable[[Shop], Value]
    width: int = 14  # In a spreadsheet, in characters.


def _local(shop: Shop, moment: datetime | None) -> datetime | None:
    """By the clock of the commune, without its zone: spreadsheets know none."""
    if moment is None:
        return None
    return moment.astimezone(ZoneInfo(shop.commune.timezone)).replace(tzinfo=None, microsecond=0)


def _day(shop: Shop, moment: datetime | None) -> date | None:
    local = _local(shop, moment)
    return local.date() if local else None


def _service(kind: str) -> Callable[[Shop], str]:
    def value(shop: Shop) -> str:
        found = next((row for row in shop.services.all() if row.kind == kind), None)
        return service_words(found) if found else ""

    return value


def service_words(service: ServiceOption) -> str:
    """ "oui", or all that a customer must know: "Suresnes, dès 40 €, 5 €, sous 48 h"."""
    minimum, fee = service.minimum_order, service.fee
    parts = (
        service.area,
        f"dès {_euros(minimum)}" if minimum is not None else "",
        _euros(fee) if fee is not None else "",
        service.delay,
        service.pickup_place,
        service.how_to_order,
        service.note,
    )
    return ", ".join(filter(None, parts)) or "oui"


def _euros(amount) -> str:
    text = f"{amount:.2f}".removesuffix(".00").replace(".", ",")
    return f"{text}\u00a0€"


COLUMNS = (
    Column("identifiant", lambda shop: shop.pk, 11),
    Column("nom", lambda shop: shop.name, 32),
    Column("categorie", lambda shop: shop.main_category.slug if shop.main_category else "", 22),
    Column(
        "autres_categories",
        lambda shop: "|".join(c.slug for c in shop.categories.all() if c != shop.main_category),
        22,
    ),
    Column("siret", lambda shop: shop.siret, 16),
    Column("numero", lambda shop: shop.house_number, 8),
    Column("voie", lambda shop: shop.street, 28),
    Column("complement", lambda shop: shop.address_extra, 20),
    Column("code_postal", lambda shop: shop.postcode, 11),
    Column("commune", lambda shop: shop.city or shop.commune.name, 20),
    Column("code_insee", lambda shop: shop.commune.insee_code, 11),
    Column("latitude", lambda shop: shop.latitude),
    Column("longitude", lambda shop: shop.longitude),
    Column("zone_intervention", lambda shop: shop.service_area, 20),
    Column("telephone", lambda shop: shop.phone, 15),
    Column("telephone_visible", lambda shop: shop.phone_is_public),
    Column("courriel", lambda shop: shop.email, 28),
    Column("courriel_visible", lambda shop: shop.email_is_public),
    Column("site", lambda shop: shop.website, 28),
    Column("boutique_en_ligne", lambda shop: shop.shop_url, 28),
    Column("reseaux_sociaux", lambda shop: " ".join(shop.social_links), 28),
    Column("description", lambda shop: shop.description, 40),
    Column("horaires", lambda shop: shop.schedule.to_osm(), 40),
    Column("jours_feries", lambda shop: _HOLIDAYS[shop.holiday_rule]),
    *(Column(title, _service(kind), 18) for title, kind in SERVICE_COLUMNS.items()),
    Column("acces_pmr", lambda shop: _STEP_FREE.get(shop.step_free, "")),
    Column(
        "paiement",
        lambda shop: ", ".join(_PAYMENTS[code] for code in shop.payment_means if code in _PAYMENTS),
        28,
    ),
    Column("confirme_le", lambda shop: _day(shop, shop.confirmed_at), 12),
    # Not "confirme_par": with it, an import would take our numbers for those of a town's own file.
    Column("confirme_en_qualite_de", lambda shop: _CONFIRMERS.get(shop.confirmed_as, ""), 22),
    Column("etat", lambda shop: _STATUSES[shop.status], 22),
    Column("tenu_par_un_commercant", lambda shop: shop.is_kept),
    Column("saisi_par_la_mairie", lambda shop: shop.on_behalf),
    Column("origine_du_point", lambda shop: _SOURCES.get(shop.location_source, ""), 20),
    Column("precision_du_point", lambda shop: _PRECISIONS.get(shop.location_precision, ""), 20),
    Column("source", lambda shop: shop.source),
    Column("identifiant_dans_la_source", lambda shop: shop.source_id, 20),
    Column("cree_le", lambda shop: _local(shop, shop.created_at), 17),
    Column("modifie_le", lambda shop: _local(shop, shop.updated_at), 17),
    Column("ferme_le", lambda shop: _day(shop, shop.closed_at), 12),
    Column(
        "page", lambda shop: mail.address_of("shop", shop.commune.slug, shop.slug), 40
    ),
)  # fmt: skip
assert set(SERVICE_COLUMNS.values()) == set(ServiceKind.values)


def listings(numbers: Sequence[int]) -> Iterator[Shop]:
    """The listings of these keys, in their order, a chunk at a time."""
    for start in range(0, len(numbers), CHUNK):
        chunk = numbers[start : start + CHUNK]
        found = Shop.objects.filter(pk__in=chunk).for_town_hall_export().in_bulk()
        yield from (found[number] for number in chunk if number in found)


def csv_lines(numbers: Sequence[int]) -> Iterator[str]:
    """A CSV as imports and spreadsheets read it; no cell is a formula."""
    line = io.StringIO()
    writer = csv.writer(line, delimiter=";")

    def written(cells: Iterator[str]) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
        return line.getvalue()

    # The mark by which spreadsheets know UTF-8.
    yield "\ufeff" + written(column.title for column in COLUMNS)
    for shop in listings(numbers):
        yield written(inert(_text(column.value(shop))) for column in COLUMNS)


def geojson_lines(numbers: Sequence[int]) -> Iterator[bytes]:
    """A FeatureCollection (RFC 7946), a feature a line; without a point, the geometry is null."""
    yield b'{"type":"FeatureCollection","features":['
    before = b"\n"
    for shop in listings(numbers):
        yield before + orjson.dumps(_feature(shop))
        before = b",\n"
    yield b"\n]}\n"


def xlsx_file(numbers: Sequence[int]) -> BinaryIO:
    """A spreadsheet as a temporary file, at its beginning: typed cells, a header that stays.

    Rows go to the disk as they are written; texts stay texts, even those that look like formulas.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("Commerces")
        bold = book.add_format({"bold": True})
        formats = {
            date: book.add_format({"num_format": "dd/mm/yyyy"}),
            datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        }
        sheet.freeze_panes(1, 2)
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.title, bold)
        row = 0
        for row, shop in enumerate(listings(numbers), start=1):
            for place, column in enumerate(COLUMNS):
                _write(sheet, row, place, column.value(shop), formats)
        sheet.autofilter(0, 0, row, len(COLUMNS) - 1)
    file.seek(0)
    return file


def _write(sheet, row: int, place: int, value: Value, formats: dict[type, Any]) -> None:
    if isinstance(value, date):  # A datetime is one, too.
        sheet.write_datetime(row, place, value, formats[type(value)])
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        sheet.write_number(row, place, value)
    elif text := _text(value):
        sheet.write_string(row, place, text)


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, date) else str(value)


def _feature(shop: Shop) -> dict[str, Any]:
    properties = {column.title: column.value(shop) for column in COLUMNS}
    properties["opening_hours"] = properties.pop("horaires")
    point = None
    if shop.point:
        point = {"type": "Point", "coordinates": (shop.longitude, shop.latitude)}
    return {"type": "Feature", "id": shop.pk, "geometry": point, "properties": properties}
