"""The queue of residents' reports: who sees it, what is done about one, which comes next."""

from datetime import timedelta

import pytest
from django.utils import timezone
from post_office.models import Email

from merchants.models import Report, Shop, TakenCase
from merchants.workflow import listing, reports, taking
from merchants.workflow.roles import give_role
from tests.calling import PHONE, make_agent, make_report
from tests.claiming import make_person, words
from tests.factories import NOW, make_commune, make_member, make_shop

pytestmark = pytest.mark.django_db

LIST = "/mairie/signalements/"


def page_of(report: Report) -> str:
    return f"{LIST}{report.pk}/"


@pytest.fixture
def shop():
    return make_shop("Le Fournil", phone=PHONE, street="rue de la Paix", house_number="12")


@pytest.fixture
def agent(login, shop):
    return login(make_agent(shop))


class TestList:
    def test_shows_the_oldest_first_and_the_others_by_state(self, agent, shop):
        make_report(shop, message="Le deuxième", now=NOW)
        make_report(shop, message="Le premier", now=NOW - timedelta(days=2))
        done = make_report(shop, message="Fait")
        reports.handle(done, by=make_agent(shop), now=NOW)
        said = words(agent.get(LIST))
        assert said.index("Le premier") < said.index("Le deuxième")
        assert "Fait" not in said
        assert "Fait" in words(agent.get(LIST, {"etat": "handled"}))
        assert "Le premier" in words(agent.get(LIST, {"etat": "nonsense"}))
        assert "Aucun signalement dans cet état" in words(agent.get(LIST, {"etat": "dismissed"}))

    def test_holds_those_of_the_persons_communes(self, login, shop):
        elsewhere = make_shop("Ailleurs", commune=make_commune("Garches"))
        make_report(shop), make_report(elsewhere)
        said = words(login(make_agent(elsewhere)).get(LIST))
        assert "Ailleurs" in said and "Le Fournil" not in said
        admin = login(make_person("admin", shop))
        assert {"Ailleurs", "Fournil"} <= set(words(admin.get(LIST)).split())
        said = words(admin.get(LIST, {"commune": elsewhere.commune.insee_code}))
        assert "Ailleurs" in said and "Le Fournil" not in said

    @pytest.mark.parametrize("number", [1, 3])
    def test_costs_the_same(self, agent, shop, number, django_assert_num_queries):
        for index in range(number):
            make_report(make_shop(f"Commerce {index}"), message="x")
        agent.get(LIST)
        with django_assert_num_queries(7):
            agent.get(LIST)


