"""Changes by the people of a shop: live or proposed, stale pages, second clicks."""

from datetime import date

import pytest

from merchants.models import Commune, HistoryEntry, Proposal, Shop, ShopMember
from merchants.models.commune import EditPolicy
from merchants.opening_hours import HolidayRule, Period, Schedule
from merchants.workflow import Conflict, WorkflowError
from merchants.workflow.closures import add_holiday
from merchants.workflow.edit import edit_listing, pending_proposal, with_proposal
from merchants.workflow.listing import Listing, Service
from merchants.workflow.roles import give_role
from merchants.workflow.values import plain, with_values
from tests.factories import make_category, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop("Le Fournil", hours="Mo-Fr 09:00-18:00", description="Du pain")


@pytest.fixture
def owner(shop):
    return make_member(shop)


@pytest.fixture
def edit(shop, owner, now):
    """Edits from a page that was just opened, unless `version` says otherwise."""

    def edit(*, version: int | None = None, agreed: int | None = None, by=None, **changes):
        current = Shop.objects.get(pk=shop.pk).version
        return edit_listing(
            shop,
            changes,
            by=by or owner,
            expected_version=current if version is None else version,
            agreed=agreed,
            now=now,
        )

    return edit


def held(shop) -> Shop:
    return Shop.objects.get(pk=shop.pk)


def last(shop) -> HistoryEntry:
    return HistoryEntry.objects.filter(shop=shop).first()


class TestFreeFields:
    def test_are_live_at_once_and_told_in_the_history(self, shop, owner, edit, now):
        version = Commune.objects.get().version
        came = edit(description="Du pain bio", phone="01 47 51 01 02")
        assert came.live == {
            "description": ["Du pain", "Du pain bio"],
            "phone": ["", "+33147510102"],
        }
        assert not came.proposed
        assert held(shop).description == "Du pain bio"
        assert list(Shop.objects.matching("bio")) == [shop]
        assert Commune.objects.get().version == version + 1
        entry = last(shop)
        assert (entry.action, entry.capacity, entry.by, entry.at) == (
            "edit",
            "merchant",
            owner,
            now,
        )
        assert entry.changes == came.live
        assert entry.version == held(shop).version

    def test_hours_are_told_as_osm_text_and_leave_special_periods_alone(self, shop, edit, now):
        add_holiday(shop, date(2026, 12, 24), date(2026, 12, 31), by=None, now=now)
        week = Schedule((Period(1, 540, 750),), holiday_rule=HolidayRule.CLOSED)
        came = edit(schedule=week)
        assert came.live == {
            "hours": ["Mo-Fr 09:00-18:00", "Tu 09:00-12:30"],
            "holiday_rule": ["as_usual", "closed"],
        }
        assert len(held(shop).schedule.specials) == 1

    def test_services_are_told_whole(self, shop, edit):
        came = edit(services=(Service(kind="livraison", fee=2),))
        assert came.live == {"services": [[], [{"kind": "livraison", "fee": "2.00"}]]}

    def test_what_is_there_already_is_no_change(self, shop, edit):
        version = held(shop).version
        came = edit(description="Du pain")
        assert (came.live, came.proposed) == ({}, {})
        assert held(shop).version == version

    def test_a_wrong_value_is_refused_and_nothing_is_written(self, shop, edit):
        with pytest.raises(WorkflowError, match="numéro de téléphone"):
            edit(phone="12", description="Autre")
        assert held(shop).description == "Du pain"


