"""The figures of a month, told from what the history says."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from merchants.models import EmptySearch, Report, Shop, ShopViews
from merchants.models.shop import Confirmer
from merchants.opening_hours import Schedule
from merchants.workflow import claims, proposals, status
from merchants.workflow.edit import edit_listing
from merchants.workflow.figures import choosable_months, figures_of
from merchants.workflow.listing import Service, set_hours, set_services
from merchants.workflow.members import leave, remove_member
from tests.claiming import make_claim
from tests.factories import make_category, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


def on(month: int, day: int = 15, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, 12, tzinfo=PARIS)


TODAY = on(11, 23)


@pytest.fixture
def commune():
    return make_commune("Suresnes")


def make(name="", *, since=None, **fields) -> Shop:
    """A listing that was made on that day."""
    since = since or on(1)
    shop = make_shop(name, now=since, **fields)
    Shop.objects.filter(pk=shop.pk).update(created_at=since)
    return shop


def told(commune, what: str, *months: int) -> list:
    """One figure of these months of 2026."""
    by_month = {m.first: m for m in figures_of(commune, now=TODAY).months}
    chosen = [by_month[date(2026, month, 1)] for month in months]
    if hasattr(chosen[0].counts, what):
        return [getattr(month.counts, what) for month in chosen]
    return [getattr(month, what) for month in chosen]


def test_the_months_are_those_of_paris():
    new_year = datetime(2025, 12, 31, 23, 30, tzinfo=ZoneInfo("UTC"))
    months = choosable_months(new_year)
    assert (len(months), months[0], months[-1]) == (12, date(2026, 1, 1), date(2025, 2, 1))
    figures = figures_of(None, now=TODAY)
    assert figures.months[-1].end == TODAY
    assert figures.months[-2].end == datetime(2026, 11, 1, tzinfo=PARIS)
    assert figures.chosen is figures.months[-1]
    assert figures_of(None, month=date(2020, 1, 1), now=TODAY).chosen.first == date(2026, 11, 1)


class TestStates:
    def test_published_at_the_end_of_each_month(self, commune):
        shop = make(commune=commune, status="pending", since=on(5))
        status.publish(shop, by=None, now=on(7))
        status.suspend(shop, by=None, now=on(8))
        status.reopen(shop, by=None, now=on(9))
        status.close(shop, by=None, now=on(10))
        make(commune=commune, since=on(6))
        assert told(commune, "published", 4, 5, 6, 7, 8, 9, 10, 11) == [0, 0, 1, 2, 1, 2, 1, 1]
        assert told(commune, "waiting", 4, 5, 6, 7) == [0, 1, 1, 0]

    def test_within_one_month_the_last_word_counts(self, commune):
        shop = make(commune=commune)
        status.suspend(shop, by=None, now=on(8, 3))
        status.reopen(shop, by=None, now=on(8, 30))
        assert told(commune, "published", 7, 8) == [1, 1]

    def test_of_one_commune_or_of_all(self, commune):
        make(commune=commune)
        make(commune=make_commune("Garches"))
        assert told(commune, "published", 11) == [1]
        assert told(None, "published", 11) == [2]


class TestShares:
    def test_hours(self, commune):
        shop = make(commune=commune, hours=None)
        schedule = make_shop(commune=make_commune("Garches")).schedule
        set_hours(shop, schedule, by=None, now=on(7))
        set_hours(shop, Schedule(), by=None, now=on(9))
        assert told(commune, "with_hours", 6, 7, 8, 9) == [0, 1, 1, 0]

    def test_services(self, commune):
        shop = make(commune=commune, services=["livraison"])
        pickup = [Service(kind="livraison"), Service(kind="retrait")]
        set_services(shop, pickup, by=None, now=on(7))
        set_services(shop, [], by=None, now=on(9))
        assert told(commune, "with_delivery", 6, 7, 8, 9) == [1, 1, 1, 0]
        assert told(commune, "with_pickup", 6, 7, 8, 9) == [0, 1, 1, 0]

    def test_claimed(self, commune):
        from merchants.workflow.members import add_member

        shop = make(commune=commune)
        awa, paul = make_user(), make_user()
        add_member(shop, awa, by=None, now=on(5))
        add_member(shop, paul, by=None, now=on(6))
        remove_member(shop.members.get(user=paul), by=None, now=on(7))
        leave(shop, by=awa, now=on(9), to_town_hall=True)
        assert told(commune, "claimed", 4, 5, 6, 8, 9) == [0, 1, 1, 1, 0]

    def test_confirmed_within_six_months(self, commune):
        shop = make(commune=commune)
        for day in (on(1, 10), on(10, 10)):
            status.confirm(shop, by=None, as_=Confirmer.TOWN_HALL, now=day)
        assert told(commune, "confirmed", 1, 6, 7, 9, 10, 11) == [1, 1, 0, 0, 1, 1]

    def test_an_import_s_confirmation_counts(self, commune):
        shop = make(commune=commune)
        Shop.objects.filter(pk=shop.pk).update(confirmed_at=on(8), confirmed_as="merchant")
        assert told(commune, "confirmed", 7, 8) == [0, 1]

    def test_per_cent(self, commune):
        make(commune=commune, hours=None)
        make(commune=commune)
        counts = figures_of(commune, now=TODAY).chosen.counts
        assert (counts.share("with_hours"), counts.share("claimed")) == (50, 0)
        assert figures_of(make_commune("Garches"), now=TODAY).chosen.counts.share("claimed") is None


class TestAnswers:
    def test_registrations(self, commune):
        shop = make(commune=commune, status="draft", since=on(6, 1))
        make_member(shop)
        status.submit(shop, by=None, now=on(6, 10))
        status.refuse(shop, by=None, now=on(6, 12), reason="Incomplet.")
        status.submit(shop, by=None, now=on(6, 20))
        status.publish(shop, by=None, now=on(7, 2))
        from_file = make(commune=commune, status="draft", since=on(6))
        status.publish(from_file, by=None, now=on(7))
        assert told(commune, "delays", 6, 7) == [[timedelta(days=2)], [timedelta(days=12)]]

    def test_proposals_claims_and_reports(self, commune):
        shop = make(commune=commune)
        make_member(shop)
        owner = shop.members.get().user
        edit_listing(shop, {"name": "Le Levain"}, by=owner, expected_version=None, now=on(6, 1))
        claim = make_claim(shop, now=on(6, 5))
        withdrawn = make_claim(shop, now=on(6, 5))
        Report.objects.create(shop=shop, kind="hours", at=on(6, 6))
        Report.objects.create(
            shop=shop, kind="hours", at=on(6, 7), status="dismissed", decided_at=on(7, 7)
        )
        claims.withdraw(withdrawn, by=withdrawn.user, now=on(6, 8))
        assert told(commune, "waiting", 5, 6) == [0, 4]
        proposals.refuse(shop.proposals.get(), reason="Non.", by=None, now=on(7, 1))
        claims.refuse(claim, reason="Non.", by=None, now=on(8, 5))
        assert told(commune, "waiting", 6, 7, 8) == [4, 2, 1]
        july = next(m for m in figures_of(commune, now=TODAY).months if m.first.month == 7)
        assert (july.decided, july.median_days) == (2, 30)
        assert told(commune, "median_days", 6) == [None]


class TestOfAMonth:
    def test_by_category(self, commune):
        bread, meat = make_category("Boulangerie"), make_category("Boucherie")
        shoes = make_category("Chaussures", group="Mode")
        for category, hours in ((bread, None), (bread, "Mo 09:00-12:00"), (meat, None)):
            make(commune=commune, category=category, hours=hours)
        changed = make(commune=commune, category=shoes)
        make(commune=commune, category=shoes, status="suspended")
        edit = {"main_category": bread, "categories": (bread,)}
        edit_listing(changed, edit, by=make_user(is_superuser=True), expected_version=None,
                     now=on(9))  # fmt: skip

        def rows(month):
            found = figures_of(commune, month=date(2026, month, 1), now=TODAY).categories
            return [
                (row.label, row.is_group, row.counts.published, row.counts.with_hours)
                for row in found
            ]

        assert rows(8) == [
            ("Alimentation", True, 3, 1), ("Boucherie", False, 1, 0), ("Boulangerie", False, 2, 1),
            ("Mode", True, 1, 1), ("Chaussures", False, 1, 1),
        ]  # fmt: skip
        assert [row[:3] for row in rows(10)] == [
            ("Alimentation", True, 4), ("Boucherie", False, 1), ("Boulangerie", False, 3),
        ]  # fmt: skip

    def test_views_and_searches(self, commune):
        elsewhere = make_commune("Garches")
        shops = [make(n, commune=commune) for n in ("Un", "Deux")]
        far = make("Trois", commune=elsewhere)
        for shop, month, number in (
            (shops[0], 10, 3), (shops[1], 10, 7), (shops[0], 11, 2), (far, 10, 100),
        ):  # fmt: skip
            ShopViews.objects.create(shop=shop, month=date(2026, month, 1), number=number)
        for place, words, number in (
            (commune, "poisson", 2), (commune, "lait", 5), (elsewhere, "poisson", 4),
        ):  # fmt: skip
            EmptySearch.objects.create(
                commune=place, month=date(2026, 10, 1), words=words, number=number
            )
        october = figures_of(commune, month=date(2026, 10, 1), now=TODAY)
        assert [(row.name, row.number) for row in october.viewed] == [("Deux", 7), ("Un", 3)]
        assert october.searches == [("lait", 5), ("poisson", 2)]
        assert told(commune, "views", 9, 10, 11) == [0, 10, 2]
        everywhere = figures_of(None, month=date(2026, 10, 1), now=TODAY)
        assert everywhere.searches == [("poisson", 6), ("lait", 5)]
        assert everywhere.viewed[0].commune == "Garches"

    def test_those_of_a_merged_listing_are_the_other_s(self, commune):
        kept, other = (make(n, commune=commune) for n in ("Un", "Deux"))
        Shop.objects.filter(pk=other.pk).update(status="merged", merged_into=kept)
        for shop in (kept, other):
            ShopViews.objects.create(shop=shop, month=date(2026, 11, 1), number=4)
        viewed = figures_of(commune, now=TODAY).viewed
        assert [(row.name, row.number) for row in viewed] == [("Un", 8)]


@pytest.mark.parametrize("number", [3, 30])
def test_costs_the_same_number_of_queries(commune, number, django_assert_num_queries):
    for _number in range(number):
        shop = make(commune=commune, services=["livraison"])
        make_member(shop)
        status.confirm(shop, by=None, as_=Confirmer.TOWN_HALL, now=on(10))
        ShopViews.objects.create(shop=shop, month=date(2026, 11, 1), number=1)
    with django_assert_num_queries(13):
        figures_of(commune, now=TODAY)
