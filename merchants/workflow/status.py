"""The life of a listing: which states follow which, and who vouched for it when."""

from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from merchants.models import Shop, ShopStatus, User
from merchants.models.shop import Confirmer

from .errors import WorkflowError


class Transition(NamedTuple):
    sources: frozenset[str]
    target: str


DRAFT, PENDING, PUBLISHED, REFUSED, SUSPENDED, CLOSED = ShopStatus
TRANSITIONS = {
    "submit": Transition(frozenset({DRAFT, REFUSED}), PENDING),
    "publish": Transition(frozenset({DRAFT, PENDING, REFUSED}), PUBLISHED),
    "refuse": Transition(frozenset({PENDING}), REFUSED),
    "suspend": Transition(frozenset({PUBLISHED}), SUSPENDED),
    # Both undo what only a published listing can undergo: none is shown that was never validated.
    "reopen": Transition(frozenset({SUSPENDED, CLOSED}), PUBLISHED),
    "close": Transition(frozenset({PUBLISHED, SUSPENDED}), CLOSED),
}


def submit(shop: Shop, *, by: User | None, now: datetime) -> Shop:
    """A merchant asks for publication: draft or refused → pending."""
    return _move(shop, now, "submit")


def publish(shop: Shop, *, by: User | None, now: datetime) -> Shop:
    """The town hall shows the listing: draft, pending or refused → published."""
    return _move(shop, now, "publish")


def refuse(shop: Shop, *, by: User | None, now: datetime) -> Shop:
    """The town hall declines: pending → refused."""
    return _move(shop, now, "refuse")


def suspend(shop: Shop, *, by: User | None, now: datetime) -> Shop:
    """The town hall hides the listing for a time: published → suspended."""
    return _move(shop, now, "suspend")


def reopen(shop: Shop, *, by: User | None, now: datetime) -> Shop:
    """The shop is back: suspended or closed → published."""
    return _move(shop, now, "reopen")


def close(shop: Shop, *, by: User | None, now: datetime) -> Shop:
    """The shop is gone for good: published or suspended → closed."""
    return _move(shop, now, "close")


def allowed(shop: Shop) -> list[str]:
    """The moves that the state of the shop permits, in the order of the table."""
    return [name for name, move in TRANSITIONS.items() if shop.status in move.sources]


def confirm(shop: Shop, *, by: User | None, as_: Confirmer, now: datetime) -> Shop:
    """Somebody vouches that the listing is right today.

    Effects: date, capacity and account of the confirmation; the commune's public pages are
    renewed if the shop is published.
    """
    with transaction.atomic():
        shop.confirmed_at, shop.confirmed_as, shop.confirmed_by = now, as_, by
        shop.save(update_fields=["confirmed_at", "confirmed_as", "confirmed_by", "updated_at"])
        if shop.status == PUBLISHED:
            shop.commune.touch()
    return shop


def _move(shop: Shop, now: datetime, name: str) -> Shop:
    """Effects: the state; the commune's public pages are renewed if residents see a difference.

    The row is read again under lock, so that of two people who act at once one is told.
    """
    move = TRANSITIONS[name]
    with transaction.atomic():
        held = Shop.objects.select_for_update().values_list("status", flat=True).get(pk=shop.pk)
        if held not in move.sources:
            raise WorkflowError(
                _(
                    "La fiche « %(name)s » est à l’état « %(status)s » : "
                    "cette action ne s’y applique pas."
                )
                % {"name": shop.name, "status": ShopStatus(held).label}
            )
        try:
            with transaction.atomic():
                Shop.objects.filter(pk=shop.pk).update(status=move.target, updated_at=now)
        except IntegrityError as error:
            raise WorkflowError(_("Une autre fiche porte déjà ce SIRET.")) from error
        shop.status = move.target
        if PUBLISHED in {held, move.target}:
            shop.commune.touch()
    return shop
