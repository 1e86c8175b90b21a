"""Codes that the town hall gives to the shop itself: who types one has been there.

A code makes its bearer, with an account, the owner of a listing that nobody keeps; where somebody
does, it is used up as evidence in a dispute. Without an account it confirms that all is right.
A helper reads the codes that he sends out, and decides nothing: his make a claim, which an agent
looks at, wherever residents know the listing (NEVER_SHOWN: elsewhere an agent looks anyway).

What somebody learns by trying: nothing. A code that was never made and one that was deleted get
the same sentence. Those that expired or were used say so, since only who held one gets to read it,
and they open nothing any more; no sentence names the shop. 50 bits at ten tries an hour last longer
than any town hall (views/attempts.py counts).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from merchants.access_codes import CodeError, hash_code, make_code
from merchants.models import AccessCode, Claim, HistoryEntry, Shop, ShopStatus, User
from merchants.models.claim import ClaimProof, ClaimStatus, CodeChannel
from merchants.models.history import Action, Capacity
from merchants.models.member import MemberRole
from merchants.models.shop import Confirmer

from . import claims, mail, status
from .errors import WorkflowError
from .history import (
    adopt,
    capacity_of,
    is_kept,
    locked,
    not_permitted,
    record,
    refuse_merged,
    taken_over,
)
from .members import add_member

LASTS = timedelta(days=14)
LASTS_BY_POST = timedelta(days=60)
# How long a code that nobody used is remembered after it expired.
EXPIRED_KEPT = timedelta(days=30)
# The channels in which a helper writes to the shop for the town hall.
OF_HELPERS = frozenset({CodeChannel.POST, CodeChannel.EMAIL})
# Listings that no agent has validated yet.
NEVER_SHOWN = frozenset(
    {ShopStatus.DRAFT, ShopStatus.PENDING, ShopStatus.REFUSED, ShopStatus.TO_CORRECT}
)


class WrongCode(WorkflowError):
    """There is no such code: a try that counts."""


@dataclass(frozen=True)
class Found:
    """What a code that still works stands for."""

    code: AccessCode
    shop: Shop
    is_kept: bool
    # Whether an agent looks before anybody gets the listing.
    is_checked: bool

    @property
    def is_personal(self) -> bool:
        """Whether it answers the claim of one person, and works for that person alone."""
        return self.code.claim_id is not None


@dataclass(frozen=True)
class Redeemed:
    """What came of a code: the listing is the person's own, unless the town hall decides."""

    shop: Shop
    claim: Claim | None = None
    is_dispute: bool = False


def issue(
    shop: Shop, *, channel: CodeChannel, by: User | None, now: datetime, claim: Claim | None = None
) -> str:
    """The town hall makes a code, to be handed over, posted, mailed or read out by phone.

    Helpers make those of letters and e-mails (OF_HELPERS), for listings that nobody keeps. With a
    claim, the code works for that claimant alone.

    Effects: the code (LASTS, or LASTS_BY_POST), of which a hash is kept; older unused ones of the
    same shop and channel are gone, whoever they were for; a history entry. Returns the ten
    characters, which cannot be had again: `display_code` and `link_of` show them.
    """
    code = make_code()
    with transaction.atomic():
        held = locked(shop)
        capacity = capacity_of(by, held)
        _refuse_issuer(held, capacity, channel, claim)
        refuse_merged(held)
        if held.status == ShopStatus.CLOSED:
            raise WorkflowError(_("Ce commerce a fermé définitivement."))
        if channel != CodeChannel.POST:  # A letter may be handed over, too.
            claims.refuse_without_way(held, channel)
        if claim:
            claim.refresh_from_db()
            if claim.shop_id != held.pk or not claim.is_waiting:
                raise WorkflowError(_("Cette demande n’attend plus de code."))
        AccessCode.objects.filter(shop=held, channel=channel, used_at=None).delete()
        AccessCode.objects.create(
            shop=held,
            claim=claim,
            channel=channel,
            code_hash=hash_code(code),
            issued_at=now,
            issued_by=by,
            expires_at=now + (LASTS_BY_POST if channel == CodeChannel.POST else LASTS),
        )
        note = str(CodeChannel(channel).value)
        record(held, Action.CODE, by=by, now=now, note=note, capacity=capacity)
    adopt(shop, held)
    return code


