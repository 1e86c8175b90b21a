"""The client of the company search, against answers in the service's own format.

The shapes follow the OpenAPI description of the service and what it masks ("[NON-DIFFUSIBLE]"); the
companies are invented, with valid keys.
"""

from datetime import date

import pytest

from merchants.arrondissements import ARRONDISSEMENTS, codes_within, whole_city
from merchants.company_search import MOST, Company, CompanySearch, CompanySearchError
from merchants.geo import Point

MASKED = "[NON-DIFFUSIBLE]"


def establishment(siret: str, line: str, **fields) -> dict:
    """A row of `matching_etablissements`: an address line, no parts."""
    return {
        "activite_principale": "10.71C",
        "activite_principale_naf25": "10.71Y",
        "ancien_siege": False,
        "annee_tranche_effectif_salarie": None,
        "adresse": f"{line} 92150 SURESNES",
        "caractere_employeur": "O",
        "code_postal": "92150",
        "commune": "92073",
        "date_creation": "2012-05-23",
        "date_debut_activite": "2017-01-04",
        "date_fermeture": None,
        "epci": "200054781",
        "est_siege": False,
        "etat_administratif": "A",
        "geo_id": None,
        "latitude": "48.8710",
        "libelle_commune": "SURESNES",
        "liste_enseignes": None,
        "liste_finess_geographique": None,
        "liste_idcc": ["0843"],
        "longitude": "2.2290",
        "nom_commercial": None,
        "region": "11",
        "siret": siret,
        "statut_diffusion_etablissement": "O",
        "tranche_effectif_salarie": "01",
    } | fields


def head_office(siret: str, number: str, kind: str, street: str, **fields) -> dict:
    """The row `siege`: the address in parts too."""
    return establishment(siret, f"{number} {kind} {street}".strip()) | {
        "est_siege": True,
        "cedex": None,
        "complement_adresse": None,
        "coordonnees": "48.8710,2.2290",
        "departement": "92",
        "distribution_speciale": None,
        "indice_repetition": None,
        "libelle_cedex": None,
        "libelle_voie": street,
        "numero_voie": number or None,
        "type_voie": kind or None,
    } | fields  # fmt: skip


def unit(siege: dict, *matching: dict, **fields) -> dict:
    return {
        "siren": siege["siret"][:9],
        "nom_complet": "LE FOURNIL DE MAMIE (AU BON PAIN) (LFM)",
        "nom_raison_sociale": "LE FOURNIL DE MAMIE",
        "sigle": "LFM",
        "nombre_etablissements": 2,
        "nombre_etablissements_ouverts": 1,
        "siege": siege,
        "activite_principale": "10.71C",
        "date_creation": "2012-05-23",
        "date_fermeture": None,
        "etat_administratif": "A",
        "nature_juridique": "5499",
        "section_activite_principale": "C",
        "statut_diffusion": "O",
        "matching_etablissements": list(matching),
    } | fields


def answer(*units: dict) -> dict:
    return {
        "results": list(units),
        "total_results": len(units),
        "page": 1,
        "per_page": 10,
        "total_pages": 1,
    }


SIRET, OTHER = "73282932000074", "73282932000082"


@pytest.fixture
def find(service):
    def find(question: str = "fournil", **options) -> list[Company]:
        return CompanySearch(service.url, timeout=0.5).find(question, **options)

    return find


