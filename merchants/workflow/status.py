"""The life of a listing: which states follow which, by whose hand, and who vouched for it when."""

from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from merchants.models import Proposal, Shop, ShopMember, ShopStatus, User
from merchants.models.history import Action, Capacity
from merchants.models.member import MemberRole
from merchants.models.proposal import ProposalStatus
from merchants.models.shop import Confirmer
from merchants.text import prose

from . import mail
from .errors import WorkflowError
from .history import (
    adopt,
    already_done,
    capacity_of,
    changed_since,
    closed_by_merchant,
    held_by,
    is_kept,
    locked,
    not_permitted,
    record,
    taken_over,
)


class Transition(NamedTuple):
    sources: frozenset[str]
    target: str
    # Beside the site itself (`by=None`).
    by: frozenset[str]


DRAFT, PENDING, PUBLISHED, REFUSED, SUSPENDED, CLOSED = ShopStatus
ANYBODY = frozenset({Capacity.MERCHANT, Capacity.COLLEAGUE, Capacity.HELPER, Capacity.TOWN_HALL})
OWNER = frozenset({Capacity.MERCHANT, Capacity.TOWN_HALL})
TOWN_HALL = frozenset({Capacity.TOWN_HALL})
TRANSITIONS = {
    "submit": Transition(frozenset({DRAFT, REFUSED}), PENDING, ANYBODY),
    "withdraw": Transition(frozenset({PENDING}), DRAFT, OWNER | {Capacity.HELPER}),
    "publish": Transition(frozenset({DRAFT, PENDING, REFUSED}), PUBLISHED, TOWN_HALL),
    "refuse": Transition(frozenset({PENDING}), REFUSED, TOWN_HALL),
    "suspend": Transition(frozenset({PUBLISHED}), SUSPENDED, TOWN_HALL),
    # Both undo what only a published listing can undergo: none is shown that was never validated.
    "reopen": Transition(frozenset({SUSPENDED, CLOSED}), PUBLISHED, OWNER),
    "close": Transition(frozenset({PUBLISHED, SUSPENDED}), CLOSED, OWNER),
}
NOT_CLOSED = {"closed_at": None, "farewell": "", "successor": ""}


def submit(
    shop: Shop, *, by: User | None, now: datetime, note: str = "", as_: Confirmer | None = None
) -> Shop:
    """A merchant asks for publication: draft or refused → pending. See `registration.send`.

    With `as_`, whoever asks vouches for the listing, as in `confirm`.
    """
    vouched = {"confirmed_at": now, "confirmed_as": as_, "confirmed_by": by} if as_ else None
    with transaction.atomic():
        held = locked(shop)
        _moved(held, "submit", by=by, now=now, note=note, columns=vouched)
        if as_ == Confirmer.MERCHANT:
            taken_over(held)
    return adopt(shop, held)


def withdraw(shop: Shop, *, by: User | None, now: datetime) -> Shop:
    """Who asked for publication takes it back: pending → draft.

    Effects: those of `_moved`. A second click changes nothing.
    """
    with transaction.atomic():
        held = locked(shop)
        last = held.history.order_by("-version").first()
        if held.status == DRAFT and last and (last.action, last.by) == (Action.WITHDRAW, by):
            return adopt(shop, held)
        _moved(held, "withdraw", by=by, now=now, note=_("Demande de publication retirée"))
    return adopt(shop, held)


def publish(shop: Shop, *, by: User | None, now: datetime) -> Shop:
    """The town hall shows the listing: draft, pending or refused → published.

    Of drafts, only those that are the town hall's (`without_private_drafts`).

    Effects: those of `_moved`; a letter to the owners, with the address of the page.
    """
    return _move(shop, "publish", by=by, now=now, letter="published")


def refuse(shop: Shop, *, by: User | None, now: datetime, reason: str = "") -> Shop:
    """The town hall declines, and says why: pending → refused.

    Effects: those of `_moved`; a letter to the owners: why, how to correct, how to object.
    """
    reason = _checked(reason)
    return _move(shop, "refuse", by=by, now=now, reason=reason, letter="registration_refused")


