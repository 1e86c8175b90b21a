"""The town hall reads both sides of a claim, gives codes and decides; the workflow writes."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from post_office.models import Email

from merchants.models import AccessCode, Claim
from merchants.workflow import claims, codes
from merchants.workflow.roles import give_role
from tests.claiming import PDF, make_claim, make_code, make_person, private_files_in, words
from tests.factories import NOW, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

LIST = "/mairie/merchants/claim/"


@pytest.fixture
def shop():
    return make_shop(
        "Le Fournil",
        commune=make_commune(
            town_hall_name="Mairie de Suresnes", town_hall_address="2 rue Carnot\n92150 Suresnes"
        ),
        street="rue de la Paix",
        house_number="12",
        postcode="92150",
        phone="+33147510142",
        email="contact@fournil.fr",
    )


@pytest.fixture
def files(tmp_path, monkeypatch):
    return private_files_in(tmp_path / "private", monkeypatch)


@pytest.fixture
def reader(login, shop):
    """Somebody who may look and nothing else."""
    user = make_user(is_staff=True)
    give_role(user, shop.commune, role="helper", by=None, now=NOW)
    user.user_permissions.add(Permission.objects.get(codename="view_claim"))
    return login(user)


def page_of(claim: Claim, word: str = "change") -> str:
    return f"{LIST}{claim.pk}/{word}/"


def codes_in(response) -> list[str]:
    return re.findall(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", words(response))


class TestList:
    def test_says_what_waits_and_where_there_is_a_dispute(self, agent, shop):
        make_claim(shop, make_user("paul@example.fr"))
        make_member(shop)
        make_claim(make_shop("Seul"))
        said = words(agent.get(LIST))
        for word in ("Le Fournil", "Suresnes", "paul@example.fr", "en attente"):
            assert word in said
        rows = agent.get(LIST, {"litige": "oui"}).context["cl"].result_list
        assert [claim.shop.name for claim in rows] == ["Le Fournil"]
        rows = agent.get(LIST, {"litige": "non"}).context["cl"].result_list
        assert [claim.shop.name for claim in rows] == ["Seul"]
        rows = agent.get(LIST, {"q": "fournil", "status__exact": "waiting"})
        assert len(rows.context["cl"].result_list) == 1

    @pytest.mark.parametrize("number", [1, 3])
    def test_asks_the_same_number_of_queries(self, agent, django_assert_num_queries, number):
        for _number in range(number):
            shop = make_shop()
            make_member(shop)
            make_claim(shop)
        agent.get(LIST)
        with django_assert_num_queries(7):
            agent.get(LIST)


class TestPage:
    def test_shows_both_sides(self, agent, shop, now):
        owner = make_member(shop, name="Awa Diallo", email="awa@fournil.fr")
        paul = make_user("paul@example.fr", name="Paul Martin")
        made = make_claim(shop, paul, channel="phone", message="J’ai repris le bail.")
        make_claim(shop)
        claims.answer(made, "C’est faux.", by=owner, now=now)
        page = agent.get(page_of(made))
        said = words(page)
        for sentence in (
            "Paul Martin",
            "paul@example.fr (vérifiée)",
            "un code donné par la mairie, par téléphone, au numéro de la fiche",
            "Aucune adresse de ce compte n’est celle du commerce",
            "J’ai repris le bail.",
            "Litige",
            "Awa Diallo awa@fournil.fr",
            "depuis le 23 novembre 2026",
            "C’est faux.",
            "Une autre demande attend pour ce commerce.",
            "Accepter, à la place de ceux qui la tiennent",
        ):
            assert sentence in said
        assert 'name="_save"' not in page.content.decode()
        assert "no-store" in page["Cache-Control"]

    def test_says_whether_the_address_is_the_shops(self, agent, shop):
        made = make_claim(shop, make_user("paul@fournil.fr"), proof="email")
        said = words(agent.get(page_of(made)))
        assert "paul@fournil.fr est bien celle que donne la fiche" in said
        assert "Personne." in said and "Litige" not in said

    def test_its_keys_lead_to_what_is_shown_before_it_goes_out(self, agent, reader, shop):
        made = make_claim(shop)
        html = agent.get(page_of(made)).content.decode()
        assert re.findall(r'data-key="(\w)"', html) == ["n", "a", "r"]
        assert "data-keys-help" in html and "data-key-asks" not in html
        assert "data-key=" not in reader.get(page_of(made)).content.decode()

    def test_once_decided_only_the_way_on_is_left(self, agent, reader, shop):
        made = make_claim(shop)
        claims.refuse(made, by=None, reason="Non", now=NOW)
        html = agent.get(page_of(made)).content.decode()
        assert re.findall(r'data-key="(\w)"', html) == ["n"]
        assert "Je m’en occupe" not in html and "data-keys-help" not in html
        assert "Passer au suivant" not in reader.get(page_of(made)).content.decode()

    def test_is_never_rewritten(self, agent, shop):
        made = make_claim(shop)
        assert agent.post(page_of(made), {"status": "accepted"}).status_code == 405
        assert agent.get(f"{LIST}add/").status_code == 403
        assert agent.get(page_of(made, "delete")).status_code == 403
        agent.post(LIST, {"action": "delete_selected", "_selected_action": [made.pk], "post": "y"})
        assert Claim.objects.get().is_waiting

    def test_of_one_that_was_decided_has_no_buttons(self, agent, shop, now):
        made = make_claim(shop)
        claims.refuse(made, reason="Bail illisible.", by=make_user(is_superuser=True), now=now)
        page = agent.get(page_of(made))
        assert "Bail illisible." in words(page)
        assert page_of(made, "decider") not in page.content.decode()
        assert page_of(made, "code") not in page.content.decode()

    @pytest.mark.parametrize("who", ["helper", "agent"])
    def test_says_when_a_helper_gave_the_code(self, agent, shop, who):
        given = {"channel": "post", "by": make_person(who, shop), "now": timezone.now()}
        code = codes.issue(shop, **given)
        make_member(shop)
        made = codes.redeem(code, by=make_user(), now=timezone.now()).claim
        said = words(agent.get(page_of(made)))
        assert "utilisé le" in said
        assert ("donné par un aidant" in said) is (who == "helper")

    @pytest.mark.parametrize("number", [1, 3])
    def test_costs_the_same(self, agent, shop, django_assert_num_queries, number):
        for _number in range(number):
            make_member(shop)
        made = make_claim(shop)
        for channel in ["in_person", "post", "phone"][:number]:
            make_code(shop, claim=made, channel=channel)
        agent.get(page_of(made))
        with django_assert_num_queries(11):
            agent.get(page_of(made))


class TestDeciding:
    def test_yes(self, agent, shop):
        made = make_claim(shop)
        response = agent.post(page_of(made, "decider"), {"decision": "accept"}, follow=True)
        assert response.redirect_chain == [("/mairie/dossiers/", 302)]
        assert "chacun est prévenu par courriel" in words(response)
        assert shop.members.get().user == made.user

    def test_the_letter_is_read_first(self, agent, shop):
        made = make_claim(shop, make_user("paul@example.fr"))
        data = {"decision": "refuse", "standard": "d1", "reason": "Revenez.", "preview": "1"}
        page = agent.post(page_of(made, "decider"), data)
        assert "Ce que vous avez joint ne montre pas" in words(page)
        assert "paul@example.fr" in words(page) and not Email.objects.exists()
        assert Claim.objects.get().is_waiting
        page = agent.post(page_of(made, "decider"), data | {"back": "1"})
        assert "Revenez." in words(page) and Claim.objects.get().is_waiting
        del data["preview"]
        agent.post(page_of(made, "decider"), data | {"send": "1"})
        assert Claim.objects.get().reason.endswith("Revenez.")
        assert Email.objects.get().to == ["paul@example.fr"]

    @pytest.mark.parametrize(("decision", "stays"), [("accept", True), ("replace", False)])
    def test_a_dispute(self, agent, shop, decision, stays):
        owner, made = make_member(shop), make_claim(shop)
        if not stays:
            page = agent.post(page_of(made, "decider"), {"decision": decision})
            assert "Cochez la case" in words(page)
            assert shop.members.get().user == owner
        agent.post(page_of(made, "decider"), {"decision": decision, "sure": "on"})
        assert shop.members.filter(user=made.user, role="owner").exists()
        assert shop.members.filter(user=owner).exists() is stays

    def test_no_with_a_reason(self, agent, shop):
        made = make_claim(shop)
        address = page_of(made, "decider")
        page = agent.post(address, {"decision": "refuse", "reason": ""})
        assert "Dites pourquoi" in words(page)
        page = agent.post(address, {"decision": "refuse", "reason": "x" * 501})
        assert "trop long" in words(page)
        assert "x" * 501 in page.content.decode()  # What was typed stays.
        agent.post(address, {"decision": "refuse", "reason": "Bail illisible."})
        made.refresh_from_db()
        assert (made.status, made.reason) == ("refused", "Bail illisible.")
        assert "Bail illisible." in Email.objects.get().message

    def test_nothing_else(self, agent, shop):
        made = make_claim(shop)
        page = agent.post(page_of(made, "decider"), {"decision": "maybe"})
        assert "Choisissez une décision." in words(page)
        assert Claim.objects.get().is_waiting

    def test_the_second_of_two_agents_is_told(self, agent, login, shop):
        made = make_claim(shop)
        other = login(make_user(is_staff=True, is_superuser=True))
        agent.post(page_of(made, "decider"), {"decision": "accept"})
        page = other.post(page_of(made, "decider"), {"decision": "refuse", "reason": "Non."})
        assert "n’attend plus" in words(page)
        assert Claim.objects.get().status == "accepted"


class TestCode:
    @pytest.mark.parametrize(
        ("channel", "sentence"),
        [
            ("phone", "en appelant vous-même le 01 47 51 01 42"),
            ("in_person", "Remettez-le en main propre"),
        ],
    )
    def test_is_shown_once(self, agent, shop, channel, sentence):
        made = make_claim(shop, channel=channel)
        page = agent.post(page_of(made, "code"), {"channel": channel}, follow=True)
        (code,) = codes_in(page)
        assert sentence in words(page)
        assert "no-store" in page["Cache-Control"]
        assert codes_in(agent.get(page_of(made))) == []
        found = codes.read_code(code, now=timezone.now(), by=made.user)
        assert (found.shop, found.code.claim, found.code.channel) == (shop, made, channel)

    @pytest.mark.parametrize("channel", ["phone", "post"])
    def test_reloading_makes_no_other(self, agent, shop, channel):
        made = make_claim(shop, channel=channel)
        other = make_claim(shop)
        response = agent.post(page_of(made, "code"), {"channel": channel})
        assert (response.status_code, response.url) == (302, page_of(made))
        assert codes_in(agent.get(page_of(other))) == []
        assert len(codes_in(agent.get(page_of(made)))) == 1
        assert codes_in(agent.get(page_of(made))) == []
        assert AccessCode.objects.count() == 1

    def test_by_post_is_a_letter_to_be_printed(self, agent, shop):
        made = make_claim(shop, make_user("paul@example.fr"), channel="post")
        page = agent.post(page_of(made, "code"), {"channel": "post"}, follow=True)
        (code,) = codes_in(page)
        said = words(page)
        for sentence in ("Mairie de Suresnes", "2 rue Carnot", "12 rue de la Paix",
                         "92150 SURESNES", "http://testserver/mon-commerce/code/"):  # fmt: skip
            assert sentence in said
        # Whoever opens it at the shop learns of no account.
        assert "paul@example.fr" not in page.content.decode()
        assert "no-store" in page["Cache-Control"]
        codes.redeem(code, by=made.user, now=timezone.now())

    def test_a_second_click_gives_one_that_works(self, agent, shop):
        made = make_claim(shop)
        for _click in range(2):
            page = agent.post(page_of(made, "code"), {"channel": "in_person"}, follow=True)
        codes.read_code(codes_in(page)[0], now=timezone.now())
        assert AccessCode.objects.count() == 1

    @pytest.mark.parametrize("channel", ["", "email", "pigeon"])
    def test_only_in_the_ways_of_a_town_hall(self, agent, shop, channel):
        made = make_claim(shop)
        page = agent.post(page_of(made, "code"), {"channel": channel})
        assert "Dites comment le code sera donné." in words(page)
        assert not AccessCode.objects.exists()

    def test_only_in_ways_that_the_listing_has(self, agent):
        made = make_claim(make_shop("Nu"))
        html = agent.get(page_of(made)).content.decode()
        ways = html.partition('id="channel"')[2].partition("</select>")[0]
        assert re.findall(r'<option value="(\w+)"', ways) == ["in_person"]
        page = agent.post(page_of(made, "code"), {"channel": "phone"})
        assert "La fiche ne donne pas de numéro" in words(page)

    def test_old_ones_say_how_they_stand(self, agent, shop, now):
        made = make_claim(shop)
        make_code(shop, claim=made, channel="post", now=timezone.now() - timedelta(days=60))
        make_code(shop, claim=made, channel="phone", now=timezone.now())
        said = words(agent.get(page_of(made)))
        assert "périmé" in said and "valable jusqu’au" in said


class TestDocument:
    def test_is_saved_and_never_shown(self, agent, shop, files):
        made = make_claim(shop, proof="document")
        assert page_of(made, "document") in agent.get(page_of(made)).content.decode()
        response = agent.get(page_of(made, "document"))
        assert response.content == PDF
        name = f'filename="demande-{made.pk}.pdf"'
        assert response["Content-Disposition"] == f"attachment; {name}"
        assert response["Content-Type"] == "application/pdf"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]

    def test_is_gone_with_the_decision(
        self, agent, shop, files, django_capture_on_commit_callbacks
    ):
        made = make_claim(shop, proof="document", document=BytesIO(PDF))
        with django_capture_on_commit_callbacks(execute=True):
            agent.post(page_of(made, "decider"), {"decision": "accept"})
        assert agent.get(page_of(made, "document")).status_code == 404
        assert not [path for path in files.rglob("*") if path.is_file()]

    def test_there_may_be_none(self, agent, shop, files):
        assert agent.get(page_of(make_claim(shop), "document")).status_code == 404
        lost = make_claim(make_shop(), proof="document")
        lost.document.storage.delete(lost.document.name)
        assert agent.get(page_of(lost, "document")).status_code == 404


class TestDoors:
    WORDS = ("change", "decider", "code", "document")

    def test_closed_to_everybody_else(self, client, login, shop, files):
        made = make_claim(shop, proof="document")
        people = [client, login(make_user()), login(made.user), login(make_member(shop))]
        for browser in people:
            assert browser.get(LIST).status_code in {302, 403}
            for word in self.WORDS:
                assert browser.get(page_of(made, word)).status_code in {302, 403}
                response = browser.post(page_of(made, word), {"decision": "accept"})
                assert response.status_code in {302, 403}
        assert Claim.objects.get().is_waiting

    def test_who_may_only_look_decides_nothing(self, reader, shop, files):
        made = make_claim(shop, proof="document")
        page = reader.get(page_of(made))
        assert page.status_code == 200
        assert (
            "<form"
            not in page.content.decode().partition('id="content-main"')[2].partition("</main>")[0]
        )
        assert reader.get(page_of(made, "document")).status_code == 200
        assert reader.post(page_of(made, "decider"), {"decision": "accept"}).status_code == 403
        assert reader.post(page_of(made, "code"), {"channel": "post"}).status_code == 403
        assert Claim.objects.get().is_waiting

    def test_a_staff_member_without_a_right_sees_nothing(self, login, shop, files):
        made = make_claim(shop, proof="document")
        browser = login(make_user(is_staff=True))
        for word in ("change", "document"):
            assert browser.get(page_of(made, word)).status_code == 403

    def test_the_right_alone_is_no_capacity(self, login, shop):
        """A helper whose account may change claims decides none."""
        made = make_claim(shop)
        user = make_user(is_staff=True)
        give_role(user, shop.commune, role="helper", by=None, now=NOW)
        for right in ("view_claim", "change_claim"):
            user.user_permissions.add(Permission.objects.get(codename=right))
        page = login(user).post(page_of(made, "decider"), {"decision": "accept"})
        assert "Votre compte ne permet pas cette action." in words(page)
        page = login(user).post(page_of(made, "code"), {"channel": "in_person"})
        assert codes_in(page) == []

    def test_buttons_are_posts(self, agent, shop):
        made = make_claim(shop)
        for word in ("decider", "code"):
            assert agent.get(page_of(made, word), {"decision": "accept"}).status_code == 405
        assert agent.post(page_of(made, "document")).status_code == 405
        assert agent.get(f"{LIST}99999/change/").status_code == 404
        assert Claim.objects.get().is_waiting
