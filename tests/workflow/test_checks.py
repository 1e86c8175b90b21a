"""What an agent would check by hand, with the result in words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from merchants.company_search import CompanySearch
from merchants.geo import Point
from merchants.geocoding import Geocoder
from merchants.models import Shop
from merchants.workflow import checks
from merchants.workflow.checks import Verdict
from merchants.workflow.values import Listing
from tests import service as outside_service
from tests.factories import NOW, SURESNES, make_commune, make_member, make_shop, make_user
from tests.leaves.test_company_search import establishment

pytestmark = pytest.mark.django_db

SIRET = "73282932000074"


@pytest.fixture
def listing() -> Listing:
    make_commune(insee_code="92073", bbox=[2.1, 48.8, 2.3, 48.9])
    return Listing.of(
        make_shop(
            "Le Fournil",
            siret=SIRET,
            house_number="12",
            street="rue de la Paix",
            postcode="92150",
            city="Suresnes",
            phone="+33147510142",
            website="https://fournil.fr/",
        )
    )


@pytest.mark.parametrize(
    ("check", "values", "verdict", "sentence"),
    [
        (checks.siret_check, {}, "ok", "bien écrit"),
        (checks.siret_check, {"siret": ""}, "unknown", "Aucun SIRET"),
        (checks.siret_check, {"siret": "73282932000075"}, "warn", "clé de contrôle"),
        (checks.point_check, {}, "ok", "Dans la commune"),
        (checks.point_check, {"point": Point(47.0, 2.2)}, "warn", "Hors de la commune"),
        (checks.point_check, {"point": None}, "warn", "Aucun point"),
        (
            checks.point_check,
            {"point": None, "street": "", "service_area": "partout"},
            "ok",
            "Sans local",
        ),
        (checks.contact_check, {}, "ok", "fournil.fr"),
        (checks.contact_check, {"phone": "", "website": ""}, "unknown", "Ni téléphone"),
        (checks.contact_check, {"phone": "+33899123456"}, "warn", "surtaxé"),
        (checks.contact_check, {"phone": "+442079460000"}, "warn", "étranger"),
        (checks.contact_check, {"website": "http://fournil.fr/"}, "warn", "https"),
        (checks.contact_check, {"website": "https://10.0.0.1/"}, "warn", "n’est pas l’adresse"),
    ],
)
def test_what_reading_tells(listing, check, values, verdict, sentence):
    found = check(replace(listing, **values))
    assert (found.verdict, sentence in found.sentence) == (Verdict(verdict), True), found.sentence


def test_every_verdict_has_a_word_and_an_icon():
    assert len({str(verdict.label) for verdict in Verdict}) == 3
    assert len({verdict.icon for verdict in Verdict}) == 3


def test_who_sends_it(listing):
    shop, now = Shop.objects.get(), NOW
    assert checks.sender_check(shop, None, now=now).verdict == Verdict.UNKNOWN
    user = make_member(shop, email="awa@fournil.fr", date_joined=now - timedelta(days=40))
    make_member(make_shop("Autre"), user)
    assert checks.sender_of(shop) == user
    said = checks.sender_check(shop, user, now=now)
    assert said.verdict == Verdict.OK
    for words in ("connu depuis 40 jours", "une fiche publiée", "du commerce, ou de son domaine"):
        assert words in said.sentence
    doubtful = make_user(verified=False)
    assert checks.sender_check(shop, doubtful, now=now).verdict == Verdict.WARN


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_costs_the_same(django_assert_num_queries, number):
    make_commune(bbox=[2.1, 48.8, 2.3, 48.9])
    for _each in range(number):
        make_member(make_shop(siret="", status="pending"))
    shops = list(
        Shop.objects.with_commune()
        .select_related("main_category")
        .prefetch_related("photos", "categories", "services", "periods", "specials")
    )
    with django_assert_num_queries(4):
        checks.without_reserve(shops, now=NOW)


class TestTwinsOfSeveral:
    """As `likely_twins` tells them one by one."""

    @pytest.mark.parametrize(
        ("values", "is_twin"),
        [
            ({}, True),
            ({"name": "Boucherie"}, False),
            ({"point": Point(48.8800, 2.2290)}, False),
            ({"point": None, "street": "rue de la Paix"}, True),
            ({"point": None, "street": "rue Carnot"}, False),
            ({"name": "Tout autre", "siret": SIRET, "status": "pending"}, False),
        ],
        ids=str,
    )
    def test_agrees(self, listing, values, is_twin):
        shop = Shop.objects.get()
        make_shop(**{"name": "Le Fournil"} | {k: v for k, v in values.items() if k != "siret"})
        assert (shop.pk in Shop.objects.with_likely_twins([shop])) is is_twin
        one = Shop.objects.exclude(pk=shop.pk).likely_twins(
            shop.name, shop.point, street=shop.street, commune=shop.commune
        )
        assert bool(one) is is_twin

    def test_the_same_street_of_another_commune_is_another(self, listing):
        shop = Shop.objects.get()
        other = make_commune("Garches", insee_code="92033")
        make_shop("Le Fournil", commune=other, point=None, street="rue de la Paix")
        assert Shop.objects.with_likely_twins([shop]) == set()


class TestOfficialServices:
    @pytest.fixture
    def service(self):
        with outside_service.running() as service:
            yield service

    @pytest.mark.parametrize(
        ("row", "unit", "verdict", "sentence"),
        [
            ({}, {}, "ok", "Établissement ouvert"),
            ({"etat_administratif": "F"}, {}, "warn", "fermé d’après le registre"),
            ({"statut_diffusion_etablissement": "P"}, {}, "unknown", "pas communiquée"),
            ({"adresse": "4 RUE CARNOT 92150 SURESNES"}, {}, "warn", "une autre rue"),
            ({"adresse": "4 RUE DE LA PAIX 92150 SURESNES"}, {}, "warn", "un autre numéro"),
            ({"commune": "92033"}, {}, "warn", "une autre commune"),
            ({}, {"nom_raison_sociale": "GARAGE DUPONT"}, "warn", "Le nom n’est pas celui"),
        ],
    )
    def test_the_register(self, service, listing, row, unit, verdict, sentence):
        found = establishment(SIRET, "12 RUE DE LA PAIX") | row
        company = {
            "siren": SIRET[:9],
            "nom_complet": "LE FOURNIL",
            "nom_raison_sociale": "LE FOURNIL",
            "etat_administratif": "A",
            "statut_diffusion": "O",
            "siege": {},
            "matching_etablissements": [found],
        }
        service.body = {"results": [company | unit]}
        check = checks.company_check(listing, CompanySearch(service.url))
        assert (check.verdict, sentence in check.sentence) == (Verdict(verdict), True), check

    def test_an_unknown_number_and_none(self, service, listing):
        service.body = {"results": []}
        search = CompanySearch(service.url)
        assert checks.company_check(listing, search).verdict == Verdict.WARN
        assert "pas dans le registre" in checks.company_check(listing, search).sentence
        service.asked.clear()
        assert "Sans SIRET" in checks.company_check(replace(listing, siret=""), search).sentence
        assert service.asked == []

    def place(self, point=SURESNES, score=0.95, kind="housenumber") -> dict:
        properties = {
            "label": "12 Rue de la Paix 92150 Suresnes", "housenumber": "12", "citycode": "92073",
            "street": "Rue de la Paix", "postcode": "92150", "city": "Suresnes", "type": kind,
            "score": score,
        }  # fmt: skip
        coordinates = [point.longitude, point.latitude]
        return {"properties": properties, "geometry": {"coordinates": coordinates}}

    @pytest.mark.parametrize(
        ("place", "verdict", "sentence"),
        [
            ({}, "ok", "le point en est à 0"),
            ({"point": Point(48.8755, 2.2290)}, "warn", "Le point est à 500"),
            ({"score": 0.5}, "warn", "propose plutôt"),
            ({"kind": "street"}, "warn", "propose plutôt"),
        ],
    )
    def test_the_address_base(self, service, listing, place, verdict, sentence):
        service.body = {"features": [self.place(**place)]}
        check = checks.address_check(listing, Geocoder(service.url))
        assert (check.verdict, sentence in check.sentence) == (Verdict(verdict), True), check

    def test_out_of_reach_is_a_sentence(self, listing):
        nobody = "http://127.0.0.1:9"
        told = checks.outside_checks(
            listing, companies=CompanySearch(nobody), geocoder=Geocoder(nobody)
        )
        assert [check.verdict for check in told] == [Verdict.UNKNOWN, Verdict.UNKNOWN]
        assert all("ne répond pas" in check.sentence for check in told)
