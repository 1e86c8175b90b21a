"""The town hall corrects, publishes and confirms listings; every write is the workflow's."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection
from PIL import Image

from merchants.models import Commune, HistoryEntry, Shop
from merchants.opening_hours import HolidayRule, Period, Schedule, SpecialKind, SpecialPeriod
from merchants.workflow.listing import Listing
from merchants.workflow.photos import add_photo
from merchants.workflow.roles import give_role
from tests.admin.sent import as_text, form_of
from tests.factories import NOW, make_category, make_commune, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

LIST = "/mairie/merchants/shop/"


def test_a_correction_is_searchable_and_visible_at_once(client, agent):
    shop = make_shop("Vélos", hours="Mo-Fr 09:00-18:00; PH off", services=["livraison"])
    address = f"{LIST}{shop.pk}/change/"
    data = form_of(agent.get(address))
    assert data["hours"] == "du lundi au vendredi 9 h – 18 h ; samedi et dimanche fermé"
    client.get("/suresnes/")
    response = agent.post(
        address,
        data | {"description": "Réparation de trottinettes", "hours": "tous les jours 8h-20h"},
    )
    assert response.status_code == 302, response.context["errors"]
    shop = Shop.objects.get(pk=shop.pk)
    assert shop.schedule.to_osm() == "Mo-Su 08:00-20:00; PH off"
    assert [service.kind for service in shop.services.all()] == ["livraison"]
    assert list(Shop.objects.matching("trottinette")) == [shop]
    assert "Réparation de trottinettes" in client.get(shop.get_absolute_url()).content.decode()


def test_services_are_added_and_removed(agent):
    shop = make_shop(services=["livraison"])
    address = f"{LIST}{shop.pk}/change/"
    data = form_of(agent.get(address))
    data |= {
        "services-0-DELETE": "on",
        "services-TOTAL_FORMS": "2",
        "services-1-kind": "retrait",
        "services-1-note": "Sous une heure",
        "services-1-shop": shop.pk,
    }
    assert agent.post(address, data).status_code == 302
    assert [(s.kind, s.note) for s in shop.services.all()] == [("retrait", "Sous une heure")]


TYPED = {
    "name": "L’Après",
    "description": "Après",
    "social_links": "https://apres.example.fr/\nhttps://encore.example.fr/",
    "payment_means": ["cheque"],
    "hours": "tous les jours 7h-20h",
    "holiday_rule": "closed",
    "service_area": "Après et alentours",
    "siret": "732 829 320 00074",
    "phone": "01 47 51 01 02",
    "services-0-note": "Après 18 h",
}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"hours": "1er vendredi du mois"}, "compris"),
        ({"hours": "tous les jours 7h-20h, ouvert les jours fériés"}, "Merci d’accorder l’un à"),
        ({"phone": "12"}, "n’est pas un numéro de téléphone"),
        ({"siret": "123"}, "14 chiffres"),
        ({"siret": "35600000000048"}, "Une fiche porte déjà ce SIRET."),
        ({"longitude": ""}, "la latitude et la longitude"),
        ({"location_source": ""}, "Un point va avec"),
        (
            {"social_links": "javascript:alert(1)"},
            "javascript:alert(1)\u00a0» n’est pas une adresse",
        ),
        ({"website": "ftp://apres.example.fr"}, "ftp://apres.example.fr\u00a0» n’est pas"),
        ({"shop_url": "javascript:alert(1)"}, "URL valide"),
        ({"email": "a@"}, "adresse de courriel valide"),
        ({"name": "x" * 121}, "120"),
        ({"name": ""}, "obligatoire"),
        ({"description": "x" * 2001}, "2000"),
        ({"payment_means": ["troc"]}, "troc"),
        ({"services-0-fee": "beaucoup"}, "nombre"),
    ],
)
def test_a_mistake_is_said_once_and_nothing_typed_is_lost(agent, change, sentence):
    make_shop(siret="35600000000048")
    shop = make_shop(description="Avant", services=["livraison"])
    address = f"{LIST}{shop.pk}/change/"
    data = form_of(agent.get(address)) | TYPED | change
    response = agent.post(address, data)
    assert response.status_code == 200
    said = [*response.context["errors"]]
    assert len(said) == 1 and sentence in str(said[0])
    assert as_text(form_of(response)) == as_text(data)
    stored = Shop.objects.get(pk=shop.pk)
    assert Listing.of(stored) == Listing.of(shop)
    assert stored.services.get().note == ""


def test_what_is_typed_in_the_usual_ways_is_kept_as_it_should_be(agent):
    reunion = make_commune("Saint-Paul", insee_code="97415", department="974")
    shop = make_shop(commune=reunion)
    address = f"{LIST}{shop.pk}/change/"
    data = form_of(agent.get(address)) | {"phone": "0262 45 67 89", "siret": "732 829 320 00074"}
    response = agent.post(address, data)
    assert response.status_code == 302, response.context["errors"]
    shop.refresh_from_db()
    assert (shop.phone, shop.siret) == ("+262262456789", "73282932000074")


@pytest.mark.parametrize("path", ["add/", "{}/change/"])
def test_a_refusal_while_saving_is_said_and_nothing_is_half_written(agent, path):
    """Somebody takes the slug between the check of the form and the write."""
    shop = make_shop("Avant", services=["livraison"])
    address = LIST + path.format(shop.pk)
    data = form_of(agent.get(address)) | {
        "name": "Après",
        "commune": shop.commune_id,
        "main_category": shop.main_category_id,
        "hours": "tous les jours 8h-20h",
    }
    before = Listing.of(shop), Commune.objects.get().version

    def taken(execute, sql, params, many, context):
        if sql.startswith(('INSERT INTO "merchants_shop" ', 'UPDATE "merchants_shop" ')):
            raise IntegrityError
        return execute(sql, params, many, context)

    with connection.execute_wrapper(taken):
        response = agent.post(address, data, follow=True)
    assert response.redirect_chain == [(address, 302)]
    assert "Une fiche très proche vient d’être enregistrée" in response.content.decode()
    stored = Shop.objects.get()
    assert (Listing.of(stored), Commune.objects.get().version) == before


def test_a_shop_moves_to_another_commune(client, agent):
    here, there = make_commune("Suresnes"), make_commune("Garches")
    make_shop("Le Fournil", commune=there, street="rue Basse")
    shop = make_shop("Le Fournil", commune=here)
    client.get("/suresnes/")
    address = f"{LIST}{shop.pk}/change/"
    data = form_of(agent.get(address)) | {"commune": there.pk}
    response = agent.post(address, data)
    assert response.status_code == 302, response.context["errors"]
    stored = Shop.objects.get(pk=shop.pk)
    assert (stored.commune, stored.slug) == (there, "le-fournil-2")
    assert "Le Fournil" not in client.get("/suresnes/").content.decode()
    assert client.get(stored.get_absolute_url()).status_code == 200


class TestHours:
    @pytest.fixture
    def shop(self):
        """Hours past midnight, a closure, and a special day that is long gone."""
        day = date(2020, 5, 4)
        return make_shop(
            hours=Schedule(
                weekly=tuple(Period(weekday, 1200, 1560) for weekday in range(5)),
                specials=(
                    SpecialPeriod(day, day, SpecialKind.HOURS, (Period(0, 540, 720),), "mai"),
                    SpecialPeriod(date(2026, 12, 21), date(2027, 1, 4), SpecialKind.CLOSED),
                ),
                holiday_rule=HolidayRule.CLOSED,
            )
        )

    @pytest.fixture
    def save(self, agent):
        def save(shop, **changes):
            address = f"{LIST}{shop.pk}/change/" if shop else f"{LIST}add/"
            data = form_of(agent.get(address)) | changes
            return agent.post(address, data, follow=True)

        return save

    def test_stay_to_the_row_where_nobody_touched_them(self, shop, save):
        before = set(shop.periods.values_list("pk")), set(shop.specials.values_list("pk"))
        assert save(shop, description="Après").redirect_chain
        stored = Shop.objects.get()
        assert (stored.description, stored.schedule) == ("Après", shop.schedule)
        rows = set(stored.periods.values_list("pk")), set(stored.specials.values_list("pk"))
        assert rows == before

    def test_the_rule_for_holidays_changes_alone(self, shop, save):
        assert save(shop, holiday_rule="as_usual").redirect_chain
        rule = HolidayRule.AS_USUAL
        assert Shop.objects.get().schedule == replace(shop.schedule, holiday_rule=rule)

    def test_are_removed_by_emptying_the_field(self, shop, save):
        assert save(shop, hours="").redirect_chain
        assert Shop.objects.get().schedule == Schedule(holiday_rule=HolidayRule.CLOSED)

    @pytest.mark.parametrize(
        ("hours", "rule"),
        [
            ("tous les jours 8h-20h, fermé les jours fériés", "closed"),
            ("tous les jours 8h-20h, ouvert les jours fériés", "as_usual"),
            ("tous les jours 8h-20h", "unknown"),
            ("Mo-Su 08:00-20:00; PH off", "closed"),
            ("Mo-Su,PH 08:00-20:00", "as_usual"),
            ("Mo-Su 08:00-20:00", "unknown"),
        ],
    )
    def test_that_state_a_rule_win_over_a_choice_nobody_made(self, agent, save, hours, rule):
        commune, category = make_commune(), make_category()
        response = save(
            None, name="Neuf", commune=commune.pk, main_category=category.pk, hours=hours
        )
        assert response.redirect_chain
        assert Shop.objects.get().holiday_rule == rule

    def test_that_state_a_rule_win_over_what_was_stored(self, shop, save):
        assert save(shop, hours="tous les jours 8h-20h, ouvert les jours fériés").redirect_chain
        assert Shop.objects.get().holiday_rule == "as_usual"

    def test_and_a_choice_that_was_made_must_agree(self, shop, save):
        hours = "tous les jours 8h-20h, ouvert les jours fériés"
        response = save(shop, hours=hours, holiday_rule="unknown")
        assert not response.redirect_chain
        text = response.content.decode()
        assert (
            "«\u00a0ouvert comme d’habitude\u00a0» et ce choix dit «\u00a0à confirmer\u00a0»"
            in text
        )
        assert save(shop, hours=hours, holiday_rule="as_usual").redirect_chain
        assert Shop.objects.get().holiday_rule == "as_usual"

    def test_say_what_was_lost_of_them(self, shop, save):
        text = save(shop, hours='Mo-Fr 08:00-20:00 "sonnez"; SH off').content.decode()
        assert "vacances scolaires" in text
        assert "sonnez" in text
        assert [*Shop.objects.get().schedule.losses] == []

    def test_say_nothing_where_nothing_was_lost(self, shop, save):
        response = save(shop, hours="Mo-Fr 08:00-20:00")
        assert [message.level_tag for message in response.context["messages"]] == ["success"]


def test_a_point_goes_with_the_address_that_it_had(agent):
    shop = make_shop(house_number="12", street="rue de la Paix", postcode="92150", city="Suresnes")
    url = f"{LIST}{shop.pk}/change/"
    same_place = form_of(agent.get(url)) | {"street": "Rue de la paix", "address_extra": "Cour"}
    agent.post(url, same_place)
    shop.refresh_from_db()
    assert (shop.address_extra, shop.is_to_place) == ("Cour", False)
    answer = agent.post(url, form_of(agent.get(url)) | {"street": "rue de Verdun"}, follow=True)
    shop.refresh_from_db()
    assert (shop.street, shop.point, shop.location_source) == ("rue de Verdun", None, "")
    assert "le point sera replacé sur la carte cette nuit" in answer.content.decode()


def test_a_new_listing_waits_for_publication(agent):
    commune, category = make_commune(), make_category()
    empty = form_of(agent.get(f"{LIST}add/"))
    data = empty | {"name": "Chez Nous", "commune": commune.pk, "main_category": category.pk}
    response = agent.post(f"{LIST}add/", data)
    assert response.status_code == 302, response.context["errors"]
    shop = Shop.objects.get(name="Chez Nous")
    assert shop.status == "pending"
    assert list(shop.categories.all()) == [category]
    assert agent.get(f"{LIST}{shop.pk}/history/").status_code == 200


def test_actions_go_through_the_workflow_and_say_each_refusal(agent):
    pending, closed = make_shop(status="pending"), make_shop(status="closed")
    response = agent.post(
        LIST, {"action": "publish", "_selected_action": [pending.pk, closed.pk]}, follow=True
    )
    text = response.content.decode()
    assert "1 fiche a été traitée." in text
    assert "cette action ne s’y applique pas" in text
    pending.refresh_from_db()
    closed.refresh_from_db()
    assert (pending.status, closed.status) == ("published", "closed")


def test_refusing(agent):
    """With the reason that is written beside the action; a suspension may do without."""
    shop = make_shop("Le Fournil", status="pending")
    data = {"action": "refuse", "_selected_action": [shop.pk], "reason": " "}
    page = agent.post(LIST, data, follow=True)
    assert "Dites pourquoi" in page.content.decode()
    assert 'name="reason"' in page.content.decode()
    agent.post(LIST, data | {"reason": "Hors de la commune."})
    shop.refresh_from_db()
    assert shop.status == "refused"
    assert HistoryEntry.objects.first().reason == "Hors de la commune."


@pytest.mark.parametrize("reason", ["Adresse fausse.", ""])
def test_suspending(agent, reason):
    shop = make_shop()
    data = {"action": "suspend", "_selected_action": [shop.pk], "reason": reason}
    agent.post(LIST, data)
    entry = HistoryEntry.objects.first()
    assert (entry.action, entry.reason) == ("suspend", reason)


def test_who_may_only_look_is_offered_no_action(login):
    shop = make_shop(status="pending")
    reader = make_user(is_staff=True)
    give_role(reader, shop.commune, role="helper", by=None, now=NOW)
    reader.user_permissions.add(Permission.objects.get(codename="view_shop"))
    browser = login(reader)
    assert browser.get(LIST).context["action_form"] is None
    for action in ("publish", "refuse", "suspend", "reopen", "close", "confirm_by_phone"):
        browser.post(LIST, {"action": action, "_selected_action": [shop.pk]})
    stored = Shop.objects.get()
    assert (stored.status, stored.confirmed_at) == ("pending", None)


def test_no_shop_is_deleted(agent):
    shop = make_shop()
    assert agent.post(f"{LIST}{shop.pk}/delete/", {"post": "yes"}).status_code == 403
    agent.post(LIST, {"action": "delete_selected", "_selected_action": [shop.pk], "post": "yes"})
    assert Shop.objects.get() == shop


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("L’Épi d’Or", True),
        ("épi-d'or", True),
        ("EPI", True),
        ("73282932000074", True),
        ("732 829 320", True),
        ("boulangerie zzz", False),
        ("99999", False),
    ],
)
def test_shops_are_found_as_on_the_public_pages_or_by_siret(agent, term, found):
    shop = make_shop("L’Épi d’Or", siret="73282932000074", services=["livraison", "retrait"])
    make_shop("Autre")
    rows = agent.get(LIST, {"q": term, "status__exact": "published"}).context["cl"].result_list
    assert list(rows) == ([shop] if found else [])


def test_confirming_by_phone_says_who_and_when(agent):
    shop = make_shop()
    agent.post(LIST, {"action": "confirm_by_phone", "_selected_action": [shop.pk]})
    shop.refresh_from_db()
    assert shop.confirmed_as == "town_hall_phone"
    assert shop.confirmed_by is not None and shop.confirmed_at is not None


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_number_of_queries(agent, django_assert_num_queries, number):
    for _number in range(number):
        make_shop(services=["livraison"])
    agent.get(LIST)
    with django_assert_num_queries(8):
        agent.get(LIST)


@pytest.mark.parametrize(
    "path", ["shop/", "commune/", "category/", "user/", "shop/add/", "user/add/"]
)
def test_pages_open_for_the_town_hall_only(client, login, agent, path):
    address = f"/mairie/merchants/{path}"
    assert agent.get(address).status_code == 200
    assert client.get(address).status_code == 302
    assert login(make_user()).get(address).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_town_hall_takes_away_a_photo(agent):
    shop = make_shop()
    owner = make_member(shop)
    for color in ("red", "blue"):
        picture = BytesIO()
        Image.new("RGB", (400, 300), color).save(picture, "JPEG")
        picture.seek(0)
        add_photo(shop, picture, alt=f"Du {color}", by=owner, now=NOW)
    address = f"{LIST}{shop.pk}/change/"
    page = agent.get(address)
    assert [photo.smallest_url in page.content.decode() for photo in shop.photos.all()] == [
        True
    ] * 2
    agent.post(address, form_of(page) | {"photos-0-DELETE": "on"})
    assert [photo.alt for photo in shop.photos.all()] == ["Du blue"]
    entry = shop.history.first()
    assert (entry.capacity, entry.changes) == (
        "town_hall",
        {"photos": [["Du red", "Du blue"], ["Du blue"]]},
    )


@pytest.mark.parametrize(
    ("status", "is_there"), [("published", True), ("pending", False), ("suspended", False)]
)
def test_a_page_that_is_not_public_is_not_offered(agent, status, is_there):
    shop = make_shop()
    Shop.objects.update(status=status)
    page = agent.get(f"{LIST}{shop.pk}/change/").content.decode()
    assert (f'href="{shop.get_absolute_url()}"' in page) is is_there
    assert "/mairie/r/" not in page
