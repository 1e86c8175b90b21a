from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merchants.geo import Point
from merchants.opendata.facts import _FORMATS
from merchants.opendata.readers import COLUMNS
from merchants.opening_hours import HolidayRule

OSM = {"name": "Épi", "shop": "bakery", "lat": "48.871", "lon": "2.229"}
CSV = {"nom": "Épi", "categorie": "boulangerie", "voie": "rue de la Paix"}


def remarks(mapped) -> list[str]:
    return [str(remark).replace("\u00a0", " ") for remark in mapped.remarks]


def refusal(mapped) -> str:
    assert mapped.listing is None
    return str(mapped.refusal).replace("\u00a0", " ")


class TestOsm:
    def test_a_whole_shop(self, map_row):
        mapped = map_row(
            "osm-geojson",
            **OSM,
            **{
                "addr:housenumber": "12",
                "addr:street": "rue X",
                "addr:postcode": "92150",
                "phone": "+33 (0) 1 47 51 01 02",
                "website": "https://epi.example",
                "contact:facebook": "lepi",
                "email": "a@epi.example",
                "wheelchair": "limited",
                "payment:visa": "yes",
                "takeaway": "yes",
                "delivery": "no",
                "opening_hours": "Mo-Sa 09:00-12:30 / 14:00-19:00",
            },
        )
        listing = mapped.listing
        assert (listing.name, listing.main_category.slug) == ("Épi", "boulangerie")
        assert (listing.house_number, listing.street, listing.postcode) == ("12", "rue X", "92150")
        assert (listing.point, listing.location_precision) == (Point(48.871, 2.229), "exact")
        assert (listing.phone, listing.email) == ("+33147510102", "a@epi.example")
        assert listing.website == "https://epi.example"
        assert listing.social_links == ("https://www.facebook.com/lepi",)
        assert (listing.step_free, listing.payment_means) == ("limited", ("cards",))
        assert [service.kind for service in listing.services] == ["emporter"]
        assert len(listing.schedule.weekly) == 12
        assert (listing.source, listing.source_id) == ("osm", "x")
        assert [remark.label for remark in mapped.remarks] == [
            "Téléphone complété",
            "Horaires réparés",
        ]

    def test_silence_on_holidays_is_no_promise(self, map_row):
        def rule(hours: str) -> HolidayRule:
            return map_row("osm-geojson", **OSM, opening_hours=hours).listing.schedule.holiday_rule

        assert rule("Mo-Fr 09:00-18:00") == HolidayRule.UNKNOWN
        assert rule("Mo-Fr 09:00-18:00; PH off") == HolidayRule.CLOSED
        assert rule("Mo-Fr,PH 09:00-18:00") == HolidayRule.AS_USUAL
        assert rule("24/7") == HolidayRule.AS_USUAL

    def test_hours_that_are_none_do_not_lose_the_shop(self, map_row):
        mapped = map_row("osm-geojson", **OSM, opening_hours="quand je veux")
        assert mapped.listing.schedule.weekly == ()
        assert remarks(mapped)[0].startswith("Horaires non compris, non repris : « quand je veux »")

    def test_several_values_make_several_categories(self, map_row):
        mapped = map_row("osm-geojson", **OSM | {"shop": "butcher;convenience", "craft": "caterer"})
        slugs = [category.slug for category in mapped.listing.categories]
        assert slugs == ["boucherie", "epicerie", "traiteur"]

    def test_an_unknown_shop_is_another_shop(self, map_row):
        mapped = map_row("osm-geojson", **OSM | {"shop": "zeppelin"})
        assert mapped.listing.main_category.slug == "autre-commerce"
        assert remarks(mapped) == ["Rangé dans « Autre commerce » : shop=zeppelin"]

    def test_the_brand_stands_in_for_the_name(self, map_row):
        mapped = map_row("osm-geojson", **OSM | {"name": "", "brand": "Spar"})
        assert mapped.listing.name == "Spar"
        assert remarks(mapped) == ["Nom absent : celui de l’enseigne est repris : Spar"]

    def test_measures_of_2020_are_told_and_left(self, map_row):
        mapped = map_row("osm-geojson", **OSM, **{"delivery:covid19": "yes"})
        assert mapped.listing.services == ()
        assert remarks(mapped) == ["Mesures de 2020, non reprises : delivery:covid19"]

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"name": ""}, "Nom absent : Boulangerie-pâtisserie, 48.871, 2.229"),
            ({"name": "", "addr:street": "rue X"}, "Nom absent : Boulangerie-pâtisserie, rue X"),
            ({"name": "…"}, "Nom sans lettre ni chiffre"),
            ({"shop": "", "amenity": "repair_cafe"}, "Association"),
            ({"shop": "", "amenity": "social_centre"}, "Établissement social"),
            ({"shop": "vacant"}, "Local vide : aucun commerce à montrer"),
            ({"shop": "vacant;bakery"}, "Local vide : aucun commerce à montrer"),
            ({"shop": "", "amenity": "doctors"}, "Cabinet ou établissement de santé"),
            ({"shop": "", "amenity": "zeppelin"}, "Aucune activité commerciale indiquée"),
            ({"shop": ""}, "Aucune activité commerciale indiquée"),
            ({"lat": "", "lon": ""}, "Ni position ni adresse"),
            ({"lat": "0", "lon": "0"}, "Ni position ni adresse"),
        ],
    )
    def test_refusals(self, map_row, values, sentence):
        assert refusal(map_row("osm-geojson", **OSM | values)).startswith(sentence)

    def test_a_shop_beside_a_doctor_is_a_shop(self, map_row):
        mapped = map_row("osm-geojson", **OSM, healthcare="doctor")
        assert mapped.listing.main_category.slug == "boulangerie"

    def test_the_flat_csv(self, map_row):
        mapped = map_row(
            "osm-csv",
            name="Épi",
            category_key="amenity",
            category_value="bar",
            lat="48.871",
            lon="2.229",
            commune="Suresnes",
            housenumber="52,54",
        )
        listing = mapped.listing
        assert (listing.main_category.slug, listing.city) == ("bar", "Suresnes")
        assert listing.house_number == "52,54"