def suspend(shop: Shop, *, by: User | None, now: datetime, reason: str = "") -> Shop:
    """The town hall hides the listing for a time: published → suspended.

    Effects: those of `_moved`; a letter to the owners, with the reason if there is one.
    """
    return _move(shop, "suspend", by=by, now=now, reason=_checked(reason), letter="suspended")


def reopen(
    shop: Shop, *, by: User | None, now: datetime, expected_version: int | None = None
) -> Shop:
    """The shop is back: suspended or closed → published; its last word is gone.

    An owner undoes only a closing of his own, while the page still says goodbye. The owners of a
    suspended listing get a letter.
    """
    with transaction.atomic():
        held = locked(shop)
        again = already_done(held, Action.REOPEN, by=by, version=expected_version)
        if again and held.status == PUBLISHED:
            return adopt(shop, held)
        if capacity_of(by, held) == Capacity.MERCHANT:
            if held.status == SUSPENDED:
                raise WorkflowError(
                    _("La mairie a suspendu cette fiche\u00a0: elle seule peut la rouvrir.")
                )
            if held.status == CLOSED and not closed_by_merchant([held.pk]):
                raise WorkflowError(
                    _("La mairie a fermé cette fiche\u00a0: elle seule peut la rouvrir.")
                )
            if held.status == CLOSED and not held.says_goodbye(now):
                raise WorkflowError(
                    _("Le temps de rouvrir vous-même est passé\u00a0: écrivez à la mairie.")
                )
        was_suspended = held.status == SUSPENDED
        _moved(held, "reopen", by=by, now=now, columns=NOT_CLOSED)
        if was_suspended:
            _tell_owners(held, "published")
    return adopt(shop, held)


def close(
    shop: Shop,
    *,
    by: User | None,
    now: datetime,
    farewell: str = "",
    successor: str = "",
    expected_version: int | None = None,
) -> Shop:
    """The shop is gone for good: published or suspended → closed.

    Effects: the state; where residents saw the listing, its last word (600 characters) and who
    takes over (200), which its page shows for FAREWELL; a pending proposal is withdrawn.
    """
    with transaction.atomic():
        held = locked(shop)
        again = already_done(held, Action.CLOSE, by=by, version=expected_version)
        if again and held.status == CLOSED:
            return adopt(shop, held)
        farewell = prose(farewell)
        if len(farewell) > 600 or len(successor) > 200:
            raise WorkflowError(_("Ce texte est trop long."))
        columns = {"farewell": farewell, "successor": successor.strip()}
        if held.status == PUBLISHED:
            columns["closed_at"] = now
        _moved(held, "close", by=by, now=now, columns=columns)
        pending = Proposal.objects.filter(shop=held, status=ProposalStatus.PENDING)
        pending.update(status=ProposalStatus.WITHDRAWN, decided_by=by, decided_at=now)
    return adopt(shop, held)


def allowed(shop: Shop) -> list[str]:
    """The moves that the state of the shop permits, in the order of the table."""
    return [name for name, move in TRANSITIONS.items() if shop.status in move.sources]


def confirm(
    shop: Shop,
    *,
    by: User | None,
    as_: Confirmer,
    now: datetime,
    expected_version: int | None = None,
) -> Shop:
    """Somebody vouches that the listing is right today.

    Effects: date, capacity and account of the confirmation; the merchant's ends that the listing
    was written on behalf; a history entry; the commune's public pages are renewed if the shop is
    published. With the version of the page that was read, nothing is confirmed that has been
    written since; a second click has no second effect.
    """
    with transaction.atomic():
        held, capacity = held_by(shop, by, open_only=False)
        if already_done(held, Action.CONFIRM, by=by, version=expected_version):
            return adopt(shop, held)
        if held.status == CLOSED:
            raise WorkflowError(
                _("«\u00a0%(name)s\u00a0» a fermé définitivement\u00a0: il n’y a rien à confirmer.")
                % {"name": held.name}
            )
        if expected_version is not None and changed_since(held, expected_version):
            raise WorkflowError(
                _("La fiche a été modifiée entre-temps. Relisez-la avant de la confirmer.")
            )
        held.confirmed_at, held.confirmed_as, held.confirmed_by = now, as_, by
        held.save(update_fields=["confirmed_at", "confirmed_as", "confirmed_by"])
        if as_ == Confirmer.MERCHANT:
            taken_over(held)
        note = str(Confirmer(as_).value)
        record(held, Action.CONFIRM, by=by, now=now, note=note, capacity=capacity)
        if held.status == PUBLISHED:
            held.commune.touch()
    return adopt(shop, held)


