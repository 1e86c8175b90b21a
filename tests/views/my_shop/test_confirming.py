"""« Tout est exact », with a login or by the link of a letter; closing for good."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from merchants.models import HistoryEntry, Shop
from merchants.models.shop import FAREWELL
from merchants.workflow.confirm_link import confirm_link
from merchants.workflow.edit import edit_listing
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def test_a_page_says_what_is_confirmed_and_asks(awa, owner, shop, url, text):
    page = awa.get(url("confirmer/"))
    said = text(page)
    for words in ("Le Fournil", "12 rue de la Paix", "01 47 51 01 02", "Du lundi au vendredi",
                  "Fermé les jours fériés", "Du pain"):  # fmt: skip
        assert words in said
    assert Shop.objects.get().confirmed_at is None
    for _click in range(2):
        response = awa.post(url("confirmer/"), {"version": page.context["version"]})
        assert response.url == "/mon-commerce/"
    shop = Shop.objects.get()
    assert (shop.confirmed_as, shop.confirmed_by) == ("merchant", owner)
    assert HistoryEntry.objects.filter(action="confirm").count() == 1
    said = text(awa.get("/mon-commerce/"))
    assert "Merci ! La fiche est confirmée à la date d’aujourd’hui." in said
    assert "par le commerçant" in said


def test_what_a_colleague_has_just_changed_is_read_first(awa, shop, url, text):
    colleague = make_member(shop, role="colleague")
    version = Shop.objects.get().version
    edit_listing(
        shop, {"description": "Neuf"}, by=colleague, expected_version=None, now=timezone.now()
    )
    page = awa.post(url("confirmer/"), {"version": version})
    assert "Relisez-la avant de la confirmer." in text(page)
    assert "Neuf" in text(page)
    assert awa.post(url("confirmer/"), {"version": page.context["version"]}).status_code == 302


class TestLink:
    @pytest.fixture
    def link(self, shop, owner):
        shop.refresh_from_db()
        link = confirm_link(shop, owner, now=timezone.now())
        return link.removeprefix("http://testserver")

    def test_asks_and_then_acts_without_a_login_or_a_cookie(self, client, shop, link, text):
        page = client.get(link)
        assert "Rien n’est confirmé tant que vous n’appuyez pas sur le bouton." in text(page)
        assert "12 rue de la Paix" in text(page)
        assert client.head(link).status_code == 200
        assert Shop.objects.get().confirmed_at is None
        assert not page.cookies
        assert page["Referrer-Policy"] == "no-referrer"
        assert "no-store" in page["Cache-Control"]

        done = client.post(link)
        assert "est confirmée à la date d’aujourd’hui" in text(done)
        assert Shop.objects.get().confirmed_as == "merchant"
        again = client.post(link)
        assert again.status_code == 410
        assert "C’est déjà fait" in text(again)
        assert HistoryEntry.objects.filter(action="confirm").count() == 1

    def test_tells_no_private_contact(self, client, awa, url, link, text):
        """Who reads a letter is not always who keeps the shop."""
        Shop.objects.update(
            phone_is_public=False, email="awa@secret.example", email_is_public=False
        )
        said = text(client.get(link))
        assert "secret" not in said and "01 47" not in said
        assert said.count("renseigné, visible de la mairie seule") == 2
        said = text(awa.get(url("confirmer/")))
        assert "awa@secret.example" in said and "01 47 51 01 02" in said

    def test_a_forged_one_says_so(self, client, link, text):
        page = client.get("/tout-est-exact/rien/")
        assert page.status_code == 410
        assert "Ce lien n’est pas complet" in text(page)
        assert client.delete(link).status_code == 405


class TestClosing:
    def test_for_good_and_back(self, awa, client, shop, url, text):
        public = shop.get_absolute_url()
        client.get(public)
        page = awa.get(url("fermer/"))
        data = {"version": page.context["version"], "farewell": "Merci à tous !",
                "successor": "https://paul.example.fr"}  # fmt: skip
        page = awa.post(url("fermer/"), data)
        assert "Cochez la case pour fermer définitivement." in text(page)
        assert "Merci à tous !" in page.content.decode()
        for _click in range(2):
            response = awa.post(url("fermer/"), data | {"sure": "on"})
            assert response.url == "/mon-commerce/"

        page = client.get(public)
        assert page.status_code == 200
        assert "a fermé définitivement" in text(page)
        assert "Merci à tous !" in text(page)
        assert 'href="https://paul.example.fr"' in page.content.decode()
        assert "noindex" in page.content.decode()
        assert not page.cookies
        assert "Le Fournil" not in client.get("/suresnes/").content.decode()
        said = text(awa.get("/mon-commerce/"))
        assert "Fermé définitivement." in said and "Rouvrir ce commerce" in said

        response = awa.post(url("rouvrir/"), {"version": Shop.objects.get().version})
        assert response.url == "/mon-commerce/"
        assert "de nouveau en ligne" in text(awa.get("/mon-commerce/"))
        assert "Merci à tous" not in text(client.get(public))

    def test_the_page_is_gone_after_a_while(self, awa, client, shop, url, text):
        data = {"version": shop.version, "sure": "on", "farewell": "Merci à tous !"}
        awa.post(url("fermer/"), data)
        Shop.objects.update(closed_at=timezone.now() - FAREWELL + timedelta(hours=1))
        assert client.get(shop.get_absolute_url()).status_code == 200
        Shop.objects.update(closed_at=timezone.now() - FAREWELL - timedelta(hours=1))
        caches["pages"].clear()
        page = client.get(shop.get_absolute_url())
        assert page.status_code == 410
        assert "sa page n’existe plus" in text(page)
        assert "Merci à tous" not in text(page)
        response = awa.post(url("rouvrir/"), {"version": Shop.objects.get().version})
        assert response.status_code == 302
        assert "Le temps de rouvrir vous-même est passé" in text(awa.get("/mon-commerce/"))

    def test_what_nobody_saw_is_not_found(self, client, shop):
        Shop.objects.update(status="closed")
        assert client.get(shop.get_absolute_url()).status_code == 404

    def test_a_shop_that_is_closed_is_not_closed_again(self, awa, shop, url, text):
        Shop.objects.update(status="closed")
        page = awa.post(url("fermer/"), {"version": shop.version, "sure": "on"})
        assert "cette action ne s’y applique pas" in text(page)


def test_closing_what_is_not_online_promises_no_page(awa, shop, url, text):
    assert "Pendant 60 jours" in text(awa.get(url("fermer/")))
    Shop.objects.update(status="suspended")
    page = awa.get(url("fermer/"))
    assert "60 jours" not in text(page)
    assert "la mairie seule pourra rouvrir" in text(page)
    data = {"version": page.context["version"], "sure": "on", "farewell": "Merci\r\nà tous "}
    awa.post(url("fermer/"), data)
    assert Shop.objects.get().farewell == "Merci\nà tous"
    assert "la fiche dit que le commerce a fermé" not in text(awa.get("/mon-commerce/"))
