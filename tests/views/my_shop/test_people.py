"""People: invited, accepted, removed, leaving, handing over."""

import re

import pytest
from post_office.models import Email

from merchants.models import Invitation, ShopMember
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db


def roles() -> dict:
    return {member.user: member.role for member in ShopMember.objects.select_related("user")}


def test_a_colleague_is_invited_and_accepts(awa, owner, shop, url, login, client, text):
    data = {"version": shop.version, "email": "paul@example.fr", "role": "colleague"}
    for _click in range(2):
        response = awa.post(url("personnes/inviter/"), data)
        assert (response.status_code, response.url) == (302, url("personnes/"))
    assert "L’invitation est partie." in text(awa.get(url("personnes/")))
    assert "paul@example.fr" in text(awa.get(url("personnes/")))
    letter = Email.objects.get().message
    link = re.search(r"http://testserver(/mon-commerce/invitation/\S+)", letter)[1]

    assert client.get(link).status_code == 302  # To log in first.
    paul = make_user("paul@example.fr")
    browser = login(paul)
    page = browser.get(link)
    assert "Tenir la fiche de Le Fournil" in text(page)
    assert "Vous êtes connecté avec paul@example.fr" in text(page)
    assert roles() == {owner: "owner"}  # Looking is not accepting.
    for _click in range(2):
        assert browser.post(link).url == "/mon-commerce/"
    assert roles() == {owner: "owner", paul: "colleague"}
    assert "Vous tenez maintenant la fiche de Le Fournil." in text(browser.get("/mon-commerce/"))
    page = login(make_user()).get(link)
    assert page.status_code == 410
    assert "Cette invitation a déjà servi." in text(page)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"email": ""}, "obligatoire"),
        ({"email": "paul"}, "adresse"),
        ({"role": "boss"}, "choix valide"),
    ],
)
def test_a_wrong_invitation(awa, shop, url, text, change, sentence):
    data = {"version": shop.version, "email": "paul@example.fr", "role": "colleague"} | change
    page = awa.post(url("personnes/inviter/"), data)
    assert page.status_code == 200
    assert sentence in text(page)
    assert not Invitation.objects.exists()


def test_who_is_there_already(awa, shop, url, text, owner):
    data = {"version": shop.version, "email": owner.email, "role": "colleague"}
    page = awa.post(url("personnes/inviter/"), data)
    assert "Cette personne s’occupe déjà de ce commerce." in text(page)


def test_an_invitation_is_taken_back(awa, shop, url, text):
    data = {"version": shop.version, "email": "paul@example.fr", "role": "colleague"}
    awa.post(url("personnes/inviter/"), data)
    invitation = Invitation.objects.get()
    path = url(f"personnes/invitation/{invitation.pk}/annuler/")
    assert awa.post(path, {"version": 1}).status_code == 302
    assert not Invitation.objects.exists()
    assert awa.post(path, {"version": 1}).status_code == 404


def test_a_colleague_is_removed(awa, owner, shop, url, text):
    colleague = make_member(shop, role="colleague", name="Paul")
    assert "Paul" in text(awa.get(url("personnes/")))
    member = ShopMember.objects.get(user=colleague)
    awa.post(url(f"personnes/{member.pk}/retirer/"), {"version": 1})
    assert roles() == {owner: "owner"}


def test_the_shop_is_handed_over(awa, owner, shop, url, text):
    colleague = make_member(shop, role="colleague", name="Paul")
    member = ShopMember.objects.get(user=colleague)
    awa.post(url(f"personnes/{member.pk}/transmettre/"), {"version": 1})
    assert roles() == {colleague: "owner", owner: "colleague"}
    page = text(awa.get(url("personnes/")))
    assert "vous êtes maintenant collègue" in page
    assert "Inviter quelqu’un" not in page


def test_another_owner_is_not_removed(awa, shop, url, text):
    other = make_member(shop)
    member = ShopMember.objects.get(user=other)
    awa.post(url(f"personnes/{member.pk}/retirer/"), {"version": 1})
    assert "Un responsable part de lui-même" in text(awa.get(url("personnes/")))
    assert other in roles()


def test_the_last_owner_leaves_to_the_town_hall(awa, shop, url, text):
    awa.post(url("personnes/partir/"), {"version": 1})
    page = text(awa.get(url("personnes/")))
    assert "transmettez d’abord le commerce" in page
    assert "Confier la fiche à la mairie" in page
    response = awa.post(url("personnes/partir/"), {"version": 1, "to_town_hall": "on"})
    assert response.url == "/mon-commerce/"
    page = text(awa.get("/mon-commerce/"))
    assert "Vous ne vous occupez plus de cette fiche." in page
    assert "Vous ne tenez encore aucune fiche." in page
    assert awa.get(url("personnes/")).status_code == 404


def test_a_colleague_leaves(login, owner, shop, url):
    colleague = make_member(shop, role="colleague")
    login(colleague).post(url("personnes/partir/"), {"version": 1})
    assert roles() == {owner: "owner"}


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_number_of_queries(
    awa, shop, url, number, django_assert_num_queries
):
    for index in range(number):
        make_member(shop, role="colleague")
        data = {"version": 1, "email": f"n{index}@example.fr", "role": "colleague"}
        awa.post(url("personnes/inviter/"), data)
    awa.get(url("personnes/"))
    with django_assert_num_queries(11):
        awa.get(url("personnes/"))
