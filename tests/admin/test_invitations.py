"""« Invitations »: the list, the choice, the page before, and what is made by POST alone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from post_office.models import Email

from merchants.models import AccessCode, Shop
from merchants.workflow import letters
from merchants.workflow.roles import give_role
from tests.claiming import words
from tests.factories import NOW, make_category, make_commune, make_member, make_shop, make_user
from tests.inviting import make_listing, make_objection, make_town
from tests.pdf_text import pages

pytestmark = pytest.mark.django_db

LIST = "/mairie/invitations/"


@pytest.fixture
def town():
    return make_town()


@pytest.fixture
def elsewhere():
    return make_commune("Garches", insee_code="92033")


def browser_of(login, commune, role="agent"):
    user = make_user()
    give_role(user, commune, role=role, by=None, now=NOW)
    return login(user)


@pytest.fixture
def agent(login, town):
    return browser_of(login, town)


def names(response) -> list[str]:
    return [shop.name for shop in response.context["page"]]


class TestList:
    @pytest.mark.parametrize(
        ("role", "place", "status"),
        [("agent", "town", 200), ("referent", "town", 200), ("agent", "elsewhere", 404),
         ("helper", "town", 403)],
    )  # fmt: skip
    def test_who_may(self, login, town, elsewhere, role, place, status):
        browser = browser_of(login, {"town": town, "elsewhere": elsewhere}[place], role)
        for send in (browser.get, browser.post):
            response = send(f"{LIST}?commune=92073", follow=True)
            assert response.status_code == status

    def test_a_merchant_and_a_visitor_stay_outside(self, login, client, town):
        merchant = login(make_member(make_listing("Zinc", town)))
        for browser in (merchant, client):
            response = browser.get(LIST)
            assert response.status_code == 302 and "/mairie/login/" in response["Location"]
        assert merchant.get(LIST, follow=True).status_code == 403

    def test_an_administrator_chooses_any_commune(self, login, town, elsewhere):
        make_listing("Zinc", town)
        browser = login(make_user(is_superuser=True, is_staff=True))
        assert names(browser.get(f"{LIST}?commune=92073")) == ["Zinc"]
        assert names(browser.get(f"{LIST}?commune=92033")) == []

    def test_filters(self, agent, town):
        food, mode = make_category(), make_category("Chaussures", group="Mode")
        make_listing("Abri", town, category=food, email="a@example.fr")
        printed = make_listing("Bois", town, category=mode)
        letters.prepare(printed, by=make_user(is_superuser=True), now=timezone.now())
        for query, found in (
            ("", ["Abri", "Bois"]),
            ("etat=new", ["Abri"]),
            ("etat=printed", ["Bois"]),
            ("etat=n-importe", ["Abri", "Bois"]),
            ("courriel=oui", ["Abri"]),
            ("courriel=non", ["Bois"]),
            ("groupe=mode", ["Bois"]),
            ("groupe=absent", ["Abri", "Bois"]),
            ("q=abri", ["Abri"]),
            ("q=absent", []),
            ("page=99", ["Abri", "Bois"]),
        ):
            assert names(agent.get(f"{LIST}?{query}")) == found, query

    def test_says_what_happened(self, agent, town):
        now = timezone.now() - timedelta(hours=1)
        shop = make_listing("Abri", town, email="a@example.fr", siret="73282932000074")
        letters.prepare(shop, by=make_user(is_superuser=True), now=now)
        said = words(agent.get(LIST))
        assert "lettre imprimée" in said and "Lettre imprimée le" in said
        assert "code valable jusqu’au" in said and "Lettre imprimée : 1" in said
        letters.send_email(shop, by=make_user(is_superuser=True), now=timezone.now())
        Email.objects.update(status=1)
        assert "le serveur ne l’a pas remis" in words(agent.get(LIST))
        make_objection(shop, now)
        page = agent.get(LIST)
        assert "ne veut pas figurer" in words(page)
        assert 'name="shop"' not in page.content.decode()

    def test_an_empty_one_says_so(self, agent):
        assert "Aucune fiche ici" in words(agent.get(LIST))

    @pytest.mark.parametrize("number", [3, 30])
    def test_costs_the_same_whatever_its_length(
        self, agent, town, number, django_assert_num_queries
    ):
        for _number in range(number):
            shop = make_listing("", town, email="a@example.fr")
            letters.prepare(shop, by=make_user(is_superuser=True), now=NOW)
        agent.get(LIST)
        with django_assert_num_queries(11):
            assert len(names(agent.get(LIST))) == number


class TestWriting:
    def test_the_page_before_makes_nothing_and_says_what_will_be(self, agent, town):
        old = make_listing("Ancien", town)
        letters.prepare(
            old, by=make_user(is_superuser=True), now=timezone.now() - timedelta(days=3)
        )
        free = make_listing("Libre", town)
        roving = make_shop("Ambulant", commune=town, point=None, service_area="Suresnes")
        before = list(AccessCode.objects.values_list("code_hash"))
        response = agent.post(LIST, {"action": "lettres", "shop": [old.pk, free.pk, roving.pk]})
        said = words(response)
        assert "2 lettres seront préparées" in said
        assert "il ne vaudra plus rien" in said and "Ancien, lettre du" in said
        assert "Ambulant : Cette fiche n’a pas d’adresse" in said.replace("\u00a0", " ")
        assert list(AccessCode.objects.values_list("code_hash")) == before

    def test_letters_come_as_one_file(self, agent, town):
        shops = [make_listing(name, town) for name in ("Zinc", "Abri")]
        chosen = {"action": "lettres", "shop": [shop.pk for shop in shops], "sure": "1"}
        response = agent.post(LIST, chosen)
        assert response["Content-Type"] == "application/pdf"
        assert "attachment" in response["Content-Disposition"]
        assert "no-store" in response["Cache-Control"]
        first, second = pages(response.content)
        assert "Abri" in first.text and "Zinc" in second.text
        assert "2 lettres sont prêtes." in words(agent.get(LIST))
        again = agent.post(LIST, chosen, follow=True)
        assert "viennent d’être préparées" in words(again)
        assert AccessCode.objects.count() == 2

    def test_all_of_the_filter(self, agent, town):
        make_listing("Abri", town, email="a@example.fr")
        make_listing("Bois", town)
        objector = make_listing("Discret", town, email="d@example.fr", siret="73282932000074")
        make_objection(objector, NOW)
        chosen = {"action": "courriels", "all": "1"}
        page = agent.post(f"{LIST}?courriel=oui", chosen)
        assert [shop.name for shop in page.context["ready"]] == ["Abri"]
        sent = agent.post(f"{LIST}?courriel=oui", chosen | {"sure": "1"}, follow=True)
        assert "1 courriel est parti." in words(sent)
        assert [mail.to for mail in Email.objects.all()] == [["a@example.fr"]]

    def test_who_got_no_email_is_said(self, agent, town):
        mute = make_listing("Muet", town)
        sent = agent.post(
            LIST, {"action": "courriels", "shop": [mute.pk], "sure": "1"}, follow=True
        )
        assert "Muet" in words(sent) and "adresse électronique" in words(sent)
        assert not Email.objects.exists()

    @pytest.mark.parametrize(
        "sent",
        [{}, {"action": "lettres"}, {"action": "courriels", "shop": ["x", "-1"]},
         {"action": "autre", "all": "1"}],
    )  # fmt: skip
    def test_what_cannot_be_understood_is_said(self, agent, town, sent):
        make_listing("Abri", town)
        response = agent.post(LIST, sent | {"sure": "1"}, follow=True)
        assert response.redirect_chain[0][0].startswith(LIST)
        assert "Choisissez" in words(response)
        assert not AccessCode.objects.exists()

    @pytest.mark.parametrize("action", ["lettres", "courriels"])
    def test_nothing_of_another_commune(self, agent, town, elsewhere, action):
        other = make_listing("Ailleurs", elsewhere, email="a@example.fr")
        for address in (LIST, f"{LIST}?commune=92033"):
            for chosen in ({"shop": [other.pk]}, {"all": "1"}):
                response = agent.post(
                    address, {"action": action, "sure": "1", **chosen}, follow=True
                )
                assert "Ailleurs" not in response.content.decode()
        assert not AccessCode.objects.exists() and not Email.objects.exists()
        assert Shop.objects.get(pk=other.pk).version == other.version
