"""Third step of a registration: an address that is looked up, and its pin."""

import pytest

from merchants.models import HistoryEntry, Shop
from merchants.views import lookup
from merchants.workflow.roles import give_role
from tests.ban import PAIX, PARIS, STREET, TOWN, answer, house, make_suresnes
from tests.factories import NOW, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

KEPT = "rien n’est perdu"


@pytest.fixture
def shop(db):
    return make_shop("Le Fournil", commune=make_suresnes(), hours=None, status="draft", point=None)


@pytest.fixture
def page_url(url):
    return url("inscription/adresse/")


@pytest.fixture(autouse=True)
def outside(service, settings):
    settings.GEOCODER_URL = service.url
    service.body = answer(house())
    return service


@pytest.fixture
def post(awa, page_url, fields):
    """Sends the page with some fields changed, as a browser without a script does."""

    def post(client=awa, **changes):
        data = fields(client.get(page_url)) | {"do": "next"}
        return client.post(page_url, {n: v for n, v in (data | changes).items() if v is not None})

    return post


@pytest.fixture
def again(awa, page_url, fields):
    """Sends a page that came back, with an answer to its question."""

    def again(page, **changes):
        form = page.context["form"]
        data = fields(page) | {"asked": form.asked_now, "do": "next"} | changes
        return awa.post(page_url, data)

    return again


def spot() -> tuple:
    shop = Shop.objects.get()
    return shop.point, shop.location_source, shop.location_precision


TYPED = {"house_number": "12", "street": "rue de la paix"}


def test_who_looks_up_too_much_keeps_the_address(post, outside, monkeypatch, awa, text):
    monkeypatch.setattr(lookup, "PER_MINUTE", 1)
    post(house_number="14", street="rue de la Paix")
    asked = len(outside.asked)
    response = post(**TYPED)
    assert response.status_code == 302
    assert len(outside.asked) == asked
    assert Shop.objects.get().house_number == "12"
    assert spot() == (None, "", "")
    said = text(awa.get(response.url))
    assert "Trop de recherches à la suite." in said
    assert "votre adresse est enregistrée" in said


class TestCertain:
    def test_is_saved_with_its_point_and_goes_on(self, post, url, awa, text):
        response = post(**TYPED, address_extra="Cour")
        assert response.status_code == 302
        assert response.url == url("inscription/activite/")
        shop = Shop.objects.get()
        assert (shop.house_number, shop.street, shop.address_extra) == (
            "12",
            "rue de la paix",
            "Cour",
        )
        assert (shop.postcode, shop.city) == ("92150", "Suresnes")
        assert spot() == (PAIX, "geocoder", "housenumber")
        assert HistoryEntry.objects.first().action == "edit"

    def test_one_question_is_asked_in_the_commune(self, post, outside):
        post(**TYPED)
        ((path, asked),) = outside.asked
        assert path == "/search"
        assert asked["q"] == "12 rue de la paix 92150 Suresnes"
        assert asked["citycode"] == "92073"

    def test_sent_again_as_it_came_asks_nobody_and_writes_nothing(self, post, outside):
        post(**TYPED)
        version = Shop.objects.get().version
        outside.asked.clear()
        assert post().status_code == 302
        assert outside.asked == []
        assert Shop.objects.get().version == version

    def test_a_complement_does_not_move_the_point(self, post, outside):
        post(**TYPED)
        Shop.objects.update(latitude=48.873, location_source="merchant")
        outside.asked.clear()
        post(address_extra="Bâtiment B")
        assert outside.asked == []
        assert spot()[:2] == ((48.873, PAIX[1]), "merchant")

    def test_another_address_takes_another_point(self, post, outside):
        post(**TYPED)
        outside.body = answer(house("3 Rue Neuve", at=(48.88, 2.22)))
        post(house_number="3", street="rue Neuve")
        assert spot() == ((48.88, 2.22), "geocoder", "housenumber")


