"""Spreadsheets as town halls have them, and those that would take the site down with them."""

import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter

from merchants.opendata import spreadsheets
from merchants.opendata.files import ImportFileError
from merchants.opendata.readers import open_shops

ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="Feuille1">
<table:table-row><table:table-cell office:value-type="string"><text:p>Enseigne</text:p>
</table:table-cell><table:table-cell office:value-type="string"><text:p>CP</text:p>
</table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>Épi</text:p>
</table:table-cell><table:table-cell office:value-type="float" office:value="92150">
<text:p>92150</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


@pytest.fixture
def write(tmp_path):
    """`write({(row, column): value})` is the path of a workbook, whose first sheet is empty."""

    def write(cells: dict[tuple[int, int], object]) -> Path:
        path = tmp_path / "Mes commerces.xlsx"
        with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
            book.add_worksheet("Lisez-moi")
            sheet = book.add_worksheet("Commerces")
            for (row, column), value in cells.items():
                sheet.write(row, column, value)
        return path

    return write


def test_cells_are_read_as_they_look(write):
    titles = ["Nom", "CP", "Latitude", "Confirmation", "Mis à jour le", "Livraison", "Ouverture"]
    values = [
        "Épi\n& fils", 1000.0, 48.8711, date(2026, 1, 2), datetime(2026, 1, 2, 9, 30), True,
        time(9),
    ]  # fmt: skip
    cells = {(2, 1 + column): title for column, title in enumerate(titles)}
    cells |= {(4, 1 + column): value for column, value in enumerate(values)}
    total, rows = spreadsheets.read_spreadsheet(write(cells))
    assert total == 3
    # The number is that of the row, as the person sees it.
    [(number, row)] = rows
    assert number == 5
    assert {title: row[title] for title in titles} == dict(
        zip(
            titles,
            ["Épi\n& fils", "1000", "48.8711", "2026-01-02", "2026-01-02 09:30", "oui", "09:00"],
            strict=True,
        )
    )


def test_a_workbook_is_a_plain_file_of_shops(write):
    path = write(
        {(0, 0): "Enseigne", (0, 1): "Tél", (0, 2): "Tél", (1, 0): "Épi", (1, 2): 147510102}
    )
    file = open_shops(path)
    assert (file.format, file.source) == ("csv", "csv:mes-commerces")
    assert file.titles == {"Enseigne": "nom", "Tél": "telephone", "Tél (2)": "telephone"}
    assert [(row.line, row.values) for row in file.rows] == [
        (2, {"nom": "Épi", "telephone": "147510102"})
    ]


def test_ods(tmp_path):
    path = tmp_path / "commerces.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert [row.values for row in open_shops(path).rows] == [{"nom": "Épi", "code_postal": "92150"}]


def test_a_known_format_in_a_workbook(write):
    titles = ["id", "nom", "activite", "voie"]
    cells = {(0, column): title for column, title in enumerate(titles)}
    cells |= {(1, 0): 8918, (1, 1): "Épi"}
    file = open_shops(write(cells))
    assert (file.format, [row.source_id for row in file.rows]) == ("acceslibre", ["8918"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04 and nothing else", "n’est pas un tableur lisible"),
        (b"\xd0\xcf\x11\xe0 and nothing else", "n’est pas un tableur lisible"),
    ],
)
def test_what_is_no_spreadsheet(tmp_path, content, sentence):
    path = tmp_path / "commerces.xlsx"
    path.write_bytes(content)
    with pytest.raises(ImportFileError, match=sentence):
        open_shops(path)


def test_an_empty_workbook(write):
    with pytest.raises(ImportFileError, match="est vide"):
        open_shops(write({}))


def test_a_cell_at_the_far_end_of_the_sheet_takes_nothing_down(write):
    path = write({(0, 0): "Nom", (1, 0): "Épi", (1_048_575, 16_383): "x"})
    with pytest.raises(ImportFileError, match="est trop étendu"):
        open_shops(path)


def test_a_workbook_that_unpacks_to_gigabytes_is_not_unpacked(write, monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_UNPACKED", 100)
    with pytest.raises(ImportFileError, match="trop grand une fois décompressé"):
        open_shops(write({(0, 0): "Nom", (1, 0): "Épi"}))