class TestPage:
    def test_shows_both_sides(self, agent, shop):
        made = make_report(shop, message="C’est fermé <b>à midi</b>", email="lea@example.fr")
        make_report(shop, kind="contact")
        said = words(agent.get(page_of(made)))
        for sentence in (
            "Les horaires ne sont pas les bons",
            "C’est fermé <b>à midi</b>",
            "Réponse demandée à lea@example.fr",
            "12 rue de la Paix",
            "01 47 51 01 02",
            "Jamais confirmé",
            "Autres signalements sur ce commerce",
            "Appeler le commerce",
            "Corriger la fiche",
        ):
            assert sentence in said.replace("\u00a0", " ")

    def test_is_decided_with_an_answer_and_the_next_one_opens(self, agent, shop):
        first = make_report(shop, message="a", email="lea@example.fr", now=NOW)
        second = make_report(shop, message="b", now=NOW + timedelta(hours=1))
        page = agent.post(page_of(first), {"do": "handled", "answer": "Merci."})
        assert (page.status_code, page.url) == (302, page_of(second))
        assert Email.objects.get().to == ["lea@example.fr"]
        page = agent.post(page_of(second), {"do": "dismissed"}, follow=True)
        assert page.redirect_chain == [("/mairie/dossiers/", 302)]
        assert "Plus aucun dossier ne vous attend." in words(page)
        assert [row.status for row in Report.objects.all()] == ["handled", "dismissed"]
        assert not TakenCase.objects.exists()

    def test_the_next_one_is_the_oldest_behind_it_in_all_communes(self, login, shop):
        user, elsewhere = make_agent(shop), make_shop(commune=make_commune("Garches"))
        give_role(user, elsewhere.commune, role="agent", by=None, now=NOW)
        nobody_s = make_shop(commune=make_commune("Puteaux"))
        hours = [(shop, 3), (elsewhere, 1), (nobody_s, 2), (shop, 0)]
        made = [
            make_report(place, message=str(hour), now=NOW + timedelta(hours=hour))
            for place, hour in hours
        ]
        browser = login(user)
        for here, following in ((3, 1), (1, 0)):
            page = browser.post(page_of(made[here]), {"do": "handled"})
            assert page.url == page_of(made[following])
            assert TakenCase.objects.get().number == made[following].pk

    def test_what_a_colleague_is_at_is_left_to_him(self, agent, shop):
        first, second, third = (
            make_report(shop, message=str(n), now=NOW + timedelta(hours=n)) for n in range(3)
        )
        paul = make_agent(shop, name="Paul Martin")
        taking.take("signalement", second.pk, by=paul, now=timezone.now())
        said = words(agent.get(page_of(second)))
        assert "Paul Martin s’occupe de ce dossier" in said and "M’en occuper quand même" in said
        assert agent.post(page_of(first), {"do": "handled"}).url == page_of(third)

    def test_reports_end_and_other_cases_go_on(self, agent, shop):
        made, waiting = make_report(shop), make_shop("Inscrit", status="pending")
        page = agent.post(page_of(made), {"do": "dismissed"})
        assert page.url == f"/mairie/dossiers/inscription/{waiting.pk}/"

    def test_once_decided_only_the_way_on_is_left(self, agent, shop):
        made = make_report(shop)
        page = agent.get(page_of(made)).content.decode()
        assert "data-take" in page and 'data-key="t" data-key-asks' in page
        reports.handle(made, by=make_agent(shop), now=NOW)
        page = agent.get(page_of(made)).content.decode()
        assert "Passer au suivant" in page
        assert "Je m’en occupe" not in page and "data-take" not in page

    def test_two_agents_at_once(self, agent, login, shop):
        made = make_report(shop, email="lea@example.fr")
        other = make_agent(shop, name="Awa Diallo")
        login(other).post(page_of(made), {"do": "handled"})
        page = agent.post(page_of(made), {"do": "dismissed", "answer": "Trop tard."})
        assert f"{other} a déjà décidé (traité)" in words(page)
        assert "Déjà décidé (traité)" in words(page)
        assert Report.objects.get().status == "handled"

    def test_a_mistake_keeps_what_was_typed(self, agent, shop):
        made = make_report(shop, email="lea@example.fr")
        page = agent.post(page_of(made), {"do": "handled", "answer": "x" * 2001})
        assert "trop longue" in words(page) and "x" * 2001 in page.content.decode()
        page = agent.post(page_of(made), {"do": "?", "answer": "Bonjour Léa"})
        assert "Choisissez un des boutons" in words(page)
        assert "Bonjour Léa" in page.content.decode()

    def test_a_shop_is_closed_once_it_was_asked(self, agent, shop):
        made = make_report(shop, kind="closed", email="lea@example.fr")
        page = agent.post(page_of(made), {"do": "closed", "answer": "Merci."})
        assert "« Le Fournil » a fermé définitivement ?" in words(page).replace("\u202f", " ")
        assert Shop.objects.get().status == "published"
        assert (
            "Merci."
            in agent.post(page_of(made), {"do": "back", "answer": "Merci."}).content.decode()
        )
        sure = {"do": "closed_sure", "answer": "Merci.", "version": shop.version}
        assert agent.post(page_of(made), sure).status_code == 302
        assert Shop.objects.get().status == "closed"
        assert Email.objects.get().to == ["lea@example.fr"]

    def test_a_shop_that_was_written_meanwhile_is_read_again(self, agent, shop):
        made, version = make_report(shop, kind="closed"), shop.version
        hours = make_shop(hours="Mo 08:00-09:00").schedule
        listing.set_hours(shop, hours, by=make_member(shop), now=NOW)
        page = agent.post(page_of(made), {"do": "closed_sure", "version": version})
        assert "modifiée entre-temps" in words(page)
        assert Shop.objects.get(pk=shop.pk).status == "published"

    @pytest.mark.parametrize("number", [1, 3])
    def test_costs_the_same(self, agent, shop, number, django_assert_num_queries):
        made = make_report(shop)
        for index in range(number):
            make_report(shop, message=str(index))
        agent.get(page_of(made))
        with django_assert_num_queries(15):
            agent.get(page_of(made))


@pytest.mark.parametrize(
    ("who", "answers"),
    [
        ("agent", 200),
        ("referent", 200),
        ("admin", 200),
        ("agent elsewhere", 404),
        ("helper", 403),
        ("owner", 403),
        ("stranger", 403),
        ("visitor", 302),
    ],
)
def test_who_may_read_and_decide(client, login, shop, who, answers):
    made = make_report(shop)
    browser = client if who == "visitor" else login(make_person(who, shop))
    page = browser.get(page_of(made), follow=who != "visitor")
    assert page.status_code == answers
    assert (browser.get(LIST).status_code == 200) is (answers in {200, 404})
    browser.post(page_of(made), {"do": "handled"})
    assert (Report.objects.get().status == "handled") is (answers == 200)
