"""The lock that every write of a listing takes, and the entry that it leaves behind."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from merchants.models import CommuneRole, HistoryEntry, Shop, ShopMember, User
from merchants.models.history import Action, Capacity
from merchants.models.member import MemberRole
from merchants.models.role import RoleKind

from .values import Changes

# The writes that change what residents read.
CONTENT = [Action.EDIT, Action.CLOSURE, Action.CLOSURE_REMOVED, Action.ACCEPT, Action.IMPORT]


def locked(shop: Shop) -> Shop:
    """The listing as it stands, with all that `Listing.of` reads; nobody else writes it until the
    transaction ends. Seven queries; raises Shop.DoesNotExist if it is gone."""
    return (
        Shop.objects.select_for_update(of=("self",))
        .select_related("commune", "main_category__parent")
        .defer("commune__contour", "commune__search_text")
        .prefetch_related("categories__parent", "services", "periods", "specials")
        .get(pk=shop.pk)
    )


def adopt(shop: Shop, held: Shop) -> Shop:
    """Gives the caller's object what was written to the locked one."""
    shop.__dict__.update(held.__dict__)
    forget_read_rows(shop)
    return shop


def forget_read_rows(shop: Shop) -> None:
    """Rows that were read before a write are read again."""
    shop.__dict__.pop("schedule", None)
    shop.__dict__.pop("_prefetched_objects_cache", None)


def record(
    held: Shop,
    action: Action,
    *,
    by: User | None,
    now: datetime,
    changes: Changes | None = None,
    reason: str = "",
    note: str = "",
    capacity: Capacity | None = None,
) -> HistoryEntry:
    """Raises the version of a locked listing and says why. Two queries, and `capacity_of`."""
    capacity = capacity or capacity_of(by, held) or Capacity.MERCHANT
    held.version += 1
    held.updated_at = now
    Shop.objects.filter(pk=held.pk).update(version=held.version, updated_at=now)
    return HistoryEntry.objects.create(
        shop=held,
        at=now,
        by=by,
        capacity=capacity,
        action=action,
        changes=changes or {},
        reason=reason,
        note=note,
        version=held.version,
    )


def capacity_of(by: User | None, shop: Shop) -> Capacity | None:
    """In what capacity that person stands to the shop; None for a stranger. Up to two queries."""
    if by is None:
        return Capacity.SYSTEM
    member = ShopMember.objects.filter(shop=shop, user=by).values_list("role", flat=True).first()
    if member:
        return Capacity.MERCHANT if member == MemberRole.OWNER else Capacity.COLLEAGUE
    if by.is_superuser:
        return Capacity.TOWN_HALL
    roles = CommuneRole.objects.filter(commune=shop.commune_id, user=by)
    role = roles.values_list("role", flat=True).first()
    if role:
        return Capacity.HELPER if role == RoleKind.HELPER else Capacity.TOWN_HALL
    return None


def values_seen(shop: Shop, version: int) -> Mapping[str, Any]:
    """The plain values, as of that version, of what was written since: {field: old value}.

    An accepted proposal is left out: who edits a listing sees proposed values as his own.
    """
    old: dict[str, Any] = {}
    since = shop.history.filter(version__gt=version).exclude(action=Action.ACCEPT)
    for changes in since.order_by("version").values_list("changes", flat=True):
        for name, (before, _after) in changes.items():
            old.setdefault(name, before)
    return old


def changed_since(shop: Shop, version: int) -> bool:
    """Whether what residents read has changed since that version. One query."""
    entries = shop.history.filter(version__gt=version, action__in=CONTENT)
    return entries.exclude(changes={}).exists()


def already_done(shop: Shop, action: Action, *, by: User | None, version: int | None) -> bool:
    """Whether that person's click has had its effect: a second click, from the same page."""
    if version is None or version == shop.version:
        return False
    return shop.history.filter(version__gt=version, action=action, by=by).exists()
