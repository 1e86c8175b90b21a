"""Who must have a second factor to enter the town hall's back office, and from when on.

Whoever has one has shown it: the door to every account asks for it, and sessions that are older
are closed when it is made (merchants/views/account.py).
"""

from datetime import datetime, timedelta

from django.conf import settings

TYPES = ("totp", "webauthn")


def has_second_factor(user) -> bool:
    """Recovery codes alone are none. One query."""
    return user.authenticator_set.filter(type__in=TYPES).exists()


def deadline(user) -> datetime:
    """Until when somebody of a town hall may enter without one."""
    return user.date_joined + timedelta(days=settings.SECOND_FACTOR_GRACE_DAYS)


def is_missing(user, *, now: datetime) -> bool:
    """Whether the door stays closed; the demonstration, whose passwords are public, is exempt."""
    if settings.DEMO or not user.is_staff or now < deadline(user):
        return False
    return not has_second_factor(user)
