"""What the files of `fixtures/` promise: to the import, to the sprite and to the reader."""

import csv
import itertools
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from merchants import opening_hours
from merchants.geo import Point, contains
from merchants.phone import normalise_phone
from merchants.siret import normalise_siret

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
DEMO = FIXTURES / "demo"
TODAY = date(2026, 11, 23)

GROUPS = json.loads((FIXTURES / "categories.json").read_text(encoding="utf-8"))
LEAVES = [leaf for group in GROUPS for leaf in group["children"]]
SLUGS = {leaf["slug"] for leaf in LEAVES}
NOT_SHOPS = json.loads((FIXTURES / "not_shops.json").read_text(encoding="utf-8"))
COMMUNES = {
    feature["properties"]["code"]: feature
    for feature in json.loads((DEMO / "communes.geojson").read_text(encoding="utf-8"))["features"]
}
HEADER = (
    "identifiant;nom;categorie;autres_categories;siret;numero;voie;complement;code_postal;"
    "commune;code_insee;latitude;longitude;zone_intervention;telephone;courriel;site;"
    "boutique_en_ligne;reseaux_sociaux;description;horaires;jours_feries;livraison;retrait;"
    "a_emporter;commande_telephone;sur_rendez_vous;acces_pmr;paiement;confirme_le;confirme_par"
)
SERVICES = ("livraison", "retrait", "a_emporter", "commande_telephone", "sur_rendez_vous")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


SHOPS = [row for path in sorted(DEMO.glob("commerces-*.csv")) for row in rows_of(path)]


def repeated(values) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def all_of(key: str) -> list[str]:
    return [value for leaf in LEAVES for value in leaf[key]]


class TestCategories:
    def test_there_are_enough_for_a_high_street(self):
        assert len(GROUPS) >= 10
        assert len(LEAVES) >= 60

    def test_slugs_are_unique_and_fit_in_an_address(self):
        slugs = [item["slug"] for item in [*GROUPS, *LEAVES]]
        assert not repeated(slugs)
        assert all(re.fullmatch(r"[a-z0-9-]{1,60}", slug) for slug in slugs)

    def test_names_are_in_both_languages_and_unique(self):
        for key in ("name", "name_en"):
            names = [leaf[key] for leaf in LEAVES]
            assert all(0 < len(name) <= 80 for name in names)
            assert not repeated(names)

    def test_groups_have_an_order_and_categories(self):
        positions = [group["position"] for group in GROUPS]
        assert positions == sorted(set(positions))
        assert all(group["children"] for group in GROUPS)

    def test_every_category_has_ordinary_words(self):
        assert [leaf["slug"] for leaf in LEAVES if leaf["keywords"].count(",") < 2] == []

    @pytest.mark.parametrize("key", ["osm_tags", "naf_codes", "labels"])
    def test_a_value_of_another_directory_leads_to_one_category(self, key):
        assert not repeated(all_of(key))

    def test_tags_and_codes_are_well_formed(self):
        assert [t for t in all_of("osm_tags") if not re.fullmatch(r"[a-z_]+=[a-z_-]+", t)] == []
        assert [c for c in all_of("naf_codes") if not re.fullmatch(r"\d\d\.\d\d[A-Z]", c)] == []

    def test_a_generic_shop_is_another_shop(self):
        other = next(leaf for leaf in LEAVES if leaf["slug"] == "autre-commerce")
        assert "shop=yes" in other["osm_tags"]

    def test_what_is_refused_is_no_category(self):
        tags = [row["tag"] for row in NOT_SHOPS["osm_tags"]]
        labels = [row["label"] for row in NOT_SHOPS["labels"]]
        assert not repeated(tags) and not repeated(labels)
        assert not set(tags) & set(all_of("osm_tags"))
        assert not set(labels) & set(all_of("labels"))
        assert {"amenity=school", "shop=vacant"} <= set(tags)
        assert all(row["reason"] for row in NOT_SHOPS["osm_tags"] + NOT_SHOPS["labels"])


class TestIcons:
    SPRITE = ROOT / "static" / "icons.svg"

    def ids(self) -> list[str]:
        root = ElementTree.parse(self.SPRITE).getroot()
        return [symbol.get("id") for symbol in root]

    def test_ids_are_unique_and_every_category_has_its_icon(self):
        assert not repeated(self.ids())
        wanted = {f"icon-{item['icon']}" for item in [*GROUPS, *LEAVES]}
        assert wanted - set(self.ids()) == set()

    def test_the_sprite_stays_small_and_without_colours_of_its_own(self):
        text = self.SPRITE.read_text(encoding="utf-8")
        assert len(text.encode()) <= 45_000
        assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', text)) == {"currentColor", "none"}
        assert "<style" not in text and "url(" not in text