def link_of(code: str) -> str:
    """The whole address that says which listing the code is of: for a letter, or its QR."""
    return mail.address_of("code_link", code)


def read_code(code: str, *, now: datetime, by: User | None = None) -> Found:
    """Raises WrongCode for one that does not exist, WorkflowError with what else is wrong.

    `by` is who would use it; without, anybody. Ten queries.
    """
    row = _row(code)
    shop = Shop.objects.with_commune().for_page().get(pk=row.shop_id)
    _refuse_dead(row, shop, by, now)
    kept = is_kept(shop)
    if kept and not (by and shop.members.filter(user=by).exists()):
        _refuse_hidden(row, shop)
    return Found(row, shop, kept, kept or _is_checked(row, shop))


def redeem(code: str, *, by: User, now: datetime) -> Redeemed:
    """Somebody with an account uses the code, once.

    Effects, where nobody keeps the listing: the person owns it, with a history entry; the listing
    is the merchant's own word from now on; the person's waiting claim is accepted, with a history
    entry; other claims go on as disputes, and are told so; the public pages are renewed.
    Where somebody does, and where a helper gave the code for a listing that residents know: a claim
    with the code as its proof (or the person's waiting one, to which the code is added), and what
    `claims.open_claim` does; the town hall decides. Nothing of the kind for a listing that somebody
    keeps and that is not online.
    A second click of the same person changes nothing.
    """
    with transaction.atomic():
        row = _row(code)
        held = locked(Shop(pk=row.shop_id))
        row = AccessCode.objects.select_for_update().filter(pk=row.pk).first()
        if row is None:
            raise WrongCode(_wrong())
        waiting = Claim.objects.waiting().filter(shop=held, user=by).first()
        is_member = held.members.filter(user=by).exists()
        if row.used_by_id == by.pk and (is_member or waiting):
            return Redeemed(held) if is_member else Redeemed(held, waiting, is_kept(held))
        _refuse_dead(row, held, by, now)
        if is_member:
            raise WorkflowError(_("Vous vous occupez déjà de ce commerce."))
        kept = is_kept(held)
        if kept:
            _refuse_hidden(row, held)
        row.used_at, row.used_by = now, by
        if kept or _is_checked(row, held):
            row.claim = waiting or _claim(held, row, by, now)
            row.save(update_fields=["used_at", "used_by", "claim"])
            return Redeemed(held, row.claim, kept)
        row.save(update_fields=["used_at", "used_by"])
        _take_over(held, waiting, by, now)
    return Redeemed(held)


def confirm_by_code(code: str, *, now: datetime, expected_version: int | None) -> Shop:
    """« Tout est exact », said by whoever has the code, without a login; the code stays usable.

    Only where nobody keeps the listing, whose people confirm it otherwise, and not with a code
    that is one claimant's. Only in the version that was shown (`expected_version`).

    Effects: those of `status.confirm`, as the merchant, by no account; the listing is the
    merchant's own word from now on.
    """
    with transaction.atomic():
        row = _row(code)
        held = locked(Shop(pk=row.shop_id))
        _refuse_dead(row, held, None, now)
        if row.claim_id:
            raise WorkflowError(_("Ce code sert à reprendre la fiche\u00a0: connectez-vous."))
        if is_kept(held):
            raise WorkflowError(
                _("Quelqu’un tient déjà cette fiche\u00a0: c’est à lui de la confirmer.")
            )
        if expected_version is None or expected_version > held.version:
            raise WorkflowError(
                _("Relisez la fiche avant de la confirmer\u00a0: ouvrez de nouveau votre lien.")
            )
        status.confirm(
            held, by=None, as_=Confirmer.MERCHANT, now=now, expected_version=expected_version
        )
        taken_over(held)
    return held


