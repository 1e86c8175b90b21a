"""Letters that ask the people of published listings, twice a year, whether all is still right."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import translation

from merchants.models import Shop, ShopMember, User
from merchants.models.member import MemberRole

from . import mail
from .confirm_link import confirm_link
from .letters import Fact, facts

# A month before the listing stands behind confirmed ones (`FRESH_FOR`).
ASKED_AFTER = timedelta(days=150)
ASKED_AGAIN_AFTER = timedelta(days=60)
MOST = 500  # Listings in one run: the others are as due on the next day.


@dataclass(frozen=True)
class Asked:
    """A listing in a letter: what it says, and the link that confirms it."""

    shop: Shop
    facts: list[Fact]
    url: str


def remind(*, now: datetime, most: int = MOST) -> int:
    """Writes to the owners of listings that nobody has confirmed for ASKED_AFTER; says how many
    letters.

    Effects: one letter for each owner with a verified address, with all listings of his that are
    due, each with its own link; `Shop.reminded_at`. A listing comes back after ASKED_AGAIN_AFTER,
    so a second run finds nothing, and one at the same time waits for the rows, then neither.
    """
    with transaction.atomic():
        shops = _locked(_together(now, most), now)
        letters = _letters(shops, now)
        for user, asked in letters.items():
            _write(user, asked)
        Shop.objects.filter(pk__in=[shop.pk for shop in shops]).update(reminded_at=now)
    return len(letters)


def due(now: datetime) -> QuerySet[Shop]:
    """Published listings to ask about: not confirmed for long, not asked lately, whose owner can
    be written to."""
    asked = Q(reminded_at=None) | Q(reminded_at__lt=now - ASKED_AGAIN_AFTER)
    old = now - ASKED_AFTER
    stale = Q(confirmed_at__lt=old) | Q(confirmed_at=None, created_at__lt=old)
    owned = Exists(_owners().filter(shop=OuterRef("pk")))
    return Shop.objects.published().filter(asked, stale, owned)


def _owners() -> QuerySet[ShopMember]:
    verified = EmailAddress.objects.filter(user=OuterRef("user"), primary=True, verified=True)
    return ShopMember.objects.filter(Exists(verified), role=MemberRole.OWNER, user__is_active=True)


def _together(now: datetime, most: int) -> set[int]:
    """The listings that have waited longest, and all others due of the same owners: none of them
    gets two letters."""
    chosen = set(
        due(now)
        .order_by(F("confirmed_at").asc(nulls_first=True), "pk")
        .values_list("pk", flat=True)[:most]
    )
    while chosen:
        people = _owners().filter(shop__in=chosen).values("user")
        theirs = _owners().filter(user__in=people).values("shop")
        more = set(due(now).filter(pk__in=theirs).values_list("pk", flat=True))
        if more <= chosen:
            break
        chosen |= more
    return chosen


def _locked(pks: Iterable[int], now: datetime) -> list[Shop]:
    """Those of them that are still due, now that nobody else writes them."""
    shops = due(now).filter(pk__in=pks).select_for_update(of=("self",))
    shops = shops.select_related("commune").defer("commune__contour", "commune__search_text")
    return list(
        shops.prefetch_related("categories__parent", "services", "periods", "specials").order_by(
            "pk"
        )
    )


def _letters(shops: list[Shop], now: datetime) -> dict[User, list[Asked]]:
    by_pk = {shop.pk: shop for shop in shops}
    letters = defaultdict(list)
    owners = _owners().filter(shop__in=by_pk).select_related("user").order_by("user", "shop")
    with translation.override(settings.LANGUAGE_CODE):
        for owner in owners:
            shop = by_pk[owner.shop_id]
            url = confirm_link(shop, owner.user, now=now)
            letters[owner.user].append(Asked(shop, facts(shop), url))
    return letters


def _write(user: User, asked: list[Asked]) -> None:
    context = {"asked": asked, "my_shops": mail.address_of("my_shops")}
    communes = {each.shop.commune_id: each.shop.commune for each in asked}
    mail.send(
        "reminder",
        user.email,
        context,
        language=settings.LANGUAGE_CODE,
        # One that speaks of several towns is no single town hall's.
        commune=next(iter(communes.values())) if len(communes) == 1 else None,
        private=True,
    )
