"""The demonstration's accounts: made by `manage.py load_demo`, told by the server's last line."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

# Known to everybody: these accounts are for one's own machine, never for a server.
PASSWORD = "commerce-local"
ACCOUNTS = {
    "mairie@example.fr": "agent de la mairie",
    "commerce@example.fr": "commerçante",
    "admin@example.fr": "administrateur du site",
}


def welcome() -> str:
    """Where to look and who can log in. One query; the connection is closed before any fork."""
    held = get_user_model().objects.filter(is_active=True, email__in=ACCOUNTS)
    emails = set(held.values_list("email", flat=True))
    connection.close()
    accounts = ", ".join(f"{email} ({role})" for email, role in ACCOUNTS.items() if email in emails)
    line = f"Démonstration : {settings.SITE_URL}/ – Ctrl-C pour arrêter."
    if accounts:
        line += f" Comptes (mot de passe « {PASSWORD} ») : {accounts}."
    return line + "\n"
