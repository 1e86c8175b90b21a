"""Letters of the town hall to a shop: what they say, the code they hold, who may write them."""

import re
from datetime import timedelta

import pytest
from django.utils import translation
from post_office.models import Email

from merchants.models import AccessCode, Commune, HistoryEntry, Shop
from merchants.models.claim import CodeChannel
from merchants.models.role import RoleKind
from merchants.workflow import WorkflowError, claims, codes, letters
from merchants.workflow.history import locked
from merchants.workflow.roles import give_role
from tests.factories import make_commune, make_member, make_shop, make_user
from tests.pdf_text import pages, title

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    return make_commune(
        town_hall_name="Ville de Suresnes",
        town_hall_address="Hôtel de Ville\n2 rue Carnot\n\n92150 Suresnes",
        town_hall_phone="01 41 18 19 20",
        town_hall_email="commerce@suresnes.example",
    )


@pytest.fixture
def shop(commune):
    shop = make_shop(
        "L’Épi d’Or",
        commune=commune,
        hours="Tu-Sa 07:00-13:00; PH off",
        house_number="12 bis",
        street="rue de la Paix",
        address_extra="Bâtiment B",
        postcode="92150",
        phone="+33147510102",
        email="epi@example.fr",
    )
    Shop.objects.filter(pk=shop.pk).update(on_behalf=True)
    return Shop.objects.get(pk=shop.pk)


@pytest.fixture
def helper(shop, now):
    user = make_user("aline@example.fr", name="Aline Martin")
    give_role(user, shop.commune, role=RoleKind.HELPER, by=None, now=now)
    return user


def text_of(pdf: bytes) -> str:
    (page,) = pages(pdf)
    return page.text.replace("\u00a0", " ")


class TestPost:
    def test_says_what_the_listing_says_and_what_to_do(self, shop, helper, now):
        pdf = letters.prepare(shop, by=helper, now=now)
        said = text_of(pdf)
        for words in (
            "Ville de Suresnes Hôtel de Ville 2 rue Carnot 92150 Suresnes 01 41 18 19 20",
            "L’Épi d’Or Bâtiment B 12 bis rue de la Paix 92150 SURESNES",
            "Suresnes, le 23 novembre 2026",
            "La mairie a préparé pour vous la fiche de votre commerce.",
            "Les habitants la voient déjà.",
            "12 bis rue de la Paix, Bâtiment B, 92150 Suresnes",
            "01 47 51 01 02",
            "Du mardi au samedi : 7 h – 13 h",
            "Fermé les jours fériés",
            "testserver/code/",
            "jusqu’au 22 janvier 2027",
            "écrivez à commerce@suresnes.example ou appelez le 01 41 18 19 20",
        ):
            assert words in said
        assert title(pdf).replace("\u00a0", " ") == (
            "Votre fiche « L’Épi d’Or » dans l’annuaire des commerces de Suresnes"
        )
        assert "Aline" not in said and "aline" not in said

    def test_its_code_takes_the_listing_over_and_the_next_letter_ends_it(self, shop, helper, now):
        def code_of(pdf):
            return re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", text_of(pdf))[0]

        first = code_of(letters.prepare(shop, by=helper, now=now))
        assert codes.read_code(first, now=now).shop == shop
        second = code_of(letters.prepare(shop, by=helper, now=now))
        with pytest.raises(WorkflowError):
            codes.read_code(first, now=now)
        assert AccessCode.objects.get().channel == CodeChannel.POST
        entries = HistoryEntry.objects.filter(shop=shop, action="code")
        assert [(e.by, e.capacity) for e in entries] == [(helper, "helper")] * 2
        # Residents know the listing, and the letter is a helper's: an agent looks first.
        made = codes.redeem(second, by=make_user(), now=now).claim
        assert Shop.objects.get().on_behalf
        claims.accept(made, by=None, now=now)
        assert not Shop.objects.get().on_behalf
        with pytest.raises(WorkflowError, match="tient déjà"):
            letters.prepare(shop, by=helper, now=now)

    def test_the_last_one_whose_code_still_works(self, shop, helper, now):
        assert letters.printed_at(shop, now=now) is None
        letters.send_email(shop, by=helper, now=now)
        assert letters.printed_at(shop, now=now) is None
        letters.prepare(shop, by=helper, now=now)
        assert letters.printed_at(shop, now=now + timedelta(days=59)) == now
        assert letters.printed_at(shop, now=now + timedelta(days=61)) is None
        AccessCode.objects.update(used_at=now, used_by=helper)
        assert letters.printed_at(shop, now=now) is None

    def test_is_french_whoever_asks_for_it(self, shop, helper, now):
        with translation.override("en"):
            said = text_of(letters.prepare(shop, by=helper, now=now))
        assert "Suresnes, le 23 novembre 2026" in said and "Du mardi au samedi" in said

    def test_an_imported_listing_that_is_not_online(self, shop, helper, now):
        Shop.objects.update(on_behalf=False, status="pending", phone_is_public=False)
        said = text_of(letters.prepare(shop, by=helper, now=now))
        assert "que personne ne tient encore. Elle n’est pas encore en ligne." in said
        assert "01 47 51 01 02 (caché aux habitants)" in said

    def test_a_town_hall_that_told_nothing_of_itself(self, shop, helper, now):
        Commune.objects.update(
            town_hall_name="", town_hall_address="", town_hall_phone="", town_hall_email=""
        )
        said = text_of(letters.prepare(shop, by=helper, now=now))
        assert said.startswith("Mairie de Suresnes L’Épi d’Or")
        assert "écrivez à contact@example.fr." in said

    def test_without_a_street_it_is_handed_over(self, shop, helper, now):
        Shop.objects.update(house_number="", street="", address_extra="", service_area="Partout")
        said = text_of(letters.prepare(shop, by=helper, now=now))
        assert "L’Épi d’Or 92150 SURESNES Suresnes, le" in said

    def test_is_the_town_halls_alone(self, shop, now):
        elsewhere = make_user()
        give_role(elsewhere, make_commune("Garches"), role=RoleKind.AGENT, by=None, now=now)
        for by in (make_user(), elsewhere):
            with pytest.raises(WorkflowError, match="ne permet pas"):
                letters.prepare(shop, by=by, now=now)
        assert not AccessCode.objects.exists()

    def test_not_to_a_shop_that_somebody_keeps_or_that_closed(self, shop, helper, now):
        Shop.objects.update(status="closed")
        with pytest.raises(WorkflowError, match="fermé définitivement"):
            letters.prepare(shop, by=helper, now=now)
        make_member(shop)
        with pytest.raises(WorkflowError, match="tient déjà"):
            letters.prepare(shop, by=helper, now=now)