class TestReviewedFields:
    def test_wait_in_one_proposal_while_the_old_values_stay(self, shop, edit, owner):
        came = edit(name="Le Bon Fournil", description="Bio")
        assert came.proposed == {"name": ["Le Fournil", "Le Bon Fournil"]}
        assert came.live == {"description": ["Du pain", "Bio"]}
        assert held(shop).name == "Le Fournil"
        first = Proposal.objects.get()
        edit(street="rue Neuve")
        # Another proposal: the town hall decides on what it has read.
        first.refresh_from_db()
        assert (first.status, first.decided_by) == ("withdrawn", owner)
        proposal = Proposal.objects.get(status="pending")
        assert proposal.changes == {
            "name": ["Le Fournil", "Le Bon Fournil"],
            "street": ["", "rue Neuve"],
        }
        assert with_proposal(held(shop), proposal).name == "Le Bon Fournil"
        assert last(shop).action == "propose"

    def test_a_proposed_value_is_what_the_next_page_shows(self, shop, edit):
        edit(name="Un")
        edit(name="Deux")
        assert Proposal.objects.get(status="pending").changes == {"name": ["Le Fournil", "Deux"]}
        assert last(shop).changes == {"name": ["Un", "Deux"]}

    def test_the_old_value_again_withdraws_the_proposal(self, shop, edit):
        edit(name="Autre")
        came = edit(name="Le Fournil")
        assert (came.proposed, came.withdrawn) == ({}, True)
        assert pending_proposal(shop) is None
        assert Proposal.objects.get().status == "withdrawn"
        assert last(shop).action == "withdraw"

    def test_categories_go_together(self, shop, edit):
        other = make_category("Traiteur")
        main = shop.main_category
        came = edit(main_category=other, categories=(other, main))
        assert came.proposed == {
            "main_category": ["boulangerie", "traiteur"],
            "categories": [[], ["boulangerie"]],
        }

    def test_a_siret_of_another_shop_is_refused_at_once(self, edit):
        make_shop(siret="73282932000074")
        with pytest.raises(WorkflowError, match="Une fiche porte déjà ce SIRET"):
            edit(siret="732 829 320 00074")
        assert not Proposal.objects.exists()

    @pytest.mark.parametrize("status", ["draft", "pending", "refused"])
    def test_before_publication_everything_is_written_at_once(self, shop, edit, status):
        Shop.objects.filter(pk=shop.pk).update(status=status)
        came = edit(name="Le Bon Fournil")
        assert came.live == {"name": ["Le Fournil", "Le Bon Fournil"]}
        assert held(shop).name == "Le Bon Fournil"


class TestEverythingAfterValidation:
    @pytest.fixture(autouse=True)
    def policy(self, shop):
        Commune.objects.update(edit_policy=EditPolicy.VALIDATION)

    def test_free_fields_wait_too(self, shop, edit):
        week = Schedule((Period(1, 540, 720),), holiday_rule=HolidayRule.CLOSED)
        came = edit(schedule=week, description="Bio", services=(Service(kind="emporter"),))
        assert not came.live
        assert set(came.proposed) == {"hours", "holiday_rule", "description", "services"}
        assert held(shop).schedule.to_osm() == "Mo-Fr 09:00-18:00"

    def test_a_field_that_becomes_free_leaves_the_proposal(self, shop, edit):
        edit(description="Bio", name="Autre")
        Commune.objects.update(edit_policy=EditPolicy.LIVE)
        edit(description="Très bio")
        assert held(shop).description == "Très bio"
        assert Proposal.objects.get(status="pending").changes == {"name": ["Le Fournil", "Autre"]}