class TestParis:
    PARIS = {
        "nom_du_commerce": "La Cave",
        "adresse": "12 bis, rue Lepic",
        "code_postal": "92150",
        "type_de_commerce": "Commerce de détail de boissons",
        "lat": "48.871",
        "lon": "2.229",
    }

    def test_services_are_read_in_the_sentence_that_is_kept(self, map_row):
        text = "Livraison gratuite le samedi.\nCommande par téléphone"
        listing = map_row("paris-2020", **self.PARIS, precisions=text).listing
        assert [service.kind for service in listing.services] == ["livraison", "telephone"]
        assert listing.services[0].note == "Livraison gratuite le samedi. Commande par téléphone"
        assert listing.services[1].note == listing.description == ""
        assert listing.main_category.slug == "caviste"
        assert (listing.house_number, listing.street) == ("12 bis", "rue Lepic")
        assert listing.location_precision == "housenumber"

    def test_a_sentence_without_service_is_the_description(self, map_row):
        listing = map_row("paris-2020", **self.PARIS, precisions="Produits italiens").listing
        assert (listing.services, listing.description) == ((), "Produits italiens")

    def test_addresses_on_the_web_go_to_their_place(self, map_row):
        def listing(site: str):
            return map_row("paris-2020", **self.PARIS, site_internet=site).listing

        assert listing("https://www.epicery.com/x").shop_url == "https://www.epicery.com/x"
        assert listing("https://www.facebook.com/x").social_links == ("https://www.facebook.com/x",)
        disguised = listing("https://cave@gmail.com")
        assert (disguised.email, disguised.website) == ("cave@gmail.com", "")
        mapped = map_row("paris-2020", **self.PARIS, site_internet="https://cave@gmail.com")
        assert remarks(mapped) == ["Courriel trouvé à la place du site : cave@gmail.com"]

    @pytest.mark.parametrize(
        ("text", "number", "told"),
        [
            ("+33 6 46 57 26 37,+33 6 95 25 23 87", "+33646572637", "Second téléphone"),
            ("06 30 67 36 81 / 01 43 79 08 64", "+33630673681", "Second téléphone"),
            ("0146340594 - 0611358280", "+33146340594", "Second téléphone"),
            ("Magasin 01 43 57 98 49", "+33143579849", None),
            ("01.44.40.07.26", "+33144400726", None),
            ("01 43", "", "Téléphone illisible"),
            ("156239060", "+33156239060", "Téléphone complété : « 156239060 » devient 01 56"),
            ("+33 (0) 1 44 40 07 26", "+33144400726", "Téléphone complété"),
            ("0033144400726", "+33144400726", None),
        ],
    )
    def test_telephones(self, map_row, text, number, told):
        mapped = map_row("paris-2020", **self.PARIS, telephone=text)
        assert mapped.listing.phone == number
        assert [remark.startswith(told) for remark in remarks(mapped)] == ([True] if told else [])