def given_by_helpers(rows: Collection[AccessCode], shop: Shop) -> set[int]:
    """Which of these codes of a shop a helper gave, by their numbers. One query.

    In what capacity it was given stands in the history, whatever became of that person since.
    """
    given = HistoryEntry.objects.filter(
        shop=shop, action=Action.CODE, at__in=[row.issued_at for row in rows]
    )
    told = given.order_by("version").values_list("at", "note", "capacity")
    capacities = {(at, note): capacity for at, note, capacity in told}
    return {
        row.pk
        for row in rows
        if capacities.get((row.issued_at, row.channel)) not in {Capacity.TOWN_HALL, Capacity.SYSTEM}
    }


def purge_codes(*, now: datetime) -> int:
    """Deletes codes that nobody used, EXPIRED_KEPT after they expired; says how many."""
    old = AccessCode.objects.filter(used_at=None, expires_at__lt=now - EXPIRED_KEPT)
    return old.delete()[0]


def _refuse_issuer(
    held: Shop, capacity: Capacity | None, channel: str, claim: Claim | None
) -> None:
    if capacity in {Capacity.TOWN_HALL, Capacity.SYSTEM}:
        return
    if capacity != Capacity.HELPER or channel not in OF_HELPERS or claim:
        raise WorkflowError(not_permitted())
    if is_kept(held):
        raise WorkflowError(_("Quelqu’un tient déjà cette fiche."))


def _row(code: str) -> AccessCode:
    try:
        code_hash = hash_code(code)
    except CodeError as error:
        raise WorkflowError(str(error)) from error
    row = AccessCode.objects.select_related("claim").filter(code_hash=code_hash).first()
    if row is None:
        raise WrongCode(_wrong())
    return row


def _wrong() -> str:
    return _("Ce code ne convient pas\u00a0: relisez-le, puis essayez encore.")


def _refuse_dead(row: AccessCode, shop: Shop, by: User | None, now: datetime) -> None:
    if row.used_at:
        raise WorkflowError(_("Ce code a déjà servi\u00a0: il ne sert qu’une fois."))
    if now >= row.expires_at:
        raise WorkflowError(
            _("Ce code n’est plus valable\u00a0: demandez-en un autre à la mairie.")
        )
    refuse_merged(shop)
    if shop.status == ShopStatus.CLOSED:
        raise WorkflowError(_("Ce commerce a fermé définitivement\u00a0: ce code ne sert plus."))
    if by and row.issued_by_id == by.pk:
        raise WorkflowError(
            _("Vous avez vous-même émis ce code\u00a0: il sert à qui le reçoit au commerce.")
        )
    if by and row.claim and row.claim.user_id != by.pk:
        raise WorkflowError(
            _(
                "Ce code répond à la demande d’un autre compte\u00a0: connectez-vous avec celui "
                "qui l’a demandé."
            )
        )


def _refuse_hidden(row: AccessCode, shop: Shop) -> None:
    """A listing that somebody keeps and that is not online is told to nobody else.

    Whose claim the code answers has read it already.
    """
    if shop.status != ShopStatus.PUBLISHED and not row.claim_id:
        raise WorkflowError(
            _(
                "Quelqu’un tient déjà cette fiche, qui n’est pas en ligne\u00a0: adressez-vous à "
                "la mairie."
            )
        )


def _is_checked(row: AccessCode, shop: Shop) -> bool:
    """Whether a helper gave the code, for a listing that residents know. One query."""
    if shop.status in NEVER_SHOWN:
        return False
    return row.pk in given_by_helpers([row], shop)


def _claim(held: Shop, row: AccessCode, by: User, now: datetime) -> Claim:
    """The limits of claims do not count here: the code was given, not asked for."""
    made = Claim(proof=ClaimProof.CODE, channel=row.channel)
    return claims.open_claim(held, made, by=by, now=now)


def _take_over(held: Shop, waiting: Claim | None, by: User, now: datetime) -> None:
    add_member(held, by, role=MemberRole.OWNER, by=by, now=now, capacity=Capacity.MERCHANT)
    taken_over(held)
    if waiting:
        claims.decide(waiting, ClaimStatus.ACCEPTED, by=None, now=now)
        record(held, Action.CLAIM_ACCEPTED, by=None, now=now)
    claims.keep_others(held, by)
    if held.status == ShopStatus.PUBLISHED:
        held.commune.touch()