class TestDemoCommunes:
    def test_the_four_communes(self):
        assert set(COMMUNES) == {"92063", "92073", "92033", "59378"}

    @pytest.mark.parametrize("code", COMMUNES)
    def test_the_centre_lies_in_the_contour(self, code):
        feature = COMMUNES[code]
        longitude, latitude = feature["properties"]["centre"]["coordinates"]
        assert contains(feature["geometry"], Point(latitude, longitude))

    @pytest.mark.parametrize("code", COMMUNES)
    def test_the_town_hall_is_fiction_and_readable(self, code):
        town_hall = COMMUNES[code]["properties"]["mairie"]
        assert town_hall["courriel"].endswith(".example")
        assert town_hall["site"].endswith(".example")
        assert is_fiction(town_hall["telephone"])
        assert contrast_on_white(town_hall["couleur"]) >= 4.5
        assert 0 < len(town_hall["texte_accueil"]) <= 600
        assert town_hall["mentions_legales"]


class TestDemoShops:
    def test_there_are_enough_and_the_header_is_the_project_s(self):
        assert len(SHOPS) >= 140
        for code in COMMUNES:
            first, *_ = (DEMO / f"commerces-{code}.csv").read_text(encoding="utf-8").splitlines()
            assert first == HEADER
            assert {row["code_insee"] for row in rows_of(DEMO / f"commerces-{code}.csv")} == {code}

    def test_identifiers_and_names_are_unique(self):
        assert not repeated(row["identifiant"] for row in SHOPS)
        assert not repeated((row["code_insee"], row["nom"]) for row in SHOPS)

    def test_categories_exist(self):
        used = {row["categorie"] for row in SHOPS}
        used |= {slug for row in SHOPS for slug in row["autres_categories"].split("|") if slug}
        assert used - SLUGS == set()

    def test_points_lie_in_the_commune(self):
        placed = [row for row in SHOPS if row["latitude"]]
        outside = [
            row["nom"]
            for row in placed
            if not contains(
                COMMUNES[row["code_insee"]]["geometry"],
                Point(float(row["latitude"]), float(row["longitude"])),
            )
        ]
        assert outside == []
        assert not repeated((row["latitude"], row["longitude"]) for row in placed)

    def test_without_a_point_there_is_an_area(self):
        travelling = [row for row in SHOPS if not row["latitude"]]
        assert len(travelling) == 6
        assert all(row["zone_intervention"] and not row["voie"] for row in travelling)

    def test_nothing_leads_to_a_real_person(self):
        for row in SHOPS:
            assert not row["telephone"] or is_fiction(row["telephone"]), row["nom"]
            links = [row["site"], row["boutique_en_ligne"], *row["reseaux_sociaux"].split("|")]
            assert all(re.match(r"https://[^/]+\.example(/|$)", link) for link in links if link)
            assert not row["courriel"] or row["courriel"].endswith(".example")

    def test_sirets_pass_the_check_and_are_unlikely(self):
        sirets = [row["siret"] for row in SHOPS if row["siret"]]
        assert sirets == [normalise_siret(siret) for siret in sirets]
        assert all(siret.startswith("9999") for siret in sirets)
        assert not repeated(sirets)

    @pytest.mark.parametrize("text", sorted({row["horaires"] for row in SHOPS} - {""}))
    def test_hours_are_read_as_they_stand(self, text):
        try:
            schedule = opening_hours.from_osm(text, today=TODAY)
        except opening_hours.OpeningHoursError:
            schedule = opening_hours.from_french(text)
        assert schedule.weekly or schedule.specials

    def test_codes_are_known(self):
        known = {"cards", "contactless", "cash", "cheque", "meal_voucher", "ancv", "gift_voucher"}
        assert {code for row in SHOPS for code in row["paiement"].split("|")} == known | {""}
        assert {row["acces_pmr"] for row in SHOPS} == {"oui", "partiel", "non", ""}
        assert {row["jours_feries"] for row in SHOPS} == {"fermé", "ouvert", ""}

    def test_confirmations_have_a_date_and_an_author(self):
        for row in SHOPS:
            assert bool(row["confirme_le"]) == bool(row["confirme_par"]), row["nom"]
            if row["confirme_le"]:
                day = date.fromisoformat(row["confirme_le"])
                assert date(2025, 9, 1) <= day <= date(2026, 11, 20)
                assert row["confirme_par"] in {"commercant", "mairie", "mairie_telephone"}

    def test_every_combination_of_services_occurs(self):
        found = {tuple(bool(row[name]) for name in SERVICES) for row in SHOPS}
        assert found == set(itertools.product([False, True], repeat=len(SERVICES)))


def is_fiction(number: str) -> bool:
    """Arcep, décision 2018-0881: these numbers are never given to anybody."""
    return bool(re.fullmatch(r"\+33(19900|35301)\d{4}", normalise_phone(number)))


def contrast_on_white(colour: str) -> float:
    """WCAG 2.2, contrast ratio of a #rrggbb colour against white."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(
        part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True)
    )
    return 1.05 / (luminance + 0.05)