class TestAcceslibre:
    def test_the_name_tells_the_trade_and_loses_persons_and_landlords(self, map_row):
        values = {"voie": "rue X", "numero": "2", "lat": "48.871", "lon": "2.229"}
        mapped = map_row("acceslibre", nom="Optic 2000 – M SEROR", **values)
        assert (mapped.listing.name, mapped.listing.main_category.slug) == (
            "Optic 2000",
            "opticien",
        )
        mapped = map_row("acceslibre", nom="OPH Courbevoie habitat- TIZNIT . Boulangerie", **values)
        assert mapped.listing.name == "TIZNIT . Boulangerie"
        assert remarks(mapped) == [
            "Nom raccourci : « OPH Courbevoie habitat- TIZNIT . Boulangerie » devient "
            "« TIZNIT . Boulangerie »"
        ]

    def test_an_activity_that_nobody_tells_may_be_kept_apart(self, map_row):
        row = {"nom": "Le Dattier", "voie": "rue X"}
        mapped = map_row("acceslibre", keep_unknown=True, **row)
        assert (mapped.is_unknown, mapped.listing.main_category.slug) == (True, "autre-commerce")
        assert remarks(mapped) == ["Activité inconnue, gardée en brouillon"]
        # One that is told and no shop's is refused as before.
        refused = map_row("acceslibre", keep_unknown=True, **row | {"nom": "Docteur X"})
        assert refusal(refused).startswith("Cabinet")

    def test_the_activity_comes_before_the_name(self, map_row):
        mapped = map_row(
            "acceslibre", nom="Docteur Pain", activite="Boulangerie", voie="rue X", numero="1"
        )
        assert mapped.listing.main_category.slug == "boulangerie"

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("Docteur X", "Cabinet ou établissement de santé : il figure"),
            ("Le Dattier", "Activité non indiquée, et le nom ne la dit pas"),
        ],
    )
    def test_refusals(self, map_row, name, sentence):
        assert refusal(map_row("acceslibre", nom=name, voie="rue X")).startswith(sentence)


