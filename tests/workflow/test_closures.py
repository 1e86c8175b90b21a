"""Days on which a shop is not open as usual."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from merchants.models import Commune, HistoryEntry, Shop
from merchants.opening_hours import SpecialKind, State
from merchants.workflow import WorkflowError
from merchants.workflow.closures import add_holiday, close_exceptionally, remove_special
from merchants.workflow.roles import give_role
from tests.factories import make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)  # A Monday.
TUESDAY = date(2026, 11, 24)


@pytest.fixture
def shop():
    return make_shop("Le Fournil", hours="Mo-Sa 09:00-12:30,14:00-19:00")


@pytest.fixture
def owner(shop):
    return make_member(shop)


def specials(shop) -> list:
    return [
        (s.start, s.end, s.kind.value, [(p.opens, p.closes) for p in s.periods], s.reason)
        for s in Shop.objects.get(pk=shop.pk).schedule.specials
    ]


def test_a_day_is_closed_at_once(shop, owner, now):
    Commune.objects.update(edit_policy="validation")
    version = Commune.objects.get().version
    for _click in range(2):
        close_exceptionally(shop, TUESDAY, reason=" inventaire ", by=owner, now=now)
    assert specials(shop) == [(TUESDAY, TUESDAY, "closed", [], "inventaire")]
    assert Commune.objects.get().version == version + 1
    entry = HistoryEntry.objects.filter(action="closure").get()
    assert (entry.by, entry.capacity) == (owner, "merchant")
    assert entry.changes["specials"][1][0]["reason"] == "inventaire"


def test_what_the_town_hall_announces_is_on_behalf_where_nobody_keeps_the_listing(shop, now):
    helper = make_user()
    give_role(helper, shop.commune, role="helper", by=None, now=now)

    def on_behalf() -> bool:
        was = Shop.objects.get().on_behalf
        Shop.objects.update(on_behalf=False)
        return was

    close_exceptionally(shop, TUESDAY, by=None, now=now)
    assert not on_behalf()
    close_exceptionally(shop, TUESDAY, by=helper, now=now)  # It is closed already.
    assert not on_behalf()
    remove_special(shop, TUESDAY, TUESDAY, by=helper, now=now)
    assert on_behalf()
    add_holiday(shop, TUESDAY, TUESDAY, by=helper, now=now)
    assert on_behalf()
    assert HistoryEntry.objects.first().capacity == "helper"
    close_exceptionally(shop, TUESDAY + timedelta(days=1), by=helper, now=now)
    assert on_behalf()
    owner = make_member(shop)
    remove_special(shop, TUESDAY, TUESDAY, by=owner, now=now)
    add_holiday(shop, TUESDAY, TUESDAY, by=make_user(is_superuser=True), now=now)
    assert not on_behalf()


def test_a_part_of_a_day(shop, owner, now):
    for _click in range(2):
        close_exceptionally(
            shop, TUESDAY, from_minute=15 * 60, to_minute=17 * 60, by=owner, now=now
        )
    assert specials(shop) == [
        (TUESDAY, TUESDAY, "hours", [(540, 750), (840, 900), (1020, 1140)], "")
    ]
    # Another part of the same day.
    close_exceptionally(shop, TUESDAY, from_minute=540, to_minute=750, by=owner, now=now)
    assert specials(shop)[0][3] == [(840, 900), (1020, 1140)]
    # What is left.
    close_exceptionally(shop, TUESDAY, from_minute=0, to_minute=1440, by=owner, now=now)
    assert specials(shop) == [(TUESDAY, TUESDAY, "closed", [], "")]


def test_a_part_of_a_night(now):
    bar = make_shop("Le Bar", hours="Mo-Su 18:00-26:00")
    close_exceptionally(bar, TUESDAY, from_minute=22 * 60, to_minute=3 * 60, by=None, now=now)
    bar = Shop.objects.get(pk=bar.pk)
    zone = bar.schedule.zone
    states = [
        bar.schedule.state(datetime(2026, 11, day, hour, 30, tzinfo=zone)).value
        # Monday's night goes on after midnight; Tuesday ends at ten.
        for day, hour in [(24, 0), (24, 1), (24, 2), (24, 19), (24, 22), (25, 0), (25, 18)]
    ]
    assert states == ["open", "open", "closed", "open", "closed", "closed", "open"]


def states(shop, moments) -> list[str]:
    schedule = Shop.objects.get(pk=shop.pk).schedule
    return [
        schedule.state(datetime(2026, 11, day, hour, 30, tzinfo=schedule.zone)).value
        for day, hour in moments
    ]


def test_a_closure_from_midnight_on_ends_the_night_before(now):
    bar = make_shop("Le Bar", hours="Mo-Su 18:00-26:00")
    for _click in range(2):
        close_exceptionally(bar, TUESDAY, from_minute=0, to_minute=20 * 60, by=None, now=now)
    moments = [(23, 23), (24, 0), (24, 1), (24, 18), (24, 20), (25, 1), (25, 2)]
    found = states(bar, moments)
    assert found == ["open", "closed", "closed", "closed", "open", "open", "closed"]


def test_a_closure_of_the_evening_leaves_the_night_before(now):
    bar = make_shop("Le Bar", hours="Mo-Su 18:00-26:00")
    close_exceptionally(bar, TUESDAY, from_minute=12 * 60, to_minute=3 * 60, by=None, now=now)
    assert states(bar, [(24, 0), (24, 1), (24, 19), (25, 0)]) == [
        "open",
        "open",
        "closed",
        "closed",
    ]
    # A part of that night, too; what was closed before stays so.
    close_exceptionally(bar, TUESDAY, from_minute=60, to_minute=120, by=None, now=now)
    assert states(bar, [(24, 0), (24, 1), (24, 19), (25, 0)]) == [
        "open",
        "closed",
        "closed",
        "closed",
    ]


def test_a_second_range_that_closes_nothing_is_told(shop, owner, now):
    close_exceptionally(
        shop, TUESDAY, from_minute=900, to_minute=1020, reason="livraison", by=owner, now=now
    )
    with pytest.raises(WorkflowError, match="À ces heures-là, vous êtes déjà fermé"):
        close_exceptionally(shop, TUESDAY, from_minute=1200, to_minute=1260, by=owner, now=now)
    close_exceptionally(shop, TUESDAY, from_minute=540, to_minute=600, by=owner, now=now)
    assert specials(shop)[0][4] == "livraison"


def test_what_was_announced_otherwise_meanwhile_is_not_taken_away(shop, owner, now):
    start, end = date(2026, 12, 20), date(2026, 12, 30)
    add_holiday(shop, start, end, by=owner, now=now)
    close_exceptionally(shop, start, by=owner, now=now)
    for days in ((start, end), (start, date(2026, 12, 21))):
        with pytest.raises(WorkflowError, match="relisez-les"):
            remove_special(shop, *days, by=owner, now=now)
    remove_special(shop, start, start, by=owner, now=now)
    assert len(specials(shop)) == 1


def test_holidays_take_the_place_of_older_ones(shop, owner, now):
    start = date(2026, 12, 20)
    add_holiday(shop, start, start + timedelta(days=10), reason="congés", by=owner, now=now)
    close_exceptionally(shop, start + timedelta(days=2), by=owner, now=now)
    add_holiday(shop, start + timedelta(days=8), date(2027, 1, 5), by=owner, now=now)
    found = Shop.objects.get().schedule.specials
    assert [(s.start.day, s.end.day, s.reason) for s in found] == [
        (20, 21, "congés"), (22, 22, ""), (23, 27, "congés"), (28, 5, ""),
    ]  # fmt: skip
    assert all(before.end < after.start for before, after in pairwise(found))
    assert all(special.kind == SpecialKind.CLOSED for special in found)


def test_a_period_is_taken_away_once(shop, owner, now):
    close_exceptionally(shop, TUESDAY, by=owner, now=now)
    for _click in range(2):
        remove_special(shop, TUESDAY, TUESDAY, by=owner, now=now)
    assert specials(shop) == []
    assert HistoryEntry.objects.filter(action="closure_removed").count() == 1
    assert shop.schedule.state(now + timedelta(days=1)) == State.OPEN


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda s, a: close_exceptionally(s, TODAY - timedelta(days=1), **a), "date est passée"),
        (lambda s, a: close_exceptionally(s, date(2029, 1, 1), **a), "trop lointaine"),
        (lambda s, a: add_holiday(s, TUESDAY, TODAY, **a), "vient avant le premier"),
        (lambda s, a: add_holiday(s, TODAY, date(2027, 12, 1), **a), "un an au plus"),
        (lambda s, a: close_exceptionally(s, TUESDAY, reason="x" * 101, **a), "trop long"),
        (
            lambda s, a: close_exceptionally(s, TUESDAY, from_minute=0, to_minute=60, **a),
            "À ces heures-là, vous êtes déjà fermé",
        ),
        (
            lambda s, a: close_exceptionally(
                s, date(2026, 11, 29), from_minute=600, to_minute=660, **a
            ),
            "Ce jour-là, vous êtes déjà fermé",
        ),
    ],
)
def test_refusals(shop, owner, now, act, sentence):
    with pytest.raises(WorkflowError, match=sentence):
        act(shop, {"by": owner, "now": now})
    assert specials(shop) == []


def test_part_of_unknown_hours_is_refused(now):
    shop = make_shop(hours=None)
    with pytest.raises(WorkflowError, match="fermez plutôt toute la journée"):
        close_exceptionally(shop, TUESDAY, from_minute=600, to_minute=660, by=None, now=now)
    close_exceptionally(shop, TUESDAY, by=None, now=now)


def test_strangers_and_closed_shops(shop, now):
    with pytest.raises(WorkflowError, match="ne permet pas"):
        close_exceptionally(shop, TUESDAY, by=make_user(), now=now)
    Shop.objects.update(status="closed")
    with pytest.raises(WorkflowError, match="rouvrez d’abord"):
        close_exceptionally(shop, TUESDAY, by=None, now=now)
