"""/mairie/sirene/<number>/: one case by itself, in the way from case to case."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from merchants.models import Shop, ShopStatus, SireneCase, TakenCase
from merchants.workflow import sirene_decisions, taking
from merchants.workflow.roles import give_role
from tests.calling import make_report
from tests.claiming import words
from tests.factories import NOW, make_commune, make_member, make_shop, make_user
from tests.sirene import make_agent, make_bakery, make_case, number

pytestmark = pytest.mark.django_db

LIST, CASES = "/mairie/sirene/", "/mairie/dossiers/"
NEXT, TAKE = f"{CASES}suivant/", f"{CASES}prendre/"


def page_of(case: SireneCase) -> str:
    return f"{LIST}{case.pk}/"


@pytest.fixture
def commune():
    make_bakery()
    return make_commune(insee_code="92073")


@pytest.fixture
def browser(login, commune):
    return login(make_agent(commune))


@pytest.fixture
def paul(commune):
    user = make_user(name="Paul Martin")
    give_role(user, commune, role="agent", by=None, now=NOW)
    return user


def take(case: SireneCase, who) -> None:
    taking.take("sirene", case.pk, by=who, now=timezone.now())


class TestPage:
    def test_shows_what_the_list_shows_and_the_way(self, browser, commune):
        shop = make_shop("Chez Paul", siret=number(1))
        case = make_case(commune, "successor", n=2, shop=shop, name="Au bon pain")
        page = browser.get(page_of(case))
        said = words(page)
        for sentence in ("Chez Paul", "Au bon pain", "successeur", number(2), "Je m’en occupe",
                         "Passer au suivant", "Même commerce", "Toutes les lignes de SIRENE",
                         "s changer le SIRET"):  # fmt: skip
            assert sentence.lower() in said.lower(), sentence
        html = page.content.decode()
        assert f'href="{LIST}?commune=92073"' in html
        assert 'name="case"' in html and 'type="checkbox" name="case"' not in html

    def test_its_buttons_carry_what_django_asks_for(self, commune):
        """Django's token, here and in the list; its test client does without by itself."""
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make_agent(commune))
        cases = [make_case(commune, n=n) for n in range(2)]
        for case, address in zip(cases, (LIST, page_of(cases[1])), strict=True):
            html = strict.get(address).content.decode()
            form = re.search(
                r'action="([^"]*)" class="sirene-buttons">(.*?)</form>', html, re.DOTALL
            )
            fields = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form[2]))
            data = fields | {"decision": "dismiss"}
            assert strict.post(unescape(form[1]) or address, data).status_code == 302
            case.refresh_from_db()
            assert case.status == "dismissed"

    def test_keys_choose_and_decide_nothing_by_themselves(self, browser, commune):
        shop = make_shop(siret=number(1))
        html = browser.get(page_of(make_case(commune, "closed", shop=shop))).content.decode()
        assert html.count("data-key=") == html.count("data-key-asks") + 1 == 3  # And "n".
        assert "Entrée décide" in html
        assert "data-key" not in browser.get(LIST).content.decode()

    def test_is_named_after_what_it_is_about(self, browser, commune):
        shop = make_shop("Chez Paul", siret=number(1))
        for case, name in (
            (make_case(commune, "closed", shop=shop, name="SARL PAUL"), "Chez Paul"),
            (make_case(commune, n=2, name="Le Neuf"), "Le Neuf"),
            (make_case(commune, n=3, name=""), f"SIRET {number(3)}"),
        ):
            assert browser.get(page_of(case)).context["title"] == name
            listed = browser.get(CASES, {"kind": "sirene"}).content.decode()
            assert f'<a href="{page_of(case)}">{name}</a>' in listed

    def test_is_found_from_the_lists(self, browser, commune):
        case = make_case(commune)
        assert browser.get(f"{CASES}sirene/{case.pk}/").url == page_of(case)
        html = browser.get(LIST).content.decode()
        assert html.count(f'href="{page_of(case)}"') == 2  # Its name, and the first one by one.

    def test_once_decided_says_by_whom_and_offers_the_next(self, browser, commune, paul):
        case = make_case(commune)
        sirene_decisions.dismiss(case, by=paul, now=NOW)
        page = browser.get(page_of(case))
        said = words(page)
        assert "Déjà décidé (écarté), le 23 novembre 2026" in said and "Paul Martin" in said
        assert "Passer au suivant" in said and "Je m’en occupe" not in said
        assert "data-take" not in page.content.decode() and "decision" not in page.content.decode()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_costs_the_same(self, browser, commune, rows, django_assert_num_queries):
        for n in range(rows):
            shop = make_shop(siret=number(100 + n))
            make_member(shop)
            case = make_case(commune, "closed", n=100 + n, shop=shop)
        browser.get(page_of(case))
        with django_assert_num_queries(7):
            browser.get(page_of(case))

    @pytest.mark.parametrize("rows", [1, 3])
    def test_its_lists_cost_the_same(self, browser, commune, rows, paul, django_assert_num_queries):
        for n in range(rows):
            shop = make_shop(siret=number(100 + n))
            take(make_case(commune, "closed", n=100 + n, shop=shop), paul)
            make_case(commune, n=n)
        for address, queries in ((LIST, 13), (f"{CASES}?kind=sirene", 16)):
            browser.get(address)
            with django_assert_num_queries(queries):
                browser.get(address)