class TestWhatIsAsked:
    def test_a_name_in_a_commune(self, find, service):
        service.body = answer()
        assert find("  le   fournil ", commune_code="92073") == []
        assert service.asked == [
            (
                "/search",
                {
                    "q": "le fournil",
                    "page": "1",
                    "per_page": "10",
                    "minimal": "true",
                    "include": "siege,matching_etablissements",
                    "code_commune": "92073",
                },
            )
        ]

    @pytest.mark.parametrize("text", [SIRET, "732 829 320 00074", "732.829.320-00074"])
    def test_a_siret_is_looked_for_everywhere(self, find, service, text):
        service.body = answer()
        find(text, commune_code="92073")
        ((_path, asked),) = service.asked
        assert (asked["q"], "code_commune" in asked) == (SIRET, False)

    def test_a_siren(self, find, service):
        service.body = answer()
        find("732 829 320", commune_code="92073")
        assert service.asked[0][1]["q"] == "732829320"

    def test_the_arrondissements_of_a_city(self, find, service):
        service.body = answer()
        find("fournil", commune_code="69123")
        assert service.asked[0][1]["code_commune"] == ",".join(ARRONDISSEMENTS["69123"])

    @pytest.mark.parametrize("text", ["", "  ", "ab", "\n"])
    def test_a_short_question_is_not_asked(self, find, service, text):
        assert find(text) == []
        assert service.asked == []

    def test_a_long_question_is_cut(self, find, service):
        service.body = answer()
        find("x" * 5000)
        assert len(service.asked[0][1]["q"]) == 120


class TestWhatIsRead:
    def test_a_head_office(self, find, service):
        siege = head_office(
            SIRET, "12", "RUE", "DE LA PAIX", indice_repetition="B",
            complement_adresse="BATIMENT A", liste_enseignes=["AU BON PAIN", "PAINS & CIE"],
        )  # fmt: skip
        service.body = answer(unit(siege))
        (company,) = find()
        assert company == Company(
            siret=SIRET,
            siren="732829320",
            name="LE FOURNIL DE MAMIE",
            trade_name="AU BON PAIN",
            house_number="12 B",
            street="RUE DE LA PAIX",
            address_extra="BATIMENT A",
            postcode="92150",
            city="SURESNES",
            commune_code="92073",
            naf="10.71C",
            is_open=True,
            is_head_office=True,
            latitude=48.8710,
            longitude=2.2290,
            partial_diffusion=False,
            since=date(2012, 5, 23),
        )
        assert company.point == Point(48.8710, 2.2290)
        assert company.best_name == "AU BON PAIN"

    def test_an_establishment_that_is_no_head_office(self, find, service):
        siege = head_office(OTHER, "1", "PLACE", "FOCH", libelle_commune="PUTEAUX")
        row = establishment(SIRET, "12 BIS RUE DE LA PAIX", nom_commercial="LE FOURNIL")
        service.body = answer(unit(siege, row))
        (company,) = find()
        assert (company.siret, company.is_head_office) == (SIRET, False)
        assert (company.house_number, company.street) == ("12 BIS", "RUE DE LA PAIX")
        assert company.trade_name == "LE FOURNIL"

    def test_a_head_office_that_matches_keeps_its_parts(self, find, service):
        siege = head_office(SIRET, "8", "RUE", "DU 8 MAI 1945 PROLONGEE")
        service.body = answer(
            unit(siege, establishment(SIRET, "?"), establishment(OTHER, "4 MAIL"))
        )
        first, second = find()
        assert (first.house_number, first.street) == ("8", "RUE DU 8 MAI 1945 PROLONGEE")
        assert second.siret == OTHER

    def test_a_natural_person(self, find, service):
        siege = head_office(SIRET, "12", "RUE", "DE LA PAIX")
        names = {"nom_raison_sociale": None, "nom_complet": "CLAUDE MARTIN (CHEZ CLAUDE)"}
        service.body = answer(unit(siege, **names))
        (company,) = find()
        assert (company.name, company.best_name) == ("CLAUDE MARTIN", "CLAUDE MARTIN")

    def test_a_siret_finds_that_establishment_only(self, find, service):
        siege = head_office(OTHER, "1", "PLACE", "FOCH", commune="92062")
        row = establishment(SIRET, "12 RUE DE LA PAIX", commune="92062")
        service.body = answer(unit(siege, row, establishment(OTHER, "1 PLACE FOCH")))
        assert [company.siret for company in find(SIRET, commune_code="92073")] == [SIRET]
        service.body = answer(unit(siege))
        assert find(SIRET) == []

    def test_other_communes_are_left_out(self, find, service):
        siege = head_office(SIRET, "1", "RUE", "X", commune="92062")
        service.body = answer(unit(siege))
        assert find(commune_code="92073") == []
        assert [company.commune_code for company in find()] == ["92062"]

    def test_an_arrondissement_is_the_city(self, find, service):
        service.body = answer(unit(head_office(SIRET, "1", "RUE", "X", commune="75108")))
        assert [company.commune_code for company in find(commune_code="75056")] == ["75056"]

    @pytest.mark.parametrize("latitude", [None, "", MASKED, "abc", "91.0"])
    def test_a_point_is_whole_or_none(self, find, service, latitude):
        service.body = answer(unit(head_office(SIRET, "1", "RUE", "X", latitude=latitude)))
        (company,) = find()
        assert (company.point, company.longitude) == (None, None)

    def test_the_most_that_a_form_can_show(self, find, service):
        rows = [establishment(f"{number:014}", "1 RUE X") for number in range(40)]
        service.body = answer(unit(head_office(SIRET, "1", "RUE", "X"), *rows, *rows))
        found = find()
        assert len(found) == len({company.siret for company in found}) == MOST


