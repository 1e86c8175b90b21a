"""A listing as values: typed ones to write, and plain ones that JSON holds.

History, proposals and the comparison of two pages that edit one listing are made of plain values:
{field: value}, where hours are OSM text, categories are slugs and amounts are texts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from merchants.geo import Point
from merchants.models import Category, Commune, ServiceOption, Shop
from merchants.opening_hours import (
    HolidayRule,
    Period,
    Schedule,
    SpecialKind,
    SpecialPeriod,
    from_osm,
)

Plain = dict[str, Any]
Changes = dict[str, list]  # {field: [old, new]}, plain values


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One way in which an order leaves the shop; the fields are those of `ServiceOption`."""

    kind: str
    note: str = ""
    area: str = ""
    minimum_order: Decimal | None = None
    fee: Decimal | None = None
    delay: str = ""
    how_to_order: str = ""
    pickup_place: str = ""

    @classmethod
    def of(cls, option: ServiceOption) -> "Service":
        return cls(**{name: getattr(option, name) for name in SERVICE_FIELDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a listing says; the fields are those of `Shop`.

    None in `services` or `schedule` means "not part of this write"; an empty tuple or an empty
    schedule removes what is there. A schedule has its own holiday rule; without one,
    `holiday_rule` may change the rule and leave the hours as they are.
    """

    commune: Commune
    name: str
    main_category: Category | None  # None in a draft alone.
    categories: tuple[Category, ...] = ()
    siret: str = ""
    description: str = ""
    house_number: str = ""
    street: str = ""
    address_extra: str = ""
    postcode: str = ""
    city: str = ""
    point: Point | None = None
    location_source: str = ""
    location_precision: str = ""
    service_area: str = ""
    phone: str = ""
    phone_is_public: bool = True
    email: str = ""
    email_is_public: bool = True
    website: str = ""
    shop_url: str = ""
    social_links: tuple[str, ...] = ()
    step_free: str = ""
    payment_means: tuple[str, ...] = ()
    services: tuple[Service, ...] | None = None
    schedule: Schedule | None = None
    holiday_rule: HolidayRule | None = None
    source: str = ""
    source_id: str = ""

    @classmethod
    def of(cls, shop: Shop) -> "Listing":
        """The listing as it stands. Prefetch categories, services, periods and specials."""
        main = shop.main_category_id
        values = {name: getattr(shop, name) for name in (*TEXTS, *FLAGS)}
        return cls(
            commune=shop.commune,
            main_category=shop.main_category,
            categories=tuple(sorted(shop.categories.all(), key=lambda c: (c.pk != main, c.pk))),
            point=shop.point,
            social_links=tuple(shop.social_links),
            payment_means=tuple(shop.payment_means),
            services=tuple(Service.of(option) for option in shop.services.all()),
            schedule=shop.schedule,
            source=shop.source,
            source_id=shop.source_id,
            **values,
        )


# The plain text fields that `Listing` and `Shop` share.
TEXTS = (
    "name", "siret", "description", "house_number", "street", "address_extra", "postcode",
    "city", "location_source", "location_precision", "service_area", "phone", "email",
    "website", "shop_url", "step_free",
)  # fmt: skip
# Yes or no.
FLAGS = ("phone_is_public", "email_is_public")
# All columns of `Shop` that `listing.fill` sets.
COLUMNS = (
    *TEXTS, *FLAGS, "latitude", "longitude", "social_links", "payment_means", "main_category",
    "holiday_rule", "search_text", "source", "source_id",
)  # fmt: skip
SERVICE_FIELDS = tuple(Service.__dataclass_fields__)
HOURS_FIELDS = frozenset({"hours", "holiday_rule", "specials"})


def plain(listing: Listing) -> Plain:
    """The plain values of a listing; without those of services or hours where it has none."""
    values: Plain = {name: getattr(listing, name) for name in (*TEXTS, *FLAGS)}
    main = listing.main_category.slug if listing.main_category else None
    values |= {
        "commune": listing.commune.insee_code,
        "main_category": main,
        "categories": sorted({c.slug for c in listing.categories} - {main}),
        "point": list(listing.point) if listing.point else None,
        "social_links": list(listing.social_links),
        "payment_means": list(listing.payment_means),
    }
    if listing.services is not None:
        values["services"] = [_plain_service(service) for service in listing.services]
    if listing.schedule is not None:
        values |= plain_hours(listing.schedule)
    return values


def plain_hours(schedule: Schedule) -> Plain:
    """The week as OSM text, apart from the holiday rule and the special periods."""
    return {
        "hours": _week_text(schedule.weekly),
        "holiday_rule": schedule.holiday_rule.value,
        "specials": [
            {
                "start": special.start.isoformat(),
                "end": special.end.isoformat(),
                "kind": special.kind.value,
                "reason": special.reason,
                "periods": [
                    [row.weekday, row.opens, row.closes, row.by_appointment]
                    for row in special.periods
                ],
            }
            for special in schedule.specials
        ],
    }


@lru_cache(maxsize=4096)
def _week_text(weekly: tuple[Period, ...]) -> str:
    return Schedule(weekly, holiday_rule=HolidayRule.AS_USUAL).to_osm() if weekly else ""


def differences(before: Plain, after: Plain) -> Changes:
    """What differs between two sets of plain values, for the fields of the second one."""
    return {
        name: [before.get(name), value]
        for name, value in after.items()
        if before.get(name) != value
    }


def with_values(
    listing: Listing,
    values: Mapping[str, Any],
    *,
    categories: Mapping[str, Category] | None = None,
) -> Listing:
    """The listing with some plain values put in; special periods and the commune stay.

    Costs one query where categories are among them, unless all `categories` are given by their
    slugs. Raises KeyError for a category that is gone.
    """
    typed: dict[str, Any] = {name: values[name] for name in (*TEXTS, *FLAGS) if name in values}
    for name in ("social_links", "payment_means"):
        if name in values:
            typed[name] = tuple(values[name])
    if "point" in values:
        typed["point"] = Point(*values["point"]) if values["point"] else None
    if "services" in values:
        typed["services"] = tuple(_typed_service(service) for service in values["services"])
    if "main_category" in values or "categories" in values:
        own = plain(listing)
        main = values.get("main_category", own["main_category"])
        slugs = [slug for slug in (main, *values.get("categories", own["categories"])) if slug]
        found = categories
        if found is None:
            found = Category.objects.select_related("parent").in_bulk(slugs, field_name="slug")
        typed["main_category"] = found[main] if main else None
        typed["categories"] = tuple(dict.fromkeys(found[slug] for slug in slugs))
    if "hours" in values or "holiday_rule" in values:
        schedule = listing.schedule or Schedule()
        if "hours" in values:
            schedule = replace(schedule, weekly=week_of(values["hours"]).weekly)
        if "holiday_rule" in values:
            schedule = replace(schedule, holiday_rule=HolidayRule(values["holiday_rule"]))
        typed["schedule"] = schedule
    return replace(listing, **typed)


def with_specials(listing: Listing, specials: list[Plain]) -> Listing:
    """The listing with the special periods that `plain_hours` wrote."""
    typed = tuple(
        SpecialPeriod(
            date.fromisoformat(special["start"]),
            date.fromisoformat(special["end"]),
            SpecialKind(special["kind"]),
            tuple(Period(*row) for row in special["periods"]),
            special["reason"],
        )
        for special in specials
    )
    return replace(listing, schedule=replace(listing.schedule or Schedule(), specials=typed))


def week_of(osm: str) -> Schedule:
    """The weekly rows of the OSM text that `plain_hours` wrote."""
    # No date stands in it: the day of reading makes no difference.
    return from_osm(osm, today=date(2026, 1, 1)) if osm else Schedule()


def typed_special(special: Plain) -> SpecialPeriod:
    """A special period from what `plain_hours` made of it."""
    return SpecialPeriod(
        date.fromisoformat(special["start"]),
        date.fromisoformat(special["end"]),
        SpecialKind(special["kind"]),
        tuple(Period(*row) for row in special["periods"]),
        special["reason"],
    )


def _plain_service(service: Service) -> Plain:
    values = {name: getattr(service, name) for name in SERVICE_FIELDS}
    for name in ("minimum_order", "fee"):
        if values[name] is not None:
            values[name] = str(Decimal(str(values[name])).quantize(Decimal("0.01")))
    return {name: value for name, value in values.items() if value not in ("", None)}


def _typed_service(values: Plain) -> Service:
    amounts = {name: Decimal(values[name]) for name in ("minimum_order", "fee") if name in values}
    return Service(**values | amounts)
