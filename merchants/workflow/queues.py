"""What waits for a town hall, kind by kind and the oldest first: one place that knows.

The first page of the back office counts it, the lists of cases show it, and the next case is taken
from it. Each row has `waits_since`, from when on it waits.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, F, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from post_office.models import STATUS, Email

from merchants.models import Claim, HistoryEntry, Proposal, Shop, ShopStatus
from merchants.models.decision import CaseKind
from merchants.models.history import Action
from merchants.models.proposal import ProposalStatus
from merchants.models.report import Report, ReportStatus
from merchants.models.sirene import SireneCase, SireneStatus

Communes = set[int] | None  # Primary keys; None: all of them.

# Queues that are no kind of their own: claims on what somebody keeps, and two lists of the admin.
DISPUTE, TO_PLACE, MAILS = "litige", "a-placer", "courriels"


@dataclass(frozen=True)
class Queue:
    """How much of one kind waits, since when, and the page that shows it.

    `case` is what TakenCase and the addresses call its rows; "" where they are no cases.
    `of_commune`: that page shows one commune at a time.
    """

    kind: str
    label: object
    count: int
    oldest: datetime | None
    url_name: str
    query: str
    case: str = ""
    of_commune: bool = False


@dataclass(frozen=True)
class _Source:
    kind: str
    label: object
    rows: Callable[[Communes], QuerySet]
    url_name: str
    parameters: dict[str, str]
    case: str = ""
    # How a row reaches its commune.
    commune: str = "commune"
    of_commune: bool = False


def waiting(communes: Communes) -> list[Queue]:
    """Every queue, empty ones too, in the order of the first page. One query for each."""
    return [_counted(source, communes) for source in SOURCES.values()]


def rows_of(kind: str, communes: Communes) -> QuerySet:
    """What waits in one queue, the oldest first, each with `waits_since`. Raises KeyError."""
    return SOURCES[kind].rows(communes).order_by("waits_since", "pk")


def label_of(kind: str) -> object:
    return SOURCES[kind].label


def commune_path(kind: str) -> str:
    return SOURCES[kind].commune


def by_commune(*kinds: str) -> Counter[int]:
    """How many rows of these queues wait in each commune, by its key. One query for each queue."""
    found = Counter()
    for kind in kinds:
        rows = rows_of(kind, None).order_by().values_list(commune_path(kind))
        found.update(dict(rows.annotate(Count("pk"))))
    return found


def registrations(communes: Communes) -> QuerySet[Shop]:
    """Listings to read; they wait since they were sent, or written by the town hall itself."""
    sent = HistoryEntry.objects.filter(
        shop=OuterRef("pk"), action__in=[Action.SUBMIT, Action.CREATE]
    )
    since = Coalesce(Subquery(sent.order_by("-version").values("at")[:1]), F("created_at"))
    return _in(Shop.objects.filter(status=ShopStatus.PENDING), communes).annotate(waits_since=since)


def proposals(communes: Communes) -> QuerySet[Proposal]:
    rows = Proposal.objects.filter(status=ProposalStatus.PENDING)
    return _in(rows, communes, "shop__commune").annotate(waits_since=F("at"))


def claims(communes: Communes, *, dispute: bool | None = None) -> QuerySet[Claim]:
    rows = _in(Claim.objects.waiting(), communes, "shop__commune").with_dispute()
    if dispute is not None:
        rows = rows.filter(is_dispute=dispute)
    return rows.annotate(waits_since=F("at"))


def reports(communes: Communes) -> QuerySet[Report]:
    rows = Report.objects.filter(status=ReportStatus.WAITING)
    return _in(rows, communes, "shop__commune").annotate(waits_since=F("at"))


def sirene_cases(communes: Communes) -> QuerySet[SireneCase]:
    rows = SireneCase.objects.filter(status=SireneStatus.WAITING)
    return _in(rows, communes).annotate(waits_since=F("found_at"))


def to_place(communes: Communes) -> QuerySet[Shop]:
    # A draft is still its writer's business.
    rows = Shop.objects.to_place().exclude(status=ShopStatus.DRAFT)
    return _in(rows, communes).annotate(waits_since=F("created_at"))


def next_to_place(communes: Communes, *, after: Shop) -> Shop | None:
    """The listing to place that has waited longest after that one; past the last, the oldest.

    Somebody who leaves one as it is comes to it again after all the others. Two queries at most.
    """
    rows = to_place(communes).exclude(pk=after.pk).order_by("waits_since", "pk")
    at_once = rows.filter(created_at=after.created_at, pk__gt=after.pk)
    later = rows.filter(created_at__gt=after.created_at) | at_once
    return later.first() or rows.first()


def failed_mails(communes: Communes) -> QuerySet[Email]:
    rows = Email.objects.filter(status=STATUS.failed)
    return _in(rows, communes, "of_commune__commune").annotate(waits_since=F("created"))


def _undisputed(communes: Communes) -> QuerySet[Claim]:
    return claims(communes, dispute=False)


def _disputed(communes: Communes) -> QuerySet[Claim]:
    return claims(communes, dispute=True)


def _in(rows: QuerySet, communes: Communes, path: str = "commune") -> QuerySet:
    return rows if communes is None else rows.filter(**{f"{path}__in": communes})


def _counted(source: _Source, communes: Communes) -> Queue:
    found = source.rows(communes).order_by().aggregate(n=Count("pk"), oldest=Min("waits_since"))
    return Queue(
        kind=source.kind,
        label=source.label,
        count=found["n"],
        oldest=found["oldest"],
        url_name=source.url_name,
        query=urlencode(source.parameters),
        case=source.case,
        of_commune=source.of_commune,
    )


def _of_cases(
    kind: str, label: object, rows: Callable, case: CaseKind, commune: str = "shop__commune"
) -> _Source:
    return _Source(kind, label, rows, "admin:cases", {"kind": kind}, case.value, commune)


_ALL = [
    _of_cases(
        CaseKind.REGISTRATION.value,
        _("Inscriptions"),
        registrations,
        CaseKind.REGISTRATION,
        "commune",
    ),
    _of_cases(CaseKind.PROPOSAL.value, _("Modifications proposées"), proposals, CaseKind.PROPOSAL),
    _of_cases(
        CaseKind.CLAIM.value,
        _("Demandes «\u00a0C’est mon commerce\u00a0»"),
        _undisputed,
        CaseKind.CLAIM,
    ),
    _of_cases(DISPUTE, _("Litiges"), _disputed, CaseKind.CLAIM),
    _Source(
        CaseKind.REPORT.value,
        _("Signalements d’habitants"),
        reports,
        "admin:reports",
        {},
        CaseKind.REPORT.value,
        "shop__commune",
    ),
    _Source(
        CaseKind.SIRENE.value,
        _("Rapprochements avec SIRENE"),
        sirene_cases,
        "admin:sirene",
        {},
        CaseKind.SIRENE.value,
        of_commune=True,
    ),
    _Source(
        TO_PLACE,
        _("Fiches à placer sur la carte"),
        to_place,
        "admin:merchants_shop_changelist",
        {"point": "a-placer"},
    ),
    _Source(
        MAILS,
        _("Courriels qui ne sont pas partis"),
        failed_mails,
        "admin:post_office_email_changelist",
        {"etat": str(STATUS.failed)},
        commune="of_commune__commune",
    ),
]
SOURCES = {source.kind: source for source in _ALL}
