"""The town hall corrects, publishes and confirms listings; every write is the workflow's."""

import pytest
from django.db.models.fields.files import FieldFile

from merchants.models import Shop
from tests.factories import make_category, make_commune, make_shop, make_user

pytestmark = pytest.mark.django_db

LIST = "/mairie/merchants/shop/"


@pytest.fixture
def agent(login):
    return login(make_user(is_staff=True, is_superuser=True))


def form_of(response) -> dict:
    """What the browser would send if nothing were changed."""
    form = response.context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    for formset in response.context["inline_admin_formsets"]:
        management = formset.formset.management_form
        data |= {
            management.add_prefix(name): management[name].value() for name in management.fields
        }
        for row in formset.formset.initial_forms:
            data |= {row.add_prefix(name): row[name].value() for name in row.fields}
    return {name: value for name, value in data.items() if not _is_left_out(value)}


def _is_left_out(value) -> bool:
    """A browser sends no unticked box, and no file where none was chosen."""
    return value is None or value is False or isinstance(value, FieldFile)


def test_a_correction_is_searchable_and_visible_at_once(client, agent):
    shop = make_shop("Vélos", hours="Mo-Fr 09:00-18:00; PH off", services=["livraison"])
    address = f"{LIST}{shop.pk}/change/"
    data = form_of(agent.get(address))
    assert data["hours"] == "Mo-Fr 09:00-18:00"
    client.get("/suresnes/")
    response = agent.post(
        address,
        data | {"description": "Réparation de trottinettes", "hours": "tous les jours 8h-20h"},
    )
    assert response.status_code == 302, response.context["errors"]
    shop = Shop.objects.get(pk=shop.pk)
    assert shop.schedule.to_osm() == "Mo-Su 08:00-20:00; PH off"
    assert [service.kind for service in shop.services.all()] == ["livraison"]
    assert list(Shop.objects.matching("trottinette")) == [shop]
    assert "Réparation de trottinettes" in client.get(shop.get_absolute_url()).content.decode()


def test_services_are_added_and_removed(agent):
    shop = make_shop(services=["livraison"])
    address = f"{LIST}{shop.pk}/change/"
    data = form_of(agent.get(address))
    data |= {
        "services-0-DELETE": "on",
        "services-TOTAL_FORMS": "2",
        "services-1-kind": "retrait",
        "services-1-note": "Sous une heure",
        "services-1-shop": shop.pk,
    }
    assert agent.post(address, data).status_code == 302
    assert [(s.kind, s.note) for s in shop.services.all()] == [("retrait", "Sous une heure")]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"hours": "1er vendredi du mois"}, "compris"),
        ({"phone": "12"}, "numéro de téléphone"),
        ({"siret": "123"}, "14 chiffres"),
        ({"longitude": ""}, "la latitude et la longitude"),
    ],
)
def test_a_mistake_is_said_and_nothing_typed_is_lost(agent, change, sentence):
    shop = make_shop(description="Avant")
    address = f"{LIST}{shop.pk}/change/"
    data = form_of(agent.get(address)) | {"description": "Après"} | change
    response = agent.post(address, data)
    assert response.status_code == 200
    text = response.content.decode()
    assert sentence in text and "Après" in text
    shop.refresh_from_db()
    assert shop.description == "Avant"


def test_a_new_listing_waits_for_publication(agent):
    commune, category = make_commune(), make_category()
    empty = form_of(agent.get(f"{LIST}add/"))
    data = empty | {"name": "Chez Nous", "commune": commune.pk, "main_category": category.pk}
    response = agent.post(f"{LIST}add/", data)
    assert response.status_code == 302, response.context["errors"]
    shop = Shop.objects.get(name="Chez Nous")
    assert shop.status == "pending"
    assert list(shop.categories.all()) == [category]
    assert agent.get(f"{LIST}{shop.pk}/history/").status_code == 200


def test_actions_go_through_the_workflow_and_say_each_refusal(agent):
    pending, closed = make_shop(status="pending"), make_shop(status="closed")
    response = agent.post(
        LIST, {"action": "publish", "_selected_action": [pending.pk, closed.pk]}, follow=True
    )
    text = response.content.decode()
    assert "1 fiche a été traitée." in text
    assert "cette action ne s’y applique pas" in text
    pending.refresh_from_db()
    closed.refresh_from_db()
    assert (pending.status, closed.status) == ("published", "closed")


def test_confirming_by_phone_says_who_and_when(agent):
    shop = make_shop()
    agent.post(LIST, {"action": "confirm_by_phone", "_selected_action": [shop.pk]})
    shop.refresh_from_db()
    assert shop.confirmed_as == "town_hall_phone"
    assert shop.confirmed_by is not None and shop.confirmed_at is not None


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_queries(agent, django_assert_num_queries, number):
    for _number in range(number):
        make_shop(services=["livraison"])
    agent.get(LIST)
    with django_assert_num_queries(13):
        agent.get(LIST)


@pytest.mark.parametrize(
    "path", ["shop/", "commune/", "category/", "user/", "shop/add/", "user/add/"]
)
def test_pages_open_for_the_town_hall_only(client, login, agent, path):
    address = f"/mairie/merchants/{path}"
    assert agent.get(address).status_code == 200
    assert client.get(address).status_code == 302
    assert login(make_user()).get(address).status_code == 302


def test_a_commune_is_presented_by_its_town_hall(client, agent):
    commune = make_commune("Garches")
    make_commune("Suresnes")
    client.get("/garches/")
    address = f"/mairie/merchants/commune/{commune.pk}/change/"
    data = form_of(agent.get(address)) | {
        "welcome_text": "Bienvenue à Garches",
        "accent_color": "#ffee00",
    }
    response = agent.post(address, data)
    assert response.status_code == 302
    assert "Bienvenue à Garches" in client.get("/garches/").content.decode()
    assert "--accent:#" in client.get("/garches/theme.css").content.decode()
