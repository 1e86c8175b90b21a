"""A day at the town hall, in a browser: cases, a file, calls, letters, by mouse, keyboard, finger.

The agent is an agent of one commune, no administrator. Nothing is typed into an address that a
link could have led to; the clicks are those that a person makes.
"""

from contextlib import contextmanager

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from merchants.models import Call, Claim, Proposal, Report, Shop, ShopStatus, SireneCase
from merchants.opendata.category_files import read_categories
from merchants.workflow.categories import save_categories
from merchants.workflow.queues import waiting
from tests import pdf_text
from tests.browser.office import (
    CLEAN,
    Agent,
    fill_the_desk,
    make_agent,
    make_listing,
    make_office,
)
from tests.browser.people import Finger, Keyboard
from tests.browser.test_accessibility import axe
from tests.importing import csv_of, imports_in
from tests.sirene import number


@pytest.fixture
def town(live_server):
    return make_office()


@pytest.fixture
def at_work(phone_of, live_server, town, tmp_path):
    """`with at_work() as ana:` is an agent on the first page of the back office."""

    @contextmanager
    def at_work(*, hand: type = Finger, width: int = 1440, javascript: bool = True):
        user = make_agent(town)
        with phone_of(user, width=width, javascript=javascript) as page:
            ana = Agent(user.email, page, hand(page), live_server.url, tmp_path)
            ana.visits("/mairie/")
            ana.is_at("Tableau de bord")
            yield ana

    return at_work


def left(town) -> dict[str, int]:
    return {queue.kind: queue.count for queue in waiting({town.pk}) if queue.count}


# What waits beside what merchants send, in the order of the first page.
OTHERS = {"signalement": 3, "sirene": 3, "a-placer": 1, "courriels": 1}


