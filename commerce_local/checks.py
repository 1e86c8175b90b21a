"""What production must set before it may start. Each refusal says what to do."""

import os
import sys
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from commerce_local.environment import env_text

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@register(Tags.security)
def production_settings(app_configs=None, **kwargs) -> list[Error]:
    """Errors of a production configuration; none at work (DEBUG) or in the demo (DEMO)."""
    if settings.DEBUG and settings.DEMO:
        return [_error(1, "DEBUG et DEMO sont actifs ensemble.", "Gardez l’un des deux.")]
    if settings.LOCAL:
        return _local_only()
    errors = []
    if len(settings.SECRET_KEY) < 50 or settings.SECRET_KEY.startswith("insecure"):
        errors.append(
            _error(
                2,
                "SECRET_KEY manque ou compte moins de 50 caractères.",
                "Donnez une valeur tirée au sort\u00a0: "
                'python -c "import secrets; print(secrets.token_urlsafe(50))"',
            )
        )
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        errors.append(
            _error(
                3,
                "ALLOWED_HOSTS doit nommer les domaines du site.",
                "Par exemple ALLOWED_HOSTS=commerces.ville.fr",
            )
        )
    if urlsplit(settings.SITE_URL).scheme not in {"http", "https"}:
        errors.append(
            _error(
                4,
                "SITE_URL manque\u00a0: les courriels et les données ouvertes donnent des adresses "
                "complètes.",
                "Par exemple SITE_URL=https://commerces.ville.fr",
            )
        )
    if "@" not in settings.CONTACT_EMAIL:
        errors.append(
            _error(
                5,
                "CONTACT_EMAIL manque\u00a0: la page des mentions légales doit dire à qui écrire.",
                "Par exemple CONTACT_EMAIL=commerces@ville.fr",
            )
        )
    if not settings.EMAIL_HOST:
        errors.append(
            _error(
                6,
                "EMAIL_URL manque ou n’est pas compris\u00a0: sans courriel, "
                "personne ne peut créer "
                "de compte.",
                "Par exemple EMAIL_URL=smtp+tls://compte:motdepasse@smtp.ville.fr:587",
            )
        )
    elif settings.EMAIL_HOST_PASSWORD and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        errors.append(
            _error(
                7,
                "EMAIL_URL enverrait le mot de passe en clair.",
                "Écrivez smtp+tls://… (port 587) ou smtps://… (port 465).",
            )
        )
    return errors


@register(Tags.files)
def folders(app_configs=None, **kwargs) -> list[CheckMessage]:
    """A warning where a folder is not there, or not to be read: the site does without it."""
    folder = settings.SIRENE_DIR
    if folder is None or (os.path.isdir(folder) and os.access(folder, os.R_OK | os.X_OK)):  # noqa: PTH112
        return []
    return [
        Warning(
            f"SIRENE_DIR ne nomme pas un dossier lisible\u00a0: {folder}.",
            hint="Créez-le, lisible du site, ou laissez SIRENE_DIR vide.",
            id="commerce_local.W001",
        )
    ]


def _local_only() -> list[Error]:
    """The demo's passwords are published, and DEBUG shows the settings: this machine only."""
    hosts = [*settings.ALLOWED_HOSTS, urlsplit(settings.SITE_URL).hostname or "localhost"]
    foreign = [host for host in hosts if host.strip("[]") not in LOOPBACK]
    bind = env_text("BIND")
    if (
        bind
        and not bind.startswith("unix:")
        and bind.rpartition(":")[0].strip("[]") not in LOOPBACK
    ):
        foreign.append(bind)
    if not foreign:
        return []
    return [
        _error(
            6,
            f"DEBUG et DEMO ne servent que cette machine, et {foreign[0]} n’en est pas.",
            "Retirez DEBUG et DEMO, ou gardez 127.0.0.1 et localhost.",
        )
    ]


def refuse_dangerous_start() -> None:
    """Ends the process with the sentences of `production_settings`, where there are any.

    A WSGI server runs no system check by itself.
    """
    errors = production_settings()
    if errors:
        sys.exit("\n".join(f"{error.id}\u00a0: {error.msg} {error.hint}" for error in errors))


def _error(number: int, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"commerce_local.E{number:03}")
