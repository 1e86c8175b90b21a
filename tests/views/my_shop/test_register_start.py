"""The first step of a registration: the commune, the shop in the official register, a draft."""

import pytest

from merchants.models import Shop, ShopMember
from merchants.views import lookup
from merchants.workflow import registration
from merchants.workflow.edit import edit_listing
from tests.accounts.conftest import PASSWORD, letters, link  # noqa: F401
from tests.factories import NOW, make_category, make_commune
from tests.leaves import test_company_search as companies
from tests.views.my_shop.registering import START, step

pytestmark = pytest.mark.django_db

SIRET = companies.SIRET


class TestTheDoor:
    def test_asks_to_log_in_and_comes_back(self, client, commune):
        answer = client.get(f"{START}?commune=92073")
        assert answer.status_code == 302
        assert answer.url == "/compte/connexion/?next=/mon-commerce/inscrire/%3Fcommune%3D92073"

    def test_who_has_no_account_signs_up_and_comes_back(self, client, commune, letters):  # noqa: F811
        there = f"{START}?commune=92073"
        page = client.get(client.get(there).url)
        assert "/compte/inscription/?next=" in page.content.decode()
        data = {"email": "neuf@example.fr", "password1": PASSWORD, "next": there}
        client.post("/compte/inscription/", data)
        [letter] = letters()
        assert client.post(link(letter)).url == there

    def test_is_shown_where_a_merchant_looks(self, client, commune, lea):
        assert f"{START}?commune=92073" in client.get("/suresnes/").content.decode()
        make_commune("Garches")
        for address in ("/", "/classement/"):
            page = client.get(address)
            assert f'href="{START}"' in page.content.decode()
            assert not page.cookies
        assert f'href="{START}"' in lea.get("/mon-commerce/").content.decode()


class TestTheCommune:
    def test_the_only_one_is_not_asked_for(self, lea, commune, text):
        said = text(lea.get(START))
        assert "Commune du commerce : Suresnes ." in said
        assert "Changer de commune" not in said

    def test_is_found_by_name_or_postcode(self, lea, commune, text):
        make_commune("Garches", postcodes=["92380"])
        assert "Dans quelle commune" in text(lea.get(START))
        for words in ("sures", "92150"):
            html = lea.get(START, {"ville": words}).content.decode()
            assert f'href="{START}?commune=92073"' in html
            assert "Garches" not in html
        assert "Aucune commune ne porte ce nom" in text(lea.get(START, {"ville": "Paris"}))

    def test_one_that_is_not_here(self, lea, commune, text):
        make_commune("Garches")
        page = lea.get(START, {"commune": "75056"})
        assert "Cette commune n’est pas sur ce site." in text(page)
        assert lea.post(START, {"commune": "75056", "name": "X"}).status_code == 200
        assert not Shop.objects.exists()


