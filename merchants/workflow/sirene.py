"""What SIRENE tells of a commune, beside its directory: cases for an agent to look at.

Nothing is published, closed or changed here. `sirene_decisions` holds what an agent decides.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from merchants.capitals import readable_name, readable_street
from merchants.company_search import Company
from merchants.models import Category, Commune, Objection, Shop, ShopStatus, SireneCase
from merchants.models.sirene import SireneKind
from merchants.names import ALIKE, likeness
from merchants.streets import number_key, street_key

BATCH = 500
# The register often learns of a closing months later: who came in that time took over.
LATE = timedelta(days=365)
# Activities of our categories under which hardly anybody is a shop: landlords, couriers, mail order
# from home. Whoever has a counter there registers; see docs/decisions/0016.
HARDLY_SHOPS = frozenset({"6820A", "5320Z", "4791A", "4791B"})
# What a newcomer may turn out to be: not what is gone, or what the town hall did not want.
TWINS = [ShopStatus.DRAFT, ShopStatus.TO_CORRECT, *ShopStatus.live()]


@dataclass(slots=True)
class Found:
    """How many cases of each kind are new, and why other establishments made none."""

    unlisted: int = 0
    closed: int = 0
    successor: int = 0
    listed: int = 0  # in the directory, by number, or by name and street
    known: int = 0  # a case already, waiting or decided
    objected: int = 0
    hidden: int = 0  # of a category that this town does not show

    def add(self, other: "Found") -> None:
        for name in Found.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def new(self) -> int:
        return self.unlisted + self.closed + self.successor


@dataclass(slots=True)
class _Listed:
    """A listing, as far as newcomers are compared with it."""

    pk: int
    siret: str
    name: str
    is_live: bool
    category: int | None
    has_place: bool
    known_since: date


class Activities:
    """Which establishments may be shops for a commune's directory. Two queries."""

    def __init__(self, commune: Commune):
        hidden = set(commune.hidden_categories.values_list("pk", flat=True))
        self._categories: dict[str, list[Category]] = defaultdict(list)
        self._shown: set[str] = set()
        for category in Category.objects.leaves():
            is_shown = hidden.isdisjoint({category.pk, category.parent_id})
            for code in category.naf_codes:
                self._categories[_naf(code)].append(category)
                if is_shown:
                    self._shown.add(_naf(code))

    def mean_a_shop(self, naf: str) -> bool:
        return _naf(naf) in self._categories and _naf(naf) not in HARDLY_SHOPS

    def are_shown(self, naf: str) -> bool:
        return _naf(naf) in self._shown

    def category_of(self, naf: str) -> Category | None:
        """The one category that the activity means; None for several."""
        found = self._categories.get(_naf(naf), [])
        return found[0] if len(found) == 1 else None

    def codes(self) -> list[str]:
        """As the register writes them ("47.24Z"), those that this town shows."""
        written = [code for code in self._shown if len(code) == 5 and self.mean_a_shop(code)]
        return sorted(f"{code[:2]}.{code[2:]}" for code in written)


def numbers_watched(commune: Commune) -> set[str]:
    """The SIRETs whose closing says something, whatever their activity: those of our listings and
    of the cases that wait. Two queries."""
    waiting = SireneCase.objects.waiting().filter(commune=commune)
    return _numbers_listed(commune) | _among(waiting)


def _numbers_listed(commune: Commune) -> set[str]:
    live = Shop.objects.in_commune(commune).filter(status__in=ShopStatus.live())
    return set(live.exclude(siret="").values_list("siret", flat=True))


def find_cases(
    commune: Commune,
    companies: Iterable[Company],
    *,
    now: datetime,
    complete: bool,
    keep: bool = True,
) -> Found:
    """Compares establishments with the directory of a commune, and notes what differs.

    CLOSED: a live listing whose establishment, or company, has closed. SUCCESSOR: at the number,
    street and trade of such a listing, or of one whose SIRET is unknown, somebody else has opened
    since. UNLISTED: any other open establishment of one of our activities that no listing is or
    may be (same SIRET; like name in the street; same place and trade). No case for those that
    objected to diffusion or here, nor where there was one: decided is decided.

    A case that waits and has settled itself is forgotten: the newcomer is listed, or has closed;
    the listing is not live any more.

    `companies` is iterated twice. It is `complete` where it holds every establishment of the
    commune: then a SIRET that it lacks is one that the register does not know.

    Effects: the cases, BATCH by BATCH, each in a transaction of its own, for comparing thousands
    of names would keep others waiting: a run that is stopped is whole as far as it went, and the
    next one goes on. A closing that becomes a succession is one case, not two. Without `keep`, all
    is counted and nothing is written. Memory grows with the directory, not with the companies; four
    queries for each BATCH.
    """
    found = Found()
    ours = _numbers_listed(commune)
    states = _states(companies, ours | numbers_watched(commune))
    closed = {c.siret: c for c in states.values() if c and not c.is_open}
    if keep:
        _forget_settled(commune, closed)
    closing = _note_closed(
        commune, [c for c in closed.values() if c.siret in ours], found, now=now, keep=keep
    )
    unknown = ours - states.keys() if complete else set()
    newcomers = _Newcomers(commune, unknown, closing, found, now=now)
    open_ones = (c for c in companies if _is_here(c, commune) and c.is_open)
    while batch := list(islice(open_ones, BATCH)):
        newcomers.note(batch, keep=keep)
    return found


