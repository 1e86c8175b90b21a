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
    assert "Tenir la fiche « Le Fournil »" in text(page)
    assert "Vous êtes connecté avec paul@example.fr" in text(page)
    assert roles() == {owner: "owner"}  # Looking is not accepting.
    for _click in range(2):
        assert browser.post(link).url == "/mon-commerce/"
    assert roles() == {owner: "owner", paul: "colleague"}
    assert "Vous tenez maintenant la fiche « Le Fournil »." in text(browser.get("/mon-commerce/"))
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
    assert awa.post(path, {"version": 1}).url == url("personnes/")
    assert "L’invitation est annulée." in text(awa.get(url("personnes/")))


def test_a_colleague_is_removed(awa, owner, shop, url, text):
    colleague = make_member(shop, role="colleague", name="Paul")
    assert "Paul" in text(awa.get(url("personnes/")))
    member = ShopMember.objects.get(user=colleague)
    awa.post(url(f"personnes/{member.pk}/retirer/"), {"version": 1, "sure": "on"})
    assert roles() == {owner: "owner"}


def test_the_shop_is_handed_over(awa, owner, shop, url, text):
    colleague = make_member(shop, role="colleague", name="Paul")
    member = ShopMember.objects.get(user=colleague)
    awa.post(url(f"personnes/{member.pk}/transmettre/"), {"version": 1, "sure": "on"})
    assert roles() == {colleague: "owner", owner: "colleague"}
    page = text(awa.get(url("personnes/")))
    assert "vous êtes maintenant collègue" in page
    assert "Inviter quelqu’un" not in page


def test_another_owner_is_not_removed(awa, shop, url, text):
    other = make_member(shop)
    member = ShopMember.objects.get(user=other)
    awa.post(url(f"personnes/{member.pk}/retirer/"), {"version": 1, "sure": "on"})
    assert "Un responsable part de lui-même" in text(awa.get(url("personnes/")))
    assert other in roles()


def test_the_last_owner_leaves_to_the_town_hall(awa, shop, url, text):
    awa.post(url("personnes/partir/"), {"version": 1})
    page = text(awa.get(url("personnes/")))
    assert "transmettez d’abord le commerce" in page
    assert "Confier la fiche à la mairie" in page
    response = awa.post(
        url("personnes/partir/"), {"version": 1, "to_town_hall": "on", "sure": "on"}
    )
    assert response.url == "/mon-commerce/"
    page = text(awa.get("/mon-commerce/"))
    assert "Vous ne vous occupez plus de cette fiche." in page
    assert "Vous ne tenez encore aucune fiche." in page
    assert awa.get(url("personnes/")).status_code == 404


def test_a_colleague_leaves(login, owner, shop, url):
    colleague = make_member(shop, role="colleague")
    login(colleague).post(url("personnes/partir/"), {"version": 1, "sure": "on"})
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


class TestSecondClick:
    """It comes after the first one's effect, and finds a page that says what there is to say."""

    def test_handing_over(self, awa, login, shop, url, text):
        colleague = make_member(shop, role="colleague")
        path = url(f"personnes/{ShopMember.objects.get(user=colleague).pk}/transmettre/")
        for _click in range(2):
            assert awa.post(path, {"version": shop.version, "sure": "on"}).url == url("personnes/")
            assert "vous êtes maintenant collègue" in text(awa.get(url("personnes/")))
        ShopMember.objects.get(user=colleague).delete()
        assert login(colleague).post(path, {"version": 1}).status_code == 404

    def test_who_never_was_an_owner_hands_nothing_over(self, owner, login, shop, url):
        colleague = login(make_member(shop, role="colleague"))
        path = url(f"personnes/{ShopMember.objects.get(user=owner).pk}/transmettre/")
        assert colleague.post(path, {"version": 1}).status_code == 403

    def test_removing(self, awa, owner, shop, url, text):
        colleague = make_member(shop, role="colleague")
        path = url(f"personnes/{ShopMember.objects.get(user=colleague).pk}/retirer/")
        for _click in range(2):
            assert awa.post(path, {"version": shop.version, "sure": "on"}).url == url("personnes/")
            assert "ne s’occupe plus de la fiche" in text(awa.get(url("personnes/")))
        gone = path.replace("retirer", "transmettre")
        assert awa.post(gone, {"version": shop.version}).url == url("personnes/")
        assert "ne s’occupe plus de ce commerce" in text(awa.get(url("personnes/")))
        assert roles() == {owner: "owner"}

    def test_leaving(self, login, owner, shop, url, text):
        browser = login(make_member(shop, role="colleague"))
        for _click in range(2):
            response = browser.post(
                url("personnes/partir/"), {"version": shop.version, "sure": "on"}
            )
            assert response.url == "/mon-commerce/"
            assert "Vous ne vous occupez plus" in text(browser.get("/mon-commerce/"))
        assert browser.get(url("personnes/partir/")).status_code == 404
        assert roles() == {owner: "owner"}


def test_only_owners_read_addresses(awa, owner, login, shop, url, text):
    """Nobody reads the address of a colleague, as which accounts without a name used to appear."""
    colleague, nameless = (make_member(shop, role="colleague") for _number in range(2))
    assert nameless.email in text(awa.get(url("personnes/")))
    browser = login(colleague)
    for path in ("personnes/", "historique/"):
        said = text(browser.get(url(path)))
        assert nameless.email not in said and owner.email not in said
        assert f"compte nº {nameless.pk}" in said
    assert colleague.email in text(browser.get(url("personnes/")))
    assert nameless.email not in text(awa.get(url("historique/")))


class TestFirstClick:
    """It says what will happen, and does nothing."""

    @pytest.mark.parametrize(
        ("path", "sentences"),
        [
            ("{}/transmettre/", ["Paul devient responsable à votre place", "Oui, transmettre"]),
            ("{}/retirer/", ["Retirer Paul", "Oui, retirer"]),
        ],
    )
    def test_about_a_colleague(self, awa, shop, url, text, path, sentences):
        colleague = make_member(shop, role="colleague", name="Paul")
        before, path = roles(), path.format(ShopMember.objects.get(user=colleague).pk)
        page = awa.post(url(f"personnes/{path}"), {"version": 1})
        assert page.status_code == 200
        for sentence in [*sentences, "Annuler"]:
            assert sentence in text(page)
        assert 'name="sure"' in page.content.decode()
        assert roles() == before
        assert not Email.objects.exists()

    def test_about_oneself(self, awa, login, shop, url, text):
        colleague = make_member(shop, role="colleague")
        before = roles()
        page = login(colleague).post(url("personnes/partir/"), {"version": 1})
        assert "Oui, partir" in text(page)
        page = awa.post(url("personnes/partir/"), {"version": 1, "to_town_hall": "on"})
        assert "La fiche est confiée à la mairie" in text(page)
        assert 'name="to_town_hall" value="on"' in page.content.decode()
        assert roles() == before


def test_an_invitation_says_for_whom_it_was(awa, login, shop, url, text):
    data = {"version": shop.version, "email": "paul@example.fr", "role": "colleague"}
    awa.post(url("personnes/inviter/"), data)
    link = re.search(r"/mon-commerce/invitation/\S+", Email.objects.get().message)[0]
    for email, is_other in (("autre@example.fr", True), ("paul@example.fr", False)):
        said = text(login(make_user(email)).get(link))
        assert "Cette invitation a été envoyée à paul@example.fr." in said
        assert ("en est prévenu" in said) is is_other
