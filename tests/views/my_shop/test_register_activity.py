"""The fourth step of a registration."""

import pytest

from merchants.models import HistoryEntry, Shop
from merchants.workflow.edit import edit_listing
from tests.factories import NOW, make_category, make_member, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    make_category("Boulangerie", keywords="pain, baguette")
    make_category("Coiffeur", group="Beauté", keywords="coiffeuse, coupe")
    make_category("Traiteur")
    shop = make_shop("Le Fournil", status="draft", hours=None, point=None)
    Shop.objects.update(main_category=None)
    shop.categories.clear()
    return shop


@pytest.fixture
def step(url):
    return url("inscription/activite/")


@pytest.fixture
def data(shop):
    """What the browser sends of a page that nobody has filled in."""
    return {
        "version": shop.version,
        "do": "next",
        "question": "",
        "answered": "",
        "other_0": "",
        "other_1": "",
        "phone_is_public": "on",
        "email_is_public": "on",
    }


WHOLE = {
    "main_category": "boulangerie",
    "other_0": "traiteur",
    "description": "Du pain au levain",
    "livraison-offered": "on",
    "livraison-area": "Le bourg",
    "phone": "01 47 51 01 02",
    "email": "awa@fournil.example",
    "website": "fournil.example",
    "social_links": "https://reseau.example/fournil",
}


def test_one_page_is_one_write(awa, shop, step, data):
    entries = HistoryEntry.objects.count()
    del data["email_is_public"]
    response = awa.post(step, data | WHOLE)
    assert response.status_code == 302
    assert response.url.endswith("/inscription/horaires/")
    shop = Shop.objects.get()
    assert shop.main_category.slug == "boulangerie"
    assert {category.slug for category in shop.categories.all()} == {"boulangerie", "traiteur"}
    assert shop.description == "Du pain au levain"
    assert [(s.kind, s.area) for s in shop.services.all()] == [("livraison", "Le bourg")]
    assert (shop.phone, shop.public_phone) == ("+33147510102", "+33147510102")
    assert (shop.email, shop.public_email) == ("awa@fournil.example", "")
    assert shop.website == "https://fournil.example"
    assert shop.social_links == ["https://reseau.example/fournil"]
    assert HistoryEntry.objects.count() == entries + 1


def test_a_second_click_changes_nothing(awa, shop, step, data):
    awa.post(step, data | WHOLE)
    version = Shop.objects.get().version
    assert awa.post(step, data | WHOLE).status_code == 302
    assert Shop.objects.get().version == version


def test_finishing_later_needs_no_activity(awa, shop, step, data, text):
    response = awa.post(step, data | {"do": "later", "description": "Du pain"})
    assert response.url == "/mon-commerce/"
    assert "Vous reprendrez l’inscription" in text(awa.get("/mon-commerce/"))
    shop = Shop.objects.get()
    assert (shop.main_category, shop.description) == (None, "Du pain")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"main_category": ""}, "Choisissez une activité dans la liste."),
        ({"main_category": "sorcier"}, "Sélectionnez un choix valide"),
        ({"phone": "12"}, "n’est pas un numéro de téléphone"),
        ({"email": "awa@"}, "adresse"),
        ({"livraison-fee": "-1"}, "supérieur"),
        ({"social_links": "pas une adresse"}, "URL valide"),
        ({"description": "x" * 2001}, "2000"),
    ],
)
def test_a_mistake_anywhere_keeps_all_that_was_typed(awa, shop, step, data, text, change, sentence):
    before = Shop.objects.values().get()
    page = awa.post(step, data | WHOLE | change)
    assert page.status_code == 200
    assert sentence in text(page)
    kept = page.content.decode()
    for name, typed in (WHOLE | change).items():
        if name not in {"main_category", "other_0"} and not name.endswith("offered"):
            assert typed in kept, name
    assert 'value="traiteur" selected' in kept
    offered = page.context["form"].services.services[0]["offered"]
    assert offered.value() is True
    assert Shop.objects.values().get() == before


class TestSearching:
    def test_shows_what_answers_and_writes_nothing(self, awa, shop, step, data, text):
        before = Shop.objects.values().get()
        page = awa.post(
            step, data | {"do": "search", "question": "coiffeuse", "description": "Du pain"}
        )
        assert page.status_code == 200
        form = page.context["form"]
        assert [radio.slug for radio in form.category.radios] == ["coiffeur"]
        assert "Du pain" in page.content.decode()
        assert "errorlist" not in page.content.decode()
        assert Shop.objects.values().get() == before

    def test_the_chosen_one_stays_and_comes_first(self, awa, shop, step, data):
        page = awa.post(
            step,
            data | {"do": "search", "question": "coiffeuse", "main_category": "boulangerie"},
        )
        radios = page.context["form"].category.radios
        assert [(r.slug, r.checked) for r in radios] == [("boulangerie", True), ("coiffeur", False)]

    def test_where_nothing_answers_the_whole_list_is_open(self, awa, shop, step, data, text):
        page = awa.post(step, data | {"do": "search", "question": "xyzzy"})
        assert "Aucune activité ne répond à ce mot." in text(page)
        assert "data-finder-all open" in page.content.decode()

    def test_the_enter_key_in_the_field_asks(self, awa, shop, step, data):
        page = awa.post(step, data | {"question": "pain"})
        assert page.status_code == 200
        assert [radio.slug for radio in page.context["form"].category.radios] == ["boulangerie"]
        assert awa.post(step, data | WHOLE | {"question": "pain"}).status_code == 302

    def test_the_page_keeps_its_version(self, awa, shop, step, data, owner):
        edit_listing(shop, {"phone": "0147519999"}, by=owner, expected_version=None, now=NOW)
        page = awa.post(step, data | {"do": "search", "question": "pain"})
        assert page.context["version"] == data["version"]


def test_another_tab_wrote_the_same_field(awa, shop, step, data, text, owner):
    edit_listing(shop, {"description": "Premier"}, by=owner, expected_version=None, now=NOW)
    page = awa.post(step, data | WHOLE)
    assert "« Premier », chez vous « Du pain au levain »" in text(page)
    again = data | WHOLE | {"agreed": page.context["agreed"]}
    assert awa.post(step, again).status_code == 302
    assert Shop.objects.get().description == "Du pain au levain"


@pytest.mark.parametrize("status", ["pending", "published"])
def test_a_listing_that_was_sent_is_edited_elsewhere(awa, shop, step, data, status):
    Shop.objects.update(status=status, main_category=make_category("Boulangerie"))
    assert awa.get(step).url == "/mon-commerce/"
    assert awa.post(step, data | WHOLE).url == "/mon-commerce/"
    assert not Shop.objects.get().description


def test_a_stranger_finds_nothing(login, shop, step):
    other = make_member(make_shop("Ailleurs", commune=shop.commune))
    assert login(other).get(step).status_code == 404


def test_costs_the_same_with_many_activities(awa, step, django_assert_num_queries):
    awa.get(step)
    with django_assert_num_queries(10):
        awa.get(step)
    for number in range(3):
        make_category(f"Activité {number}")
    with django_assert_num_queries(10):
        awa.get(step)