def _states(companies: Iterable[Company], watched: set[str]) -> dict[str, Company | None]:
    """What the register says of these numbers; None where it must not be used."""
    return {
        company.siret: None if company.partial_diffusion else company
        for company in companies
        if company.siret in watched
    }


def _is_here(company: Company, commune: Commune) -> bool:
    return company.commune_code == commune.insee_code and not company.partial_diffusion


def _forget_settled(commune: Commune, closed: Collection[str]) -> None:
    waiting = SireneCase.objects.waiting().filter(commune=commune)
    newcomers = waiting.exclude(kind=SireneKind.CLOSED)
    live = Shop.objects.filter(status__in=ShopStatus.live())
    listed = newcomers.filter(siret__in=live.exclude(siret="").values("siret"))
    gone = waiting.exclude(kind=SireneKind.UNLISTED).exclude(shop__in=live.values("pk"))
    settled = {*listed.values_list("pk", flat=True), *gone.values_list("pk", flat=True)}
    settled.update(pk for pk, siret in newcomers.values_list("pk", "siret") if siret in closed)
    for batch in _batches(sorted(settled)):
        waiting.filter(pk__in=batch).delete()


def _note_closed(
    commune: Commune, closed: list[Company], found: Found, *, now: datetime, keep: bool
) -> list[SireneCase]:
    """The new cases of closings."""
    noted = []
    for batch in _batches(closed):
        numbers = [company.siret for company in batch]
        shops = Shop.objects.in_commune(commune).filter(status__in=ShopStatus.live())
        by_number = {shop.siret: shop for shop in shops.filter(siret__in=numbers).only("siret")}
        told = SireneCase.objects.filter(
            Q(kind=SireneKind.CLOSED, siret__in=numbers)
            | Q(kind=SireneKind.SUCCESSOR, shop__in=by_number.values())
        )
        rows = list(told.values_list("kind", "siret", "shop"))
        known = {siret for kind, siret, _shop in rows if kind == SireneKind.CLOSED}
        followed = {shop for kind, _siret, shop in rows if kind == SireneKind.SUCCESSOR}
        cases = []
        for company in batch:
            shop = by_number[company.siret]
            if company.siret in known or shop.pk in followed:
                found.known += 1
            else:
                cases.append(_case(company, commune, SireneKind.CLOSED, now=now, shop=shop.pk))
        if keep:
            SireneCase.objects.bulk_create(cases, ignore_conflicts=True)
        found.closed += len(cases)
        noted += cases
    return noted


