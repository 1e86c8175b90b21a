"""What waits for the town hall, and what it refused, on the pages where it is written."""

import pytest

from merchants.models import Commune, Proposal, Shop
from merchants.workflow import proposals
from tests.factories import NOW, make_shop, make_user
from tests.views.my_shop.week import week_of

pytestmark = pytest.mark.django_db

CHANGES = {
    "presentation/": ("description", "Du pain bio"),
    "contact/": ("website", "https://fournil.example.fr"),
    "services/": ("livraison-offered", "on"),
    "identite/": ("name", "Mac Fournil"),
}


@pytest.fixture(autouse=True)
def everything_is_read_first(shop):
    Commune.objects.update(edit_policy="validation")


def refuse() -> Proposal:
    proposal = Proposal.objects.get(status="pending")
    agent = make_user(is_superuser=True)
    proposals.refuse(proposal, reason="Pas comme cela.", by=agent, now=NOW)
    return proposal


@pytest.mark.parametrize("path", CHANGES)
def test_a_refusal_stands_on_its_page_until_it_is_given_up(awa, shop, url, fields, text, path):
    name, value = CHANGES[path]
    awa.post(url(path), fields(awa.get(url(path))) | {name: value})
    proposal = refuse()
    page = awa.get(url(path))
    assert "La mairie n’a pas retenu votre proposition" in text(page)
    assert "Pas comme cela." in text(page)
    assert fields(page)[name] == value
    for other in CHANGES.keys() - {path}:
        assert "n’a pas retenu" not in text(awa.get(url(other)))
    card = awa.get("/mon-commerce/")
    assert "La mairie n’a pas retenu votre modification : Pas comme cela." in text(card)
    assert f'href="{url(path)}">La corriger ou l’abandonner' in card.content.decode()

    data = {"version": page.context["version"], "proposal": proposal.pk}
    for _click in range(2):
        assert awa.post(url("identite/abandonner/"), data).url == url(path)
    page = awa.get(url(path))
    assert "La proposition est abandonnée." in text(page)
    assert "n’a pas retenu" not in text(page)
    assert fields(page).get(name) != value
    assert "n’a pas retenu" not in text(awa.get("/mon-commerce/"))


def test_hours_too(awa, shop, url, text):
    awa.post(
        url("horaires/"),
        week_of(awa.get(url("horaires/"))) | {"holiday_rule": "as_usual", "do": "save"},
    )
    assert "En attente de la mairie" in text(awa.get(url("horaires/")))
    assert f'href="{url("horaires/")}">La voir' in awa.get("/mon-commerce/").content.decode()
    refuse()
    page = awa.get(url("horaires/"))
    assert "Pas comme cela." in text(page)
    assert week_of(page)["holiday_rule"] == "as_usual"
    # The old rule again: nothing is proposed, and nothing is refused any more.
    awa.post(url("horaires/"), week_of(page) | {"holiday_rule": "closed", "do": "save"})
    assert "La proposition est retirée." in text(awa.get("/mon-commerce/"))
    assert "Pas comme cela." not in text(awa.get(url("horaires/")))


def test_a_page_that_is_live_by_now_repeats_no_refusal(awa, shop, url, fields, text):
    """Its values are not filled in: saving the page would publish them."""
    for path in ("presentation/", "identite/"):
        name, value = CHANGES[path]
        awa.post(url(path), fields(awa.get(url(path))) | {name: value})
    refuse()
    Commune.objects.update(edit_policy="live")
    assert "Pas comme cela." in text(awa.get(url("identite/")))
    page = awa.get(url("presentation/"))
    assert "Pas comme cela." not in text(page)
    assert fields(page)["description"] == "Du pain"


def test_the_old_text_takes_a_proposal_back(awa, shop, url, fields, text):
    page = awa.get(url("presentation/"))
    awa.post(url("presentation/"), fields(page) | {"description": "Bio"})
    page = awa.get(url("presentation/"))
    awa.post(url("presentation/"), fields(page) | {"description": "Du pain"})
    assert "La proposition est retirée." in text(awa.get("/mon-commerce/"))


def test_a_proposal_that_changed_meanwhile_is_not_taken_back_unread(awa, shop, url, fields, text):
    page = awa.get(url("identite/"))
    awa.post(url("identite/"), fields(page) | {"name": "Un"})
    old = {"version": shop.version, "proposal": Proposal.objects.get().pk}
    awa.post(url("identite/"), fields(awa.get(url("identite/"))) | {"name": "Deux"})
    assert "relisez la nouvelle" in text(awa.post(url("identite/retirer/"), old))
    assert Proposal.objects.get(status="pending").changes["name"][1] == "Deux"


def test_proposals_of_another_shop_are_not_reached(awa, shop, url):
    other = Proposal.objects.create(shop=make_shop(), at=NOW, changes={"name": ["a", "b"]})
    for number in (other.pk, 999999, "x"):
        data = {"version": shop.version, "proposal": number}
        for path in ("identite/retirer/", "identite/abandonner/"):
            assert awa.post(url(path), data).status_code == 404


def test_a_stale_tab_overwrites_nothing_the_second_time(awa, shop, url, fields, text):
    Commune.objects.update(edit_policy="live")
    old = fields(awa.get(url("presentation/")))
    theirs = {"description": "Le leur", "step_free": "yes", "payment_means": ["cards"]}
    awa.post(url("presentation/"), old | theirs)
    page = awa.post(url("presentation/"), old | {"description": "Le mien"})
    assert "actuellement « Le leur », chez vous « Le mien »" in text(page)
    assert awa.post(url("presentation/"), fields(page)).status_code == 302
    shop = Shop.objects.get()
    assert (shop.description, shop.step_free) == ("Le mien", "yes")
    assert shop.payment_means == ["cards"]


def test_newlines_and_spaces_are_no_change(awa, shop, url, fields):
    Commune.objects.update(edit_policy="live")
    Shop.objects.update(description="Du pain\nbio")
    version = Shop.objects.get().version
    data = fields(awa.get(url("presentation/"))) | {"description": "Du pain  \r\nbio\r\n"}
    awa.post(url("presentation/"), data)
    assert Shop.objects.get().version == version


def test_what_is_written_of_a_service_that_is_not_offered_hides_no_mistake(awa, shop, url, fields):
    Commune.objects.update(edit_policy="live")
    data = fields(awa.get(url("services/"))) | {"livraison-fee": "gratuit", "retrait-offered": "on"}
    assert awa.post(url("services/"), data).status_code == 302
    assert [service.kind for service in Shop.objects.get().services.all()] == ["retrait"]
