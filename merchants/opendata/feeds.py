"""Published shops in the open formats: GeoJSON (RFC 7946), CSV, schema.org JSON-LD."""

import csv
import io
from datetime import date

import orjson

from merchants.models import Shop
from merchants.models.hours import SpecialKind
from merchants.models.shop import StepFree
from merchants.models.shop_queryset import ShopQuerySet
from merchants.opendata.facts import SERVICE_COLUMNS
from merchants.opendata.files import inert


def feature_collection(shops: ShopQuerySet) -> bytes:
    """The shops that have a point, as a compact GeoJSON FeatureCollection: one query.

    Each feature has the shop's id, its position to about 10 cm, and only what a marker needs:
    `name`, `path` (the shop's page is at `../<commune>/commerces/<path>`), `icon`.
    """
    rows = (
        shops.exclude(latitude=None)
        .order_by()
        .values_list(
            "pk", "longitude", "latitude", "name", "commune__slug", "slug", "main_category__icon"
        )
    )
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": pk,
                    "geometry": {
                        "type": "Point",
                        "coordinates": (round(longitude, 6), round(latitude, 6)),
                    },
                    "properties": {"name": name, "path": f"{commune}/{slug}", "icon": icon},
                }
                for pk, longitude, latitude, name, commune, slug, icon in rows.iterator(2000)
            ],
        }
    )


# Columns of the plain CSV that imports read (docs/import.md), and the source.
CSV_HEADER = [
    "identifiant", "nom", "categorie", "autres_categories", "siret", "numero", "voie",
    "complement", "code_postal", "commune", "code_insee", "latitude", "longitude",
    "zone_intervention", "telephone", "site", "boutique_en_ligne", "description", "horaires",
    *SERVICE_COLUMNS, "confirme_le", "source",
]  # fmt: skip


def csv_export(shops: ShopQuerySet) -> str:
    """The shops with their published particulars, opening hours in OSM's syntax: seven queries.

    Begins with the mark by which spreadsheets know UTF-8.
    """
    output = io.StringIO("\ufeff")
    output.seek(0, io.SEEK_END)
    writer = csv.writer(output, delimiter=";")
    writer.writerow(CSV_HEADER)
    for shop in shops.with_commune().for_export():
        services = {service.kind: service.note or "oui" for service in shop.services.all()}
        others = [c.slug for c in shop.categories.all() if c != shop.main_category]
        row = [
            shop.pk, shop.name, shop.main_category.slug, "|".join(others), shop.siret,
            shop.house_number, shop.street, shop.address_extra, shop.postcode,
            shop.city or shop.commune.name, shop.commune.insee_code, shop.latitude,
            shop.longitude, shop.service_area, shop.public_phone, shop.website, shop.shop_url,
            shop.description, shop.schedule.to_osm(),
            *(services.get(kind, "") for kind in SERVICE_COLUMNS.values()),
            f"{shop.confirmed_at:%Y-%m-%d}" if shop.confirmed_at else "", shop.source,
        ]  # fmt: skip
        writer.writerow("" if value is None else inert(str(value)) for value in row)
    return output.getvalue()


def local_business(shop: Shop, url: str, today: date) -> dict:
    """schema.org LocalBusiness, with the weekly hours and the special periods to come."""
    data = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "@id": url,
        "url": url,
        "name": shop.name,
        "description": shop.description,
        "telephone": shop.public_phone,
        "email": shop.public_email,
        "sameAs": [link for link in [shop.website, shop.shop_url, *shop.social_links] if link],
        "image": [photo.largest_url for photo in shop.photos.all()],
        "address": _given(
            {
                "@type": "PostalAddress",
                "streetAddress": shop.address_line,
                "postalCode": shop.postcode,
                "addressLocality": shop.city or shop.commune.name,
                "addressCountry": shop.commune.country_code,
            }
        ),
        "openingHoursSpecification": _weekly_hours(shop),
        "specialOpeningHoursSpecification": _special_hours(shop, today),
        "areaServed": shop.service_area,
        "identifier": shop.siret,
    }
    if shop.point:
        data["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": shop.latitude,
            "longitude": shop.longitude,
        }
    if shop.step_free in {StepFree.YES, StepFree.NO}:
        data["amenityFeature"] = {
            "@type": "LocationFeatureSpecification",
            "name": "Step-free entrance",
            "value": shop.step_free == StepFree.YES,
        }
    return _given(data)


def _given(data: dict) -> dict:
    return {name: value for name, value in data.items() if value}


_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def _weekly_hours(shop: Shop) -> list[dict]:
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": f"https://schema.org/{_DAYS[period.weekday]}",
            "opens": _time(period.opens),
            "closes": _time(period.closes),
        }
        for period in shop.schedule.weekly
        if not period.by_appointment
    ]


def _special_hours(shop: Shop, today: date) -> list[dict]:
    """A closure has equal opening and closing times, as schema.org asks."""
    specifications = []
    for special in shop.schedule.specials:
        if special.end < today or special.kind == SpecialKind.UNKNOWN:
            continue
        dates = {
            "@type": "OpeningHoursSpecification",
            "validFrom": special.start.isoformat(),
            "validThrough": special.end.isoformat(),
        }
        if special.kind == SpecialKind.CLOSED:
            specifications.append(dates | {"opens": "00:00", "closes": "00:00"})
        for period in special.periods:
            hours = {"opens": _time(period.opens), "closes": _time(period.closes)}
            day = {"dayOfWeek": f"https://schema.org/{_DAYS[period.weekday]}"}
            specifications.append(dates | hours | day)
    return specifications


def _time(minutes: int) -> str:
    """ "HH:MM"; midnight as the end of a day is 23:59, which search engines read as such."""
    if minutes == 24 * 60:
        return "23:59"
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"
