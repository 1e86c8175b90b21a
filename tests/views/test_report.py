"""« Signaler une erreur »: without account, cookie or script, and hard for machines."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from merchants.forms import report as report_form
from merchants.models import Report
from merchants.views.attempts import REPORTS_OF_AN_ADDRESS
from merchants.workflow import status
from tests.calling import make_agent, make_report
from tests.claiming import words
from tests.factories import NOW, make_commune, make_shop

pytestmark = pytest.mark.django_db

ROBOT, OLD = "ressemble à celui d’un robot", "ouverte depuis longtemps"


@pytest.fixture
def shop():
    return make_shop("Le Fournil", commune=make_commune(town_hall_phone="0141181920"))


@pytest.fixture
def address(shop):
    return f"{shop.get_absolute_url()}signaler/"


def moment(shop, *, seconds: float = 10) -> str:
    """What a page holds that was made so long ago."""
    return report_form._signed(shop, datetime.now(UTC) - timedelta(seconds=seconds))


def filled(shop, **values) -> dict:
    return {"kind": "hours", "moment": moment(shop), "message": "", "email": "", "website": ""} | (
        values
    )


def test_the_page_of_the_shop_leads_there(client, shop, address):
    html = client.get(shop.get_absolute_url()).content.decode()
    assert re.search(rf'<a href="{address}" rel="nofollow">Signaler une erreur à la mairie', html)
    page = client.get(address)
    assert "Le Fournil" in words(page) and "Aucun compte n’est demandé" in words(page)
    assert '<meta name="robots" content="noindex">' in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"


def test_is_sent_without_cookie_and_thanks(shop, address):
    visitor = Client(enforce_csrf_checks=True)
    page = visitor.get(address)
    made_at = re.search(r'name="moment" value="([^"]+)"', page.content.decode())[1]
    assert report_form._made_at({"moment": made_at}, shop) is not None
    values = filled(shop, message="Fermé le samedi", email="lea@example.fr")
    sent = visitor.post(address, values, follow=True)
    assert sent.redirect_chain == [(f"{address}merci/", 302)]
    assert "Votre signalement sur « Le Fournil » est arrivé" in words(sent)
    assert dict(visitor.cookies) == {}
    made = Report.objects.get()
    assert (made.shop, made.kind, made.message) == (shop, "hours", "Fermé le samedi")
    assert made.email == "lea@example.fr"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"moment": None, "website": "http://pills.example"}, ROBOT),
        ({"moment": 1}, ROBOT),
        ({"moment": 25 * 3600}, OLD),
        ({"moment": "forged"}, OLD),
        ({"kind": ""}, "Ce champ est obligatoire."),
        ({"kind": "gossip"}, "Sélectionnez un choix valide"),
        ({"email": "pas une adresse"}, "adresse de courriel valide"),
        ({"kind": "other", "message": ""}, "quelques mots"),
    ],
)
def test_what_cannot_be_taken_is_said_and_kept(client, shop, address, wrong, sentence):
    values = filled(shop, message="C’est fermé <b>à midi</b>") | wrong
    if not isinstance(values["moment"], str):
        values["moment"] = moment(shop, seconds=values["moment"] or 10)
    page = client.post(address, values)
    assert page.status_code == 200
    assert sentence in words(page)
    assert not Report.objects.exists()
    if values["message"]:
        assert "C’est fermé &lt;b&gt;à midi&lt;/b&gt;" in page.content.decode()
    assert 'name="website" id="id_website" value=""' in page.content.decode()


def test_what_was_stopped_is_sent_again_from_the_same_page(client, shop, address):
    page = client.post(address, filled(shop, moment=moment(shop, seconds=90000)))
    fresh = re.search(r'name="moment" value="([^"]+)"', page.content.decode())[1]
    assert ROBOT in words(client.post(address, filled(shop, moment=fresh)))
    mistaken = client.post(address, filled(shop, kind="", moment=moment(shop, seconds=60)))
    kept = re.search(r'name="moment" value="([^"]+)"', mistaken.content.decode())[1]
    assert client.post(address, filled(shop, moment=kept)).status_code == 302


def test_a_page_of_another_shop_is_no_key(client, shop, address):
    other = make_shop("Voisin")
    assert OLD in words(client.post(address, filled(shop, moment=moment(other))))


def test_an_address_sends_a_few_in_an_hour(client, shop, address):
    for number in range(REPORTS_OF_AN_ADDRESS):
        assert client.post(address, filled(shop, message=f"n{number}")).status_code == 302
    page = client.post(address, filled(shop, message="encore un"))
    assert page.status_code == 429
    assert "Réessayez dans une heure, ou écrivez à contact@example.fr ou appelez le 01 41" in (
        words(page).replace("\u00a0", " ")
    )
    assert "encore un" in page.content.decode()
    assert Report.objects.count() == REPORTS_OF_AN_ADDRESS
    elsewhere = client.post(address, filled(shop, message="autre"), REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302


def test_a_second_click_is_thanked_and_makes_no_other(client, shop, address):
    values = filled(shop, message="Fermé")
    assert {client.post(address, values).status_code for _click in range(2)} == {302}
    assert Report.objects.count() == 1


def test_a_listing_that_residents_do_not_see_is_not_found(client, shop, address):
    status.suspend(shop, by=make_agent(shop), now=NOW)
    assert client.get(address).status_code == 404
    assert client.post(address, filled(shop)).status_code == 404
    assert client.get(f"{address}merci/").status_code == 404
    assert client.get("/suresnes/commerces/nulle-part/signaler/").status_code == 404


def test_in_english(client, shop, address):
    assert client.get(f"/en{address}").status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_costs_the_same(client, shop, address, number, django_assert_num_queries):
    for index in range(number):
        make_report(shop, message=str(index))
    with django_assert_num_queries(1):
        client.get(address)
