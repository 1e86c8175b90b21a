"""The lock that every write of a listing takes, and the entry that it leaves behind."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from merchants.models import CommuneRole, HistoryEntry, Shop, ShopMember, ShopStatus, User
from merchants.models.history import Action, Capacity
from merchants.models.member import MemberRole
from merchants.models.role import RoleKind

from .errors import WorkflowError
from .values import Changes

# They write for a merchant where nobody keeps the listing, and only there.
IN_HIS_PLACE = frozenset({Capacity.HELPER, Capacity.TOWN_HALL})
# The writes that change what residents read.
CONTENT = [
    Action.EDIT,
    Action.CLOSURE,
    Action.CLOSURE_REMOVED,
    Action.ACCEPT,
    Action.IMPORT,
    Action.UNDO,
]


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


def held_by(
    shop: Shop,
    by: User | None,
    *,
    allowed: Iterable[Capacity] = frozenset(Capacity),
    alone: Iterable[Capacity] = frozenset({Capacity.HELPER}),
    open_only: bool = True,
    refusal: str = "",
) -> tuple[Shop, Capacity]:
    """The locked listing, and in what capacity that person writes it.

    Raises WorkflowError (`refusal`, if it is given) for a stranger, for a capacity that is not
    `allowed`, and for one of those that act `alone` where somebody keeps the listing: a helper's
    page may be older than the merchant's arrival. Also where the listing was merged into another
    and, with `open_only`, where the shop closed for good.
    """
    held = locked(shop)
    capacity = capacity_of(by, held)
    if capacity is None or capacity not in allowed or (capacity in alone and is_kept(held)):
        raise WorkflowError(refusal or not_permitted())
    refuse_merged(held)
    if open_only and held.status == ShopStatus.CLOSED:
        raise WorkflowError(
            _("«\u00a0%(name)s\u00a0» a fermé définitivement\u00a0: rouvrez d’abord le commerce.")
            % {"name": held.name}
        )
    return held, capacity


def refuse_merged(held: Shop) -> None:
    """What was merged into another listing is nobody's to write."""
    if held.status == ShopStatus.MERGED:
        raise WorkflowError(
            _("La fiche «\u00a0%(name)s\u00a0» a été réunie avec une autre\u00a0: relisez-la.")
            % {"name": held.name}
        )


def not_permitted() -> str:
    return _("Votre compte ne permet pas cette action.")


def changed_meanwhile() -> str:
    """What is said to who decides on a page that is not the last one."""
    return _(
        "La fiche a été modifiée pendant que vous la lisiez\u00a0: relisez-la, rien n’est décidé."
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
    """Raises the version of a locked listing and says why. Two queries, and `capacity_of`.

    Raises WorkflowError for a stranger, unless the caller knows in what capacity he acts.
    """
    capacity = capacity or capacity_of(by, held)
    if capacity is None:
        raise WorkflowError(not_permitted())
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
    return role_in(shop.commune_id, by)


def role_in(commune_pk: int, by: User) -> Capacity | None:
    """In what capacity that person works for the town hall of a commune, if at all. One query."""
    if by.is_superuser:
        return Capacity.TOWN_HALL
    roles = CommuneRole.objects.filter(commune=commune_pk, user=by)
    role = roles.values_list("role", flat=True).first()
    if role is None:
        return None
    return Capacity.HELPER if role == RoleKind.HELPER else Capacity.TOWN_HALL


def is_kept(shop: Shop) -> bool:
    """Whether somebody keeps the listing. One query."""
    return ShopMember.objects.filter(shop=shop).exists()


def mark_on_behalf(held: Shop, capacity: Capacity | None) -> None:
    """What the town hall writes to a locked listing that nobody keeps, it writes for the merchant.

    No part of the listing, hence no entry of its own: the write's says in what capacity.
    """
    if held.on_behalf or capacity not in IN_HIS_PLACE or is_kept(held):
        return
    held.on_behalf = True
    Shop.objects.filter(pk=held.pk).update(on_behalf=True)


def taken_over(held: Shop) -> None:
    """The merchant has spoken: a locked listing is not the town hall's word any more.

    The public pages, which said so, are renewed.
    """
    if not held.on_behalf:
        return
    held.on_behalf = False
    Shop.objects.filter(pk=held.pk).update(on_behalf=False)
    if held.status == ShopStatus.PUBLISHED:
        held.commune.touch()


def values_seen(shop: Shop, version: int) -> Mapping[str, Any]:
    """The plain values, as of that version, of what was written since: {field: old value}.

    An accepted proposal is left out, and one that waits again: who edits a listing sees proposed
    values as his own.
    """
    old: dict[str, Any] = {}
    since = shop.history.filter(version__gt=version).exclude(
        action__in=[Action.ACCEPT, Action.UNDO]
    )
    for changes in since.order_by("version").values_list("changes", flat=True):
        for name, (before, _after) in changes.items():
            old.setdefault(name, before)
    return old


def changed_since(shop: Shop, version: int) -> bool:
    """Whether what residents read has changed since that version. One query."""
    entries = shop.history.filter(version__gt=version, action__in=CONTENT)
    return entries.exclude(changes={}).exists()


def already_done(
    shop: Shop, action: Action, *, by: User | None, version: int | None, note: str | None = None
) -> bool:
    """Whether that person's click has had its effect: a second click, from the same page.

    With a `note`, an entry with another one stands for another click.
    """
    if version is None or version == shop.version:
        return False
    entries = shop.history.filter(version__gt=version, action=action, by=by)
    return (entries if note is None else entries.filter(note=note)).exists()


def closed_by_merchant(shops: Iterable[int]) -> set[int]:
    """Which of these listings an owner closed for good, not the town hall. At most one query."""
    numbers = list(shops)
    if not numbers:
        return set()
    closings = HistoryEntry.objects.filter(shop__in=numbers, action=Action.CLOSE)
    last = dict(closings.order_by("version").values_list("shop", "capacity"))
    return {shop for shop, capacity in last.items() if capacity == Capacity.MERCHANT}
