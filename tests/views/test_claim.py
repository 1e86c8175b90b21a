"""« C’est mon commerce » and the owner's side of it, as browsers meet them."""

import re
from io import BytesIO

import pytest
from django.utils import timezone
from post_office.models import Email

from merchants.access_codes import display_code
from merchants.models import Claim, Shop
from merchants.workflow import claims, codes
from tests.claiming import PDF, make_claim, make_code, make_person, private_files_in, words
from tests.factories import make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

PUBLIC = "/suresnes/commerces/le-fournil/"
CLAIM = f"{PUBLIC}c-est-mon-commerce/"
CODE = "/mon-commerce/code/"
MINE = "/mon-commerce/demandes/"
WRONG = "00000-00000"


@pytest.fixture
def shop():
    return make_shop(
        "Le Fournil",
        street="rue de la Paix",
        house_number="12",
        phone="+33147510142",
        email="contact@fournil.fr",
    )


@pytest.fixture
def files(tmp_path, monkeypatch):
    return private_files_in(tmp_path / "private", monkeypatch)


@pytest.fixture
def code(shop) -> str:
    return display_code(make_code(shop, channel="post", now=timezone.now()))


@pytest.fixture
def claimant():
    return make_user("awa@fournil.fr", name="Awa Diallo")


def ways(response) -> list[str]:
    return re.findall(r'name="way" value="(\w+)"', response.content.decode())


class TestPublicPage:
    def test_says_it_where_nobody_keeps_the_listing(self, client, shop):
        page = client.get(PUBLIC)
        assert f'class="button button-quiet" href="{CLAIM}" rel="nofollow"' in page.content.decode()
        assert "C’est mon commerce" in words(page)
        assert not page.cookies

    def test_and_asks_quietly_where_somebody_does(self, client, shop):
        make_member(shop)
        page = client.get(PUBLIC)
        assert f'<a href="{CLAIM}" rel="nofollow">' in page.content.decode()
        assert "Ce commerce est le vôtre ?" in words(page)
        assert "C’est mon commerce" not in words(page)
        assert not page.cookies

    def test_changes_at_once_when_somebody_takes_over(self, client, shop, code):
        client.get(PUBLIC)
        codes.redeem(code, by=make_user(), now=timezone.now())
        assert "Ce commerce est le vôtre ?" in words(client.get(PUBLIC))


