"""The town hall decides on proposals, names members and gives roles; the workflow writes."""

import pytest

from merchants.models import Category, CommuneRole, HistoryEntry, Proposal, Shop, ShopMember
from merchants.workflow.edit import edit_listing
from tests.admin.test_shop import form_of
from tests.factories import NOW, make_category, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

LIST = "/mairie/merchants/proposal/"


@pytest.fixture
def agent(login):
    return login(make_user(is_staff=True, is_superuser=True, name="Mairie"))


def propose(name: str = "Autre") -> Proposal:
    shop = make_shop()
    other = make_category("Traiteur")
    edit_listing(
        shop,
        {"name": name, "main_category": other, "categories": (other,)},
        by=make_member(shop),
        expected_version=None,
        now=NOW,
    )
    return Proposal.objects.get(shop=shop)


def test_accepted(agent):
    proposals = [propose(), propose("Encore")]
    data = {"action": "accept", "_selected_action": [p.pk for p in proposals]}
    page = agent.post(LIST, data, follow=True)
    assert "2 propositions ont été traitées." in page.content.decode()
    assert set(Shop.objects.values_list("name", flat=True)) == {"Autre", "Encore"}
    page = agent.post(LIST, data, follow=True)
    assert "n’attend plus" in page.content.decode()


def test_refused_with_a_reason(agent):
    proposal = propose()
    data = {"action": "refuse", "_selected_action": [proposal.pk], "reason": ""}
    page = agent.post(LIST, data, follow=True)
    assert "Dites pourquoi" in page.content.decode()
    agent.post(LIST, data | {"reason": "Une marque."})
    proposal.refresh_from_db()
    assert (proposal.status, proposal.reason) == ("refused", "Une marque.")


def test_a_proposal_is_read_and_never_rewritten(agent):
    proposal = propose()
    address = f"{LIST}{proposal.pk}/change/"
    html = agent.get(address).content.decode()
    assert "«\xa0Boulangerie\xa0» → «\xa0Traiteur\xa0»" in html
    agent.post(address, {"status": "accepted"})
    proposal.refresh_from_db()
    assert proposal.status == "pending"
    assert agent.get(f"{LIST}add/").status_code == 403
    assert agent.get(f"{LIST}{proposal.pk}/delete/").status_code == 403


@pytest.mark.parametrize("path", ["proposal/", "communerole/", "communerole/add/"])
def test_pages_open_for_the_town_hall_only(client, login, agent, path):
    propose()
    address = f"/mairie/merchants/{path}"
    assert agent.get(address).status_code == 200
    assert client.get(address).status_code == 302
    assert login(make_user()).get(address).status_code in {302, 403}


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_queries(agent, django_assert_max_num_queries, number):
    for _number in range(number):
        propose()
    agent.get(LIST)
    with django_assert_max_num_queries(11):
        agent.get(LIST)


def test_a_role_is_given_changed_and_taken(agent):
    shop, helper = make_shop(), make_user()
    data = {"user": helper.pk, "commune": shop.commune_id, "role": "helper"}
    assert agent.post("/mairie/merchants/communerole/add/", data).status_code == 302
    role = CommuneRole.objects.get()
    address = f"/mairie/merchants/communerole/{role.pk}/"
    assert agent.post(f"{address}change/", {"role": "agent"}).status_code == 302
    assert CommuneRole.objects.get().role == "agent"
    agent.post(f"{address}delete/", {"post": "yes"})
    assert not CommuneRole.objects.exists()


class TestMembers:
    def test_are_named_changed_and_removed(self, agent):
        shop, merchant = make_shop(), make_user()
        address = f"/mairie/merchants/shop/{shop.pk}/change/"
        data = form_of(agent.get(address)) | {
            "members-TOTAL_FORMS": "1",
            "members-0-user": merchant.pk,
            "members-0-role": "owner",
            "members-0-shop": shop.pk,
        }
        assert agent.post(address, data).status_code == 302
        assert ShopMember.objects.get().user == merchant
        entry = HistoryEntry.objects.first()
        assert (entry.action, entry.capacity) == ("join", "town_hall")

        page = agent.post(address, form_of(agent.get(address)) | {"members-0-role": "colleague"},
                          follow=True)  # fmt: skip
        assert "garde au moins un responsable" in page.content.decode()
        agent.post(address, form_of(agent.get(address)) | {"members-0-DELETE": "on"})
        assert not ShopMember.objects.exists()

    def test_the_history_is_read_on_the_listing(self, agent):
        proposal = propose()
        html = agent.get(f"/mairie/merchants/shop/{proposal.shop_id}/change/").content.decode()
        assert "Modification proposée à la mairie" in html
        assert "Arrivée d’une personne" in html


def test_a_correction_is_one_entry_with_its_services(agent):
    shop = make_shop(services=["livraison"])
    address = f"/mairie/merchants/shop/{shop.pk}/change/"
    data = form_of(agent.get(address)) | {"description": "Neuf", "services-0-note": "Le matin"}
    assert agent.post(address, data).status_code == 302
    entry = HistoryEntry.objects.first()
    assert set(entry.changes) == {"description", "services"}
    assert HistoryEntry.objects.count() == 2


def test_of_two_agents_the_second_gets_a_sentence(agent):
    shop = make_shop("Avant")
    address = f"/mairie/merchants/shop/{shop.pk}/change/"
    data = form_of(agent.get(address))
    assert agent.post(address, data | {"name": "Un"}).status_code == 302
    page = agent.post(address, data | {"name": "Deux"})
    assert page.status_code == 200
    assert "Cette fiche a été modifiée entre-temps (Fiche modifiée, Mairie)" in (
        page.content.decode()
    )
    assert 'value="Deux"' in page.content.decode()
    assert Shop.objects.get().name == "Un"


def test_what_was_changed_since_the_list_was_read_is_not_accepted(agent):
    read = propose()
    edit_listing(read.shop, {"name": "Pire"}, by=read.by, expected_version=None, now=NOW)
    data = {"action": "accept", "_selected_action": [read.pk]}
    page = agent.post(LIST, data, follow=True)
    assert "relisez la nouvelle" in page.content.decode()
    assert "Pire" not in Shop.objects.values_list("name", flat=True)


def test_a_reason_with_a_nul_is_a_reason(agent):
    proposal = propose()
    data = {"action": "refuse", "_selected_action": [proposal.pk], "reason": "Une\x00 marque."}
    agent.post(LIST, data)
    proposal.refresh_from_db()
    assert proposal.reason in {"", "Une marque."}


def test_new_names_of_categories_are_read(agent):
    propose()
    agent.get(LIST)
    Category.objects.filter(slug="traiteur").update(name="Traiteur et compagnie")
    assert "Traiteur et compagnie" in agent.get(LIST).content.decode()
    address = f"{LIST}{Proposal.objects.get().pk}/change/"
    assert "Traiteur et compagnie" in agent.get(address).content.decode()


def test_communes_without_proposals_are_no_filter(agent):
    propose()
    make_commune("Garches")
    assert "Garches" not in agent.get(LIST).content.decode()


def test_a_member_is_not_turned_into_somebody_else(agent):
    shop = make_shop()
    owner, other = make_member(shop), make_user()
    address = f"/mairie/merchants/shop/{shop.pk}/change/"
    data = form_of(agent.get(address)) | {"members-0-user": other.pk, "members-0-role": "owner"}
    agent.post(address, data)
    assert [member.user for member in ShopMember.objects.all()] == [owner]