class TestDeciding:
    def test_makes_the_listing_says_so_and_opens_the_next(self, browser, commune):
        case = make_case(commune, name="SARL PAUL")
        following = make_case(commune, n=2, now=NOW + timedelta(days=1))
        take(case, make_user())
        data = {"decision": "list", "name": "Chez Paul"}
        page = browser.post(page_of(case), data, follow=True)
        shop = Shop.objects.get()
        assert page.redirect_chain == [(page_of(following), 302)]
        assert f'<a href="/mairie/merchants/shop/{shop.pk}/change/">Chez Paul</a>' in str(
            page.content.decode()
        )
        assert "Vous vous occupez de ce dossier" in words(page)
        assert [taken.number for taken in TakenCase.objects.all()] == [following.pk]

    @pytest.mark.parametrize(
        ("decision", "told", "status"),
        [
            ("replace", "est créée", ShopStatus.CLOSED),
            ("close", "1 fiche est fermée.", ShopStatus.CLOSED),
            ("renumber", "1 fiche porte le nouveau SIRET.", ShopStatus.PUBLISHED),
            ("dismiss", "1 ligne est écartée", ShopStatus.PUBLISHED),
        ],
    )
    def test_each_decision_on_a_successor(self, browser, commune, decision, told, status):
        shop = make_shop("Chez Paul", siret=number(1))
        case = make_case(commune, "successor", n=2, shop=shop)
        page = browser.post(page_of(case), {"decision": decision, "name": "Le Neuf"}, follow=True)
        assert told in words(page)
        shop.refresh_from_db()
        case.refresh_from_db()
        assert (shop.status, case.status != "waiting") == (status, True)

    def test_a_mistake_keeps_the_name(self, browser, commune):
        case = make_case(commune, "unlisted", name="Le Fournil")
        for data, told in (
            ({"decision": "close"}, "Cette décision ne va pas avec cette ligne."),
            ({"decision": "?"}, "Choisissez une décision."),
            ({}, "Choisissez une décision."),
        ):
            page = browser.post(page_of(case), data | {"name": "Chez « Paul »"})
            assert page.status_code == 200
            assert told in words(page)
            assert 'value="Chez « Paul »"' in page.content.decode()
        assert SireneCase.objects.get().status == "waiting"

    def test_a_colleague_was_faster(self, browser, login, commune, paul):
        case = make_case(commune)
        login(paul).post(page_of(case), {"decision": "dismiss"})
        said = words(browser.post(page_of(case), {"decision": "list", "name": "Le Neuf"}))
        assert "Un collègue a déjà traité cette ligne." in said
        assert "Déjà décidé (écarté)" in said and not Shop.objects.exists()

    def test_the_list_stays_the_list_and_frees_what_it_decides(self, browser, commune, paul):
        case = make_case(commune)
        make_case(commune, n=2)
        take(case, paul)
        assert "Paul Martin s’en occupe depuis" in words(browser.get(LIST))
        data = {"decision": "dismiss", "case": case.pk}
        page = browser.post(f"{LIST}decider/?commune=92073", data)
        assert page.url == f"{LIST}?commune=92073"
        assert not TakenCase.objects.exists()


