"""What hangs on two listings that become one, moved to the kept one and back (`merging`)."""

from datetime import datetime

from django.db.models import QuerySet

from merchants.models import (
    AccessCode,
    Call,
    Claim,
    ImportedValues,
    Invitation,
    Photo,
    Report,
    Shop,
    ShopMember,
    SireneCase,
    User,
)
from merchants.models.member import MemberRole
from merchants.models.report import ReportStatus
from merchants.models.sirene import SireneStatus

from . import claims
from .history import capacity_of
from .members import add_member, remove_member
from .merged_ends import double_invitations, end, wait_again
from .photos import MOST_PHOTOS
from .values import Plain

# Of a history entry’s changes: what the way back needs, and nobody reads.
UNDO_FIELD = "undo"


def move(ours: Shop, theirs: Shop, *, by: User | None, now: datetime) -> Plain:
    """Rows of the other go to the kept listing; says which, {kind: primary keys}, and what
    `ended` because the kept one has it already (`merged_ends`).

    Photos up to the limit, behind those that are there.
    """
    moved: Plain = {"ended": end(ours, theirs, by=by, now=now)}
    # Of a file's lines about the other, the kept one hears from now on.
    moved["said"] = (
        ImportedValues.objects.filter(shop=theirs).values_list("values", flat=True).first()
    )
    moved["photos"] = _move_photos(ours, theirs)
    staying = list(double_invitations(ours, theirs).values_list("pk", flat=True))
    for kind, rows in _waiting(theirs).items():
        if kind == "invitations":
            rows = rows.exclude(pk__in=staying)
        moved[kind] = list(rows.values_list("pk", flat=True))
        rows.update(shop=ours)
    _ask_newly_concerned(ours, theirs, moved["claims"])
    return moved


def take_members(ours: Shop, theirs: Shop, *, by: User | None, now: datetime) -> list[list]:
    """The people of the other keep the kept one; whoever owned either owns it.

    Says [account, role there, role here before or None] for each.
    """
    here = dict(ShopMember.objects.filter(shop=ours).values_list("user", "role"))
    taken = []
    for member in list(ShopMember.objects.filter(shop=theirs).select_related("user")):
        before = here.get(member.user_id)
        taken.append([member.user_id, member.role, before])
        role = MemberRole.OWNER if MemberRole.OWNER in {member.role, before} else member.role
        add_member(ours, member.user, role=MemberRole(role), by=by, now=now)
        remove_member(member, by=by, now=now, writes=False)
    return taken


def bring_back(
    was: Plain, ours: Shop, theirs: Shop, *, by: User | None, now: datetime
) -> list[str]:
    """The way back of both, for what is still there; says what does not come back."""
    if "said" in was:
        ImportedValues.objects.filter(shop=theirs).delete()
        if was["said"] is not None:
            ImportedValues.objects.create(shop=theirs, values=was["said"])
    _return_photos(was["photos"], ours, theirs)
    for kind, rows in _waiting(ours).items():
        rows.filter(pk__in=was[kind]).update(shop=theirs)
    for key, role, before in was["members"]:
        member = ShopMember.objects.filter(shop=ours, user=key).select_related("user").first()
        if member is None:  # Gone since.
            continue
        capacity = capacity_of(by, theirs)
        add_member(theirs, member.user, role=MemberRole(role), by=by, now=now, capacity=capacity)
        if _is_needed(member):
            continue
        if before is None:
            remove_member(member, by=by, now=now, writes=False)
        else:
            add_member(ours, member.user, role=MemberRole(before), by=by, now=now)
    # Once everybody is where he was: what is his already is not asked for.
    return wait_again(was.get("ended", {}), theirs)


def photos_of(shop: Shop) -> list[str]:
    """What its photos show, in their order: what stands in the history of them."""
    return list(Photo.objects.filter(shop=shop).values_list("alt", flat=True))


def _waiting(shop: Shop) -> dict[str, QuerySet]:
    """What somebody is still to look at, or to use, by kind."""
    return {
        "invitations": Invitation.objects.filter(shop=shop, accepted_at=None),
        "claims": Claim.objects.waiting().filter(shop=shop),
        "codes": AccessCode.objects.filter(shop=shop, used_at=None),
        "reports": Report.objects.filter(shop=shop, status=ReportStatus.WAITING),
        "calls": Call.objects.filter(shop=shop),
        "sirene_cases": SireneCase.objects.filter(shop=shop, status=SireneStatus.WAITING),
    }


def _ask_newly_concerned(ours: Shop, theirs: Shop, moved: list[int]) -> None:
    """Owners of one listing are asked about claims on the other, which they knew nothing of."""
    for claim in Claim.objects.waiting().filter(shop=ours).select_related("user"):
        claims.ask_owners(ours, claim, owners_of=ours if claim.pk in moved else theirs)


def _move_photos(ours: Shop, theirs: Shop) -> list[int]:
    there = list(Photo.objects.filter(shop=ours))
    coming = list(Photo.objects.filter(shop=theirs))[: max(0, MOST_PHOTOS - len(there))]
    _write(ours, [*there, *coming])
    _write(theirs, list(Photo.objects.filter(shop=theirs)))
    return [photo.pk for photo in coming]


def _return_photos(keys: list[int], ours: Shop, theirs: Shop) -> None:
    still = Photo.objects.in_bulk(keys)
    going = [still[key] for key in keys if key in still and still[key].shop_id == ours.pk]
    _write(theirs, [*going, *Photo.objects.filter(shop=theirs)])
    _write(ours, list(Photo.objects.filter(shop=ours)))


def _write(shop: Shop, photos: list[Photo]) -> None:
    for position, photo in enumerate(photos):
        photo.shop, photo.position = shop, position
    Photo.objects.bulk_update(photos, ["shop", "position"])


def _is_needed(member: ShopMember) -> bool:
    """Whether those who stay would have nobody to answer for the listing without that person."""
    others = ShopMember.objects.filter(shop=member.shop_id).exclude(pk=member.pk)
    return member.is_owner and others.exists() and not others.filter(role=MemberRole.OWNER).exists()
