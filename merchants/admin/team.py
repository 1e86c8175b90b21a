"""The people of a town hall: its referents choose them, its agents read who they are."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.forms.team import RoleForm, RoleInvitationForm
from merchants.models import CommuneRole, RoleInvitation
from merchants.models.role import RoleKind
from merchants.workflow import WorkflowError, role_invitations, roles

from .pages import choosable, communes_of, render_page, town_hall_page


@town_hall_page(
    "equipe/",
    name="team",
    title=gettext_lazy("Équipe"),
    help=gettext_lazy("Les agents, référents et aidants de la commune."),
    of_commune=True,
)
def team(request, *, commune):
    manages = _manages(request, commune)
    form = RoleInvitationForm(request.POST or None)
    if request.method == "POST":
        if not manages:
            raise PermissionDenied
        if form.is_valid() and _invite(request, commune, form):
            return _back(commune)
    context = {
        "commune": commune,
        "communes": choosable(request),
        "people": roles.team_of(commune),
        "invitations": role_invitations.open_invitations(commune, now=timezone.now()),
        "manages": manages,
        "kinds": RoleKind.choices,
        "form": form,
    }
    return render_page(request, "team", context, title=_("Équipe"))


@town_hall_page("equipe/<int:pk>/role/", name="team_role", referents_only=True, methods=("POST",))
def change_role(request, *, pk):
    held = _found(request, CommuneRole, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choisissez un rôle dans la liste."))
        return _back(held.commune)
    role = form.cleaned_data["role"]
    if role == held.role:
        messages.info(request, _("Rien n’a changé."))
        return _back(held.commune)
    if _is_oneself(request, held) and "sure" not in request.POST:
        return _ask(request, held, role)
    act = {"role": role, "by": request.user, "now": timezone.now()}
    sentence = _("%(who)s\u00a0: le rôle est changé.") % {"who": held.user}
    return _act(request, held.commune, sentence, roles.give_role, held.user, held.commune, **act)


@town_hall_page("equipe/<int:pk>/retirer/", name="team_remove", referents_only=True)
def remove(request, *, pk):
    """GET asks whether it is meant; POST does it."""
    held = _found(request, CommuneRole, pk)
    if request.method != "POST" or "sure" not in request.POST:
        return _ask(request, held, "")
    sentence = _("%(who)s ne fait plus partie de l’équipe.") % {"who": held.user}
    act = {"by": request.user, "now": timezone.now()}
    return _act(request, held.commune, sentence, roles.take_role, held, **act)


@town_hall_page(
    "equipe/invitations/<int:pk>/annuler/",
    name="team_uninvite",
    referents_only=True,
    methods=("POST",),
)
def uninvite(request, *, pk):
    held = _found(request, RoleInvitation, pk)
    act = {"by": request.user, "now": timezone.now()}
    sentence = _("L’invitation est annulée.")
    return _act(request, held.commune, sentence, role_invitations.uninvite, held, **act)


def _manages(request, commune) -> bool:
    allowed = communes_of(request, referents_only=True)
    return allowed is None or commune.pk in allowed


def _found(request, model, pk: int):
    """That row of a commune whose referent the person is. Raises Http404."""
    allowed = communes_of(request, referents_only=True)
    rows = model.objects.select_related("commune").defer("commune__contour")
    if model is CommuneRole:
        rows = rows.select_related("user")
    found = rows.filter(pk=pk).first()
    if found is None or (allowed is not None and found.commune_id not in allowed):
        raise Http404
    return found


def _is_oneself(request, held: CommuneRole) -> bool:
    return held.user_id == request.user.pk


def _ask(request, held: CommuneRole, role: str):
    """What will happen, and to whom: the first of two clicks. Without `role`, it is taken away."""
    context = {
        "held": held,
        "commune": held.commune,
        "role": role,
        "role_name": RoleKind(role).label if role else "",
        "is_oneself": _is_oneself(request, held),
    }
    title = _("Changer votre rôle") if role else _("Retirer de l’équipe")
    return render_page(request, "team_sure", context, title=title)


def _invite(request, commune, form) -> bool:
    try:
        role_invitations.invite(commune, **form.cleaned_data, by=request.user, now=timezone.now())
    except WorkflowError as error:
        form.add_error(None, str(error))
        return False
    sentence = _("L’invitation est partie à %(email)s.") % {"email": form.cleaned_data["email"]}
    messages.success(request, sentence)
    return True


def _act(request, commune, sentence: str, write, *arguments, **act):
    try:
        write(*arguments, **act)
    except WorkflowError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, sentence)
    if request.user.is_superuser or roles.is_referent(commune, request.user):
        return _back(commune)
    return redirect("admin:index")  # Who has just left has no page of that commune.


def _back(commune):
    return redirect(f"{reverse('admin:team')}?commune={commune.insee_code}")