def _move(
    shop: Shop,
    name: str,
    *,
    by: User | None,
    now: datetime,
    letter: str,
    reason: str = "",
) -> Shop:
    """The move, and a letter to the owners."""
    with transaction.atomic():
        held = locked(shop)
        _moved(held, name, by=by, now=now, reason=reason)
        _tell_owners(held, letter, reason)
    return adopt(shop, held)


def _moved(
    held: Shop,
    name: str,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    note: str = "",
    columns: dict[str, Any] | None = None,
) -> None:
    """Effects: the state; a history entry; the commune's public pages are renewed if residents see
    a difference. The row is locked, so that of two people who act at once one is told.
    """
    move = TRANSITIONS[name]
    before = held.status
    capacity = capacity_of(by, held)
    if by is not None and capacity not in move.by:
        raise WorkflowError(not_permitted())
    if capacity == Capacity.HELPER and is_kept(held):  # The merchant has come meanwhile.
        raise WorkflowError(not_permitted())
    if before not in move.sources or (name == "publish" and _is_private(held)):
        raise WorkflowError(
            _(
                "La fiche «\u00a0%(name)s\u00a0» est à l’état «\u00a0%(status)s\u00a0»\u00a0: "
                "cette action ne s’y applique pas."
            )
            % {"name": held.name, "status": ShopStatus(before).label}
        )
    if name == "refuse" and not reason:
        raise WorkflowError(_("Dites pourquoi\u00a0: le commerçant doit pouvoir corriger."))
    if held.main_category_id is None:  # A draft alone may lack it.
        raise WorkflowError(_("Choisissez d’abord l’activité du commerce."))
    columns = {"status": move.target, **(columns or {})}
    try:
        with transaction.atomic():
            Shop.objects.filter(pk=held.pk).update(**columns)
    except IntegrityError as error:
        raise WorkflowError(_("Une autre fiche porte déjà ce SIRET.")) from error
    for column, value in columns.items():
        setattr(held, column, value)
    record(
        held,
        Action(name),
        by=by,
        now=now,
        changes={"status": [before, move.target]},
        reason=reason,
        note=note,
        capacity=capacity,
    )
    if PUBLISHED in {before, move.target}:
        held.commune.touch()


def _is_private(held: Shop) -> bool:
    """Whether a merchant has begun it and not sent it yet. One query for a draft."""
    if held.status != DRAFT:
        return False
    return not Shop.objects.without_private_drafts().filter(pk=held.pk).exists()


def _tell_owners(held: Shop, template: str, reason: str = "") -> None:
    """A letter to each owner; none where nobody keeps the listing."""
    owners = ShopMember.objects.filter(shop=held, role=MemberRole.OWNER).select_related("user")
    context = {
        "shop": held,
        "reason": reason,
        "page": mail.address_of("shop", held.commune.slug, held.slug),
        "url": mail.address_of("my_shops"),
    }
    for owner in owners:
        mail.send(template, owner.user.email, context, language=settings.LANGUAGE_CODE)


def _checked(reason: str) -> str:
    reason = prose(reason)
    if len(reason) > 500:
        raise WorkflowError(_("Ce motif est trop long\u00a0: 500 caractères au plus."))
    return reason
