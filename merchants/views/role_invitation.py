"""The page of an invitation to work for a town hall: says what it is, and asks."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.models.role import RoleKind
from merchants.views.my_shop.editing import done
from merchants.workflow import WorkflowError, role_invitations
from merchants.workflow.roles import what_of


def role_invitation(request, *, token: str):
    now = timezone.now()
    try:
        if request.method == "POST":
            joined = role_invitations.accept(token, by=request.user, now=now)
            if joined.role != RoleKind.HELPER:
                return redirect(reverse("admin:index"))
            sentence = _("Vous aidez maintenant les commerçants\u00a0: %(commune)s.")
            return done(request, sentence % {"commune": joined.commune.name}, "helping")
        held = role_invitations.invitation_of(token, now=now)
    except WorkflowError as error:
        context = {"sentence": str(error)}
        return render(request, "merchants/my_shop/invitation_refused.html", context, status=410)
    context = {
        "invitation": held,
        "what": what_of(held.role),
        "enters": held.role != RoleKind.HELPER,
    }
    return render(request, "merchants/role_invitation.html", context)
