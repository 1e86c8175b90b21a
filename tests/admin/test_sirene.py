"""/mairie/sirene/: what waits, what an agent does about it, and who reaches it."""

import pytest
from django.core.cache import cache
from django.utils.html import escape

from merchants.admin.sirene import SEARCHING
from merchants.models import Objection, Shop, ShopStatus, SireneCase
from tests.factories import make_category, make_commune, make_member, make_shop, make_user
from tests.leaves.test_company_search import answer, establishment, head_office, unit
from tests.sirene import make_agent, make_bakery, make_case, number

pytestmark = pytest.mark.django_db

QUEUE, DECIDE, SEARCH = "/mairie/sirene/", "/mairie/sirene/decider/", "/mairie/sirene/interroger/"
OBJECTION, LIFT = "/mairie/sirene/opposition/", "/mairie/sirene/opposition/lever/"
HERE = "?commune=92073"


@pytest.fixture
def commune():
    make_bakery()
    return make_commune(insee_code="92073")


@pytest.fixture
def elsewhere():
    return make_commune("Garches", insee_code="92033")


@pytest.fixture
def browser(login, commune):
    return login(make_agent(commune))


def said(response) -> list[str]:
    messages = (str(m) for m in response.context["messages"])
    return [message.replace("\u00a0", " ") for message in messages]


def decide(browser, decision: str, *cases, **data) -> list[str]:
    data |= {"decision": decision, "case": [case.pk for case in cases]}
    response = browser.post(f"{DECIDE}{HERE}", data, follow=True)
    assert response.status_code == 200
    return said(response)


class TestQueue:
    def test_nothing_waits(self, browser):
        page = browser.get(QUEUE).content.decode()
        assert "Rien n’attend." in page
        assert "Source\u00a0: INSEE, base SIRENE, Licence Ouverte 2.0." in page
        assert "python manage.py sirene --commune 92073" in page

    def test_shows_both_sides_the_oldest_first(self, browser, commune):
        shop = make_shop("Chez Paul", siret=number(1), house_number="12", street="rue de la Paix")
        make_member(shop)
        make_case(commune, "successor", n=2, shop=shop, name="Au bon pain")
        make_case(commune, "unlisted", n=3, name="")
        page = browser.get(QUEUE)
        text = page.content.decode()
        assert [case.siret for case in page.context["page"]] == [number(2), number(3)]
        for words in ("Au bon pain", "Chez Paul", "tenue par son commerçant", number(1), number(2),
                      "Boulangerie (NAF 10.71C)", "Ouvert depuis le 1er mars 2024",
                      "Sans nom dans SIRENE"):  # fmt: skip
            assert words in text, words

    def test_by_kind_and_by_category(self, browser, commune):
        bar = make_category("Bar", naf_codes=["56.30Z"])
        shop = make_shop(siret=number(1))
        make_case(commune, "closed", shop=shop)
        make_case(commune, n=2)
        make_case(commune, n=3, category=bar)
        page = browser.get(f"{QUEUE}{HERE}&nature=unlisted")
        assert [(kind, count) for kind, _label, count in page.context["kinds"]] == [
            ("unlisted", 2), ("closed", 1), ("successor", 0)
        ]  # fmt: skip
        assert [case.siret for case in page.context["page"]] == [number(2), number(3)]
        page = browser.get(f"{QUEUE}{HERE}&nature=unlisted&categorie=bar")
        assert [case.siret for case in page.context["page"]] == [number(3)]

    def test_what_is_decided_is_gone(self, browser, commune):
        case = make_case(commune)
        decide(browser, "dismiss", case)
        assert browser.get(QUEUE).context["total"] == 0

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries(self, browser, commune, django_assert_num_queries, rows):
        for n in range(rows):
            shop = make_shop(siret=number(100 + n))
            make_case(commune, "closed", n=100 + n, shop=shop)
            make_case(commune, n=n)
        browser.get(QUEUE)
        with django_assert_num_queries(13):
            browser.get(QUEUE)


