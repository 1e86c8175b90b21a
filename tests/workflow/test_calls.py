"""What was heard on the telephone: one transaction, one call, no second effect."""

from datetime import date, timedelta

import pytest

from merchants.models import Shop
from merchants.opening_hours import HolidayRule, Period, SpecialKind, from_french
from merchants.workflow import WorkflowError, calls, closures, listing, status
from merchants.workflow.calls import Heard, HolidayAnswer, Seen
from tests.calling import make_agent, seen
from tests.claiming import make_person
from tests.factories import NOW, make_member, make_shop

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
CHRISTMAS = date(2026, 12, 25)  # A Friday.


@pytest.fixture
def shop():
    return make_shop("L’Épi d’Or", hours="Tu-Sa 09:00-12:00", holiday_rule=HolidayRule.UNKNOWN)


@pytest.fixture
def agent(shop):
    return make_agent(shop)


def week(sentence: str) -> Heard:
    return Heard(week=from_french(sentence))


def actions(shop: Shop) -> list[str]:
    return list(shop.history.order_by("version").values_list("action", flat=True))


class TestUnchanged:
    def test_confirms_by_telephone_and_is_a_call(self, shop, agent):
        before = shop.commune.version
        call = calls.unchanged(shop, by=agent, now=LATER, seen=seen(shop), note="  Très  aimable ")
        stored = Shop.objects.get(pk=shop.pk)
        assert (stored.confirmed_at, stored.confirmed_as) == (LATER, "town_hall_phone")
        assert stored.confirmed_by == agent
        assert (call.outcome, call.by, call.at) == ("unchanged", agent, LATER)
        assert call.note == "Très aimable"
        stored.commune.refresh_from_db()
        assert stored.commune.version > before

    def test_a_second_click_has_no_second_effect(self, shop, agent):
        page = seen(shop)
        first = calls.unchanged(shop, by=agent, now=LATER, seen=page)
        again = calls.unchanged(shop, by=agent, now=LATER + timedelta(seconds=1), seen=page)
        assert again == first
        assert shop.calls.count() == 1
        assert actions(shop) == ["create", "confirm"]

    def test_not_of_a_listing_that_the_merchant_changed_meanwhile(self, shop, agent):
        page = seen(shop)
        owner = make_member(shop)
        listing.set_hours(shop, from_french("lundi 9h-12h"), by=owner, now=NOW)
        with pytest.raises(WorkflowError, match="modifiée entre-temps"):
            calls.unchanged(shop, by=agent, now=LATER, seen=page)
        assert not shop.calls.exists()
        assert Shop.objects.get(pk=shop.pk).confirmed_at is None

    def test_of_a_listing_that_a_merchant_keeps(self, shop, agent):
        make_member(shop)
        calls.unchanged(shop, by=agent, now=LATER, seen=seen(shop))
        entry = shop.history.first()
        assert (entry.action, entry.capacity, entry.note) == (
            "confirm", "town_hall", "town_hall_phone",
        )  # fmt: skip


