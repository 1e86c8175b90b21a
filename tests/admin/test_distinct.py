"""« Ce ne sont pas des doublons », said from the back office and taken back."""

import re

import pytest

from merchants.models import DistinctShops
from merchants.workflow.distinct import tell_apart
from tests.claiming import make_person, words
from tests.factories import NOW, make_commune, make_shop
from tests.merging import merge_both

pytestmark = pytest.mark.django_db

LIST, SHOPS = "/mairie/doublons/", "/mairie/merchants/shop/"


@pytest.fixture
def commune():
    return make_commune("Suresnes")


@pytest.fixture
def one(commune):
    return make_shop("Le Fournil", commune=commune)


@pytest.fixture
def two(commune):
    return make_shop("Fournil", commune=commune)


@pytest.fixture
def agent(login, one):
    return login(make_person("agent", one))


def pair(one, two, where="fusion/"):
    return f"/mairie/{where}?a={one.pk}&b={two.pk}"


def said(one, two):
    return pair(one, two, "fusion/differentes/")


def sent(html: str) -> list[tuple[str, dict]]:
    """What each form of the page about a pair sends, and where."""
    forms = re.findall(
        r'<form method="post" action="([^"]+differentes[^"]+)"[^>]*>(.*?)</form>', html
    )
    return [
        (
            address.replace("&amp;", "&"),
            dict(re.findall(r'name="(\w+)" value="([^"]*)"', fields)),
        )
        for address, fields in forms
    ]


class TestFromTheList:
    def test_said_and_taken_back(self, agent, one, two):
        html = agent.get(LIST).content.decode()
        [(address, data)] = sent(html)
        assert address == said(one, two) and data["back"] == "doublons"
        answer = agent.post(address, data, follow=True)
        assert answer.redirect_chain[0][0].startswith(f"{LIST}?commune={one.commune.insee_code}&")
        told = words(answer)
        assert "sont deux commerces différents" in told and "Aucun doublon" in told
        assert DistinctShops.objects.get().by.pk == answer.wsgi_request.user.pk
        [(address, data)] = sent(answer.content.decode())
        assert data["undo"] == "1"
        answer = agent.post(address, data, follow=True)
        assert "de nouveau proposée" in words(answer)
        assert [(each.one, each.two) for each in answer.context["pairs"]] == [(one, two)]

    def test_from_the_comparison_that_it_led_to(self, agent, one, two):
        html = agent.get(LIST).content.decode()
        comparison = f"{pair(one, two)}&retour=doublons".replace("&", "&amp;")
        assert comparison in html
        [(address, data)] = sent(agent.get(f"{pair(one, two)}&retour=doublons").content.decode())
        assert agent.post(address, data).url.startswith(LIST)

    @pytest.mark.parametrize("key", ["", "x", "99999999", "9" * 30])
    def test_an_address_that_names_no_pair(self, agent, one, key):
        assert agent.get(f"{LIST}?dit={key}").context["said"] is None

    def test_an_address_that_names_another_commune_s(self, agent, one):
        there = make_commune("Garches")
        pairs = [make_shop(name, commune=there) for name in ("Zyx", "Le Zyx")]
        told = tell_apart(*pairs, by=None, now=NOW)
        mixed = tell_apart(one, pairs[0], by=None, now=NOW)
        for row in (told, mixed):
            assert "Zyx" not in words(agent.get(f"{LIST}?dit={row.pk}"))


class TestFromTheComparison:
    def test_said_and_taken_back(self, agent, one, two):
        [(address, data)] = sent(agent.get(pair(two, one)).content.decode())
        answer = agent.post(address, data, follow=True)
        assert answer.redirect_chain == [(pair(two, one), 302)]
        assert "ils ne sont plus proposés ensemble. Dit par" in words(answer)
        # Two listings that were told apart may be merged all the same.
        assert "Vérifier avant de réunir" in words(answer)
        [(address, data)] = sent(answer.content.decode())
        answer = agent.post(address, data, follow=True)
        assert "de nouveau proposée" in words(answer)
        assert not DistinctShops.objects.exists()

    def test_said_by_somebody_who_is_gone(self, agent, one, two):
        tell_apart(one, two, by=None, now=NOW)
        assert "Dit le 23 novembre 2026." in words(agent.get(pair(one, two)))

    def test_a_refusal_is_said(self, agent, commune, one, two):
        merge_both(make_shop("Fournil bis", commune=commune), two)
        answer = agent.post(said(one, two), follow=True)
        assert "réunie avec une autre" in words(answer)
        assert not DistinctShops.objects.exists()

    def test_by_post_alone(self, agent, one, two):
        assert agent.get(said(one, two)).status_code == 405
        assert not DistinctShops.objects.exists()

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("agent", 302), ("referent", 302), ("admin", 302), ("agent elsewhere", 404),
            ("helper", 302), ("owner", 302), ("stranger", 302),
        ],
    )  # fmt: skip
    def test_who_may(self, login, one, two, who, status):
        answer = login(make_person(who, one)).post(said(one, two))
        assert answer.status_code == status
        assert DistinctShops.objects.exists() is (who in {"agent", "referent", "admin"})


class TestThePageOfAListing:
    def test_tells_of_it_and_leads_there(self, agent, commune, one, two):
        address = f"{SHOPS}{one.pk}/change/"
        assert "Comparer avec « Fournil »" in words(agent.get(address))
        tell_apart(one, two, by=None, now=NOW)
        answer = agent.get(address)
        told = words(answer)
        assert "Comparer avec" not in told
        assert "Dite différente de « Fournil » le 23 novembre 2026 : revenir dessus" in told
        assert pair(one, two).replace("&", "&amp;") in answer.content.decode()
        assert "« Le Fournil » le 23 novembre" in words(agent.get(f"{SHOPS}{two.pk}/change/"))

    def test_but_not_of_another_commune_nor_of_what_was_merged(self, agent, commune, one, two):
        far = make_shop("Zyx", commune=make_commune("Garches"))
        for other in (two, far):
            tell_apart(one, other, by=None, now=NOW)
        merge_both(make_shop("Levain", commune=commune), two)
        told = words(agent.get(f"{SHOPS}{one.pk}/change/"))
        assert "Dite différente de « Levain »" in told
        assert "Zyx" not in told and "« Fournil »" not in told


def test_a_case_leads_to_the_comparison(agent, one, commune):
    case = make_shop("Le Fournil", commune=commune, status="pending")
    make_shop("Le Fournil", commune=make_commune("Garches"))
    address = f"/mairie/dossiers/inscription/{case.pk}/"
    html = agent.get(address).content.decode()
    assert pair(case, one).replace("&", "&amp;") in html
    assert html.count("/mairie/fusion/?") == 1
    tell_apart(case, one, by=None, now=NOW)
    assert "/mairie/fusion/?" not in agent.get(address).content.decode()
