"""The letter of a town hall as a PDF: one page, in the envelope's window, with its letters."""

from dataclasses import replace

import pytest
import qrcode

from merchants.letters import LetterValues, letter_pdf
from tests.pdf_text import pages, title

VALUES = LetterValues(
    title="Votre fiche «\u00a0L’Épi d’Or\u00a0»",
    sender=("Mairie de Suresnes", "2 rue Carnot", "92150 Suresnes", "01 41 18 19 20"),
    recipient=("L’Épi d’Or", "12 bis rue de la Paix", "92150 SURESNES"),
    place_and_date="Suresnes, le 23 novembre 2026",
    opening=("Madame, Monsieur,", "Voici ce que dit la fiche\u00a0:"),
    facts=(
        ("Nom", ("L’Épi d’Or",)),
        ("Horaires", ("Du mardi au samedi\u00a0: 7h-13h", "Lundi\u00a0: fermé")),
    ),
    heading="Que faire\u202f?",
    steps=("Scannez le dessin.", "Dites-le.", "Reprenez la fiche."),
    code="7K3QX-9M2PD",
    code_url="https://example.fr/code/7K3QX9M2PD/",
    code_note="Valable jusqu’au 22 janvier 2027.",
    closing=("Écrivez à mairie@example.fr.", "Mairie de Suresnes"),
)


def read(values: LetterValues):
    found = pages(letter_pdf(values))
    assert len(found) == 1
    return found[0]


def test_it_says_all_of_it_in_text_that_can_be_copied():
    said = read(VALUES).text.replace("\u00a0", " ")
    for words in (
        "Votre fiche « L’Épi d’Or »",
        "Mairie de Suresnes 2 rue Carnot 92150 Suresnes 01 41 18 19 20",
        "Suresnes, le 23 novembre 2026",
        "Du mardi au samedi : 7h-13h",
        "Lundi : fermé",
        "Que faire ?",
        "1. Scannez le dessin. 2. Dites-le. 3. Reprenez la fiche. 7K3QX-9M2PD",
        "Valable jusqu’au 22 janvier 2027.",
        "Écrivez à mairie@example.fr.",
    ):
        assert words in said


def test_it_tells_readers_of_screens_its_title_and_language():
    pdf = letter_pdf(VALUES)
    assert title(pdf) == VALUES.title
    assert b"/Lang (fr-FR)" in pdf


def test_the_fonts_are_embedded():
    assert letter_pdf(VALUES).count(b"/FontFile2") == 2


def test_the_qr_code_is_that_of_the_address():
    """As many dark squares as the code of each address has, beside those of the page."""

    def others(url: str) -> int:
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
        code.add_data(url)
        return read(replace(VALUES, code_url=url)).rectangles - sum(map(sum, code.get_matrix()))

    assert others(VALUES.code_url) == others("https://example.fr/code/0000000000/") == 2


@pytest.mark.parametrize("number", [1, 3, 5])
def test_the_address_is_seen_through_both_windows_wherever_the_sheet_slid(number):
    address = tuple(f"Ligne {index} QUE L’ON VOIT" for index in range(number))
    lines = [line for line in read(replace(VALUES, recipient=address)).lines if line.left > 100]
    shown = [line for line in lines if line.text.startswith("Ligne")]
    assert [line.text for line in shown] == list(address)
    assert all(line.left == pytest.approx(108, abs=0.1) for line in shown)
    # Capitals of 10 points rise 2.6 mm above their baseline.
    assert min(line.top for line in shown) - 2.6 >= 55
    assert max(line.top for line in shown) <= 79


def test_nothing_else_is_seen_through_them():
    for line in read(VALUES).lines:
        if line.text not in VALUES.recipient:
            assert line.left < 90 or not 34 <= line.top <= 90, line


def test_an_address_has_six_lines_at_most_and_long_ones_are_smaller():
    long = "Boulangerie-pâtisserie artisanale du Général de Gaulle et fils"
    address = (long, *(f"Ligne {index}" for index in range(1, 8)))
    shown = [line for line in read(replace(VALUES, recipient=address)).lines if line.left > 107]
    lines = {line.text: line for line in shown}
    assert lines[long].size < lines["Ligne 1"].size == 10
    assert "Ligne 5" in lines and "Ligne 6" not in lines


def test_a_long_listing_stays_on_one_page():
    hours = tuple(f"Jour {index}\u00a0: 7h-9h, 10h-12h, 14h-16h et 18h-22h" for index in range(30))
    page = read(replace(VALUES, title="Un nom " * 30, facts=(("Horaires", hours),)))
    assert "Jour 29" in page.text
    assert "Mairie de Suresnes" in page.lines[-1].text
    assert max(line.top for line in page.lines) < 290


def test_marks_of_markup_are_letters_like_others():
    said = read(replace(VALUES, closing=("<b>Fil & Bobine</b>",))).text
    assert "<b>Fil&Bobine</b>" in said.replace(" ", "")