class TestChanged:
    def test_writes_the_hours_and_confirms_them(self, shop, agent):
        call = calls.changed(
            shop, week("mardi au jeudi 8h-13h"), by=agent, now=LATER, seen=seen(shop)
        )
        stored = Shop.objects.get(pk=shop.pk)
        assert call.outcome == "changed"
        assert stored.schedule.weekly == tuple(Period(day, 480, 780) for day in (1, 2, 3))
        assert stored.confirmed_as == "town_hall_phone"
        assert actions(shop) == ["create", "edit", "confirm"]

    def test_what_was_not_told_stays(self, shop, agent):
        closures.add_holiday(shop, date(2026, 12, 1), date(2026, 12, 5), by=agent, now=NOW)
        Shop.objects.filter(pk=shop.pk).update(holiday_rule="closed")
        calls.changed(shop, week("lundi 9h-12h"), by=agent, now=LATER, seen=seen(shop))
        schedule = Shop.objects.get(pk=shop.pk).schedule
        assert [special.start.day for special in schedule.specials] == [1]
        assert schedule.holiday_rule == HolidayRule.CLOSED
        calls.changed(
            shop,
            week("lundi 9h-12h, ouvert les jours fériés"),
            by=agent,
            now=LATER,
            seen=seen(shop),
        )
        assert Shop.objects.get(pk=shop.pk).schedule.holiday_rule == HolidayRule.AS_USUAL

    def test_the_same_hours_are_no_change(self, shop, agent):
        call = calls.changed(
            shop, week("mardi au samedi 9h-12h"), by=agent, now=LATER, seen=seen(shop)
        )
        assert call.outcome == "unchanged"
        assert actions(shop) == ["create", "confirm"]

    def test_a_second_click_has_no_second_effect(self, shop, agent):
        page = seen(shop)
        for _click in range(2):
            calls.changed(shop, week("lundi 9h-12h"), by=agent, now=LATER, seen=page)
        assert actions(shop) == ["create", "edit", "confirm"]
        assert shop.calls.count() == 1

    @pytest.mark.parametrize(
        ("answer", "periods", "kind", "hours"),
        [
            (HolidayAnswer.CLOSED, (), SpecialKind.CLOSED, ()),
            (HolidayAnswer.AS_USUAL, (), SpecialKind.HOURS, (Period(4, 540, 720),)),
            (
                HolidayAnswer.HOURS,
                (Period(4, 600, 660),),
                SpecialKind.HOURS,
                (Period(4, 600, 660),),
            ),
        ],
    )
    def test_of_a_public_holiday(self, shop, agent, answer, periods, kind, hours):
        heard = Heard(day=CHRISTMAS, answer=answer, periods=periods)
        call = calls.changed(shop, heard, by=agent, now=LATER, seen=seen(shop))
        schedule = Shop.objects.get(pk=shop.pk).schedule
        (special,) = schedule.specials
        assert (special.start, special.end, special.kind) == (CHRISTMAS, CHRISTMAS, kind)
        assert (special.periods, special.reason) == (hours, "Noël")
        assert schedule.holiday_rule == HolidayRule.UNKNOWN
        assert call.outcome == "changed"
        assert not Shop.objects.untold_on_holiday(CHRISTMAS).filter(pk=shop.pk).exists()

    def test_of_all_public_holidays(self, shop, agent):
        heard = Heard(day=CHRISTMAS, answer=HolidayAnswer.ALWAYS_CLOSED)
        calls.changed(shop, heard, by=agent, now=LATER, seen=seen(shop))
        schedule = Shop.objects.get(pk=shop.pk).schedule
        assert (schedule.holiday_rule, schedule.specials) == (HolidayRule.CLOSED, ())

    def test_as_usual_where_that_weekday_has_no_hours(self, agent, shop):
        listing.set_hours(shop, from_french("lundi 9h-12h"), by=None, now=NOW)
        heard = Heard(day=CHRISTMAS, answer=HolidayAnswer.AS_USUAL)
        with pytest.raises(WorkflowError, match="pas d’heures pour le vendredi"):
            calls.changed(shop, heard, by=agent, now=LATER, seen=seen(shop))
        assert not shop.calls.exists()


class TestNoAnswer:
    def test_is_a_call_and_changes_nothing(self, shop, agent):
        page = seen(shop)
        for _click in range(2):
            calls.no_answer(shop, by=agent, now=LATER, seen=page)
        assert [call.outcome for call in shop.calls.all()] == ["no_answer"]
        assert actions(shop) == ["create"]

    def test_two_agents_are_two_calls(self, shop, agent):
        page = seen(shop)
        calls.no_answer(shop, by=agent, now=LATER, seen=page)
        calls.no_answer(shop, by=make_agent(shop), now=LATER, seen=page)
        assert shop.calls.count() == 2

    def test_then_somebody_answers_from_the_same_page(self, shop, agent):
        page = seen(shop)
        calls.no_answer(shop, by=agent, now=LATER, seen=page)
        calls.unchanged(shop, by=agent, now=LATER, seen=page)
        assert [call.outcome for call in shop.calls.all()] == ["unchanged", "no_answer"]

    def test_a_remark_has_an_end(self, shop, agent):
        with pytest.raises(WorkflowError, match="300 caractères"):
            calls.no_answer(shop, by=agent, now=LATER, seen=seen(shop), note="x" * 301)


class TestClosed:
    def test_closes_the_listing_once(self, shop, agent):
        page = seen(shop)
        for _click in range(2):
            calls.closed(shop, by=agent, now=LATER, seen=page)
        assert Shop.objects.get(pk=shop.pk).status == "closed"
        assert actions(shop) == ["create", "close"]
        assert [call.outcome for call in shop.calls.all()] == ["closed"]

    def test_nothing_is_entered_of_a_listing_that_is_not_online(self, shop, agent):
        status.suspend(shop, by=agent, now=NOW)
        for enter in (calls.unchanged, calls.no_answer, calls.closed):
            with pytest.raises(WorkflowError, match="n’est plus en ligne"):
                enter(shop, by=agent, now=LATER, seen=seen(shop))
        assert not shop.calls.exists()


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("agent", True),
        ("referent", True),
        ("admin", True),
        ("helper", False),
        ("agent elsewhere", False),
        ("owner", False),
        ("colleague", False),
        ("stranger", False),
    ],
)
def test_only_the_town_hall_calls(shop, who, may):
    person = make_person(who, shop)
    acts = [
        lambda: calls.no_answer(shop, by=person, now=LATER, seen=Seen(shop.version, 0)),
        lambda: calls.unchanged(shop, by=person, now=LATER, seen=Seen(shop.version, 0)),
    ]
    for act in acts:
        if may:
            act()
        else:
            with pytest.raises(WorkflowError):
                act()
    assert shop.calls.count() == (2 if may else 0)


def test_an_agent_does_not_vouch_for_his_own_shop(shop, agent):
    make_member(shop, agent)
    with pytest.raises(WorkflowError, match="Vous tenez vous-même cette fiche"):
        calls.unchanged(shop, by=agent, now=LATER, seen=seen(shop))
