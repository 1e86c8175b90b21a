"""Two listings side by side in the back office."""

import re

import pytest
from django.utils import timezone

from merchants.models import Shop
from merchants.models.twins import twin_pairs
from merchants.workflow.edit import edit_listing
from merchants.workflow.merging import merge
from merchants.workflow.roles import give_role
from tests.claiming import words
from tests.factories import NOW, SURESNES, make_commune, make_member, make_shop, make_user
from tests.merging import merge_both

pytestmark = pytest.mark.django_db

SHOPS = "/mairie/merchants/shop/"
SIRET = "73282932000074"


@pytest.fixture
def commune():
    return make_commune("Suresnes")


@pytest.fixture
def elsewhere(commune):
    return make_commune("Garches")


@pytest.fixture
def kept(commune):
    shop = make_shop("Le Fournil", commune=commune, description="Du pain.")
    make_member(shop, name="Awa Diallo")
    return shop


@pytest.fixture
def other(commune):
    return make_shop("Fournil", commune=commune, siret=SIRET, phone="+33147510102")


@pytest.fixture
def enter(login, commune, elsewhere):
    def enter(who: str):
        user = make_user(is_superuser=who == "superuser", is_staff=who == "superuser")
        if who.split()[0] in {"agent", "referent", "helper"}:
            place = elsewhere if who.endswith("elsewhere") else commune
            give_role(user, place, role=who.split()[0], by=None, now=timezone.now())
        return login(user)

    return enter


def page(one, two):
    return f"/mairie/fusion/?a={one.pk}&b={two.pk}"


def marked(browser, address):
    """What the page would send as it stands."""
    form = browser.get(address).context["form"]
    names = ["keep", "version_a", "version_b", *form.names]
    return {name: form[name].value() for name in names}


class TestMerging:
    def test_chosen_looked_at_and_done(self, enter, kept, other):
        agent, address = enter("agent"), page(other, kept)
        data = marked(agent, address)
        # The merchant's stays, with what only the other says.
        assert data["keep"] == "b"
        assert {n: data[n] for n in ("name", "description", "siret", "phone")} == {
            "name": "b", "description": "b", "siret": "a", "phone": "a",
        }  # fmt: skip
        asked = agent.post(address, data | {"name": "a"})
        assert asked.status_code == 200
        said = words(asked)
        assert "Il restera la fiche" in said and SIRET in said
        assert Shop.objects.filter(status="merged").count() == 0
        hidden = re.findall(
            r'<input type="hidden" name="(\w+)" value="(\w+)"', asked.content.decode()
        )
        sent = dict(hidden) | {"confirmed": "1"}
        done = agent.post(address, sent, follow=True)
        assert done.redirect_chain == [(f"{SHOPS}{kept.pk}/change/", 302)]
        kept.refresh_from_db()
        assert (kept.name, kept.siret, kept.phone) == ("Fournil", SIRET, "+33147510102")
        assert Shop.objects.get(pk=other.pk).merged_into == kept
        # The address of the page, opened or sent again, leads to what stays.
        for again in (agent.get(address), agent.post(address, sent)):
            assert again.status_code == 302 and again.url == f"{SHOPS}{kept.pk}/change/"

    def test_back_from_the_question_keeps_the_choices(self, enter, kept, other):
        agent, address = enter("agent"), page(other, kept)
        data = marked(agent, address) | {"name": "a", "keep": "a", "back": "1"}
        answer = agent.post(address, data)
        form = answer.context["form"]
        assert (form["name"].value(), form["keep"].value()) == ("a", "a")
        assert answer.content.decode().count("checked") == len(form.names) + 1

    def test_a_missing_choice_is_asked_for(self, enter, kept, other):
        agent, address = enter("agent"), page(other, kept)
        data = marked(agent, address)
        del data["siret"]
        answer = agent.post(address, data | {"confirmed": "1"})
        assert "Un choix manque" in words(answer)
        assert Shop.objects.filter(status="merged").count() == 0

    def test_an_old_page_is_told(self, enter, kept, other):
        agent, address = enter("agent"), page(other, kept)
        data = marked(agent, address) | {"confirmed": "1"}
        edit_listing(other, {"phone": ""}, by=None, expected_version=None, now=NOW)
        answer = agent.post(address, data)
        assert answer.status_code == 409
        assert "a changé entre-temps" in words(answer)
        assert answer.context["form"]["version_a"].value() != data["version_a"]

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("agent", 200), ("referent", 200), ("superuser", 200), ("agent elsewhere", 404),
            ("helper", 302), ("merchant", 302),
        ],
    )  # fmt: skip
    def test_who_may(self, enter, kept, other, who, status):
        browser = enter(who)
        data = marked(enter("superuser"), page(kept, other)) | {"confirmed": "1"}
        assert browser.get(page(kept, other)).status_code == status
        if status != 200:
            assert browser.post(page(kept, other), data).status_code == status
            assert Shop.objects.filter(status="merged").count() == 0
            merge_both(kept, other)
            undo = f"/mairie/fusion/{other.pk}/separer/"
            assert browser.get(undo).status_code == status
            assert browser.post(undo).status_code == status
            assert Shop.objects.filter(status="merged").count() == 1

    def test_with_one_of_another_commune(self, enter, elsewhere, kept):
        far = make_shop("Le Fournil", commune=elsewhere)
        assert enter("agent").get(page(kept, far)).status_code == 404
        assert enter("superuser").get(page(kept, far)).status_code == 200

    @pytest.mark.parametrize("query", ["", "?a=1", "?a={0}&b={0}", "?a={0}&b=x", "?a={0}&b=99999"])
    def test_what_is_no_pair(self, enter, kept, query):
        assert enter("agent").get("/mairie/fusion/" + query.format(kept.pk)).status_code == 404

    def test_not_what_somebody_is_still_registering(self, enter, commune, kept):
        draft = make_shop("Le Fournil", commune=commune, status="draft")
        make_member(draft)
        assert enter("superuser").get(page(kept, draft)).status_code == 404


