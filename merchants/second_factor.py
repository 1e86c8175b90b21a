"""Who must have a second factor, and from when on: whoever works for a town hall.

Whoever has one has shown it: the door to every account asks for it, and sessions that are older
are closed when it is made (merchants/views/account.py).
"""

from datetime import datetime, timedelta

from django.conf import settings

TYPES = ("totp", "webauthn")


def has_second_factor(user) -> bool:
    """Recovery codes alone are none. One query."""
    return user.authenticator_set.filter(type__in=TYPES).exists()


def deadline(user) -> datetime | None:
    """Until when somebody of a town hall may work without one; None for everybody else.

    The days count from the first of the person's roles: a merchant of two years may be made an
    agent today. Administrators of the whole site, and whoever enters the back office without a
    role, count from the account's own beginning. Up to one query.
    """
    given = None
    if not user.is_superuser:
        given = user.commune_roles.order_by("since").values_list("since", flat=True).first()
    if given is None and (user.is_staff or user.is_superuser):
        given = user.date_joined
    return given and _end_of_grace(given)


def is_missing(user, *, now: datetime) -> bool:
    """Whether the doors of the town hall stay closed to somebody who works there.

    The demonstration, whose passwords are public, is exempt. Up to two queries; none in the first
    days of an account.
    """
    if settings.DEMO or now < _end_of_grace(user.date_joined):
        return False
    end = deadline(user)
    return end is not None and now >= end and not has_second_factor(user)


def _end_of_grace(start: datetime) -> datetime:
    return start + timedelta(days=settings.SECOND_FACTOR_GRACE_DAYS)
