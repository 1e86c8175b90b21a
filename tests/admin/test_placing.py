"""A point for a listing, in its form: the address that is looked up, the map, the next one."""

import pytest

from merchants.models import Shop
from merchants.views import lookup
from tests.admin.sent import form_of
from tests.ban import PAIX, PARIS, STREET, answer, house, make_suresnes
from tests.claiming import words
from tests.factories import NOW, make_commune, make_shop, make_user
from tests.team import make_colleague

pytestmark = pytest.mark.django_db

LIST = "/mairie/merchants/shop/"
QUEUE = "?_changelist_filters=point%3Da-placer"
BUTTON = 'value="Enregistrer et placer la suivante"'
TYPED = {"house_number": "12", "street": "rue de la Paix", "postcode": "", "city": ""}


@pytest.fixture
def commune():
    return make_suresnes()


@pytest.fixture
def ana(login, commune):
    return login(make_colleague(commune, "agent"))


@pytest.fixture
def outside(service, settings):
    settings.GEOCODER_URL = service.url
    service.body = answer(house())
    return service


def address(commune) -> str:
    return f"/mairie/communes/{commune.pk}/adresse/"


class TestAddress:
    def test_that_is_certain(self, ana, commune, outside):
        told = ana.get(address(commune), TYPED)
        (place,) = told.json()["places"]
        assert place["label"] == "12 Rue de la Paix 92150 Suresnes"
        assert (place["point"], place["precision"]) == ([*PAIX], "housenumber")
        assert told.json()["sure"] is True
        assert "no-store" in told.headers["Cache-Control"]

    def test_that_may_be_one_of_two(self, ana, commune, outside):
        outside.body = answer(house(score=0.7), STREET)
        told = ana.get(address(commune), TYPED).json()
        assert [place["precision"] for place in told["places"]] == ["street", "housenumber"]
        assert told["sure"] is False

    def test_of_another_commune(self, ana, commune, outside):
        outside.body = answer(PARIS)
        typed = TYPED | {"postcode": "75002", "city": "Paris"}
        told = ana.get(address(commune), typed).json()
        assert (told["places"], told["elsewhere"]) == ([], "12 Rue de la Paix 75002 Paris")

    def test_without_a_street_nobody_is_asked(self, ana, commune, outside):
        assert ana.get(address(commune)).json()["places"] == []
        assert outside.asked == []

    def test_of_a_service_that_is_down(self, ana, commune, outside):
        outside.status = 500
        told = ana.get(address(commune), TYPED)
        assert told.status_code == 503
        assert "en panne" in told.json()["error"]

    def test_so_many_times_a_minute(self, ana, commune, monkeypatch):
        monkeypatch.setattr(lookup, "PER_MINUTE", 2)
        statuses = [ana.get(address(commune)).status_code for _time in range(3)]
        assert statuses == [200, 200, 429]

    @pytest.mark.parametrize(
        ("who", "status"),
        [("agent", 200), ("referent", 200), ("superuser", 200), ("elsewhere", 404),
         ("helper", 302), ("merchant", 302)],
    )  # fmt: skip
    def test_who_asks(self, login, commune, outside, who, status):
        person = {
            "superuser": lambda: make_user(is_superuser=True, is_staff=True),
            "elsewhere": lambda: make_colleague(make_commune("Garches"), "agent"),
            "merchant": make_user,
        }.get(who, lambda: make_colleague(commune, who))()
        told = login(person).get(address(commune), TYPED)
        assert told.status_code == status
        assert bool(outside.asked) is (status == 200)

    def test_is_read_and_not_posted(self, ana, commune):
        assert ana.post(address(commune), TYPED).status_code == 405


class TestMap:
    def test_opens_on_the_commune(self, ana, commune):
        shop = make_shop(commune=commune, point=None)
        page = ana.get(f"{LIST}{shop.pk}/change/")
        config = page.context["point_config"]
        assert config["box"] == commune.bbox
        assert config["tiles"].startswith("https://")
        html = page.content.decode()
        assert "js/shop_point" in html and 'id="point-config"' in html
        assert 'data-address="/mairie/communes/0/adresse/"' in html

    def test_of_a_new_listing_opens_on_the_only_commune(self, ana, commune, login):
        assert ana.get(f"{LIST}add/").context["point_config"]["box"] == commune.bbox
        browser = login(make_user(is_superuser=True, is_staff=True))
        assert browser.get(f"{LIST}add/").context["point_config"]["box"] is None

    def test_is_not_offered_to_who_only_reads(self, ana, commune):
        kept = make_shop(commune=commune)
        shop = make_shop("Vélos", commune=commune)
        Shop.objects.filter(pk=shop.pk).update(status="merged", merged_into=kept)
        page = ana.get(f"{LIST}{shop.pk}/change/")
        assert page.context["point_config"] is None
        assert "data-shop-point" not in page.content.decode()


class TestNext:
    """« Enregistrer et placer la suivante », for who comes from that list."""

    @pytest.fixture
    def waiting(self, commune):
        return [
            make_shop(name, commune=commune, point=None, street="rue X", now=NOW)
            for name in ("Une", "Deux", "Trois")
        ]

    def save(self, browser, shop, **values):
        url = f"{LIST}{shop.pk}/change/{QUEUE}"
        data = form_of(browser.get(url)) | values | {"_next_to_place": "x"}
        return browser.post(url, data)

    PLACED = {
        "latitude": "48.87", "longitude": "2.22",
        "location_source": "town_hall", "location_precision": "exact",
    }  # fmt: skip

    def test_is_offered_there_alone(self, ana, waiting):
        url = f"{LIST}{waiting[0].pk}/change/"
        assert BUTTON in ana.get(url + QUEUE).text
        for other in ("", "?_changelist_filters=status__exact%3Dpublished"):
            assert BUTTON not in ana.get(url + other).text

    def test_goes_round_the_queue_and_no_further(self, ana, commune, waiting):
        make_shop("Ailleurs", commune=make_commune("Garches"), point=None, street="rue X")
        one, two, three = waiting
        # Left as it is: the next all the same, and from the last one back to it.
        for shop, following in ((one, two), (two, three), (three, one)):
            place = f"{LIST}{following.pk}/change/{QUEUE}"
            assert self.save(ana, shop).headers["Location"] == place
        for shop, following in ((one, two), (two, three)):
            place = f"{LIST}{following.pk}/change/{QUEUE}"
            assert self.save(ana, shop, **self.PLACED).headers["Location"] == place
        last = self.save(ana, three, **self.PLACED)
        assert last.headers["Location"] == f"{LIST}?point=a-placer"
        assert "Il n’y a plus de fiche à placer." in words(ana.get(last.headers["Location"]))
        assert not Shop.objects.to_place().filter(commune=commune).exists()

    def test_a_mistake_stays(self, ana, waiting):
        page = self.save(ana, waiting[0], latitude="48.87")
        assert page.status_code == 200
        assert BUTTON in page.text
