"""The figures of a town hall: what stood at the end of each month, and what happened in it.

Nothing is kept for them beside views and searches: a listing's state on a day is its state today,
with the changes since undone as the history tells them (docs/decisions/0020-figures.md). Thirteen
queries, however many shops; a year of 5,000 shops takes about a second.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from merchants.models import (
    Category,
    Claim,
    Commune,
    EmptySearch,
    HistoryEntry,
    OpeningPeriod,
    Proposal,
    Report,
    ServiceOption,
    Shop,
    ShopMember,
    ShopStatus,
    ShopViews,
)
from merchants.models.claim import ClaimStatus
from merchants.models.history import Action, Capacity
from merchants.models.proposal import ProposalStatus
from merchants.models.report import ReportStatus
from merchants.models.service import ServiceKind
from merchants.models.shop_queryset import FRESH_FOR

MONTHS = 12
MOST_VIEWED, MOST_SEARCHED = 20, 50
DECISIONS = frozenset({Action.PUBLISH, Action.REFUSE, Action.ASK_CHANGE})
# Of the published listings of a month, how many: each is also a share.
SHARES = ("confirmed", "with_hours", "with_delivery", "with_pickup", "claimed")


@dataclass(slots=True)
class Counts:
    """Listings at one moment."""

    published: int = 0
    confirmed: int = 0  # within FRESH_FOR
    with_hours: int = 0
    with_delivery: int = 0
    with_pickup: int = 0
    claimed: int = 0

    def share(self, name: str) -> float | None:
        """Per cent of the published listings; None where there are none."""
        return 100 * getattr(self, name) / self.published if self.published else None

    def add(self, shop: "_Shop", moment: datetime) -> None:
        self.published += 1
        self.confirmed += shop.is_confirmed(moment)
        self.with_hours += shop.with_hours
        self.with_delivery += ServiceKind.DELIVERY in shop.services
        self.with_pickup += ServiceKind.CLICK_AND_COLLECT in shop.services
        self.claimed += shop.members > 0


@dataclass(slots=True)
class MonthFigures:
    """`counts` and `waiting` at the end of the month, or now; the others within it."""

    first: date
    end: datetime
    counts: Counts = field(default_factory=Counts)
    waiting: int = 0
    delays: list[timedelta] = field(default_factory=list)
    views: int = 0

    @property
    def decided(self) -> int:
        return len(self.delays)

    @property
    def median_days(self) -> float | None:
        """From a demand to the town hall's answer."""
        return median(self.delays) / timedelta(days=1) if self.delays else None


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    label: str
    is_group: bool
    counts: Counts


@dataclass(frozen=True, slots=True)
class Viewed:
    shop: int
    name: str
    commune: str
    number: int


@dataclass(frozen=True)
class Figures:
    """The last twelve months, the present one last; the rest is of the `chosen` one."""

    months: list[MonthFigures]
    chosen: MonthFigures
    categories: list[CategoryFigures]
    viewed: list[Viewed]
    searches: list[tuple[str, int]]


def figures_of(commune: Commune | None, *, month: date | None = None, now: datetime) -> Figures:
    """Of one commune, or of all of them; in detail of that month, or of the present one."""
    months = [MonthFigures(first, min(end, now)) for first, end in _months(now)]
    chosen = next((m for m in months if m.first == month), months[-1])
    shops = _shops(commune)
    events = _events(commune, since=months[0].end)
    _read_confirmations(shops, commune)
    by_category = _walk_back(shops, events, months, chosen)
    _add_cases(months, commune)
    _add_decisions(months, shops, events)
    viewed = _add_views(months, chosen, shops, commune)
    return Figures(
        months=months,
        chosen=chosen,
        categories=list(_categories(by_category)),
        viewed=viewed,
        searches=_searches(chosen, commune),
    )


def choosable_months(now: datetime) -> list[date]:
    """The first days of the months that there are figures of, the present one first."""
    return [first for first, _end in reversed(_months(now))]


def _months(now: datetime) -> list[tuple[date, datetime]]:
    """(first day, end) of each month, by the clock of Paris."""
    local = timezone.localtime(now)
    index = local.year * 12 + local.month - 1
    starts = [
        local.replace(
            year=i // 12, month=i % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0, fold=0
        )
        for i in range(index - MONTHS + 1, index + 2)
    ]
    return [(start.date(), end) for start, end in pairwise(starts)]


# Listings as they are, and as they were ----------------------------------------------------------


