"""From a line of a file to a listing: what can be kept, what had to be left out, and why."""

import re
import sys
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from merchants.geo import Point
from merchants.models import Category, Commune
from merchants.models.shop import Confirmer, LocationPrecision, LocationSource
from merchants.opening_hours import (
    HolidayRule,
    OpeningHoursError,
    Schedule,
    from_french,
    from_osm,
    repair_osm,
)
from merchants.siret import SiretError, normalise_siret
from merchants.text import normalise
from merchants.workflow import WorkflowError
from merchants.workflow.listing import Listing, Service, check_email, prepared

from . import values as read
from .category_index import CategoryIndex
from .contacts import addresses_in, phone_in
from .deliveries import Around, delivery_of
from .facts import Facts, Remark, facts_of
from .places import Everywhere, Forced, PlaceError
from .readers import SourceRow

# The longest texts that the columns hold; longer ones are cut, and that is said.
LENGTHS = {
    "name": 120, "description": 2000, "house_number": 20, "street": 160, "address_extra": 160,
    "city": 120, "service_area": 200,
}  # fmt: skip
_REPEATED = {"house_number", "street", "city", "service_area"}


@dataclass(slots=True)
class Mapped:
    """A line understood: a listing with remarks on what was repaired, or the reason of refusal."""

    line: int
    source_id: str
    name: str = ""
    listing: Listing | None = None
    # Nobody tells the activity: never to be published as it is.
    is_unknown: bool = False
    remarks: list[Remark] = field(default_factory=list)
    refusal: Remark | None = None
    confirmed_at: datetime | None = None
    confirmed_as: str = ""


class _Refused(Exception):
    def __init__(self, label: str, detail: str = ""):
        self.remark = Remark(label, detail)
        super().__init__(label)


