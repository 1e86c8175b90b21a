"""The last line of `make run`: where to look, and who can log in."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

from merchants.management.commands.load_demo import (
    EMAIL,
    MERCHANT_EMAIL,
    MERCHANT_PASSWORD,
    PASSWORD,
    TEAM,
)

ACCOUNTS = [
    ("Mairie", "/mairie/", EMAIL, PASSWORD),
    ("Commerçante", "/compte/", MERCHANT_EMAIL, MERCHANT_PASSWORD),
    *(
        (
            name.removesuffix(" (démonstration)"),
            "/mon-commerce/aider/" if role == "helper" else "/mairie/",
            email,
            password,
        )
        for email, password, name, role in TEAM
    ),
]


def welcome() -> str:
    """One query; the connection is closed, since the server forks after that."""
    users = get_user_model().objects.filter(is_active=True)
    known = set(users.values_list("email", flat=True).filter(email__in=[a[2] for a in ACCOUNTS]))
    connection.close()
    line = f"Démonstration\u00a0: {settings.SITE_URL}/ (Ctrl-C pour arrêter)."
    for name, path, email, password in ACCOUNTS:
        if email in known:
            line += (
                f" {name}\u00a0: {settings.SITE_URL}{path}, compte {email}, mot "
                f"de passe {password}."
            )
    if settings.MAIL_FOLDER:
        line += f" Courriels\u00a0: {settings.MAIL_FOLDER}."
    return line + "\n"
