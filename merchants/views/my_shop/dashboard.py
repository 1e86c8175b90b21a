"""All the shops that somebody keeps: how each stands, what it lacks, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.models import (
    Claim,
    HistoryEntry,
    Proposal,
    Shop,
    ShopMember,
    ShopStatus,
    ShopViews,
)
from merchants.models.hours import HolidayRule
from merchants.models.proposal import ProposalStatus
from merchants.models.shop_queryset import FRESH_FOR
from merchants.opening_hours import Description, describe
from merchants.views.my_shop.wizard import STEPS, unfinished
from merchants.workflow import registration
from merchants.workflow.edit import is_correctable
from merchants.workflow.helping import HELD_BACK, HOLDING_BACK, helps
from merchants.workflow.history import closed_by_merchant
from merchants.workflow.proposals import page_of
from merchants.workflow.status import allowed


@dataclass(frozen=True)
class Lack:
    """What a listing lacks: what that costs, and where to mend it."""

    sentence: str
    url: str


@dataclass(frozen=True)
class ShopCard:
    shop: Shop
    member: ShopMember
    opening: Description
    state: str
    reason: str
    lacks: list[Lack]
    proposal: Proposal | None
    refused: Proposal | None
    proposal_url: str  # The page of either.
    can_close: bool
    can_reopen: bool
    can_withdraw: bool
    can_discard: bool
    # Of a registration: where it goes on, and when it is deleted if nobody does.
    resume: str
    kept_until: datetime | None
    # How often its page was asked for last month.
    views: int = 0

    @property
    def is_closed(self) -> bool:
        return self.shop.status == ShopStatus.CLOSED

    @property
    def is_draft(self) -> bool:
        return self.kept_until is not None


def my_shops(request):
    """Twelve queries, however many shops; one more where the town hall said no to one, and one
    where one has closed lately."""
    now = timezone.now()
    members = {member.shop_id: member for member in ShopMember.objects.filter(user=request.user)}
    answered = Proposal.objects.exclude(status=ProposalStatus.WITHDRAWN)
    last = Prefetch("proposals", answered[:1], to_attr="last_proposals")
    shops = (
        Shop.objects.kept_by(request.user)
        .with_commune()
        .for_cards()
        .prefetch_related(last)
        .by_name()
    )
    # Somebody may have joined or left between the two.
    shops = [shop for shop in shops if shop.pk in members]
    reasons = _reasons(shops)
    reopening = _to_reopen(shops, now)
    last_month = timezone.localtime(now).date().replace(day=1) - timedelta(days=1)
    views = _views(shops, last_month.replace(day=1))
    cards = [
        _card(
            shop,
            members[shop.pk],
            reasons.get(shop.pk, ""),
            may_reopen=shop.pk in reopening,
            views=views.get(shop.pk, 0),
            now=now,
        )
        for shop in shops
    ]
    # One's own that wait, and those of others that one is asked about.
    claims = Claim.objects.concerning(request.user).select_related("shop")
    context = {
        "cards": cards,
        "claims": claims,
        "helps": helps(request.user),
        "last_month": last_month,
    }
    return render(request, "merchants/my_shop/my_shops.html", context)


def _card(
    shop: Shop,
    member: ShopMember,
    reason: str,
    *,
    may_reopen: bool,
    views: int,
    now: datetime,
) -> ShopCard:
    last = shop.last_proposals[0] if shop.last_proposals else None
    route = page_of(last.changes) if last else "my_shop_identity"
    return ShopCard(
        shop=shop,
        member=member,
        opening=describe(shop.schedule, now, _),
        state=_state(shop),
        reason=reason,
        lacks=[] if shop.status == ShopStatus.CLOSED or _is_draft(shop) else lacks(shop, now),
        proposal=last if last and last.status == ProposalStatus.PENDING else None,
        refused=last if last and is_correctable(shop, last) else None,
        proposal_url=reverse(route, args=[shop.pk]),
        can_close=member.is_owner and "close" in allowed(shop),
        can_reopen=member.is_owner and may_reopen,
        can_withdraw=member.is_owner and "withdraw" in allowed(shop),
        can_discard=member.is_owner and registration.is_open(shop) and not shop.source,
        resume=_resume(shop),
        kept_until=shop.updated_at + registration.DRAFT_KEPT if _is_draft(shop) else None,
        views=views,
    )


def _to_reopen(shops: list[Shop], now: datetime) -> set[int]:
    """Those that an owner closed himself, and whose page still says goodbye."""
    return closed_by_merchant(shop.pk for shop in shops if shop.says_goodbye(now))


def _views(shops: list[Shop], month: date) -> dict[int, int]:
    """How often the page of each was asked for in that month."""
    rows = ShopViews.objects.filter(shop__in=shops, month=month)
    return dict(rows.values_list("shop", "number"))


def _is_draft(shop: Shop) -> bool:
    return shop.status == ShopStatus.DRAFT and not shop.source


def _resume(shop: Shop) -> str:
    if shop.status in {ShopStatus.REFUSED, ShopStatus.TO_CORRECT}:
        return STEPS["commerce"].address(shop)
    return unfinished(shop).address(shop) if _is_draft(shop) else ""


def _state(shop: Shop) -> str:
    return {
        ShopStatus.DRAFT: _("Brouillon\u00a0: à envoyer à la mairie."),
        ShopStatus.PENDING: _("En attente\u00a0: la mairie relit votre fiche avant de la publier."),
        ShopStatus.PUBLISHED: _("En ligne\u00a0: les habitants voient votre fiche."),
        ShopStatus.REFUSED: _("Pas en ligne\u00a0: la mairie n’a pas publié votre fiche."),
        ShopStatus.TO_CORRECT: _("À corriger\u00a0: la mairie vous demande une correction."),
        ShopStatus.SUSPENDED: _("Pas en ligne\u00a0: la mairie a suspendu votre fiche."),
        ShopStatus.CLOSED: _("Fermé définitivement."),
        ShopStatus.MERGED: _("Réunie avec une autre fiche."),
    }[ShopStatus(shop.status)]


def _reasons(shops: list[Shop]) -> dict[int, str]:
    """Why the town hall holds a listing back: its last word on each."""
    held_back = [shop.pk for shop in shops if shop.status in HELD_BACK]
    if not held_back:
        return {}
    entries = HistoryEntry.objects.filter(shop__in=held_back, action__in=HOLDING_BACK)
    return dict(entries.order_by("version").values_list("shop", "reason"))


def lacks(shop: Shop, now: datetime, *, routes: Mapping[str, str] | None = None) -> list[Lack]:
    """What the listing lacks, what matters most first. Prefetch as `for_cards` does.

    `routes` names other pages for mending it than those of « Mon commerce ».
    """
    routes = routes or {}

    def lack(sentence: str, name: str) -> Lack:
        return Lack(sentence, reverse(routes.get(name, name), args=[shop.pk]))

    found = []
    if not shop.schedule.weekly:
        found.append(
            lack(
                _("Sans horaires, vous n’apparaissez pas dans «\u00a0ouvert maintenant\u00a0»."),
                "my_shop_hours",
            )
        )
    elif shop.holiday_rule == HolidayRule.UNKNOWN:
        found.append(
            lack(
                _("La fiche ne dit pas si vous ouvrez les jours fériés."),
                "my_shop_hours",
            )
        )
    stale = shop.confirmed_at is None or shop.confirmed_at < now - FRESH_FOR
    if stale and not registration.is_open(shop):
        if shop.confirmed_at is None:
            sentence = _("Jamais confirmée, votre fiche passe après les autres.")
        else:
            sentence = _("Non confirmée depuis six mois, votre fiche passe après les autres.")
        found.append(lack(sentence, "my_shop_confirm"))
    if not shop.description:
        found.append(
            lack(
                _("Sans description, on ne vous trouve pas par ce que vous vendez."),
                "my_shop_description",
            )
        )
    if not shop.phone:
        found.append(lack(_("Sans téléphone, personne ne peut vous appeler."), "my_shop_contact"))
    if not shop.services.all():
        found.append(
            lack(
                _("Livraison, retrait, rendez-vous\u00a0: dites-le si vous le proposez."),
                "my_shop_services",
            )
        )
    if not (shop.covers if hasattr(shop, "covers") else shop.photos.all()):
        found.append(lack(_("Sans photo, votre fiche attire moins."), "my_shop_photos"))
    if shop.is_to_place:
        sentence = _(
            "Votre adresse n’est pas encore placée sur la carte\u00a0: nous réessayons chaque nuit."
        )
        found.append(lack(sentence, "my_shop_identity"))
    elif shop.point is None and not shop.service_area:
        found.append(lack(_("Sans adresse, vous n’êtes pas sur la carte."), "my_shop_identity"))
    return found