class Mapper:
    """Maps the lines of one file; `today` is the day from which opening hours are understood.

    With `keep_unknown`, a line whose activity nobody tells becomes an "other shop" that is
    marked as such, instead of being refused.
    """

    def __init__(
        self,
        *,
        format: str,
        source: str,
        categories: CategoryIndex,
        places: Forced | Everywhere,
        today: date,
        keep_unknown: bool = False,
    ):
        self.format = format
        self.source = source
        self.categories = categories
        self.places = places
        self.today = today
        self.keep_unknown = keep_unknown

    def map(self, row: SourceRow) -> Mapped:
        mapped = Mapped(row.line, row.source_id)
        try:
            facts = facts_of(self.format, row.values)
            mapped.name = " ".join(facts.name.split())
            mapped.remarks += facts.remarks
            mapped.listing = self._listing(row, facts, mapped)
            self._confirmation(facts, mapped)
        except _Refused as refused:
            mapped.refusal = refused.remark
        except WorkflowError as error:
            mapped.refusal = Remark("Valeur refusée", str(error))
        if mapped.refusal:
            mapped.listing = None
        return mapped

    def _listing(self, row: SourceRow, facts: Facts, mapped: Mapped) -> Listing:
        remarks = mapped.remarks
        found = self._categories(facts, mapped)
        if not normalise(facts.name):
            label = "Nom sans lettre ni chiffre" if facts.name else "Nom absent"
            raise _Refused(label, f"{found[0].name}, {_whereabouts(facts)}")
        texts = _texts(facts, remarks)
        facts.postcode = texts["postcode"]
        point = self._point(facts, remarks)
        if point is None and not (facts.street or facts.service_area):
            raise _Refused("Ni position ni adresse")
        try:
            commune, metres = self.places.commune_of(
                point, insee_code=facts.insee_code, postcode=facts.postcode, city=facts.city
            )
        except PlaceError as error:
            raise _Refused(error.reason, error.detail) from error
        if metres:
            remarks.append(Remark("Point hors du contour", f"à {metres}\u00a0m", notice=True))
        if texts["postcode"] == "" and len(commune.postcodes) == 1:
            texts["postcode"] = commune.postcodes[0]
        listing = Listing(
            commune=commune,
            main_category=found[0],
            categories=tuple(found),
            siret=_siret(facts.siret, remarks),
            point=point,
            location_source=LocationSource.IMPORT.value if point else "",
            location_precision=_precision(facts) if point else "",
            phone=phone_in(facts.phones, commune, remarks),
            step_free=_step_free(facts.step_free, remarks),
            payment_means=facts.payment_means,
            services=self._services(facts, commune),
            schedule=self._schedule(facts, commune, remarks),
            source=self.source,
            source_id=row.source_id[:120],
            **texts,
            **addresses_in(facts, remarks),
        )
        return _kept(listing, remarks)

    def _categories(self, facts: Facts, mapped: Mapped) -> list[Category]:
        index, remarks = self.categories, mapped.remarks
        found: list[Category] = []
        unknown: list[str] = []
        reason = ""
        told = bool(facts.tags or facts.labels or facts.naf)
        for verdict in (
            index.of_tags(facts.tags),
            index.of_label(facts.labels),
            index.of_naf(facts.naf) if facts.naf else None,
            index.of_name(facts.by_name) if facts.by_name and not facts.labels else None,
        ):
            if verdict is None:
                continue
            if verdict.reason and not found:
                reason = reason or verdict.reason
            found += [category for category in verdict.categories if category not in found]
            unknown += verdict.unknown
        if reason and (not found or reason == index.of_tags(facts.tags).reason):
            raise _Refused(reason.rstrip("."))
        if facts.more_labels:
            verdict = index.of_label(facts.more_labels)
            found += [category for category in verdict.categories if category not in found]
            unknown += verdict.unknown
        if found:
            if unknown:
                remarks.append(Remark("Catégorie inconnue, laissée de côté", ", ".join(unknown)))
            return found
        if self.format.startswith("osm") and not any(
            tag.startswith(("shop=", "craft=")) for tag in facts.tags
        ):
            mapped.is_unknown = self.keep_unknown and not facts.tags
            if not mapped.is_unknown:
                raise _Refused("Aucune activité commerciale indiquée", ", ".join(facts.tags))
        if not told and facts.by_name:
            mapped.is_unknown = self.keep_unknown
            if not mapped.is_unknown:
                raise _Refused("Activité non indiquée, et le nom ne la dit pas")
        if index.other is None:
            raise _Refused("Aucune catégorie n’est chargée")
        if mapped.is_unknown:
            remarks.append(Remark("Activité inconnue, gardée en brouillon"))
            return [index.other]
        remarks.append(
            Remark(
                "Rangé dans «\u00a0Autre commerce\u00a0»", ", ".join(unknown) or "rien d’indiqué"
            )
        )
        return [index.other]

    def _point(self, facts: Facts, remarks: list[Remark]) -> Point | None:
        try:
            return read.point_of(facts.latitude, facts.longitude)
        except ValueError:
            words = f"{facts.latitude}, {facts.longitude}"
            remarks.append(Remark("Position illisible, non reprise", words))
            return None

    def _services(self, facts: Facts, commune: Commune) -> tuple[Service, ...]:
        if not facts.delivery:
            return tuple(facts.services)
        around = Around(
            commune.name,
            commune.department,
            lambda name: self.places.names.near(name, commune),
        )
        delivery = delivery_of(facts.delivery, around)
        return tuple(
            delivery if service.kind == delivery.kind else service for service in facts.services
        )

    def _schedule(self, facts: Facts, commune: Commune, remarks: list[Remark]) -> Schedule:
        unknown = _unknown(commune.timezone, commune.holiday_zone)
        text = facts.osm_hours or facts.hours
        schedule = unknown
        if text:
            try:
                schedule, repairs = _hours(
                    text, bool(facts.hours), self.today, commune.timezone, commune.holiday_zone
                )
            except OpeningHoursError as error:
                remarks.append(
                    Remark("Horaires non compris, non repris", f"«\u00a0{text}\u00a0» ({error})")
                )
            else:
                for sentence in repairs:
                    remarks.append(Remark("Horaires réparés", sentence))
                for sentence in schedule.losses:
                    remarks.append(Remark("Horaires repris en partie", sentence))
        if facts.holiday_words:
            rule = _HOLIDAYS.get(normalise(facts.holiday_words))
            if rule is None:
                remarks.append(Remark("Jours fériés non compris, non repris", facts.holiday_words))
            else:
                schedule = replace(schedule, holiday_rule=rule)
        return schedule

    def _confirmation(self, facts: Facts, mapped: Mapped) -> None:
        if not facts.confirmed_on:
            return
        if not facts.confirmed_by:
            # As in our own exports, which do not tell who.
            mapped.remarks.append(
                Remark("Confirmation sans auteur, non reprise", facts.confirmed_on, notice=True)
            )
            return
        who = _CONFIRMERS.get(normalise(facts.confirmed_by))
        try:
            day = read.date_of(facts.confirmed_on)
        except ValueError:
            day = None
        if who is None or day is None or day > self.today:
            words = f"{facts.confirmed_on} {facts.confirmed_by}".strip()
            mapped.remarks.append(Remark("Confirmation non comprise, non reprise", words))
            return
        zone = ZoneInfo(mapped.listing.commune.timezone)
        mapped.confirmed_at = datetime.combine(day, time(12), zone)
        mapped.confirmed_as = who.value


