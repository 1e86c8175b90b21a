"""The dashboard: how each listing stands, what it lacks, what to do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from merchants.models import Photo, Shop
from merchants.workflow import status
from tests.factories import make_member, make_shop, make_user

pytestmark = pytest.mark.django_db


def test_four_big_actions_and_the_rest(awa, shop, url, text):
    page = awa.get("/mon-commerce/")
    html, said = page.content.decode(), text(page)
    for words in ("Fermeture exceptionnelle", "Congés", "Modifier mes horaires", "Tout est exact",
                  "En ligne : les habitants voient votre fiche.", "Jamais confirmé"):  # fmt: skip
        assert words in said
    for path in ("fermeture/", "conges/", "horaires/", "confirmer/", "presentation/", "contact/",
                 "services/", "identite/", "personnes/", "historique/", "fermer/"):  # fmt: skip
        assert f'href="{url(path)}"' in html
    assert "noindex" in html


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("draft", "Brouillon : à envoyer à la mairie."),
        ("pending", "En attente : la mairie relit votre fiche avant de la publier."),
        ("published", "En ligne : les habitants voient votre fiche."),
        ("closed", "Fermé définitivement."),
    ],
)
def test_the_state_in_plain_words(awa, shop, text, state, sentence):
    Shop.objects.update(status=state)
    assert sentence in text(awa.get("/mon-commerce/"))


@pytest.mark.parametrize(
    ("state", "act", "sentence"),
    [
        ("pending", status.refuse, "Pas en ligne : la mairie n’a pas publié votre fiche."),
        ("published", status.suspend, "Pas en ligne : la mairie a suspendu votre fiche."),
        ("pending", status.ask_change, "À corriger : la mairie vous demande une correction."),
    ],
)
def test_a_refusal_says_why(awa, shop, text, state, act, sentence):
    Shop.objects.update(status=state)
    act(shop, by=None, now=timezone.now(), reason="Adresse inconnue.")
    page = awa.get("/mon-commerce/")
    said = text(page)
    assert sentence in said
    word = "À corriger" if act == status.ask_change else "Pourquoi"
    assert f"{word} : Adresse inconnue." in said
    assert ("Corriger et renvoyer" in said) is (state == "pending")


def test_what_is_missing_and_what_it_costs(login, text):
    bare = make_shop("Nu", hours=None, point=None)
    said = text(login(make_member(bare)).get("/mon-commerce/"))
    for sentence in (
        "Sans horaires, vous n’apparaissez pas dans « ouvert maintenant ».",
        "Jamais confirmée, votre fiche passe après les autres.",
        "Sans description, on ne vous trouve pas par ce que vous vendez.",
        "Sans téléphone, personne ne peut vous appeler.",
        "Livraison, retrait, rendez-vous : dites-le si vous le proposez.",
        "Sans adresse, vous n’êtes pas sur la carte.",
        "Sans photo, votre fiche attire moins.",
    ):
        assert sentence in said


def test_an_address_to_be_placed_is_no_missing_address(login, text):
    bare = make_shop("Nu", point=None, street="rue de la Paix")
    said = text(login(make_member(bare)).get("/mon-commerce/"))
    assert "pas encore placée sur la carte : nous réessayons chaque nuit." in said
    assert "Sans adresse" not in said


def test_a_whole_listing_lacks_nothing(login, text):
    whole = make_shop(
        hours="Mo-Fr 09:00-18:00; PH off",
        services=["retrait"],
        phone="+33147510102",
        description="Du pain",
    )
    Photo.objects.create(shop=whole, stem="x", widths=[480], width=480, height=320, alt="La rue")
    Shop.objects.update(confirmed_at=timezone.now() - timedelta(days=100), confirmed_as="merchant")
    assert "Ce qui manque" not in text(login(make_member(whole)).get("/mon-commerce/"))
    Shop.objects.update(holiday_rule="unknown")
    assert "La fiche ne dit pas si vous ouvrez les jours fériés." in text(
        login(make_member(whole)).get("/mon-commerce/")
    )


def test_a_colleague_does_not_close(login, shop, url):
    colleague = login(make_member(shop, role="colleague"))
    html = colleague.get("/mon-commerce/").content.decode()
    assert url("horaires/") in html
    assert url("fermer/") not in html


def test_somebody_without_a_shop_is_told_what_to_do(login, text):
    said = text(login(make_user()).get("/mon-commerce/"))
    assert "Vous ne tenez encore aucune fiche." in said


@pytest.mark.parametrize("number", [1, 3])
def test_asks_the_same_number_of_queries(awa, owner, shop, number, django_assert_num_queries):
    for index in range(number - 1):
        other = make_shop(f"Autre {index}", commune=shop.commune, services=["retrait"])
        make_member(other, owner)
    awa.get("/mon-commerce/")
    with django_assert_num_queries(12):
        page = awa.get("/mon-commerce/")
    assert page.content.decode().count("<article") == number


def test_what_the_town_hall_closed_is_not_offered_to_be_reopened(awa, owner, shop, text):
    agent = make_user(is_superuser=True)
    status.close(shop, by=agent, now=timezone.now())
    assert "Rouvrir ce commerce" not in text(awa.get("/mon-commerce/"))
    status.reopen(shop, by=agent, now=timezone.now())
    status.close(shop, by=owner, now=timezone.now())
    assert "Rouvrir ce commerce" in text(awa.get("/mon-commerce/"))


def test_closing_is_offered_where_it_can_be_done(awa, shop, url, text):
    for state, offered in {"published": True, "suspended": True, "pending": False}.items():
        Shop.objects.update(status=state)
        assert (url("fermer/") in awa.get("/mon-commerce/").content.decode()) is offered