class TestUndoing:
    def test_asked_then_done(self, enter, kept, other):
        merge_both(kept, other)
        agent, address = enter("agent"), f"/mairie/fusion/{other.pk}/separer/"
        assert "a été réunie avec « Le Fournil »" in words(agent.get(address))
        answer = agent.post(address, follow=True)
        assert "séparées" in words(answer)
        assert Shop.objects.get(pk=other.pk).status == "published"
        assert agent.get(address).status_code == 302
        assert "pas réunie" in words(agent.post(address, follow=True))

    def test_a_refusal_is_said(self, enter, commune, kept, other):
        merge_both(kept, other)
        make_shop("Autre", commune=commune, siret=SIRET)
        answer = enter("agent").post(f"/mairie/fusion/{other.pk}/separer/", follow=True)
        assert "porte déjà ce SIRET" in words(answer)


class TestListOfShops:
    def test_the_action_takes_two(self, enter, commune, kept, other):
        agent = enter("agent")
        third = make_shop("Fournil", commune=commune)
        for rows in ([kept], [kept, other, third]):
            data = {"action": "merge", "_selected_action": [row.pk for row in rows]}
            assert "exactement deux" in words(agent.post(SHOPS, data, follow=True))
        data = {"action": "merge", "_selected_action": [other.pk, kept.pk]}
        assert agent.post(SHOPS, data).url == page(kept, other)

    def test_the_page_of_a_shop_leads_to_its_twins(self, enter, kept, other):
        said = enter("agent").get(f"{SHOPS}{kept.pk}/change/").content.decode()
        assert page(kept, other).replace("&", "&amp;") in said

    def test_the_history_has_that_of_the_other(self, enter, kept, other):
        edit_listing(
            other, {"description": "Du bon pain."}, by=None, expected_version=None, now=NOW
        )
        merge_both(kept, other, siret="other")
        said = words(enter("agent").get(f"{SHOPS}{kept.pk}/change/"))
        assert "[Fournil]" in said and "Du bon pain." in said
        assert "Séparer de nouveau" in said

    def test_a_merged_one_is_read(self, enter, kept, other):
        merge_both(kept, other)
        agent, address = enter("agent"), f"{SHOPS}{other.pk}/change/"
        answer = agent.get(address)
        assert "qui reste" in words(answer)
        assert 'name="_save"' not in answer.content.decode()
        assert agent.post(address, {"name": "Autre"}).status_code == 403
        data = {"action": "confirm_by_phone", "_selected_action": [other.pk]}
        assert "ne permet pas" in words(agent.post(SHOPS, data, follow=True))


