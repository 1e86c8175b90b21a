"""What waits at the town hall, who is at it, and the way from one case to the next."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from merchants.models import Proposal, Shop, TakenCase
from merchants.workflow import taking
from merchants.workflow.edit import edit_listing
from tests.claiming import make_claim, make_person, words
from tests.factories import NOW, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

LIST = "/mairie/dossiers/"
NEXT, TAKE = f"{LIST}suivant/", f"{LIST}prendre/"
SIRETS = ["73282932000074", "55208131700018", "73282932000009"]


def registration(name: str, *, kept: bool = True, **values) -> Shop:
    shop = make_shop(name, status="pending", **values)
    if kept:
        make_member(shop)
    return shop


def proposal(name: str = "Le Fournil") -> Proposal:
    shop = make_shop(name)
    owner = make_member(shop)
    edit_listing(shop, {"name": f"{name} neuf"}, by=owner, expected_version=None, now=NOW)
    return Proposal.objects.get(shop=shop, status="pending")


@pytest.fixture
def colleague():
    return make_user(name="Paul Martin", is_superuser=True, is_staff=True)


class TestList:
    def test_of_every_queue(self, agent):
        registration("À lire")
        proposal("À changer")
        make_claim(make_shop("À prendre"), make_user("paul@example.fr"))
        said = words(agent.get(LIST))
        assert "À lire" in said and "Inscriptions 1" in said and "Litiges 0" in said
        assert "Nom" in words(agent.get(LIST, {"kind": "proposition"}))
        assert "paul@example.fr" in words(agent.get(LIST, {"kind": "demande"}))
        for kind in ("litige", "signalement", "sirene"):
            assert "Rien n’attend ici." in words(agent.get(LIST, {"kind": kind}))
        assert agent.get(LIST, {"kind": "rien"}).status_code == 404

    def test_the_oldest_stands_first_with_its_age(self, agent):
        registration("Jeune", now=timezone.now() - timedelta(days=1, hours=1))
        registration("Vieux", now=timezone.now() - timedelta(days=9, hours=1))
        page = agent.get(LIST)
        assert [line.title for line in page.context["lines"]] == ["Vieux", "Jeune"]
        assert "1 semaine, 2 jours" in words(page)

    def test_says_who_is_at_it(self, agent, colleague):
        shop = registration("Le Fournil")
        taking.take("inscription", shop.pk, by=colleague, now=timezone.now())
        assert "Paul Martin s’en occupe depuis" in words(agent.get(LIST))

    @pytest.mark.parametrize("kind", ["inscription", "proposition", "demande"])
    @pytest.mark.parametrize("number", [1, 3])
    def test_asks_the_same_number_of_queries(self, agent, django_assert_num_queries, kind, number):
        for _each in range(number):
            registration("")
            proposal()
            make_claim(make_shop())
        expected = {"inscription": 24, "proposition": 13, "demande": 13}[kind]
        agent.get(LIST, {"kind": kind})
        with django_assert_num_queries(expected):
            agent.get(LIST, {"kind": kind})


class TestWay:
    def test_goes_on_within_the_queue_then_to_the_next_one(self, agent):
        first = registration("Un")
        second = registration("Deux", now=NOW + timedelta(hours=1))
        other = proposal()
        answer = agent.post(NEXT)
        assert answer.url == f"{LIST}inscription/{first.pk}/"
        answer = agent.post(NEXT, {"kind": "inscription", "number": first.pk})
        assert answer.url == f"{LIST}inscription/{second.pk}/"
        answer = agent.post(NEXT, {"kind": "inscription", "number": second.pk})
        assert answer.url == f"{LIST}inscription/{first.pk}/"
        Shop.objects.filter(pk=first.pk).update(status="published")
        answer = agent.post(NEXT, {"kind": "inscription", "number": second.pk})
        assert answer.url == f"{LIST}proposition/{other.pk}/"

    @pytest.mark.parametrize("kind", ["proposition", "litige"])
    def test_begins_with_the_queue_that_is_open(self, agent, kind):
        registration("Un")
        changed, disputed = proposal(), make_shop("Deux")
        make_member(disputed)
        made = make_claim(disputed)
        page = agent.get(LIST, {"kind": kind}).content.decode()
        assert f'name="queue" value="{kind}"' in page
        address = {
            "proposition": f"{LIST}proposition/{changed.pk}/",
            "litige": f"/mairie/merchants/claim/{made.pk}/change/",
        }
        assert agent.post(NEXT, {"queue": kind}).url == address[kind]

    def test_leaves_to_a_colleague_what_he_took(self, agent, colleague):
        shop, other = registration("Un"), registration("Deux", now=NOW + timedelta(hours=1))
        taking.take("inscription", shop.pk, by=colleague, now=timezone.now())
        assert agent.post(NEXT).url == f"{LIST}inscription/{other.pk}/"
        TakenCase.objects.filter(by=colleague).update(at=timezone.now() - timedelta(minutes=16))
        assert agent.post(NEXT).url == f"{LIST}inscription/{shop.pk}/"

    def test_ends_with_a_sentence(self, agent):
        page = agent.post(NEXT, {"kind": "inscription", "number": 5}, follow=True)
        assert "Plus aucun dossier ne vous attend." in words(page)

    def test_takes_what_it_opens(self, agent, colleague):
        shop = registration("Un")
        agent.post(NEXT)
        assert TakenCase.objects.get().number == shop.pk
        page = agent.get(f"{LIST}inscription/{shop.pk}/")
        assert "Vous vous occupez de ce dossier" in words(page)
        assert "data-take" not in page.content.decode()

    def test_a_colleague_is_named_and_can_be_relieved(self, agent, colleague):
        shop = registration("Un")
        taking.take("inscription", shop.pk, by=colleague, now=timezone.now())
        address = f"{LIST}inscription/{shop.pk}/"
        assert "Paul Martin s’occupe de ce dossier" in words(agent.get(address))
        data = {"kind": "inscription", "number": shop.pk}
        page = agent.post(TAKE, data, follow=True)
        assert "Paul Martin s’en occupe déjà." in words(page)
        assert agent.post(TAKE, data | {"quiet": "1"}).status_code == 204
        assert TakenCase.objects.get().by == colleague
        assert agent.post(TAKE, data | {"anyway": "1"}).url == address
        assert TakenCase.objects.get().by != colleague

    @pytest.mark.parametrize("number", ["", "x", "9" * 30, "5"])
    def test_what_is_no_case_is_not_found(self, agent, number):
        assert agent.post(TAKE, {"kind": "inscription", "number": number}).status_code == 404
        assert agent.post(TAKE, {"kind": "rien", "number": 1}).status_code == 404


class TestWithoutReserve:
    """Bulk: the list is shown first, and each goes through the workflow."""

    @pytest.fixture
    def shops(self):
        make_commune(bbox=[2.1, 48.8, 2.3, 48.9])
        return [
            registration(name, siret=siret, street=f"rue {name}", phone="+33147510142")
            for name, siret in zip(["Aubrac", "Boulogne", "Cabourg"], SIRETS, strict=True)
        ]

    def sent(self, page) -> dict:
        html = page.content.decode()
        fields = re.findall(r'name="(version-\d+)" value="(\d+)"', html)
        return dict(fields) | {"number": re.findall(r'name="number" value="(\d+)"', html)}

    def test_all_are_published(self, agent, shops):
        assert "Accepter les 3 dossiers sans réserve" in words(agent.get(LIST))
        page = agent.get(f"{LIST}sans-reserve/")
        assert "Aubrac" in words(page)
        page = agent.post(f"{LIST}sans-reserve/", self.sent(page), follow=True)
        assert "3 fiches sont publiées." in words(page)
        assert set(Shop.objects.values_list("status", flat=True)) == {"published"}

    def test_only_those_that_are_ticked(self, agent, shops):
        data = self.sent(agent.get(f"{LIST}sans-reserve/")) | {"number": [shops[1].pk]}
        agent.post(f"{LIST}sans-reserve/", data)
        assert [s.name for s in Shop.objects.filter(status="published")] == ["Boulogne"]

    def test_what_was_written_meanwhile_stays(self, agent, shops):
        data = self.sent(agent.get(f"{LIST}sans-reserve/"))
        owner = shops[0].members.get().user
        edit_listing(shops[0], {"description": "Neuf"}, by=owner, expected_version=None, now=NOW)
        said = words(agent.post(f"{LIST}sans-reserve/", data, follow=True))
        assert "Aubrac : La fiche a été modifiée" in said and "2 fiches sont publiées." in said
        assert Shop.objects.get(pk=shops[0].pk).status == "pending"

    @pytest.mark.parametrize(
        "values",
        [{"siret": ""}, {"latitude": 47.0}, {"website": "http://aubrac.fr"}, {"name": "Boulogne"}],
        ids=str,
    )
    def test_what_is_in_doubt_is_not_among_them(self, agent, shops, values):
        Shop.objects.filter(pk=shops[0].pk).update(**values)
        found = agent.get(f"{LIST}sans-reserve/").context["shops"]
        assert shops[0].pk not in {shop.pk for shop in found}
        assert shops[2].pk in {shop.pk for shop in found}

    def test_nor_is_what_nobody_known_sent(self, agent, shops):
        shops[0].members.get().user.emailaddress_set.update(verified=False)
        found = agent.get(f"{LIST}sans-reserve/").context["shops"]
        assert [shop.name for shop in found] == ["Boulogne", "Cabourg"]


class TestRights:
    """Every address, by everybody."""

    def addresses(self, shop, claim, proposed) -> list[tuple[str, str]]:
        cases = [("inscription", shop), ("proposition", proposed), ("demande", claim)]
        found = [("get", f"{LIST}{kind}/{row.pk}/") for kind, row in cases]
        for kind, row in cases[:2]:
            found.append(("get", f"{LIST}{kind}/{row.pk}/verifications/"))
            found.append(("post", f"{LIST}{kind}/{row.pk}/decision/"))
        for word in ("suspendre", "rouvrir", "fermer", "annuler"):
            found += [(m, f"/mairie/fiches/{shop.pk}/{word}/") for m in ("get", "post")]
        return found

    @pytest.mark.parametrize(
        ("who", "statuses"),
        [
            ("agent", {200, 302}),
            ("referent", {200, 302}),
            ("admin", {200, 302}),
            ("agent elsewhere", {404}),
            ("helper", {302, 403}),
            ("owner", {302, 403}),
        ],
    )
    def test_every_page_of_a_case(self, login, settings, who, statuses):
        settings.COMPANY_SEARCH_URL = "http://127.0.0.1:9"
        shop = registration("Ici", kept=False)
        proposed, claim = proposal(), make_claim(make_shop("Libre"))
        browser = login(make_person(who, shop))
        for method, address in self.addresses(shop, claim, proposed):
            data = {"decision": "accept"} if method == "post" else {}
            answer = getattr(browser, method)(address, data)
            assert answer.status_code in statuses, address
        taken = browser.post(TAKE, {"kind": "inscription", "number": shop.pk})
        assert taken.status_code in statuses
        assert Shop.objects.get(pk=shop.pk).status == "pending"

    @pytest.mark.parametrize("who", ["agent elsewhere", "helper", "owner"])
    def test_lists_and_bulk(self, login, who):
        make_commune(bbox=[2.1, 48.8, 2.3, 48.9])
        shop = registration("Ici", kept=False, siret=SIRETS[0])
        make_member(shop)
        browser = login(make_person(who, shop))
        for address in (LIST, f"{LIST}sans-reserve/"):
            page = browser.get(address)
            assert page.status_code in {200, 302, 403}
            assert "Ici" not in words(page)
        data = {"number": [shop.pk], f"version-{shop.pk}": shop.version}
        browser.post(f"{LIST}sans-reserve/", data)
        browser.post(NEXT)
        assert Shop.objects.get(pk=shop.pk).status == "pending"
        assert not TakenCase.objects.exists()
