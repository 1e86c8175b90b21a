"""All the shops that somebody keeps: how each stands, what it lacks, and what to do."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.models import HistoryEntry, Proposal, Shop, ShopMember, ShopStatus
from merchants.models.history import Action
from merchants.models.hours import HolidayRule
from merchants.models.proposal import ProposalStatus
from merchants.models.shop_queryset import FRESH_FOR
from merchants.opening_hours import Description, describe


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
    can_reopen: bool

    @property
    def is_closed(self) -> bool:
        return self.shop.status == ShopStatus.CLOSED


def my_shops(request):
    """Nine queries, however many shops; one more where the town hall said no to one."""
    now = timezone.now()
    members = {member.shop_id: member for member in ShopMember.objects.filter(user=request.user)}
    pending = Prefetch(
        "proposals",
        Proposal.objects.filter(status=ProposalStatus.PENDING),
        to_attr="pending_proposals",
    )
    shops = (
        Shop.objects.kept_by(request.user)
        .with_commune()
        .for_cards()
        .prefetch_related(pending)
        .by_name()
    )
    shops = list(shops)
    reasons = _reasons(shops)
    cards = [_card(shop, members[shop.pk], reasons.get(shop.pk, ""), now) for shop in shops]
    return render(request, "merchants/my_shop/my_shops.html", {"cards": cards})


def _card(shop: Shop, member: ShopMember, reason: str, now: datetime) -> ShopCard:
    return ShopCard(
        shop=shop,
        member=member,
        opening=describe(shop.schedule, now, _),
        state=_state(shop),
        reason=reason,
        lacks=[] if shop.status == ShopStatus.CLOSED else lacks(shop, now),
        proposal=shop.pending_proposals[0] if shop.pending_proposals else None,
        can_reopen=member.is_owner and shop.says_goodbye(now),
    )


def _state(shop: Shop) -> str:
    return {
        ShopStatus.DRAFT: _("Brouillon\u00a0: la mairie ne l’a pas encore reçu."),
        ShopStatus.PENDING: _("En attente\u00a0: la mairie relit votre fiche avant de la publier."),
        ShopStatus.PUBLISHED: _("En ligne\u00a0: les habitants voient votre fiche."),
        ShopStatus.REFUSED: _("Pas en ligne\u00a0: la mairie n’a pas publié votre fiche."),
        ShopStatus.SUSPENDED: _("Pas en ligne\u00a0: la mairie a suspendu votre fiche."),
        ShopStatus.CLOSED: _("Fermé définitivement."),
    }[ShopStatus(shop.status)]


def _reasons(shops: list[Shop]) -> dict[int, str]:
    """Why the town hall refused or suspended a listing: its last word on each."""
    held_back = [s.pk for s in shops if s.status in {ShopStatus.REFUSED, ShopStatus.SUSPENDED}]
    if not held_back:
        return {}
    entries = HistoryEntry.objects.filter(
        shop__in=held_back, action__in=[Action.REFUSE, Action.SUSPEND]
    )
    return dict(entries.order_by("version").values_list("shop", "reason"))


def lacks(shop: Shop, now: datetime) -> list[Lack]:
    """What the listing lacks, what matters most first. Prefetch as `for_cards` does."""

    def lack(sentence: str, name: str) -> Lack:
        return Lack(sentence, reverse(name, args=[shop.pk]))

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
                _("Les jours fériés, la fiche ne dit ni ouvert ni fermé\u00a0: dites-le."),
                "my_shop_hours",
            )
        )
    if shop.confirmed_at is None or shop.confirmed_at < now - FRESH_FOR:
        found.append(
            lack(
                _("Non confirmée depuis six mois, votre fiche passe après les autres."),
                "my_shop_confirm",
            )
        )
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
    if shop.point is None and not shop.service_area:
        found.append(lack(_("Sans adresse, vous n’êtes pas sur la carte."), "my_shop_identity"))
    return found