class TestFindingIt:
    def test_shows_name_address_activity_and_number(self, lea, commune, outside, text):
        make_category("Boulangerie", naf_codes=["10.71C"])
        page = lea.get(START, {"commune": "92073", "q": "fournil"})
        said = text(page)
        assert "1 établissement trouvé" in said
        assert "Le Fournil de Mamie" in said
        assert "12 rue de la Paix, 92150 Suresnes" in said
        assert f"Boulangerie, SIRET {SIRET}" in said
        assert outside.asked[0][1]["code_commune"] == "92073"
        assert 'value="fournil"' in page.content.decode()

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ("ab", "au moins 3 caractères"),
            ("73282932000075", "la clé de contrôle ne correspond pas"),
            ("732 829 320 000", "Un SIRET compte 14 chiffres"),
            ("", "Écrivez un SIRET ou un nom."),
        ],
    )
    def test_what_is_wrong_is_said_before_anybody_is_asked(
        self, lea, commune, outside, text, words, sentence
    ):
        page = lea.get(START, {"q": words})
        assert sentence in text(page)
        assert 'aria-describedby="id_q' in page.content.decode()
        assert outside.asked == []

    def test_la_poste_has_a_key_of_its_own(self, lea, commune, outside):
        lea.get(START, {"q": "356 000 000 00048"})
        assert outside.asked[0][1]["q"] == "35600000000048"

    def test_nothing(self, lea, commune, outside, text):
        outside.body = companies.answer()
        said = text(lea.get(START, {"q": "zzz"}))
        assert "Aucun établissement trouvé" in said
        assert "Continuer sans" in said

    @pytest.mark.parametrize(
        ("health", "code", "sentence"),
        [
            ("cut off", 200, "a donné une réponse illisible"),
            ("chunked", 200, "a donné une réponse illisible"),
            ("silent", 200, "ne répond pas"),
            ("well", 500, "est en panne"),
            ("well", 429, "reçoit trop de demandes"),
        ],
    )
    def test_a_search_that_is_down_stops_nobody(
        self, lea, commune, outside, text, health, code, sentence
    ):
        outside.health, outside.status = health, code
        page = lea.get(START, {"q": "Le Fournil"})
        assert page.status_code == 200
        assert sentence in text(page)
        assert "Vous pouvez continuer sans l’annuaire, avec le nom seul." in text(page)
        # The name that was typed is in the field already.
        assert page.context["by_name"]["name"].value() == "Le Fournil"
        answer = lea.post(START, {"commune": "92073", "name": "Le Fournil", "siret": ""})
        assert answer.status_code == 302
        assert Shop.objects.get().name == "Le Fournil"

    def test_one_that_is_too_slow(self, lea, commune, outside, text, monkeypatch):
        monkeypatch.setattr("merchants.company_search.CompanySearch.__init__.__defaults__", (0.2,))
        outside.health = "hangs"
        assert "met trop de temps" in text(lea.get(START, {"q": "fournil"}))

    def test_the_searches_of_scripts_and_pages_are_counted_together(
        self, lea, commune, outside, text, monkeypatch
    ):
        monkeypatch.setattr(lookup, "PER_MINUTE", 2)
        monkeypatch.setattr(lookup.timezone, "now", lambda: NOW)
        monkeypatch.setattr("merchants.views.my_shop.register.timezone.now", lambda: NOW)
        lea.get("/mon-commerce/recherche/entreprises", {"q": "fournil"})
        lea.get(START, {"q": "fournil"})
        assert "Trop de recherches à la suite" in text(lea.get(START, {"q": "fournil"}))
        assert len(outside.asked) == 2

    def test_a_closed_one_is_said_to_be(self, lea, commune, outside, text):
        siege = companies.head_office(SIRET, "12", "RUE", "X", etat_administratif="F")
        outside.body = companies.answer(companies.unit(siege))
        page = lea.get(START, {"q": SIRET})
        assert "Le Fournil de Mamie fermé" in text(page)
        assert 'name="choose"' not in page.content.decode()
        page = lea.post(START, {"commune": "92073", "choose": SIRET})
        assert "indique cet établissement comme fermé" in text(page)
        assert page.context["by_name"]["name"].value() == "Le Fournil de Mamie"
        assert not Shop.objects.exists()

    def test_one_that_wants_to_stay_private_shows_its_number_alone(
        self, lea, commune, outside, text
    ):
        siege = companies.head_office(
            SIRET, "12", "RUE", "X", statut_diffusion_etablissement="P", liste_enseignes=["SECRET"]
        )
        outside.body = companies.answer(companies.unit(siege))
        page = lea.get(START, {"q": SIRET})
        said = text(page)
        assert SIRET in said
        assert "FOURNIL" not in said.upper() and "SECRET" not in said.upper()
        page = lea.get(START, {"siret": SIRET})
        assert page.context["by_name"]["siret"].value() == SIRET
        page = lea.post(START, {"commune": "92073", "choose": SIRET})
        assert "ne publie ni son nom ni son adresse" in text(page)
        assert page.context["by_name"]["siret"].value() == SIRET
        assert not Shop.objects.exists()

    def test_one_elsewhere_is_registered_there_if_the_site_has_that_town(
        self, lea, commune, outside, text
    ):
        siege = companies.head_office(
            SIRET, "12", "RUE", "X", commune="92062", libelle_commune="PUTEAUX"
        )
        outside.body = companies.answer(companies.unit(siege))
        said = text(lea.get(START, {"commune": "92073", "q": SIRET}))
        assert "Il est dans une commune qui n’est pas sur ce site (PUTEAUX)." in said
        make_commune("Puteaux", insee_code="92062")
        page = lea.get(START, {"commune": "92073", "q": SIRET})
        assert "C’est celui-ci (Puteaux)" in text(page)
        # A browser that says Suresnes all the same is told.
        page = lea.post(START, {"commune": "92073", "choose": SIRET})
        assert "n’est pas dans cette commune" in text(page)
        assert not Shop.objects.exists()
        assert lea.post(START, {"commune": "92062", "choose": SIRET}).status_code == 302
        assert Shop.objects.get().commune.name == "Puteaux"


@pytest.mark.parametrize("number", [1, 3])
def test_answers_cost_the_same_number_of_queries(
    lea, begin, outside, number, django_assert_num_queries
):
    siege = companies.head_office(SIRET, "12", "RUE", "X")
    places = [
        companies.establishment(f"7328293200{nic}", "1 RUE X") for nic in ("0074", "0082", "0090")
    ]
    outside.body = companies.answer(companies.unit(siege, *places[:number]))
    for index in range(number):
        begin(f"Commerce {index}")
        make_commune(f"Ville {index}")
    lea.get(START, {"commune": "92073", "q": "fournil"})
    with django_assert_num_queries(6):
        page = lea.get(START, {"commune": "92073", "q": "fournil"})
    assert len(page.context["answers"]) == number
    assert len(page.context["drafts"]) == number


