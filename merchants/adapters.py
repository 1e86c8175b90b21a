"""Where django-allauth meets this site: its mails, messages and the numbers of its visitors."""

import logging

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.httpkit import get_client_ip
from django.contrib.auth.hashers import make_password
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from merchants.user_agent import device
from merchants.workflow.mail_queue import write_mail

logger = logging.getLogger(__name__)

# What allauth calls a mail -> our template. All of these hold a link that is its reader's alone.
LETTERS = {
    "account/email/email_confirmation": "mail/account_confirm.txt",
    "account/email/email_confirmation_signup": "mail/account_confirm.txt",
    "account/email/account_already_exists": "mail/account_exists.txt",
    "account/email/password_reset_key": "mail/account_reset.txt",
    "account/email/unknown_account": "mail/account_unknown.txt",
}
# The same for what happened to an account: subject, and what was done.
NOTICES = {
    "account/email/email_confirm": _("Votre adresse électronique a été vérifiée."),
    "account/email/email_changed": _("L’adresse électronique de votre compte a changé."),
    "account/email/email_deleted": _("Une adresse électronique a été retirée de votre compte."),
    "account/email/password_changed": _("Votre mot de passe a été changé."),
    "account/email/password_reset": _("Votre mot de passe a été changé."),
    "account/email/password_set": _("Un mot de passe a été choisi pour votre compte."),
    "mfa/email/recovery_codes_generated": _("De nouveaux codes de secours ont été créés."),
    "mfa/email/totp_activated": _("La double authentification par application est activée."),
    "mfa/email/totp_deactivated": _("La double authentification par application est désactivée."),
    "mfa/email/webauthn_added": _("Une clé d’accès a été ajoutée à votre compte."),
    "mfa/email/webauthn_removed": _("Une clé d’accès a été retirée de votre compte."),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("L’adresse ou le mot de passe ne convient pas."),
        "incorrect_password": _("Ce mot de passe ne convient pas."),
        "incorrect_code": _("Ce code ne convient pas, ou il a expiré."),
        "too_many_login_attempts": _(
            "Trop d’essais sans succès. Réessayez dans quelques minutes, "
            "ou demandez un nouveau mot de passe."
        ),
    }

    def render_mail(self, template_prefix, email, context, headers=None):
        if template_prefix in LETTERS:
            return write_mail(LETTERS[template_prefix], to=email, context=context, private=True)
        context = context | {
            "notice": NOTICES[template_prefix],
            "user_agent": device(context["user_agent"]),
        }
        return write_mail("mail/account_notice.txt", to=email, context=context)

    def send_account_already_exists_mail(self, email):
        # A new account costs the time to hash its password; a known address takes as long.
        make_password(get_random_string(20))
        super().send_account_already_exists_mail(email)

    def get_client_ip(self, request):
        """Behind a proxy that does not say who asks, all visitors share one number, and so the
        limits of attempts: docs/deploiement.md says which header the proxy has to set."""
        address = get_client_ip(request)
        if not address:
            logger.warning("no X-Forwarded-For: attempts are limited for all visitors at once")
        return address or "0.0.0.0"
