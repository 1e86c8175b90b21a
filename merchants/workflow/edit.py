"""Changes by the people of a shop: at once, or looked at by the town hall first.

Somebody who edits sees the listing with the values already proposed: that is what `changes` and
`expected_version` refer to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import Proposal, Shop, ShopStatus, User
from merchants.models.commune import EditPolicy
from merchants.models.history import Action
from merchants.models.proposal import ProposalStatus

from .errors import WorkflowError
from .history import adopt, capacity_of, locked, record, values_seen
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
    description service_area phone email website shop_url social_links step_free payment_means
    services hours holiday_rule
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


def reviewed_fields(shop: Shop) -> frozenset[str]:
    """The fields whose changes the town hall looks at first; none before publication."""
    if shop.status not in {ShopStatus.PUBLISHED, ShopStatus.SUSPENDED}:
        return frozenset()
    if shop.commune.edit_policy == EditPolicy.VALIDATION:
        return REVIEWED | FREE
    return REVIEWED


def pending_proposal(shop: Shop) -> Proposal | None:
    """The proposal of a shop that waits for the town hall."""
    return Proposal.objects.filter(shop=shop, status=ProposalStatus.PENDING).first()


def with_proposal(shop: Shop, proposal: Proposal | None) -> Listing:
    """The listing as its people edit it: what is public, with what is proposed in its place."""
    listing = Listing.of(shop)
    if proposal is None:
        return listing
    return _with(listing, proposal.new_values)


def edit_listing(
    shop: Shop,
    changes: Mapping[str, Any],
    *,
    by: User | None,
    expected_version: int | None,
    now: datetime,
) -> Edit:
    """Changes some fields of a `Listing`; in `schedule`, the week and the holiday rule.

    Effects: free fields are written at once, with a history entry, and the public pages are
    renewed; reviewed fields join the one pending proposal of the shop, with a history entry,
    while the old values stay public. What the page of `expected_version` showed unchanged is no
    change; a field that somebody else has changed since raises Conflict, with nothing written.
    Values that are there already change nothing, so a second click has no second effect.
    """
    with transaction.atomic():
        held = locked(shop)
        _refuse_stranger(held, by)
        if held.status == ShopStatus.CLOSED:
            raise WorkflowError(
                _(
                    "«\u00a0%(name)s\u00a0» a fermé définitivement\u00a0: rouvrez "
                    "d’abord le commerce."
                )
                % {"name": held.name}
            )
        public = Listing.of(held)
        pending = pending_proposal(held)
        seen = with_proposal(held, pending)
        posted = _posted(seen, changes)
        before = plain(seen)
        if expected_version is not None and expected_version != held.version:
            posted = _merged(posted, before, held, expected_version)
        if "siret" in posted:
            refuse_siret_twice(posted["siret"], held.status, held.pk)
        reviewed = reviewed_fields(held)
        free = {name: value for name, value in posted.items() if name not in reviewed}
        live = _write_free(held, public, free, by=by, now=now)
        proposed = {name: value for name, value in posted.items() if name in reviewed}
        proposed = _propose(held, plain(public), pending, proposed, set(free), by=by, now=now)
    adopt(shop, held)
    return Edit(live, proposed)


def _posted(seen: Listing, changes: Mapping[str, Any]) -> Plain:
    """The plain values of the fields in `changes`, checked and normalised."""
    changes = dict(changes)
    if "schedule" in changes:
        own, given = seen.schedule, changes["schedule"]
        changes["schedule"] = replace(own, weekly=given.weekly, holiday_rule=given.holiday_rule)
    wanted = plain(prepared(replace(seen, **changes)))
    names = [part for name in changes for part in PARTS.get(name, (name,))]
    return {name: wanted[name] for name in names}


def _merged(posted: Plain, before: Plain, held: Shop, version: int) -> Plain:
    """Without what the old page showed just so; Conflict where both changed one field."""
    old = values_seen(held, version)
    ours = {n: value for n, value in posted.items() if not (n in old and old[n] == value)}
    clashes = {
        name: [before[name], value]
        for name, value in ours.items()
        if name in old and value != before[name]
    }
    if clashes:
        raise conflict(clashes, version=held.version)
    return ours


def _write_free(held: Shop, public: Listing, free: Plain, *, by, now) -> Changes:
    if not differences(plain(public), free):
        return {}
    live = write(held, _with(public, free))
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
) -> Changes:
    """Brings the pending proposal up to date: made, changed, or withdrawn when nothing is left."""
    before = pending.changes if pending else {}
    after = {name: change for name, change in before.items() if name not in freed}
    after |= {name: [public.get(name), value] for name, value in posted.items()}
    after = {name: change for name, change in after.items() if change[0] != change[1]}
    if after == before:
        return {}
    told = {
        name: [before.get(name, [None, public.get(name)])[1], value]
        for name, value in posted.items()
        if value != before.get(name, [None, public.get(name)])[1]
    }
    if pending and not after:
        pending.status = ProposalStatus.WITHDRAWN
        pending.decided_by, pending.decided_at = by, now
        pending.save()
        record(held, Action.WITHDRAW, by=by, now=now, changes=told)
    else:
        pending = pending or Proposal(shop=held)
        pending.changes, pending.by, pending.at = after, by, now
        pending.save()
        record(held, Action.PROPOSE, by=by, now=now, changes=told)
    return told


def _with(listing: Listing, values: Plain) -> Listing:
    try:
        return with_values(listing, values)
    except KeyError as error:
        raise WorkflowError(_("Une catégorie proposée n’existe plus.")) from error


def _refuse_stranger(held: Shop, by: User | None) -> None:
    if capacity_of(by, held) is None:
        raise WorkflowError(_("Votre compte ne permet pas cette action."))
