import pytest

from merchants.opendata.files import ImportFileError, clean, read_csv, read_json, read_text


def test_utf8_with_or_without_mark(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbfnom\n\xc3\x89picerie\n")
    text = read_text(path)
    assert text.content == "nom\nÉpicerie\n"
    assert text.remarks == ()


def test_windows_1252_is_read_and_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("nom\nL’Épicerie à 5 €\n".encode("cp1252"))
    text = read_text(path)
    assert "L’Épicerie à 5 €" in text.content
    assert "Windows-1252" in text.remarks[0]


def test_utf16_of_a_spreadsheet(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("nom\tville\nÉpi\tLaval\n".encode("utf-16"))
    assert "Épi" in read_text(path).content


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "est vide"), (b"  \n", "est vide"), (b"PK\x03\x04xlsx", "n’est pas un texte")],
)
def test_what_is_no_text_is_refused_with_a_sentence(tmp_path, content, sentence):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(ImportFileError, match=sentence):
        read_text(path)


def test_a_missing_file_or_a_folder(tmp_path):
    with pytest.raises(ImportFileError, match="n’existe pas"):
        read_text(tmp_path / "absent.csv")
    with pytest.raises(ImportFileError, match="ne peut pas être lu"):
        read_text(tmp_path)


@pytest.mark.parametrize("content", ["{", "[" * 100_000])
def test_broken_json(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(ImportFileError, match="JSON"):
        read_json(path)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiters_and_line_numbers(delimiter):
    content = f'nom{delimiter}ville\n"A\nB"{delimiter}Laval\n\nC\n'
    assert list(read_csv(content, "a.csv")) == [
        (2, {"nom": "A\nB", "ville": "Laval"}),
        (5, {"nom": "C", "ville": ""}),
    ]


def test_a_monstrous_field_is_refused_with_its_line():
    with pytest.raises(ImportFileError, match="ligne 2"):
        list(read_csv(f"nom\n{'x' * 200_000}\n", "a.csv"))


def test_control_characters_that_no_database_keeps():
    assert clean("  A\x00B\ufeff ") == "AB"
    assert clean(None) == ""
    assert clean(92073) == "92073"
