from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchants.models import Commune, Shop
from merchants.models.shop import Confirmer
from merchants.opening_hours import HolidayRule, Period, Schedule, SpecialKind, SpecialPeriod
from merchants.workflow import WorkflowError, status
from merchants.workflow.listing import (
    Listing,
    Service,
    create_listing,
    free_slug,
    set_hours,
    set_services,
    update_listing,
)
from tests.factories import make_category, make_commune, make_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing() -> Listing:
    return Listing(
        commune=make_commune(),
        name="  L’Épi   d’Or ",
        main_category=make_category(keywords="pain, baguette"),
        house_number="12",
        street="rue de la Paix",
        phone="01 47 51 01 02",
    )


def version(commune: Commune) -> int:
    return Commune.objects.get(pk=commune.pk).version


class TestCreateListing:
    def test_writes_the_shop_and_all_its_rows(self, listing, now):
        other = make_category("Traiteur")
        schedule = Schedule(
            weekly=(Period(0, 540, 1080),),
            specials=(
                SpecialPeriod(
                    date(2026, 12, 24),
                    date(2026, 12, 24),
                    SpecialKind.HOURS,
                    (Period(3, 540, 960),),
                ),
            ),
            holiday_rule=HolidayRule.CLOSED,
        )
        listing = replace(
            listing,
            categories=(other,),
            schedule=schedule,
            services=(Service(kind="livraison", area="le bourg"),),
        )
        shop = create_listing(listing, by=None, status="published", now=now)
        shop = Shop.objects.get(pk=shop.pk)
        assert (shop.name, shop.slug, shop.phone) == ("L’Épi d’Or", "l-epi-d-or", "+33147510102")
        assert set(shop.categories.all()) == {listing.main_category, other}
        assert shop.schedule == schedule
        assert shop.services.get().area == "le bourg"
        for word in ("epi", "baguette", "traiteur", "paix", "livraison", "suresnes"):
            assert f" {word}" in shop.search_text

    def test_renews_public_pages_only_if_residents_see_it(self, listing, now):
        create_listing(listing, by=None, status="pending", now=now)
        assert version(listing.commune) == 0
        create_listing(listing, by=None, status="published", now=now)
        assert version(listing.commune) == 1

    def test_namesakes_get_street_then_number_then_a_count(self, listing, now):
        shops = [create_listing(listing, by=None, now=now) for _ in range(4)]
        assert [shop.slug for shop in shops] == [
            "l-epi-d-or",
            "l-epi-d-or-rue-de-la-paix",
            "l-epi-d-or-12-rue-de-la-paix",
            "l-epi-d-or-12-rue-de-la-paix-2",
        ]

    def test_the_same_slug_serves_two_communes(self, listing, now):
        create_listing(listing, by=None, now=now)
        elsewhere = replace(listing, commune=make_commune("Garches"))
        assert create_listing(elsewhere, by=None, now=now).slug == "l-epi-d-or"

    def test_a_name_without_letters_still_has_an_address(self, listing):
        assert free_slug(replace(listing, name="…"), set()) == "commerce"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"phone": "12"}, "«\u00a012\u00a0» n’est pas un numéro"),
            ({"siret": "123"}, "Un SIRET compte 14 chiffres"),
            ({"name": "x" * 121}, "Nom\u00a0: "),
            ({"email": "a@"}, "Courriel\u00a0: "),
            ({"website": "javascript:alert(1)"}, "Site\u00a0: "),
            ({"website": "ftp://example.fr/"}, "Site\u00a0: "),
            ({"shop_url": "data:text/html,x"}, "Boutique en ligne\u00a0: "),
            ({"social_links": ("https://a.fr/", "javascript:alert(1)")}, "Réseaux sociaux\u00a0: "),
            ({"social_links": ("www.exemple.fr",)}, "«\u00a0www.exemple.fr\u00a0» n’est pas"),
            ({"social_links": ("",)}, "Réseaux sociaux\u00a0: "),
            ({"payment_means": ("cards", "troc")}, "Moyens de paiement\u00a0: .*troc"),
            ({"services": (Service(kind="retrait"),) * 2}, "Un même service est donné deux fois"),
            ({"services": (Service(kind="retrait", area="x"),)}, "ne vont qu’avec la livraison"),
            ({"services": (Service(kind="drone"),)}, "Service\u00a0: "),
            ({"services": (Service(kind="livraison", fee=-1),)}, "négatif"),
        ],
    )
    def test_refuses_what_cannot_be_kept(self, listing, now, changes, sentence):
        with pytest.raises(WorkflowError, match=sentence):
            create_listing(replace(listing, **changes), by=None, now=now)
        assert not Shop.objects.exists()

    def test_keeps_addresses_on_the_web_and_known_means_of_payment(self, listing, now):
        links = ("https://www.instagram.com/lepi/", "http://lepi.example.fr")
        listing = replace(listing, social_links=links, payment_means=("cash", "cards"))
        shop = create_listing(listing, by=None, now=now)
        assert (shop.social_links, shop.payment_means) == ([*links], ["cash", "cards"])

    def test_refuses_a_siret_that_a_live_shop_has(self, listing, now):
        listing = replace(listing, siret="732 829 320 00074")
        closed = create_listing(listing, by=None, status="closed", now=now)
        create_listing(listing, by=None, status="pending", now=now)
        create_listing(listing, by=None, now=now)  # A draft keeps no number from anybody.
        assert closed.siret == "73282932000074"
        with pytest.raises(WorkflowError, match="Une fiche porte déjà ce SIRET"):
            create_listing(listing, by=None, status="pending", now=now)

    def test_numbers_are_read_as_they_are_dialled_overseas(self, listing, now):
        martinique = make_commune("Le Diamant", insee_code="97206", department="972")
        listing = replace(listing, commune=martinique, phone="0596 76 40 00")
        assert create_listing(listing, by=None, now=now).phone == "+596596764000"


