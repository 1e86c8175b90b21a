"""The code of a town hall: typed, or opened as a link; and what trying others leads to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from merchants.access_codes import display_code
from merchants.models import AccessCode, Claim, HistoryEntry, Shop, ShopMember
from merchants.workflow import codes
from merchants.workflow.edit import edit_listing
from tests.claiming import make_claim, make_code, make_person, words
from tests.factories import make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

CODE = "/mon-commerce/code/"
MINE = "/mon-commerce/demandes/"
WRONG = "00000-00000"


@pytest.fixture
def shop():
    return make_shop("Le Fournil", street="rue de la Paix", house_number="12", phone="+33147510142")


@pytest.fixture
def code(shop) -> str:
    return display_code(make_code(shop, channel="post", now=timezone.now()))


class TestTypingACode:
    def test_leads_to_a_page_that_asks(self, login, shop, code):
        person = make_user("paul@example.fr")
        browser = login(person)
        assert browser.get(CODE).status_code == 200
        response = browser.post(CODE, {"code": code.replace("-", " ").lower()})
        assert response.url == f"{CODE}{code}/"
        page = browser.get(response.url)
        said = words(page)
        for sentence in ("Tenir la fiche « Le Fournil »", "12 rue de la Paix", "paul@example.fr"):
            assert sentence in said
        assert not ShopMember.objects.exists()  # Looking is not taking.
        assert "no-store" in page["Cache-Control"]
        # With no referrer at all, browsers would send no origin, and CSRF would refuse the form.
        assert page["Referrer-Policy"] == "same-origin"
        assert page["X-Robots-Tag"] == "noindex"

        for _click in range(2):
            assert browser.post(response.url).url == "/mon-commerce/"
        assert "Vous tenez maintenant la fiche « Le Fournil »." in words(
            browser.get("/mon-commerce/")
        )
        assert shop.members.get().user == person
        page = browser.get(response.url)
        assert page.status_code == 410
        assert "Ce code a déjà servi" in words(page)

    def test_asks_to_log_in_and_comes_back(self, client, code):
        for address in (CODE, f"{CODE}{code}/"):
            response = client.get(address)
            assert response.url == f"/compte/connexion/?next={address}"

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("", "obligatoire"),
            ("123", "10 caractères"),
            ("UUUUU-UUUUU", "jamais U"),
            (WRONG, "Ce code ne convient pas"),
        ],
    )
    def test_a_mistake_stays_to_be_corrected(self, login, typed, sentence):
        page = login(make_user()).post(CODE, {"code": typed})
        assert page.status_code == 200
        assert sentence in words(page)
        assert f'value="{typed}"' in page.content.decode() or not typed

    def test_as_evidence_in_a_dispute(self, login, shop, code):
        make_member(shop)
        browser = login(make_user())
        page = browser.get(f"{CODE}{code}/")
        assert "la mairie entend chacun, puis décide" in words(page)
        assert browser.post(f"{CODE}{code}/").url == MINE
        assert "Votre code est noté." in words(browser.get(MINE))
        assert Claim.objects.get().proof == "code"

    def test_who_keeps_the_shop_needs_none(self, login, shop, code):
        browser = login(make_member(shop))
        page = browser.get(f"{CODE}{code}/")
        assert "Vous vous occupez déjà de ce commerce" in words(page)
        assert "Reprendre cette fiche</button>" not in page.content.decode()
        assert browser.post(f"{CODE}{code}/").status_code == 410
        assert AccessCode.objects.get().used_at is None

    def test_a_claimants_own_code_is_no_use_to_another(self, login, shop):
        made = make_claim(shop)
        code = make_code(shop, claim=made, now=timezone.now())
        page = login(make_user()).post(CODE, {"code": code})
        assert "d’un autre compte" in words(page)
        assert login(made.user).post(CODE, {"code": code}).status_code == 302


class TestLink:
    def test_shows_asks_and_confirms_without_a_login_or_a_cookie(self, client, shop, code):
        link = f"/code/{code}/"
        page = client.get(link)
        said = words(page)
        for sentence in (
            "La fiche « Le Fournil »",
            "12 rue de la Paix",
            "Rien ne change tant que vous n’appuyez pas sur un bouton.",
            "Oui, tout est exact",
            "Reprendre cette fiche",
        ):
            assert sentence in said
        assert client.head(link).status_code == 200
        assert Shop.objects.get().confirmed_at is None
        assert not page.cookies
        assert page["Referrer-Policy"] == "no-referrer"
        assert page["X-Robots-Tag"] == "noindex"
        assert "no-store" in page["Cache-Control"]

        for _click in range(2):
            done = client.post(link, {"version": page.context["shop"].version})
            assert "est confirmée à la date d’aujourd’hui" in words(done)
        assert HistoryEntry.objects.filter(action="confirm").count() == 1
        confirmed = Shop.objects.get()
        assert (confirmed.confirmed_as, confirmed.confirmed_by) == ("merchant", None)
        assert not done.cookies
        assert client.delete(link).status_code == 405

    def test_what_changed_meanwhile_is_read_first(self, client, shop, code):
        page = client.get(f"/code/{code}/")
        version = page.context["shop"].version
        edit_listing(
            Shop.objects.get(),
            {"description": "Neuf"},
            by=make_person("agent", shop),
            expected_version=None,
            now=timezone.now(),
        )
        page = client.post(f"/code/{code}/", {"version": version})
        assert page.status_code == 410
        assert "Relisez-la avant de la confirmer." in words(page)

    @pytest.mark.parametrize("data", [{}, {"version": ""}, {"version": "x"}, {"version": 10**9}])
    def test_nothing_is_confirmed_that_was_not_shown(self, client, code, data):
        page = client.post(f"/code/{code}/", data)
        assert page.status_code == 410
        assert "Relisez la fiche avant de la confirmer : ouvrez de nouveau" in words(page)
        assert Shop.objects.get().confirmed_at is None

    def test_leads_to_taking_over(self, client, code):
        html = client.get(f"/code/{code}/").content.decode()
        assert f'href="{CODE}{code}/" rel="nofollow"' in html

    def test_of_a_listing_that_somebody_keeps(self, client, shop, code):
        make_member(shop)
        page = client.get(f"/code/{code}/")
        assert "Quelqu’un tient déjà cette fiche" in words(page)
        assert "<form" not in page.content.decode()
        assert client.post(f"/code/{code}/", {"version": 1}).status_code == 410
        assert Shop.objects.get().confirmed_at is None

    def test_of_one_claimant(self, client, shop):
        code = make_code(shop, claim=make_claim(shop), now=timezone.now())
        page = client.get(f"/code/{code}/")
        assert "Connectez-vous avec le compte qui l’a demandé." in words(page)
        assert "<form" not in page.content.decode()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_that_is_dead(self, client, shop, method):
        expired = make_code(shop, now=timezone.now() - timedelta(days=14))
        for code, sentence in (
            (WRONG, "Ce code ne convient pas"),
            (expired, "n’est plus valable"),
            ("rien", "10 caractères"),
        ):
            page = getattr(client, method)(f"/code/{code}/")
            assert page.status_code == 410
            assert sentence in words(page)
            assert "Fournil" not in words(page)
            assert page["Referrer-Policy"] == "no-referrer"
            assert "no-store" in page["Cache-Control"]

    def test_is_typed_without_a_login_too(self, client, code):
        page = client.get("/code/")
        assert page.status_code == 200 and not page.cookies
        assert "no-store" in page["Cache-Control"]
        page = client.post("/code/", {"code": "abc"})
        assert "10 caractères" in words(page) and 'value="abc"' in page.content.decode()
        response = client.post("/code/", {"code": code.lower().replace("-", " ")})
        assert response.url == f"/code/{code}/" and not response.cookies
        # Whether it is right, the next page says: nothing is tried out here uncounted.
        assert client.post("/code/", {"code": WRONG}).url == f"/code/{WRONG}/"
        assert 'href="/code/"' in client.get(f"/code/{WRONG}/").content.decode()

    def test_in_english(self, client, code):
        assert client.get("/en/code/").status_code == 200
        assert client.get(f"/en/code/{code}/").status_code == 200


class TestPrivateContact:
    """Whoever has a code reads what residents read, and of a kept listing its name."""

    PRIVATE = "renseigné, visible de la mairie seule"

    @pytest.fixture(autouse=True)
    def contact(self, shop):
        Shop.objects.update(
            email="awa@secret.example", email_is_public=False, phone_is_public=False
        )

    @pytest.fixture
    def said(self, client, login, code):
        """What the pages of the code say: to anybody, and to any account."""

        def said() -> list[str]:
            pages = client.get(f"/code/{code}/"), login(make_user()).get(f"{CODE}{code}/")
            return [words(page) for page in pages]

        return said

    @pytest.mark.parametrize("status", ["draft", "pending", "published", "suspended"])
    def test_is_only_said_to_be_given(self, said, status):
        Shop.objects.update(status=status)
        for page in said():
            assert "secret" not in page and "01 47" not in page
            assert f"Téléphone {self.PRIVATE}" in page and f"Courriel {self.PRIVATE}" in page

    def test_what_residents_read_is_shown(self, said):
        Shop.objects.update(email_is_public=True, phone_is_public=True)
        for page in said():
            assert "awa@secret.example" in page and "01 47 51 01 42" in page
            assert self.PRIVATE not in page

    def test_of_a_kept_listing_the_name_alone(self, said, shop):
        make_member(shop)
        Shop.objects.update(email_is_public=True, phone_is_public=True, website="https://a.example")
        for page in said():
            assert "« Le Fournil »" in page
            for word in ("rue de la Paix", "secret", "01 47", "a.example", "Horaires"):
                assert word not in page

    @pytest.mark.parametrize("status", ["draft", "pending", "suspended"])
    def test_and_not_even_that_of_one_that_is_not_online(self, said, shop, status):
        make_member(shop)
        Shop.objects.update(status=status)
        for page in said():
            assert "Le Fournil" not in page and "adressez-vous à la mairie" in page


class TestFromAHelper:
    def test_says_that_the_town_hall_looks_first(self, client, login, shop):
        helper = make_person("helper", shop)
        code = codes.issue(shop, channel="post", by=helper, now=timezone.now())
        first = "La mairie vérifie d’abord que ce commerce est le vôtre."
        assert first in words(client.get(f"/code/{code}/"))
        browser = login(make_user())
        page = browser.get(f"{CODE}{code}/")
        assert first in words(page) and "Envoyer ma demande" in words(page)
        assert "12 rue de la Paix" in words(page)
        for _click in range(2):
            assert browser.post(f"{CODE}{code}/").url == MINE
        said = words(browser.get(MINE))
        assert "La mairie vérifie : vous recevrez un courriel." in said
        assert Claim.objects.get().is_waiting and not ShopMember.objects.exists()


class TestTooManyWrongCodes:
    def test_of_one_person_within_an_hour(self, login, shop, code, monkeypatch):
        person = make_user()
        browser = login(person)
        for number in range(10):
            if number % 2:
                assert browser.get(f"{CODE}{WRONG}/").status_code == 410
            else:
                assert browser.post(CODE, {"code": WRONG}).status_code == 200
        page = browser.post(CODE, {"code": code})
        assert page.status_code == 429
        assert "réessayez dans une heure" in words(page)
        for method in ("get", "post"):
            assert getattr(browser, method)(f"{CODE}{code}/").status_code == 429
            assert getattr(browser, method)(f"/code/{code}/").status_code == 429
        assert not ShopMember.objects.exists()
        # Nobody else is kept from anything, at the same address or without an account.
        assert login(make_user()).post(CODE, {"code": code}).status_code == 302
        other = login(make_user())
        assert other.get(f"/code/{code}/").status_code == 200
        later = timezone.now() + timedelta(hours=1)
        monkeypatch.setattr(timezone, "now", lambda: later)
        assert browser.post(CODE, {"code": code}).status_code == 302

    def test_what_cannot_be_a_code_does_not_count(self, login, code):
        browser = login(make_user())
        for _number in range(11):
            browser.post(CODE, {"code": "abc"})
        assert browser.post(CODE, {"code": code}).status_code == 302

    def test_right_and_dead_ones_do_not_count(self, client, shop, code):
        make_code(shop, now=timezone.now() - timedelta(days=20))
        for _number in range(31):
            assert client.get(f"/code/{code}/").status_code == 200

    def test_of_one_address(self, client, login, code):
        for number in range(30):
            method = client.post if number % 2 else client.get
            assert method(f"/code/{WRONG}/").status_code == 410
        page = client.get(f"/code/{code}/")
        assert page.status_code == 429
        assert "connectez-vous : un code juste y est accepté tout de suite" in words(page)
        assert page["Referrer-Policy"] == "no-referrer"
        # Others at that address log in; others elsewhere notice nothing.
        assert login(make_user()).get(f"{CODE}{code}/").status_code == 200
        assert client.get(f"/code/{code}/", REMOTE_ADDR="192.0.2.7").status_code == 200

    def test_of_one_network_in_ipv6(self, client, code):
        for number in range(30):
            client.get(f"/code/{WRONG}/", REMOTE_ADDR=f"2001:db8:1:2::{number}")
        assert client.get(f"/code/{code}/", REMOTE_ADDR="2001:db8:1:2:9::1").status_code == 429
        assert client.get(f"/code/{code}/", REMOTE_ADDR="2001:db8:1:3::1").status_code == 200

    def test_behind_a_proxy_it_is_the_visitor_who_counts(self, client, code, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        for _number in range(30):
            client.get(f"/code/{WRONG}/", HTTP_X_FORWARDED_FOR="203.0.113.1, 192.0.2.1")
        seen = {
            address: client.get(f"/code/{code}/", HTTP_X_FORWARDED_FOR=address).status_code
            for address in ("203.0.113.1, 192.0.2.1", "192.0.2.1", "203.0.113.1, 192.0.2.2")
        }
        assert list(seen.values()) == [429, 429, 200]