class TestPlainCsv:
    def test_services_by_column(self, map_row):
        mapped = map_row(
            "csv",
            **CSV,
            livraison="Suresnes et Vaucresson, dès 40 €, 5,50 €, sous 48 h, le jeudi",
            retrait="oui",
            a_emporter="formule du midi",
            sur_rendez_vous="non",
        )
        delivery, collect, takeaway = mapped.listing.services
        assert (delivery.area, delivery.delay) == ("Suresnes et Vaucresson", "sous 48 h")
        assert (delivery.minimum_order, delivery.fee) == (Decimal(40), Decimal("5.50"))
        assert delivery.note == "le jeudi"
        assert (collect.kind, collect.note) == ("retrait", "")
        assert (takeaway.kind, takeaway.note) == ("emporter", "formule du midi")

    def test_services_in_one_text(self, map_row):
        services = map_row("csv", **CSV, services="livraison, retrait").listing.services
        assert [(each.kind, each.note) for each in services] == [("livraison", ""), ("retrait", "")]

    def test_hours_as_a_sentence_and_holidays(self, map_row):
        mapped = map_row(
            "csv", **CSV, horaires="du mardi au samedi 9h-12h30 et 14h-19h", jours_feries="Fermé"
        )
        assert len(mapped.listing.schedule.weekly) == 10
        assert mapped.listing.schedule.holiday_rule == HolidayRule.CLOSED
        assert mapped.remarks == []

    def test_confirmation(self, map_row):
        mapped = map_row("csv", **CSV, confirme_le="2026-11-10", confirme_par="mairie_telephone")
        noon = datetime(2026, 11, 10, 12, tzinfo=ZoneInfo("Europe/Paris"))
        assert (mapped.confirmed_at, mapped.confirmed_as) == (noon, "town_hall_phone")

    def test_a_confirmation_by_nobody_is_not_taken(self, map_row):
        mapped = map_row("csv", **CSV, confirme_le="2026-11-10")
        assert mapped.confirmed_at is None
        assert remarks(mapped) == ["Confirmation sans auteur, non reprise : 2026-11-10"]
        assert [remark.notice for remark in mapped.remarks] == [True]

    @pytest.mark.parametrize(
        ("day", "who"), [("2030-01-01", "mairie"), ("hier", "mairie"), ("2026-11-10", "voisin")]
    )
    def test_a_confirmation_that_cannot_be(self, map_row, day, who):
        mapped = map_row("csv", **CSV, confirme_le=day, confirme_par=who)
        assert mapped.confirmed_at is None
        assert remarks(mapped) == [f"Confirmation non comprise, non reprise : {day} {who}"]

    @pytest.mark.parametrize(
        ("label", "slug"),
        [
            ("boulangerie", "boulangerie"),
            ("Bakery", "boulangerie"),
            ("BOULANGERIE PATISSERIE", "boulangerie"),
            ("Salon de coiffure mixte", "coiffeur"),
            ("Dirigeables", "autre-commerce"),
        ],
    )
    def test_categories_by_label(self, map_row, label, slug):
        assert map_row("csv", **CSV | {"categorie": label}).listing.main_category.slug == slug

    def test_a_label_that_is_no_shop(self, map_row):
        assert "scolaire" in refusal(map_row("csv", **CSV | {"categorie": "École maternelle"}))

    def test_category_by_naf_code(self, map_row):
        mapped = map_row("csv", nom="Épi", voie="rue X", naf="4724Z")
        assert mapped.listing.main_category.slug == "boulangerie"

    def test_an_address_on_one_line(self, map_row):
        mapped = map_row("csv", nom="Épi", categorie="bar", adresse="12 rue X, 92150 Suresnes")
        listing = mapped.listing
        assert (listing.house_number, listing.street) == ("12", "rue X")
        assert (listing.postcode, listing.city, listing.location_source) == (
            "92150",
            "Suresnes",
            "",
        )

    def test_no_premises_but_an_area(self, map_row):
        mapped = map_row("csv", nom="Épi", categorie="bar", zone_intervention="Suresnes")
        assert mapped.listing.service_area == "Suresnes"

    @pytest.mark.parametrize(
        ("values", "told"),
        [
            ({"siret": "12345678901234"}, "SIRET non repris"),
            ({"courriel": "pas une adresse"}, "Courriel illisible"),
            ({"site": "à venir"}, "Adresse de site illisible"),
            ({"acces_pmr": "peut-être"}, "Accès non compris"),
            ({"latitude": "nord", "longitude": "est"}, "Position illisible"),
            ({"code_postal": "F-92"}, "Code postal illisible"),
            ({"nom": "x" * 200}, "Texte trop long, coupé"),
            ({"jours_feries": "bof"}, "Jours fériés non compris"),
            ({"autres_categories": "bar; dirigeables"}, "Catégorie inconnue"),
        ],
    )
    def test_what_is_left_out_is_told(self, map_row, values, told):
        mapped = map_row("csv", **CSV | values)
        assert mapped.listing is not None
        assert [remark.startswith(told) for remark in remarks(mapped)] == [True]

    def test_a_spreadsheet_eats_zeros(self, map_row):
        values = {"siret": "0732829320007", "telephone": "147510102"}
        assert map_row("csv", **CSV | values).listing.phone == "+33147510102"

    def test_another_postcode_is_elsewhere(self, map_row):
        mapped = map_row("csv", **CSV, code_postal="53000")
        assert refusal(mapped) == "Hors de la commune (Suresnes) : code postal 53000"
        mapped = map_row("csv", **CSV, code_insee="53130")
        assert refusal(mapped) == "Hors de la commune (Suresnes) : code INSEE 53130"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data(), format=st.sampled_from(sorted(_FORMATS)))
def test_no_line_whatever_breaks_the_import(map_row, data, format):
    """Any text in any column: taken or refused with a reason, never an exception."""
    columns = {
        "osm": ["name", "shop", "craft", "addr:street", "addr:housenumber"],
        "osm-geojson": ["name", "shop", "amenity", "phone", "website", "opening_hours", "email"],
        "osm-csv": ["name", "category_key", "category_value", "phone", "website", "insee"],
        "paris-2020": ["nom_du_commerce", "adresse", "type_de_commerce", "precisions", "telephone"],
        "acceslibre": ["nom", "activite", "voie", "siret", "telephone", "site_internet"],
        "csv": list(COLUMNS),
    }[format]
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40) | (
        st.sampled_from(["92150", "12", "Bar", "http://", "@", "09:00-", "2026-13-45", "0" * 14])
    )
    values = data.draw(st.dictionaries(st.sampled_from([*columns, "lat", "lon"]), texts))
    mapped = map_row(format, **values)
    assert (mapped.listing is None) == (mapped.refusal is not None)
