"""A decision of the town hall is taken back: what it changed is as it was before.

Only the last decision on a listing, and only while nothing later stands on it: a sentence says
what does. Letters cannot be unsent, so whoever had one gets another.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from merchants.models import Claim, HistoryEntry, Proposal, Shop, ShopMember, ShopStatus, User
from merchants.models.claim import ClaimStatus
from merchants.models.history import Action, Capacity
from merchants.models.member import MemberRole
from merchants.models.proposal import ProposalStatus

from . import mail
from .edit import pending_proposal
from .errors import WorkflowError
from .history import adopt, held_by, record
from .listing import prepared, refuse_siret_twice, write
from .proposals import readers
from .status import NOT_CLOSED, checked_reason
from .town_hall import contact_lines
from .values import Changes, Listing, plain, with_values
from .wording import label

MOVES = frozenset(
    {Action.PUBLISH, Action.REFUSE, Action.ASK_CHANGE, Action.SUSPEND, Action.REOPEN, Action.CLOSE}
)
PROPOSALS = frozenset({Action.ACCEPT, Action.REFUSE_PROPOSAL, Action.ASK_CHANGE})
CLAIMS = frozenset({Action.CLAIM_ACCEPTED, Action.CLAIM_REFUSED})
# What ends the search for the last decision: what can be undone, and what cannot.
DECISIONS = MOVES | PROPOSALS | CLAIMS | {Action.MERGE, Action.UNDO}
# Nobody was written to about these.
SILENT = frozenset({Action.CLOSE})

Told = list[User]


def undoable(shop: Shop) -> HistoryEntry | None:
    """The decision on that listing which may be undone, if there is one. One query.

    Whether something later forbids it is told by `undo` alone.
    """
    last = shop.history.filter(action__in=DECISIONS).first()
    if last is None or last.capacity not in {Capacity.TOWN_HALL, Capacity.SYSTEM}:
        return None
    return last if last.action not in {Action.MERGE, Action.UNDO} else None


def undo(shop: Shop, *, entry: HistoryEntry, by: User | None, now: datetime, reason: str) -> Shop:
    """The town hall takes its last decision on a listing back, and says why.

    Effects: the state before it, with the values, the proposal, the claim or the memberships that
    went with it; a history entry with the reason; a letter to those who had been told; the public
    pages are renewed where residents see a difference. A document that was joined to a claim is
    gone. Raises WorkflowError where something later stands on the decision.
    """
    reason = checked_reason(reason)
    if not reason:
        raise WorkflowError(_("Dites pourquoi la décision est annulée."))
    with transaction.atomic():
        deciders = frozenset({Capacity.TOWN_HALL, Capacity.SYSTEM})
        held, _capacity = held_by(shop, by, allowed=deciders, open_only=False)
        last = undoable(held)
        if last is None or last.pk != entry.pk:
            raise WorkflowError(
                _("Seule la dernière décision s’annule\u00a0: une autre l’a suivie.")
            )
        try:
            with transaction.atomic():
                changes, told = _undo_of(last)(held, last, now)
        except IntegrityError as error:
            raise WorkflowError(_("Une autre fiche porte déjà ce SIRET.")) from error
        note = str(Action(last.action).label)
        record(held, Action.UNDO, by=by, now=now, changes=changes, reason=reason, note=note)
        _write(held, last, reason, told)
    return adopt(shop, held)


def _undo_of(entry: HistoryEntry) -> Callable[[Shop, HistoryEntry, datetime], Any]:
    if "status" in entry.changes:
        return _move_back
    if entry.action == Action.ACCEPT:
        return _take_values_back
    if entry.action in PROPOSALS:
        return _let_proposal_wait
    if entry.action == Action.CLAIM_ACCEPTED:
        return _take_listing_back
    return _let_claim_wait


# Moves of the listing -------------------------------------------------------------------------


def _move_back(held: Shop, entry: HistoryEntry, now: datetime) -> tuple[Changes, Told]:
    before, after = entry.changes["status"]
    if held.status != after:
        raise WorkflowError(
            _("La fiche a changé d’état depuis\u00a0: elle est à l’état «\u00a0%(status)s\u00a0».")
            % {"status": held.get_status_display()}
        )
    if entry.action == Action.PUBLISH and pending_proposal(held):
        raise WorkflowError(
            _("Une modification proposée depuis attend\u00a0: décidez d’abord de celle-ci.")
        )
    columns: dict[str, Any] = {"status": before}
    if entry.action == Action.CLOSE:
        columns |= NOT_CLOSED
    if entry.action == Action.REOPEN and before == ShopStatus.CLOSED:
        columns |= _farewell_of(held, entry)
    Shop.objects.filter(pk=held.pk).update(**columns)
    for column, value in columns.items():
        setattr(held, column, value)
    if entry.action == Action.CLOSE:
        _bring_proposal_back(held, entry)
    if ShopStatus.PUBLISHED in {before, after}:
        held.commune.touch()
    told = [] if entry.action in SILENT or before == ShopStatus.CLOSED else _owners(held)
    return {"status": [after, before]}, told


def _farewell_of(held: Shop, entry: HistoryEntry) -> dict[str, Any]:
    """What the page of a closed shop said, as the entry of its reopening kept it."""
    old = {
        name: entry.changes[name][0] for name in ("farewell", "successor") if name in entry.changes
    }
    closings = held.history.filter(action=Action.CLOSE, version__lt=entry.version)
    closing = closings.first()
    if closing and closing.changes.get("status", [""])[0] == ShopStatus.PUBLISHED:
        old["closed_at"] = closing.at
    return old


def _bring_proposal_back(held: Shop, entry: HistoryEntry) -> None:
    """The one that the closing withdrew waits again."""
    withdrawn = Proposal.objects.filter(
        shop=held, status=ProposalStatus.WITHDRAWN, decided_at=entry.at, decided_by=entry.by
    ).first()
    if withdrawn:
        _wait_again(withdrawn)


# Proposals --------------------------------------------------------------------------------------


def _take_values_back(held: Shop, entry: HistoryEntry, now: datetime) -> tuple[Changes, Told]:
    proposal = _proposal_of(held, entry, [ProposalStatus.ACCEPTED])
    listing = Listing.of(held)
    there = plain(listing)
    for name, (_old, new) in entry.changes.items():
        if there[name] != new:
            raise WorkflowError(
                _("«\u00a0%(field)s\u00a0» a été modifié depuis cette décision.")
                % {"field": label(name)}
            )
    old_values = {name: old for name, (old, _new) in entry.changes.items()}
    try:
        listing = with_values(listing, old_values)
    except KeyError as error:
        raise WorkflowError(_("L’ancienne catégorie n’existe plus.")) from error
    refuse_siret_twice(listing.siret, held.status, held.pk)
    changes = write(held, prepared(listing))
    _wait_again(proposal)
    return changes, _people(readers(proposal, held))


def _let_proposal_wait(held: Shop, entry: HistoryEntry, now: datetime) -> tuple[Changes, Told]:
    proposal = _proposal_of(held, entry, ProposalStatus.returned())
    if proposal.dropped_at or Proposal.objects.filter(shop=held, at__gt=entry.at).exists():
        raise WorkflowError(_("Le commerçant a répondu depuis à cette décision."))
    _wait_again(proposal)
    return {}, _people(readers(proposal, held))


def _proposal_of(held: Shop, entry: HistoryEntry, states: list[str]) -> Proposal:
    decided = Proposal.objects.filter(shop=held, decided_at=entry.at, status__in=states)
    proposal = decided.select_related("by").first()
    if proposal is None:
        raise WorkflowError(_("Cette proposition n’est plus là."))
    return proposal


def _wait_again(proposal: Proposal) -> None:
    """Effects: the decision is gone. Raises WorkflowError where another proposal waits."""
    if pending_proposal(proposal.shop):
        raise WorkflowError(_("Une autre modification attend depuis\u00a0: décidez de celle-ci."))
    proposal.status, proposal.reason = ProposalStatus.PENDING, ""
    proposal.decided_by = proposal.decided_at = None
    proposal.save()


# Claims -----------------------------------------------------------------------------------------


def _let_claim_wait(held: Shop, entry: HistoryEntry, now: datetime) -> tuple[Changes, Told]:
    claim = _claim_of(held, entry, ClaimStatus.REFUSED)
    owners = [user for user in _owners(held) if user.pk != claim.user_id]
    _ask_again(claim)
    return {}, [claim.user, *owners]


def _take_listing_back(held: Shop, entry: HistoryEntry, now: datetime) -> tuple[Changes, Told]:
    """The memberships are those before the decision; what the claimant wrote meanwhile stays."""
    claim = _claim_of(held, entry, ClaimStatus.ACCEPTED)
    together = held.history.filter(at=entry.at, by=entry.by, version__lt=entry.version)
    moves = together.filter(action__in=[Action.JOIN, Action.ROLE, Action.LEAVE])
    told = {user.pk: user for user in (claim.user, *_owners(held))}
    for changes in moves.order_by("-version").values_list("changes", flat=True):
        before, after = changes["members"]
        _set_member(held, before, after, now)
    told |= {user.pk: user for user in _owners(held)}
    _ask_again(claim)
    return {}, list(told.values())


def _set_member(held: Shop, before: dict | None, after: dict | None, now: datetime) -> None:
    number = (before or after)["user"]
    member = ShopMember.objects.filter(shop=held, user=number).first()
    if after and member is None:
        raise WorkflowError(_("Cette personne ne tient plus la fiche."))
    if before is None:
        member.delete()
    elif after is None and member is None:
        if User.objects.filter(pk=number).exists():
            ShopMember.objects.create(shop=held, user_id=number, role=before["role"], since=now)
    elif member:
        member.role = before["role"]
        member.save(update_fields=["role"])


def _claim_of(held: Shop, entry: HistoryEntry, state: ClaimStatus) -> Claim:
    decided = Claim.objects.filter(shop=held, decided_at=entry.at, status=state)
    claim = decided.select_related("user").first()
    if claim is None:
        raise WorkflowError(_("Cette demande n’est plus là."))
    return claim


def _ask_again(claim: Claim) -> None:
    if Claim.objects.waiting().filter(shop=claim.shop_id, user=claim.user_id).exists():
        raise WorkflowError(_("Cette personne a fait une autre demande depuis."))
    claim.status, claim.reason = ClaimStatus.WAITING, ""
    claim.decided_by = claim.decided_at = None
    claim.save()


# Letters ----------------------------------------------------------------------------------------


def _owners(held: Shop) -> Told:
    members = ShopMember.objects.filter(shop=held, role=MemberRole.OWNER).select_related("user")
    return [member.user for member in members]


def _people(addresses: list[str]) -> Told:
    return list(User.objects.filter(email__in=addresses).order_by("pk"))


def _write(held: Shop, entry: HistoryEntry, reason: str, told: Told) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        context = {
            "shop": held,
            "what": str(Action(entry.action).label),
            "at": entry.at,
            "reason": reason,
            "state": held.get_status_display(),
            "waits": "status" not in entry.changes,
            "is_claim": entry.action in CLAIMS,
            "contact": contact_lines(held.commune),
            "url": mail.address_of("my_claims" if entry.action in CLAIMS else "my_shops"),
        }
    for user in told:
        language = settings.LANGUAGE_CODE
        mail.send("decision_undone", user.email, context, language=language, commune=held.commune)
