"""The sixth step of a registration: the page of photos in its frame."""

import pytest

from merchants.models import Photo, Shop
from tests.views.my_shop.test_photos import picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def step(shop, url):
    Shop.objects.update(status="draft")
    return url("inscription/photos/")


def test_a_photo_is_added_described_and_removed_without_leaving_the_step(
    awa, client, shop, step, text
):
    assert "Elles seront visibles avec votre fiche" in text(awa.get(step))
    base = {"version": shop.version}
    assert awa.post(step, base | {"do": "add", "alt": "x", "file": picture()}).url == step
    photo = Photo.objects.get()
    data = base | {"do": f"describe:{photo.pk}", f"alt-{photo.pk}": "La vitrine"}
    assert awa.post(step, data).url == step
    assert "La vitrine" in awa.get(step).content.decode()
    assert client.get(shop.get_absolute_url()).status_code == 404
    asked = awa.post(step, base | {"do": f"remove:{photo.pk}"})
    assert f'action="{step}"' in asked.content.decode()
    assert awa.post(step, base | {"do": f"removed:{photo.pk}"}).url == step
    assert not Photo.objects.exists()


def test_a_mistake_stands_in_the_step(awa, shop, step, text):
    page = awa.post(step, {"version": shop.version, "do": "add", "alt": "La vitrine"})
    assert "Choisissez une photo." in text(page)
    assert "Étape 6 sur 7" in text(page)
    assert 'value="La vitrine"' in page.content.decode()


@pytest.mark.parametrize("do", ["next", "later"])
def test_going_on_takes_the_chosen_photo_along(awa, shop, step, do, text):
    html = awa.get(step).content.decode()
    assert f'name="do" value="{do}" form="photo-form" formnovalidate' in html
    data = {"version": shop.version, "do": do}
    page = awa.post(step, data | {"alt": "", "file": picture()})
    assert "Décrivez la photo" in text(page)
    assert awa.post(step, data | {"alt": "La vitrine", "file": picture()}).status_code == 302
    assert Photo.objects.get().alt == "La vitrine"


@pytest.mark.parametrize(
    ("do", "where"), [("next", "inscription/envoi/"), ("later", "/mon-commerce/")]
)
def test_photos_may_wait(awa, shop, step, do, where):
    version = Shop.objects.get().version
    assert awa.post(step, {"version": shop.version, "do": do}).url.endswith(where)
    assert Shop.objects.get().version == version
