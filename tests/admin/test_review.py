"""The page of a case: what it shows, the letter before the decision, the decision."""

import re
from datetime import timedelta

import pytest
from post_office.models import Email

from merchants.models import (
    Commune,
    HistoryEntry,
    Proposal,
    Shop,
    ShopMember,
    StandardReason,
    TakenCase,
)
from merchants.workflow import proposals, status
from merchants.workflow.edit import edit_listing
from tests import service as outside_service
from tests.claiming import make_claim, words
from tests.factories import NOW, make_category, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

LIST = "/mairie/dossiers/"


@pytest.fixture
def shop():
    commune = make_commune(town_hall_email="commerce@suresnes.example")
    shop = make_shop(
        "LE FOURNIL",
        commune=commune,
        status="pending",
        house_number="12",
        street="rue de la Paix",
        postcode="92150",
        city="Suresnes",
        siret="73282932000074",
        description="Du pain au levain.",
    )
    make_member(shop, email="awa@example.fr", name="Awa Diallo")
    return shop


@pytest.fixture
def proposal():
    shop = make_shop("Le Fournil", street="rue Carnot")
    owner = make_member(shop, email="awa@example.fr")
    other = make_category("Traiteur")
    changes = {"name": "LE LEVAIN", "main_category": other, "categories": (other,)}
    edit_listing(shop, changes, by=owner, expected_version=None, now=NOW)
    return Proposal.objects.get()


def page_of(row, word: str = "") -> str:
    kind = "proposition" if isinstance(row, Proposal) else "inscription"
    return f"{LIST}{kind}/{row.pk}/{word}"


def fields_of(page) -> dict:
    """What the forms of the page would send of themselves."""
    html = page.content.decode()
    found = dict(re.findall(r'type="hidden" name="([a-z-]+)" value="([^"]*)"', html))
    found.pop("csrfmiddlewaretoken", None)
    if page.context["case"].waits if "case" in page.context else False:
        form = page.context["form"]
        found |= {f"correction-{name}": form[name].value() or "" for name in form.fields}
    return found


def decide(agent, row, decision: str, **data):
    """Presses the button, reads the letter, and sends it: (the step between, the answer)."""
    data |= {"decision": decision}
    shown = fields_of(agent.get(page_of(row)))
    between = agent.post(page_of(row, "decision/"), shown | data)
    kept = fields_of(between) if between.status_code == 200 else {}
    return between, agent.post(page_of(row, "decision/"), shown | kept | data | {"send": "1"})


class TestPage:
    def test_of_a_registration(self, agent, shop):
        said = words(agent.get(page_of(shop)))
        for sentence in (
            "Du pain au levain.",
            "12 rue de la Paix",
            "Aucune fiche ne lui ressemble.",
            "Le contour de Suresnes n’est pas connu ici.",
            "Awa Diallo (awa@example.fr)",
            "Adresse vérifiée.",
            "Aucune photo.",
            "Raccourcis clavier",
        ):
            assert sentence in said
        # A verdict is a word, whatever its colour.
        assert "SIRET Bon 73282932000074 est bien écrit." in said

    def test_of_a_proposal(self, agent, proposal):
        page = agent.get(page_of(proposal))
        assert ("Nom", "Le Fournil", "LE LEVAIN") in page.context["changes"]
        preview = page.content.decode().partition("shadowrootmode")[2]
        assert "LE LEVAIN" in preview and "Traiteur" in preview
        assert "Le Fournil" not in preview
        assert Shop.objects.get().name == "Le Fournil"

    def test_shows_likely_twins(self, agent, shop):
        twin = make_shop("Le Fournil", commune=shop.commune, street="rue de la Paix")
        page = agent.get(page_of(shop))
        assert "Une fiche lui ressemble." in words(page)
        assert f"/mairie/merchants/shop/{twin.pk}/change/" in page.content.decode()

    def test_of_what_does_not_wait_any_more(self, agent, shop):
        status.publish(shop, by=None, now=NOW)
        page = agent.get(page_of(shop))
        assert "Ce dossier n’attend plus" in words(page)
        assert 'name="decision"' not in page.content.decode()

    def test_other_kinds_are_found_from_here(self, agent, shop):
        claim = make_claim(make_shop("Libre"))
        answer = agent.get(f"{LIST}demande/{claim.pk}/")
        assert answer.url == f"/mairie/merchants/claim/{claim.pk}/change/"
        for kind in ("rien", "signalement"):
            assert agent.get(f"{LIST}{kind}/1/").status_code == 404
        assert agent.get(f"{LIST}demande/{claim.pk}/verifications/").status_code == 404

    def test_a_draft_of_a_merchant_is_nobodys_case(self, agent):
        draft = make_shop("Brouillon", status="draft")
        make_member(draft)
        assert agent.get(page_of(draft)).status_code == 404


