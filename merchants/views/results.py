"""What a page of results shows: cards, counts beside each option, chips, ways on."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from merchants.forms.shop_filter import RADII_KM, Criteria, Order, ShopFilterForm
from merchants.models import Category, Commune, Shop
from merchants.models.commune import Clock
from merchants.models.service import ServiceKind
from merchants.models.shop_queryset import ShopQuerySet
from merchants.opening_hours import Description, describe
from merchants.templatetags.display import km

PAGE_SIZE = 24


@dataclass(frozen=True)
class Card:
    shop: Shop
    opening: Description
    distance_km: float | None


@dataclass(frozen=True)
class Option:
    """A choice of the filter form, and how many shops it would leave."""

    value: str
    label: str
    checked: bool
    count: int
    icon: str = ""
    options: tuple["Option", ...] = ()

    @property
    def within_checked(self) -> bool:
        """Whether this option or one inside it is chosen: its group is then shown unfolded."""
        return self.checked or any(option.checked for option in self.options)


@dataclass(frozen=True)
class Chip:
    """An active filter, and the address of the same page without it."""

    label: str
    url: str


def parameters(query: QueryDict, **changes: str | None) -> str:
    """The query string without blanks and page, with some parameters set or (None) removed."""
    kept = [
        (name, value)
        for name, values in query.lists()
        for value in values
        if value.strip() and name != "page" and name not in changes
    ]
    kept += [(name, value) for name, value in changes.items() if value is not None]
    return f"?{urlencode(kept, safe=',:')}" if kept else ""


class Results:
    """The shops of a place that answer to the form, as the pages and feeds show them.

    Everything is asked for once, when first needed: a feed costs one query, a page ten.
    """

    def __init__(
        self,
        shops: ShopQuerySet,
        query: QueryDict,
        *,
        now: datetime,
        clock: Clock,
        clocks: list[Clock] | None,
        path: str,
        commune: Commune | None = None,
        needs_point: bool = False,
    ):
        self.query, self.now, self.clocks, self.path = query, now, clocks, path
        categories = Category.objects.light().with_hidden(commune)
        self.categories = {category.slug: category for category in categories}
        self.hidden_services = set(commune.hidden_services) if commune else set()
        self.form = ShopFilterForm(query, categories=self.categories, now=now, clock=clock)
        self.criteria: Criteria = self.form.criteria
        self._place = shops.none() if needs_point and not self.criteria.point else shops
        self.shops = self.criteria.shops(self._place, clocks)

    # The list

    @cached_property
    def ordered(self) -> ShopQuerySet:
        return self.criteria.in_order(self.shops, self.now, self.clocks)

    @cached_property
    def page(self) -> Page:
        paginator = Paginator(self.ordered.for_cards(), PAGE_SIZE)
        paginator.count = self.total
        return paginator.get_page(self.form.page_number if self._page_exists else 1)

    @property
    def _page_exists(self) -> bool:
        return self.form.page_number == 1 or (self.form.page_number - 1) * PAGE_SIZE < self.total

    @property
    def notices(self) -> list[str]:
        """A sentence for each value of the address that was left out."""
        missing = [] if self._page_exists else [str(self.form.IGNORED["page"])]
        return self.form.notices + missing

    @cached_property
    def cards(self) -> list[Card]:
        return [
            Card(shop, describe(shop.schedule, self.at, _), getattr(shop, "distance_km", None))
            for shop in self.page.object_list
        ]

    # The counts

    @cached_property
    def _hours(self) -> tuple[dict[datetime | None, int], int]:
        """How many shops are open at each moment that the form offers or was asked (None: at any
        time), and of how many nobody can tell.
        """
        at_any_time = self.criteria.without("instant").shops(self._place, self.clocks)
        moments = [self.form.instant_of(value) for value, _label in self.form.moments()]
        moments = list(dict.fromkeys([*moments, self.at]))
        everything, counts, untold = at_any_time.count_by_hours(moments, self.at, self.clocks)
        return {None: everything} | dict(zip(moments, counts, strict=True)), untold

    @property
    def at(self) -> datetime:
        """The moment that the page speaks of."""
        return self.criteria.instant or self.now

    @property
    def total(self) -> int:
        return self._hours[0][self.criteria.instant]

    @property
    def open_now(self) -> int:
        return self._hours[0][self.now]

    @property
    def untold(self) -> int:
        """How many shops are neither open nor closed at that moment, for want of knowing.

        With a moment asked for, they are not in the list.
        """
        return self._hours[1]

    @property
    def any_time_url(self) -> str:
        """The same question, whatever the moment."""
        return self._without("ouvert")

    @cached_property
    def groups(self) -> list[Option]:
        """The category groups that have shops here, each with its categories.

        What the town does not offer is left out, unless an address asks for it.
        """
        shops = self.criteria.without("categories").shops(self._place, self.clocks)
        counts = shops.counts_by_category()
        chosen = {category.pk for category in self.criteria.categories}

        def option(category: Category, options=()) -> Option:
            return Option(
                category.slug,
                category.label,
                category.pk in chosen,
                counts.get(category.pk, 0),
                category.icon,
                options,
            )

        children: dict[int, list[Option]] = {}
        for category in self.categories.values():
            is_offered = category.pk in counts and not category.is_hidden
            if category.parent_id and (is_offered or category.pk in chosen):
                children.setdefault(category.parent_id, []).append(option(category))
        return [
            option(group, tuple(children[group.pk]))
            for group in self.categories.values()
            if group.pk in children
        ]

    @cached_property
    def services(self) -> list[Option]:
        """Each service, with how many of the shops found offer it."""
        counts = self.shops.counts_by_service()
        return [
            Option(kind, kind.label, kind in self.criteria.services, counts.get(kind, 0))
            for kind in ServiceKind
            if kind not in self.hidden_services or kind in self.criteria.services
        ]

    # The form around them

    @cached_property
    def moments(self) -> list[Option]:
        """The offered moments; the one that is asked for is marked, `picked` is any other."""
        asked = self.query.getlist("ouvert")
        return [
            Option(value, label, value in asked, self._hours[0][self.form.instant_of(value)])
            for value, label in self.form.moments()
        ]

    @property
    def picked_moment(self) -> str:
        """The value of the date and time picker: a moment that is none of those offered."""
        instant = self.criteria.instant
        if instant is None or any(moment.checked for moment in self.moments):
            return ""
        return f"{instant.astimezone(self.form.zone_info):%Y-%m-%dT%H:%M}"

    @property
    def orders(self) -> list[Option]:
        return [
            Option(value, label, value == self.criteria.order, 0)
            for value, label in Order.choices
            if value != Order.DISTANCE or self.criteria.point
        ]

    @property
    def radii(self) -> list[Option]:
        return [
            Option(f"{radius}", km(radius), radius == self.criteria.radius_km, 0)
            for radius in sorted({*RADII_KM, self.criteria.radius_km})
        ]

    @property
    def parameters(self) -> str:
        """The query string that names these results, whatever the page."""
        return parameters(self.query)

    @property
    def elsewhere(self) -> str:
        """The query string that asks the same of another commune."""
        return parameters(self.query, pres=None, rayon=None, zone=None)

    def page_url(self, number: int) -> str:
        return self.path + parameters(self.query, page=str(number) if number > 1 else None)

    @property
    def previous_url(self) -> str:
        return self.page_url(self.page.previous_page_number()) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self.page_url(self.page.next_page_number()) if self.page.has_next() else ""

    @cached_property
    def chips(self) -> list[Chip]:
        """The active filters, each with the way to drop it."""
        criteria = self.criteria
        chips = []
        if criteria.question:
            chips.append(Chip(_("«\u00a0%s\u00a0»") % criteria.question, self._without("q")))
        if criteria.instant:
            label = _("Ouvert maintenant")
            if not self.form.is_now:
                label = _("Ouvert %(moment)s") % {"moment": self.form.moment_label()}
            chips.append(Chip(label, self._without("ouvert")))
        for category in criteria.categories:
            chips.append(Chip(category.label, self._without("categorie", category.slug)))
        for kind in criteria.services:
            chips.append(Chip(ServiceKind(kind).label, self._without("service", kind)))
        if criteria.point and "autour" not in self.path.split("/"):
            label = _("À moins de %(distance)s de vous") % {"distance": km(criteria.radius_km)}
            chips.append(Chip(label, self.path + parameters(self.query, pres=None, rayon=None)))
        if criteria.box:
            chips.append(Chip(_("Dans la zone de la carte"), self._without("zone")))
        return chips

    def _without(self, name: str, value: str | None = None) -> str:
        query = self.query.copy()
        query.setlist(name, [item for item in query.getlist(name) if value and item != value])
        return self.path + parameters(query)
