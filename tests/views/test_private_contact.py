"""What a shop gives the town hall alone stands on no page, in no file, and in no search."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from merchants import urls
from merchants.models import Shop
from merchants.workflow.edit import edit_listing
from merchants.workflow.status import close
from tests.admin.sent import form_of
from tests.factories import make_category, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

PHONE, EMAIL = "+33612345678", "sentinelle@secret.example"
# As it might be written, in any way: a run of its last digits, whatever stands between them.
TOLD = re.compile(r"(?:6\D{0,3}12\D{0,3}34\D{0,3}56\D{0,3}78)|sentinelle", re.IGNORECASE)


@pytest.fixture
def shop():
    commune = make_commune(town_hall_email="mairie@suresnes.example")
    return make_shop(
        "Le Fournil",
        commune=commune,
        category=make_category("Boulangerie"),
        street="rue de la Paix",
        house_number="12",
        phone=PHONE,
        phone_is_public=False,
        email=EMAIL,
        email_is_public=False,
        website="https://fournil.example",
        services=["livraison", "telephone"],
    )


def addresses(shop) -> list[str]:
    """All that anybody may ask for, in both languages."""
    known = {
        "commune_slug": shop.commune.slug,
        "shop_slug": shop.slug,
        "section": "shops",
        "token": "x",
        "code": "00000-00000",
        "claim": 1,
        "pk": shop.pk,
    }
    found = []
    for route in urls.public:
        arguments = {name: known[name] for name in route.pattern.converters}
        found.append(reverse(route.name, kwargs=arguments))
    return [*found, *(f"/en{address}" for address in found)]


@pytest.mark.parametrize("state", ["published", "closed"])
def test_no_public_address_tells_it(client, shop, state):
    if state == "closed":
        close(shop, by=None, now=timezone.now(), farewell="Merci à tous.")
    seen = 0
    for address in addresses(shop):
        for query in ("", f"?q={shop.name}&pres=48.8710,2.2290"):
            response = client.get(address + query, follow=True)
            body = b"".join(response) if response.streaming else response.content
            said = body.decode("utf-8", "replace")
            assert not TOLD.search(said), address + query
            seen += "Le Fournil" in said
    assert seen >= (20 if state == "published" else 2)


def test_the_town_hall_and_the_people_of_the_shop_see_it(login, shop):
    owner = login(make_member(shop))
    assert EMAIL in owner.get(f"/mon-commerce/{shop.pk}/contact/").content.decode()
    agent = login(make_user(is_superuser=True, is_staff=True))
    page = agent.get(f"/mairie/merchants/shop/{shop.pk}/change/")
    assert EMAIL in page.content.decode()


@pytest.mark.parametrize("words", ["0612345678", "612345678", EMAIL, "sentinelle", "secret"])
def test_nobody_finds_a_shop_by_it(client, shop, words):
    page = client.get(shop.commune.get_absolute_url(), {"q": words})
    assert "Le Fournil" not in page.content.decode()


def test_one_click_shows_it(client, shop, login):
    owner = make_member(shop)
    changes = {"phone_is_public": True, "email_is_public": True}
    edit_listing(shop, changes, by=owner, expected_version=None, now=timezone.now())
    page = client.get(shop.get_absolute_url()).content.decode()
    assert f"tel:{PHONE}" in page and f"mailto:{EMAIL}" in page


def test_the_town_hall_chooses_too(login, shop, client):
    agent = login(make_user(is_superuser=True, is_staff=True))
    address = f"/mairie/merchants/shop/{shop.pk}/change/"
    data = form_of(agent.get(address))
    assert agent.post(address, data).status_code == 302
    stored = Shop.objects.get()
    assert (stored.phone_is_public, stored.email_is_public) == (False, False)
    assert agent.post(address, form_of(agent.get(address)) | {"phone_is_public": "on"})
    stored = Shop.objects.get()
    assert (stored.public_phone, stored.public_email) == (PHONE, "")
