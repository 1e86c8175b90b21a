"""Acting for a merchant: a helper or an agent writes a listing that nobody keeps.

What they may do to it is said elsewhere: `edit.reviewed_fields`, `status.TRANSITIONS`. A helper
publishes nothing, and nobody here sees an account.
"""

from datetime import datetime

from django.db.models import QuerySet

from merchants.models import Commune, CommuneRole, Shop, ShopStatus, User
from merchants.models.history import Action

from . import registration
from .values import Listing

# Sent back or hidden by the town hall, and the decisions that do so.
HELD_BACK = frozenset({ShopStatus.REFUSED, ShopStatus.TO_CORRECT, ShopStatus.SUSPENDED})
HOLDING_BACK = frozenset({Action.REFUSE, Action.ASK_CHANGE, Action.SUSPEND})


def create_draft(commune: Commune, name: str, *, by: User, now: datetime) -> Shop:
    """Somebody of the town hall begins a listing for a merchant.

    Effects: those of `registration.begin`: a draft that nobody keeps, written on behalf; a
    history entry. A second click finds the draft of the first one.
    """
    listing = Listing(commune=commune, name=name, main_category=None)
    return registration.begin(listing, by=by, now=now, on_behalf=True)


def helped_communes(user: User) -> QuerySet[Commune]:
    """Where that person may act for merchants; for administrators, wherever there are shops."""
    if user.is_superuser:
        return Commune.objects.with_shops().light().order_by_size()
    return Commune.objects.filter(roles__user=user).light().order_by("name", "pk")


def helps(user: User) -> bool:
    """Whether that person may act for merchants somewhere. One query at most."""
    return user.is_superuser or CommuneRole.objects.filter(user=user).exists()


def helped_shops(commune: Commune) -> QuerySet[Shop]:
    """The listings of a commune that may be written for their merchants."""
    return Shop.objects.in_commune(commune).kept_by_nobody().exclude(status__in=ShopStatus.over())


def held_back(shop: Shop) -> str:
    """Why the town hall holds the listing back; "" where it does not, or does not say.

    At most one query.
    """
    if shop.status not in HELD_BACK:
        return ""
    answers = shop.history.filter(action__in=HOLDING_BACK)
    return answers.values_list("reason", flat=True).first() or ""