class TestAsked:
    def test_a_weak_answer(self, post, again, outside, text, fields):
        outside.body = answer(STREET, TOWN)
        page = post(**TYPED)
        said = text(page)
        assert page.status_code == 200
        assert "Avons-nous bien compris" in said
        assert "Nous ne sommes pas sûrs de cette adresse." in said
        assert "Rue de la Paix 92150 Suresnes" in said
        assert "Garder mon adresse telle quelle" in said
        assert fields(page)["street"] == "rue de la paix"
        assert Shop.objects.get().street == ""
        outside.asked.clear()
        form = page.context["form"]
        (first, _keep) = form.fields["choice"].widget.choices
        assert again(page, choice=first[0]).status_code == 302
        # No second question; the number that the base does not know stays.
        assert outside.asked == []
        shop = Shop.objects.get()
        assert (shop.house_number, shop.street) == ("12", "Rue de la Paix")
        assert spot() == ((48.8725, 2.2280), "geocoder", "street")

    def test_at_most_five_candidates(self, post, outside):
        outside.body = answer(
            *(house(f"12 Rue {name}", score=0.6, at=(48.87, 2.22)) for name in "ABCDEFG")
        )
        form = post(**TYPED).context["form"]
        assert len(form.fields["choice"].widget.choices) == 6  # With « Garder ».

    def test_two_places_alike(self, post, outside):
        outside.body = answer(house(), house("12 Rue de la Paix", at=(48.86, 2.21)))
        assert "Avons-nous bien compris" in post(**TYPED).content.decode()

    def test_kept_as_it_is(self, post, again, outside, awa, text):
        outside.body = answer(STREET)
        page = post(**TYPED)
        response = again(page, choice="keep")
        assert response.status_code == 302
        assert Shop.objects.get().is_to_place
        said = text(awa.get(response.url))
        assert "Votre adresse est gardée telle quelle : la mairie placera le point" in said

    def test_an_answer_must_be_given(self, post, again, outside):
        outside.body = answer(STREET)
        page = again(post(**TYPED))
        assert page.status_code == 200
        assert page.context["form"].errors["choice"]

    def test_an_answer_is_about_the_address_that_was_asked_about(self, post, again, outside):
        outside.body = answer(STREET)
        page = post(**TYPED)
        outside.body = answer(house("3 Rue Neuve", at=(48.88, 2.22)))
        again(page, choice="keep", asked=page.context["form"].asked_now,
              house_number="3", street="rue Neuve")  # fmt: skip
        assert Shop.objects.get().street == "rue Neuve"
        assert spot()[1:] == ("geocoder", "housenumber")

    def test_in_another_commune(self, post, again, outside, text):
        outside.body = answer(PARIS)
        page = post(**TYPED, postcode="75002", city="Paris")
        said = text(page)
        assert "« 12 Rue de la Paix 75002 Paris » se trouve à Paris, pas à Suresnes." in said
        assert Shop.objects.get().street == ""
        assert again(page, choice="keep").status_code == 302
        assert Shop.objects.get().is_to_place

    def test_a_made_up_candidate_counts_for_nothing(self, post, again, outside):
        outside.body = answer(STREET)
        page = again(post(**TYPED), choice="W10:made-up")
        assert page.status_code == 200
        assert Shop.objects.get().street == ""

    def test_finishing_later_asks_nothing(self, post, outside):
        outside.body = answer(STREET)
        response = post(**TYPED, do="later")
        assert response.url == "/mon-commerce/"
        shop = Shop.objects.get()
        assert (shop.street, shop.point) == ("rue de la paix", None)

    def test_finishing_later_without_anything(self, post):
        assert post(do="later").url == "/mon-commerce/"

    def test_an_address_from_elsewhere_is_asked_about_at_the_first_pass(self, post, outside):
        """The draft may begin with the address of a register."""
        Shop.objects.update(street="RUE DE LA PAIX", house_number="12", city="Suresnes")
        post()
        assert spot() == (PAIX, "geocoder", "housenumber")


class TestNothingIsLost:
    @pytest.mark.parametrize("health", ["hangs", "drips", "cut off", "chunked", "silent"])
    def test_bad_health(self, post, outside, awa, text, health, monkeypatch):
        monkeypatch.setattr("merchants.geocoding.Geocoder.__init__.__defaults__", (0.5,))
        outside.health = health
        self.accepted(post(**TYPED), awa, text)

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_errors(self, post, outside, awa, text, status):
        outside.status = status
        self.accepted(post(**TYPED), awa, text)

    def accepted(self, response, awa, text):
        assert response.status_code == 302
        shop = Shop.objects.get()
        assert (shop.house_number, shop.street, shop.postcode) == ("12", "rue de la paix", "92150")
        assert shop.is_to_place
        said = text(awa.get(response.url))
        assert "La base nationale des adresses" in said
        assert "Rien n’est perdu : votre adresse est enregistrée." in said
        assert "au besoin par la mairie" in said

    def test_unknown(self, post, outside, awa, text):
        outside.body = answer(TOWN)
        response = post(**TYPED)
        assert Shop.objects.get().is_to_place
        assert "ne connaît pas cette adresse. Rien n’est perdu" in text(awa.get(response.url))

    def test_the_point_of_the_address_before_does_not_stay(self, post, outside):
        post(**TYPED)
        outside.status = 500
        post(street="rue Neuve")
        assert spot() == (None, "", "")

    def test_what_was_picked_needs_no_second_answer(self, post, outside, awa):
        found = awa.get("/mon-commerce/recherche/adresses", {"q": "12 rue", "commune": "92073"})
        (place,) = found.json()["places"]
        outside.status = 500
        latitude, longitude = place["point"]
        post(**TYPED, place=place["signed"], latitude=latitude, longitude=longitude)
        assert spot() == (PAIX, "geocoder", "housenumber")

    def test_what_was_picked_and_typed_over_is_looked_up(self, post, outside, awa):
        found = awa.get("/mon-commerce/recherche/adresses", {"q": "12 rue", "commune": "92073"})
        (place,) = found.json()["places"]
        outside.body = answer(house("3 Rue Neuve", at=(48.88, 2.22)))
        post(house_number="3", street="rue Neuve", place=place["signed"])
        assert spot()[0] == (48.88, 2.22)