class TestClaim:
    def test_asks_to_log_in_and_comes_back(self, client, shop):
        for prefix in ("", "/en"):
            response = client.get(prefix + CLAIM)
            assert response.status_code == 302
            assert response.url == f"{prefix}/compte/connexion/?next={prefix}{CLAIM}"
        page = client.get(f"/compte/connexion/?next={CLAIM}")
        assert f"/compte/inscription/?next={CLAIM}" in page.content.decode().replace("%2F", "/")

    def test_who_has_no_account_yet_comes_back_too(self, client, shop):
        data = {"email": "neuf@example.fr", "password1": "pain-de-campagne-2026", "next": CLAIM}
        client.post("/compte/inscription/", data)
        letter = Email.objects.get().message
        link = re.search(r"http://testserver(/compte/adresse/verifier/\S+)", letter)[1]
        assert client.post(link).headers["Location"] == CLAIM

    def test_offers_what_the_listing_and_the_account_allow(self, login, shop, claimant):
        page = login(claimant).get(CLAIM)
        assert ways(page) == ["in_person", "post", "phone", "email", "document"]
        said = words(page)
        for sentence in (
            "Un code par courrier, au 12 rue de la Paix",
            "Un code par téléphone, au 01 •• •• •• 42",
            "Mon adresse awa@fournil.fr est celle du commerce",
        ):
            assert sentence in said
        assert "contact@fournil.fr" not in said
        assert page["Cache-Control"] == "private, no-cache"
        assert "noindex" in page.content.decode()

        Shop.objects.update(phone_is_public=False)
        said = words(login(make_user()).get(CLAIM))
        assert "au numéro que la mairie connaît" in said and "42" not in said
        Shop.objects.update(phone="", street="")
        assert ways(login(make_user()).get(CLAIM)) == ["in_person", "document"]

    @pytest.mark.parametrize("way", ["in_person", "post", "phone"])
    def test_by_code(self, login, shop, way):
        person = make_user()
        browser = login(person)
        for _click in range(2):
            response = browser.post(CLAIM, {"way": way, "message": "Bonjour"})
            assert (response.status_code, response.url) == (302, MINE)
        made = Claim.objects.get()
        assert (made.user, made.proof, made.channel, made.message) == (
            person, "code", way, "Bonjour",
        )  # fmt: skip
        page = browser.get(MINE)
        assert "Votre demande est partie." in words(page)
        assert "Le Fournil" in words(page) and "en attente" in words(page)
        page = browser.get(CLAIM)
        assert "Votre demande attend la mairie" in words(page)
        assert ways(page) == []

    def test_by_address_and_by_document(self, login, shop, claimant, files):
        login(claimant).post(CLAIM, {"way": "email"})
        document = BytesIO(PDF)
        document.name = "kbis.pdf"
        login(make_user()).post(CLAIM, {"way": "document", "document": document})
        assert sorted(Claim.objects.values_list("proof", flat=True)) == ["document", "email"]
        assert len([path for path in files.rglob("*") if path.is_file()]) == 1

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            ({}, "Choisissez un moyen."),
            ({"way": "email"}, "Sélectionnez un choix valide."),
            ({"way": "pigeon"}, "Sélectionnez un choix valide."),
            ({"way": "document"}, "Joignez un document"),
            ({"way": "document", "document": b"<html>"}, "PDF, un JPEG ou un PNG"),
            ({"way": "document", "document": b""}, "vide"),
            ({"way": "post", "message": "x" * 1001}, "1000 caractères"),
        ],
    )
    def test_a_mistake_is_said_beside_its_field(self, login, shop, files, data, sentence):
        if "document" in data:
            file = BytesIO(data["document"])
            file.name = "kbis.pdf"
            data = data | {"document": file}
        page = login(make_user()).post(CLAIM, {"message": "Bonjour"} | data)
        assert page.status_code == 200
        assert sentence in words(page)
        assert 'aria-invalid="true"' in page.content.decode()
        assert data.get("message", "Bonjour") in page.content.decode()
        assert not Claim.objects.exists()

    @pytest.mark.parametrize(
        ("way", "sentence"),
        [
            ("in_person", "La mairie passe au commerce"),
            ("post", "La mairie envoie une lettre au commerce"),
            ("phone", "La mairie appelle le numéro de la fiche"),
        ],
    )
    def test_says_what_happens_next(self, login, shop, way, sentence):
        browser = login(make_user())
        said = words(browser.post(CLAIM, {"way": way}, follow=True))
        assert f"Votre demande est partie. {sentence}" in said
        assert sentence in words(browser.get(CLAIM))

    def test_too_many_is_said(self, login, shop):
        person = make_user()
        for _number in range(5):
            make_claim(make_shop(), person, now=timezone.now())
        page = login(person).post(CLAIM, {"way": "post"})
        assert "Cinq de vos demandes attendent déjà" in words(page)

    def test_where_somebody_keeps_it(self, login, shop):
        make_member(shop)
        assert "Quelqu’un tient déjà cette fiche" in words(login(make_user()).get(CLAIM))

    @pytest.mark.parametrize("role", ["owner", "colleague"])
    def test_who_keeps_it_has_nothing_to_ask(self, login, shop, role):
        browser = login(make_member(shop, role=role))
        page = browser.get(CLAIM)
        assert "Vous vous occupez déjà de ce commerce." in words(page)
        assert ways(page) == []
        browser.post(CLAIM, {"way": "post"})
        assert not Claim.objects.exists()

    @pytest.mark.parametrize("status", ["draft", "pending", "refused", "suspended", "closed"])
    def test_what_residents_do_not_see_is_not_found(self, login, shop, status):
        Shop.objects.update(status=status)
        assert login(make_user()).get(CLAIM).status_code == 404

    @pytest.mark.parametrize("who", ["stranger", "helper", "agent", "agent elsewhere", "admin"])
    def test_opens_for_whoever_is_logged_in(self, login, shop, who):
        assert login(make_person(who, shop)).get(CLAIM).status_code == 200

    def test_costs_the_same(self, login, shop, django_assert_num_queries):
        for _number in range(3):
            make_claim(shop)
        browser = login(make_user())
        browser.get(CLAIM)
        with django_assert_num_queries(6):
            browser.get(CLAIM)