class TestUpdateListing:
    def test_keeps_slug_status_source_and_confirmation(self, now):
        shop = make_shop("Avant", source="osm", source_id="node/1")
        changed = replace(Listing.of(shop), name="Après", source="", source_id="")
        update_listing(shop, changed, by=None, now=now)
        shop = Shop.objects.get(pk=shop.pk)
        assert (shop.name, shop.slug, shop.source_id) == ("Après", "avant", "node/1")
        assert " apres" in shop.search_text

    def test_none_leaves_hours_and_services_alone(self, now):
        shop = make_shop(services=["retrait"])
        before = shop.schedule
        plain = replace(Listing.of(shop), services=None, schedule=None)
        update_listing(shop, plain, by=None, now=now)
        shop = Shop.objects.get(pk=shop.pk)
        assert shop.schedule == before
        assert shop.services.get().kind == "retrait"
        assert " collect" in shop.search_text

    def test_empty_removes_hours_and_services(self, now):
        shop = make_shop(services=["retrait"])
        empty = replace(Listing.of(shop), services=(), schedule=Schedule())
        update_listing(shop, empty, by=None, now=now)
        assert not shop.periods.exists()
        assert not shop.services.exists()

    def test_a_shop_that_moves_gets_a_free_slug_and_renews_both_communes(self, now):
        there = make_commune("Garches")
        make_shop("Le Fournil", commune=there)
        shop = make_shop("Le Fournil", commune=make_commune("Suresnes"))
        here = shop.commune
        before = version(here), version(there)
        moved = replace(Listing.of(shop), commune=there, street="place du Marché")
        update_listing(shop, moved, by=None, now=now)
        assert shop.slug == "le-fournil-place-du-marche"
        assert (version(here), version(there)) == (before[0] + 1, before[1] + 1)

    def test_the_stored_row_counts_not_what_a_form_has_made_of_the_object(self, now):
        there = make_commune("Garches")
        shop = make_shop("Le Fournil", commune=make_commune("Suresnes"))
        here = shop.commune
        before = version(here), version(there)
        moved = replace(Listing.of(shop), commune=there)
        shop.commune, shop.status, shop.source = there, "draft", "ailleurs"
        make_shop("Le Fournil", commune=there, status="draft")
        update_listing(shop, moved, by=None, now=now)
        assert (version(here), version(there)) == (before[0] + 1, before[1] + 1)
        stored = Shop.objects.get(pk=shop.pk)
        assert (stored.slug, stored.commune) == ("le-fournil-2", there)
        for field in ("slug", "commune", "status", "source"):
            assert getattr(shop, field) == getattr(stored, field)

    @pytest.mark.parametrize("move", [status.suspend, status.close])
    def test_a_move_made_meanwhile_stays(self, now, move):
        stale = make_shop(description="Avant")
        move(Shop.objects.get(), by=None, now=now)
        before = version(stale.commune)
        changed = replace(Listing.of(stale), description="Après")
        update_listing(stale, changed, by=None, now=now)
        stored = Shop.objects.get()
        assert stored.status == status.TRANSITIONS[move.__name__].target == stale.status
        assert stored.description == "Après"
        assert version(stale.commune) == before

    def test_a_confirmation_made_meanwhile_stays(self, now):
        stale = make_shop()
        status.confirm(Shop.objects.get(), by=None, as_=Confirmer.TOWN_HALL, now=now)
        update_listing(stale, Listing.of(stale), by=None, now=now)
        assert Shop.objects.get().confirmed_at == stale.confirmed_at == now

    def test_a_rule_for_holidays_changes_without_the_hours(self, now):
        shop = make_shop(hours="Mo-Fr 09:00-18:00; 2026 Dec 24 09:00-12:00; PH off")
        before = shop.schedule
        plain = replace(Listing.of(shop), schedule=None, holiday_rule=HolidayRule.AS_USUAL)
        update_listing(shop, plain, by=None, now=now)
        assert shop.schedule == replace(before, holiday_rule=HolidayRule.AS_USUAL)
        assert Shop.objects.get().schedule == shop.schedule


class TestSetHours:
    def test_replaces_all(self, now):
        shop = make_shop(hours="Mo-Fr 09:00-18:00; 2026 Dec 24 09:00-12:00; PH off")
        schedule = Schedule((Period(5, 600, 1500),), holiday_rule=HolidayRule.AS_USUAL)
        set_hours(shop, schedule, by=None, now=now)
        assert Shop.objects.get(pk=shop.pk).schedule == schedule
        assert shop.schedule == schedule


class TestSetServices:
    def test_replaces_all_and_can_be_searched(self, now):
        shop = make_shop(services=["livraison"])
        set_services(shop, [Service(kind="emporter", note="le midi")], by=None, now=now)
        assert [option.kind for option in shop.services.all()] == ["emporter"]
        assert " emporter" in shop.search_text
        assert " livraison" not in shop.search_text


def test_creating_costs_the_same_with_many_rows(listing, now):
    def queries(hours: Schedule) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            create_listing(replace(listing, schedule=hours), by=None, now=now)
        return len(caught)

    one = Schedule((Period(0, 540, 600),))
    seven = Schedule(tuple(Period(day, 540, 600) for day in range(7)))
    assert queries(one) == queries(seven)