@dataclass(slots=True)
class _Shop:
    """One listing; its values go back in time with `undo`."""

    pk: int
    name: str
    commune: str
    status: str
    category: str | None
    created_at: datetime
    merged_into: int | None
    confirmations: list[datetime]
    with_hours: bool = False
    services: frozenset[str] = frozenset()
    members: int = 0
    submissions: list[datetime] = field(default_factory=list)

    def is_confirmed(self, moment: datetime) -> bool:
        known = bisect_right(self.confirmations, moment)
        return known > 0 and self.confirmations[known - 1] >= moment - FRESH_FOR

    def asked_at(self, moment: datetime) -> datetime:
        """When somebody asked for what was decided at that moment."""
        known = bisect_right(self.submissions, moment)
        return self.submissions[known - 1] if known else self.created_at

    def undo(self, changes: dict[str, list]) -> None:
        for name, (before, after) in changes.items():
            if name == "status":
                self.status = before
            elif name == "main_category":
                self.category = before
            elif name == "hours":
                self.with_hours = bool(before)
            elif name == "services":
                self.services = frozenset(service["kind"] for service in before or ())
            elif name == "members":
                self.members += (before is not None) - (after is not None)


@dataclass(frozen=True, slots=True)
class _Event:
    at: datetime
    action: str
    changes: dict[str, Any]


def _of(commune: Commune | None, path: str = "") -> dict[str, Any]:
    """The filter for rows of that commune; none for all of them."""
    return {} if commune is None else {f"{path}commune": commune.pk}


def _shops(commune: Commune | None) -> dict[int, _Shop]:
    """Every listing as it is today. Four queries."""
    columns = (
        "pk", "name", "commune__name", "status", "main_category__slug", "created_at",
        "merged_into", "confirmed_at",
    )  # fmt: skip
    rows = Shop.objects.filter(**_of(commune)).order_by().values_list(*columns)
    shops = {}
    for *row, confirmed_at in rows.iterator():
        shops[row[0]] = _Shop(*row, [confirmed_at] if confirmed_at else [])
    scope = _of(commune, "shop__")
    weekly = OpeningPeriod.objects.filter(special=None, **scope).order_by()
    for pk in weekly.values_list("shop", flat=True).distinct():
        if pk in shops:  # Not one that was added between the queries.
            shops[pk].with_hours = True
    offered = ServiceOption.objects.filter(**scope).order_by().values_list("shop", "kind")
    for pk, kind in offered.iterator():
        if pk in shops:
            shops[pk].services |= {kind}
    for pk in ShopMember.objects.filter(**scope).order_by().values_list("shop", flat=True):
        if pk in shops:
            shops[pk].members += 1
    return shops


def _events(commune: Commune | None, *, since: datetime) -> dict[int, list[_Event]]:
    """What the history tells of each listing since then, the last first. One query."""
    entries = HistoryEntry.objects.filter(at__gt=since - MONTH_MOST, **_of(commune, "shop__"))
    entries = entries.exclude(changes={}).order_by("-version")
    events: dict[int, list[_Event]] = defaultdict(list)
    for pk, at, action, changes in entries.values_list("shop", "at", "action", "changes"):
        events[pk].append(_Event(at, action, changes))
    return events


# The first of the months is told from its beginning.
MONTH_MOST = timedelta(days=31)


def _read_confirmations(shops: dict[int, _Shop], commune: Commune | None) -> None:
    """When each listing was confirmed, and sent to the town hall. One query.

    A merchant who sends a registration vouches for it.
    """
    entries = HistoryEntry.objects.filter(
        action__in=[Action.CONFIRM, Action.SUBMIT], **_of(commune, "shop__")
    )
    rows = entries.order_by("at").values_list("shop", "at", "action", "capacity")
    for pk, at, action, capacity in rows.iterator():
        if pk not in shops:
            continue
        if action == Action.SUBMIT:
            shops[pk].submissions.append(at)
        if action == Action.CONFIRM or capacity in {Capacity.MERCHANT, Capacity.COLLEAGUE}:
            shops[pk].confirmations.append(at)
    for shop in shops.values():
        shop.confirmations.sort()


def _walk_back(
    shops: dict[int, _Shop],
    events: dict[int, list[_Event]],
    months: list[MonthFigures],
    chosen: MonthFigures,
) -> dict[str, Counts]:
    """Counts the listings of each month; {category's slug: counts} of the chosen one."""
    by_category: dict[str, Counts] = defaultdict(Counts)
    for shop in shops.values():
        of_shop = events.get(shop.pk, [])
        undone = 0
        for month in reversed(months):
            while undone < len(of_shop) and of_shop[undone].at > month.end:
                shop.undo(of_shop[undone].changes)
                undone += 1
            if shop.created_at > month.end:
                break
            month.waiting += shop.status == ShopStatus.PENDING
            if shop.status != ShopStatus.PUBLISHED:
                continue
            month.counts.add(shop, month.end)
            if month is chosen and shop.category:
                by_category[shop.category].add(shop, month.end)
    return by_category


