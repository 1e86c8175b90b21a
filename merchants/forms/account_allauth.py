"""django-allauth's forms, with our words: see ACCOUNT_FORMS and MFA_FORMS."""

from typing import ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkeys
from django.utils.translation import gettext_lazy as _

LABELS = {
    "login": _("Adresse électronique"),
    "email": _("Adresse électronique"),
    "password": _("Mot de passe"),
    "oldpassword": _("Mot de passe actuel"),
    "password1": _("Mot de passe"),
    "password2": _("Le même, une seconde fois"),
    "remember": _("Rester connecté sur cet appareil"),
    "code": _("Code"),
    "name": _("Nom de la clé"),
}
NEW_PASSWORD = _("Douze caractères au moins. Une suite de mots convient très bien.")


class OurWords:
    """Labels that stay beside what is typed, instead of placeholders.

    `words` are labels of one form that differ from those of the others.
    """

    words: ClassVar[dict[str, str]] = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = (LABELS | self.words).get(name, field.label)
        if "password1" in self.fields:
            self.fields["password1"].help_text = NEW_PASSWORD
        if "code" in self.fields:
            # Recovery codes are digits, too.
            self.fields["code"].widget.attrs["inputmode"] = "numeric"


class LoginForm(OurWords, account.LoginForm):
    pass


class SignupForm(OurWords, account.SignupForm):
    pass


class AddEmailForm(OurWords, account.AddEmailForm):
    words: ClassVar = {"email": _("Nouvelle adresse électronique")}


class ChangePasswordForm(OurWords, account.ChangePasswordForm):
    words: ClassVar = {"password1": _("Nouveau mot de passe")}


class SetPasswordForm(OurWords, account.SetPasswordForm):
    pass


class ResetPasswordForm(OurWords, account.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(OurWords, account.ResetPasswordKeyForm):
    words: ClassVar = {"password1": _("Nouveau mot de passe")}


class ReauthenticateForm(OurWords, account.ReauthenticateForm):
    pass


class AuthenticateForm(OurWords, mfa.AuthenticateForm):
    pass


class ReauthenticateByCodeForm(OurWords, mfa.ReauthenticateForm):
    pass


class ActivateAppForm(OurWords, totp.ActivateTOTPForm):
    pass


class AddPasskeyForm(OurWords, passkeys.AddWebAuthnForm):
    pass


class EditPasskeyForm(OurWords, passkeys.EditWebAuthnForm):
    pass
