"""The last seven days of a town hall, in figures, and where its cases wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from merchants.models import Call, Claim, HistoryEntry, Proposal, ShopViews
from merchants.models.claim import ClaimStatus
from merchants.models.history import Action, Capacity
from merchants.models.proposal import ProposalStatus

from .queues import commune_path, rows_of

Communes = set[int] | None  # Primary keys; None: all of them.

DAYS = 7
# What answers somebody who asked.
DECISIONS = [
    Action.PUBLISH, Action.REFUSE, Action.ASK_CHANGE, Action.ACCEPT, Action.REFUSE_PROPOSAL,
    Action.CLAIM_ACCEPTED, Action.CLAIM_REFUSED,
]  # fmt: skip
OF_REGISTRATIONS = [Action.PUBLISH, Action.REFUSE, Action.ASK_CHANGE]


@dataclass(frozen=True)
class Week:
    """`median_wait` is None where nobody's request was decided; `views` counts this month's."""

    published: int
    confirmed: int
    decided: int
    median_wait: timedelta | None
    calls: int
    views: int


def week_of(communes: Communes, *, now: datetime) -> Week:
    """Six queries."""
    since = now - timedelta(days=DAYS)
    entries = _in(HistoryEntry.objects.filter(at__gt=since, at__lte=now), communes)
    by_town_hall = Q(capacity=Capacity.TOWN_HALL)
    counted = entries.aggregate(
        published=Count("shop", filter=Q(action=Action.PUBLISH), distinct=True),
        confirmed=Count("shop", filter=Q(action=Action.CONFIRM), distinct=True),
        decided=Count("pk", filter=by_town_hall & Q(action__in=DECISIONS)),
    )
    waits = [*_registration_waits(entries), *_waits(communes, since, now)]
    calls = _in(Call.objects.filter(at__gt=since, at__lte=now), communes).count()
    month = timezone.localdate(now).replace(day=1)
    views = _in(ShopViews.objects.filter(month=month), communes).aggregate(n=Sum("number"))["n"]
    return Week(
        **counted, median_wait=median(waits) if waits else None, calls=calls, views=views or 0
    )


def where_it_waits(kind: str, communes: Communes) -> list[tuple[str, int]]:
    """(commune, how many) of one queue, the most first. One query."""
    path = f"{commune_path(kind)}__name"
    rows = rows_of(kind, communes).order_by().values_list(path)
    counted = rows.annotate(n=Count("pk")).order_by("-n", path)
    return [(name, number) for name, number in counted if name]


def _registration_waits(entries: QuerySet[HistoryEntry]) -> Iterable[timedelta]:
    """From the last time a registration was sent until it was answered."""
    sent = HistoryEntry.objects.filter(
        shop=OuterRef("shop"), action=Action.SUBMIT, version__lt=OuterRef("version")
    )
    answered = entries.filter(action__in=OF_REGISTRATIONS).annotate(
        sent=Subquery(sent.order_by("-version").values("at")[:1])
    )
    return [at - sent for at, sent in answered.values_list("at", "sent") if sent]


def _waits(communes: Communes, since: datetime, now: datetime) -> Iterable[timedelta]:
    week = {"decided_at__gt": since, "decided_at__lte": now}
    proposals = Proposal.objects.filter(
        status__in=[ProposalStatus.ACCEPTED, ProposalStatus.REFUSED, ProposalStatus.TO_CORRECT],
        **week,
    )
    claims = Claim.objects.filter(status__in=[ClaimStatus.ACCEPTED, ClaimStatus.REFUSED], **week)
    for rows in (proposals, claims):
        # Who types a code is answered at once: nobody waited for the town hall.
        decided = _in(rows.exclude(decided_at=F("at")), communes)
        for at, end in decided.values_list("at", "decided_at"):
            yield end - at


def _in(rows: QuerySet, communes: Communes) -> QuerySet:
    return rows if communes is None else rows.filter(shop__commune__in=communes)
