"""Two agents, or two runs, at once. With PostgreSQL, in threads that wait for real locks."""

import pytest

from merchants.models import Objection, Shop, SireneCase
from merchants.workflow.sirene import find_cases
from merchants.workflow.sirene_decisions import accept_unlisted, dismiss, object_to_listing
from tests.factories import NOW, make_commune
from tests.sirene import company, make_agent, make_bakery, make_case, number
from tests.workflow.test_together import sentences, together

__all__ = ["together"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def commune():
    make_bakery()
    return make_commune(insee_code="92073")


@pytest.mark.parametrize("other", [accept_unlisted, dismiss])
def test_one_case(together, commune, other):
    case, one, two = make_case(commune), make_agent(commune), make_agent(commune)
    results = together(
        lambda: accept_unlisted(case, by=one, now=NOW), lambda: other(case, by=two, now=NOW)
    )
    assert sentences(results) == ["Un collègue a déjà traité cette ligne."]
    case.refresh_from_db()
    assert case.status in {"done", "dismissed"}
    assert Shop.objects.count() == (case.status == "done")


def test_one_objection(together, commune):
    one, two = make_agent(commune), make_agent(commune)
    results = together(
        lambda: object_to_listing(number(1), commune, by=one, now=NOW),
        lambda: object_to_listing(number(1), commune, by=two, now=NOW),
    )
    assert sentences(results) == []
    assert Objection.objects.count() == 1


def test_two_runs(together, commune):
    stock = [company(n, name=f"X{n}", house_number=str(n)) for n in range(20)]

    def run():
        return find_cases(commune, stock, now=NOW, complete=True)

    assert sentences(together(run, run)) == []
    assert SireneCase.objects.count() == 20
