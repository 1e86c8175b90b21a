"""The town hall presents its commune; the official facts are not its to write."""

import pytest

from merchants.models import Commune
from tests.admin.sent import form_of
from tests.factories import make_commune, make_shop

pytestmark = pytest.mark.django_db

LIST = "/mairie/merchants/commune/"
AUTOCOMPLETE = {"app_label": "merchants", "model_name": "shop", "field_name": "commune"}


def test_a_commune_is_presented_by_its_town_hall(client, agent):
    commune = make_commune("Garches")
    make_commune("Suresnes")
    client.get("/garches/")
    address = f"{LIST}{commune.pk}/change/"
    data = form_of(agent.get(address)) | {
        "welcome_text": "Bienvenue à Garches",
        "accent_color": "#ffee00",
    }
    response = agent.post(address, data)
    assert response.status_code == 302
    assert "Bienvenue à Garches" in client.get("/garches/").content.decode()
    assert "--accent:#" in client.get("/garches/theme.css").content.decode()


def test_only_what_was_changed_is_written(agent):
    commune = make_commune(welcome_text="Avant", legal_notice="Avant")
    address = f"{LIST}{commune.pk}/change/"
    data = form_of(agent.get(address)) | {"welcome_text": "Après", "legal_notice": "Avant"}
    # What the town hall does not write is renewed meanwhile by the command line.
    Commune.objects.update(population=50_000)
    assert agent.post(address, data).status_code == 302
    stored = Commune.objects.get()
    assert (stored.welcome_text, stored.population) == ("Après", 50_000)
    assert stored.version == commune.version + 1


def test_saving_what_nobody_changed_writes_nothing(agent):
    commune = make_commune()
    address = f"{LIST}{commune.pk}/change/"
    assert agent.post(address, form_of(agent.get(address))).status_code == 302
    assert Commune.objects.get().version == commune.version


def test_no_commune_is_deleted(agent):
    commune = make_commune()
    assert agent.post(f"{LIST}{commune.pk}/delete/", {"post": "yes"}).status_code == 403
    agent.post(LIST, {"action": "delete_selected", "_selected_action": [commune.pk], "post": "yes"})
    assert Commune.objects.get() == commune


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("Rueil-Malmaison", ["Rueil-Malmaison"]),
        ("rueil malm", ["Rueil-Malmaison"]),
        ("92500", ["Rueil-Malmaison"]),
        ("92063", ["Rueil-Malmaison"]),
        ("Mons-en-Barœul", ["Mons-en-Barœul"]),
        ("baroeul", ["Mons-en-Barœul"]),
        ("2a004", ["Ajaccio"]),
        ("", ["Ajaccio", "Mons-en-Barœul", "Rueil-Malmaison"]),
        ("Zzz", []),
    ],
)
def test_communes_are_found_as_they_are_written_and_said(agent, term, found):
    make_commune("Rueil-Malmaison", insee_code="92063", postcodes=["92500"])
    make_commune("Mons-en-Barœul", insee_code="59410", department="59", postcodes=["59370"])
    make_commune("Ajaccio", insee_code="2A004", department="2A", postcodes=["20000"])
    answer = agent.get("/mairie/autocomplete/", AUTOCOMPLETE | {"term": term}).json()
    assert [row["text"] for row in answer["results"]] == found
    rows = agent.get(LIST, {"q": term}).context["cl"].result_list
    assert [commune.name for commune in rows] == found


def test_the_list_of_shops_offers_only_communes_that_have_some(agent):
    make_commune("Garches")
    make_shop(commune=make_commune("Suresnes"))
    make_shop(commune=make_commune("Rueil-Malmaison"))
    filters = agent.get("/mairie/merchants/shop/").context["cl"].filter_specs
    offered = [spec.lookup_choices for spec in filters if spec.title == "commune"]
    assert [[name for _pk, name in choices] for choices in offered] == [
        ["Rueil-Malmaison", "Suresnes"]
    ]
