"""People who work for town halls, for tests of the back office."""

import re

from post_office.models import Email

from merchants.models import Commune, User
from merchants.models.role import RoleKind
from merchants.workflow.roles import give_role
from tests.factories import NOW, make_user


def make_colleague(commune: Commune, role: str = "agent", **account) -> User:
    """Somebody with that role in the commune."""
    user = make_user(**account)
    give_role(user, commune, role=RoleKind(role), by=None, now=NOW)
    return user


def role_token() -> str:
    """That of the last letter that gives a role."""
    text = Email.objects.filter(message__contains="/equipe/").order_by("-pk").first().message
    return re.search(r"/mon-commerce/equipe/([^/\s]+)/", text)[1]
