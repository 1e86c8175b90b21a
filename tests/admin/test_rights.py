"""Who comes in at /mairie/: agents and referents, each to the rows of their communes."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from merchants.models import Claim, Commune, Proposal, Shop, User
from merchants.workflow.edit import edit_listing
from merchants.workflow.roles import give_role
from tests.admin.sent import form_of
from tests.claiming import PDF, make_claim, private_files_in, words
from tests.factories import NOW, make_category, make_commune, make_member, make_shop, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

HOME = "/mairie/"
SHOPS, PROPOSALS, CLAIMS = (f"/mairie/merchants/{name}/" for name in ("shop", "proposal", "claim"))
# What stays with administrators.
OTHERS = [
    "/mairie/merchants/commune/", "/mairie/merchants/category/", "/mairie/merchants/user/",
    "/mairie/merchants/communerole/", "/mairie/auth/group/",
]  # fmt: skip
DECIDERS = ["agent", "referent", "superuser"]
# Those who reach nothing of that commune, whether or not they enter.
KEPT_OUT = ["agent elsewhere", "helper", "merchant"]


@dataclass
class Town:
    """A commune with one of each, and the other one."""

    commune: Commune
    elsewhere: Commune
    shop: Shop
    proposal: Proposal
    claim: Claim


@pytest.fixture
def town(tmp_path, monkeypatch) -> Town:
    private_files_in(tmp_path / "private", monkeypatch)
    commune, elsewhere = make_commune("Suresnes"), make_commune("Garches")
    shop = make_shop("Le Fournil", commune=commune)
    make_shop("La Garchoise", commune=elsewhere)
    owner = make_member(shop, name="Awa Diallo")
    edit_listing(shop, {"name": "Le Levain"}, by=owner, expected_version=None, now=NOW)
    claim = make_claim(shop, make_user("paul@example.fr"), proof="document")
    return Town(commune, elsewhere, shop, Proposal.objects.get(), claim)


@pytest.fixture
def enter(login, town):
    """`enter("agent")`: the browser of somebody by what they are to the town."""

    def enter(who: str):
        if who == "merchant":
            return login(town.shop.members.get().user)
        if who == "superuser":
            return login(make_user(is_superuser=True, is_staff=True))
        user = make_user()
        place = town.elsewhere if who.endswith("elsewhere") else town.commune
        give_role(user, place, role=who.split()[0], by=None, now=NOW)
        return login(user)

    return enter


def pages_of(town: Town) -> list[str]:
    return [
        *(f"{SHOPS}{town.shop.pk}/{word}/" for word in ("change", "history")),
        *(f"{PROPOSALS}{town.proposal.pk}/{word}/" for word in ("change", "history")),
        *(f"{CLAIMS}{town.claim.pk}/{word}/" for word in ("change", "history", "document")),
    ]


def is_closed(response) -> bool:
    """Refused, not found, or sent back to where that is said."""
    sent_back = response.status_code == 302 and response.headers["Location"].startswith(
        (HOME + "login/", HOME)
    )
    return response.status_code in {403, 404} or sent_back


def act(browser, list_: str, action: str, row, **data):
    data |= {"action": action, "_selected_action": [row.pk]}
    return browser.post(list_, data)


class TestDoor:
    @pytest.mark.parametrize("who", ["agent", "agent elsewhere", "referent", "superuser"])
    def test_opens_for_whoever_decides_somewhere(self, enter, who):
        assert enter(who).get(HOME).status_code == 200

    @pytest.mark.parametrize("who", ["helper", "merchant"])
    def test_stays_closed_for_others(self, enter, who):
        assert enter(who).get(HOME, follow=True).status_code == 403

    def test_stays_closed_for_an_account_that_is_not_active(self, enter):
        browser = enter("agent")
        User.objects.update(is_active=False)
        assert is_closed(browser.get(HOME))

    @pytest.mark.parametrize("who", ["agent", "superuser"])
    def test_asks_for_a_second_factor(self, enter, settings, who):
        browser = enter(who)
        long_ago = timezone.now() - timedelta(days=settings.SECOND_FACTOR_GRACE_DAYS + 1)
        User.objects.update(date_joined=long_ago, is_staff=False)
        for role in town_roles():
            role.since = long_ago
            role.save()
        response = browser.get(SHOPS, follow=True)
        assert response.redirect_chain[-1][0] == "/compte/securite/"

    def test_shows_an_agent_nothing_of_what_administrators_keep(self, enter):
        browser = enter("agent")
        links = browser.get(HOME).content.decode()
        for address in (SHOPS, PROPOSALS, CLAIMS):
            assert f'href="{address}"' in links
            assert browser.get(address).status_code == 200
        for address in OTHERS:
            assert f'href="{address}"' not in links
            assert browser.get(address).status_code in {403, 404}
            assert browser.get(f"{address}add/").status_code in {403, 404}
            assert browser.post(f"{address}add/", {}).status_code in {403, 404}


def town_roles():
    return [role for user in User.objects.all() for role in user.commune_roles.all()]


class TestReading:
    @pytest.mark.parametrize("who", DECIDERS)
    def test_one_s_own(self, enter, town, who):
        browser = enter(who)
        for address in pages_of(town):
            assert browser.get(address).status_code == 200, address
        assert browser.get(f"{CLAIMS}{town.claim.pk}/document/").content == PDF
        for list_ in (SHOPS, PROPOSALS, CLAIMS):
            for query in ({}, {"q": "fournil"}, {"status__exact": "pending"}):
                assert browser.get(list_, query).status_code == 200
            assert "Le Fournil" in browser.get(list_, {"q": "fournil"}).content.decode()

    @pytest.mark.parametrize("who", KEPT_OUT)
    def test_of_others(self, enter, town, who):
        browser = enter(who)
        for address in pages_of(town):
            assert is_closed(browser.get(address)), address
        for list_ in (SHOPS, PROPOSALS, CLAIMS):
            for query in ({}, {"q": "fournil"}, {"commune__id__exact": town.commune.pk},
                          {"shop__commune__id__exact": town.commune.pk}):  # fmt: skip
                page = browser.get(list_, query).content.decode()
                assert "Fournil" not in page and "Suresnes" not in page, query

    def test_filters_name_no_other_commune(self, enter, town):
        for who, offers in (("superuser", True), ("agent elsewhere", False), ("agent", False)):
            page = enter(who).get(SHOPS)
            titles = [spec.title for spec in page.context["cl"].filter_specs]
            assert ("commune" in titles) is offers

    def test_of_two_communes_both_are_a_filter(self, enter, town, login):
        user = make_user()
        for commune in (town.commune, town.elsewhere):
            give_role(user, commune, role="agent", by=None, now=NOW)
        page = login(user).get(SHOPS)
        assert len(page.context["cl"].result_list) == 2
        assert "commune" in [spec.title for spec in page.context["cl"].filter_specs]

    @pytest.mark.parametrize(
        ("model", "field", "seen"),
        [("proposal", "shop", True), ("claim", "shop", True), ("shop", "commune", False),
         ("shopmember", "user", False), ("communerole", "user", False),
         ("claim", "user", False), ("shop", "main_category", False)],
    )  # fmt: skip
    def test_autocompletion_is_no_directory(self, enter, town, model, field, seen):
        query = {"app_label": "merchants", "model_name": model, "field_name": field, "term": ""}
        response = enter("agent").get(f"{HOME}autocomplete/", query)
        assert response.status_code == (200 if seen else 403)
        if seen:
            assert [row["text"] for row in response.json()["results"]] == ["Le Fournil"]
        assert enter("helper").get(f"{HOME}autocomplete/", query).status_code == 302

    @pytest.mark.parametrize(("who", "status"), [("agent", 302), ("agent elsewhere", 404)])
    def test_the_way_to_the_public_page_tells_no_address(self, enter, town, who, status):
        types = ContentType.objects.get_for_model(Shop)
        browser = enter(who)
        response = browser.get(f"{HOME}r/{types.pk}/{town.shop.pk}/")
        assert response.status_code == status
        for model in (User, Commune):
            types, row = ContentType.objects.get_for_model(model), model.objects.first()
            assert browser.get(f"{HOME}r/{types.pk}/{row.pk}/").status_code == 404

    @pytest.mark.parametrize("number", [1, 3])
    def test_an_agent_s_list_asks_the_same_number_of_queries(
        self, enter, town, django_assert_num_queries, number
    ):
        for _number in range(number - 1):
            make_shop(commune=town.commune, services=["livraison"])
        browser = enter("agent")
        browser.get(SHOPS)
        with django_assert_num_queries(11):
            browser.get(SHOPS)


class TestWriting:
    @pytest.mark.parametrize("who", DECIDERS)
    def test_one_s_own(self, enter, town, who):
        browser = enter(who)
        address = f"{SHOPS}{town.shop.pk}/change/"
        data = form_of(browser.get(address)) | {"description": "Pain au levain"}
        assert browser.post(address, data).status_code == 302
        town.shop.refresh_from_db()
        assert town.shop.description == "Pain au levain"
        assert town.shop.history.first().capacity == "town_hall"
        act(browser, SHOPS, "confirm_by_phone", town.shop)
        act(browser, SHOPS, "suspend", town.shop)
        town.shop.refresh_from_db()
        assert (town.shop.status, town.shop.confirmed_as) == ("suspended", "town_hall_phone")
        act(browser, PROPOSALS, "refuse", town.proposal, reason="Une marque.")
        town.proposal.refresh_from_db()
        assert town.proposal.status == "refused"
        browser.post(f"{CLAIMS}{town.claim.pk}/code/", {"channel": "in_person"})
        assert town.claim.codes.count() == 1
        browser.post(f"{CLAIMS}{town.claim.pk}/decider/", {"decision": "accept"})
        town.claim.refresh_from_db()
        assert town.claim.status == "accepted"

    @pytest.mark.parametrize("who", KEPT_OUT)
    def test_of_others(self, enter, town, who):
        pending = make_shop(commune=town.commune, status="pending")
        boss = enter("superuser")
        address = f"{SHOPS}{town.shop.pk}/change/"
        data = form_of(boss.get(address)) | {"description": "Fermé"}
        version = Shop.objects.get(pk=town.shop.pk).version
        browser = enter(who)
        assert is_closed(browser.post(address, data))
        for page in pages_of(town):
            assert is_closed(browser.post(page, {})) or browser.post(page, {}).status_code == 405
        for word, sent in (("decider", {"decision": "accept"}), ("code", {"channel": "post"})):
            assert is_closed(browser.post(f"{CLAIMS}{town.claim.pk}/{word}/", sent))
        for action in ("publish", "refuse", "suspend", "reopen", "close", "confirm_by_phone"):
            for row in (town.shop, pending):
                act(browser, SHOPS, action, row, reason="Non.", select_across="1")
        for action in ("accept", "refuse"):
            act(browser, PROPOSALS, action, town.proposal, reason="Non.")
        stored = Shop.objects.get(pk=town.shop.pk)
        assert (stored.version, stored.status) == (version, "published")
        pending.refresh_from_db()
        assert (pending.status, pending.confirmed_at) == ("pending", None)
        town.proposal.refresh_from_db()
        town.claim.refresh_from_db()
        assert (town.proposal.status, town.claim.status) == ("pending", "waiting")
        assert not town.claim.codes.exists()

    def test_an_agent_adds_and_moves_within_the_own_communes(self, enter, town):
        browser, category = enter("agent"), make_category()
        page = browser.get(f"{SHOPS}add/")
        assert "Garches" not in page.content.decode()
        data = form_of(page) | {"name": "Chez Nous", "main_category": category.pk}
        refused = browser.post(f"{SHOPS}add/", data | {"commune": town.elsewhere.pk})
        assert refused.status_code == 200 and "commune" in refused.context["adminform"].form.errors
        assert browser.post(f"{SHOPS}add/", data | {"commune": town.commune.pk}).status_code == 302
        shop = Shop.objects.get(name="Chez Nous")
        assert (shop.commune, shop.status) == (town.commune, "pending")
        address = f"{SHOPS}{shop.pk}/change/"
        data = form_of(browser.get(address)) | {"commune": town.elsewhere.pk}
        assert browser.post(address, data).status_code == 200
        assert Shop.objects.get(name="Chez Nous").commune == town.commune

    @pytest.mark.parametrize("who", ["helper", "merchant"])
    def test_others_add_nothing(self, enter, who):
        assert is_closed(enter(who).get(f"{SHOPS}add/"))
        assert is_closed(enter(who).post(f"{SHOPS}add/", {}))

    def test_an_agent_reads_who_keeps_a_listing_and_names_nobody(self, enter, town):
        browser, other = enter("agent"), make_user()
        address = f"{SHOPS}{town.shop.pk}/change/"
        page = browser.get(address)
        assert "Awa Diallo" in page.content.decode()
        assert 'name="members-0-role"' not in page.content.decode()
        before = list(town.shop.members.values("user", "role"))
        data = form_of(page) | {
            "members-0-role": "colleague", "members-0-DELETE": "on", "members-TOTAL_FORMS": "2",
            "members-1-user": other.pk, "members-1-role": "owner", "members-1-shop": town.shop.pk,
        }  # fmt: skip
        assert browser.post(address, data | {"description": "Pain"}).status_code == 302
        assert list(town.shop.members.values("user", "role")) == before
        assert Shop.objects.get(pk=town.shop.pk).description == "Pain"

    def test_services_are_an_agent_s_to_change(self, enter, town):
        shop = make_shop(commune=town.commune, services=["livraison"])
        browser, address = enter("agent"), f"{SHOPS}{shop.pk}/change/"
        data = form_of(browser.get(address)) | {"services-0-note": "Le matin"}
        assert browser.post(address, data).status_code == 302
        assert shop.services.get().note == "Le matin"

    def test_a_role_that_ended_closes_the_door(self, login, town):
        user = make_user()
        role = give_role(user, town.commune, role="agent", by=None, now=NOW)
        browser = login(user)
        assert browser.get(SHOPS).status_code == 200
        role.delete()
        assert is_closed(browser.get(SHOPS))


class TestDjangoPermissions:
    """What an administrator gave an account beside its roles."""

    @pytest.fixture
    def staff(self):
        user = make_user(is_staff=True)
        for right in ("view", "change", "add"):
            for model in ("shop", "claim", "proposal"):
                found = Permission.objects.filter(codename=f"{right}_{model}")
                user.user_permissions.add(*found)
        return user

    def test_reach_no_commune_without_a_role(self, login, staff, town):
        browser = login(staff)
        assert browser.get(HOME).status_code == 200
        assert browser.get(SHOPS).status_code == 403
        assert all(is_closed(browser.get(address)) for address in pages_of(town))

    def test_reach_the_commune_that_the_person_helps(self, login, staff, town):
        give_role(staff, town.commune, role="helper", by=None, now=NOW)
        browser = login(staff)
        for address in pages_of(town):
            assert browser.get(address).status_code == 200, address
        assert [shop.name for shop in browser.get(SHOPS).context["cl"].result_list] == [
            "Le Fournil"
        ]
        page = act(browser, PROPOSALS, "accept", town.proposal)
        assert "ne permet pas" in words(browser.get(page.headers["Location"]))
        town.proposal.refresh_from_db()
        assert town.proposal.status == "pending"

    def test_to_look_is_not_to_act_where_the_person_only_helps(self, login, town):
        """Somebody who decides in one commune and may look in another."""
        user = make_user(is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_shop"))
        give_role(user, town.commune, role="helper", by=None, now=NOW)
        give_role(user, town.elsewhere, role="agent", by=None, now=NOW)
        act(login(user), SHOPS, "confirm_by_phone", town.shop)
        town.shop.refresh_from_db()
        assert town.shop.confirmed_at is None


class TestDrafts:
    @pytest.fixture
    def draft(self, town) -> Shop:
        shop = make_shop("Mon secret", commune=town.commune, status="draft", street="rue Basse",
                         point=None)  # fmt: skip
        make_member(shop)
        return shop

    @pytest.mark.parametrize("who", DECIDERS)
    def test_of_merchants_are_nobody_s_business(self, enter, draft, who):
        browser = enter(who)
        for query in ({}, {"q": "secret"}, {"status__exact": "draft"}, {"point": "a-placer"}):
            assert "Mon secret" not in browser.get(SHOPS, query).content.decode()
        for word in ("change", "history"):
            assert is_closed(browser.get(f"{SHOPS}{draft.pk}/{word}/"))
            assert is_closed(browser.post(f"{SHOPS}{draft.pk}/{word}/", {}))
        for action in ("publish", "confirm_by_phone"):
            act(browser, SHOPS, action, draft)
        types = ContentType.objects.get_for_model(Shop)
        assert browser.get(f"{HOME}r/{types.pk}/{draft.pk}/").status_code == 404
        draft.refresh_from_db()
        assert (draft.status, draft.version, draft.confirmed_at) == ("draft", 2, None)

    @pytest.mark.parametrize("fields", [{}, {"source": "osm"}, {"on_behalf": True}])
    def test_of_the_town_hall_are_published(self, enter, draft, fields):
        """What a file brought, and what was written for a merchant who may have confirmed it."""
        if not fields:
            town = draft.commune
            draft = make_shop("Mon secret", commune=town, status="draft", street="x", point=None)
        Shop.objects.filter(pk=draft.pk).update(**fields)
        browser = enter("agent")
        for query in ({"status__exact": "draft"}, {"point": "a-placer"}):
            assert "Mon secret" in browser.get(SHOPS, query).content.decode()
        assert browser.get(f"{SHOPS}{draft.pk}/change/").status_code == 200
        act(browser, SHOPS, "publish", draft)
        draft.refresh_from_db()
        assert draft.status == "published"


@pytest.mark.django_db(transaction=True)
def test_only_a_form_that_is_read_locks_its_listing(login):
    """PostgreSQL locks a row in a transaction alone, and the history is not in one."""
    browser = login(make_user(is_superuser=True, is_staff=True))
    shop = make_shop()
    for word, status in (("history", 200), ("delete", 403)):
        assert browser.post(f"{SHOPS}{shop.pk}/{word}/", {}).status_code == status
    address = f"{SHOPS}{shop.pk}/change/"
    data = form_of(browser.get(address)) | {"description": "Neuf"}
    assert browser.post(address, data).status_code == 302
    assert Shop.objects.get().description == "Neuf"