class _Newcomers:
    """Open establishments, batch by batch, beside the listings of the commune."""

    def __init__(
        self,
        commune: Commune,
        unknown: set[str],
        closing: list[SireneCase],
        found: Found,
        *,
        now: datetime,
    ):
        self._commune, self._unknown, self._found, self._now = commune, unknown, found, now
        self._activities = Activities(commune)
        self._in_street: dict[str, list[_Listed]] = defaultdict(list)
        self._at: dict[tuple[str, str], list[_Listed]] = defaultdict(list)
        self._nowhere: list[_Listed] = []
        for listed, number, street in _listings(commune):
            if street:
                self._in_street[street].append(listed)
            if street and number:
                self._at[street, number].append(listed)
            if not listed.has_place:
                self._nowhere.append(listed)
        before = SireneCase.objects.waiting().filter(commune=commune, kind=SireneKind.CLOSED)
        # By listing.
        self._closing = {case.shop_id: case for case in (*before, *closing)}
        followed = SireneCase.objects.filter(commune=commune, kind=SireneKind.SUCCESSOR)
        self._followed = set(followed.values_list("shop", flat=True))

    def note(self, batch: list[Company], *, keep: bool) -> None:
        batch = [c for c in batch if self._activities.mean_a_shop(c.naf)]
        shown = [c for c in batch if self._activities.are_shown(c.naf)]
        self._found.hidden += len(batch) - len(shown)
        numbers = [company.siret for company in shown]
        listed = _among(Shop.objects.without_private_drafts().filter(siret__in=numbers))
        objected = _among(Objection.objects.filter(siret__in=numbers))
        kinds = [SireneKind.UNLISTED, SireneKind.SUCCESSOR]
        known = _among(SireneCase.objects.filter(siret__in=numbers, kind__in=kinds))
        cases, ended = [], list[str]()
        for company in shown:
            if company.siret in listed:
                self._found.listed += 1
            elif company.siret in objected:
                self._found.objected += 1
            elif company.siret in known:
                self._found.known += 1
            elif case := self._compared(company, ended):
                known.add(company.siret)
                cases.append(case)
        if cases and keep:
            with transaction.atomic():
                closings = SireneCase.objects.waiting().filter(kind=SireneKind.CLOSED)
                closings.filter(siret__in=ended).delete()
                SireneCase.objects.bulk_create(cases, ignore_conflicts=True)

    def _compared(self, company: Company, ended: list[str]) -> SireneCase | None:
        """The case of an establishment whose number no listing has; None for a listing's twin.

        The SIRET of a closing that is a succession joins `ended`.
        """
        category = self._activities.category_of(company.naf)
        street, number = street_key(company.street), number_key(company.house_number)
        at_place = self._at.get((street, number), ()) if street and number else ()
        same_place = [listed for listed in at_place if category and listed.category == category.pk]
        neighbours = self._in_street.get(street, ()) if street else ()
        alike = [listed for listed in (*neighbours, *self._nowhere) if self._alike(company, listed)]
        for listed in (*same_place, *alike):
            if self._took_over(company, listed):
                self._followed.add(listed.pk)
                if closing := self._closing.pop(listed.pk, None):
                    ended.append(closing.siret)
                    self._found.closed -= closing.found_at == self._now
                self._found.successor += 1
                kind = SireneKind.SUCCESSOR
                return _case(company, self._commune, kind, now=self._now, shop=listed.pk,
                             category=category)  # fmt: skip
        if alike or any(self._has_no_number(listed) for listed in same_place):
            self._found.listed += 1
            return None
        self._found.unlisted += 1
        return _case(company, self._commune, SireneKind.UNLISTED, now=self._now, category=category)

    def _took_over(self, company: Company, listed: _Listed) -> bool:
        if listed.pk in self._followed or not listed.is_live or company.since is None:
            return False
        if listed.pk in self._closing:
            closed_on = self._closing[listed.pk].since
            return closed_on is None or company.since >= closed_on - LATE
        return (
            self._has_no_number(listed)
            and company.since > listed.known_since
            and not self._alike(company, listed)
        )

    def _has_no_number(self, listed: _Listed) -> bool:
        return not listed.siret or listed.siret in self._unknown

    def _alike(self, company: Company, listed: _Listed) -> bool:
        names = filter(None, (company.trade_name, company.name))
        city = self._commune.name
        return any(likeness(name, listed.name, city=city) >= ALIKE for name in names)


def _listings(commune: Commune) -> Iterator[tuple[_Listed, str, str]]:
    """The listings of a commune with the keys of their house number and street. One query.

    Without what a merchant has begun and not sent: a draft keeps no number from anybody.
    """
    rows = Shop.objects.in_commune(commune).without_private_drafts()
    rows = rows.filter(status__in=TWINS).order_by("pk")
    columns = (
        "pk", "siret", "name", "status", "main_category", "house_number", "street", "latitude",
        "created_at", "confirmed_at",
    )  # fmt: skip
    for (
        pk,
        siret,
        name,
        status,
        category,
        number,
        street,
        latitude,
        made,
        confirmed,
    ) in rows.values_list(*columns).iterator():
        last = max(moment for moment in (made, confirmed) if moment)
        listed = _Listed(
            pk=pk,
            siret=siret,
            name=name,
            is_live=status in ShopStatus.live(),
            category=category,
            has_place=bool(street) or latitude is not None,
            known_since=timezone.localdate(last),
        )
        yield listed, number_key(number), street_key(street)


def _case(
    company: Company,
    commune: Commune,
    kind: SireneKind,
    *,
    now: datetime,
    shop: int | None = None,
    category: Category | None = None,
) -> SireneCase:
    return SireneCase(
        commune=commune,
        kind=kind,
        shop_id=shop,
        siret=company.siret,
        name=readable_name(company.best_name)[:120],
        naf=company.naf[:6],
        category=category,
        house_number=company.house_number.lower()[:20],
        street=readable_street(company.street)[:160],
        address_extra=readable_name(company.address_extra)[:160],
        postcode=company.postcode[:5],
        since=company.since,
        found_at=now,
    )


def _among(rows) -> set[str]:
    return set(rows.order_by().values_list("siret", flat=True))


def _batches(rows: Sequence) -> Iterator[Sequence]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _naf(code: str) -> str:
    return code.replace(".", "").upper()
