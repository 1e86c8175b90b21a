"""Changes by the people of a shop: at once, or looked at by the town hall first.

Somebody who edits sees the listing with the values already proposed: that is what `changes` and
`expected_version` refer to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from merchants.models import Category, Proposal, Shop, ShopStatus, User
from merchants.models.commune import EditPolicy
from merchants.models.history import Action, Capacity
from merchants.models.proposal import ProposalStatus

from .history import adopt, held_by, mark_on_behalf, record, values_seen
from .listing import prepared, refuse_siret_twice, write
from .values import Changes, Listing, Plain, differences, plain, with_values
from .wording import conflict

REVIEWED = frozenset(
    """
    name siret main_category categories house_number street address_extra postcode city point
    location_source location_precision
    """.split()
)
FREE = frozenset(
    """
    description service_area phone phone_is_public email email_is_public website shop_url
    social_links step_free payment_means services hours holiday_rule
    """.split()
)
# Special periods are always live (`closures`): a closed door does not wait for an office.

# A field of `Listing` that is several plain values.
PARTS = {"schedule": ("hours", "holiday_rule")}


@dataclass(frozen=True, slots=True)
class Edit:
    """What came of it: plain {field: [old, new]}, empty where nothing differed."""

    live: Changes
    proposed: Changes
    # What was proposed, or refused, is given up: the old values are wanted again.
    withdrawn: bool = False


class Shown(NamedTuple):
    """A listing as its people edit it, and where its values come from: at most one of the two."""

    listing: Listing
    proposal: Proposal | None
    refused: Proposal | None


def reviewed_fields(shop: Shop, capacity: Capacity | None = None) -> frozenset[str]:
    """The fields whose changes the town hall looks at first; none before publication.

    It does not look at its own; a helper, who publishes nothing, stands where a merchant does.
    """
    published = shop.status in {ShopStatus.PUBLISHED, ShopStatus.SUSPENDED}
    if not published or capacity == Capacity.TOWN_HALL:
        return frozenset()
    if shop.commune.edit_policy == EditPolicy.VALIDATION:
        return REVIEWED | FREE
    return REVIEWED


def pending_proposal(shop: Shop) -> Proposal | None:
    """The proposal of a shop that waits for the town hall."""
    return Proposal.objects.filter(shop=shop, status=ProposalStatus.PENDING).first()


def last_refusal(shop: Shop) -> Proposal | None:
    """The proposal that was refused or sent back, that nothing has replaced since and that nobody
    has given up."""
    last = Proposal.objects.filter(shop=shop).exclude(status=ProposalStatus.WITHDRAWN).first()
    if last and last.status in ProposalStatus.returned() and last.dropped_at is None:
        return last
    return None


def with_proposal(shop: Shop, proposal: Proposal | None) -> Listing:
    """The listing as its people edit it: what is public, with what is proposed in its place.

    A category that is gone is left out.
    """
    listing = Listing.of(shop)
    if proposal is None:
        return listing
    return with_values(listing, _known(proposal.new_values))


def shown_listing(shop: Shop, capacity: Capacity | None = None) -> Shown:
    """What an editing page begins with: what is proposed, else what was refused and may be
    corrected, else what is public. Up to four queries.

    A refused value of a field that is live by now is not shown: saving would publish it.
    """
    proposal = pending_proposal(shop)
    refused = None if proposal else last_refusal(shop)
    if refused is None or not is_correctable(shop, refused, capacity):
        return Shown(with_proposal(shop, proposal), proposal, None)
    reviewed = reviewed_fields(shop, capacity)
    values = {name: value for name, value in refused.new_values.items() if name in reviewed}
    return Shown(with_values(Listing.of(shop), _known(values)), None, refused)


def is_correctable(shop: Shop, proposal: Proposal, capacity: Capacity | None = None) -> bool:
    """Whether that proposal came back, nobody gave it up, and it would be reviewed again."""
    if proposal.status not in ProposalStatus.returned() or proposal.dropped_at:
        return False
    return bool(reviewed_fields(shop, capacity) & proposal.changes.keys())


def edit_listing(
    shop: Shop,
    changes: Mapping[str, Any],
    *,
    by: User | None,
    expected_version: int | None,
    agreed: int | None = None,
    now: datetime,
) -> Edit:
    """Changes some fields of a `Listing`; in `schedule`, the week and the holiday rule.

    Effects: free fields are written at once, with a history entry, and the public pages are
    renewed; reviewed fields join the one pending proposal of the shop, with a history entry,
    while the old values stay public. What the page of `expected_version` showed unchanged is no
    change; a field that somebody else has changed since raises Conflict, with nothing written,
    unless a Conflict has told of that before (`agreed` is the version that it named).
    Values that are there already change nothing, so a second click has no second effect. A
    refused proposal is given up by another one, and by its old values. What the town hall writes
    to a listing that nobody keeps makes it one written on behalf.
    """
    with transaction.atomic():
        held, capacity = held_by(shop, by)
        public = Listing.of(held)
        pending = pending_proposal(held)
        seen = with_proposal(held, pending)
        posted = _posted(seen, changes)
        before = plain(seen)
        if expected_version is not None and expected_version != held.version:
            posted = _merged(posted, before, held, expected_version, agreed)
        if "siret" in posted:
            refuse_siret_twice(posted["siret"], held.status, held.pk)
        reviewed = reviewed_fields(held, capacity)
        free = {name: value for name, value in posted.items() if name not in reviewed}
        live = _write_free(held, public, free, by=by, now=now)
        if live:
            mark_on_behalf(held, capacity)
        proposed = {name: value for name, value in posted.items() if name in reviewed}
        refused = None if pending else last_refusal(held)
        proposed, withdrawn = _propose(
            held, plain(public), pending, proposed, set(free), by=by, now=now
        )
        if refused and (proposed or _put_back(refused, posted, plain(public))):
            drop(held, refused, by=by, now=now, told=bool(proposed))
            withdrawn = not proposed
    adopt(shop, held)
    return Edit(live, proposed, withdrawn)


def _posted(seen: Listing, changes: Mapping[str, Any]) -> Plain:
    """The plain values of the fields in `changes`, checked and normalised."""
    changes = dict(changes)
    if "schedule" in changes:
        own, given = seen.schedule, changes["schedule"]
        changes["schedule"] = replace(own, weekly=given.weekly, holiday_rule=given.holiday_rule)
    wanted = plain(prepared(replace(seen, **changes)))
    names = [part for name in changes for part in PARTS.get(name, (name,))]
    return {name: wanted[name] for name in names}


def _merged(posted: Plain, before: Plain, held: Shop, version: int, agreed: int | None) -> Plain:
    """Without what the old page showed just so; Conflict where both changed one field.

    Of what was written up to `agreed`, the person has been told.
    """
    old = values_seen(held, version)
    ours = {n: value for n, value in posted.items() if not (n in old and old[n] == value)}
    unseen = values_seen(held, max(version, agreed)) if agreed else old
    clashes = {
        name: [before[name], value]
        for name, value in ours.items()
        if name in unseen and value != before[name]
    }
    if clashes:
        raise conflict(clashes, version=held.version)
    return ours


def _write_free(held: Shop, public: Listing, free: Plain, *, by, now) -> Changes:
    if not differences(plain(public), free):
        return {}
    live = write(held, with_values(public, free))
    record(held, Action.EDIT, by=by, now=now, changes=live)
    return live


def _propose(
    held: Shop,
    public: Plain,
    pending: Proposal | None,
    posted: Plain,
    freed: set[str],
    *,
    by: User | None,
    now: datetime,
) -> tuple[Changes, bool]:
    """What is proposed anew, and whether nothing is left of what was.

    A changed proposal is another one: the town hall decides on what it has read, and on no more.
    """
    before = pending.changes if pending else {}
    after = {name: change for name, change in before.items() if name not in freed}
    after |= {name: [public.get(name), value] for name, value in posted.items()}
    after = {name: change for name, change in after.items() if change[0] != change[1]}
    if after == before:
        return {}, False
    told = {
        name: [before.get(name, [None, public.get(name)])[1], value]
        for name, value in posted.items()
        if value != before.get(name, [None, public.get(name)])[1]
    }
    if pending:
        pending.status = ProposalStatus.WITHDRAWN
        pending.decided_by, pending.decided_at = by, now
        pending.save()
    if not after:
        record(held, Action.WITHDRAW, by=by, now=now, changes=told)
        return {}, True
    Proposal.objects.create(shop=held, changes=after, by=by, at=now)
    record(held, Action.PROPOSE, by=by, now=now, changes=told)
    return told, False


def _put_back(refused: Proposal, posted: Plain, public: Plain) -> bool:
    """Whether the page had fields of a refused proposal, all with their public values."""
    common = posted.keys() & refused.changes.keys()
    return bool(common) and all(posted[name] == public[name] for name in common)


def drop(held: Shop, refused: Proposal, *, by: User | None, now: datetime, told: bool) -> None:
    """Nobody comes back to that refusal. An entry of the history, unless another one `told`."""
    refused.dropped_at = now
    refused.save(update_fields=["dropped_at"])
    if not told:
        record(held, Action.WITHDRAW, by=by, now=now)


def _known(values: Plain) -> Plain:
    """Without categories that are gone. One query where there are categories among the values."""
    slugs = {values.get("main_category"), *values.get("categories", ())} - {None}
    if not slugs:
        return values
    found = set(Category.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    known = {n: v for n, v in values.items() if n != "main_category" or v is None or v in found}
    if "categories" in known:
        known["categories"] = [slug for slug in known["categories"] if slug in found]
    return known