class TestCases:
    """Of the twenty that wait: each decided, and the next one opens by itself."""

    def test_what_merchants_send(self, at_work, town):
        fill_the_desk(town)
        assert sum(left(town).values()) == 20
        with at_work() as ana:
            registrations(ana)
            changes(ana)
            claims(ana)
            ana.is_at("Le Tabac")
        assert left(town) == OTHERS
        statuses = dict(Shop.objects.values_list("name", "status"))
        published = {name for name, status in statuses.items() if status == ShopStatus.PUBLISHED}
        assert published >= {*CLEAN, "Le Bon Pain", "Le Levain", "La Cave du Mont"}
        assert statuses["Fleurs"] == ShopStatus.TO_CORRECT
        assert statuses["Gagnez de l’argent"] == ShopStatus.REFUSED

    def test_what_others_say(self, at_work, town):
        fill_the_desk(town)
        before = left(town)
        with at_work() as ana:
            reports(ana)
            sirene(ana)
            puts_points(ana)
            sends_again(ana)
        assert left(town) == {kind: n for kind, n in before.items() if kind not in OTHERS}
        statuses = dict(Shop.objects.values_list("name", "status"))
        assert statuses["Sabot d’Or"] == ShopStatus.PUBLISHED
        assert statuses["La Librairie"] == statuses["Le Pressing"] == ShopStatus.CLOSED

    def test_by_keyboard_alone(self, at_work, town):
        """The shortcuts that the page shows; Tab and Enter for the rest."""
        fill_the_desk(town)
        with at_work(hand=Keyboard) as ana:
            ana.follows("3 Modifications proposées")
            ana.sends("Ouvrir le plus ancien")
            ana.is_at("La Cave du Mont")
            ana.reads("Raccourcis clavier")
            with ana.page.expect_navigation():
                ana.page.keyboard.press("n")
            ana.is_at("Le Kiosque du Mont")
            with ana.page.expect_navigation():
                ana.page.keyboard.press("a")
            ana.is_at("Accepter\u00a0: Le Kiosque")
            # The button has the focus: the letter is read, Enter sends it.
            with ana.page.expect_navigation():
                ana.page.keyboard.press("Enter")
            ana.is_at("La Mercerie du Mont")
            ana.page.keyboard.press("r")
            expect(ana.page.locator("#refuse-standard")).to_be_focused()
            ana.writes("Pourquoi : le commerçant le lira", "Le nom n’est pas celui de l’enseigne.")
            ana.decides("Refuser avec ce motif", letter="Le nom n’est pas celui de l’enseigne.")
            ana.is_at("La Cave du Mont")
        assert {row.shop.name: row.status for row in Proposal.objects.select_related("shop")} == {
            "La Cave": "pending",
            "Le Kiosque du Mont": "accepted",
            "La Mercerie": "refused",
        }

    def test_keys_choose_what_nothing_asks_about(self, at_work, town):
        """Reports and SIRENE are decided at once: a key goes to the button, Enter presses it."""
        fill_the_desk(town)
        with at_work(hand=Keyboard) as ana:
            ana.follows("3 Signalements d’habitants")
            ana.follows("Le Tabac")
            ana.presses("s", goes_to="Sans suite")
            assert Report.objects.get(shop__name="Le Tabac").status == "waiting"
            ana.presses("Enter")
            ana.is_at("La Librairie")
            ana.presses("n"), ana.presses("n")
            ana.is_at("La Librairie")
            ana.presses("t", goes_to="Traité"), ana.presses("Enter")
            ana.presses("t", goes_to="Traité"), ana.presses("Enter")
            ana.is_at("Sabot d’Or")
            ana.presses("n")
            ana.is_at("Le Pressing")
            ana.presses("a", goes_to="Fermer la fiche")
            assert Shop.objects.get(name="Le Pressing").status == ShopStatus.PUBLISHED
            ana.presses("Enter")
            ana.is_at("L’Ancien")
            ana.presses("e", goes_to="Écarter"), ana.presses("Enter")
            ana.is_at("Sabot d’Or")
            ana.visits("/mairie/")
            ana.follows("1 Demandes")
            ana.follows("Le Garage")
            ana.page.keyboard.press("r")
            expect(ana.page.locator("#refuse-standard")).to_be_focused()
        assert {case.name: case.status for case in SireneCase.objects.all()} == {
            "Sabot d’Or": "waiting",
            "Le Pressing": "done",
            "Le Nouveau": "dismissed",
        }

    def test_without_javascript_on_a_phone(self, at_work, town):
        fill_the_desk(town)
        with at_work(width=360, javascript=False) as ana:
            ana.follows("7 Inscriptions")
            ana.follows("LE LEVAIN")
            ana.is_at("LE LEVAIN")
            ana.sends("Je m’en occupe")
            ana.reads("Vous vous occupez de ce dossier")
            ana.page.get_by_text("Demander une correction", exact=True).click()
            ana.writes("Ce que le commerçant doit corriger", "Écrivez le nom en minuscules.")
            ana.decides("Demander cette correction", letter="Écrivez le nom en minuscules.")
            ana.is_at("Fleurs")
            ana.sends("Accepter")
            ana.is_at("Accepter\u00a0: Fleurs")
            ana.sends("Envoyer la décision")
            ana.is_at("Gagnez de l’argent")
        assert Shop.objects.get(name="LE LEVAIN").status == ShopStatus.TO_CORRECT
        assert Shop.objects.get(name="Fleurs").status == ShopStatus.PUBLISHED