class TestDeciding:
    def test_a_listing_is_made(self, browser, commune):
        case = make_case(commune)
        (sentence,) = decide(browser, "list", case, name="Au bon pain")
        shop = Shop.objects.get()
        assert shop.name == "Au bon pain"
        assert f'<a href="/mairie/merchants/shop/{shop.pk}/change/">Au bon pain</a>' in sentence
        assert browser.get(f"/mairie/merchants/shop/{shop.pk}/change/").status_code == 200

    def test_several_at_once(self, browser, commune):
        cases = [make_case(commune, n=n, house_number=str(n)) for n in range(3)]
        nameless = make_case(commune, n=9, name="")
        sentences = decide(browser, "list", *cases, nameless)
        assert sentences[1] == "3 fiches sont créées, à compléter puis à publier."
        assert "SIRENE ne donne pas le nom" in sentences[0]
        assert Shop.objects.count() == 3

    def test_several_are_dismissed(self, browser, commune):
        cases = [make_case(commune, n=n) for n in range(2)]
        assert decide(browser, "dismiss", *cases) == [
            "2 lignes sont écartées : elles ne seront plus proposées."
        ]

    def test_nothing_is_ticked(self, browser, commune):
        assert decide(browser, "dismiss") == ["Cochez d’abord des lignes."]

    @pytest.mark.parametrize(
        ("decision", "status", "shops"),
        [("replace", "closed", 2), ("close", "closed", 1), ("renumber", "published", 1)],
    )
    def test_a_successor(self, browser, commune, decision, status, shops):
        shop = make_shop(siret=number(1))
        decide(browser, decision, make_case(commune, "successor", n=2, shop=shop))
        shop.refresh_from_db()
        assert (shop.status, Shop.objects.count()) == (status, shops)

    def test_a_colleague_was_faster(self, browser, commune, login):
        case = make_case(commune)
        decide(login(make_agent(commune)), "list", case)
        assert decide(browser, "dismiss", case) == ["Un collègue a déjà traité cette ligne."]

    def test_comes_back_to_the_same_list(self, browser, commune):
        query = f"{HERE}&nature=unlisted&page=2"
        data = {"decision": "dismiss", "case": make_case(commune).pk}
        response = browser.post(f"{DECIDE}{query}", data)
        assert response.headers["Location"] == f"{QUEUE}{query}"

    @pytest.mark.parametrize(
        "data", [{"decision": "x"}, {}, {"decision": "dismiss", "case": "9" * 30}]
    )
    def test_what_is_no_decision(self, browser, commune, data):
        make_case(commune)
        assert browser.post(f"{DECIDE}{HERE}", data).status_code == 404


class TestSearching:
    @pytest.fixture(autouse=True)
    def _service(self, settings, service):
        settings.COMPANY_SEARCH_URL = service.url
        siege = head_office(number(4), "4", "PLACE", "FOCH", date_creation="2024-05-02")
        service.body = answer(unit(siege, establishment(number(4), "4 PLACE FOCH")))

    def test_finds_and_says(self, browser):
        page = browser.post(f"{SEARCH}{HERE}", {"start": ""}, follow=True)
        assert said(page) == ["Nouveau d’après l’annuaire des entreprises : 1 commerce absent."]
        assert SireneCase.objects.get().siret == number(4)
        assert "reprendre" not in page.redirect_chain[-1][0]

    def test_is_continued(self, browser, monkeypatch):
        monkeypatch.setattr("merchants.admin.sirene.SECONDS", 0.0)
        make_shop(siret=number(1))
        page = browser.post(f"{SEARCH}{HERE}", {"start": ""}, follow=True)
        assert page.redirect_chain[-1][0].endswith("&reprendre=pages%3A0%3A1")
        assert "Continuer l’interrogation" in page.content.decode()
        page = browser.post(f"{SEARCH}{HERE}", {"start": "pages:0:1"}, follow=True)
        assert SireneCase.objects.get().siret == number(4)
        assert "reprendre" not in page.redirect_chain[-1][0]

    def test_a_service_that_is_down(self, browser, service):
        service.status = 503
        page = browser.post(f"{SEARCH}{HERE}", {"start": ""}, follow=True)
        assert "est en panne" in said(page)[1]
        assert "Continuer l’interrogation" in page.content.decode()

    def test_one_at_a_time(self, browser, service):
        cache.add(SEARCHING, True)
        page = browser.post(f"{SEARCH}{HERE}", {"start": ""}, follow=True)
        assert said(page) == ["Une interrogation est en cours : réessayez bientôt."]
        assert service.asked == []

    def test_no_such_place(self, browser, service):
        page = browser.post(f"{SEARCH}{HERE}", {"start": "<script>"}, follow=True)
        assert said(page) == ["Cette étape n’existe pas : recommencez l’interrogation."]