class TestClosed:
    def test_an_establishment_that_closed_is_said_so_and_comes_last(self, find, service):
        closed = establishment(
            OTHER, "1 RUE X", etat_administratif="F", date_fermeture="2020-03-31"
        )
        siege = head_office(SIRET, "1", "RUE", "X")
        service.body = answer(unit(siege, closed, establishment(SIRET, "2 RUE X")))
        assert [(c.siret, c.is_open) for c in find()] == [(SIRET, True), (OTHER, False)]

    def test_a_company_that_ceased_closes_all(self, find, service):
        siege = head_office(SIRET, "1", "RUE", "X")
        service.body = answer(unit(siege, etat_administratif="C"))
        assert [company.is_open for company in find()] == [False]


class TestPartialDiffusion:
    NOTHING = dict.fromkeys(
        ["name", "trade_name", "house_number", "street", "address_extra", "postcode", "city"], ""
    )

    @pytest.mark.parametrize("status", ["P", "N"])
    @pytest.mark.parametrize("masked", [True, False])
    def test_of_an_establishment(self, find, service, status, masked):
        """Whether the service masks or not: it leaves a legal person's name readable."""
        row = establishment(
            SIRET, "12 RUE DE LA PAIX", statut_diffusion_etablissement=status,
            nom_commercial="LE FOURNIL", liste_enseignes=["LE FOURNIL"],
        )  # fmt: skip
        if masked:
            row |= dict.fromkeys(["adresse", "code_postal", "latitude", "longitude"], MASKED)
            row |= {"nom_commercial": MASKED, "liste_enseignes": [MASKED]}
        service.body = answer(unit(head_office(OTHER, "1", "PLACE", "FOCH"), row))
        (company,) = find()
        assert company.partial_diffusion
        assert {name: getattr(company, name) for name in self.NOTHING} == self.NOTHING
        assert company.point is None
        # What is public all the same.
        assert (company.siret, company.commune_code) == (SIRET, "92073")
        assert (company.naf, company.is_open) == ("10.71C", True)

    @pytest.mark.parametrize("status", ["P", "N"])
    def test_of_the_company(self, find, service, status):
        siege = head_office(SIRET, "12", "RUE", "DE LA PAIX")
        names = {"nom_complet": MASKED, "nom_raison_sociale": MASKED, "statut_diffusion": status}
        service.body = answer(unit(siege, **names))
        (company,) = find()
        assert company.partial_diffusion
        assert {name: getattr(company, name) for name in self.NOTHING} == self.NOTHING

    def test_a_mask_is_never_a_value(self, find, service):
        """Even where the status says nothing of it."""
        siege = head_office(SIRET, MASKED, MASKED, MASKED) | {
            "code_postal": MASKED,
            "liste_enseignes": [MASKED],
            "nom_commercial": MASKED,
        }
        service.body = answer(unit(siege, nom_raison_sociale=MASKED, nom_complet=MASKED))
        (company,) = find()
        assert not any(getattr(company, name) for name in self.NOTHING if name != "city")