class TestWay:
    def test_two_agents_do_not_do_the_same(self, login, commune, paul):
        cases = [make_case(commune, n=n, now=NOW + timedelta(days=n)) for n in range(4)]
        ana = login(make_agent(commune))
        assert ana.post(NEXT, {"queue": "sirene"}).url == page_of(cases[0])
        assert "s’occupe de ce dossier depuis" in words(login(paul).get(page_of(cases[0])))
        assert login(paul).post(NEXT, {"queue": "sirene"}).url == page_of(cases[1])
        page = ana.post(page_of(cases[0]), {"decision": "dismiss"})
        assert page.url == page_of(cases[2])
        page = login(paul).post(page_of(cases[1]), {"decision": "dismiss"})
        assert page.url == page_of(cases[3])

    def test_follows_the_reports_and_ends_with_what_it_has_made(self, browser, commune):
        report, case = make_report(make_shop()), make_case(commune)
        page = browser.post(f"/mairie/signalements/{report.pk}/", {"do": "handled"})
        assert page.url == page_of(case)
        page = browser.post(page_of(case), {"decision": "list"})
        made = Shop.objects.get(status="pending")
        assert page.url == f"{CASES}inscription/{made.pk}/"

    def test_passes_over_what_the_decision_has_settled(self, browser, commune):
        """A registration whose business has closed is refused with the last case."""
        shop = make_shop(status="pending", siret=number(1))
        other = make_shop("Ensuite", status="pending", now=NOW + timedelta(days=1))
        case = make_case(commune, "closed", shop=shop)
        page = browser.post(page_of(case), {"decision": "close"})
        assert page.url == f"{CASES}inscription/{other.pk}/"

    def test_the_number_opens_all_that_it_counts(self, login, commune):
        garches = make_commune("Garches", insee_code="92033")
        make_case(commune), make_case(garches, n=2, name="Loin")
        user = make_agent(commune)
        (card,) = login(user).get("/mairie/").context["queues"]
        assert (card["count"], card["url"]) == (1, LIST)
        give_role(user, garches, role="agent", by=None, now=NOW)
        browser = login(user)
        (card,) = browser.get("/mairie/").context["queues"]
        assert (card["count"], card["url"]) == (2, f"{CASES}?kind=sirene")
        page = browser.get(card["url"])
        assert "Loin" in words(page) and f'href="{LIST}"' in page.content.decode()


@pytest.mark.parametrize(
    ("who", "answers"),
    [
        ("agent", 200),
        ("referent", 200),
        ("superuser", 200),
        ("agent elsewhere", 404),
        ("referent elsewhere", 404),
        ("helper", 403),
        ("merchant", 403),
        ("visitor", 302),
    ],
)
def test_who_reads_and_decides(client, login, commune, who, answers):
    case = make_case(commune)
    if who == "superuser":
        browser = login(make_user(is_superuser=True, is_staff=True))
    elif who == "merchant":
        browser = login(make_member(make_shop(commune=commune)))
    elif who == "visitor":
        browser = client
    else:
        place = make_commune("Garches") if who.endswith("elsewhere") else commune
        browser = login(make_agent(place, who.split()[0]))
    page = browser.get(page_of(case), follow=answers != 302)
    assert page.status_code == answers
    browser.post(page_of(case), {"decision": "dismiss"})
    case.refresh_from_db()
    assert (case.status == "dismissed") is (answers == 200)
    taken = browser.post(TAKE, {"kind": "sirene", "number": case.pk, "quiet": "1"})
    assert (taken.status_code == 204) is (answers == 200)
