"""What ends when two listings become one, and waits again once they are two (`merging`).

The history of a merge keeps keys alone: an invitation is an address, which goes with its account
and with time, so that its row stays with the listing that ended, where its link opens nothing.
"""

from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from merchants.models import Claim, Invitation, Proposal, Shop, ShopMember, User
from merchants.models.claim import ClaimProof, ClaimStatus
from merchants.models.proposal import ProposalStatus

from . import claims
from .edit import pending_proposal
from .values import Plain


def end(ours: Shop, theirs: Shop, *, by: User | None, now: datetime) -> Plain:
    """What the kept listing has already ends, and so does what its people ask for; says what.

    Effects: claims of who claims or keeps the kept one are withdrawn, with their documents and
    codes gone; the pending proposal of the other is withdrawn: its old values are not the kept
    one's.
    """
    people = set(ShopMember.objects.filter(shop__in=[ours, theirs]).values_list("user", flat=True))
    waiting = Claim.objects.waiting()
    double = set(waiting.filter(shop=ours).values_list("user", flat=True)) | people
    ended = [
        *waiting.filter(shop=theirs, user__in=double),
        *waiting.filter(shop=ours, user__in=people),
    ]
    coded = {claim.pk for claim in ended if claim.codes.filter(used_at=None).exists()}
    for claim in ended:
        claims.decide(claim, ClaimStatus.WITHDRAWN, by=by, now=now)
    proposal = pending_proposal(theirs)
    if proposal:
        proposal.status = ProposalStatus.WITHDRAWN
        proposal.decided_by, proposal.decided_at = by, now
        proposal.save(update_fields=["status", "decided_by", "decided_at"])
    return {
        "claims": [[claim.pk, claim.pk in coded] for claim in ended],
        "proposal": proposal and proposal.pk,
    }


def double_invitations(ours: Shop, theirs: Shop) -> QuerySet[Invitation]:
    """Open invitations of the other to an address that the kept one has invited, or of who keeps
    one of the two: they stay where they are."""
    open_ones = Invitation.objects.filter(accepted_at=None)
    members = ShopMember.objects.filter(shop__in=[ours, theirs])
    invited = set(open_ones.filter(shop=ours).values_list(Lower("email"), flat=True))
    invited |= set(members.values_list(Lower("user__email"), flat=True))
    return _to(invited, open_ones.filter(shop=theirs))


def wait_again(was: Plain, theirs: Shop) -> list[str]:
    """The way back of `end`, for what is still there; says what does not come back.

    Effects: a claim waits again, unless its person keeps that listing by now or has made another
    claim; the proposal does, unless another waits; invitations of the listing that was merged open
    it again, save those of who keeps it.
    """
    members = ShopMember.objects.filter(shop=theirs)
    emails = set(members.values_list(Lower("user__email"), flat=True))
    _to(emails, Invitation.objects.filter(shop=theirs, accepted_at=None)).delete()
    said = _claims_again(dict(was.get("claims", ())))
    withdrawn = Proposal.objects.filter(status=ProposalStatus.WITHDRAWN)
    proposal = withdrawn.filter(pk=was.get("proposal")).first()
    if proposal and pending_proposal(theirs):
        said.append(_("La modification proposée reste retirée\u00a0: une autre attend."))
    elif proposal:
        proposal.status = ProposalStatus.PENDING
        proposal.decided_by = proposal.decided_at = None
        proposal.save(update_fields=["status", "decided_by", "decided_at"])
    return said


def _claims_again(coded: dict[int, bool]) -> list[str]:
    """A claim with its code or its document gone waits as well: who decides is told."""
    lost = {"document": 0, "code": 0}
    withdrawn = Claim.objects.filter(pk__in=coded, status=ClaimStatus.WITHDRAWN).order_by("pk")
    for claim in withdrawn:
        of_both = {"shop": claim.shop_id, "user": claim.user_id}
        kept = ShopMember.objects.filter(**of_both).exists()
        if kept or Claim.objects.waiting().filter(**of_both).exists():
            continue
        claim.status, claim.decided_by, claim.decided_at = ClaimStatus.WAITING, None, None
        claim.save(update_fields=["status", "decided_by", "decided_at"])
        lost["document"] += claim.proof == ClaimProof.DOCUMENT
        lost["code"] += coded[claim.pk]
    said = []
    if number := lost["document"]:
        said.append(
            ngettext(
                "Une demande attend de nouveau, mais son document a été effacé.",
                "%(number)d demandes attendent de nouveau, mais leurs documents ont été effacés.",
                number,
            )
            % {"number": number}
        )
    if number := lost["code"]:
        said.append(
            ngettext(
                "Une demande attend de nouveau, mais son code ne marche plus.",
                "%(number)d demandes attendent de nouveau, mais leurs codes ne marchent plus.",
                number,
            )
            % {"number": number}
        )
    return said


def _to(emails: set[str], rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Of these invitations, those that were sent to one of these addresses, in small letters."""
    return rows.annotate(to=Lower("email")).filter(to__in=emails)
