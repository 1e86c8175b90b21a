"""Description, contact, services; name, address, category and SIRET."""

import pytest

from merchants.models import HistoryEntry, Proposal, Shop
from merchants.workflow import proposals
from tests.factories import NOW, make_category, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "change", "field", "value"),
    [
        ("presentation/", {"description": "Du pain bio"}, "description", "Du pain bio"),
        ("presentation/", {"payment_means": ["cards"]}, "payment_means", ["cards"]),
        ("contact/", {"phone": "01 47 51 99 99"}, "phone", "+33147519999"),
        ("contact/", {"website": "fournil.example.fr"}, "website", "https://fournil.example.fr"),
        ("contact/", {"social_links": "a.example/x\nhttps://b.example/y"}, "social_links",
         ["https://a.example/x", "https://b.example/y"]),
    ],
)  # fmt: skip
def test_free_fields_are_live(awa, shop, url, fields, text, path, change, field, value):
    page = awa.get(url(path))
    assert "En ligne dès que vous enregistrez." in text(page)
    response = awa.post(url(path), fields(page) | change)
    assert response.status_code == 302, text(response)
    assert getattr(Shop.objects.get(), field) == value
    assert list(HistoryEntry.objects.first().changes) == [field]
    assert "C’est enregistré, et déjà en ligne." in text(awa.get("/mon-commerce/"))


@pytest.mark.parametrize("path", ["presentation/", "contact/", "services/", "identite/"])
def test_a_form_sent_as_it_came_changes_nothing(awa, shop, url, fields, text, path):
    version = Shop.objects.get().version
    assert awa.post(url(path), fields(awa.get(url(path)))).status_code == 302
    assert Shop.objects.get().version == version
    assert "Rien n’a changé." in text(awa.get("/mon-commerce/"))


@pytest.mark.parametrize(
    ("path", "change", "sentence"),
    [
        ("contact/", {"phone": "12"}, "n’est pas un numéro de téléphone"),
        ("contact/", {"email": "a@"}, "adresse"),
        ("contact/", {"social_links": "pas une adresse"}, "URL valide"),
        ("services/", {"livraison-offered": "on", "livraison-fee": "-1"}, "supérieur"),
        ("identite/", {"siret": "123"}, "14 chiffres"),
        ("identite/", {"postcode": "92"}, "Un code postal compte 5 chiffres."),
        ("identite/", {"name": ""}, "obligatoire"),
    ],
)
def test_mistakes_keep_what_was_typed(awa, shop, url, fields, text, path, change, sentence):
    data = fields(awa.get(url(path))) | change
    before = Shop.objects.values().get()
    page = awa.post(url(path), data)
    assert page.status_code == 200
    assert sentence in text(page)
    assert fields(page) == {name: v for name, v in data.items() if v != ""} | (
        {"name": ""} if "name" in change else {}
    ) | {name: v for name, v in fields(page).items() if v == ""}
    assert Shop.objects.values().get() == before


def test_services(awa, shop, url, fields, text, client):
    page = awa.get(url("services/"))
    data = fields(page) | {
        "livraison-offered": "on",
        "livraison-area": "Le bourg",
        "livraison-fee": "2,50",
        "retrait-note": "Oublié : la case n’est pas cochée",
    }
    assert awa.post(url("services/"), data).status_code == 302
    service = Shop.objects.get().services.get()
    assert (service.kind, service.area, float(service.fee)) == ("livraison", "Le bourg", 2.5)
    page = awa.get(url("services/"))
    assert fields(page)["livraison-area"] == "Le bourg"
    data = fields(page)
    del data["livraison-offered"]
    awa.post(url("services/"), data)
    assert not Shop.objects.get().services.exists()


