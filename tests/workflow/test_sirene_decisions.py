"""What an agent decides about SIRENE's cases; a business that does not want to be listed."""

from datetime import date

import pytest

from merchants.models import Objection, Shop, ShopStatus, SireneCase
from merchants.models.history import Action, Capacity
from merchants.workflow import WorkflowError
from merchants.workflow.sirene import find_cases
from merchants.workflow.sirene_decisions import (
    ERASE,
    accept_closed,
    accept_successor,
    accept_unlisted,
    dismiss,
    lift_objection,
    object_to_listing,
    take_number,
    withdraw_listing,
)
from tests.factories import NOW, make_commune, make_member, make_shop, make_user
from tests.sirene import company, make_agent, make_bakery, make_case, number

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    make_bakery()
    return make_commune(insee_code="92073")


@pytest.fixture
def agent(commune):
    return make_agent(commune)


@pytest.fixture
def act(agent):
    return {"by": agent, "now": NOW}


def decided(case: SireneCase) -> tuple:
    case.refresh_from_db()
    return case.status, case.decided_by, case.decided_at


class TestUnlisted:
    def test_makes_a_listing_to_complete(self, commune, agent, act):
        case = make_case(commune, house_number="12 bis", address_extra="Bâtiment A")
        shop = Shop.objects.get(pk=accept_unlisted(case, **act).pk)
        assert (shop.commune, shop.name, shop.siret, shop.main_category) == (
            commune, "Le Fournil de Mamie", number(1), make_bakery()
        )  # fmt: skip
        assert (shop.house_number, shop.street, shop.address_extra) == (
            "12 bis", "rue de la Paix", "Bâtiment A"
        )  # fmt: skip
        assert (shop.postcode, shop.city, shop.point) == ("92150", "Suresnes", None)
        assert (shop.status, shop.on_behalf) == (ShopStatus.PENDING, True)
        assert (shop.source, shop.source_id) == ("sirene", number(1))
        entry = shop.history.get()
        assert (entry.action, entry.by, entry.capacity) == (
            Action.CREATE, agent, Capacity.TOWN_HALL
        )  # fmt: skip
        assert decided(case) == ("done", agent, NOW)
        assert case.shop == shop

    def test_under_the_name_that_the_agent_knows(self, commune, act):
        assert accept_unlisted(make_case(commune), **act, name="  Au  bon pain ").name == (
            "Au bon pain"
        )

    def test_without_a_name_is_refused(self, commune, act):
        case = make_case(commune, name="")
        with pytest.raises(WorkflowError, match="écrivez-le"):
            accept_unlisted(case, **act)
        assert decided(case)[0] == "waiting"
        assert not Shop.objects.exists()

    def test_without_a_category_makes_a_draft(self, commune, act):
        shop = accept_unlisted(make_case(commune, category=None, naf="96.09Z"), **act)
        assert (shop.status, shop.on_behalf) == (ShopStatus.DRAFT, True)

    def test_that_was_registered_meanwhile(self, commune, act):
        case = make_case(commune)
        make_shop(siret=number(1), status="pending")
        with pytest.raises(WorkflowError, match="déjà ce SIRET"):
            accept_unlisted(case, **act)
        assert decided(case)[0] == "waiting"

    def test_is_not_proposed_again(self, commune, act):
        accept_unlisted(make_case(commune), **act)
        assert find_cases(commune, [company()], now=NOW, complete=True).new == 0


class TestClosed:
    @pytest.mark.parametrize(
        ("status", "after"),
        [("published", "closed"), ("suspended", "closed"), ("pending", "refused"),
         ("closed", "closed")],
    )  # fmt: skip
    def test_closes_the_listing(self, commune, agent, act, status, after):
        shop = make_shop(siret=number(1), status=status)
        case = make_case(commune, "closed", shop=shop, since=date(2026, 3, 1))
        accept_closed(case, **act)
        shop.refresh_from_db()
        assert shop.status == after
        assert decided(case) == ("done", agent, NOW)

    def test_a_registration_is_told_why(self, commune, act):
        shop = make_shop(siret=number(1), status="pending")
        accept_closed(make_case(commune, "closed", shop=shop, since=date(2026, 3, 1)), **act)
        assert shop.history.get(action="refuse").reason == (
            "D’après SIRENE, cet établissement est fermé depuis le 1er mars 2026."
        )


class TestSuccessor:
    @pytest.fixture
    def old(self, commune):
        return make_shop("Chez Paul", siret=number(1))

    @pytest.fixture
    def case(self, commune, old):
        return make_case(commune, "successor", n=2, shop=old)

    def test_closes_one_and_makes_the_other(self, old, case, agent, act):
        new = accept_successor(case, **act, name="Au bon pain")
        old.refresh_from_db()
        assert (old.status, old.successor) == (ShopStatus.CLOSED, "Au bon pain")
        assert (new.name, new.siret, new.status) == ("Au bon pain", number(2), "pending")
        assert decided(case) == ("done", agent, NOW)
        assert case.shop == old

    def test_all_or_nothing(self, old, case, act):
        make_shop(siret=number(2))
        with pytest.raises(WorkflowError, match="déjà ce SIRET"):
            accept_successor(case, **act)
        old.refresh_from_db()
        assert (old.status, decided(case)[0]) == (ShopStatus.PUBLISHED, "waiting")

    def test_or_closes_only(self, old, case, act):
        accept_closed(case, **act)
        old.refresh_from_db()
        assert (old.status, Shop.objects.count()) == (ShopStatus.CLOSED, 1)

    def test_or_is_the_same_shop(self, old, case, agent, act):
        take_number(case, **act)
        old.refresh_from_db()
        assert (old.siret, old.status) == (number(2), ShopStatus.PUBLISHED)
        assert old.history.first().changes == {"siret": [number(1), number(2)]}
        assert decided(case) == ("done", agent, NOW)


