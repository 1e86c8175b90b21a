"""Residents' reports: taken once, decided once, and the address erased with the decision."""

from datetime import timedelta

import pytest
from post_office.models import Email

from merchants.models import Report, Shop
from merchants.workflow import WorkflowError, listing, reports, status
from merchants.workflow.digest import tell_town_halls
from tests.calling import make_agent, make_report
from tests.claiming import make_person
from tests.factories import NOW, make_commune, make_shop

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def shop():
    return make_shop("L’Épi d’Or", commune=make_commune(town_hall_email="mairie@example.fr"))


@pytest.fixture
def agent(shop):
    return make_agent(shop)


class TestMaking:
    def test_waits_for_the_town_hall(self, shop):
        made = make_report(shop, message=" Fermé\r\nle samedi. ", email="lea@example.fr")
        stored = Report.objects.get()
        assert stored == made
        assert (stored.kind, stored.message) == ("hours", "Fermé\nle samedi.")
        assert (stored.status, stored.email, stored.at) == ("waiting", "lea@example.fr", NOW)

    def test_the_same_words_twice_are_one(self, shop):
        assert make_report(shop, message="Fermé") == make_report(shop, message="Fermé ", now=LATER)
        make_report(shop, message="Toujours fermé")
        assert Report.objects.count() == 2

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"kind": "gossip"}, "Objet"),
            ({"message": "x" * 1001}, "trop long"),
            ({"email": "pas une adresse"}, "Adresse pour la réponse"),
            ({"kind": "other"}, "quelques mots"),
            ({"kind": "content", "message": " "}, "quelques mots"),
        ],
    )
    def test_refuses_what_cannot_be_kept(self, shop, values, sentence):
        with pytest.raises(WorkflowError, match=sentence):
            make_report(shop, **values)
        assert not Report.objects.exists()

    def test_only_of_a_listing_that_residents_see(self, shop, agent):
        status.suspend(shop, by=agent, now=NOW)
        with pytest.raises(WorkflowError, match="plus en ligne"):
            make_report(shop)

    def test_one_shop_is_not_buried_under_them(self, shop):
        for number in range(reports.MOST_WAITING):
            make_report(shop, message=str(number))
        with pytest.raises(WorkflowError, match="beaucoup de signalements"):
            make_report(shop, message="un de plus")
        make_report(make_shop("Voisin"))


class TestDeciding:
    @pytest.mark.parametrize(
        ("decide", "state"), [(reports.handle, "handled"), (reports.dismiss, "dismissed")]
    )
    def test_erases_the_address(self, shop, agent, decide, state):
        made = make_report(shop, email="lea@example.fr")
        decide(made, by=agent, now=LATER)
        stored = Report.objects.get()
        assert (stored.status, stored.email) == (state, "")
        assert (stored.decided_by, stored.decided_at) == (agent, LATER)
        assert not Email.objects.exists()

    def test_the_answer_leaves_before(self, shop, agent):
        made = make_report(shop, email="lea@example.fr")
        for _click in range(2):
            reports.handle(made, by=agent, now=LATER, answer="Merci,\nc’est corrigé.")
        mail = Email.objects.get()
        assert mail.to == ["lea@example.fr"]
        assert mail.subject == "L’Épi d’Or\u00a0: la mairie répond à votre signalement"
        assert "Merci,\nc’est corrigé." in mail.message
        assert "Le 23 novembre 2026" in mail.message
        assert "http://testserver/suresnes/commerces/l-epi-d-or/" in mail.message
        assert agent.email not in mail.message

    def test_an_answer_to_nobody_is_refused(self, shop, agent):
        made = make_report(shop)
        with pytest.raises(WorkflowError, match="aucune adresse"):
            reports.dismiss(made, by=agent, now=LATER, answer="Bonjour")
        with pytest.raises(WorkflowError, match="trop longue"):
            reports.dismiss(made, by=agent, now=LATER, answer="x" * 2001)
        assert Report.objects.get().status == "waiting"

    def test_the_second_of_two_agents_is_told_who_was_first(self, shop, agent):
        made = make_report(shop)
        stale = Report.objects.select_related("shop__commune").get()
        reports.handle(made, by=agent, now=LATER)
        for decide in (reports.handle, reports.dismiss):
            with pytest.raises(WorkflowError, match=f"{agent} a déjà décidé .traité., le 23"):
                decide(stale, by=make_agent(shop), now=LATER)
        assert Report.objects.get().decided_by == agent

    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("agent", True),
            ("referent", True),
            ("admin", True),
            ("helper", False),
            ("agent elsewhere", False),
            ("owner", False),
            ("stranger", False),
        ],
    )
    def test_only_by_the_town_hall(self, shop, who, may):
        made, person = make_report(shop), make_person(who, shop)
        if may:
            reports.dismiss(made, by=person, now=LATER)
        else:
            with pytest.raises(WorkflowError):
                reports.dismiss(made, by=person, now=LATER)
        assert (Report.objects.get().status == "dismissed") is may


class TestClosing:
    def test_closes_the_shop_and_the_report(self, shop, agent):
        made = make_report(shop, kind="closed")
        for _click in range(2):
            reports.close_shop(made, by=agent, now=LATER, seen_version=shop.version)
        assert Shop.objects.get(pk=shop.pk).status == "closed"
        assert Report.objects.get().status == "handled"
        assert list(shop.history.values_list("action", flat=True)) == ["close", "create"]

    def test_not_a_listing_that_was_written_meanwhile(self, shop, agent):
        made, version = make_report(shop, kind="closed"), shop.version
        listing.set_hours(shop, make_shop(hours="Mo 08:00-09:00").schedule, by=agent, now=NOW)
        with pytest.raises(WorkflowError, match="modifiée entre-temps"):
            reports.close_shop(made, by=agent, now=LATER, seen_version=version)
        assert Report.objects.get().status == "waiting"
        assert Shop.objects.get(pk=shop.pk).status == "published"

    def test_a_refusal_closes_nothing(self, shop):
        made = make_report(shop, kind="closed")
        with pytest.raises(WorkflowError):
            reports.close_shop(
                made, by=make_person("helper", shop), now=LATER, seen_version=shop.version
            )
        assert Shop.objects.get(pk=shop.pk).status == "published"


def test_old_ones_are_deleted_a_year_after_the_decision(shop, agent):
    old, fresh, waiting = (make_report(shop, message=text) for text in ("a", "b", "c"))
    reports.handle(old, by=agent, now=NOW - timedelta(days=366))
    reports.handle(fresh, by=agent, now=NOW - timedelta(days=364))
    assert reports.purge_reports(now=NOW) == 1
    assert list(Report.objects.all()) == [fresh, waiting]


def test_the_daily_letter_counts_those_that_wait(shop, agent):
    make_report(shop, message="a")
    reports.handle(make_report(shop, message="b"), by=agent, now=NOW)
    tell_town_halls(now=NOW)
    assert "- 1 signalement d’un habitant" in Email.objects.get().message
