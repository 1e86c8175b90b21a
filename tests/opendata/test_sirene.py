"""The stock of SIRENE: what is read of it, what is left, and what a wrong file is told."""

import gzip
import tracemalloc
import zipfile
from datetime import date

import pytest

from merchants.company_search import Company
from merchants.opendata.files import ImportFileError
from merchants.opendata.sirene import Gathered, Told, read_establishments, read_units
from tests.sirene import ESTABLISHMENT, UNIT, establishment, number, unit, write_stock

SURESNES = ["92073"]


@pytest.fixture
def stock(tmp_path):
    """`stock(rows)` is the path of a StockEtablissement."""
    return lambda rows: write_stock(tmp_path / "StockEtablissement_utf8.csv", rows, ESTABLISHMENT)


@pytest.fixture
def units(tmp_path):
    return lambda rows: write_stock(tmp_path / "StockUniteLegale_utf8.csv", rows, UNIT)


def read(path, communes=SURESNES) -> tuple[list[Company], Told]:
    told = Told()
    return list(read_establishments(path, communes, told)), told


def refusal(path, reader=read) -> str:
    with pytest.raises(ImportFileError) as error:
        reader(path)
    return str(error.value).replace("\u00a0", " ")


@pytest.mark.parametrize("ending", [".csv", ".gz", ".zip"])
def test_how_much_of_a_file_has_been_read(stock, tmp_path, ending):
    path = stock([establishment(number(n)) for n in range(20)])
    packed = tmp_path / f"stock{ending}"
    if ending == ".csv":
        packed = path
    elif ending == ".gz":
        packed.write_bytes(gzip.compress(path.read_bytes()))
    else:
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(path, path.name)
    heard: list[int] = []
    companies = list(read_establishments(packed, SURESNES, Told(), heard.append))
    assert companies == read(packed)[0]
    assert max(heard) == packed.stat().st_size


class TestEstablishments:
    def test_an_open_one(self, stock):
        row = establishment(
            number(1), indiceRepetition="B", typeVoie="ALL", libelleVoie="DES TILLEULS",
            complementAdresse="BATIMENT A",
        )  # fmt: skip
        (company,), told = read(stock([row]))
        assert company == Company(
            siret=number(1), siren=number(1)[:9], trade_name="LE FOURNIL", house_number="12 B",
            street="ALLEE DES TILLEULS", address_extra="BATIMENT A", postcode="92150",
            city="SURESNES", commune_code="92073", naf="10.71C", is_open=True,
            is_head_office=True, since=date(2024, 3, 1),
        )  # fmt: skip
        assert (told.lines, told.here, told.private, told.unreadable) == (1, 1, 0, 0)

    def test_a_closed_one_says_since_when(self, stock):
        (company,), _told = read(stock([establishment(number(1), etatAdministratif="F")]))
        assert (company.is_open, company.since) == (False, date(2025, 1, 1))

    def test_other_communes_are_left(self, stock):
        # The code of Suresnes stands in another column too.
        other = establishment(number(2), codeCommune="92062", codePostal="92073")
        companies, told = read(stock([other, establishment(number(1))]))
        assert [c.siret for c in companies] == [number(1)]
        assert (told.lines, told.here) == (2, 1)

    @pytest.mark.parametrize("status", ["P", "N"])
    def test_of_an_objection_to_diffusion_only_the_number_is_told(self, stock, status):
        (company,), told = read(stock([establishment(number(1), statutDiffusion=status)]))
        assert company == Company(
            siret=number(1), siren=number(1)[:9], commune_code="92073", partial_diffusion=True
        )
        assert told.private == 1

    def test_arrondissements_are_their_city(self, stock):
        rows = [establishment(number(n), codeCommune=code)
                for n, code in enumerate(["75101", "75120", "69381", "75056"])]  # fmt: skip
        companies, _told = read(stock(rows), ["75056"])
        assert [(c.siret, c.commune_code) for c in companies] == [
            (number(0), "75056"), (number(1), "75056")
        ]  # fmt: skip

    def test_several_communes_at_once(self, stock):
        rows = [establishment(number(n), codeCommune=code)
                for n, code in enumerate(["92073", "92062", "92063"])]  # fmt: skip
        companies, _told = read(stock(rows), ["92073", "92063"])
        assert [c.commune_code for c in companies] == ["92073", "92063"]

    def test_an_activity_of_another_nomenclature_is_none(self, stock):
        row = establishment(number(1), nomenclatureActivitePrincipale="NAF2025")
        (company,), told = read(stock([row]))
        assert (company.naf, told.other_naf) == ("", 1)

    def test_masks_are_no_values(self, stock):
        (company,), _told = read(stock([establishment(number(1), enseigne1="[ND]")]))
        assert company.trade_name == ""

    def test_a_place_without_a_way(self, stock):
        row = establishment(number(1), numeroVoie="", typeVoie="LD", libelleVoie="LE BOURG")
        (company,), _told = read(stock([row]))
        assert (company.house_number, company.street) == ("", "LE BOURG")


