"""The whole way of a merchant on a phone: by keyboard alone, then by finger without JavaScript.

Everything is real: the server, its thread that sends mails, the folder of the demonstration that
they end in. The company search and the address base are servers on this machine that answer in
their own formats. No page that a merchant comes to scrolls sideways; by keyboard, each is shown to
axe.
"""

from contextlib import ExitStack
from functools import partial

import pytest
from playwright.sync_api import expect

from merchants.models import Shop
from tests import service
from tests.ban import answer, house, make_suresnes
from tests.browser.people import Finger, Keyboard, Person
from tests.factories import make_category, make_commune, make_shop, make_user
from tests.leaves import test_company_search as companies

PASSWORD = "pain-de-campagne-2026"
AGENT = "mairie@example.fr"
OURS, THEIRS = "Le Fournil de Mamie", "La Cave du Mont"


@pytest.fixture
def town(live_server, settings):
    """A town with one listing that nobody keeps; a register and an address base that answer."""
    siege = companies.head_office(companies.SIRET, "12", "RUE", "DE LA PAIX")
    make_category("Boulangerie", naf_codes=["10.71C"])
    make_commune("Garches")
    make_shop(
        THEIRS,
        commune=make_suresnes(),
        category=make_category("Caviste"),
        street="rue du Mont",
        house_number="3",
    )
    make_user(AGENT, password=PASSWORD, is_staff=True, is_superuser=True)
    with service.running() as register, service.running() as addresses:
        register.body = companies.answer(companies.unit(siege))
        addresses.body = answer(house("14 Rue de la Paix", at=(48.8730, 2.2280)))
        settings.COMPANY_SEARCH_URL, settings.GEOCODER_URL = register.url, addresses.url
        yield


@pytest.mark.parametrize("javascript", [True, False], ids=["by keyboard", "without JavaScript"])
def test_the_whole_way(open_page, live_server, town, mail_folder, javascript):
    with ExitStack() as stack:

        def arrives(address: str, hand: type, **window) -> Person:
            page = stack.enter_context(open_page(**window))
            axe = hand is Keyboard
            return Person(address, page, hand(page), live_server.url, mail_folder, axe)

        hand = Keyboard if javascript else Finger
        merchant = partial(arrives, hand=hand, width=360, height=740, javascript=javascript)
        agent = arrives(AGENT, Finger)
        awa, paul, chloe = map(merchant, ["awa@example.fr", "paul@example.fr", "chloe@example.fr"])

        registers(awa)
        publishes(agent, OURS)
        keeps_it_true(awa)

        asks_for_the_listing(paul)
        code = gives_a_code(agent, THEIRS)
        takes_over(paul, code)
        invites(paul, chloe)
        joins(chloe)
        hands_over(paul)
        is_responsible(chloe)

    ours = Shop.objects.get(name=OURS)
    assert (ours.house_number, round(ours.latitude, 3)) == ("14", 48.873)
    assert ours.location_source == ("merchant" if javascript else "geocoder")
    assert kept_by(OURS) == [("awa@example.fr", "owner")]
    assert kept_by(THEIRS) == [("chloe@example.fr", "owner"), ("paul@example.fr", "colleague")]


# What each of them does -----------------------------------------------------------------------


def registers(awa: Person) -> None:
    awa.visits("/")
    awa.is_at("Les commerces de votre commune")
    awa.follows("Suresnes")
    awa.is_at("Les commerces de Suresnes")
    awa.follows("Inscrire mon commerce")
    signs_up(awa)

    awa.is_at("Inscrire mon commerce")
    awa.writes("SIRET ou nom du commerce", "fournil")
    awa.sends("Chercher")
    awa.is_at("Inscrire mon commerce")
    awa.sends("C’est celui-ci")
    awa.is_at("Adresse")
    moves_next_door(awa)
    awa.sends("Enregistrer et continuer")
    awa.is_at("Activité et contact")
    awa.writes("Téléphone", "01 47 51 01 42")
    awa.chooses("checkbox", "Livraison")
    awa.sends("Enregistrer et continuer")
    awa.is_at("Horaires")
    awa.writes("Vos horaires, comme vous les diriez", "du mardi au samedi 9h-12h30 14h-19h")
    awa.sends("Voir ce qui est compris")
    awa.is_at("Horaires")
    awa.sends("Enregistrer ces horaires")
    awa.is_at("Photos")
    awa.sends("Enregistrer et continuer")
    awa.is_at("Relire et envoyer")
    awa.reads("14 Rue de la Paix")
    awa.chooses("checkbox", "J’accepte les conditions de publication")
    awa.sends("Envoyer à la mairie")
    awa.is_at("C’est envoyé à la mairie")
    assert "a reçu l’inscription" in awa.letter("votre inscription est bien reçue")


def moves_next_door(awa: Person) -> None:
    """Without a script the address base is asked when the form is sent."""
    if not awa.hand.has_scripts:
        awa.writes("Numéro", "14")
        return
    keys = awa.page.keyboard
    awa.writes("Chercher l’adresse", "14 rue de la p")
    expect(awa.page.get_by_role("option")).to_have_count(1)
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(awa.page.get_by_label("Numéro")).to_have_value("14")
    # The map is drawn when somebody comes near; then its point is a stop above the buttons.
    awa.hand.comes_to(awa.page.get_by_role("button", name="Nord"))
    expect(awa.page.locator("#map[data-ready]")).to_be_visible()
    awa.hand.comes_to(awa.page.get_by_role("application", name="Point de l’entrée"))
    keys.press("ArrowUp")
    awa.reads("2 m vers le nord. Le point est à 2 m de l’adresse.")
    awa.is_at("Adresse")


