"""The last line of `make run`: where to look, and who can log in."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

from merchants.management.commands.load_demo import EMAIL, PASSWORD


def welcome() -> str:
    """One query; the connection is closed, since the server forks after that."""
    line = f"Démonstration\u00a0: {settings.SITE_URL}/ (Ctrl-C pour arrêter)."
    if get_user_model().objects.filter(is_active=True, email=EMAIL).exists():
        line += (
            f" Mairie\u00a0: {settings.SITE_URL}/mairie/, compte {EMAIL}, mot de passe {PASSWORD}."
        )
    connection.close()
    return line + "\n"