class TestPin:
    def test_moved_a_little(self, post):
        post(**TYPED, latitude="48.8722", longitude="2.2276")
        assert spot() == ((48.8722, 2.2276), "merchant", "exact")

    def test_put_back_to_the_address(self, post):
        post(**TYPED, latitude="48.8722", longitude="2.2276")
        post(latitude=PAIX[0], longitude=PAIX[1])
        assert spot() == (PAIX, "geocoder", "housenumber")

    def test_out_of_the_commune(self, post, text):
        page = post(**TYPED, latitude="48.90", longitude="2.2276")
        assert "Le point est en dehors de Suresnes" in text(page)
        assert Shop.objects.get().point is None

    def test_far_from_the_address(self, post, again, text):
        page = post(**TYPED, latitude="48.8801", longitude="2.2275")
        assert "Le point est à 890 m de l’adresse." in text(page)
        assert "Oui, l’entrée est bien à cet endroit" in text(page)
        assert Shop.objects.get().point is None
        assert again(page, far="on").status_code == 302
        assert spot() == ((48.8801, 2.2275), "merchant", "exact")

    def test_answers_a_weak_address(self, post, outside):
        outside.body = answer(STREET)
        post(**TYPED, latitude="48.8722", longitude="2.2276")
        assert spot() == ((48.8722, 2.2276), "merchant", "exact")

    def test_while_the_service_is_down(self, post, outside):
        outside.status = 500
        post(**TYPED, latitude="48.8722", longitude="2.2276")
        assert spot() == ((48.8722, 2.2276), "merchant", "exact")

    def test_kept_with_a_pin_is_placed(self, post, again, outside, awa, text):
        outside.body = answer(PARIS)
        page = post(**TYPED, postcode="75002", city="Paris")
        response = again(page, choice="keep", latitude="48.8722", longitude="2.2276")
        assert spot() == ((48.8722, 2.2276), "merchant", "exact")
        assert "mairie placera" not in text(awa.get(response.url))

    def test_does_not_answer_another_commune(self, post, outside):
        outside.body = answer(PARIS)
        page = post(**TYPED, postcode="75002", city="Paris", latitude="48.8722", longitude="2.2276")
        assert page.status_code == 200

    @pytest.mark.parametrize(
        ("latitude", "longitude"), [("nan", "2.2"), ("91", "2.2"), ("48.87", "200"), ("x", "y")]
    )
    def test_no_point_at_all(self, post, latitude, longitude):
        assert post(**TYPED, latitude=latitude, longitude=longitude).status_code == 200
        assert Shop.objects.get().point is None

    def test_half_a_point_is_none(self, post):
        post(**TYPED, latitude="48.88", longitude="")
        assert spot() == (PAIX, "geocoder", "housenumber")

    def test_moved_by_the_town_hall(self, shop, login, post):
        helper = make_user()
        give_role(helper, shop.commune, role="helper", by=None, now=NOW)
        shop.members.all().delete()
        response = post(login(helper), **TYPED, latitude="48.8722", longitude="2.2276")
        assert response.status_code == 302
        assert spot()[1] == "town_hall"


class TestWithoutPremises:
    def test_an_area_and_no_street(self, post, outside, url):
        post(**TYPED)
        outside.asked.clear()
        response = post(premises="no", service_area="Suresnes et 10 km autour")
        assert response.status_code == 302
        assert outside.asked == []
        shop = Shop.objects.get()
        assert (shop.house_number, shop.street, shop.address_extra) == ("", "", "")
        assert shop.service_area == "Suresnes et 10 km autour"
        assert (spot(), shop.is_to_place) == ((None, "", ""), False)

    def test_is_shown_again(self, post, awa, page_url, fields):
        post(premises="no", service_area="Partout")
        assert fields(awa.get(page_url))["premises"] == "no"

    def test_the_area_is_asked_for(self, post, text):
        assert "Dites où vous vous déplacez." in text(post(premises="no"))

    def test_the_street_is_asked_for(self, post, text, outside):
        assert "Dites la rue, ou le lieu-dit." in text(post())
        assert outside.asked == []


class TestPage:
    def test_begins_with_the_commune(self, awa, page_url, fields):
        page = awa.get(page_url)
        assert fields(page)["postcode"] == "92150"
        assert fields(page)["city"] == "Suresnes"

    def test_every_error_is_tied_to_its_field(self, post):
        html = post(postcode="92").content.decode()
        assert 'aria-describedby="id_postcode_error"' in html
        assert 'id="id_postcode_error"' in html

    def test_says_how_far_it_is(self, awa, page_url, text):
        assert "Étape 3 sur 7" in text(awa.get(page_url))

    def test_a_stranger_and_a_colleague(self, login, shop, page_url):
        assert login(make_user()).get(page_url).status_code == 404
        colleague = make_member(shop, role="colleague")
        assert login(colleague).get(page_url).status_code == 200

    def test_questions_to_the_database(self, awa, page_url, django_assert_num_queries):
        awa.get(page_url)
        with django_assert_num_queries(10):
            awa.get(page_url)
