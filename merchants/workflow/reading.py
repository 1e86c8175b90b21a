"""Many listings at once, for imports: the same as `Listing.of`, without an object for each row."""

from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache
from typing import Any, NamedTuple

from merchants.geo import Point
from merchants.models import (
    Category,
    Commune,
    OpeningPeriod,
    ServiceOption,
    Shop,
    SpecialPeriod,
)
from merchants.models.hours import HolidayRule, SpecialKind
from merchants.opening_hours import Period, Schedule
from merchants.opening_hours import SpecialPeriod as Special

from .values import FLAGS, SERVICE_FIELDS, TEXTS, Listing, Service

_TEXTS = (*TEXTS, *FLAGS, "source", "source_id")
_OTHERS = (
    "pk", "version", "commune", "main_category", "latitude", "longitude", "social_links",
    "payment_means", "holiday_rule",
)  # fmt: skip


class Held(NamedTuple):
    """A listing as it stands, and its version."""

    listing: Listing
    version: int


class Listings:
    """Reads listings; their communes and categories are read once and shared."""

    def __init__(self):
        self._communes: dict[int, Commune] = {}
        self.categories = Category.objects.select_related("parent").in_bulk()

    def read(self, keys: Collection[int]) -> dict[int, Held]:
        """The listings of these shops: at most some hundred. Five queries, and one for new
        communes."""
        rows = list(Shop.objects.filter(pk__in=keys).order_by("pk").values(*_OTHERS, *_TEXTS))
        new = {row["commune"] for row in rows} - self._communes.keys()
        if new:
            self._communes |= Commune.objects.defer("contour").in_bulk(new)
        categories, services = self._categories_of(keys), _services_of(keys)
        periods, specials = _hours_of(keys)
        return {
            row["pk"]: Held(
                self._listing(row, categories, services, periods, specials), row["version"]
            )
            for row in rows
        }

    def _listing(self, row: dict[str, Any], categories, services, periods, specials) -> Listing:
        pk, main, commune = row["pk"], row["main_category"], self._communes[row["commune"]]
        point = None if row["latitude"] is None else Point(row["latitude"], row["longitude"])
        return Listing(
            commune=commune,
            main_category=self.categories.get(main),
            categories=tuple(sorted(categories[pk], key=lambda c: (c.pk != main, c.pk))),
            point=point,
            social_links=tuple(row["social_links"]),
            payment_means=tuple(row["payment_means"]),
            services=tuple(services[pk]),
            schedule=_schedule(
                tuple(periods[pk, None]),
                tuple(
                    Special(start, end, SpecialKind(kind), tuple(periods[pk, key]), reason)
                    for key, start, end, kind, reason in specials[pk]
                ),
                HolidayRule(row["holiday_rule"]),
                commune.timezone,
                commune.holiday_zone,
            ),
            **{name: row[name] for name in _TEXTS},
        )

    def _categories_of(self, keys: Collection[int]) -> dict[int, list[Category]]:
        found = defaultdict(list)
        links = Shop.categories.through.objects.filter(shop__in=keys)
        for shop, category in links.values_list("shop", "category"):
            found[shop].append(self.categories[category])
        return found


def _services_of(keys: Collection[int]) -> dict[int, list[Service]]:
    found = defaultdict(list)
    rows = ServiceOption.objects.filter(shop__in=keys).values_list("shop", *SERVICE_FIELDS)
    for shop, *values in rows:
        found[shop].append(Service(**dict(zip(SERVICE_FIELDS, values, strict=True))))
    return found


def _hours_of(keys: Collection[int]) -> tuple[dict, dict]:
    """The periods by shop and special period (None for those of the week), and the special ones."""
    periods, specials = defaultdict(list), defaultdict(list)
    rows = OpeningPeriod.objects.filter(shop__in=keys)
    for shop, special, *values in rows.values_list(
        "shop", "special", "weekday", "opens", "closes", "by_appointment"
    ):
        periods[shop, special].append(Period(*values))
    rows = SpecialPeriod.objects.filter(shop__in=keys)
    for shop, *values in rows.values_list("shop", "pk", "start", "end", "kind", "reason"):
        specials[shop].append(values)
    return periods, specials


@lru_cache(maxsize=4096)
def _schedule(
    weekly: tuple[Period, ...],
    specials: tuple[Special, ...],
    rule: HolidayRule,
    timezone: str,
    zone: str,
) -> Schedule:
    return Schedule(weekly, specials, rule, timezone, zone)
