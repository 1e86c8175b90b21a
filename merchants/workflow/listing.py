"""Writing listings: the rules that the form, the admin and the imports all share."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from merchants.models import (
    Commune,
    OpeningPeriod,
    ServiceOption,
    Shop,
    ShopStatus,
    SpecialPeriod,
    User,
)
from merchants.models.history import Action, Capacity
from merchants.models.service import ServiceKind
from merchants.models.shop import LocationPrecision, LocationSource, PaymentMeans, StepFree
from merchants.opening_hours import HolidayRule, Schedule
from merchants.phone import PhoneError, normalise_phone
from merchants.siret import SiretError, normalise_siret
from merchants.text import SEARCH_BAR, index_text, normalise, prose

from .errors import Conflict, WorkflowError
from .history import (
    adopt,
    forget_read_rows,
    locked,
    mark_on_behalf,
    record,
    refuse_merged,
)
from .values import (
    COLUMNS,
    FLAGS,
    HOURS_FIELDS,
    SERVICE_FIELDS,
    TEXTS,
    Changes,
    Listing,
    Service,
    differences,
    plain,
)

# Where a telephone number without country code is dialled from, by department.
PHONE_REGIONS = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT",
    "977": "BL", "978": "MF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
# Monaco has no French code; INSEE gives its country code, which an installation may load.
MONACO = "99138"

# These stand in the `href` of a public page: no `javascript:`, and no `ftp:` either.
_check_url = URLValidator(["http", "https"])


def create_listing(
    listing: Listing,
    *,
    by: User | None,
    status: str = ShopStatus.DRAFT,
    now: datetime,
    capacity: Capacity | None = None,
) -> Shop:
    """Adds a listing. Raises WorkflowError on a value that cannot be kept.

    Effects: the shop with a slug of its own in the commune, its categories, services and hours,
    its search text; a history entry; the commune's public pages are renewed if it is published.
    What the town hall adds is written on behalf of the merchant.
    """
    listing = prepared(listing)
    with transaction.atomic():
        _refuse_without_category(listing, status)
        refuse_siret_twice(listing.siret, status, None)
        taken = set(Shop.objects.in_commune(listing.commune).values_list("slug", flat=True))
        shop = Shop(status=status, slug=free_slug(listing, taken))
        fill(shop, listing)
        _save(shop)
        shop.categories.set(listing.categories)
        write_services(shop, listing.services or ())
        write_hours(shop, listing.schedule or Schedule())
        entry = record(shop, Action.CREATE, by=by, now=now, capacity=capacity)
        mark_on_behalf(shop, entry.capacity)
        if shop.status == ShopStatus.PUBLISHED:
            shop.commune.touch()
    return shop


def update_listing(
    shop: Shop,
    listing: Listing,
    *,
    by: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Shop:
    """Gives a listing new values. Its slug, status, source and confirmation stay.

    Effects: the shop's columns, its categories; services and hours where the listing has them;
    its search text; a history entry; the commune's public pages are renewed if the shop is
    published. A shop that moves to another commune gets a slug there, and the pages of both are
    renewed. Where nobody keeps the listing, what the town hall writes makes it one written on
    behalf. Nothing where nothing differs. Raises Conflict if the listing is not the one of
    `expected_version` any more.

    The row is read again under lock: `shop` says only which one, whatever a form has done to it
    or somebody else has written meanwhile, and holds what is stored afterwards.
    """
    listing = prepared(listing)
    with transaction.atomic():
        held = locked(shop)
        if expected_version is not None and held.version != expected_version:
            raise Conflict(
                _(
                    "Cette fiche a été modifiée entre-temps. Relisez-la, puis recommencez\u00a0: "
                    "rien n’a été enregistré."
                ),
                differences=differences(plain(Listing.of(held)), plain(listing)),
                version=held.version,
            )
        refuse_siret_twice(listing.siret, held.status, held.pk)
        _change(held, listing, by=by, now=now)
    return adopt(shop, held)


def set_hours(shop: Shop, schedule: Schedule, *, by: User | None, now: datetime) -> Shop:
    """Replaces all opening hours, closures included.

    Effects: periods and special periods, the holiday rule; a history entry; the commune's public
    pages are renewed if the shop is published. The clock stays the commune's.
    """
    with transaction.atomic():
        held = locked(shop)
        _change(held, replace(Listing.of(held), schedule=schedule), by=by, now=now)
    return adopt(shop, held)


def set_services(
    shop: Shop, services: Iterable[Service], *, by: User | None, now: datetime
) -> Shop:
    """Replaces all services. Raises WorkflowError on a value that cannot be kept.

    Effects: the services, the search text; a history entry; the commune's public pages are
    renewed if the shop is published.
    """
    services = _checked_services(tuple(services))
    with transaction.atomic():
        held = locked(shop)
        _change(held, replace(Listing.of(held), services=services), by=by, now=now)
    return adopt(shop, held)


def _change(held: Shop, listing: Listing, *, by: User | None, now: datetime) -> None:
    if changes := write(held, listing):
        entry = record(held, Action.EDIT, by=by, now=now, changes=changes)
        mark_on_behalf(held, entry.capacity)


def write(held: Shop, listing: Listing) -> Changes:
    """Writes a prepared listing to a locked shop; what differed, nothing where nothing did.

    To be followed by `record`. The public pages are renewed if the shop is published. Raises
    WorkflowError where the listing was merged into another meanwhile.
    """
    refuse_merged(held)
    before = Listing.of(held)
    listing = replace(
        listing,
        source=held.source,
        source_id=held.source_id,
        services=before.services if listing.services is None else listing.services,
        schedule=_schedule_of(listing, before),
    )
    changes = differences(plain(before), plain(listing))
    if not changes:
        return {}
    _refuse_without_category(listing, held.status)
    if "commune" in changes:
        taken = Shop.objects.in_commune(listing.commune).values_list("slug", flat=True)
        held.slug = free_slug(listing, set(taken))
    if "services" in changes:
        write_services(held, listing.services)
    if HOURS_FIELDS & changes.keys():
        write_hours(held, listing.schedule)
    fill(held, listing)
    _save(held, ["commune", "slug", *COLUMNS])
    if {"main_category", "categories"} & changes.keys():
        held.categories.set(listing.categories)
    forget_read_rows(held)
    if held.status == ShopStatus.PUBLISHED:
        # In one order, so that of two moves the other way round neither waits for the other.
        for commune in sorted({before.commune, held.commune}, key=lambda commune: commune.pk):
            commune.touch()
    return changes


# Rules -----------------------------------------------------------------------------------------


def prepared(listing: Listing) -> Listing:
    """The listing as it may be written: normalised, or a WorkflowError that says what is wrong."""
    try:
        phone = phone_of(listing.phone, listing.commune)
        siret = normalise_siret(listing.siret)
    except (PhoneError, SiretError) as error:
        raise WorkflowError(str(error)) from error
    _check_links(listing)
    _check_payment_means(listing)
    categories = dict.fromkeys(filter(None, (listing.main_category, *listing.categories)))
    services = listing.services
    listing = replace(
        listing,
        name=" ".join(listing.name.split()),
        description=prose(listing.description),
        phone=phone,
        siret=siret,
        categories=tuple(categories),
        services=None if services is None else _checked_services(services),
    )
    if not _is_plainly_right(listing):
        shop = Shop(slug="x")
        fill(shop, listing)
        try:
            shop.clean_fields(exclude=NOT_CHECKED)
        except ValidationError as error:
            raise WorkflowError(first_sentence(Shop, error)) from error
    return listing


@cache
def _longest() -> list[tuple[str, int]]:
    fields = ((name, Shop._meta.get_field(name).max_length) for name in TEXTS)
    return [(name, length) for name, length in fields if name not in NOT_CHECKED]


_CHOICES = [
    ("location_source", frozenset({"", *LocationSource.values})),
    ("location_precision", frozenset({"", *LocationPrecision.values})),
    ("step_free", frozenset(StepFree.values)),
    ("phone_is_public", frozenset({True, False})),
    ("email_is_public", frozenset({True, False})),
]


def _is_plainly_right(listing: Listing) -> bool:
    """Whether nothing in the columns can be wrong, which `clean_fields` would take much longer to
    find out: an import asks 100,000 times. Links were checked already."""
    if not listing.name or any(len(getattr(listing, n)) > length for n, length in _longest()):
        return False
    if any(getattr(listing, name) not in known for name, known in _CHOICES):
        return False
    if listing.point and not all(type(degrees) is float for degrees in listing.point):
        return False
    try:
        if listing.email:
            check_email(listing.email)
    except ValidationError:
        return False
    return True


@lru_cache(maxsize=4096)
def check_email(address: str) -> None:
    """ValidationError for what is no e-mail address."""
    validate_email(address)


@lru_cache(maxsize=4096)
def check_url(link: str) -> None:
    """ValidationError for what is no address of a web page."""
    _check_url(link)


def _check_links(listing: Listing) -> None:
    links = [("website", listing.website), ("shop_url", listing.shop_url)]
    links += [("social_links", link) for link in listing.social_links]
    for name, link in links:
        try:
            # The two single ones may be blank; an empty line in the list is a mistake.
            if link or name == "social_links":
                check_url(link)
        except ValidationError as error:
            problem = _(
                "«\u00a0%(link)s\u00a0» n’est pas une adresse web. Merci de la donner en entier, "
                "à partir de http:// ou https://."
            )
            raise WorkflowError(_in_field(Shop, name, problem % {"link": link})) from error


def _check_payment_means(listing: Listing) -> None:
    for code in listing.payment_means:
        if code not in PaymentMeans.values:
            problem = _("«\u00a0%(code)s\u00a0» n’est pas un moyen de paiement connu.")
            raise WorkflowError(_in_field(Shop, "payment_means", problem % {"code": code}))


# Checked elsewhere (phone, SIRET), or free of rules; foreign keys would cost a query each.
NOT_CHECKED = {
    "commune", "main_category", "confirmed_by", "phone", "siret", "search_text", "slug",
}  # fmt: skip


def phone_of(text: str, commune: Commune) -> str:
    """The number in E.164, read as it is dialled in that commune. Raises PhoneError."""
    region = "MC" if commune.insee_code == MONACO else PHONE_REGIONS.get(commune.department)
    if region:
        try:
            return normalise_phone(text, region=region)
        except PhoneError:
            pass  # A number of the mainland, perhaps.
    return normalise_phone(text)


def free_slug(listing: Listing, taken: Collection[str]) -> str:
    """A slug that no other shop of the commune has: the name, then its street and number."""
    name = _slug(listing.name)[:90].strip("-") or "commerce"
    street = _slug(listing.street)[:34].strip("-")
    number = _slug(listing.house_number)[:12].strip("-")
    for candidate in (name, f"{name}-{street}", f"{name}-{number}-{street}"):
        slug = candidate.replace("--", "-").strip("-")
        if slug not in taken:
            return slug
    count = 2
    while f"{slug}-{count}" in taken:
        count += 1
    return f"{slug}-{count}"


def search_text(listing: Listing) -> str:
    """What a search looks in: name and categories first, then all other words behind a bar.

    A question that the words before the bar answer is the better answered (`in_fair_order`).
    """
    categories = listing.categories or tuple(filter(None, [listing.main_category]))
    names = [name for category in categories for name in (category.name, category.name_en)]
    services = [_service_labels()[service.kind] for service in listing.services or ()]
    others = [
        *(category.keywords for category in categories),
        listing.description,
        listing.house_number,
        listing.street,
        listing.address_extra,
        listing.postcode,
        _district(listing.postcode),
        listing.city or listing.commune.name,
        *services,
    ]
    return f"{index_text(listing.name, *names)}{SEARCH_BAR}{index_text(*others)}"


def _district(postcode: str) -> str:
    """ "11e" for 75011: how the arrondissements of Paris, Lyon and Marseille are named."""
    in_district = re.fullmatch(r"(?:750|6900|130)(\d\d?)", postcode)
    return f"{int(in_district[1])}e" if in_district else ""


def fill(shop: Shop, listing: Listing) -> None:
    """Copies a prepared listing into the columns of a shop; nothing is saved."""
    for name in (*TEXTS, *FLAGS):
        setattr(shop, name, getattr(listing, name))
    shop.commune = listing.commune
    shop.main_category = listing.main_category
    point = listing.point
    shop.latitude, shop.longitude = point if point else (None, None)
    shop.social_links = list(listing.social_links)
    shop.payment_means = list(listing.payment_means)
    if listing.schedule is not None:
        shop.holiday_rule = listing.schedule.holiday_rule.value
    elif listing.holiday_rule is not None:
        shop.holiday_rule = listing.holiday_rule.value
    elif shop.pk is None:
        shop.holiday_rule = HolidayRule.UNKNOWN.value
    shop.source, shop.source_id = listing.source, listing.source_id
    shop.search_text = search_text(listing)


def service_rows(shop: Shop, services: Iterable[Service]) -> list[ServiceOption]:
    return [
        ServiceOption(shop=shop, **{name: getattr(service, name) for name in SERVICE_FIELDS})
        for service in services
    ]


def special_rows(shop: Shop, schedule: Schedule) -> list[SpecialPeriod]:
    return [
        SpecialPeriod(
            shop_id=shop.pk,
            start=special.start,
            end=special.end,
            kind=special.kind.value,
            reason=special.reason[:100],
        )
        for special in schedule.specials
    ]


def period_rows(
    shop: Shop, schedule: Schedule, specials: list[SpecialPeriod]
) -> list[OpeningPeriod]:
    """The hours as rows; `specials` are the saved rows of `special_rows`, in the same order."""
    owned = [(None, period) for period in schedule.weekly]
    for row, special in zip(specials, schedule.specials, strict=True):
        owned += [(row, period) for period in special.periods]
    return [
        OpeningPeriod(
            shop=shop,
            special=row,
            weekday=period.weekday,
            opens=period.opens,
            closes=period.closes,
            by_appointment=period.by_appointment,
        )
        for row, period in owned
    ]


def write_services(shop: Shop, services: Iterable[Service]) -> None:
    shop.services.all().delete()
    ServiceOption.objects.bulk_create(service_rows(shop, services))


def write_hours(shop: Shop, schedule: Schedule) -> None:
    shop.periods.all().delete()
    shop.specials.all().delete()
    specials = SpecialPeriod.objects.bulk_create(special_rows(shop, schedule))
    OpeningPeriod.objects.bulk_create(period_rows(shop, schedule, specials))


def _checked_services(services: tuple[Service, ...]) -> tuple[Service, ...]:
    services = tuple(map(_checked_service, services))
    if len({service.kind for service in services}) < len(services):
        raise WorkflowError(_("Un même service est donné deux fois."))
    return services


@lru_cache(maxsize=1024)
def _checked_service(service: Service) -> Service:
    service = replace(service, note=prose(service.note))
    row = ServiceOption(**{name: getattr(service, name) for name in SERVICE_FIELDS})
    try:
        row.clean_fields(exclude={"shop"})
    except ValidationError as error:
        raise WorkflowError(first_sentence(ServiceOption, error)) from error
    if service.kind != ServiceKind.DELIVERY and (
        service.area or service.minimum_order is not None or service.fee is not None
    ):
        raise WorkflowError(_("Zone, minimum et frais ne vont qu’avec la livraison."))
    if service.kind != ServiceKind.CLICK_AND_COLLECT and service.pickup_place:
        raise WorkflowError(_("Le lieu de retrait ne va qu’avec le click & collect."))
    if any(amount is not None and amount < 0 for amount in (service.fee, service.minimum_order)):
        raise WorkflowError(_("Un montant ne peut pas être négatif."))
    return service


def refuse_siret_twice(siret: str, status: str, pk: int | None) -> None:
    """WorkflowError if a listing in that state may not have the SIRET; `pk` is its own, if any."""
    if siret and status in ShopStatus.live():
        live = Shop.objects.filter(siret=siret, status__in=ShopStatus.live())
        if live.exclude(pk=pk).exists():
            raise WorkflowError(_("Une fiche porte déjà ce SIRET."))


def _refuse_without_category(listing: Listing, status: str) -> None:
    if listing.main_category is None and status != ShopStatus.DRAFT:
        raise WorkflowError(_("Choisissez l’activité du commerce."))


def _schedule_of(listing: Listing, before: Listing) -> Schedule:
    if listing.schedule is not None:
        return listing.schedule
    if listing.holiday_rule is not None:
        return replace(before.schedule, holiday_rule=listing.holiday_rule)
    return before.schedule


def _save(shop: Shop, columns: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            shop.save(update_fields=columns)
    except IntegrityError as error:
        # Two people at the same second: the second one tries again and gets another slug.
        raise WorkflowError(
            _("Une fiche très proche vient d’être enregistrée. Merci de réessayer.")
        ) from error


@cache
def _service_labels() -> dict[str, str]:
    with translation.override("fr"):
        return {kind.value: str(kind.label) for kind in ServiceKind}


def _slug(text: str) -> str:
    return normalise(text).replace(" ", "-")


def first_sentence(model, error: ValidationError) -> str:
    """What is wrong with the first of the fields, for the message of a WorkflowError."""
    name, messages = next(iter(error.message_dict.items()))
    return _in_field(model, name, messages[0])


def _in_field(model, name: str, problem: str) -> str:
    label = str(model._meta.get_field(name).verbose_name)
    return _("%(field)s\u00a0: %(problem)s") % {
        "field": label[:1].upper() + label[1:],
        "problem": problem,
    }
