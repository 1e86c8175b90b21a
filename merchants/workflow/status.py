"""The life of a listing: which states follow which, by whose hand, and who vouched for it when."""

from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
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
    changed_meanwhile,
    changed_since,
    closed_by_merchant,
    held_by,
    is_kept,
    locked,
    not_permitted,
    record,
    taken_over,
)
from .town_hall import appeal_lines
from .values import Changes
from .wording import Words


class Transition(NamedTuple):
    sources: frozenset[str]
    target: str
    # Beside the site itself (`by=None`).
    by: frozenset[str]


DRAFT, PENDING, PUBLISHED, REFUSED, SUSPENDED, CLOSED, TO_CORRECT, MERGED = ShopStatus
ANYBODY = frozenset({Capacity.MERCHANT, Capacity.COLLEAGUE, Capacity.HELPER, Capacity.TOWN_HALL})
OWNER = frozenset({Capacity.MERCHANT, Capacity.TOWN_HALL})
TOWN_HALL = frozenset({Capacity.TOWN_HALL})
TRANSITIONS = {
    "submit": Transition(frozenset({DRAFT, REFUSED, TO_CORRECT}), PENDING, ANYBODY),
    "withdraw": Transition(frozenset({PENDING}), DRAFT, OWNER | {Capacity.HELPER}),
    "publish": Transition(frozenset({DRAFT, PENDING, REFUSED, TO_CORRECT}), PUBLISHED, TOWN_HALL),
    "refuse": Transition(frozenset({PENDING}), REFUSED, TOWN_HALL),
    "ask_change": Transition(frozenset({PENDING}), TO_CORRECT, TOWN_HALL),
    "suspend": Transition(frozenset({PUBLISHED}), SUSPENDED, TOWN_HALL),
    # Both undo what only a published listing can undergo: none is shown that was never validated.
    "reopen": Transition(frozenset({SUSPENDED, CLOSED}), PUBLISHED, OWNER),
    "close": Transition(frozenset({PUBLISHED, SUSPENDED}), CLOSED, OWNER),
    # Takes two listings: see `merging`.
    "merge": Transition(frozenset(ShopStatus) - {MERGED}, MERGED, TOWN_HALL),
}
NOT_CLOSED = {"closed_at": None, "farewell": "", "successor": ""}