def registrations(ana: Agent) -> None:
    ana.follows("7 Inscriptions")
    ana.is_at("Dossiers à traiter")
    ana.follows("Accepter les 3 dossiers sans réserve")
    ana.is_at("Dossiers sans réserve")
    ana.sends("Publier les fiches cochées")
    ana.is_told("3 fiches sont publiées.")
    ana.sends("Ouvrir le plus ancien")

    ana.is_at("Le Bon Pain")
    ana.sends("Accepter")
    ana.is_at("Accepter\u00a0: Le Bon Pain", shown_to_axe=True)
    ana.reads("inscrit-4@example.fr")
    ana.sends("Envoyer la décision")
    ana.is_at("LE LEVAIN")
    ana.unfolds("Accepter avec une correction")
    ana.writes("Nom", "Le Levain")
    ana.decides("Accepter avec cette correction", letter="Le Levain")

    ana.is_at("Fleurs")
    ana.unfolds("Demander une correction")
    ana.writes("Ce que le commerçant doit corriger", "Dites quelles fleurs vous vendez.")
    ana.decides("Demander cette correction", letter="Dites quelles fleurs vous vendez.")

    ana.is_at("Gagnez de l’argent")
    ana.unfolds("Refuser")
    reason = ana.chooses_reason()
    ana.decides("Refuser avec ce motif", letter=reason)


def changes(ana: Agent) -> None:
    ana.is_at("La Cave du Mont")
    ana.decides("Accepter", letter="La Cave")
    ana.is_at("Le Kiosque du Mont")
    ana.unfolds("Demander une correction")
    ana.writes("Ce que le commerçant doit corriger", "Gardez votre catégorie.")
    ana.decides("Demander cette correction", letter="Gardez votre catégorie.")
    ana.is_at("La Mercerie du Mont")
    ana.unfolds("Refuser")
    ana.decides("Refuser avec ce motif", letter=ana.chooses_reason())


def claims(ana: Agent) -> None:
    ana.is_at("Le Garage")
    ana.decides("Accepter", letter="Le Garage")
    ana.is_at("La Pharmacie")
    ana.reads("Litige")
    ana.writes("Motif du refus, que la personne lira", "La pharmacie a confirmé sa fiche.")
    ana.decides("Refuser", letter="La pharmacie a confirmé sa fiche.")


def reports(ana: Agent) -> None:
    ana.follows("3 Signalements d’habitants")
    ana.is_at("Signalements")
    ana.follows("Le Tabac")
    ana.is_at("Le Tabac")
    ana.page.get_by_label("Réponse à l’habitant").fill("C’est corrigé, merci.")
    ana.sends("Traité")
    ana.is_at("La Librairie")
    ana.sends("Le commerce a fermé définitivement")
    ana.sends("Oui, fermé définitivement")
    ana.is_at("Le Cinéma")
    ana.sends("Sans suite")
    ana.is_told("Le Cinéma")


def sirene(ana: Agent) -> None:
    ana.visits("/mairie/")
    ana.follows("3 Rapprochements avec SIRENE")
    ana.is_at("SIRENE")
    ana.sends("Créer la fiche")
    ana.is_told("Sabot d’Or")
    ana.follows("Examiner un par un")
    ana.is_at("Le Pressing")
    ana.sends("Fermer la fiche")
    ana.is_told("1 fiche est fermée.")
    ana.is_at("L’Ancien")
    ana.sends("Même commerce : changer le SIRET")
    ana.is_told("1 fiche porte le nouveau SIRET.")
    ana.follows("Tableau de bord")
    ana.follows("8 Inscriptions")
    ana.follows("Sabot d’Or")
    ana.is_at("Sabot d’Or")
    ana.decides("Accepter")


def puts_points(ana: Agent) -> None:
    for count, name in ((2, "Sabot d’Or"), (1, "Sans Point")):
        ana.visits("/mairie/")
        ana.follows(f"{count} Fiches à placer sur la carte")
        ana.is_at("Commerces")
        ana.follows(name)
        ana.is_at(name)
        ana.writes("Latitude :", "48.8712")
        ana.writes("Longitude :", "2.2291")
        ana.page.get_by_label("Origine du point").select_option(label="posé par la mairie")
        ana.page.get_by_label("Précision du point").select_option(index=1)
        ana.sends("Enregistrer")
        ana.is_told(name)


