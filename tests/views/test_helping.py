"""The pages for those who act for merchants: finding a listing, beginning one, writing to it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone
from post_office.models import Email

from merchants.models import AccessCode, HistoryEntry, Shop
from merchants.models.role import RoleKind
from merchants.models.shop import Confirmer
from merchants.workflow import status
from merchants.workflow.roles import give_role
from tests.factories import NOW, make_category, make_commune, make_member, make_shop, make_user
from tests.pdf_text import pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    return make_commune("Suresnes", insee_code="92073")


@pytest.fixture
def shop(commune):
    return make_shop(
        "Le Fournil",
        commune=commune,
        category=make_category("Boulangerie"),
        hours="Mo-Fr 09:00-18:00; PH off",
        house_number="12",
        street="rue de la Paix",
        postcode="92150",
        phone="+33147510102",
        email="fournil@example.fr",
    )


@pytest.fixture
def working(commune, login):
    def working(role: str, *communes):
        user = make_user(name=f"Personne {role}")
        for one in communes or [commune]:
            give_role(user, one, role=RoleKind(role), by=None, now=NOW)
        return login(user)

    return working


@pytest.fixture
def helper(working):
    return working("helper")


def url(shop, path: str = "aider/") -> str:
    return f"/mon-commerce/{shop.pk}/{path}"


def text(response) -> str:
    html = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(html)).replace(" ’", "’")


HOME = "/mon-commerce/aider/92073/"


class TestList:
    def test_one_commune_is_gone_straight_to(self, helper, shop):
        assert helper.get("/mon-commerce/aider/").url == HOME
        assert 'href="/mon-commerce/aider/"' in helper.get("/mon-commerce/").content.decode()

    def test_several_are_offered(self, working, shop, commune):
        browser = working("agent", commune, make_commune("Garches", insee_code="92033"))
        page = browser.get("/mon-commerce/aider/")
        assert 'href="/mon-commerce/aider/92033/"' in page.content.decode()
        assert f'href="{HOME}"' in page.content.decode()

    def test_who_helps_nowhere_is_not_invited(self, login, shop):
        browser = login(make_member(shop))
        assert "/mon-commerce/aider/" not in browser.get("/mon-commerce/").content.decode()
        assert browser.get("/mon-commerce/aider/").status_code == 404

    def test_shows_the_listings_that_nobody_keeps(self, helper, shop, commune):
        make_member(make_shop("Tenue", commune=commune))
        make_shop("Ailleurs", commune=make_commune("Garches"))
        page = helper.get(HOME)
        said = text(page)
        assert "Le Fournil Boulangerie, 12 rue de la Paix Publié, jamais confirmée" in said
        assert "Tenue" not in said and "Ailleurs" not in said and "1 fiche " in said
        assert f'href="{url(shop)}"' in page.content.decode()

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", {"Le Fournil", "Chez Léa", "Confirmée"}),
            ("?q=paix", {"Le Fournil"}),
            ("?q=lea", {"Chez Léa"}),
            ("?show=brouillons", {"Chez Léa"}),
            ("?show=jamais", {"Le Fournil", "Chez Léa"}),
            ("?show=jamais&q=four", {"Le Fournil"}),
            ("?show=autre", {"Le Fournil", "Chez Léa", "Confirmée"}),
            ("?q=rien", set()),
        ],
    )
    def test_search_and_filter(self, helper, shop, commune, query, names):
        draft = make_shop("Chez Léa", commune=commune, status="draft")
        confirmed = make_shop("Confirmée", commune=commune)
        Shop.objects.filter(pk=draft.pk).update(on_behalf=True)
        Shop.objects.filter(pk=confirmed.pk).update(
            confirmed_at=NOW, confirmed_as=Confirmer.MERCHANT
        )
        page = helper.get(HOME + query)
        assert {shop.name for shop in page.context["page"]} == names
        if not names:
            assert "Aucune fiche ne correspond" in text(page)

    @pytest.mark.parametrize("number", [1, 3])
    def test_asks_the_same_number_of_queries(
        self, helper, shop, commune, number, django_assert_num_queries
    ):
        for index in range(number - 1):
            make_shop(f"Autre {index}", commune=commune)
        with django_assert_num_queries(6):
            page = helper.get(HOME)
        assert len(page.context["page"]) == number

    def test_pages_keep_the_question(self, helper, commune, shop):
        for index in range(30):
            make_shop(f"Café {index:02}", commune=commune)
        page = helper.get(f"{HOME}?q=cafe")
        assert len(page.context["page"]) == 25
        assert 'href="?q=cafe&amp;page=2"' in page.content.decode()
        page = helper.get(f"{HOME}?q=cafe&page=2")
        assert len(page.context["page"]) == 5
        assert 'href="?q=cafe&amp;page=1"' in page.content.decode()
        assert "Page 2 sur 2" in text(page)


class TestBeginning:
    def test_makes_a_draft_and_goes_on_with_the_steps(self, helper, shop, commune):
        address = f"{HOME}inscrire/"
        assert "saisie par la mairie" in text(helper.get(address))
        response = helper.post(address, {"name": "Chez Léa"})
        draft = Shop.objects.get(name="Chez Léa")
        assert (draft.status, draft.on_behalf, draft.commune) == ("draft", True, commune)
        assert response.url == f"/mon-commerce/{draft.pk}/inscription/adresse/"
        assert helper.post(address, {"name": "Chez Léa"}).url == response.url
        assert Shop.objects.filter(name="Chez Léa").count() == 1
        twin = helper.post(address, {"name": "Le Fournil"})
        assert twin.url.endswith("/inscription/doublons/")
        page = helper.get(url(draft))
        assert "Continuer l’inscription" in text(page)
        assert "Brouillon, saisie par la mairie" in text(page)

    def test_who_discards_it_comes_back_to_the_list(self, helper, shop):
        helper.post(f"{HOME}inscrire/", {"name": "Chez Léa"})
        draft = Shop.objects.get(name="Chez Léa")
        discard = url(draft, "inscription/abandonner/")
        assert f'href="{discard}"' in helper.get(url(draft)).content.decode()
        response = helper.post(discard, {"version": draft.version})
        assert response.url == HOME
        assert "L’inscription est abandonnée" in text(helper.get(HOME))
        assert not Shop.objects.filter(pk=draft.pk).exists()

    def test_wants_a_name_and_keeps_what_was_typed(self, helper, shop):
        page = helper.post(f"{HOME}inscrire/", {"name": "  "})
        assert page.status_code == 200
        assert "obligatoire" in text(page)
        page = helper.post(f"{HOME}inscrire/", {"name": "x" * 121})
        assert "x" * 121 in page.content.decode()


class TestOneListing:
    def test_a_refused_one_says_why_and_how_to_go_on(self, helper, shop):
        Shop.objects.update(status="pending", on_behalf=True)
        assert "La mairie relit la fiche avant de la publier." in text(helper.get(url(shop)))
        agent = make_user(is_superuser=True)
        status.refuse(shop, by=agent, now=NOW, reason="L’adresse n’existe pas.")
        page = helper.get(url(shop))
        assert (
            "Refusé, saisie par la mairie Jamais confirmé La mairie n’a pas publié la fiche. "
            "Pourquoi : L’adresse n’existe pas. Corriger et renvoyer"
        ) in text(page)
        assert f'href="{url(shop, "inscription/commerce/")}"' in page.content.decode()
        assert "Continuer l’inscription" not in text(page)

    def test_a_suspended_one_says_why(self, helper, shop):
        status.suspend(shop, by=make_user(is_superuser=True), now=NOW, reason="Travaux.")
        said = text(helper.get(url(shop)))
        assert "La mairie a suspendu la fiche" in said and "Pourquoi : Travaux." in said
        assert "Corriger et renvoyer" not in said

    def test_leads_to_everything(self, helper, shop):
        page = helper.get(url(shop))
        html = page.content.decode()
        for path in ("fermeture/", "conges/", "horaires/", "confirmer/", "presentation/",
                     "contact/", "services/", "photos/", "identite/", "aider/lettre/",
                     "aider/courriel/"):  # fmt: skip
            assert f'href="{url(shop, path)}"' in html, path
        for path in ("personnes/", "historique/", "fermer/"):
            assert url(shop, path) not in html
        assert f'href="{HOME}"' in html
        assert "noindex" in html

    @pytest.mark.parametrize(
        "path",
        ["fermeture/", "conges/", "horaires/", "confirmer/", "presentation/", "contact/",
         "services/", "photos/", "identite/"],
    )  # fmt: skip
    def test_every_editing_page_says_for_whom_and_leads_back(self, helper, shop, path):
        page = helper.get(url(shop, path))
        assert "Vous agissez pour le compte du commerçant" in text(page)
        assert f'href="{url(shop)}"' in page.content.decode()
        assert 'href="/mon-commerce/"' not in page.content.decode().split("<footer")[0]

    def test_no_page_names_an_account(self, helper, shop, commune):
        gone = make_user("secret@example.fr", name="Awa Secrète")
        Shop.objects.update(confirmed_at=NOW, confirmed_as="merchant", confirmed_by=gone)
        HistoryEntry.objects.update(by=gone)
        for address in (HOME, *(url(shop, path) for path in (
            "aider/", "aider/lettre/", "aider/courriel/", "horaires/", "confirmer/", "contact/",
            "identite/",
        ))):  # fmt: skip
            html = helper.get(address).content.decode()
            assert "secret@" not in html and "Secrète" not in html, address

    def test_confirming_is_the_town_halls_word(self, helper, shop):
        response = helper.post(url(shop, "confirmer/"), {"version": shop.version})
        assert response.url == url(shop)
        held = Shop.objects.get()
        assert held.confirmed_as == Confirmer.TOWN_HALL
        assert "par la mairie" in text(helper.get(url(shop)))

    def test_what_is_written_is_said_to_residents(self, helper, shop, client):
        data = {"version": shop.version, "phone": "01 47 51 99 99", "phone_is_public": "on"}
        assert helper.post(url(shop, "contact/"), data).url == url(shop)
        assert "C’est enregistré, et déjà en ligne." in text(helper.get(url(shop)))
        public = text(client.get(shop.get_absolute_url()))
        assert "01 47 51 99 99" in public
        assert "Fiche saisie par la mairie. Jamais confirmé" in public

    def test_a_helper_proposes_a_name_and_an_agent_gives_it(self, helper, working, shop):
        def rename(browser, name):
            page = browser.get(url(shop, "identite/"))
            data = {"version": page.context["version"]}
            for bound in page.context["form"]:
                data[bound.html_name] = bound.value() or ""
            return browser.post(url(shop, "identite/"), data | {"name": name})

        assert "Vérifié par la mairie" in text(helper.get(url(shop, "identite/")))
        assert rename(helper, "Autre").status_code == 302
        assert Shop.objects.get().name == "Le Fournil"
        assert "Une modification attend" in text(helper.get(url(shop)))
        agent = working("agent")
        assert "En ligne dès que vous enregistrez." in text(agent.get(url(shop, "identite/")))
        assert rename(agent, "Encore autre").status_code == 302
        assert Shop.objects.get().name == "Encore autre"


class TestWriting:
    def test_the_letter_is_made_by_the_button_alone(self, helper, shop):
        page = helper.get(url(shop, "aider/lettre/"))
        assert "cessent de fonctionner" in text(page)
        assert not AccessCode.objects.exists()
        version = {"version": page.context["version"]}
        response = helper.post(url(shop, "aider/lettre/"), version)
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == 'attachment; filename="lettre-le-fournil.pdf"'
        assert "no-store" in response["Cache-Control"] and "private" in response["Cache-Control"]
        assert "12 rue de la Paix" in pages(response.content)[0].text
        assert AccessCode.objects.count() == 1

    def test_a_letter_that_may_not_be_comes_with_a_sentence(self, helper, shop):
        Shop.objects.update(status="closed")
        response = helper.post(url(shop, "aider/lettre/"), {"version": shop.version})
        assert "fermé définitivement" in text(response)

    def test_the_next_letter_says_that_it_ends_the_code_of_the_last(self, helper, shop):
        address = url(shop, "aider/lettre/")
        assert "Une lettre a été préparée" not in text(helper.get(address))
        helper.post(address, {"version": shop.version})
        AccessCode.objects.update(issued_at=timezone.now().replace(2026, 3, 9, 12))
        assert "Une lettre a été préparée le 9 mars 2026" in text(helper.get(address))

    def test_a_mail_leaves_after_a_letter_made_from_the_same_page(self, helper, shop):
        version = {"version": shop.version}
        helper.post(url(shop, "aider/lettre/"), version)
        helper.post(url(shop, "aider/courriel/"), version)
        assert "Le courriel est parti" in text(helper.get(url(shop)))
        assert Email.objects.count() == 1

    def test_a_mail_is_sent_once(self, helper, shop):
        page = helper.get(url(shop, "aider/courriel/"))
        assert "fournil@example.fr" in text(page)
        version = {"version": page.context["version"]}
        for _click in range(2):
            response = helper.post(url(shop, "aider/courriel/"), version)
            assert response.url == url(shop)
        assert Email.objects.count() == 1
        assert "Le courriel est parti à fournil@example.fr." in text(helper.get(url(shop)))
        page = helper.get(url(shop, "aider/courriel/"))
        assert "Un courriel est déjà parti" in text(page)
        assert "<button" not in page.content.decode().split("<main")[1]
        again = helper.post(url(shop, "aider/courriel/"), {"version": Shop.objects.get().version})
        assert "attendez un jour" in text(again)
        HistoryEntry.objects.update(at=timezone.now() - timedelta(days=2))
        helper.post(url(shop, "aider/courriel/"), {"version": Shop.objects.get().version})
        assert Email.objects.count() == 2

    def test_a_listing_without_an_address_asks_for_it(self, helper, shop):
        Shop.objects.update(email="", street="", house_number="")
        page = helper.get(url(shop, "aider/courriel/"))
        assert f'href="{url(shop, "contact/")}"' in page.content.decode()
        response = helper.post(url(shop, "aider/courriel/"), {"version": shop.version})
        assert "adresse électronique" in text(response)
        assert "en main propre" in text(helper.get(url(shop, "aider/lettre/")))


def test_what_a_merchant_takes_over_is_not_said_to_be_the_town_halls(shop, client):
    Shop.objects.update(on_behalf=True)
    assert "Fiche saisie par la mairie." in text(client.get(shop.get_absolute_url()))
    make_member(shop)
    assert "saisie par la mairie" not in text(client.get(shop.get_absolute_url()))


@pytest.mark.parametrize("path", ["aider/", "horaires/", "inscription/adresse/"])
def test_without_a_second_factor_the_listing_waits(working, shop, path, settings):
    """As at the door of the back office: after the first days, an account alone is not enough."""
    settings.SECOND_FACTOR_GRACE_DAYS = -1
    answer = working("agent").get(url(shop, path))
    assert (answer.status_code, answer["Location"]) == (302, "/compte/securite/")


def test_without_a_second_factor_no_listing_is_begun(working, shop, commune, settings):
    settings.SECOND_FACTOR_GRACE_DAYS = -1
    before = Shop.objects.count()
    for role in ("helper", "agent"):
        answer = working(role).post("/mon-commerce/aider/92073/inscrire/", {"name": "Chez Paul"})
        assert (answer.status_code, answer["Location"]) == (302, "/compte/securite/")
    assert Shop.objects.count() == before