def submit(
    shop: Shop, *, by: User | None, now: datetime, note: str = "", as_: Confirmer | None = None
) -> Shop:
    """A merchant asks for publication: draft, refused or to correct → pending. See
    `registration.send`.

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


def publish(
    shop: Shop,
    *,
    by: User | None,
    now: datetime,
    corrected: Changes | None = None,
    expected_version: int | None = None,
) -> Shop:
    """The town hall shows the listing: draft, pending, refused or to correct → published.

    Of drafts, only those that are the town hall's (`without_private_drafts`).

    Effects: those of `_moved`; a letter to the owners, with the address of the page and what the
    town hall `corrected` first. With the version of the page that was read, nothing is decided on
    a listing that has been written since; so do the other decisions.
    """
    with transaction.atomic():
        held = locked(shop)
        _moved(held, "publish", by=by, now=now, expected_version=expected_version)
        _tell_owners(held, "published", corrected=corrected)
    return adopt(shop, held)


def refuse(
    shop: Shop,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> Shop:
    """The town hall declines, and says why: pending → refused.

    Effects: those of `_moved`; a letter to the owners: why, how to correct, how to object.
    """
    return _answer(shop, "refuse", "registration_refused", by, now, reason, expected_version)


def ask_change(
    shop: Shop,
    *,
    reason: str,
    by: User | None,
    now: datetime,
    expected_version: int | None = None,
) -> Shop:
    """The town hall asks for something before it publishes: pending → to correct.

    No refusal, hence no appeal: the merchant corrects and sends it again. Effects: those of
    `_moved`; a letter to the owners: what is asked, and where to correct it.
    """
    return _answer(shop, "ask_change", "change_asked", by, now, reason, expected_version)


def suspend(
    shop: Shop,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    expected_version: int | None = None,
) -> Shop:
    """The town hall hides the listing for a time: published → suspended.

    Effects: those of `_moved`; a letter to the owners, with the reason if there is one.
    """
    return _answer(shop, "suspend", "suspended", by, now, reason, expected_version)


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
        # Kept in the history, since the row forgets them.
        said = {name: getattr(held, name) for name in ("farewell", "successor")}
        changes = {name: [text, ""] for name, text in said.items() if text}
        _moved(
            held,
            "reopen",
            by=by,
            now=now,
            columns=NOT_CLOSED,
            changes=changes,
            expected_version=expected_version,
        )
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
        _moved(held, "close", by=by, now=now, columns=columns, expected_version=expected_version)
        pending = Proposal.objects.filter(shop=held, status=ProposalStatus.PENDING)
        pending.update(status=ProposalStatus.WITHDRAWN, decided_by=by, decided_at=now)
    return adopt(shop, held)


def become_merged(
    held: Shop, kept: Shop, *, by: User | None, now: datetime, note: str, changes: Changes
) -> None:
    """The part of `merging.merge` that is a move: any state → merged, with both rows locked.

    Effects: those of `_moved`; its last word is gone. A draft may lack its category, which no
    other state may: it has that of the kept listing.
    """
    columns = {"merged_into": kept, **NOT_CLOSED}
    if held.main_category_id is None:
        held.main_category = columns["main_category"] = kept.main_category
    _moved(held, "merge", by=by, now=now, note=note, columns=columns, changes=changes)


def become_again(
    held: Shop,
    before: str,
    *,
    by: User | None,
    now: datetime,
    note: str,
    changes: Changes,
    columns: dict[str, Any] | None = None,
) -> None:
    """The part of `merging.unmerge` that is a move: back to the state before, rows locked.

    Effects: those of a move. It is in no table, since a state leads only where it came from.
    """
    _put(held, before, Action.UNDO, by=by, now=now, note=note, columns=columns, changes=changes)


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


def _answer(
    shop: Shop,
    name: str,
    letter: str,
    by: User | None,
    now: datetime,
    reason: str,
    expected_version: int | None,
) -> Shop:
    """The move, and a letter to the owners that gives its reason."""
    reason = checked_reason(reason)
    with transaction.atomic():
        held = locked(shop)
        _moved(held, name, by=by, now=now, reason=reason, expected_version=expected_version)
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
    changes: Changes | None = None,
    expected_version: int | None = None,
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
    # Of merchants, each move looks at that in its own way.
    decides = capacity in {Capacity.TOWN_HALL, Capacity.SYSTEM}
    if decides and expected_version not in {None, held.version}:
        raise WorkflowError(changed_meanwhile())
    if name in {"refuse", "ask_change"} and not reason:
        raise WorkflowError(_("Dites pourquoi\u00a0: le commerçant doit pouvoir corriger."))
    if held.main_category_id is None:  # A draft alone may lack it.
        raise WorkflowError(_("Choisissez d’abord l’activité du commerce."))
    _put(
        held,
        move.target,
        Action(name),
        by=by,
        now=now,
        reason=reason,
        note=note,
        columns=columns,
        changes=changes,
        capacity=capacity,
    )


def _put(
    held: Shop,
    target: str,
    action: Action,
    *,
    by: User | None,
    now: datetime,
    reason: str = "",
    note: str = "",
    columns: dict[str, Any] | None = None,
    changes: Changes | None = None,
    capacity: Capacity | None = None,
) -> None:
    before = held.status
    columns = {"status": target, **(columns or {})}
    try:
        with transaction.atomic():
            Shop.objects.filter(pk=held.pk).update(**columns)
    except IntegrityError as error:
        raise WorkflowError(_("Une autre fiche porte déjà ce SIRET.")) from error
    for column, value in columns.items():
        setattr(held, column, value)
    record(
        held,
        action,
        by=by,
        now=now,
        changes={"status": [before, target], **(changes or {})},
        reason=reason,
        note=note,
        capacity=capacity,
    )
    if PUBLISHED in {before, target}:
        held.commune.touch()


def _is_private(held: Shop) -> bool:
    """Whether a merchant has begun it and not sent it yet. One query for a draft."""
    if held.status != DRAFT:
        return False
    return not Shop.objects.without_private_drafts().filter(pk=held.pk).exists()


def _tell_owners(
    held: Shop, template: str, reason: str = "", *, corrected: Changes | None = None
) -> None:
    """A letter to each owner; none where nobody keeps the listing."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = Words().lines(corrected or {})
        appeal = appeal_lines(held.commune)
    owners = ShopMember.objects.filter(shop=held, role=MemberRole.OWNER).select_related("user")
    context = {
        "shop": held,
        "reason": reason,
        "corrected": lines,
        "appeal": appeal,
        "page": mail.address_of("shop", held.commune.slug, held.slug),
        "url": mail.address_of("my_shops"),
    }
    for owner in owners:
        language = settings.LANGUAGE_CODE
        mail.send(template, owner.user.email, context, language=language, commune=held.commune)


def checked_reason(reason: str) -> str:
    """A reason as it is kept. Raises WorkflowError where it is too long."""
    reason = prose(reason)
    if len(reason) > 500:
        raise WorkflowError(_("Ce motif est trop long\u00a0: 500 caractères au plus."))
    return reason
