"""The vocabulary for reading shops."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, Value, When
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from merchants.geo import Box, Point
from merchants.models import inviting
from merchants.models.call_words import CallWords
from merchants.models.commune import Clock, Commune
from merchants.models.distance import distance_km
from merchants.models.distinct import DistinctShops
from merchants.models.hours import open_q, untold_q
from merchants.models.member import ShopMember
from merchants.models.photo import Photo
from merchants.models.service import ServiceOption
from merchants.names import ALIKE, BARE, NEXT_DOOR_KM, SAME_PLACE_KM, likeness
from merchants.streets import same_street, spelt_out
from merchants.text import SEARCH_BAR, search_prefixes

# Of a category, what a card does not show.
UNSHOWN = ["keywords", "osm_tags", "naf_codes", "labels"]
# `ShopStatus.live`, which cannot be imported from here.
LIVE = ["pending", "published", "suspended"]
# A listing confirmed within that time is trusted; it stands before the others.
FRESH_FOR = timedelta(days=183)

# The daily rotation (docs/decisions/0005): both are prime, and PLACES - 1 is no multiple of 3, so
# that cubing sends every place to another one.
PLACES, DAY_STEP = 10007, 3701


class ShopQuerySet(CallWords, models.QuerySet):
    def published(self):
        """What residents see."""
        return self.filter(status="published")

    def ever_seen(self):
        """What residents see, and what they saw until it closed for good."""
        return self.filter(Q(status="published") | Q(status="closed", closed_at__isnull=False))

    def merged_from(self, commune_slug: str, slug: str):
        """What residents see today of the listing that had that address before it was merged."""
        return self.ever_seen().filter(merged__commune__slug=commune_slug, merged__slug=slug)

    def to_place(self):
        """Listings with an address that no point goes with: the geocoder was down, or in doubt."""
        return self.filter(latitude=None, status__in=["draft", *LIVE]).exclude(street="")

    def kept_by(self, user):
        """The shops whose listing that person keeps."""
        return self.filter(members__user=user)

    def kept_by_nobody(self):
        """Listings that no merchant keeps: the town hall may write them."""
        return self.filter(members=None)

    def invited(self):
        """Listings that nobody keeps, and those that an invitation brought to their merchant."""
        return inviting.invited(self)

    def with_invitation(self, now: datetime):
        """Adds how far the invitation has come: see `inviting.with_invitation`. Same query."""
        return inviting.with_invitation(self, now)

    def drafts_on_behalf(self):
        """What the town hall has begun to write for merchants, who may have confirmed it since; not
        what a merchant began whose account is gone."""
        drafts = self.filter(status="draft", members=None, source="")
        return drafts.exclude(history__action="join")

    def without_private_drafts(self):
        """What a town hall sees: not what a merchant has begun to register, and not sent yet."""
        begun = self.model.objects.filter(status="draft", source="", on_behalf=False)
        return self.exclude(pk__in=begun.filter(history__action="join").order_by().values("pk"))

    def never_confirmed(self):
        return self.filter(confirmed_at=None)

    def confirmed_between(self, since: datetime | None, until: datetime):
        """Confirmed after the first of two moments, if there is one, and by the second."""
        confirmed = self.filter(confirmed_at__lte=until)
        return confirmed.filter(confirmed_at__gt=since) if since else confirmed

    def in_commune(self, commune: Commune):
        return self.filter(commune=commune)

    def matching(self, question: str):
        """Shops whose name, categories, description or street hold every word, by its beginning."""
        return self.filter(
            *(Q(search_text__contains=prefix) for prefix in search_prefixes(question))
        )

    def in_categories(self, categories):
        """Shops of any of these categories or groups."""
        through = self.model.categories.through
        wanted = [category.pk for category in categories]
        return self.filter(
            Exists(
                through.objects.filter(
                    Q(category__in=wanted) | Q(category__parent__in=wanted), shop=OuterRef("pk")
                )
            )
        )

    def mainly_in(self, groups):
        """Shops whose main category is one of these groups, or inside one."""
        return self.filter(Q(main_category__parent__in=groups) | Q(main_category__in=groups))

    def offering(self, kinds):
        """Shops that offer every one of these service kinds."""
        return self.filter(
            *(
                Exists(ServiceOption.objects.filter(shop=OuterRef("pk"), kind=kind))
                for kind in kinds
            )
        )

    def open_at(self, instant: datetime, clocks: list[Clock] | None = None):
        """Shops that are open at that aware instant (by appointment only does not count).

        `clocks` are those of the communes in question; without them, one query asks which there
        are.
        """
        return self.filter(self._any_clock(open_q, instant, clocks))

    def with_open(self, instant: datetime, clocks: list[Clock] | None = None):
        """Adds `is_open`, 1 or 0."""
        return self.annotate(
            is_open=Case(
                When(self._any_clock(open_q, instant, clocks), then=Value(1)), default=Value(0)
            )
        )

    @staticmethod
    def _any_clock(condition_at, instant: datetime, clocks: list[Clock] | None) -> Q:
        if clocks is None:
            rows = Commune.objects.order_by().values_list("timezone", "holiday_zone").distinct()
            clocks = [Clock(*row) for row in rows]
        if len(clocks) == 1:
            return condition_at(instant, clocks[0])
        condition = Q(pk__in=[])
        for clock in clocks:
            keeps = Q(commune__timezone=clock.timezone, commune__holiday_zone=clock.holiday_zone)
            condition |= keeps & condition_at(instant, clock)
        return condition

    def in_box(self, box: Box):
        return self.filter(
            longitude__gte=box.west,
            longitude__lte=box.east,
            latitude__gte=box.south,
            latitude__lte=box.north,
        )

    def near(self, point: Point, radius_km: float):
        """Shops within that distance; adds `distance_km`."""
        return (
            self.in_box(Box.around(point, radius_km))
            .annotate(distance_km=distance_km(point))
            .filter(distance_km__lte=radius_km)
        )

    def in_fair_order(
        self, instant: datetime, clocks: list[Clock] | None = None, question: str = ""
    ):
        """The published order (/classement/): open, recently confirmed, then a daily rotation.

        Before all that, shops whose name or trade answers the question, if there is one.
        """
        day = instant.astimezone(ZoneInfo("Europe/Paris")).toordinal()
        place = (F("pk") + day * DAY_STEP % PLACES) % PLACES
        bar = StrIndex("search_text", Value(SEARCH_BAR))
        named = [
            Q(GreaterThan(bar, StrIndex("search_text", Value(prefix))))
            for prefix in search_prefixes(question)
        ]
        by_name = [Case(When(Q(*named), then=Value(0)), default=Value(1))] if named else []
        return self.with_open(instant, clocks).order_by(
            *by_name,
            F("is_open").desc(),
            Case(When(confirmed_at__gte=instant - FRESH_FOR, then=Value(0)), default=Value(1)),
            place * place % PLACES * place % PLACES,
            "pk",
        )

    def clocks(self) -> list[Clock]:
        """The clocks that these shops keep, the most frequent first."""
        rows = self.order_by().values_list("commune__timezone", "commune__holiday_zone")
        return [Clock(*row[:2]) for row in rows.annotate(n=Count("pk")).order_by("-n")]

    def by_name(self):
        """In the order of a French index; the prepared words begin with those of the name."""
        return self.order_by("search_text", "pk")

    def recently_confirmed_first(self):
        return self.order_by(F("confirmed_at").desc(nulls_last=True), "pk")

    def for_cards(self):
        """With all that a card of the list shows, in five queries; its commune apart."""
        return (
            self.select_related("main_category")
            .defer("search_text", *(f"main_category__{name}" for name in UNSHOWN))
            .prefetch_related(
                "services",
                "periods",
                "specials",
                Prefetch("photos", Photo.objects.filter(position=0), to_attr="covers"),
            )
        )

    def for_page(self):
        """With all that a shop's own page shows."""
        return self.select_related("main_category__parent").prefetch_related(
            "services", "periods", "specials", "photos", "categories"
        )

    def for_export(self):
        """With all that an export tells."""
        return self.select_related("main_category").prefetch_related(
            "categories", "services", "periods", "specials"
        )

    def for_town_hall_export(self):
        """With all that the town hall's own export tells, across communes."""
        kept = ShopMember.objects
        return (
            self.for_export()
            .with_commune()
            .defer("search_text", "commune__contour", "commune__search_text")
            .annotate(is_kept=Exists(kept.filter(shop=OuterRef("pk"))))
        )

    def for_print(self):
        """With all that the printed directory tells; its commune apart."""
        return (
            self.select_related("main_category__parent")
            .defer("search_text", "description")
            .prefetch_related("categories", "services", "periods", "specials")
        )

    def with_commune(self):
        """For lists across communes; `commune.shops` knows its commune without this."""
        return self.select_related("commune").defer("commune__contour", "commune__search_text")

    def count_by_hours(
        self, instants: list[datetime], untold_at: datetime, clocks: list[Clock] | None = None
    ) -> tuple[int, list[int], int]:
        """How many shops these are; how many are open at each of the instants; of how many nobody
        can tell at `untold_at`. One query.
        """
        counts = {
            f"open_{i}": Count("pk", filter=self._any_clock(open_q, instant, clocks))
            for i, instant in enumerate(instants)
        }
        counted = self.order_by().aggregate(
            all=Count("pk"),
            untold=Count("pk", filter=self._any_clock(untold_q, untold_at, clocks)),
            **counts,
        )
        return counted["all"], [counted[name] for name in counts], counted["untold"]

    def counts_by_category(self) -> dict[int, int]:
        """How many of these shops each category and each group holds, by primary key."""
        rows = self.model.categories.through.objects.filter(
            shop__in=self.order_by().values("pk")
        ).order_by()
        counts = dict(rows.values_list("category").annotate(Count("shop")))
        groups = rows.values_list("category__parent").annotate(Count("shop", distinct=True))
        return counts | dict(groups)

    def counts_by_service(self) -> dict[str, int]:
        """How many of these shops offer each service kind."""
        rows = ServiceOption.objects.filter(shop__in=self.order_by().values("pk"))
        return dict(rows.order_by().values_list("kind").annotate(Count("pk")))

    def not_told_apart_from(self, shop):
        """Without those of which the town hall said that they are another shop than this one."""
        pairs = DistinctShops.objects
        return self.exclude(
            Q(pk__in=pairs.filter(one=shop.pk).values("two"))
            | Q(pk__in=pairs.filter(two=shop.pk).values("one"))
        )

    def likely_twins(
        self,
        name: str,
        point: Point | None,
        *,
        siret: str = "",
        street: str = "",
        commune: Commune | None = None,
        most: int = 5,
    ) -> list:
        """Shops that may be the one somebody is about to register, the likeliest first.

        Among published, pending and draft shops: the same SIRET, wherever it is; or a name that is
        alike (`names.likeness`) within SAME_PLACE_KM, in the same street of the commune, or in the
        commune where one of the two has no place. Two queries; names are compared in Python.
        """
        nearby = _near_or_alike(point, siret, street, commune)
        known = self.filter(nearby, status__in=["published", "pending", "draft"]).order_by()
        city = commune.name if commune else ""
        ranked = []
        for pk, *row in known.values_list("pk", "siret", "name", "street", "latitude", "longitude"):
            rank = _twin_rank(row, name, point, siret, street, city)
            if rank is not None:
                ranked.append((rank, pk))
        ranked.sort()
        order = [pk for _rank, pk in ranked[:most]]
        shops = self.filter(pk__in=order).select_related("main_category").with_commune()
        return sorted(shops, key=lambda shop: order.index(shop.pk))

    def with_likely_twins(self, shops) -> set[int]:
        """Which of these listings have a likely twin among these shops, themselves aside, and what
        the town hall has told apart from them.

        Two queries for a page of a list; as `likely_twins` tells them.
        """
        nearby = Q(pk__in=[])
        for shop in shops:
            nearby |= _near_or_alike(shop.point, shop.siret, shop.street, shop.commune)
        known = self.filter(nearby, status__in=["published", "pending", "draft"]).order_by()
        rows = list(
            known.values_list("pk", "commune", "siret", "name", "street", "latitude", "longitude")
        )
        pairs = DistinctShops.objects.about([shop.pk for shop in shops])
        apart = set(pairs.values_list("one", "two"))
        return {
            shop.pk
            for shop in shops
            if any(_pair(shop.pk, row[0]) not in apart and _is_twin(shop, *row) for row in rows)
        }