class TestTwins:
    def make(self, commune, *names, **fields):
        return [make_shop(name, commune=commune, **fields) for name in names]

    def pairs(self, commune, most=10):
        found = twin_pairs(commune.shops.all(), city=commune.name, most=most)
        return [(pair.one.name, pair.two.name) for pair in found]

    def test_alike_and_near(self, commune):
        self.make(commune, "Le Fournil", "Boulangerie du Fournil", "Garage Dupont")
        assert self.pairs(commune) == [("Le Fournil", "Boulangerie du Fournil")]

    def test_alike_and_far(self, commune):
        far = SURESNES._replace(latitude=SURESNES.latitude + 0.002)
        self.make(commune, "Le Fournil")
        self.make(commune, "Fournil", point=far)
        assert self.pairs(commune) == []

    def test_just_within_and_across_cells(self, commune):
        for north in range(0, 14):
            point = SURESNES._replace(latitude=SURESNES.latitude + north * 0.0001)
            make_shop(f"Commerce{north * 7919} Un", commune=commune, point=point)
        near = SURESNES._replace(latitude=SURESNES.latitude + 0.0013)
        self.make(commune, "Le Fournil")
        self.make(commune, "Fournil", point=near)
        assert ("Le Fournil", "Fournil") in self.pairs(commune, most=200)

    def test_at_the_same_address_without_a_point(self, commune):
        place = {"point": None, "house_number": "12"}
        self.make(commune, "Le Fournil", street="av. Foch", **place)
        self.make(commune, "Fournil", street="Avenue Foch", **place)
        self.make(commune, "Le Fournil", street="avenue Foch", point=None)
        assert self.pairs(commune) == [("Le Fournil", "Fournil")]

    def test_two_numbers_are_two_shops_and_one_is_one(self, commune):
        self.make(commune, "Le Fournil", siret=SIRET)
        self.make(commune, "Le Fournil", siret="55208131766522")
        assert self.pairs(commune) == []
        self.make(commune, "Tout autre", siret=SIRET, status="draft", point=None)
        assert self.pairs(commune) == [("Le Fournil", "Tout autre")]

    @pytest.mark.parametrize("count", [1, 12])
    def test_costs_three_queries(self, commune, count, django_assert_num_queries):
        for number in range(count):
            self.make(commune, f"Levain {number * 7919}", f"Le Levain {number * 7919}")
        with django_assert_num_queries(3):
            found = twin_pairs(commune.shops.all(), city=commune.name, most=5)
            assert [pair.one.main_category.label for pair in found]
        assert len(found) == min(count, 5)

    def test_the_page(self, enter, commune, elsewhere, kept, other):
        make_shop("Le Fournil", commune=elsewhere)
        answer = enter("agent").get("/mairie/doublons/")
        assert page(kept, other).replace("&", "&amp;") in answer.content.decode()
        assert len(answer.context["pairs"]) == 1
        merge(kept, other, choices={}, by=None, now=NOW)
        assert "Aucun doublon" in words(enter("agent").get("/mairie/doublons/"))

    def test_what_the_page_leaves_out(self, enter, commune, kept):
        make_member(make_shop("Fournil", commune=commune, status="draft"))
        make_shop("Fournil", commune=commune, status="closed")
        make_shop("Fournil", commune=commune, status="refused")
        assert enter("agent").get("/mairie/doublons/").context["pairs"] == []

    @pytest.mark.parametrize(
        ("who", "status"), [("agent elsewhere", 404), ("helper", 302), ("superuser", 200)]
    )
    def test_of_which_commune(self, enter, commune, kept, who, status):
        address = f"/mairie/doublons/?commune={commune.insee_code}"
        assert enter(who).get(address).status_code == status