_CONFIRMERS = {
    **dict.fromkeys(
        ("merchant", "commercant", "le commercant", "la commercante"), Confirmer.MERCHANT
    ),
    **dict.fromkeys(("town hall", "mairie", "la mairie", "agent"), Confirmer.TOWN_HALL),
    **dict.fromkeys(
        ("town hall phone", "mairie telephone", "mairie tel", "mairie par telephone", "telephone",
         "la mairie par telephone"),
        Confirmer.TOWN_HALL_BY_PHONE,
    ),
}  # fmt: skip
_HOLIDAYS = {
    **dict.fromkeys(
        ("ferme", "fermee", "closed", "non", "ferme les jours feries"), HolidayRule.CLOSED
    ),
    **dict.fromkeys(
        ("ouvert", "as usual", "oui", "ouvert comme d habitude", "comme d habitude"),
        HolidayRule.AS_USUAL,
    ),
    **dict.fromkeys(("unknown", "inconnu", "a confirmer", "variable"), HolidayRule.UNKNOWN),
}


@lru_cache(maxsize=64)
def _unknown(timezone: str, holiday_zone: str) -> Schedule:
    return Schedule(timezone=timezone, holiday_zone=holiday_zone)


@lru_cache(maxsize=4096)
def _hours(
    text: str, maybe_french: bool, today: date, timezone: str, holiday_zone: str
) -> tuple[Schedule, tuple[str, ...]]:
    """The schedule of an OSM value, or of a French sentence, and what was repaired."""
    repaired, sentences = repair_osm(text)
    try:
        schedule = from_osm(repaired, today=today, timezone=timezone, holiday_zone=holiday_zone)
    except OpeningHoursError:
        if not maybe_french:
            raise
        schedule = from_french(text)
        return replace(schedule, timezone=timezone, holiday_zone=holiday_zone), ()
    if not re.search(r"\bPH\b", repaired) and repaired.strip() != "24/7":
        # Silence on public holidays is no promise to open on them.
        schedule = replace(schedule, holiday_rule=HolidayRule.UNKNOWN)
    return schedule, sentences


def _kept(listing: Listing, remarks: list[Remark]) -> Listing:
    """The listing as the workflow takes it; an e-mail address that is none is left out."""
    if listing.email:
        try:
            check_email(listing.email)
        except ValidationError:
            remarks.append(Remark("Courriel illisible, non repris", listing.email))
            listing = replace(listing, email="")
    return prepared(listing)


def _texts(facts: Facts, remarks: list[Remark]) -> dict[str, str]:
    texts = {}
    for name, length in LENGTHS.items():
        text = getattr(facts, name)
        if name != "description":
            text = " ".join(text.split())
        if len(text) > length:
            remarks.append(Remark("Texte trop long, coupé", f"{text[:40]}…"))
            text = f"{text[: length - 1].rstrip()}…"
        # Streets and cities come again and again: one text for all.
        texts[name] = sys.intern(text) if name in _REPEATED else text
    postcode = facts.postcode.replace(" ", "")
    if postcode and not (len(postcode) == 5 and postcode.isdigit()):
        remarks.append(Remark("Code postal illisible, non repris", facts.postcode))
        postcode = ""
    return texts | {"postcode": sys.intern(postcode)}


def _whereabouts(facts: Facts) -> str:
    """Where somebody must look: address, else position, else the area."""
    street = f"{facts.house_number} {facts.street}".strip()
    position = ", ".join(filter(None, (facts.latitude, facts.longitude)))
    return street or position or facts.service_area or "sans adresse"


def _precision(facts: Facts) -> str:
    if facts.surveyed:
        return LocationPrecision.EXACT.value
    return (
        LocationPrecision.HOUSE_NUMBER if facts.house_number else LocationPrecision.STREET
    ).value


def _siret(text: str, remarks: list[Remark]) -> str:
    try:
        return normalise_siret(text)
    except SiretError as error:
        digits = text.strip()
        if digits.isdigit() and len(digits) == 13:
            return _siret(f"0{digits}", remarks)  # A spreadsheet ate the first zero.
        remarks.append(Remark("SIRET non repris", str(error)))
        return ""


def _step_free(text: str, remarks: list[Remark]) -> str:
    if not text or normalise(text) in {"unknown", "inconnu", "non renseigne"}:
        return ""
    found = read.step_free_of(text)
    if found is None:
        remarks.append(Remark("Accès non compris, non repris", text))
    return found or ""