class TestMail:
    def test_goes_to_the_address_of_the_listing_with_a_link(self, shop, helper, now):
        letters.send_email(shop, by=helper, now=now)
        letter = Email.objects.get()
        assert letter.to == ["epi@example.fr"]
        assert letter.subject == "La fiche «\xa0L’Épi d’Or\xa0» est-elle exacte\u202f?"
        assert letter.headers["Sensitivity"] == "Private"
        said = letter.message.replace("\u00a0", " ")
        for words in (
            "La mairie a préparé pour vous la fiche « L’Épi d’Or » dans l’annuaire",
            "- Téléphone : 01 47 51 01 02",
            "- Horaires : Du mardi au samedi : 7 h – 13 h\u202f; Lundi et dimanche : Fermé\u202f; ",
            "jusqu’au 7 décembre 2026",
            "écrivez à commerce@suresnes.example ou appelez le 01 41 18 19 20.",
            "Ville de Suresnes",
        ):
            assert words in said
        assert "Aline" not in said and "aline" not in said
        code = re.search(r"http://testserver/code/([0-9A-Z-]+)/", said)[1]
        assert codes.read_code(code, now=now).shop == shop
        assert AccessCode.objects.get().channel == CodeChannel.EMAIL

    def test_one_a_day(self, shop, helper, now):
        letters.send_email(shop, by=helper, now=now)
        assert letters.emailed_at(shop, now=now) == now
        with pytest.raises(WorkflowError, match="déjà parti"):
            letters.send_email(shop, by=helper, now=now + timedelta(hours=23))
        later = now + timedelta(hours=25)
        assert letters.emailed_at(shop, now=later) is None
        letters.send_email(shop, by=helper, now=later)
        assert Email.objects.count() == 2

    def test_a_letter_by_post_is_none(self, shop, helper, now):
        letters.prepare(shop, by=helper, now=now)
        letters.send_email(shop, by=helper, now=now)
        assert Email.objects.count() == 1

    def test_a_second_click_sends_nothing(self, shop, helper, now):
        version = shop.version
        for _click in range(2):
            letters.send_email(shop, by=helper, now=now, expected_version=version)
        assert Email.objects.count() == 1

    def test_a_letter_made_from_the_same_page_is_no_first_click(self, shop, helper, now):
        version = shop.version
        letters.prepare(shop, by=helper, now=now)
        letters.send_email(shop, by=helper, now=now, expected_version=version)
        assert Email.objects.count() == 1

    def test_needs_an_address(self, shop, helper, now):
        Shop.objects.update(email="")
        with pytest.raises(WorkflowError, match="adresse électronique"):
            letters.send_email(shop, by=helper, now=now)
        assert not AccessCode.objects.exists()

    def test_is_the_town_halls_alone_for_listings_that_nobody_keeps(self, shop, helper, now):
        with pytest.raises(WorkflowError, match="ne permet pas"):
            letters.send_email(shop, by=make_user(), now=now)
        make_member(shop)
        with pytest.raises(WorkflowError, match="tient déjà"):
            letters.send_email(shop, by=helper, now=now)
        assert not Email.objects.exists()


def test_a_listing_that_says_nothing():
    shop = locked(make_shop("Chez Léa", hours=None, point=None, service_area="Suresnes"))
    told = {fact.label: fact.line for fact in letters.facts(shop)}
    assert told == {
        "Nom": "Chez Léa",
        "Activité": "Boulangerie",
        "Adresse": "Suresnes",
        "Téléphone": "non communiqué",
        "Services": "aucun",
        "Horaires": "non communiqués",
    }