class TestMyClaims:
    def test_are_taken_back(self, login, shop, claimant):
        made = make_claim(shop, claimant, now=timezone.now())
        browser = login(claimant)
        assert f"{MINE}{made.pk}/retirer/" in browser.get(MINE).content.decode()
        for _click in range(2):
            assert browser.post(f"{MINE}{made.pk}/retirer/").url == MINE
        assert "retirée" in words(browser.get(MINE))
        assert Claim.objects.get().status == "withdrawn"

    @pytest.mark.parametrize("who", ["stranger", "owner", "agent", "admin", "helper"])
    def test_by_nobody_else(self, login, shop, claimant, who):
        made = make_claim(shop, claimant)
        address = f"{MINE}{made.pk}/retirer/"
        assert login(make_person(who, shop)).post(address).status_code == 404
        assert Claim.objects.get().is_waiting

    def test_say_why_not_and_that_it_is_too_late(self, login, shop, claimant):
        made = make_claim(shop, claimant)
        claims.refuse(made, reason="Bail illisible.", by=None, now=timezone.now())
        browser = login(claimant)
        page = browser.get(MINE)
        assert "Bail illisible." in words(page)
        assert "/retirer/" not in page.content.decode()
        browser.post(f"{MINE}{made.pk}/retirer/")
        assert "n’attend plus" in words(browser.get(MINE))

    def test_none_yet(self, client, login):
        assert "Vous n’avez rien demandé." in words(login(make_user()).get(MINE))
        assert client.get(MINE).status_code == 302

    @pytest.mark.parametrize("number", [1, 3])
    def test_cost_the_same(self, login, claimant, number, django_assert_num_queries):
        for _number in range(number):
            make_claim(make_shop(), claimant)
        browser = login(claimant)
        browser.get(MINE)
        with django_assert_num_queries(3):
            browser.get(MINE)


class TestOwnersSide:
    def test_an_owner_answers(self, login, shop, claimant):
        owner = make_member(shop)
        made = make_claim(shop, claimant)
        address = f"/mon-commerce/{shop.pk}/demandes/"
        browser = login(owner)
        said = words(browser.get("/mon-commerce/"))
        assert "Quelqu’un demande la fiche « Le Fournil ». Répondre à la mairie" in said
        page = browser.get(address)
        assert "Awa Diallo" in words(page)
        assert "awa@fournil.fr" not in page.content.decode()
        data = {"version": page.context["version"], "claim": made.pk}
        page = browser.post(address, data | {"text": ""})
        assert "obligatoire" in words(page)
        for _click in range(2):
            response = browser.post(address, data | {"text": "C’est mon associée."})
            assert response.url == address
        page = browser.get(address)
        assert "C’est mon associée." in page.content.decode()
        assert "vous pouvez encore la changer" in words(page)
        made.refresh_from_db()
        assert made.answer == "C’est mon associée."

    def test_only_of_ones_own_shop_and_of_others_claims(self, login, shop, claimant):
        owner, elsewhere = make_member(shop), make_shop()
        theirs = make_claim(elsewhere, claimant)
        browser = login(owner)
        address = f"/mon-commerce/{shop.pk}/demandes/"
        for number in (theirs.pk, "x", "", "9" * 20):
            data = {"version": 1, "claim": number, "text": "Oui."}
            assert browser.post(address, data).status_code == 404
        assert Claim.objects.get().answer == ""

    def test_too_late(self, login, shop):
        owner = make_member(shop)
        made = make_claim(shop)
        claims.refuse(made, reason="Non.", by=None, now=timezone.now())
        browser = login(owner)
        address = f"/mon-commerce/{shop.pk}/demandes/"
        browser.post(address, {"version": 1, "claim": made.pk, "text": "Oui."})
        said = words(browser.get(address))
        assert "n’attend plus" in said and "Plus aucune demande n’attend." in said

    def test_the_claimant_sees_his_own_on_the_dashboard(self, login, shop, claimant):
        make_claim(shop, claimant)
        said = words(login(claimant).get("/mon-commerce/"))
        assert "Votre demande sur la fiche « Le Fournil » attend la mairie." in said

    def test_the_history_names_no_claimant(self, login, shop, claimant):
        owner = make_member(shop)
        made = make_claim(shop, claimant)
        claims.withdraw(made, by=claimant, now=timezone.now())
        page = login(owner).get(f"/mon-commerce/{shop.pk}/historique/")
        assert "Demande « C’est mon commerce »" in words(page)
        assert "Awa" not in words(page) and "awa@" not in page.content.decode()

    @pytest.mark.parametrize("number", [1, 3])
    def test_costs_the_same(self, login, shop, number, django_assert_num_queries):
        owner = make_member(shop)
        for _number in range(number):
            make_claim(shop)
        browser = login(owner)
        address = f"/mon-commerce/{shop.pk}/demandes/"
        browser.get(address)
        with django_assert_num_queries(10):
            browser.get(address)