class TestOutside:
    """The official services are asked apart from the page, which never waits for them."""

    def test_is_a_part_or_a_whole_page(self, agent, shop, settings):
        settings.COMPANY_SEARCH_URL = settings.GEOCODER_URL = "http://127.0.0.1:9"
        part = agent.get(page_of(shop, "verifications/"), {"part": "1"})
        assert "<html" not in part.content.decode()
        assert "ne répond pas" in words(part)
        whole = words(agent.get(page_of(shop, "verifications/")))
        assert "ne répond pas" in whole and "Accepter" in whole

    def test_says_what_they_answer(self, agent, shop, settings):
        with outside_service.running() as service:
            settings.COMPANY_SEARCH_URL = settings.GEOCODER_URL = service.url
            service.body = {"results": [], "features": []}
            said = words(agent.get(page_of(shop, "verifications/"), {"part": "1"}))
        assert "Ce SIRET n’est pas dans le registre." in said
        assert "ne la connaît pas dans la commune" in said

    def test_the_page_asks_nobody(self, agent, shop, settings):
        with outside_service.running() as service:
            settings.COMPANY_SEARCH_URL = settings.GEOCODER_URL = service.url
            agent.get(page_of(shop))
            assert service.asked == []


class TestRegistration:
    def test_is_accepted_after_its_letter_was_read(self, agent, shop):
        between, answer = decide(agent, shop, "accept")
        letter = Email.objects.get()
        assert letter.message in between.context["letters"][0].text
        assert letter.subject in words(between) and "awa@example.fr" in words(between)
        assert answer.url == LIST
        assert Shop.objects.get().status == "published"
        assert HistoryEntry.objects.first().action == "publish"

    def test_nothing_is_decided_by_reading_the_letter(self, agent, shop):
        before = Shop.objects.values().get(pk=shop.pk)
        data = fields_of(agent.get(page_of(shop))) | {"decision": "accept"}
        assert agent.post(page_of(shop, "decision/"), data).status_code == 200
        assert Shop.objects.values().get(pk=shop.pk) == before
        assert not Email.objects.exists() and not TakenCase.objects.exists()

    def test_is_accepted_with_a_correction(self, agent, shop):
        data = {"correction-name": "Le Fournil", "correction-street": "rue Carnot"}
        between, _answer = decide(agent, shop, "correct", **data)
        assert ("Nom", "LE FOURNIL", "Le Fournil") in between.context["lines"]
        shop = Shop.objects.get()
        assert (shop.status, shop.name, shop.street) == ("published", "Le Fournil", "rue Carnot")
        # The point stood for the other street.
        assert (shop.point, shop.location_source) == (None, "")
        letter = Email.objects.get().message
        assert "- Nom\xa0: Le Fournil" in letter and "- Voie\xa0: rue Carnot" in letter
        actions = HistoryEntry.objects.values_list("action", flat=True)[:2]
        assert list(actions) == ["publish", "edit"]

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            ({}, "Rien n’est corrigé"),
            ({"correction-siret": "123"}, "Un SIRET compte 14 chiffres"),
            ({"correction-name": ""}, "Ce champ est obligatoire"),
        ],
    )
    def test_a_wrong_correction_keeps_what_was_typed(self, agent, shop, data, sentence):
        data = {"correction-city": "Puteaux"} | data if data else {}
        between, answer = decide(agent, shop, "correct", **data)
        assert sentence in words(between) and answer.status_code == 200
        if data:
            assert 'value="Puteaux"' in between.content.decode()
        assert Shop.objects.get().status == "pending"

    @pytest.mark.parametrize(
        ("decision", "state", "subject"),
        [
            ("ask", "to_correct", "la mairie demande une correction"),
            ("refuse", "refused", "la mairie n’a pas publié votre fiche"),
        ],
    )
    def test_is_sent_back_with_a_reason(self, agent, shop, decision, state, subject):
        between, answer = decide(agent, shop, decision, reason=" ")
        assert "Dites pourquoi" in words(between) and answer.status_code == 200
        between, _answer = decide(agent, shop, decision, reason="Le numéro manque.")
        assert Shop.objects.get().status == state
        assert Email.objects.get().subject.endswith(subject)
        assert "Le numéro manque." in words(between)

    def test_a_standard_reason_is_chosen_and_completed(self, agent, shop):
        decide(agent, shop, "refuse", standard="d1", reason="Voyez Puteaux.")
        reason = HistoryEntry.objects.first().reason
        assert reason.startswith("Votre commerce n’est pas dans notre commune")
        assert reason.endswith("Voyez Puteaux.")

    def test_the_town_halls_own_reasons_stand_in_their_place(self, agent, shop):
        own = StandardReason.objects.create(
            commune=shop.commune, kind="refusal", title="Hors champ", text="Hors du champ."
        )
        assert "Hors champ" in words(agent.get(page_of(shop)))
        assert "Pas dans la commune" not in words(agent.get(page_of(shop)))
        decide(agent, shop, "refuse", standard=str(own.pk))
        assert HistoryEntry.objects.first().reason == "Hors du champ."

    def test_one_comes_back_from_the_letter_with_what_was_typed(self, agent, shop):
        data = {"decision": "refuse", "reason": "Pas ouvert au public.", "back": "1"}
        page = agent.post(page_of(shop, "decision/"), data)
        assert "Pas ouvert au public." in words(page)
        assert Shop.objects.get().status == "pending"

    def test_what_was_written_meanwhile_is_shown_and_nothing_decided(self, agent, shop):
        shown = fields_of(agent.get(page_of(shop))) | {"decision": "accept", "send": "1"}
        owner = ShopMember.objects.get().user
        edit_listing(shop, {"description": "Du vin."}, by=owner, expected_version=None, now=NOW)
        page = agent.post(page_of(shop, "decision/"), shown)
        assert "modifiée pendant que vous la lisiez" in words(page)
        assert "Du vin." in words(page)
        assert Shop.objects.get().status == "pending"
        decide(agent, shop, "accept")
        assert Shop.objects.get().status == "published"

    def test_without_a_version_nothing_is_decided(self, agent, shop):
        for version in ({}, {"version": "x"}, {"version": "9" * 40}):
            data = {"decision": "accept", "send": "1"} | version
            assert agent.post(page_of(shop, "decision/"), data).status_code == 200
        assert Shop.objects.get().status == "pending"

    def test_of_two_agents_the_second_gets_a_sentence(self, agent, login, shop):
        other = login(make_user(is_superuser=True, is_staff=True))
        shown = fields_of(agent.get(page_of(shop)))
        decide(other, shop, "refuse", reason="Non.")
        page = agent.post(page_of(shop, "decision/"), shown | {"decision": "accept", "send": "1"})
        assert "est à l’état « refusé »" in words(page)
        assert "Ce dossier n’attend plus" in words(page)
        assert Shop.objects.get().status == "refused"

    def test_the_next_case_opens_and_is_taken(self, agent, shop):
        later = make_shop("Suivant", status="pending", now=NOW + timedelta(hours=1))
        _between, answer = decide(agent, shop, "accept")
        assert answer.url == page_of(later)
        assert TakenCase.objects.get().number == later.pk
        assert "« LE FOURNIL » : accepté." in words(agent.get(answer.url))

    def test_no_letter_where_nobody_keeps_it(self, agent):
        shop = make_shop("Seul", status="pending")
        between, _answer = decide(agent, shop, "accept")
        assert "Aucun courriel ne part" in words(between)
        assert Shop.objects.get().status == "published"

    def test_refusals_tell_the_appeal(self, agent, shop):
        Commune.objects.update(appeal_contact="Médiateur de la ville")
        between, _answer = decide(agent, shop, "refuse", reason="Non.")
        assert "Médiateur de la ville" in words(between)