def sends_again(ana: Agent) -> None:
    ana.visits("/mairie/")
    ana.follows("1 Courriels qui ne sont pas partis")
    ana.is_at("Courriels")
    ana.page.locator("#result_list").get_by_role("checkbox").last.check()
    ana.page.get_by_role("combobox", name="Action").select_option(label="Envoyer maintenant")
    ana.sends("Envoyer")
    ana.is_told("1 courriel part dans un instant.")


class TestFilling:
    def test_a_file_and_its_twin(self, at_work, town, settings, tmp_path, monkeypatch):
        """Read, applied and undone; applied again, a line is the twin of a listing: merged."""
        imports_in(tmp_path / "private", monkeypatch)
        save_categories(read_categories(), by=None, now=timezone.now())
        kept = make_listing("Le Fournil de Mamie", town, n=30, phone="")
        rows = [
            {"nom": "Fournil de Mamie", "type": "boulangerie", "adresse": "30 rue de la Paix"},
            {"nom": "Le Zinc", "type": "bar", "adresse": "4 rue Basse"},
            {"nom": "", "type": "bar", "adresse": "5 rue Basse"},
        ]
        with at_work() as ana:
            for is_kept in (False, True):
                uploads(ana, csv_of(rows))
                applies(ana)
                assert Shop.objects.published().count() == 3
                if not is_kept:
                    undoes(ana)
                    assert Shop.objects.published().get() == kept
            merges_twins(ana)
        twin = Shop.objects.get(status=ShopStatus.MERGED)
        assert twin.merged_into == kept and Shop.objects.published().count() == 2


def uploads(ana: Agent, content: bytes) -> None:
    ana.visits("/mairie/imports/nouveau/")
    file = {"name": "commerces.csv", "mimeType": "text/csv", "buffer": content}
    ana.page.get_by_label("Fichier").set_input_files(file)
    ana.page.get_by_label("sont publiées dès l’import").check()
    ana.sends("Déposer le fichier")
    ana.sends("Lire le fichier")
    ana.reads("Rien n’est encore enregistré.")
    ana.is_at("commerces.csv", shown_to_axe=True)


def applies(ana: Agent) -> None:
    ana.follows("Appliquer l’import")
    ana.is_at("Appliquer cet import\u202f?")
    ana.sends("Appliquer l’import")
    ana.reads("Appliqué le")


def undoes(ana: Agent) -> None:
    ana.follows("Annuler cet import")
    ana.is_at("Annuler cet import\u202f?")
    ana.sends("Annuler l’import")
    ana.reads("Cet import a été annulé")


def merges_twins(ana: Agent) -> None:
    ana.visits("/mairie/")
    ana.follows("Doublons possibles")
    ana.is_at("Doublons possibles", shown_to_axe=True)
    ana.follows("Comparer")
    ana.is_at("Réunir deux fiches", shown_to_axe=True)
    ana.page.locator(".merging-head").get_by_label("Le Fournil de Mamie").check()
    ana.sends("Vérifier avant de réunir")
    ana.reads("L’ancienne adresse")
    ana.is_at("Réunir deux fiches", shown_to_axe=True)
    ana.sends("Réunir les deux fiches")
    ana.is_told("les deux fiches n’en font plus qu’une")


class TestCalls:
    def test_ten_are_entered_on_a_phone(self, at_work, town):
        for n in range(1, 11):
            make_listing(f"Commerce {n:02}", town, n=n)
        with at_work(width=360) as ana:
            ana.page.locator("#content-main").get_by_role("link", name="Appeler").click()
            ana.is_at("Appeler les commerces", shown_to_axe=True)
            ana.follows("Commencer les appels")
            for n in range(1, 11):
                ana.is_at(f"Commerce {n:02}", shown_to_axe=n == 1)
                calls_shop(ana, n)
            # Of those that have been called, only who did not answer comes back.
            ana.is_at("Commerce 08")
            ana.reads("Fiche 1 sur 2")
        outcomes = [call.outcome for call in Call.objects.order_by("pk")]
        assert outcomes == ["unchanged"] * 4 + ["changed"] * 3 + ["no_answer"] * 2 + ["closed"]
        hours = Shop.objects.get(name="Commerce 05").schedule.to_osm()
        assert hours.startswith("Tu-Sa 09:00-12:30,14:00-19:00")
        assert Shop.objects.get(name="Commerce 10").status == ShopStatus.CLOSED