class TestObjection:
    def test_is_asked_about_first(self, browser, commune):
        shop = make_shop("Chez Paul", siret=number(1))
        change = browser.get(f"/mairie/merchants/shop/{shop.pk}/change/").content.decode()
        address = f"{OBJECTION}{HERE}&fiche={shop.pk}"
        assert escape(address) in change
        page = browser.get(address).content.decode()
        assert "Chez Paul" in page and f'value="{number(1)}"' in page and "Effacée" in page
        assert not Objection.objects.exists()

    def test_hides_the_listing(self, browser, commune):
        shop = make_shop(siret=number(1))
        address = f"{OBJECTION}{HERE}&fiche={shop.pk}"
        page = browser.post(address, {"siret": number(1), "wish": "hide"}, follow=True)
        shop.refresh_from_db()
        assert (shop.status, Objection.objects.get().siret) == (ShopStatus.SUSPENDED, number(1))
        assert said(page) == ["C’est noté : ce commerce ne sera plus proposé."]
        assert number(1) in page.content.decode()

    def test_without_a_number_only_the_listing_goes(self, browser, commune):
        shop = make_shop()
        address = f"{OBJECTION}{HERE}&fiche={shop.pk}"
        page = browser.post(address, {"siret": "", "wish": "erase"}, follow=True)
        assert (Shop.objects.count(), Objection.objects.count()) == (0, 0)
        assert "Sans SIRET" in said(page)[0]

    def test_a_wrong_number_is_said_and_kept(self, browser, commune):
        page = browser.post(f"{OBJECTION}{HERE}", {"siret": "732 829"})
        assert "14 chiffres" in said(page)[0]
        assert 'value="732 829"' in page.content.decode()

    def test_what_somebody_keeps_offers_no_erasing(self, browser, commune):
        shop = make_shop(siret=number(1))
        make_member(shop)
        page = browser.get(f"{OBJECTION}{HERE}&fiche={shop.pk}").content.decode()
        assert 'value="erase"' not in page

    def test_is_lifted(self, browser, commune):
        browser.post(f"{OBJECTION}{HERE}", {"siret": number(1)})
        browser.post(f"{LIFT}{HERE}", {"objection": Objection.objects.get().pk})
        assert not Objection.objects.exists()


class TestRights:
    @pytest.fixture
    def enter(self, login, commune, elsewhere):
        def enter(who: str):
            if who == "superuser":
                return login(make_user(is_superuser=True, is_staff=True))
            if who == "merchant":
                return login(make_member(make_shop(commune=commune)) and make_user())
            place = elsewhere if who.endswith("elsewhere") else commune
            return login(make_agent(place, who.split()[0]))

        return enter

    @pytest.mark.parametrize("who", ["agent", "referent", "superuser"])
    def test_who_decides(self, enter, commune, who):
        browser, case = enter(who), make_case(commune)
        assert number(1) in browser.get(f"{QUEUE}{HERE}").content.decode()
        assert browser.get(f"{OBJECTION}{HERE}").status_code == 200
        decide(browser, "dismiss", case)
        case.refresh_from_db()
        assert case.status == "dismissed"

    @pytest.mark.parametrize("who", ["agent elsewhere", "referent elsewhere", "helper", "merchant"])
    def test_who_does_not(self, enter, commune, elsewhere, service, who):
        browser, case, shop = enter(who), make_case(commune), make_shop(commune=commune)
        objected = Objection.objects.create(siret=number(8), commune=commune, at=case.found_at)
        closed = {302, 403, 404}
        for address in (QUEUE, f"{OBJECTION}", f"{OBJECTION}{HERE}&fiche={shop.pk}"):
            response = browser.get(address if HERE in address else f"{address}{HERE}")
            assert response.status_code in closed, address
        # Nor through one's own commune.
        for query in (HERE, "?commune=92033"):
            for address, data in (
                (DECIDE, {"decision": "dismiss", "case": case.pk}),
                (LIFT, {"objection": objected.pk}),
                (f"{OBJECTION}", {"siret": "", "wish": "erase", "fiche": shop.pk}),
            ):
                browser.post(f"{address}{query}", data)
            browser.post(f"{OBJECTION}{query}&fiche={shop.pk}", {"siret": "", "wish": "erase"})
        browser.post(f"{SEARCH}{HERE}", {})
        case.refresh_from_db()
        assert case.status == "waiting"
        assert Objection.objects.filter(pk=objected.pk).exists()
        assert Shop.objects.filter(pk=shop.pk, status="published").exists()
        assert service.asked == []
        if who.endswith("elsewhere"):
            assert number(1) not in browser.get(QUEUE).content.decode()

    def test_a_draft_of_a_merchant_is_nobody_s_business(self, browser, commune):
        shop = make_shop(status="draft")
        make_member(shop)
        assert browser.get(f"{OBJECTION}{HERE}&fiche={shop.pk}").status_code == 404

    @pytest.mark.parametrize("address", [DECIDE, SEARCH, LIFT])
    def test_writes_are_posted(self, browser, address):
        assert browser.get(f"{address}{HERE}").status_code == 405
