"""What becomes of a registration when its people go."""

import pytest

from merchants.forms.account import DeleteForm
from merchants.models import Shop, ShopMember
from merchants.workflow import WorkflowError, registration
from merchants.workflow.account import delete_account
from merchants.workflow.members import leave
from merchants.workflow.values import Listing
from tests.factories import NOW, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def awa():
    return make_user("awa@example.fr")


@pytest.fixture
def draft(awa):
    listing = Listing(commune=make_commune(), name="Le Fournil", main_category=None)
    return registration.begin(listing, by=awa, now=NOW)


def test_it_ends_with_the_account(awa, draft):
    kept = make_shop("L’Épi", commune=draft.commune)
    make_member(kept, awa)
    form = DeleteForm(user=awa)
    assert form.drafts == [draft]
    assert form.shops == [kept]
    assert f"shop-{draft.pk}" not in form.fields
    delete_account(awa, by=awa, now=NOW)
    assert Shop.objects.get() == kept


def test_a_colleague_may_take_it_over_the_town_hall_may_not(awa, draft):
    colleague = make_member(draft, role="colleague")
    field = DeleteForm(user=awa).fields[f"shop-{draft.pk}"]
    (heir, _takes), (_value, said) = field.choices
    assert said == "Le brouillon est effacé, avec ses photos."
    member = ShopMember.objects.get(user=colleague)
    assert heir == f"member-{member.pk}"
    delete_account(awa, by=awa, now=NOW, heirs={draft.pk: member})
    assert ShopMember.objects.get().is_owner


def test_its_last_owner_gives_it_up_instead_of_leaving(awa, draft):
    with pytest.raises(WorkflowError, match="ou abandonnez-la"):
        leave(draft, by=awa, now=NOW)
    leave(draft, by=awa, now=NOW, to_town_hall=True)
    assert not Shop.objects.exists()


def test_the_page_of_people_says_so(login, awa, draft):
    html = login(awa).get(f"/mon-commerce/{draft.pk}/personnes/").content.decode()
    assert f'href="/mon-commerce/{draft.pk}/inscription/abandonner/"' in html
    assert "to_town_hall" not in html


def test_the_page_that_deletes_an_account_names_it(login, awa, draft):
    page = login(awa).get("/compte/supprimer/")
    assert "sont effacées aussi\xa0: Le Fournil." in page.content.decode()


def test_a_published_listing_goes_to_the_town_hall_as_ever(awa):
    shop = make_shop()
    make_member(shop, awa)
    leave(shop, by=awa, now=NOW, to_town_hall=True)
    assert Shop.objects.exists()