def calls_shop(ana: Agent, n: int) -> None:
    if n <= 4:
        ana.sends("Rien n’a changé")
    elif n <= 7:
        hours = "du mardi au samedi 9h-12h30 14h-19h"
        ana.page.get_by_label("Horaires, s’ils ont changé").fill(hours)
        ana.sends("Enregistrer ces horaires")
        ana.reads("Voici ce qui est compris")
        ana.sends("Oui, enregistrer ces horaires")
    elif n <= 9:
        ana.sends("Ne répond pas")
    else:
        ana.sends("Fermé définitivement")
        ana.sends("Oui, fermé définitivement")


class TestPaper:
    def test_letters_and_the_printed_directory(self, at_work, town):
        for n, name in enumerate(("Le Zinc", "Le Fournil", "La Cave"), start=1):
            make_listing(name, town, n=n, siret=number(n))
        with at_work() as ana:
            ana.follows("Invitations")
            ana.is_at("Invitations", shown_to_axe=True)
            ana.page.get_by_label("Toutes les fiches de ce filtre").check()
            ana.sends("Préparer les lettres")
            ana.is_at("Préparer les lettres", shown_to_axe=True)
            with ana.page.expect_download() as letters:
                ana.page.get_by_role("button", name="Préparer les lettres").click()
            pages = pdf_text.pages(letters.value.path().read_bytes())
            assert len(pages) == 3
            assert all("2 rue Carnot" in page.text for page in pages)
            ana.follows("Retour à la liste")
            ana.reads("Lettre imprimée le")

            ana.follows("Annuaire à imprimer")
            ana.is_at("Annuaire à imprimer", shown_to_axe=True)
            ana.page.get_by_label("En gros caractères").check()
            address = ana.page.evaluate(FORM_ADDRESS)
            answer = ana.page.request.get(address)
            pdf = answer.body()
        assert answer.headers["content-type"] == "application/pdf"
        text = " ".join(page.text for page in pdf_text.pages(pdf))
        assert all(name in text for name in ("Suresnes", "Le Zinc", "Le Fournil", "La Cave"))


# Where the form of the directory leads: a browser without a window shows no PDF.
FORM_ADDRESS = """
() => {
  const form = document.querySelector(".print-choices");
  return `${form.action}?${new URLSearchParams(new FormData(form))}`;
}
"""


@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_and_nothing_overflows(at_work, town, width):
    fill_the_desk(town)
    make_listing("Le Fournil de Mamie", town, n=30, phone="")
    twin = make_listing("Fournil de Mamie", town, n=30)
    found = []
    with at_work(width=width) as ana:
        for path in (
            "",
            "dossiers/?kind=inscription",
            "dossiers/sans-reserve/",
            f"dossiers/inscription/{Shop.objects.get(name='Fleurs').pk}/",
            f"dossiers/proposition/{Proposal.objects.first().pk}/",
            f"merchants/claim/{Claim.objects.get(shop__name='La Pharmacie').pk}/change/",
            "signalements/",
            f"signalements/{Report.objects.get(shop__name='Le Tabac').pk}/",
            "sirene/",
            f"sirene/{SireneCase.objects.get(kind='successor').pk}/",
            "merchants/shop/?point=a-placer",
            "imports/",
            "doublons/",
            "appels/",
            f"appels/{twin.pk}/",
            "invitations/",
            "annuaire/",
            "equipe/",
        ):
            ana.visits(f"/mairie/{path}")
            wider = ana.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            found += [f"{path} is {wider} px too wide"] if wider > 0 else []
            found += [f"{path} {fault}" for fault in axe(ana.page)]
    assert not found, "\n\n".join(found)