def keeps_it_true(awa: Person) -> None:
    awa.opens(awa.letter(f"{OURS} est en ligne"))
    awa.is_at(OURS)
    public = awa.page.url
    awa.reads("14 Rue de la Paix")
    awa.follows("Espace commerçant")

    awa.is_at("Mon commerce")
    awa.follows("Modifier mes horaires")
    awa.is_at("Modifier mes horaires")
    awa.writes("Vos horaires, comme vous les diriez", "du lundi au dimanche 7h15-20h45")
    awa.sends("Voir ce qui est compris")
    awa.is_at("Modifier mes horaires")
    awa.reads("Voici ce qui est compris")
    awa.sends("Enregistrer ces horaires")
    awa.is_at("Mon commerce")
    awa.reads("C’est enregistré, et déjà en ligne.")

    awa.follows("Fermeture exceptionnelle")
    awa.is_at("Fermeture exceptionnelle")
    awa.chooses("radio", "demain")
    awa.writes("Pourquoi\u202f? (les clients le lisent)", "Inventaire")
    awa.sends("Annoncer la fermeture")
    awa.is_at("Mon commerce")
    awa.reads("est annoncée, et déjà en ligne.")

    awa.follows("Voir la page publique")
    awa.is_at(OURS)
    assert awa.page.url == public
    awa.reads("7 h 15")
    awa.reads("Inventaire")


def asks_for_the_listing(paul: Person) -> None:
    paul.visits("/")
    paul.follows("Suresnes")
    paul.is_at("Les commerces de Suresnes")
    paul.follows(THEIRS)
    paul.is_at(THEIRS)
    paul.follows("C’est mon commerce")
    signs_up(paul)

    paul.is_at("C’est mon commerce")
    paul.chooses("radio", "Un agent me remet un code, au commerce")
    paul.sends("Envoyer ma demande")
    paul.is_at("Mes demandes")


def takes_over(paul: Person, code: str) -> None:
    paul.follows("J’ai reçu le code")
    paul.is_at("Un code de la mairie")
    paul.writes("Votre code", code.lower())
    paul.sends("Continuer")
    paul.is_at(f"Tenir la fiche «\u00a0{THEIRS}\u00a0»")
    paul.sends("Reprendre cette fiche")
    paul.is_at("Mon commerce")
    paul.reads("Vous tenez maintenant la fiche")


def invites(paul: Person, colleague: Person) -> None:
    paul.follows("Personnes")
    paul.is_at("Personnes")
    paul.writes("Son adresse électronique", colleague.address)
    paul.sends("Envoyer l’invitation")
    paul.is_at("Personnes")
    paul.reads("L’invitation est partie.")


def joins(chloe: Person) -> None:
    chloe.opens(chloe.letter("Tenez avec nous la fiche"))
    signs_up(chloe)
    chloe.is_at(f"Tenir la fiche «\u00a0{THEIRS}\u00a0»")
    chloe.sends("Accepter")
    chloe.is_at("Mon commerce")


def hands_over(paul: Person) -> None:
    paul.visits("/mon-commerce/")
    paul.follows("Personnes")
    paul.is_at("Personnes")
    paul.sends("Transmettre le commerce")
    paul.is_at("Transmettre le commerce\u202f?")
    paul.sends("Oui, transmettre")
    paul.is_at("Personnes")
    paul.reads("C’est transmis\u00a0: vous êtes maintenant collègue.")


def is_responsible(chloe: Person) -> None:
    chloe.follows("Personnes")
    chloe.is_at("Personnes")
    chloe.reads("Inviter quelqu’un")


def signs_up(person: Person) -> None:
    """From the page of the login, where every stranger is sent, back to where they wanted to go."""
    person.is_at("Connexion")
    person.follows("Créez-en un")
    person.is_at("Créer un compte")
    person.writes("Adresse électronique", person.address)
    person.writes("Mot de passe", PASSWORD)
    person.sends("Créer mon compte")
    person.is_at("Vérifiez votre adresse")
    person.reads(str(person.mails))
    person.opens(person.letter("Vérifiez votre adresse"))
    person.is_at("Confirmer votre adresse")
    person.sends("Confirmer")


def publishes(agent: Person, name: str) -> None:
    agent.visits("/mairie/")
    agent.writes("Adresse électronique", AGENT)
    agent.writes("Mot de passe", PASSWORD)
    agent.sends("Se connecter")
    agent.visits("/mairie/merchants/shop/?status__exact=pending")
    agent.page.get_by_role("row", name=name).get_by_role("checkbox").check()
    agent.page.get_by_role("combobox", name="Action").select_option("publish")
    agent.sends("Envoyer")
    agent.reads("1 fiche a été traitée.")


def gives_a_code(agent: Person, name: str) -> str:
    agent.visits("/mairie/merchants/claim/")
    agent.follows(name)
    agent.page.get_by_label("Donner un code").select_option("in_person")
    agent.sends("Créer le code")
    code = agent.page.locator(".claim-code-text").inner_text()
    agent.visits(agent.page.url.replace("/code/", "/change/"))
    expect(agent.page.locator("body")).not_to_contain_text(code)
    return code


def kept_by(name: str) -> list[tuple[str, str]]:
    members = Shop.objects.get(name=name).members.order_by("user__email")
    return list(members.values_list("user__email", "role"))
