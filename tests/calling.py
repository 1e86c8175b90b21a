"""Calls and reports, and who makes them: for the tests of what keeps listings true."""

from datetime import datetime

from merchants.models import Call, Report, Shop, User
from merchants.workflow import calls, reports
from merchants.workflow.calls import Seen
from merchants.workflow.roles import give_role
from tests.factories import NOW, make_user

PHONE = "+33147510102"


def make_agent(shop: Shop, *, role: str = "agent", **account) -> User:
    """Somebody of the town hall of that shop's commune."""
    user = make_user(**account)
    give_role(user, shop.commune, role=role, by=None, now=NOW)
    return user


def seen(shop: Shop) -> Seen:
    """What a page that is opened now shows."""
    last = shop.calls.first()
    return Seen(Shop.objects.get(pk=shop.pk).version, last.pk if last else 0)


def make_call(shop: Shop, *, by: User | None = None, now: datetime = NOW) -> Call:
    """One without answer."""
    return calls.no_answer(shop, by=by or make_agent(shop), now=now, seen=seen(shop))


def make_report(shop: Shop, *, kind: str = "hours", now: datetime = NOW, **values) -> Report:
    return reports.make(shop, kind=kind, now=now, **values)