class TestBeginning:
    def test_fills_in_what_the_register_says(self, lea, newcomer, commune, outside):
        bakery = make_category("Boulangerie", naf_codes=["10.71C"])
        posted = {"commune": "92073", "choose": SIRET, "name": "Un autre", "street": "ailleurs"}
        answer = lea.post(START, posted)
        shop = Shop.objects.get()
        assert answer.url == step(shop, "adresse")
        assert (shop.name, shop.siret, shop.main_category) == (
            "Le Fournil de Mamie", SIRET, bakery,
        )  # fmt: skip
        assert (shop.street, shop.status) == ("rue de la Paix", "draft")
        assert shop.location_precision == "housenumber"
        assert ShopMember.objects.get().user == newcomer

    def test_a_second_click_makes_no_second_one(self, lea, commune, outside):
        for _click in range(2):
            answer = lea.post(START, {"commune": "92073", "choose": SIRET})
        assert answer.url == step(Shop.objects.get(), "adresse")
        for _click in range(2):
            lea.post(START, {"commune": "92073", "name": "Sans numéro", "siret": ""})
        assert Shop.objects.count() == 2

    def test_what_the_browser_says_of_a_company_is_not_believed(self, lea, commune, outside, text):
        page = lea.post(START, {"commune": "92073", "choose": companies.OTHER})
        assert "ne connaît pas ce SIRET" in text(page)
        outside.health = "cut off"
        page = lea.post(START, {"commune": "92073", "choose": SIRET})
        assert "a donné une réponse illisible" in text(page)
        assert page.context["by_name"]["siret"].value() == SIRET
        assert not Shop.objects.exists()

    def test_by_name_alone(self, lea, commune, text):
        page = lea.post(START, {"commune": "92073", "name": "", "siret": "123"})
        said = text(page)
        assert "Ce champ est obligatoire." in said
        assert "Un SIRET compte 14 chiffres" in said
        assert 'value="123"' in page.content.decode()
        data = {"commune": "92073", "name": " Primeur  du marché ", "siret": "", "do": "later"}
        answer = lea.post(START, data)
        assert answer.url == "/mon-commerce/"
        assert Shop.objects.get().name == "Primeur du marché"
        said = text(lea.get("/mon-commerce/"))
        assert "Vous reprendrez l’inscription quand vous voudrez." in said
        assert "Primeur du marché" in said

    def test_too_many_drafts(self, lea, begin, text):
        for number in range(registration.MOST_DRAFTS):
            begin(f"Commerce {number}")
        page = lea.post(START, {"commune": "92073", "name": "Un de trop", "siret": ""})
        assert "terminez-en une, ou abandonnez-la" in text(page)
        assert 'value="Un de trop"' in page.content.decode()

    def test_drafts_that_are_there_are_shown(self, lea, begin, text):
        shop = begin()
        page = lea.get(START)
        assert step(shop, "commerce") in page.content.decode()

    def test_name_and_number_are_corrected_afterwards(self, lea, begin):
        shop = begin()
        assert lea.get(step(shop, "commerce")).status_code == 200
        data = {"version": shop.version, "name": "L’Épi", "siret": SIRET, "do": "next"}
        assert lea.post(step(shop, "commerce"), data).url == step(shop, "adresse")
        shop = Shop.objects.get()
        assert (shop.name, shop.siret) == ("L’Épi", SIRET)
        page = lea.post(step(shop, "commerce"), data | {"version": shop.version, "siret": "1"})
        assert page.status_code == 200
        assert 'value="1"' in page.content.decode()


def test_a_stale_tab_overwrites_nothing_the_second_time(lea, begin, newcomer, text):
    """As on the pages of « Mon commerce »: what was agreed to is the field, not the page."""
    draft = begin()
    address = step(draft, "commerce")
    page = lea.get(address)
    old = {"version": page.context["version"], "name": draft.name, "siret": ""}
    act = {"by": newcomer, "expected_version": None, "now": NOW}
    edit_listing(draft, {"name": "Le leur", "siret": "73282932000074"}, **act)
    page = lea.post(address, old | {"name": "Le mien", "do": "next"})
    assert "chez vous « Le mien »" in text(page)
    agreed = {"version": page.context["version"], "agreed": page.context["agreed"]}
    html = page.content.decode()
    for name, value in agreed.items():
        assert f'name="{name}" value="{value}"' in html
    lea.post(address, old | {"name": "Le mien", "do": "next"} | agreed)
    draft.refresh_from_db()
    assert (draft.name, draft.siret) == ("Le mien", "73282932000074")