class TestDirt:
    def test_a_quoted_cell_may_hold_commas_and_line_breaks(self, stock):
        sign = 'CHEZ "MAMIE",\nPAINS'
        companies, told = read(stock([
            establishment(number(1), enseigne1=sign), establishment(number(2)),
        ]))  # fmt: skip
        assert [c.trade_name for c in companies] == ['CHEZ "MAMIE", PAINS', "LE FOURNIL"]
        assert (told.lines, told.unreadable) == (3, 0)

    def test_a_stray_quote_costs_its_line(self, stock):
        path = stock([establishment(number(n)) for n in range(60)])
        text = path.read_text().replace("RUE,DE LA PAIX", 'RUE,"DE LA PAIX', 1)
        path.write_text(text)
        companies, told = read(path)
        assert [c.siret for c in companies] == [number(n) for n in range(1, 60)]
        assert told.unreadable == 1

    def test_a_line_that_is_too_short_or_has_no_number(self, stock):
        path = stock([establishment(number(1)), establishment("7000000"), establishment(number(2))])
        with path.open("a") as file:
            file.write("702042755,00016,70204275500016,O,92073\n")
        companies, told = read(path)
        assert len(companies) == 2
        assert told.unreadable == 2

    def test_a_date_that_is_none(self, stock):
        row = establishment(number(1), dateCreation="1900", dateDebut="?")
        (company,), _told = read(stock([row]))
        assert company.since is None

    def test_semicolons_a_mark_and_windows_lines(self, stock):
        path = stock([establishment(number(1))])
        text = path.read_text().replace(",", ";").replace("\n", "\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text.encode())
        (company,), told = read(path)
        assert (company.siret, told.unreadable) == (number(1), 0)


class TestPacked:
    def test_gzip_and_zip_are_read_as_they_are(self, stock, tmp_path):
        path = stock([establishment(number(n)) for n in range(50)])
        plain, _told = read(path)
        (tmp_path / "stock.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
        with zipfile.ZipFile(tmp_path / "stock.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, path.name)
            archive.writestr("lisez-moi.txt", "INSEE")
        assert read(tmp_path / "stock.csv.gz")[0] == plain
        assert read(tmp_path / "stock.zip")[0] == plain

    @pytest.mark.parametrize("name", ["stock.csv.gz", "stock.zip"])
    def test_a_download_that_was_cut_off(self, stock, tmp_path, name):
        path = stock([establishment(number(n), enseigne1=f"{n * 7919}") for n in range(3000)])
        cut = tmp_path / name
        if name.endswith("gz"):
            cut.write_bytes(gzip.compress(path.read_bytes()))
        else:
            with zipfile.ZipFile(cut, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.write(path, path.name)
        cut.write_bytes(cut.read_bytes()[:-200])
        assert refusal(cut) == (
            f"Le fichier {name} est incomplet ou abîmé : téléchargez-le de nouveau."
        )

    def test_an_archive_of_two_tables(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "deux.zip", "w") as archive:
            archive.writestr("a.csv", "")
            archive.writestr("b.csv", "")
        assert refusal(tmp_path / "deux.zip") == (
            "L’archive deux.zip doit contenir un fichier CSV, et un seul : elle en contient 2."
        )


class TestWrongFile:
    def test_the_other_stock(self, stock, units):
        other = units([unit(number(1))])
        assert refusal(other) == (
            "Le fichier StockUniteLegale_utf8.csv est StockUniteLegale : ici, c’est "
            "StockEtablissement qui est attendu."
        )
        swapped = refusal(stock([]), lambda path: dict(read_units(path, [])))
        assert swapped.endswith("ici, c’est StockUniteLegale qui est attendu.")

    def test_no_titles(self, stock):
        path = stock([establishment(number(1))])
        path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
        assert refusal(path) == (
            "Le fichier StockEtablissement_utf8.csv n’est pas StockEtablissement, le stock que "
            "publie l’INSEE : sa première ligne doit donner les titres des colonnes (siren, nic…)."
        )

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "est vide"),
            (b"PAR1\x15\x04", "n’est pas un CSV : prenez StockEtablissement au format CSV."),
            (b"\x00\x01\n", "n’est pas un CSV"),
            (b"nom;siret\nx;y\n", "colonnes absentes : siren, nic, statutDiffusion"),
        ],
    )
    def test_something_else(self, tmp_path, content, said):
        path = tmp_path / "x.csv"
        path.write_bytes(content)
        assert said in refusal(path)

    def test_no_file(self, tmp_path):
        assert refusal(tmp_path / "absent.csv") == "Le fichier absent.csv n’existe pas."
        assert refusal(tmp_path).endswith("ne peut pas être lu.")


class TestUnits:
    @pytest.fixture
    def gather(self, stock, units):
        def gather(rows, unit_rows):
            told = Told()
            companies = read_establishments(stock(rows), SURESNES, told)
            with Gathered(companies, units(unit_rows), told) as gathered:
                # As often as one likes.
                assert list(gathered) == list(gathered)
                return list(gathered), told

        return gather

    def test_names_and_nothing_of_others(self, gather):
        (company,), _told = gather(
            [establishment(number(1))], [unit(number(2), denomination="X"), unit(number(1))]
        )
        assert (company.name, company.trade_name) == ("LE FOURNIL DE MAMIE", "LE FOURNIL")

    def test_a_natural_person(self, gather):
        person = unit(
            number(1), denomination="", categorieJuridique="1000", nom="DIALLO",
            nomUsage="MARTIN", prenomUsuel="AWA",
        )  # fmt: skip
        (company,), _told = gather([establishment(number(1))], [person])
        assert company.name == "AWA MARTIN"

    def test_nothing_is_kept_of_a_unit_that_objected(self, gather):
        person = unit(number(1), statutDiffusion="P", nom="DIALLO", prenomUsuel="AWA")
        (company,), told = gather([establishment(number(1))], [person])
        assert company == Company(
            siret=number(1), siren=number(1)[:9], commune_code="92073", partial_diffusion=True
        )
        assert told.private == 1

    def test_a_unit_that_ceased_closes_its_establishments(self, gather):
        ceased = unit(number(1), etatAdministratif="C", dateDebut="2026-02-01")
        (company,), _told = gather([establishment(number(1))], [ceased])
        assert (company.is_open, company.since) == (False, date(2026, 2, 1))

    def test_no_unit_is_known(self, gather):
        (company,), _told = gather([establishment(number(1))], [])
        assert (company.name, company.trade_name) == ("", "LE FOURNIL")


class TestOfficialSamples:
    @pytest.fixture
    def samples(self, shared_data):
        folder = shared_data / "sirene"
        if not folder.is_dir():
            pytest.skip("no SIRENE samples among the real data")
        return folder

    def test_are_read(self, samples):
        companies, told = read(samples / "sample_etablissements_OK.csv")
        assert (companies, told.lines, told.unreadable) == ([], 3, 0)
        units = dict(read_units(samples / "sample_unites_legales_OK.csv", {"001807254"}))
        assert [(siren, u.is_open) for siren, u in units.items()] == [("001807254", False)]

    def test_a_missing_title(self, samples):
        assert refusal(samples / "sample_etablissements_KO_missing_header.csv") == (
            "Le fichier sample_etablissements_KO_missing_header.csv n’est pas StockEtablissement, "
            "tel que le publie l’INSEE : colonnes absentes : nic."
        )


class TestSize:
    """The stock has more than forty million lines."""

    @pytest.fixture
    def large(self, stock):
        return stock(
            establishment(number(n), codeCommune="92073" if n % 100 == 0 else "92062")
            for n in range(30_000)
        )

    def test_is_never_in_memory(self, large):
        tracemalloc.start()
        told = Told()
        count = sum(1 for company in read_establishments(large, SURESNES, told))
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (count, told.lines) == (300, 30_000)
        assert large.stat().st_size > 4_000_000
        assert peak < 1_500_000
