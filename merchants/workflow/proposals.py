"""What becomes of a proposal. It is made, changed and sent again by `edit.edit_listing`."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from merchants.models import HistoryEntry, Proposal, Shop, ShopMember, ShopStatus, User
from merchants.models.history import Action, Capacity
from merchants.models.member import MemberRole
from merchants.models.proposal import ProposalStatus

from . import mail
from .edit import REVIEWED, drop, last_refusal, pending_proposal
from .errors import WorkflowError
from .history import IN_HIS_PLACE, held_by, is_kept, mark_on_behalf, record
from .listing import prepared, refuse_siret_twice, write
from .status import checked_reason
from .town_hall import appeal_lines
from .values import Changes, Listing, Plain, plain, with_values
from .wording import Words, label

DECIDERS = frozenset({Capacity.TOWN_HALL, Capacity.SYSTEM})
# They take a merchant's proposal back only where there is no merchant to do it.
ALONE = IN_HIS_PLACE | {Capacity.SYSTEM}
# The pages of « Mon commerce », and what is written on each.
PAGES = {
    "my_shop_identity": REVIEWED,
    "my_shop_description": frozenset({"description", "step_free", "payment_means"}),
    "my_shop_contact": frozenset(
        """
        phone phone_is_public email email_is_public website shop_url social_links service_area
        """.split()
    ),
    "my_shop_services": frozenset({"services"}),
    "my_shop_hours": frozenset({"hours", "holiday_rule"}),
}


def page_of(fields: Iterable[str]) -> str:
    """The route of the page on which the first of these fields is written."""
    names = set(fields)
    return next((route for route, own in PAGES.items() if own & names), "my_shop_identity")


def accept(
    proposal: Proposal, *, by: User | None, now: datetime, corrections: Plain | None = None
) -> Shop:
    """The town hall puts the proposed values on the public page, with `corrections` of its own.

    Effects: the values, the decision with its date and author, a history entry, a letter to the
    owners and to who proposed, which says what was corrected; the public pages are renewed. What a
    helper proposed for a listing that nobody keeps makes it one written on behalf. Raises
    WorkflowError if one of the fields was changed by somebody else since, or the proposal itself:
    another row then stands in its place, so that no version is needed.
    """
    with transaction.atomic():
        held, proposal = _undecided(proposal, by)
        listing = Listing.of(held)
        now_there = plain(listing)
        for name, (old, _new) in proposal.changes.items():
            if now_there[name] != old:
                raise WorkflowError(
                    _(
                        "«\u00a0%(field)s\u00a0» a changé depuis cette proposition\u00a0: "
                        "refusez-la en le "
                        "disant, le commerçant pourra la corriger."
                    )
                    % {"field": label(name)}
                )
        try:
            listing = with_values(listing, proposal.new_values | (corrections or {}))
        except KeyError as error:
            raise WorkflowError(_("Une catégorie proposée n’existe plus.")) from error
        refuse_siret_twice(listing.siret, held.status, held.pk)
        listing = prepared(listing)
        corrected = _corrected(proposal, corrections or {}, now_there, plain(listing))
        changes = write(held, listing)
        _decide(proposal, ProposalStatus.ACCEPTED, by=by, now=now)
        record(held, Action.ACCEPT, by=by, now=now, changes=changes)
        mark_on_behalf(held, _proposed_as(proposal))
        _tell(proposal, held, "proposal_accepted", corrected=corrected)
    return held


def refuse(proposal: Proposal, *, reason: str, by: User | None, now: datetime) -> Shop:
    """The town hall leaves the public values as they are, and says why.

    Effects: the decision with its date, author and reason, a history entry, a letter to the
    owners and to who proposed.
    """
    with transaction.atomic():
        held = _send_back(proposal, ProposalStatus.REFUSED, reason, by, now)
    return held


def ask_change(proposal: Proposal, *, reason: str, by: User | None, now: datetime) -> Shop:
    """The town hall asks for something before it accepts; the public values stay as they are.

    Effects: those of `refuse`, in other words: a request, and no refusal.
    """
    with transaction.atomic():
        held = _send_back(proposal, ProposalStatus.TO_CORRECT, reason, by, now)
    return held


def withdraw(proposal: Proposal, *, by: User, now: datetime) -> Shop:
    """The people of the shop take their proposal back. Effects: as for a refusal, without letter.

    Nothing where it has been withdrawn already. Where nobody keeps the listing, who acts for its
    merchant does.
    """
    with transaction.atomic():
        held, _capacity = held_by(proposal.shop, by, alone=ALONE, open_only=False)
        proposal.refresh_from_db()
        if proposal.status == ProposalStatus.WITHDRAWN and not pending_proposal(held):
            return held
        _refuse_decided(proposal, held)
        _decide(proposal, ProposalStatus.WITHDRAWN, by=by, now=now)
        changes = {name: [new, old] for name, (old, new) in proposal.changes.items()}
        record(held, Action.WITHDRAW, by=by, now=now, changes=changes)
    return held


def give_up(proposal: Proposal, *, by: User, now: datetime) -> Shop:
    """The people of the shop do not come back to what the town hall sent back: no page shows it.

    Effects: its date, a history entry. Nothing where it was given up, or replaced, already.
    """
    with transaction.atomic():
        held, _capacity = held_by(proposal.shop, by, alone=ALONE, open_only=False)
        refused = last_refusal(held)
        if refused and refused.pk == proposal.pk:
            drop(held, refused, by=by, now=now, told=False)
    return held


def _send_back(
    proposal: Proposal, status: ProposalStatus, reason: str, by: User | None, now: datetime
) -> Shop:
    reason = checked_reason(reason)
    if not reason:
        raise WorkflowError(_("Dites pourquoi\u00a0: le commerçant doit pouvoir corriger."))
    action, letter = {
        ProposalStatus.REFUSED: (Action.REFUSE_PROPOSAL, "proposal_refused"),
        ProposalStatus.TO_CORRECT: (Action.ASK_CHANGE, "proposal_change_asked"),
    }[status]
    held, proposal = _undecided(proposal, by)
    proposal.reason = reason
    _decide(proposal, status, by=by, now=now)
    changes = {name: [new, old] for name, (old, new) in proposal.changes.items()}
    record(held, action, by=by, now=now, changes=changes, reason=reason)
    _tell(proposal, held, letter)
    return held


def _corrected(proposal: Proposal, corrections: Plain, before: Plain, after: Plain) -> Changes:
    """{field: [what was proposed or stood there, what the town hall put]}."""
    proposed = before | proposal.new_values
    return {
        name: [proposed[name], after[name]] for name in corrections if proposed[name] != after[name]
    }


def _undecided(proposal: Proposal, by: User | None) -> tuple[Shop, Proposal]:
    """The locked listing and its proposal, which still waits for the town hall."""
    held, _capacity = held_by(proposal.shop, by, allowed=DECIDERS, open_only=False)
    proposal.refresh_from_db()
    _refuse_decided(proposal, held)
    return held, proposal


def _refuse_decided(proposal: Proposal, held: Shop) -> None:
    if proposal.status == ProposalStatus.PENDING:
        return
    if proposal.status == ProposalStatus.WITHDRAWN and pending_proposal(held):
        raise WorkflowError(
            _("Cette proposition a été modifiée entre-temps\u00a0: relisez la nouvelle.")
        )
    raise WorkflowError(
        _("Cette proposition n’attend plus\u00a0: elle a été %(status)s.")
        % {"status": proposal.get_status_display()}
    )


def _proposed_as(proposal: Proposal) -> Capacity | None:
    """In what capacity it was made, as the history tells. One query."""
    made = HistoryEntry.objects.filter(
        shop=proposal.shop_id, action=Action.PROPOSE, by=proposal.by, at=proposal.at
    )
    return made.values_list("capacity", flat=True).first()


def _decide(proposal: Proposal, status: str, *, by: User | None, now: datetime) -> None:
    proposal.status, proposal.decided_by, proposal.decided_at = status, by, now
    proposal.save()


def _tell(
    proposal: Proposal, held: Shop, template: str, *, corrected: Changes | None = None
) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        words = Words()
        lines = words.lines(proposal.changes)
        corrected_lines = words.lines(corrected or {})
        appeal = appeal_lines(held.commune)
    context = {
        "shop": held,
        "proposal": proposal,
        "lines": lines,
        "corrected": corrected_lines,
        "appeal": appeal,
        "is_online": held.status == ShopStatus.PUBLISHED,
        "url": mail.address_of(page_of(proposal.changes), held.pk),
    }
    for address in readers(proposal, held):
        language = settings.LANGUAGE_CODE
        mail.send(template, address, context, language=language, commune=held.commune)


def readers(proposal: Proposal, held: Shop) -> list[str]:
    """The addresses of the owners and of who proposed; somebody who has left the shop since is
    told nothing."""
    if proposal.by and not is_kept(held):
        return [proposal.by.email]
    members = ShopMember.objects.filter(shop=held).select_related("user")
    return [
        member.user.email
        for member in members
        if member.role == MemberRole.OWNER or member.user_id == proposal.by_id
    ]
