"""Who keeps the listing: inviting, leaving, handing over."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from merchants.forms.my_shop import InvitationForm
from merchants.models import Invitation
from merchants.views.my_shop.access import posted_version
from merchants.views.my_shop.editing import done, page
from merchants.workflow import WorkflowError, members


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
    held = get_object_or_404(shop.invitations, pk=invitation)
    return _act(
        request,
        shop,
        _("L’invitation est annulée."),
        lambda by, now: members.uninvite(held, by=by, now=now),
    )


@require_POST
def remove(request, *, shop, member, person: int):
    held = get_object_or_404(shop.members, pk=person)
    return _act(
        request,
        shop,
        _("Cette personne ne s’occupe plus de la fiche."),
        lambda by, now: members.remove_member(held, by=by, now=now),
    )


@require_POST
def hand_over(request, *, shop, member, person: int):
    held = get_object_or_404(shop.members, pk=person)
    return _act(
        request,
        shop,
        _("C’est transmis\u00a0: vous êtes maintenant collègue."),
        lambda by, now: members.hand_over(held, by=by, now=now),
    )


@require_POST
def leave(request, *, shop, member):
    try:
        members.leave(
            shop,
            by=request.user,
            now=timezone.now(),
            to_town_hall="to_town_hall" in request.POST,
        )
    except WorkflowError as error:
        messages.error(request, str(error))
        return redirect("my_shop_people", shop.pk)
    return done(request, _("Vous ne vous occupez plus de cette fiche."))


def invitation(request, *, token: str):
    """The page of an invitation's link: says what it is, and asks."""
    now = timezone.now()
    try:
        if request.method == "POST":
            joined = members.accept_invitation(token, by=request.user, now=now)
            name = {"name": joined.shop.name}
            return done(request, _("Vous tenez maintenant la fiche de %(name)s.") % name)
        held = members.invitation_of(token, now=now)
    except WorkflowError as error:
        context = {"sentence": str(error)}
        return render(request, "merchants/my_shop/invitation_refused.html", context, status=410)
    return render(request, "merchants/my_shop/invitation.html", {"invitation": held})


def _act(request, shop, sentence, act):
    try:
        act(request.user, timezone.now())
    except WorkflowError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, sentence)
    return redirect("my_shop_people", shop.pk)


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
        is_last_owner=member.is_owner and len(owners) == 1,
        invitations=_open_invitations(shop) if member.is_owner else [],
    )


def _open_invitations(shop) -> list[Invitation]:
    return list(shop.invitations.filter(accepted_at=None, expires_at__gt=timezone.now()))