class TestProposal:
    @pytest.mark.parametrize(
        ("decision", "state", "name"),
        [
            ("accept", "accepted", "LE LEVAIN"),
            ("ask", "to_correct", "Le Fournil"),
            ("refuse", "refused", "Le Fournil"),
        ],
    )
    def test_is_decided(self, agent, proposal, decision, state, name):
        between, _answer = decide(agent, proposal, decision, reason="Joignez le bail.")
        assert len(between.context["letters"]) == 1
        assert Proposal.objects.get().status == state
        assert Shop.objects.get().name == name
        assert Email.objects.get().to == ["awa@example.fr"]

    def test_is_accepted_with_a_correction(self, agent, proposal):
        decide(agent, proposal, "correct", **{"correction-name": "Le Levain"})
        shop = Shop.objects.get()
        assert (shop.name, shop.main_category.name) == ("Le Levain", "Traiteur")
        assert "- Nom\xa0: Le Levain" in Email.objects.get().message

    def test_of_two_agents_the_second_gets_a_sentence(self, agent, proposal):
        proposals.refuse(proposal, reason="Non.", by=None, now=NOW)
        data = {"decision": "accept", "send": "1"}
        page = agent.post(page_of(proposal, "decision/"), data)
        assert "Cette proposition n’attend plus" in words(page)

    def test_one_that_was_replaced_leads_to_the_new_one(self, agent, proposal):
        edit_listing(
            proposal.shop, {"name": "Pire"}, by=proposal.by, expected_version=None, now=NOW
        )
        page = agent.post(page_of(proposal, "decision/"), {"decision": "accept", "send": "1"})
        assert "relisez la nouvelle" in words(page)
        assert Shop.objects.get().name == "Le Fournil"


def test_an_unknown_decision_is_none(agent, shop):
    for decision in ("", "publish", "delete"):
        page = agent.post(page_of(shop, "decision/"), {"decision": decision, "send": "1"})
        assert "Choisissez une décision." in words(page)
    assert agent.get(page_of(shop, "decision/")).status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_number_of_queries(agent, shop, django_assert_num_queries, number):
    for _each in range(number):
        make_member(shop)
        make_shop("LE FOURNIL", commune=shop.commune, street="rue de la Paix")
    agent.get(page_of(shop))
    with django_assert_num_queries(20):
        agent.get(page_of(shop))
