"""A registration from the first answer to the town hall's decision."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from post_office.models import Email

from merchants.company_search import Company
from merchants.models import HistoryEntry, Photo, Shop, ShopMember, ShopStatus
from merchants.workflow import WorkflowError, registration, status
from merchants.workflow.edit import edit_listing
from merchants.workflow.members import invite
from merchants.workflow.roles import give_role
from merchants.workflow.values import Listing
from tests.factories import (
    NOW,
    SURESNES,
    make_category,
    make_commune,
    make_member,
    make_shop,
    make_user,
)
from tests.merging import make_in_state

pytestmark = pytest.mark.django_db

SIRET, OTHER = "73282932000074", "44755561600021"
TERMS = registration.TERMS_VERSION


@pytest.fixture
def commune():
    return make_commune("Suresnes", insee_code="92073")


@pytest.fixture
def awa():
    return make_user("awa@example.fr")


def begin(commune, by, name="Le Fournil", *, now=NOW, on_behalf=False, **fields) -> Shop:
    listing = Listing(commune=commune, name=name, main_category=None, **fields)
    return registration.begin(listing, by=by, now=now, on_behalf=on_behalf)


def whole(commune, by, name="Le Fournil", **fields) -> Shop:
    """A draft that may be sent."""
    shop = begin(commune, by, name, **fields)
    changes = {"street": "rue de la Paix", "main_category": make_category()}
    edit_listing(shop, changes, by=by, expected_version=None, now=NOW)
    return shop


def actions(shop) -> list[str]:
    return list(shop.history.order_by("version").values_list("action", flat=True))


class TestBeginning:
    def test_makes_a_draft_that_its_writer_owns(self, commune, awa):
        shop = begin(commune, awa, siret="732 829 320 00074")
        shop = Shop.objects.get()
        assert (shop.status, shop.name, shop.siret) == ("draft", "Le Fournil", SIRET)
        assert (shop.main_category, shop.on_behalf) == (None, False)
        member = ShopMember.objects.get()
        assert (member.user, member.role) == (awa, "owner")
        assert actions(shop) == ["create", "join"]
        assert set(HistoryEntry.objects.values_list("capacity", flat=True)) == {"merchant"}
        assert not Email.objects.exists()

    @pytest.mark.parametrize("siret", ["", SIRET])
    def test_a_second_click_finds_the_first_one_s_draft(self, commune, awa, siret):
        first = begin(commune, awa, siret=siret)
        again = begin(commune, awa, siret=siret, now=NOW + timedelta(minutes=2))
        assert again == first
        assert Shop.objects.count() == 1
        assert actions(first) == ["create", "join"]

    def test_the_same_name_later_is_another_shop_but_not_the_same_number(self, commune, awa):
        later = NOW + registration.SECOND_CLICK
        assert begin(commune, awa) != begin(commune, awa, now=later)
        assert begin(commune, awa, siret=SIRET) == begin(commune, awa, siret=SIRET, now=later)

    def test_another_person_s_draft_is_another_draft(self, commune, awa):
        assert begin(commune, awa, siret=SIRET) != begin(commune, make_user(), siret=SIRET)

    def test_a_wrong_number_is_refused(self, commune, awa):
        with pytest.raises(WorkflowError, match="clé de contrôle"):
            begin(commune, awa, siret="73282932000075")
        assert not Shop.objects.exists()

    def test_so_many_drafts_at_once(self, commune, awa):
        for number in range(registration.MOST_DRAFTS):
            begin(commune, awa, f"Commerce {number}")
        with pytest.raises(WorkflowError, match="5 inscriptions sont déjà commencées"):
            begin(commune, awa)
        # What another one keeps, or the town hall reads, is not counted.
        begin(commune, make_user())
        Shop.objects.filter(name="Commerce 0").update(
            status="pending", main_category=make_category()
        )
        begin(commune, awa)

    def test_so_many_for_merchants(self, commune, monkeypatch):
        monkeypatch.setattr(registration, "MOST_ON_BEHALF", 2)
        helper, other = make_user(), make_user()
        for person in (helper, other):
            give_role(person, commune, role="helper", by=None, now=NOW)
        for number in range(2):
            begin(commune, helper, f"Commerce {number}", on_behalf=True)
        with pytest.raises(WorkflowError, match="2 fiches que vous avez commencées"):
            begin(commune, helper, on_behalf=True)
        begin(commune, other, on_behalf=True)

    def test_what_is_one_s_own_already(self, commune, awa):
        make_member(make_shop(siret=SIRET, commune=commune), awa)
        with pytest.raises(WorkflowError, match="Vous tenez déjà"):
            begin(commune, awa, siret=SIRET)

    def test_for_a_merchant(self, commune):
        helper = make_user()
        with pytest.raises(WorkflowError, match="ne permet pas"):
            begin(commune, helper, on_behalf=True)
        give_role(helper, commune, role="helper", by=None, now=NOW)
        shop = begin(commune, helper, on_behalf=True)
        assert begin(commune, helper, on_behalf=True) == shop
        shop = Shop.objects.get()
        assert shop.on_behalf and not ShopMember.objects.exists()
        assert HistoryEntry.objects.get().capacity == "helper"


class TestFromTheRegister:
    COMPANY = Company(
        siret=SIRET,
        siren=SIRET[:9],
        name="DIALLO",
        trade_name="L EPI D OR",
        house_number="12 BIS",
        street="RUE DE LA PAIX",
        address_extra="CC LES HALLES",
        postcode="92150",
        city="SURESNES",
        commune_code="92073",
        naf="10.71C",
        latitude=SURESNES.latitude,
        longitude=SURESNES.longitude,
    )

    @pytest.fixture
    def listing(self, commune):
        def listing(**fields):
            values = {name: getattr(self.COMPANY, name) for name in Company.__slots__}
            return registration.listing_of(Company(**values | fields), commune)

        return listing

    def test_is_readable(self, listing):
        found = listing()
        assert found.name == "L’Epi d’Or"
        assert (found.house_number, found.street) == ("12 bis", "rue de la Paix")
        assert (found.address_extra, found.postcode, found.city) == (
            "CC les Halles", "92150", "Suresnes",
        )  # fmt: skip
        assert (found.siret, found.point) == (SIRET, SURESNES)
        assert (found.location_source, found.location_precision) == ("geocoder", "housenumber")

    def test_the_category_where_one_alone_is_meant(self, listing):
        assert listing().main_category is None
        bakery = make_category("Boulangerie", naf_codes=["10.71C", "47.24Z"])
        assert listing().main_category == bakery
        assert listing(naf="1071C").main_category == bakery
        assert listing(naf="").main_category is None
        make_category("Dépôt de pain", naf_codes=["10.71C"])
        assert listing().main_category is None

    @pytest.mark.parametrize(
        "fields", [{"house_number": ""}, {"latitude": None}, {"latitude": 45.0}]
    )
    def test_no_point_that_is_not_sure(self, listing, commune, fields):
        ring = [[2.1, 48.8], [2.3, 48.8], [2.3, 48.9], [2.1, 48.9], [2.1, 48.8]]
        type(commune).objects.update(contour={"type": "Polygon", "coordinates": [ring]})
        commune.refresh_from_db()
        assert listing().point == SURESNES
        found = listing(**fields)
        assert (found.point, found.location_source) == (None, "")

    def test_makes_a_draft(self, listing, awa):
        shop = registration.begin(listing(), by=awa, now=NOW)
        assert Shop.objects.get(pk=shop.pk).point == SURESNES


class TestTwins:
    def test_what_residents_see_the_town_hall_reads_or_has_suspended(self, commune, awa):
        for state in ShopStatus:
            make_in_state(f"Le Fournil {state}", commune=commune, siret=SIRET, status=state)
            if state in ShopStatus.live():
                shop = begin(commune, make_user(), "Autre", siret=SIRET)
                assert [twin.status for twin in registration.twins(shop)] == [state]
                Shop.objects.filter(status=state).update(siret="")

    def test_by_name_and_street(self, commune, awa):
        there = make_shop("Le Fournil", commune=commune, street="rue de la Paix", point=None)
        make_shop("Le Fournil", commune=commune, street="rue de la Gare", point=None)
        shop = whole(commune, awa)
        assert registration.twins(shop) == [there]


class TestSending:
    def test_once_whatever_is_clicked(self, commune, awa):
        shop = whole(commune, awa)
        for _click in range(2):
            registration.send(Shop.objects.get(), by=awa, now=NOW, terms=TERMS)
        shop = Shop.objects.get()
        assert shop.status == "pending"
        assert actions(shop) == ["create", "join", "edit", "submit"]
        entry = shop.history.first()
        assert entry.note == f"Conditions du {TERMS} acceptées"
        letter = Email.objects.get()
        assert letter.to == ["awa@example.fr"]
        assert letter.subject == "Le Fournil\xa0: votre inscription est bien reçue"
        assert "http://testserver/conditions/" in letter.message
        assert "sous" not in letter.message

    def test_confirms_with_it(self, commune, awa):
        registration.send(whole(commune, awa), by=awa, now=NOW, terms=TERMS)
        shop = Shop.objects.get()
        assert (shop.confirmed_at, shop.confirmed_as, shop.confirmed_by) == (NOW, "merchant", awa)

    @pytest.mark.parametrize(
        ("changes", "slug", "sentence"),
        [
            ({"main_category": make_category}, "adresse", "l’adresse"),
            ({"street": "rue de la Paix"}, "activite", "l’activité"),
        ],
    )
    def test_not_before_it_is_whole(self, commune, awa, changes, slug, sentence):
        shop = begin(commune, awa)
        changes = {name: value() if callable(value) else value for name, value in changes.items()}
        edit_listing(shop, changes, by=awa, expected_version=None, now=NOW)
        assert registration.missing(shop) == [slug]
        with pytest.raises(WorkflowError, match=sentence):
            registration.send(shop, by=awa, now=NOW, terms=TERMS)
        assert Shop.objects.get().status == "draft"
        assert not Email.objects.exists()

    def test_without_premises(self, commune, awa):
        shop = begin(commune, awa)
        changes = {"service_area": "Suresnes", "main_category": make_category()}
        edit_listing(shop, changes, by=awa, expected_version=None, now=NOW)
        assert registration.missing(shop) == []

    @pytest.mark.parametrize("state", ShopStatus.live())
    def test_a_number_that_another_listing_has_leads_there(self, commune, awa, state):
        make_shop("Le Vrai", commune=commune, siret=SIRET, status=state)
        shop = whole(commune, awa, siret=SIRET)
        said = {
            "published": "La fiche «\xa0Le Vrai\xa0» porte déjà ce SIRET",
            "pending": "^Une inscription de ce commerce attend déjà la réponse de la mairie",
            "suspended": "^La mairie connaît déjà ce commerce",
        }[state]
        with pytest.raises(WorkflowError, match=said):
            registration.send(shop, by=awa, now=NOW, terms=TERMS)
        assert Shop.objects.get(pk=shop.pk).status == "draft"

    def test_two_drafts_of_one_number_and_the_first_one_sent_has_it(self, commune, awa):
        first, second = whole(commune, awa, siret=SIRET), whole(commune, make_user(), siret=SIRET)
        registration.send(first, by=awa, now=NOW, terms=TERMS)
        other = ShopMember.objects.get(shop=second).user
        with pytest.raises(WorkflowError, match="attend déjà la réponse"):
            registration.send(second, by=other, now=NOW, terms=TERMS)

    def test_again_after_a_refusal(self, commune, awa):
        shop = whole(commune, awa)
        registration.send(shop, by=awa, now=NOW, terms=TERMS)
        with pytest.raises(WorkflowError, match="Dites pourquoi"):
            status.refuse(shop, by=None, now=NOW, reason=" ")
        status.refuse(shop, by=None, now=NOW, reason="Le numéro manque.")
        edit_listing(shop, {"house_number": "12"}, by=awa, expected_version=None, now=NOW)
        registration.send(shop, by=awa, now=NOW, terms=TERMS)
        assert Shop.objects.get().status == "pending"
        assert Email.objects.filter(subject__contains="bien reçue").count() == 2

    def test_so_many_wait_at_once(self, commune, awa):
        shops = [whole(commune, awa, f"Commerce {n}") for n in range(registration.MOST_DRAFTS)]
        for shop in shops:
            registration.send(shop, by=awa, now=NOW, terms=TERMS)
        one_more = whole(commune, awa)
        with pytest.raises(WorkflowError, match="5 de vos inscriptions attendent déjà"):
            registration.send(one_more, by=awa, now=NOW, terms=TERMS)
        status.publish(shops[0], by=None, now=NOW)
        registration.send(one_more, by=awa, now=NOW, terms=TERMS)

    def test_so_many_a_day(self, commune, awa):
        shop = whole(commune, awa)
        for _time in range(registration.SENT_A_DAY):
            registration.send(shop, by=awa, now=NOW, terms=TERMS)
            status.withdraw(shop, by=awa, now=NOW)
        with pytest.raises(WorkflowError, match="réessayez demain"):
            registration.send(shop, by=awa, now=NOW, terms=TERMS)
        registration.send(shop, by=awa, now=NOW + timedelta(days=1), terms=TERMS)

    def test_a_stranger_sends_nothing(self, commune, awa):
        shop = whole(commune, awa)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            registration.send(shop, by=make_user(), now=NOW, terms=TERMS)
        assert not Email.objects.exists()

    def test_a_helper_gets_no_letter_and_confirms_nothing(self, commune):
        helper = make_user()
        give_role(helper, commune, role="helper", by=None, now=NOW)
        shop = whole(commune, helper, on_behalf=True)
        registration.send(shop, by=helper, now=NOW, terms=TERMS)
        shop = Shop.objects.get()
        assert (shop.status, shop.confirmed_at, shop.on_behalf) == ("pending", None, True)
        assert not Email.objects.exists()

    @pytest.mark.parametrize("state", ["published", "suspended", "closed"])
    def test_what_is_no_registration_any_more(self, commune, awa, state):
        shop = whole(commune, awa)
        Shop.objects.update(status=state)
        with pytest.raises(WorkflowError, match="ne s’y applique pas"):
            registration.send(shop, by=awa, now=NOW, terms=TERMS)


class TestHowLongItTakes:
    def decide(self, commune, days: float, act=status.publish, **arguments) -> None:
        user = make_user()
        shop = whole(commune, user)
        registration.send(shop, by=user, now=NOW, terms=TERMS)
        act(shop, by=None, now=NOW + timedelta(days=days), **arguments)

    def test_is_the_median_of_the_last_decisions_of_the_commune(self, commune, awa):
        for days in (0.1, 1.5, 2.5, 30):
            self.decide(commune, days)
        self.decide(make_commune("Garches"), 40)
        assert registration.usual_days(commune) is None
        self.decide(commune, 2.1, status.refuse, reason="Non.")
        assert registration.usual_days(commune) == 3
        Email.objects.all().delete()
        registration.send(whole(commune, awa), by=awa, now=NOW, terms=TERMS)
        assert "sous 3 jours" in Email.objects.get().message

    def test_what_nobody_asked_for_is_not_counted(self, commune):
        for _number in range(registration.DELAY_FROM):
            status.publish(make_shop(commune=commune, status="pending"), by=None, now=NOW)
        assert registration.usual_days(commune) is None

    def test_costs_one_query(self, commune, django_assert_num_queries):
        for _number in range(registration.DELAY_FROM):
            self.decide(commune, 0.1)
        with django_assert_num_queries(1):
            assert registration.usual_days(commune) == 1


class TestGivingUp:
    def test_leaves_nothing(self, commune, awa):
        shop = whole(commune, awa)
        invite(shop, "autre@example.fr", by=awa, now=NOW)
        for _click in range(2):
            registration.discard(shop, by=awa, now=NOW)
        assert not Shop.objects.exists()
        assert not HistoryEntry.objects.exists()

    def test_takes_the_files_of_its_photos_along(
        self, commune, awa, settings, django_capture_on_commit_callbacks
    ):
        shop = begin(commune, awa)
        photo = Photo.objects.create(
            shop=shop, stem="photos/x/photo", widths=[320], width=320, height=160, alt="La vitrine"
        )
        default_storage.save(photo.file_name(320), ContentFile(b"x"))
        with django_capture_on_commit_callbacks(execute=True):
            registration.discard(shop, by=awa, now=NOW)
        assert not (settings.MEDIA_ROOT / "photos" / "x").exists()

    def test_not_by_a_colleague_or_a_stranger(self, commune, awa):
        shop = begin(commune, awa)
        for person in (make_member(shop, role="colleague"), make_user()):
            with pytest.raises(WorkflowError, match="ne permet pas"):
                registration.discard(shop, by=person, now=NOW)

    # A merged one has nobody who could.
    @pytest.mark.parametrize(
        "state", [s for s in ShopStatus if s not in {*registration.OPEN, ShopStatus.MERGED}]
    )
    def test_not_once_the_town_hall_has_it(self, commune, awa, state):
        shop = whole(commune, awa)
        Shop.objects.update(status=state)
        with pytest.raises(WorkflowError, match="ne s’abandonne pas"):
            registration.discard(shop, by=awa, now=NOW)
        assert Shop.objects.exists()

    def test_after_a_refusal(self, commune, awa):
        shop = whole(commune, awa)
        Shop.objects.update(status="refused")
        registration.discard(shop, by=awa, now=NOW)
        assert not Shop.objects.exists()

    def test_not_what_a_file_brought(self, commune, awa):
        shop = make_shop(commune=commune, status="draft", source="osm")
        make_member(shop, awa)
        with pytest.raises(WorkflowError, match="ne s’abandonne pas"):
            registration.discard(shop, by=awa, now=NOW)

    def test_of_a_helper_s_draft(self, commune):
        helper = make_user()
        give_role(helper, commune, role="helper", by=None, now=NOW)
        registration.discard(begin(commune, helper, on_behalf=True), by=helper, now=NOW)
        assert not Shop.objects.exists()


class TestForgottenDrafts:
    def test_go_after_ninety_days(self, commune, awa):
        helper = make_user()
        give_role(helper, commune, role="helper", by=None, now=NOW)
        begin(commune, awa)
        begin(commune, helper, "Du guichet", on_behalf=True)
        orphan = begin(commune, make_user(), "Sans compte")
        ShopMember.objects.filter(shop=orphan).delete()
        make_shop("Importé", commune=commune, status="draft", source="osm")
        make_shop("Sans personne", commune=commune, status="draft")
        sent = whole(commune, awa, "Envoyé")
        registration.send(sent, by=awa, now=NOW, terms=TERMS)
        Shop.objects.update(updated_at=NOW)
        assert registration.purge_drafts(now=NOW + registration.DRAFT_KEPT) == 0
        late = NOW + registration.DRAFT_KEPT + timedelta(seconds=1)
        assert registration.purge_drafts(now=late) == 4
        assert set(Shop.objects.values_list("name", flat=True)) == {"Importé", "Envoyé"}

    def test_every_write_keeps_one_alive(self, commune, awa):
        shop = begin(commune, awa)
        later = NOW + timedelta(days=80)
        edit_listing(shop, {"description": "Du pain"}, by=awa, expected_version=None, now=later)
        assert Shop.objects.get().updated_at == later
        assert registration.purge_drafts(now=NOW + timedelta(days=100)) == 0