@pytest.mark.parametrize(
    ("line", "number", "street", "extra"),
    [
        ("2 AVENUE LOUIS PREVEL", "2", "AVENUE LOUIS PREVEL", ""),
        ("RUE DU 8 MAI 1945", "", "RUE DU 8 MAI 1945", ""),
        ("12 B RUE DE LA GARE", "12 B", "RUE DE LA GARE", ""),
        ("CC LES HALLES 12 BIS RUE X", "12 BIS", "RUE X", "CC LES HALLES"),
        ("12-14 RUE X", "12-14", "RUE X", ""),
        ("4 LE BOURG", "4", "LE BOURG", ""),
        ("ZA DES PRES", "", "ZA DES PRES", ""),
        ("CC 3 FONTAINES PLACE DE LA PAIX", "", "PLACE DE LA PAIX", "CC 3 FONTAINES"),
        ("AVENUE DE LA VILLA ROSE", "", "AVENUE DE LA VILLA ROSE", ""),
        ("1ER ETAGE 12 RUE DE PARIS", "12", "RUE DE PARIS", "1ER ETAGE"),
        ("", "", "", ""),
    ],
)
def test_the_parts_of_an_address_line(find, service, line, number, street, extra):
    row = establishment(SIRET, line)
    service.body = answer(unit(head_office(OTHER, "1", "PLACE", "FOCH"), row))
    (company,) = find()
    assert (company.house_number, company.street, company.address_extra) == (number, street, extra)


class TestBadHealth:
    @pytest.mark.parametrize(
        ("health", "status", "sentence"),
        [
            ("hangs", 200, "L’annuaire des entreprises met trop de temps à répondre"),
            ("cut off", 200, "L’annuaire des entreprises a donné une réponse illisible"),
            ("chunked", 200, "L’annuaire des entreprises a donné une réponse illisible"),
            ("well", 429, "L’annuaire des entreprises reçoit trop de demandes"),
            ("well", 500, "L’annuaire des entreprises est en panne"),
            ("well", 400, "L’annuaire des entreprises a refusé la demande"),
        ],
    )
    def test_is_told_in_a_sentence(self, find, service, health, status, sentence):
        service.body = answer(unit(head_office(SIRET, "1", "RUE", "X")))
        service.health, service.status = health, status
        with pytest.raises(CompanySearchError, match=sentence):
            find()

    def test_nobody_answers(self):
        with pytest.raises(CompanySearchError, match="ne répond pas"):
            CompanySearch("http://127.0.0.1:9").find("fournil")

    @pytest.mark.parametrize(
        "body",
        [
            "<html>", [], {}, {"erreur": "?"}, {"results": None}, {"results": [1]}, "null",
            {"results": [{"siege": 1}]}, {"results": [{"siege": {"siret": SIRET, "commune": 1}}]},
        ],
    )  # fmt: skip
    def test_an_answer_of_another_shape(self, find, service, body):
        service.body = body
        with pytest.raises(CompanySearchError, match="une réponse"):
            find()

    def test_rows_without_a_siret_are_passed_over(self, find, service):
        service.body = {"results": [{"siege": None}, {"siege": {"siret": "?"}}]}
        assert find() == []


class TestArrondissements:
    def test_counts(self):
        assert {city: len(codes) for city, codes in ARRONDISSEMENTS.items()} == {
            "75056": 20,
            "69123": 9,
            "13055": 16,
        }

    def test_there_and_back(self):
        assert (whole_city("75120"), whole_city("69389"), whole_city("13216")) == (
            "75056",
            "69123",
            "13055",
        )
        assert (whole_city("92073"), whole_city("")) == ("92073", "")
        assert codes_within("92073") == ("92073",)
        assert codes_within("75056")[0] == "75101"
