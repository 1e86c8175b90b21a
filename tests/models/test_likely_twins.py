import pytest

from merchants.geo import Point
from merchants.models import Shop, ShopStatus
from tests.factories import SURESNES, make_commune, make_shop
from tests.merging import make_in_state

pytestmark = pytest.mark.django_db

SIRET, OTHER_SIRET = "73282932000074", "44755561600021"


def metres(north: float) -> Point:
    return Point(SURESNES.latitude + north / 111_195, SURESNES.longitude)


@pytest.fixture
def commune():
    return make_commune("Suresnes")


def twins(*arguments, **options) -> list[str]:
    return [shop.name for shop in Shop.objects.likely_twins(*arguments, **options)]


class TestSiret:
    def test_the_same_number_wherever_it_is(self, commune):
        make_shop("Tout autre nom", siret=SIRET, commune=make_commune("Garches"))
        assert twins("Le Fournil", SURESNES, siret=SIRET, commune=commune) == ["Tout autre nom"]
        assert twins("Le Fournil", None, siret=SIRET) == ["Tout autre nom"]

    def test_comes_first(self, commune):
        make_shop("Le Fournil", commune=commune)
        make_shop("Ancien nom", siret=SIRET, point=metres(900), commune=commune)
        found = twins("Le Fournil", SURESNES, siret=SIRET, commune=commune)
        assert found == ["Ancien nom", "Le Fournil"]

    def test_no_number_is_no_number(self, commune):
        make_shop("Tout autre nom", siret="", commune=commune)
        assert twins("Le Fournil", SURESNES, commune=commune) == []


class TestNearby:
    @pytest.mark.parametrize(("north", "found"), [(0, True), (140, True), (160, False)])
    def test_a_name_alike_within_150_metres(self, commune, north, found):
        make_shop("SARL LE FOURNIL", point=metres(north), commune=commune)
        assert bool(twins("Le Fournil de Suresnes", SURESNES, commune=commune)) is found

    def test_another_name(self, commune):
        make_shop("Le Dattier", commune=commune)
        assert twins("Le Fournil", SURESNES, commune=commune) == []

    def test_across_the_border_of_a_commune(self, commune):
        make_shop("Le Fournil", point=metres(50), commune=make_commune("Puteaux"))
        assert twins("Le Fournil", SURESNES, commune=commune) == ["Le Fournil"]

    def test_the_nearest_of_the_likeliest_first(self, commune):
        make_shop("Le Fournil", point=metres(100), commune=commune)
        make_shop("Boulangerie Le Fournil", point=metres(20), commune=commune)
        make_shop("Le Fourni", point=metres(1), commune=commune)
        found = twins("Le Fournil", SURESNES, commune=commune)
        assert found == ["Boulangerie Le Fournil", "Le Fournil", "Le Fourni"]

    @pytest.mark.parametrize(("north", "found"), [(20, True), (60, False)])
    def test_a_bare_trade_next_door_only(self, commune, north, found):
        make_shop("Boulangerie", point=metres(north), commune=commune)
        assert bool(twins("Boulangerie Martin", SURESNES, commune=commune)) is found


class TestStreet:
    def test_the_same_street_however_far(self, commune):
        make_shop("Le Fournil", street="Avenue Foch", point=metres(900), commune=commune)
        assert twins("Le Fournil", SURESNES, street="av. Foch", commune=commune) == ["Le Fournil"]
        assert twins("Le Fournil", None, street="av. Foch", commune=commune) == ["Le Fournil"]

    def test_another_street_or_another_commune(self, commune):
        make_shop("Le Fournil", street="rue Foch", point=metres(900), commune=commune)
        there = make_commune("Garches")
        make_shop("Le Fournil", street="Avenue Foch", point=metres(5000), commune=there)
        assert twins("Le Fournil", SURESNES, street="avenue Foch", commune=commune) == []


class TestWithoutAPlace:
    def test_the_new_one(self, commune):
        make_shop("Plomberie Durand", point=metres(3000), street="rue X", commune=commune)
        make_shop("Plomberie Durand", commune=make_commune("Garches"))
        (found,) = Shop.objects.likely_twins("Durand plombier", None, commune=commune)
        assert found.commune == commune

    def test_the_one_that_is_there(self, commune):
        make_shop("Plomberie Durand", point=None, service_area="partout", commune=commune)
        found = twins("Durand plombier", SURESNES, street="rue X", commune=commune)
        assert found == ["Plomberie Durand"]

    def test_nothing_at_all(self):
        make_shop("Plomberie Durand")
        assert twins("Plomberie Durand", None) == []


def test_states(commune):
    for status in ShopStatus:
        make_in_state("Le Fournil", status=status, commune=commune)
    Shop.objects.filter(name__endswith=" bis").update(status="closed")  # Where one was merged.
    found = Shop.objects.likely_twins("Le Fournil", SURESNES, commune=commune, most=9)
    assert {shop.status for shop in found} == {"published", "pending", "draft"}


@pytest.mark.parametrize("count", [1, 3])
def test_costs_two_queries(commune, count, django_assert_num_queries):
    for _number in range(count):
        make_shop("Le Fournil", commune=commune)
    with django_assert_num_queries(2):
        for shop in Shop.objects.likely_twins("Le Fournil", SURESNES, commune=commune):
            assert shop.commune.name == "Suresnes"
            assert shop.main_category.label


def test_five_at_most(commune):
    for _number in range(7):
        make_shop("Le Fournil", commune=commune)
    assert len(twins("Le Fournil", SURESNES, commune=commune)) == 5
