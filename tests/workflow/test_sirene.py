"""What SIRENE and the directory of a commune say, beside each other."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchants.models import Objection, Shop, ShopStatus, SireneCase
from merchants.models.sirene import SireneStatus
from merchants.workflow.sirene import Activities, Found, find_cases
from tests.factories import NOW, make_category, make_commune, make_member, make_shop
from tests.sirene import closed, company, make_bakery, make_case, number

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    make_bakery()
    return make_commune(insee_code="92073")


@pytest.fixture
def find(commune):
    def find(*companies, complete=True, now=NOW, **options) -> Found:
        return find_cases(commune, companies, now=now, complete=complete, **options)

    return find


def cases() -> list[tuple[str, str, int | None]]:
    return [(c.kind, c.siret, c.shop_id) for c in SireneCase.objects.order_by("pk")]


def listed(name: str = "Autre enseigne", **fields) -> Shop:
    """A live listing of a bakery at 12 rue de la Paix."""
    fields = {"house_number": "12", "street": "rue de la Paix", "category": make_bakery()} | fields
    return make_shop(name, **fields)


class TestUnlisted:
    def test_is_a_case_with_what_the_register_says(self, find, commune):
        assert find(company(trade_name="L EPI D OR", house_number="12 B")) == Found(unlisted=1)
        case = SireneCase.objects.get()
        assert (case.commune, case.kind, case.shop, case.siret) == (
            commune, "unlisted", None, number(1)
        )  # fmt: skip
        assert (case.name, case.house_number, case.street, case.postcode) == (
            "L’Epi d’Or", "12 b", "rue de la Paix", "92150"
        )  # fmt: skip
        assert (case.naf, case.category, case.since) == (
            "10.71C", make_bakery(), date(2024, 3, 1)
        )  # fmt: skip
        assert (case.status, case.found_at) == ("waiting", NOW)
        assert not Shop.objects.exists()

    @pytest.mark.parametrize(
        "other",
        [{"naf": "62.01Z"}, {"naf": ""}, {"is_open": False}, {"commune_code": "92062"},
         {"partial_diffusion": True}],
    )  # fmt: skip
    def test_is_not(self, find, other):
        assert find(company(**other)).new == 0
        assert cases() == []

    def test_activities_under_which_hardly_anybody_is_a_shop_are_left(self, find):
        make_category("Poste", naf_codes=["53.10Z", "53.20Z"])
        assert find(company(naf="53.20Z"), company(2, naf="53.10Z")).unlisted == 1

    @pytest.mark.parametrize("group", [False, True])
    def test_a_category_that_the_town_does_not_show_is_left(self, find, commune, group):
        bakery = make_bakery()
        commune.hidden_categories.add(bakery.parent if group else bakery)
        assert find(company()) == Found(hidden=1)

    @pytest.mark.parametrize("status", ["published", "pending", "suspended", "closed", "refused"])
    def test_a_number_that_a_listing_has(self, find, status):
        listed(siret=number(1), status=status, street="rue Basse")
        assert find(company()) == Found(listed=1)

    def test_a_like_name_in_the_same_street(self, find):
        listed("Fournil de Mamie", house_number="")
        assert find(company()) == Found(listed=1)

    def test_a_like_name_of_a_listing_without_a_place(self, find):
        listed("Fournil de Mamie", house_number="", street="", point=None, service_area="Suresnes")
        assert find(company()) == Found(listed=1)

    def test_a_like_name_elsewhere_is_another_shop(self, find):
        listed("Fournil de Mamie", street="avenue Foch")
        assert find(company()).unlisted == 1

    def test_the_same_place_and_trade_may_be_known_by_its_sign(self, find):
        """The register knows "SARL Dupont", the listing "Au bon pain", written after it opened."""
        listed("Au bon pain", house_number="12", street="r. de la Paix")
        assert find(company(name="SARL DUPONT")) == Found(listed=1)

    @pytest.mark.parametrize(
        "other",
        [{"house_number": "14"}, {"house_number": ""}, {"house_number": "12 bis"},
         {"siret": number(7)}],
    )  # fmt: skip
    def test_the_neighbours_are_others(self, find, other):
        listed("Au bon pain", **other)
        assert find(company(name="SARL DUPONT"), complete=False).unlisted == 1

    def test_what_closed_makes_room(self, find):
        listed("Fournil de Mamie", status=ShopStatus.CLOSED)
        assert find(company()).unlisted == 1

    def test_an_objection_is_kept(self, find, commune):
        Objection.objects.create(siret=number(1), commune=commune, at=NOW)
        assert find(company()) == Found(objected=1)


class TestClosed:
    def test_is_a_case_about_the_listing(self, find):
        shop = listed(siret=number(1))
        assert find(closed()) == Found(closed=1)
        assert cases() == [("closed", number(1), shop.pk)]
        assert SireneCase.objects.get().since == date(2026, 3, 1)
        shop.refresh_from_db()
        assert (shop.status, shop.version) == (ShopStatus.PUBLISHED, 1)

    @pytest.mark.parametrize(
        "register", [company(), closed(2), closed(partial_diffusion=True)],
    )  # fmt: skip
    def test_is_not(self, find, register):
        listed(siret=number(1))
        assert find(register).closed == 0

    @pytest.mark.parametrize("status", ["closed", "refused", "draft"])
    def test_a_listing_that_is_not_live_has_nothing_to_close(self, find, status):
        listed(siret=number(1), status=status)
        assert find(closed()).new == 0


class TestSuccessor:
    def test_one_case_for_a_closing_and_an_opening(self, find):
        shop = listed("Chez Paul", siret=number(1))
        newcomer = company(2, since=date(2026, 4, 1))
        assert find(closed(), newcomer) == Found(successor=1)
        assert cases() == [("successor", number(2), shop.pk)]

    def test_whatever_the_order(self, find):
        listed("Chez Paul", siret=number(1))
        assert find(company(2, since=date(2025, 9, 1)), closed()) == Found(successor=1)

    def test_comes_months_after_the_closing(self, find):
        shop = listed("Chez Paul", siret=number(1))
        assert find(closed()) == Found(closed=1)
        newcomer = company(2, since=date(2026, 10, 1))
        found = find(closed(), newcomer, now=NOW + timedelta(days=30))
        assert found == Found(successor=1, known=1)
        assert cases() == [("successor", number(2), shop.pk)]
        assert find(closed(), newcomer).new == 0

    @pytest.mark.parametrize(
        "other", [{"house_number": "14"}, {"naf": "56.10A"}, {"since": date(2019, 1, 1)}]
    )
    def test_somebody_else_is_none(self, find, other):
        make_category("Restaurant", naf_codes=["56.10A"])
        listed("Chez Paul", siret=number(1))
        found = find(closed(), company(2, **{"since": date(2026, 4, 1)} | other))
        assert (found.closed, found.successor, found.unlisted) == (1, 0, 1)

    def test_the_same_shop_under_a_new_number(self, find):
        shop = listed("Fournil de Mamie", siret=number(1), house_number="")
        assert find(closed(), company(2, since=date(2026, 4, 1))) == Found(successor=1)
        assert cases() == [("successor", number(2), shop.pk)]

    @pytest.mark.parametrize("siret", ["", number(5)])
    def test_of_a_listing_whose_number_is_not_known(self, find, siret):
        shop = listed("Chez Paul", siret=siret)
        newcomer = company(2, since=NOW.date() + timedelta(days=400))
        assert find(newcomer) == Found(successor=1)
        assert cases() == [("successor", number(2), shop.pk)]

    def test_an_incomplete_list_says_nothing_about_a_number(self, find):
        listed("Chez Paul", siret=number(5))
        newcomer = company(2, since=NOW.date() + timedelta(days=400))
        assert find(newcomer, complete=False) == Found(unlisted=1)

    def test_two_newcomers(self, find):
        shop = listed("Chez Paul", siret=number(1))
        two = [company(n, name=name, since=date(2026, 4, 1)) for n, name in ((2, "A"), (3, "B"))]
        assert find(closed(), *two) == Found(successor=1, unlisted=1)
        assert cases() == [("successor", number(2), shop.pk), ("unlisted", number(3), None)]


class TestAgain:
    def test_a_second_run_adds_nothing(self, find):
        listed("Chez Paul", siret=number(1))
        listed("Chez Luc", siret=number(3), street="rue Basse")
        stock = [closed(), company(2, since=date(2026, 4, 1)), closed(3),
                 company(4, house_number="30")]  # fmt: skip
        assert find(*stock) == Found(successor=1, closed=1, unlisted=1)
        before = cases()
        assert find(*stock, now=NOW + timedelta(days=1)).new == 0
        assert cases() == before

    def test_what_was_decided_stays_decided(self, find):
        listed("Chez Paul", siret=number(1))
        listed("Chez Luc", siret=number(3), street="rue Basse")
        stock = [closed(), company(2, since=date(2026, 4, 1)), closed(3),
                 company(4, house_number="30")]  # fmt: skip
        find(*stock)
        SireneCase.objects.update(status=SireneStatus.DISMISSED, decided_at=NOW)
        assert find(*stock) == Found(known=4)

    def test_what_has_settled_itself_is_forgotten(self, find, commune):
        registered, gone = company(5, house_number="50"), company(6, house_number="60")
        shop = listed("Chez Paul", siret=number(1))
        find(closed(), registered, gone)
        assert len(cases()) == 3
        listed("Inscrit depuis", siret=number(5), house_number="50")
        Shop.objects.filter(pk=shop.pk).update(status=ShopStatus.CLOSED)
        assert find(closed(), registered, closed(6)).new == 0
        assert cases() == []

    def test_a_trial_leaves_nothing(self, find):
        assert find(company(), keep=False) == Found(unlisted=1)
        assert cases() == []

    def test_another_town_s_case_is_not_touched(self, find):
        other = make_commune("Puteaux", insee_code="92062")
        make_case(other, n=9)
        find(closed(9), company())
        assert len(cases()) == 2


def test_queries_do_not_grow_with_the_companies(find):
    counts = []
    for number_of in (5, 50):
        shops = [listed(f"Fiche {n}", siret=number(1000 + n), house_number=str(n))
                 for n in range(number_of)]  # fmt: skip
        rows = [closed(1000 + n) for n in range(number_of)]
        rows += [company(n, name=f"X{n}", house_number=f"{n}", street="RUE BASSE")
                 for n in range(number_of)]  # fmt: skip
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert find(*rows).new == 2 * number_of
        counts.append(len(queries))
        SireneCase.objects.all().delete()
        Shop.objects.filter(pk__in=[shop.pk for shop in shops]).delete()
    assert counts == [counts[0]] * 2
    assert counts[0] <= 25


def test_codes_that_are_asked_for(commune):
    hidden = make_category("Taxi", naf_codes=["49.32Z"])
    make_category("Poste", naf_codes=["53.10Z", "53.20Z", "?"])
    commune.hidden_categories.add(hidden)
    assert Activities(commune).codes() == ["10.71C", "47.24Z", "53.10Z"]


def test_a_draft_that_a_merchant_has_begun_keeps_no_number(find):
    make_member(listed("Fournil de Mamie", siret=number(1), status="draft"))
    assert find(company()) == Found(unlisted=1)


def test_a_draft_of_the_town_hall_is_a_listing(find):
    listed("Fournil de Mamie", siret=number(1), status="draft")
    assert find(company()) == Found(listed=1)
