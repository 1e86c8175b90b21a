"""Ordinary words lead to an activity: those of the fixture, as people say them."""

import json
from pathlib import Path

import pytest

from merchants.forms.activity import ActivityForm
from merchants.forms.category import MOST_FOUND, Choice, found, stems
from merchants.models import Category
from merchants.workflow.values import Listing
from tests.factories import make_category, make_commune

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "categories.json"
ROWS = [row for group in json.loads(FIXTURE.read_text()) for row in group["children"]]
CHOICES = [
    Choice.of(
        Category(
            slug=row["slug"],
            name=row["name"],
            name_en=row["name_en"],
            keywords=row["keywords"],
            labels=row["labels"],
        )
    )
    for row in ROWS
]

# What a shopkeeper types, and what must be the first answer.
WORDS = {
    "pain": "boulangerie",
    "croissant": "boulangerie",
    "coiffeuse": "coiffeur",
    "barbier": "coiffeur",
    "ongles": "institut-de-beaute",
    "fleurs": "fleuriste",
    "vélo": "velo",
    "plombier": "plombier",
    "électricien": "electricien",
    "sushi": "restauration-rapide",
    "kebab": "restauration-rapide",
    "boucher": "boucherie",
    "viande": "boucherie",
    "poisson": "poissonnerie",
    "fromage": "fromagerie",
    "vin": "caviste",
    "bière": "caviste",
    "journaux": "presse-papeterie",
    "tabac": "tabac",
    "livres": "librairie",
    "jouets": "jouets",
    "lunettes": "opticien",
    "médicaments": "pharmacie",
    "chaussures": "chaussures",
    "robe": "vetements",
    "couture": "couture",
    "clés": "cordonnerie",
    "cordonnier": "cordonnerie",
    "toilettage": "animalerie",
    "garage": "garage",
    "pizza": "restaurant",
    "café": "cafe",
    "hôtel": "hotel",
    "yoga": "bien-etre",
    "piscine": "salle-de-sport",
    "couches": "enfant",
    "ordinateur": "informatique-telephonie",
    "bijoux": "bijouterie",
    # Other forms of a word, and words around it.
    "COIFFEUR": "coiffeur",
    "coiffeuses": "coiffeur",
    "bouchère": "boucherie",
    "boulangère": "boulangerie",
    "pharmacienne": "pharmacie",
    "avocate": "conseil",
    "couturier": "couture",
    "journal": "presse-papeterie",
    "velo": "velo",
    "gâteaux": "patisserie-chocolaterie",
    "je suis coiffeuse": "coiffeur",
    "vendeuse de fleurs": "fleuriste",
    "réparation de vélos": "velo",
    "coupe de cheveux": "coiffeur",
}
# Where several activities answer alike, each of them is among the answers.
SEVERAL = {
    "chat": {"animalerie", "veterinaire"},
    "auto": {"garage", "auto-ecole", "vehicules"},
    "téléphone": {"informatique-telephonie", "reparation"},
    "clés": {"cordonnerie", "serrurier"},
    "pizza": {"restaurant", "restauration-rapide"},
    "bière": {"caviste", "bar"},
}


@pytest.mark.parametrize("word", WORDS)
def test_an_ordinary_word_finds_its_activity_first(word):
    assert found(word, CHOICES)[0].slug == WORDS[word]


@pytest.mark.parametrize("word", SEVERAL)
def test_activities_that_share_a_word(word):
    assert {choice.slug for choice in found(word, CHOICES)} >= SEVERAL[word]


@pytest.mark.parametrize("word", ["", "   ", "xyzzy", "boulangerie nucléaire", "!?"])
def test_nothing_answers(word):
    assert found(word, CHOICES) == []


def test_a_letter_finds_no_more_than_fit_on_a_phone():
    assert len(found("s", CHOICES)) == MOST_FOUND


def test_words_around_count_where_there_is_nothing_else():
    assert stems("magasin") == [" magasin"]
    assert stems("magasin de jouets") == [" jouet"]


@pytest.fixture
def listing(db):
    return Listing(
        commune=make_commune(), name="Boulangerie Diallo", main_category=None, services=()
    )


def sent(**data) -> dict:
    return {"phone_is_public": "on", "email_is_public": "on"} | data


class TestActivityForm:
    def test_all_parts_are_one(self, listing):
        boulangerie, traiteur = make_category("Boulangerie"), make_category("Traiteur")
        data = sent(
            main_category="boulangerie",
            other_0="traiteur",
            description="Du pain\r\nbio",
            phone="01 47 51 01 02",
            **{"livraison-offered": "on", "livraison-fee": "2,50"},
        )
        form = ActivityForm(data, listing=listing)
        assert form.is_valid()
        changes = form.changes
        assert changes["main_category"] == boulangerie
        assert changes["categories"] == (boulangerie, traiteur)
        assert changes["description"] == "Du pain\nbio"
        assert [service.kind for service in changes["services"]] == ["livraison"]
        assert changes["phone"] == "+33147510102"
        assert (changes["phone_is_public"], changes["email_is_public"]) == (True, True)
        # What other pages ask for is none of this one's business.
        assert not changes.keys() & {"service_area", "step_free", "payment_means", "question"}

    def test_an_activity_is_needed_unless_one_finishes_later(self, listing):
        make_category("Boulangerie")
        form = ActivityForm(sent(), listing=listing)
        assert not form.is_valid()
        assert form.category.errors["main_category"] == ["Choisissez une activité dans la liste."]
        form = ActivityForm(sent(), listing=listing, later=True)
        assert form.is_valid()
        assert (form.changes["main_category"], form.changes["categories"]) == (None, ())

    def test_every_mistake_is_told_at_once(self, listing):
        make_category("Boulangerie")
        data = sent(phone="12", **{"livraison-offered": "on", "livraison-fee": "-1"})
        form = ActivityForm(data, listing=listing)
        assert not form.is_valid()
        assert "phone" in form.contact.errors
        assert "main_category" in form.category.errors
        assert "fee" in form.services.services[0].errors

    def test_the_name_suggests(self, listing):
        make_category("Boulangerie"), make_category("Traiteur")
        form = ActivityForm(listing=listing)
        assert [(radio.slug, radio.checked) for radio in form.category.radios] == [
            ("boulangerie", False)
        ]

    def test_what_stands_above_keeps_its_place_in_the_whole_list(self, listing):
        make_category("Boulangerie"), make_category("Traiteur")
        ((group, radios),) = ActivityForm(listing=listing).category.groups
        assert group == "Alimentation"
        assert [(radio.slug, radio.above) for radio in radios] == [
            ("boulangerie", True),
            ("traiteur", False),
        ]

    @pytest.mark.parametrize(
        ("data", "searches"),
        [
            ({"do": "search", "question": "pain"}, True),
            ({"do": "search", "question": ""}, True),
            # The Enter key in the field, which presses the first button of the page.
            ({"do": "next", "question": "pain", "answered": ""}, True),
            ({"do": "next", "question": "pain", "answered": "pain"}, False),
            ({"do": "next", "question": "", "answered": "pain"}, False),
            # Somebody typed, and then chose from the whole list.
            (
                {"do": "next", "question": "pain", "answered": "", "main_category": "traiteur"},
                False,
            ),
        ],
    )
    def test_when_a_page_asks_and_does_not_save(self, listing, data, searches):
        make_category("Boulangerie"), make_category("Traiteur")
        assert ActivityForm(sent(**data), listing=listing).searches is searches
