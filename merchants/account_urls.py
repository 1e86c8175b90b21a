"""Addresses of accounts, in French; django-allauth's names, by which it finds them, are kept."""

from allauth.account import views as allauth
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path

from merchants.views import account

# For everybody: allauth sends people who are logged in to their account.
entrance = [
    path("connexion/", allauth.login, name="account_login"),
    path("connexion/code/", mfa.authenticate, name="mfa_authenticate"),
    path("inscription/", allauth.signup, name="account_signup"),
    path("inactif/", allauth.account_inactive, name="account_inactive"),
    path(
        "adresse/a-verifier/",
        allauth.email_verification_sent,
        name="account_email_verification_sent",
    ),
    path("adresse/verifier/<str:key>/", allauth.confirm_email, name="account_confirm_email"),
    path("mot-de-passe/oublie/", allauth.password_reset, name="account_reset_password"),
    path(
        "mot-de-passe/oublie/envoye/",
        allauth.password_reset_done,
        name="account_reset_password_done",
    ),
    re_path(
        r"^mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.reset_password,
        name="account_reset_password_from_key",
    ),
    path(
        "mot-de-passe/nouveau/fait/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("supprime/", account.deleted, name="account_deleted"),
]

# For people who are logged in: each of these views sends others to the door.
members = [
    path("", account.account, name="account"),
    path("deconnexion/", allauth.logout, name="account_logout"),
    path("confirmer/", allauth.reauthenticate, name="account_reauthenticate"),
    path("adresse/", allauth.email, name="account_email"),
    path("mot-de-passe/", allauth.password_change, name="account_change_password"),
    path("mot-de-passe/choisir/", allauth.password_set, name="account_set_password"),
    path("connexions/", account.sessions, name="usersessions_list"),
    path("connexions/fermer/", account.close_session, name="close_other_sessions"),
    path("connexions/<int:pk>/fermer/", account.close_session, name="close_session"),
    path("mes-donnees.json", account.export, name="account_export"),
    path("supprimer/", account.delete, name="account_delete"),
    path("securite/", mfa.index, name="mfa_index"),
    path("securite/confirmer/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("securite/application/", account.activate_app, name="mfa_activate_totp"),
    path("securite/application/retirer/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("securite/codes/", account.recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "securite/codes/nouveaux/",
        codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("securite/codes.txt", account.recovery_codes_file, name="mfa_download_recovery_codes"),
    path("securite/cles/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("securite/cles/ajouter/", account.add_passkey, name="mfa_add_webauthn"),
    path(
        "securite/cles/confirmer/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("securite/cles/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("securite/cles/<int:pk>/retirer/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
]

urlpatterns = entrance + members
