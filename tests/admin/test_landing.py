"""The first page: what waits, the oldest first, and the week; of one's own communes."""

from datetime import timedelta

import pytest
from django.utils import timezone
from post_office.models import STATUS, Email

from merchants.models import Call, HistoryEntry, Shop, ShopViews
from merchants.models.report import Report
from merchants.workflow import status
from merchants.workflow.edit import edit_listing
from merchants.workflow.roles import give_role
from tests.claiming import make_claim
from tests.factories import make_commune, make_member, make_shop, make_user
from tests.team import make_colleague

pytestmark = pytest.mark.django_db

HOME = "/mairie/"
CASES = "/mairie/dossiers/?kind="


@pytest.fixture
def commune():
    return make_commune("Suresnes")


def fill(commune, *, age: timedelta) -> None:
    """One of each thing that waits for an answer."""
    at = timezone.now() - age
    make_shop(commune=commune, status="pending", now=at)
    shop = make_shop(commune=commune, now=at)
    owner = make_member(shop)
    edit_listing(shop, {"name": "Le Levain"}, by=owner, expected_version=None, now=at)
    make_claim(make_shop(commune=commune), now=at)
    Report.objects.create(shop=shop, kind="hours", at=at)
    make_shop(commune=commune, street="rue Basse", point=None)
    status.suspend(shop, by=None, now=at)
    Email.objects.filter(of_commune__commune=commune).update(status=STATUS.failed)


def test_nothing_waits(login, commune):
    page = login(make_colleague(commune)).get(HOME)
    assert "Rien n’attend." in page.content.decode()
    assert page.context["queues"] == []
    assert page.context["places"] == ["Suresnes"]


def test_each_number_opens_its_queue_the_oldest_first(login, commune):
    shop = make_shop(commune=commune)
    Report.objects.create(shop=shop, kind="hours", at=timezone.now() - timedelta(days=2))
    make_shop(commune=commune, status="pending", now=timezone.now() - timedelta(days=9))
    page = login(make_colleague(commune)).get(HOME)
    shown = [(q["count"], q["age"], q["is_late"], q["url"]) for q in page.context["queues"]]
    assert shown == [
        (1, "1\u00a0semaine", True, f"{CASES}inscription"),
        (1, "2\u00a0jours", False, "/mairie/signalements/"),
    ]
    text = page.content.decode()
    assert "En retard" in text and "Rien d’autre n’attend." in text
    assert f'href="{CASES}inscription"' in text


def test_of_one_s_own_communes_alone(login, commune):
    elsewhere = make_commune("Garches")
    fill(elsewhere, age=timedelta(days=1))
    page = login(make_colleague(commune)).get(HOME)
    assert page.context["queues"] == [] and "Garches" not in page.content.decode()
    week = page.context["week"]
    assert (week.published, week.confirmed, week.decided, week.calls) == (0, 0, 0, 0)


def test_of_several_communes_totals_and_where(login, commune):
    elsewhere = make_commune("Garches")
    user = make_colleague(commune)
    give_role(user, elsewhere, role="agent", by=None, now=timezone.now())
    for town in (commune, commune, elsewhere):
        make_shop(commune=town, status="pending")
    (queue,) = login(user).get(HOME).context["queues"]
    assert (queue["count"], queue["places"]) == (3, [("Suresnes", 2), ("Garches", 1)])


@pytest.mark.parametrize("who", ["agent", "superuser"])
@pytest.mark.parametrize("number", [1, 3])
def test_costs_the_same(login, commune, who, number, django_assert_num_queries):
    for _number in range(number):
        fill(commune, age=timedelta(days=1))
    user = make_colleague(commune) if who == "agent" else make_user(is_superuser=True)
    browser = login(user)
    with django_assert_num_queries({"agent": 22, "superuser": 23}[who]):
        page = browser.get(HOME)
    assert len(page.context["queues"]) == 6


def test_the_week(login, commune):
    now = timezone.now()
    agent = make_colleague(commune)
    for days in (1, 3):
        shop = make_shop(commune=commune, status="draft", now=now - timedelta(days=30))
        status.submit(shop, by=None, now=now - timedelta(hours=1 + days * 24))
        status.publish(shop, by=agent, now=now - timedelta(hours=1))
    status.confirm(shop, by=agent, as_="town_hall_phone", now=now - timedelta(days=1))
    status.confirm(shop, by=agent, as_="town_hall_phone", now=now - timedelta(days=8))
    for days in (1, 9):
        Call.objects.create(shop=shop, at=now - timedelta(days=days), outcome="unchanged")
    month = timezone.localdate(now).replace(day=1)
    ShopViews.objects.create(shop=shop, month=month, number=1234)
    page = login(agent).get(HOME)
    week = page.context["week"]
    assert (week.published, week.confirmed, week.decided, week.calls) == (2, 1, 2, 1)
    assert week.median_wait == timedelta(days=2)
    assert page.context["median_wait"] == "2\u00a0jours"
    assert "1\u202f234" in page.content.decode() or "1\u00a0234" in page.content.decode()
    assert HistoryEntry.objects.exists() and Shop.objects.count() == 2


class TestMenu:
    def links(self, page) -> list[str]:
        return [
            entry["admin_url"] for group in page.context["available_apps"]
            for entry in group["models"]
        ]  # fmt: skip

    def test_speaks_no_word_of_developers(self, login, commune):
        for user in (make_colleague(commune, "referent"), make_user(is_superuser=True)):
            page = login(user).get(HOME).content.decode()
            for word in ("Merchants", "Post Office", "Authentification et", "Groupes", "Sites"):
                assert word not in page

    @pytest.mark.parametrize(
        ("who", "sees", "not_"),
        [
            ("agent", ["/mairie/equipe/", "/mairie/merchants/shop/"], "/mairie/reglages/"),
            ("referent", ["/mairie/reglages/", "/mairie/reglages/motifs/"], "/merchants/user/"),
            ("superuser", ["/mairie/reglages/", "/mairie/merchants/user/"], "/mairie/auth/group/"),
        ],
    )
    def test_offers_what_one_may_open(self, login, commune, who, sees, not_):
        user = make_user(is_superuser=True) if who == "superuser" else make_colleague(commune, who)
        browser = login(user)
        links = self.links(browser.get(HOME))
        assert set(sees) <= set(links) and not [link for link in links if not_ in link]
        for link in links:
            assert browser.get(link).status_code == 200, link

    def test_marks_where_one_is(self, login, commune):
        page = login(make_colleague(commune, "referent")).get("/mairie/reglages/motifs/")
        groups = page.context["available_apps"]
        here = [e["admin_url"] for g in groups for e in g["models"] if e["current"]]
        assert here == ["/mairie/reglages/motifs/"]

    def test_applications_have_no_page(self, login, commune):
        assert login(make_colleague(commune)).get("/mairie/merchants/").url == HOME
