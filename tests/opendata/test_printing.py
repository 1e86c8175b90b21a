"""Published shops as the words of the printed directory."""

import pytest
from django.utils import translation

from merchants.models import Commune, Shop
from merchants.models.shop import Confirmer
from merchants.opendata.printing import BY_STREET, Choices, printed_directory, street_title
from merchants.workflow import status
from tests.factories import NOW, make_category, make_commune, make_shop
from tests.inviting import make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_town()


def entries(directory) -> dict[str, list[str]]:
    return {
        section.title: [entry.name for entry in section.entries]
        for chapter in directory.chapters
        for section in chapter.sections
    }


def test_by_category_in_the_order_of_the_groups(town):
    bread, shoes = make_category(), make_category("Chaussures", group="Mode")
    cheese = make_category("Fromagerie")
    make_shop("Zinc", commune=town, category=bread)
    make_shop("Abri", commune=town, category=bread, categories=(bread, cheese))
    make_shop("Pied", commune=town, category=shoes)
    make_shop("Caché", commune=town, status="pending")
    make_shop("Ailleurs", commune=make_commune("Garches"))
    directory = printed_directory(town, Choices(), now=NOW)
    assert [chapter.title for chapter in directory.chapters] == ["Alimentation", "Mode"]
    assert entries(directory) == {"Boulangerie": ["Abri", "Zinc"], "Chaussures": ["Pied"]}
    assert directory.chapters[0].sections[0].entries[0].about == "Aussi\u00a0: Fromagerie"
    assert (directory.count, directory.date) == ("3 commerces", "Novembre 2026")
    only = printed_directory(town, Choices(groups=(shoes.parent,)), now=NOW)
    assert entries(only) == {"Chaussures": ["Pied"]}
    assert only.subtitle == "Annuaire par activité\u00a0: Mode"


def test_by_street_in_the_order_of_people(town):
    for name, number, street in (
        ("Dix", "10", "rue de la Paix"), ("Deux", "2 bis", "r. de la Paix"),
        ("Foch", "1", "av. Foch"), ("Aîné", "3", "Rue de l’Abbé"),
    ):  # fmt: skip
        make_shop(name, commune=town, house_number=number, street=street)
    make_shop("Ambulant", commune=town, point=None, service_area="Suresnes")
    make_shop("Nulle part", commune=town)
    directory = printed_directory(town, Choices(order=BY_STREET), now=NOW)
    assert list(entries(directory).items()) == [
        ("Rue de l’Abbé", ["Aîné"]),
        ("Avenue Foch", ["Foch"]),
        ("Rue de la Paix", ["Deux", "Dix"]),
        ("Se déplacent chez vous", ["Ambulant"]),
        ("Sans adresse", ["Nulle part"]),
    ]
    roving = directory.chapters[0].sections[3].entries[0]
    assert roving.address == "Se déplace\u00a0: Suresnes" and roving.about == "Boulangerie"


def test_the_title_of_a_street_is_its_most_frequent_spelling():
    assert street_title(["rue d'Or", "rue d’Or", "rue d’Or"]) == "Rue d’Or"
    assert street_title(["bd Foch"]) == "Boulevard Foch"


def test_what_an_entry_says(town):
    shop = make_shop(
        "Épi", commune=town, hours="Tu-Sa 07:00-13:00; PH off", services=["livraison", "emporter"],
        house_number="12", street="rue de la Paix", address_extra="Bâtiment B",
        phone="+33147510102",
    )  # fmt: skip
    status.confirm(shop, by=None, as_=Confirmer.MERCHANT, now=NOW)
    with translation.override("en"):
        (entry,) = printed_directory(town, Choices(), now=NOW).chapters[0].sections[0].entries
    assert [line.replace("\u00a0", " ") for line in entry.hours] == [
        "Du mardi au samedi : 7 h – 13 h",
        "Lundi et dimanche, jours fériés : fermé",
    ]
    assert entry.address == "12 rue de la Paix, Bâtiment B"
    assert entry.phone.replace("\u00a0", " ") == "01 47 51 01 02"
    assert entry.services == "Livraison, À emporter"
    assert entry.confirmed == "Confirmé en novembre 2026"
    assert entry.url == f"http://testserver/suresnes/commerces/{shop.slug}/"
    bare = Choices(with_qr=False, with_hours=False)
    (entry,) = printed_directory(town, bare, now=NOW).chapters[0].sections[0].entries
    assert (entry.url, entry.hours) == ("", ())


def test_a_hidden_phone_stays_hidden(town):
    make_shop("Épi", commune=town, phone="+33147510102", phone_is_public=False, hours=None)
    (entry,) = printed_directory(town, Choices(), now=NOW).chapters[0].sections[0].entries
    assert (entry.phone, entry.hours, entry.confirmed) == ("", (), "")


def test_who_publishes_and_where_the_listings_come_from(town):
    make_shop("Un", commune=town, source="osm", source_id="1")
    other = make_shop("Deux", commune=town, source="csv:fichier", source_id="1")
    Commune.objects.update(legal_notice="Directrice de la publication\u00a0: Awa Diallo.")
    legal = " ".join(printed_directory(Commune.objects.get(), Choices(), now=NOW).legal).replace(
        "\u00a0", " "
    )
    for words in (
        "Publié par Ville de Suresnes, le 23 novembre 2026.",
        "Directrice de la publication : Awa Diallo.",
        "Écrivez à commerce@suresnes.example ou appelez le 01 41 18 19 20.",
        "© les contributeurs d’OpenStreetMap, sous licence ODbL 1.0. "
        "https://opendatacommons.org/licenses/odbl/1-0/",
        "D’après un fichier de la mairie.",
    ):
        assert words in legal
    Shop.objects.filter(pk=other.pk).update(confirmed_at=NOW, confirmed_as="merchant")
    legal = " ".join(printed_directory(Commune.objects.get(), Choices(), now=NOW).legal)
    assert "D’après un fichier" not in legal and "OpenStreetMap" in legal


@pytest.mark.parametrize("number", [3, 30])
def test_costs_the_same_whatever_its_length(town, number, django_assert_num_queries):
    for _number in range(number):
        make_shop(commune=town, services=["livraison"])
    town = Commune.objects.get()
    with django_assert_num_queries(5):
        printed_directory(town, Choices(), now=NOW)


def test_a_logo_that_is_lost_is_left_out(town):
    Commune.objects.update(logo="logos/perdu.png")
    assert printed_directory(Commune.objects.get(), Choices(), now=NOW).logo == b""