def _near_or_alike(point: Point | None, siret: str, street: str, commune: Commune | None) -> Q:
    """What may be a twin at all, for the database; names are compared afterwards."""
    nearby = Q(pk__in=[])
    if point is not None:
        box = Box.around(point, SAME_PLACE_KM)
        nearby |= Q(longitude__range=(box.west, box.east), latitude__range=(box.south, box.north))
    if commune is not None:
        nearby |= Q(commune=commune) & _in_street_or_unplaced(street, point)
    if siret:
        nearby |= Q(siret=siret)
    return nearby


def _pair(one: int, two: int) -> tuple[int, int]:
    return min(one, two), max(one, two)


def _is_twin(shop, pk: int, commune: int, *row) -> bool:
    if pk == shop.pk:
        return False
    siret, _name, _street, latitude, longitude = row
    point = None if latitude is None else Point(latitude, longitude)
    together = shop.point and point and point.distance_km(shop.point) <= SAME_PLACE_KM
    # Of another commune, the same street is another one.
    if commune != shop.commune_id and not together and not (siret and siret == shop.siret):
        return False
    city = shop.commune.name
    return _twin_rank(row, shop.name, shop.point, shop.siret, shop.street, city) is not None


def _in_street_or_unplaced(street: str, point: Point | None) -> Q:
    """Shops without a place, and those of the street; all where the new one has no place either.

    The longest word of the street is looked up in the search text: too many shops, none too few.
    """
    if not (street or point):
        return Q(pk__isnull=False)
    found = Q(latitude=None, street="")
    prefixes = search_prefixes(spelt_out(street))
    return found | Q(search_text__contains=max(prefixes, key=len)) if prefixes else found


def _twin_rank(
    row: list, name: str, point: Point | None, siret: str, street: str, city: str
) -> tuple[int, float, float] | None:
    """Where a shop stands among the twins (the lower, the likelier); None where it is none."""
    its_siret, its_name, its_street, latitude, longitude = row
    its_point = None if latitude is None else Point(latitude, longitude)
    km = its_point.distance_km(point) if its_point and point else SAME_PLACE_KM
    if siret and its_siret == siret:
        return 0, 0.0, km
    both_placed = (point or street) and (its_point or its_street)
    together = its_point and point and km <= SAME_PLACE_KM
    if both_placed and not together and not same_street(street, its_street):
        return None
    score = likeness(name, its_name, city=city)
    if score >= ALIKE or (score == BARE and km <= NEXT_DOOR_KM):
        return 1, -score, km
    return None
