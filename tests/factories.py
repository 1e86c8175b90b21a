"""Rows for tests: each call makes a whole, valid thing of its own, through the workflow.

Every argument has a plain default; name what the test is about and nothing else.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress

from merchants.geo import Point
from merchants.models import Category, Commune, Shop, ShopStatus, User
from merchants.models.member import MemberRole
from merchants.models.service import ServiceKind
from merchants.models.shop import LocationPrecision, LocationSource
from merchants.opening_hours import HolidayRule, Schedule, from_osm
from merchants.text import normalise
from merchants.workflow.communes import CommuneValues, save_communes
from merchants.workflow.listing import Listing, Service, create_listing
from merchants.workflow.members import add_member

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Europe/Paris"))
SURESNES = Point(48.8710, 2.2290)
_numbers = count(1)
_communes = count(1)


def make_user(
    email: str = "", *, password: str | None = None, verified: bool = True, **fields
) -> User:
    """A person with an account. With `is_staff=True`, somebody of a town hall."""
    user = User.objects.create_user(
        email or f"personne-{next(_numbers)}@example.fr", password, **fields
    )
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def make_commune(
    name: str = "Suresnes",
    *,
    insee_code: str = "",
    department: str = "92",
    postcodes: Iterable[str] = ("92150",),
    point: Point | None = SURESNES,
    **fields,
) -> Commune:
    """A commune with the clock of its department; `fields` are other columns of `Commune`.

    An invented INSEE code lies in the upper half of those of a department, where no commune is.
    """
    half = 10 ** (5 - len(department)) // 2
    insee_code = insee_code or f"{department}{half + next(_communes) % half}"
    values = CommuneValues(
        insee_code=insee_code,
        name=name,
        department=department,
        postcodes=tuple(postcodes),
        centre=point,
    )
    save_communes([values], by=None, now=NOW)
    if fields:
        Commune.objects.filter(insee_code=insee_code).update(**fields)
    return Commune.objects.get(insee_code=insee_code)


def make_category(
    name: str = "Boulangerie", *, group: Category | str | None = None, **fields
) -> Category:
    """A category inside a group (made if it is not there yet), or the one that has that name."""
    if not isinstance(group, Category):
        group_name = group or "Alimentation"
        group, _made = Category.objects.get_or_create(
            slug=_slug(group_name),
            defaults={"name": group_name, "name_en": f"{group_name} (en)", "icon": "shop"},
        )
    values = {"name": name, "name_en": f"{name} (en)", "icon": "shop", "parent": group} | fields
    category, _made = Category.objects.get_or_create(slug=_slug(name), defaults=values)
    return category


def make_shop(
    name: str = "",
    *,
    commune: Commune | None = None,
    category: Category | None = None,
    hours: str | Schedule | None = "Mo-Fr 09:00-18:00",
    services: Iterable[str | Service] = (),
    status: str = ShopStatus.PUBLISHED,
    point: Point | None = SURESNES,
    holiday_rule: HolidayRule | None = None,
    by: User | None = None,
    now: datetime = NOW,
    **fields,
) -> Shop:
    """A published shop in the one commune that there is, or in a new one.

    `hours` is an OSM value (or a Schedule, or None for none), `services` names kinds
    ("livraison") or holds `Service` values; `fields` are other fields of `Listing`.
    """
    commune = commune or Commune.objects.first() or make_commune()
    if isinstance(hours, str):
        hours = from_osm(
            hours,
            today=now.date(),
            timezone=commune.timezone,
            holiday_zone=commune.holiday_zone,
        )
    if hours is not None and holiday_rule is not None:
        hours = Schedule(
            hours.weekly, hours.specials, holiday_rule, hours.timezone, hours.holiday_zone
        )
    if point is not None:
        fields = {
            "location_source": LocationSource.TOWN_HALL,
            "location_precision": LocationPrecision.EXACT,
        } | fields
    listing = Listing(
        commune=commune,
        name=name or f"Commerce {next(_numbers)}",
        main_category=category or make_category(),
        services=tuple(
            service if isinstance(service, Service) else Service(kind=ServiceKind(service).value)
            for service in services
        ),
        schedule=hours,
        point=point,
        **fields,
    )
    return create_listing(listing, by=by, status=status, now=now)


def make_member(shop: Shop, user: User | None = None, *, role: str = "owner", **account) -> User:
    """Somebody who keeps that shop: an owner, unless it says otherwise."""
    user = user or make_user(**account)
    add_member(shop, user, role=MemberRole(role), by=None, now=NOW)
    return user


def _slug(name: str) -> str:
    return normalise(name).replace(" ", "-")
