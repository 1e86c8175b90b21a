"""Who keeps the listing: inviting, leaving, handing over.

A second click comes after the first one's effect: the person, or one's own right, may be gone.
"""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from merchants.forms.my_shop import InvitationForm
from merchants.models import Invitation, ShopMember, ShopStatus
from merchants.models.member import MemberRole
from merchants.views.my_shop.access import people_of_shop, posted_version
from merchants.views.my_shop.editing import done, page
from merchants.workflow import WorkflowError, members
from merchants.workflow.drafts import own_drafts


def people(request, *, shop, member):
    return _people(request, shop, member, InvitationForm())


@require_POST
def invite(request, *, shop, member):
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            members.invite(
                shop,
                form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                by=request.user,
                now=timezone.now(),
                language=settings.LANGUAGE_CODE,
                expected_version=posted_version(request),
            )
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            return done(request, _("L’invitation est partie."), "my_shop_people", shop.pk)
    return _people(request, shop, member, form, version=posted_version(request))


@require_POST
def uninvite(request, *, shop, member, invitation: int):
    held = _found(Invitation, shop, invitation)
    return _act(
        request,
        shop,
        _("L’invitation est annulée."),
        lambda by, now: held and members.uninvite(held, by=by, now=now),
    )


@require_POST
def remove(request, *, shop, member, person: int):
    held = _found(ShopMember, shop, person)
    if held and not held.is_owner and not _is_sure(request):
        return _ask(request, shop, "remove", held)
    return _act(
        request,
        shop,
        _("Cette personne ne s’occupe plus de la fiche."),
        lambda by, now: held and members.remove_member(held, by=by, now=now),
    )


@require_POST
def hand_over(request, *, shop, member, person: int):
    """For owners; and for who has just been one: a second click."""
    held = _found(ShopMember, shop, person)
    if held and not held.is_owner and member.is_owner and not _is_sure(request):
        return _ask(request, shop, "hand_over", held)

    def act(by, now):
        if held is None:
            raise WorkflowError(_("Cette personne ne s’occupe plus de ce commerce."))
        members.hand_over(held, by=by, now=now, expected_version=posted_version(request))

    sentence = _("C’est transmis\u00a0: vous êtes maintenant collègue.")
    return _act(request, shop, sentence, act, is_allowed=member.is_owner)


def leave(request, *, pk: int):
    """For the people of a shop; and for who has just left it: a second click."""
    if request.method == "POST" and members.has_left(pk, request.user):
        return done(request, _left())
    return _leave(request, pk=pk)


@people_of_shop
@require_POST
def _leave(request, *, shop, member):
    to_town_hall = "to_town_hall" in request.POST
    others = shop.members.filter(role=MemberRole.OWNER).exclude(pk=member.pk)
    is_last_owner = member.is_owner and not others.exists()
    if not _is_sure(request) and (to_town_hall or not is_last_owner):
        return _ask(request, shop, "leave", member, to_town_hall=to_town_hall and is_last_owner)
    try:
        members.leave(
            shop,
            by=request.user,
            now=timezone.now(),
            to_town_hall=to_town_hall,
        )
    except WorkflowError as error:
        messages.error(request, str(error))
        return redirect("my_shop_people", shop.pk)
    return done(request, _left())


def invitation(request, *, token: str):
    """The page of an invitation's link: says what it is, and asks."""
    now = timezone.now()
    try:
        if request.method == "POST":
            joined = members.accept_invitation(token, by=request.user, now=now)
            name = {"name": joined.shop.name}
            sentence = _("Vous tenez maintenant la fiche «\u00a0%(name)s\u00a0».")
            return done(request, sentence % name)
        held = members.invitation_of(token, now=now)
    except WorkflowError as error:
        context = {"sentence": str(error)}
        return render(request, "merchants/my_shop/invitation_refused.html", context, status=410)
    return render(request, "merchants/my_shop/invitation.html", {"invitation": held})


def _is_sure(request) -> bool:
    return "sure" in request.POST


def _ask(request, shop, deed: str, person: ShopMember, *, to_town_hall: bool = False):
    """What will happen, and to whom, before it does: the first of two clicks."""
    return page(
        request,
        shop,
        "people_sure",
        version=posted_version(request),
        deed=deed,
        person=person,
        to_town_hall=to_town_hall,
    )


def _act(request, shop, sentence, act, *, is_allowed: bool = True):
    try:
        act(request.user, timezone.now())
    except WorkflowError as error:
        if not is_allowed:
            raise PermissionDenied from error
        messages.error(request, str(error))
    else:
        messages.success(request, sentence)
    return redirect("my_shop_people", shop.pk)


def _found(model, shop, key: int):
    """That row of the shop, or None where it is gone. Raises Http404 for a row of another shop."""
    related = ["shop", "user"] if model is ShopMember else ["shop"]
    found = model.objects.select_related(*related).filter(pk=key).first()
    if found and found.shop_id != shop.pk:
        raise Http404
    return found


def _left() -> str:
    return _("Vous ne vous occupez plus de cette fiche.")


def _people(request, shop, member, form, version=None):
    everybody = list(shop.members.select_related("user"))
    owners = [person for person in everybody if person.is_owner]
    return page(
        request,
        shop,
        "people",
        version=version,
        form=form,
        member=member,
        people=everybody,
        is_draft=shop.status == ShopStatus.DRAFT and own_drafts().filter(pk=shop.pk).exists(),
        is_last_owner=member.is_owner and len(owners) == 1,
        invitations=_open_invitations(shop) if member.is_owner else [],
    )


def _open_invitations(shop) -> list[Invitation]:
    return list(shop.invitations.filter(accepted_at=None, expires_at__gt=timezone.now()))