# What waits and is decided -----------------------------------------------------------------------


def _add_cases(months: list[MonthFigures], commune: Commune | None) -> None:
    """Proposals, claims and reports: how many waited, how long for an answer. Three queries."""
    scope = _of(commune, "shop__")
    answers = {
        Proposal: {ProposalStatus.ACCEPTED, *ProposalStatus.returned()},
        Claim: {ClaimStatus.ACCEPTED, ClaimStatus.REFUSED},
        Report: {ReportStatus.HANDLED, ReportStatus.DISMISSED},
    }
    for model, answered in answers.items():
        rows = model.objects.filter(**scope).order_by().values_list("at", "decided_at", "status")
        for at, decided_at, status in rows.iterator():
            for month in months:
                if at <= month.end and (decided_at is None or decided_at > month.end):
                    month.waiting += 1
            if decided_at and status in answered:
                _decided(months, at, decided_at)


def _add_decisions(
    months: list[MonthFigures], shops: dict[int, _Shop], events: dict[int, list[_Event]]
) -> None:
    """Registrations that were published, refused or sent back."""
    for pk, of_shop in events.items():
        for event in of_shop:
            before, _after = event.changes.get("status", (None, None))
            if event.action in DECISIONS and before == ShopStatus.PENDING and pk in shops:
                _decided(months, shops[pk].asked_at(event.at), event.at)


def _decided(months: Iterable[MonthFigures], asked_at: datetime, decided_at: datetime) -> None:
    day = timezone.localtime(decided_at).date().replace(day=1)
    for month in months:
        if month.first == day:
            month.delays.append(max(decided_at - asked_at, timedelta()))


# Categories, views and searches ------------------------------------------------------------------


def _categories(by_slug: dict[str, Counts]) -> Iterator[CategoryFigures]:
    """Each group that has published listings, followed by its categories. One query."""
    groups: dict[Any, list[tuple[str, Counts]]] = defaultdict(list)
    for category in Category.objects.select_related("parent"):
        if category.slug in by_slug:
            group = category.parent or category
            groups[group].append((category.label, by_slug[category.slug]))
    for group in sorted(groups, key=lambda group: group.label):
        members = groups[group]
        yield CategoryFigures(group.label, True, _summed(counts for _label, counts in members))
        for label, counts in sorted(members, key=lambda member: member[0]):
            yield CategoryFigures(label, False, counts)


def _summed(several: Iterable[Counts]) -> Counts:
    total = Counts()
    for counts in several:
        for name in ("published", *SHARES):
            setattr(total, name, getattr(total, name) + getattr(counts, name))
    return total


def _add_views(
    months: list[MonthFigures],
    chosen: MonthFigures,
    shops: dict[int, _Shop],
    commune: Commune | None,
) -> list[Viewed]:
    """Views of each month; the most viewed shops of the chosen one. Two queries.

    Those of a merged listing are its kept one's, where that is among these.
    """
    by_month = {month.first: month for month in months}
    rows = ShopViews.objects.filter(month__in=by_month, **_of(commune, "shop__")).order_by()
    for first, number in rows.values_list("month").annotate(Sum("number")):
        by_month[first].views = number
    of_chosen: Counter[int] = Counter()
    for pk, number in rows.filter(month=chosen.first).values_list("shop", "number"):
        if pk in shops:
            kept = shops[pk].merged_into
            of_chosen[kept if kept in shops else pk] += number
    return [
        Viewed(pk, shops[pk].name, shops[pk].commune, number)
        for pk, number in sorted(of_chosen.items(), key=lambda row: (-row[1], row[0]))[:MOST_VIEWED]
    ]


def _searches(chosen: MonthFigures, commune: Commune | None) -> list[tuple[str, int]]:
    """What was looked for most without being found in the chosen month. One query."""
    rows = EmptySearch.objects.filter(month=chosen.first, **_of(commune))
    counted: Counter[str] = Counter()
    for words, number in rows.values_list("words", "number"):
        counted[words] += number
    return sorted(counted.items(), key=lambda row: (-row[1], row[0]))[:MOST_SEARCHED]