class TestTwoPages:
    def test_one_field_twice_is_a_conflict_with_both_values(self, shop, edit):
        version = held(shop).version
        edit(description="Le premier onglet")
        with pytest.raises(Conflict) as caught:
            edit(version=version, description="Le second onglet")
        sentence = "actuellement «\xa0Le premier onglet\xa0», chez vous «\xa0Le second onglet\xa0»"
        assert sentence in str(caught.value)
        assert caught.value.differences == {
            "description": ["Le premier onglet", "Le second onglet"]
        }
        assert held(shop).description == "Le premier onglet"
        # Sent again, by somebody who has read the sentence.
        edit(version=version, agreed=caught.value.version, description="Le second onglet")
        assert held(shop).description == "Le second onglet"

    def test_what_was_agreed_to_is_the_field_and_not_the_page(self, shop, edit):
        """The rest of an old page overwrites nothing, the second time either."""
        page = {"description": "Du pain", "step_free": "", "payment_means": ()}
        version = held(shop).version
        edit(description="Autre", step_free="yes", payment_means=("cards",))
        mine = page | {"description": "Le mien"}
        with pytest.raises(Conflict) as caught:
            edit(version=version, **mine)
        assert set(caught.value.differences) == {"description"}
        edit(version=version, agreed=caught.value.version, **mine)
        shop = held(shop)
        assert (shop.description, shop.step_free) == ("Le mien", "yes")
        assert shop.payment_means == ["cards"]

    def test_what_comes_after_that_is_told_again(self, shop, edit):
        version = held(shop).version
        edit(description="Un")
        with pytest.raises(Conflict) as caught:
            edit(version=version, description="Le mien")
        edit(description="Deux")
        with pytest.raises(Conflict, match="Deux"):
            edit(version=version, agreed=caught.value.version, description="Le mien")

    def test_long_texts_are_told_by_their_beginning(self, shop, edit):
        version = held(shop).version
        edit(description="x" * 1000)
        with pytest.raises(Conflict) as caught:
            edit(version=version, description="y" * 1000)
        assert len(str(caught.value)) < 500

    def test_different_fields_do_not_disturb_each_other(self, shop, edit):
        version = held(shop).version
        edit(description="Autre", phone="")
        # The second page still holds the old description, and changes the phone.
        edit(version=version, description="Du pain", phone="01 47 51 01 02")
        shop = held(shop)
        assert (shop.description, shop.phone) == ("Autre", "+33147510102")

    def test_a_second_click_changes_nothing(self, shop, edit):
        version = held(shop).version
        edit(description="Autre")
        after = held(shop).version
        came = edit(version=version, description="Autre")
        assert (came.live, held(shop).version) == ({}, after)

    def test_a_proposed_field_too(self, shop, edit):
        version = held(shop).version
        edit(name="Un")
        with pytest.raises(Conflict, match="Un"):
            edit(version=version, name="Deux")
        edit(version=version, name="Un")
        assert Proposal.objects.get().changes["name"][1] == "Un"

    def test_hours_are_told_in_words(self, shop, edit):
        version = held(shop).version
        edit(schedule=Schedule((Period(1, 540, 750),)))
        with pytest.raises(Conflict, match=r"Mardi.*9.h – 12.h.30.*chez vous.*Samedi"):
            edit(version=version, schedule=Schedule((Period(5, 540, 750),)))


class TestWho:
    def test_a_stranger_may_not(self, edit):
        with pytest.raises(WorkflowError, match="Votre compte ne permet pas"):
            edit(by=make_user(), description="Pirate")

    @pytest.mark.parametrize(("role", "capacity"), [("helper", "helper"), ("agent", "town_hall")])
    def test_somebody_of_the_town_hall_acts_in_his_capacity(self, shop, edit, now, role, capacity):
        person = make_user()
        give_role(person, shop.commune, role=role, by=None, now=now)
        if role == "helper":  # He acts for merchants who are not there.
            ShopMember.objects.all().delete()
        edit(by=person, description="Saisi par la mairie")
        assert last(shop).capacity == capacity

    def test_a_colleague_too(self, shop, edit):
        edit(by=make_member(shop, role="colleague"), description="Autre")
        assert last(shop).capacity == "colleague"


def test_a_closed_shop_is_reopened_first(shop, edit):
    Shop.objects.filter(pk=shop.pk).update(status="closed")
    with pytest.raises(WorkflowError, match="a fermé définitivement\xa0: rouvrez"):
        edit(description="Autre")


def test_plain_values_and_back(shop):
    """What a proposal holds says the whole listing."""
    rich = make_shop(
        "Tout",
        hours='Mo-Sa 18:00-26:00; We 09:00-12:00 unknown "sur rendez-vous"',
        services=[Service(kind="livraison", area="Le bourg", minimum_order=20, fee=2.5)],
        payment_means=("cards",),
        social_links=("https://social.example/x",),
        siret="73282932000074",
    )
    listing = Listing.of(Shop.objects.get(pk=rich.pk))
    values = plain(listing)
    assert plain(with_values(Listing.of(held(shop)), values)) == values | {
        "specials": [],
    }
