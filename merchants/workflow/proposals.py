"""What becomes of a proposal. It is made, changed and sent again by `edit.edit_listing`."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import Proposal, Shop, User
from merchants.models.history import Action, Capacity
from merchants.models.proposal import ProposalStatus

from . import mail
from .edit import Edit, edit_listing
from .errors import WorkflowError
from .history import capacity_of, locked, record
from .listing import prepared, refuse_siret_twice, write
from .values import Listing, plain, with_values
from .wording import Words, label


def accept(proposal: Proposal, *, by: User | None, now: datetime) -> Shop:
    """The town hall puts the proposed values on the public page.

    Effects: the values, the decision with its date and author, a history entry, a letter to who
    proposed; the public pages are renewed. Raises WorkflowError if one of the fields was changed
    by somebody else since.
    """
    with transaction.atomic():
        held, proposal = _undecided(proposal)
        _refuse_unless_town_hall(held, by)
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
            listing = with_values(listing, proposal.new_values)
        except KeyError as error:
            raise WorkflowError(_("Une catégorie proposée n’existe plus.")) from error
        refuse_siret_twice(listing.siret, held.status, held.pk)
        changes = write(held, prepared(listing))
        _decide(proposal, ProposalStatus.ACCEPTED, by=by, now=now)
        record(held, Action.ACCEPT, by=by, now=now, changes=changes)
        _tell(proposal, held, "proposal_accepted")
    return held


def refuse(proposal: Proposal, *, reason: str, by: User | None, now: datetime) -> Shop:
    """The town hall leaves the public values as they are, and says why.

    Effects: the decision with its date, author and reason, a history entry, a letter to who
    proposed.
    """
    reason = reason.strip()
    if not reason:
        raise WorkflowError(_("Dites pourquoi\u00a0: le commerçant doit pouvoir corriger."))
    if len(reason) > 500:
        raise WorkflowError(_("Ce motif est trop long\u00a0: 500 caractères au plus."))
    with transaction.atomic():
        held, proposal = _undecided(proposal)
        _refuse_unless_town_hall(held, by)
        proposal.reason = reason
        _decide(proposal, ProposalStatus.REFUSED, by=by, now=now)
        changes = {name: [new, old] for name, (old, new) in proposal.changes.items()}
        record(held, Action.REFUSE_PROPOSAL, by=by, now=now, changes=changes, reason=reason)
        _tell(proposal, held, "proposal_refused")
    return held


def withdraw(proposal: Proposal, *, by: User, now: datetime) -> Shop:
    """The people of the shop take their proposal back. Effects: as for a refusal, without letter.

    Nothing where it has been withdrawn already.
    """
    with transaction.atomic():
        held = locked(proposal.shop)
        if capacity_of(by, held) not in {Capacity.MERCHANT, Capacity.COLLEAGUE}:
            raise WorkflowError(_("Votre compte ne permet pas cette action."))
        proposal.refresh_from_db()
        if proposal.status == ProposalStatus.WITHDRAWN:
            return held
        _refuse_decided(proposal)
        _decide(proposal, ProposalStatus.WITHDRAWN, by=by, now=now)
        changes = {name: [new, old] for name, (old, new) in proposal.changes.items()}
        record(held, Action.WITHDRAW, by=by, now=now, changes=changes)
    return held


def resend(
    proposal: Proposal,
    corrections: dict | None = None,
    *,
    by: User,
    expected_version: int | None,
    now: datetime,
) -> Edit:
    """Sends a refused proposal again, with corrected fields of `Listing`: a new proposal.

    Effects: those of `edit_listing`.
    """
    if proposal.status != ProposalStatus.REFUSED:
        raise WorkflowError(_("Seule une proposition refusée se renvoie."))
    listing = with_values(Listing.of(proposal.shop), proposal.new_values)
    fields = {name for name in proposal.changes if name in Listing.__dataclass_fields__}
    if {"hours", "holiday_rule"} & proposal.changes.keys():
        fields.add("schedule")
    changes = {name: getattr(listing, name) for name in fields} | (corrections or {})
    return edit_listing(proposal.shop, changes, by=by, expected_version=expected_version, now=now)


def last_refusal(shop: Shop) -> Proposal | None:
    """The refused proposal that nothing has replaced since."""
    last = Proposal.objects.filter(shop=shop).exclude(status=ProposalStatus.WITHDRAWN).first()
    return last if last and last.status == ProposalStatus.REFUSED else None


def _undecided(proposal: Proposal) -> tuple[Shop, Proposal]:
    """The locked listing and its proposal, which still waits."""
    held = locked(proposal.shop)
    proposal.refresh_from_db()
    _refuse_decided(proposal)
    return held, proposal


def _refuse_decided(proposal: Proposal) -> None:
    if proposal.status != ProposalStatus.PENDING:
        raise WorkflowError(
            _("Cette proposition n’attend plus\u00a0: elle a été %(status)s.")
            % {"status": proposal.get_status_display()}
        )


def _refuse_unless_town_hall(held: Shop, by: User | None) -> None:
    if capacity_of(by, held) not in {Capacity.TOWN_HALL, Capacity.SYSTEM}:
        raise WorkflowError(_("Votre compte ne permet pas cette action."))


def _decide(proposal: Proposal, status: str, *, by: User | None, now: datetime) -> None:
    proposal.status, proposal.decided_by, proposal.decided_at = status, by, now
    proposal.save()


def _tell(proposal: Proposal, held: Shop, template: str) -> None:
    if proposal.by is None:
        return
    context = {
        "shop": held,
        "proposal": proposal,
        "lines": Words().lines(proposal.changes),
        "url": mail.address_of("my_shop_identity", held.pk),
    }
    mail.send(template, proposal.by.email, context, language=settings.LANGUAGE_CODE)
