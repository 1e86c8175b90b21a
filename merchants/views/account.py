"""A person's own account, beside the pages that django-allauth brings."""

from allauth.account import views as account_views
from allauth.account.decorators import reauthentication_required
from allauth.account.forms import UserTokenForm
from allauth.decorators import rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from merchants import second_factor
from merchants.forms.account import DeleteForm, NameForm
from merchants.user_agent import device
from merchants.workflow import WorkflowError
from merchants.workflow import account as workflow
from merchants.workflow.account_export import export_account


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request):
    """Name, and the ways to everything else."""
    now = timezone.now()
    form = NameForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        workflow.rename(request.user, name=name, by=request.user, now=now)
        messages.success(request, _("Votre nom est enregistré."))
        return redirect("account")
    has_second_factor = second_factor.has_second_factor(request.user)
    context = {
        "form": form,
        "sessions": len(workflow.open_sessions(request.user, now=now)),
        "has_second_factor": has_second_factor,
        "second_factor_missing": second_factor.is_missing(request.user, now=now),
        "second_factor_until": None if has_second_factor else second_factor.deadline(request.user),
    }
    return render(request, "account/account.html", context)


@never_cache
@login_required
@require_safe
def sessions(request):
    """Where the person is logged in. Closing is done by `close_session`."""
    found = workflow.open_sessions(request.user, now=timezone.now())
    for session in found:
        session.device = device(session.user_agent)
    return render(request, "usersessions/usersession_list.html", {"sessions": found})


@login_required
@require_POST
def close_session(request, pk: int | None = None):
    """One session, or every one but this."""
    if pk is not None:
        get_object_or_404(UserSession, pk=pk, user=request.user)
    number = workflow.close_sessions(
        request.user,
        by=request.user,
        now=timezone.now(),
        only=pk,
        keep=request.session.session_key,
    )
    messages.success(
        request,
        ngettext("%(n)s connexion a été fermée.", "%(n)s connexions ont été fermées.", number)
        % {"n": number},
    )
    return redirect("usersessions_list")


@never_cache
@login_required
@require_safe
def export(request):
    """All that is held on the person, to keep or to take elsewhere."""
    data = export_account(request.user)
    options = {"ensure_ascii": False, "indent": 2}
    response = JsonResponse(data, json_dumps_params=options)
    response["Content-Disposition"] = 'attachment; filename="mes-donnees.json"'
    return response


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request):
    """The end, once the person has said what becomes of each shop that is theirs alone."""
    form = DeleteForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            workflow.delete_account(
                request.user,
                by=request.user,
                now=timezone.now(),
                heirs=form.heirs,
                closing=form.closing,
            )
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            logout(request)
            return redirect("account_deleted")
    return render(request, "account/delete.html", {"form": form})


@require_safe
def deleted(request):
    return render(request, "account/deleted.html")


@never_cache
@login_required
@require_safe
@reauthentication_required(app="allauth.mfa")
def recovery_codes(request):
    """The codes that are left. allauth's own page writes down that it was opened."""
    return render(request, "mfa/recovery_codes/index.html", {"unused_codes": _codes(request.user)})


@never_cache
@login_required
@require_safe
@reauthentication_required(app="allauth.mfa")
def recovery_codes_file(request):
    text = "\n".join(_codes(request.user)) + "\n"
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="codes-de-secours.txt"'
    return response


def _codes(user) -> list[str]:
    type_ = Authenticator.Type.RECOVERY_CODES
    return get_object_or_404(Authenticator, user=user, type=type_).wrap().get_unused_codes()


# allauth's own limit stands on the method that is replaced here.
@method_decorator(rate_limit(action="reset_password_from_key"), name="dispatch")
class ResetPasswordView(account_views.PasswordResetFromKeyView):
    """The page behind the link of a mail, which opens without writing anything.

    allauth moves the key into a session first, so that no foreign server sees it in a Referer; our
    pages load nothing foreign and send none (SECURE_REFERRER_POLICY).
    """

    def dispatch(self, request, uidb36, key, **kwargs):
        self.request, self.key = request, key
        token = UserTokenForm(data={"uidb36": uidb36, "key": key})
        if not token.is_valid():
            self.reset_user = None
            return self.render_to_response(self.get_context_data(token_fail=True))
        self.reset_user = token.reset_user
        somebody_else = request.user.is_authenticated and request.user != self.reset_user
        if request.method == "POST" and somebody_else:
            self.logout()
        return super(account_views.PasswordResetFromKeyView, self).dispatch(
            request, uidb36, key, **kwargs
        )

    def form_valid(self, form):
        response = super().form_valid(form)
        # Whoever knew the old password is out.
        workflow.close_sessions(self.reset_user, by=self.reset_user, now=timezone.now())
        return response


class _ClosesOtherSessions:
    """A session that was opened without the second factor does not outlive its making."""

    def form_valid(self, form):
        response = super().form_valid(form)
        user, kept = self.request.user, self.request.session.session_key
        workflow.close_sessions(user, by=user, now=timezone.now(), keep=kept)
        return response


class ActivateAppView(_ClosesOtherSessions, ActivateTOTPView):
    pass


class AddPasskeyView(_ClosesOtherSessions, AddWebAuthnView):
    pass


reset_password = never_cache(ResetPasswordView.as_view())
activate_app = ActivateAppView.as_view()
add_passkey = AddPasskeyView.as_view()