class TestIdentity:
    def test_waits_for_the_town_hall(self, awa, client, shop, url, fields, text):
        make_category("Traiteur")
        page = awa.get(url("identite/"))
        assert "Vérifié par la mairie avant d’être en ligne." in text(page)
        data = fields(page) | {"name": "Le Bon Fournil", "other_0": "traiteur"}
        response = awa.post(url("identite/"), data)
        assert response.url == url("identite/")
        said = text(awa.get(url("identite/")))
        assert "C’est envoyé à la mairie." in said
        assert "En attente de la mairie" in said and "Le Bon Fournil" in said
        assert Shop.objects.get().name == "Le Fournil"
        assert "Le Bon Fournil" not in client.get(shop.get_absolute_url()).content.decode()
        assert Proposal.objects.get().changes == {
            "name": ["Le Fournil", "Le Bon Fournil"],
            "categories": [[], ["traiteur"]],
        }
        assert "Une modification attend la réponse de la mairie." in text(awa.get("/mon-commerce/"))
        # The same page again: a double click.
        awa.post(url("identite/"), data)
        assert HistoryEntry.objects.filter(action="propose").count() == 1

    def test_the_form_goes_on_from_what_is_proposed(self, awa, shop, url, fields):
        data = fields(awa.get(url("identite/"))) | {"name": "Un"}
        awa.post(url("identite/"), data)
        page = awa.get(url("identite/"))
        assert fields(page)["name"] == "Un"
        awa.post(url("identite/"), fields(page) | {"street": "rue Neuve"})
        assert Proposal.objects.get(status="pending").changes == {
            "name": ["Le Fournil", "Un"],
            "street": ["rue de la Paix", "rue Neuve"],
            # Nobody answers: the old point does not go with the new street.
            "point": [[48.871, 2.229], None],
            "location_source": ["town_hall", ""],
            "location_precision": ["exact", ""],
        }

    def test_is_taken_back(self, awa, shop, url, fields, text):
        awa.post(url("identite/"), fields(awa.get(url("identite/"))) | {"name": "Un"})
        data = {"version": shop.version, "proposal": Proposal.objects.get().pk}
        for _click in range(2):
            assert awa.post(url("identite/retirer/"), data).url == url("identite/")
        assert Proposal.objects.get().status == "withdrawn"
        assert "En attente de la mairie" not in text(awa.get(url("identite/")))

    def test_comes_back_with_the_reason_and_is_sent_again(self, awa, shop, url, fields, text):
        awa.post(url("identite/"), fields(awa.get(url("identite/"))) | {"name": "Mac Fournil"})
        proposals.refuse(
            Proposal.objects.get(),
            reason="Une marque.",
            by=make_user(is_superuser=True),
            now=NOW,
        )
        page = awa.get(url("identite/"))
        assert "La mairie n’a pas retenu votre proposition" in text(page)
        assert "Une marque." in text(page)
        assert fields(page)["name"] == "Mac Fournil"
        awa.post(url("identite/"), fields(page) | {"name": "Le Bon Fournil"})
        assert Proposal.objects.get(status="pending").changes == {
            "name": ["Le Fournil", "Le Bon Fournil"]
        }
        assert "n’a pas retenu" not in text(awa.get(url("identite/")))

    def test_is_live_before_publication(self, awa, shop, url, fields, text):
        Shop.objects.update(status="draft")
        page = awa.get(url("identite/"))
        assert "Pris en compte dès que vous enregistrez." in text(page)
        awa.post(url("identite/"), fields(page) | {"name": "Le Bon Fournil"})
        assert Shop.objects.get().name == "Le Bon Fournil"

    def test_a_category_that_no_list_offers_stays(self, awa, shop, url, fields):
        """An imported listing may stand directly in a group."""
        group = shop.main_category.parent
        Shop.objects.update(main_category=group)
        shop.categories.set([group])
        page = awa.get(url("identite/"))
        assert fields(page)["main_category"] == group.slug
        awa.post(url("identite/"), fields(page))
        assert not Proposal.objects.exists()


def test_a_stale_tab_of_the_description(awa, shop, url, fields, text):
    page = awa.get(url("presentation/"))
    awa.post(url("presentation/"), fields(page) | {"description": "Premier"})
    page = awa.post(url("presentation/"), fields(page) | {"description": "Second"})
    said = text(page)
    assert "actuellement « Premier », chez vous « Second »" in said
    assert fields(page)["description"] == "Second"
    assert awa.post(url("presentation/"), fields(page)).status_code == 302
    assert Shop.objects.get().description == "Second"