class TestWhoAndOnce:
    def test_dismissed(self, commune, agent, act):
        case = make_case(commune)
        dismiss(case, **act)
        assert decided(case) == ("dismissed", agent, NOW)
        assert find_cases(commune, [company()], now=NOW, complete=True).new == 0

    @pytest.mark.parametrize("second", [dismiss, accept_unlisted])
    def test_the_second_of_two_agents_is_told(self, commune, act, second):
        case = make_case(commune)
        accept_unlisted(case, **act)
        with pytest.raises(WorkflowError, match="Un collègue a déjà traité cette ligne"):
            second(case, by=make_agent(commune), now=NOW)
        assert Shop.objects.count() == 1

    @pytest.mark.parametrize("who", ["helper", "agent elsewhere", "merchant"])
    def test_others_decide_nothing(self, commune, who):
        elsewhere = make_commune("Garches")
        case = make_case(commune)
        by = make_user() if who == "merchant" else make_agent(
            elsewhere if "elsewhere" in who else commune, who.split()[0]
        )  # fmt: skip
        for decision in (accept_unlisted, dismiss):
            with pytest.raises(WorkflowError, match="ne permet pas"):
                decision(case, by=by, now=NOW)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            object_to_listing(number(1), commune, by=by, now=NOW)
        assert (decided(case)[0], Shop.objects.count(), Objection.objects.count()) == (
            "waiting", 0, 0
        )  # fmt: skip

    def test_a_decision_of_another_kind(self, commune, act):
        shop = make_shop()
        for case, decision in (
            (make_case(commune), accept_closed),
            (make_case(commune, "closed", n=2, shop=shop), accept_unlisted),
            (make_case(commune, "closed", n=3, shop=shop), take_number),
        ):
            with pytest.raises(WorkflowError, match="ne va pas"):
                decision(case, **act)


class TestObjection:
    def test_is_never_proposed_again(self, commune, agent, act):
        case = make_case(commune)
        object_to_listing(number(1), commune, **act)
        object_to_listing(number(1), commune, **act)
        objection = Objection.objects.get()
        assert (objection.siret, objection.commune, objection.by, objection.at) == (
            number(1), commune, agent, NOW
        )  # fmt: skip
        assert decided(case)[0] == "dismissed"
        SireneCase.objects.all().delete()
        assert find_cases(commune, [company()], now=NOW, complete=True).objected == 1

    @pytest.mark.parametrize(
        ("status", "after"),
        [("published", "suspended"), ("pending", "refused"), ("suspended", "suspended")],
    )
    def test_hides_the_listing(self, commune, act, status, after):
        shop = make_shop(siret=number(1), status=status)
        object_to_listing(number(1), commune, **act)
        shop.refresh_from_db()
        assert shop.status == after

    def test_erases_it_as_the_business_wishes(self, commune, act):
        make_shop(siret=number(1))
        object_to_listing(number(1), commune, **act, wish=ERASE)
        assert not Shop.objects.exists()
        assert Objection.objects.exists()

    def test_what_somebody_keeps_is_hidden_and_not_erased(self, commune, act):
        shop = make_shop(siret=number(1))
        make_member(shop)
        with pytest.raises(WorkflowError, match="Quelqu’un tient cette fiche"):
            object_to_listing(number(1), commune, **act, wish=ERASE)
        assert not Objection.objects.exists()
        object_to_listing(number(1), commune, **act)
        shop.refresh_from_db()
        assert shop.status == ShopStatus.SUSPENDED

    def test_a_listing_that_others_were_merged_into_is_not_erased(self, commune, act):
        shop, other = make_shop(), make_shop()
        Shop.objects.filter(pk=other.pk).update(status="merged", merged_into=shop)
        with pytest.raises(WorkflowError, match="fusionnée"):
            withdraw_listing(shop, **act, wish=ERASE)

    @pytest.mark.parametrize(("siret", "said"), [("", "Donnez le SIRET"), ("123", "14 chiffres")])
    def test_needs_a_number(self, commune, act, siret, said):
        with pytest.raises(WorkflowError, match=said):
            object_to_listing(siret, commune, **act)

    def test_may_be_lifted(self, commune, act):
        lift_objection(object_to_listing(number(1), commune, **act), **act)
        assert find_cases(commune, [company()], now=NOW, complete=True).unlisted == 1

    def test_no_listing_is_made_against_it(self, commune, act):
        case = make_case(commune)
        Objection.objects.create(siret=number(1), commune=commune, at=NOW)
        with pytest.raises(WorkflowError, match="ne souhaite pas"):
            accept_unlisted(case, **act)
