"""The directory on paper: what stands on which page, and what must not break it."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from merchants.colors import contrast, readable_on_light
from merchants.printed_directory import Chapter, Directory, Entry, Section, directory_pdf
from tests.pdf_text import pages

URL = "https://commerces.example.fr/suresnes/commerces/le-fournil"
ENTRY = Entry(
    name="L’Épi d’Or",
    about="Aussi : Traiteur",
    address="12 rue de la Paix",
    phone="01 47 51 01 02",
    hours=("Du mardi au samedi : 7 h – 13 h",),
    services="Livraison, À emporter",
    confirmed="Confirmé en novembre 2026",
)
DIRECTORY = Directory(
    title="Les commerces de Suresnes – été",
    subtitle="Annuaire par activité",
    count="1 commerce",
    date="Novembre 2026",
    town_hall=("Ville de Suresnes", "2 rue Carnot"),
    chapters=(Chapter("Alimentation", (Section("Boulangerie", (ENTRY,)),)),),
    contents_title="Sommaire",
    index_title="Index des noms",
    legal_title="À propos",
    legal=("Publié par la Ville de Suresnes.",),
    empty="Aucun commerce.",
)


def many(number: int, **values) -> Directory:
    entries = [replace(ENTRY, name=f"Commerce {place:03}", **values) for place in range(number)]
    half = number // 2
    sections = (
        Section("Boulangerie", tuple(entries[:half])),
        Section("Épicerie", tuple(entries[half:])),
    )
    return replace(DIRECTORY, chapters=(Chapter("Alimentation", sections),))


def test_what_stands_on_which_page():
    cover, contents, shops, index, legal = pages(directory_pdf(DIRECTORY))
    for words in ("Ville de Suresnes", "Les commerces de Suresnes", "Annuaire par activité",
                  "1 commerce", "Novembre 2026", "2 rue Carnot"):  # fmt: skip
        assert words in cover.text
    assert re.search(r"Sommaire .*Alimentation 3 Boulangerie 3", contents.text)
    for words in ("L’Épi d’Or", "Aussi : Traiteur", "12 rue de la Paix", "01 47 51 01 02",
                  "Du mardi au samedi : 7 h – 13 h", "Livraison, À emporter",
                  "Confirmé en novembre 2026"):  # fmt: skip
        assert words in shops.text
    assert re.search(r"Index des noms .*L L’Épi d’Or 3", index.text)
    assert "Publié par la Ville de Suresnes." in legal.text


def test_says_what_it_is_and_in_which_language():
    pdf = directory_pdf(DIRECTORY)
    assert b"/Title (Les commerces de Suresnes" in pdf
    assert b"/Lang (fr-FR)" in pdf and b"/DisplayDocTitle true" in pdf
    assert b"/Outlines" in pdf


def test_contents_index_and_headers_agree_with_the_pages():
    found = pages(directory_pdf(many(40)))
    on = {name: number for number, page in enumerate(found, start=1)
          for name in re.findall(r"Commerce \d{3}(?= Aussi)", page.text)}  # fmt: skip
    assert len(on) == 40 and len(set(on.values())) > 2
    index = " ".join(page.text for page in found[-3:])
    told = dict(re.findall(r"(Commerce \d{3}) (\d+)(?= |$)", index))
    assert {name: int(number) for name, number in told.items()} == on
    first = int(re.search(r"Boulangerie (\d+)", found[1].text)[1])
    second = int(re.search(r"Épicerie (\d+)", found[1].text)[1])
    assert (first, second) == (on["Commerce 000"], on["Commerce 020"])
    header = {line.text for line in found[second - 1].lines if line.top < 20}
    assert str(second) in header and any("Épicerie" in text for text in header)


def test_large_print_is_large_everywhere():
    found = pages(directory_pdf(replace(many(3), large=True)))
    lines = [line for page in found[1:] for line in page.lines if line.top < 280]
    assert min(round(line.size, 1) for line in lines) >= 16
    lefts = {round(line.left) for line in found[2].lines if "Commerce" in line.text}
    assert len(lefts) == 1


def test_a_qr_code_where_there_is_an_address():
    without = pages(directory_pdf(many(2)))[2].rectangles
    with_codes = pages(directory_pdf(many(2, url=URL)))[2].rectangles
    assert with_codes - without > 400
    assert URL.encode() in directory_pdf(many(2, url=URL))


@pytest.mark.parametrize("large", [False, True])
def test_what_is_long_strange_or_missing_breaks_nothing(large):
    word = "Anticonstitutionnellement" * 4
    entries = (
        Entry(name="x" * 120, address="y" * 320, hours=("z " * 80,) * 7, services="w" * 200,
              url=f"{URL}/{'a' * 140}"),
        Entry(name=word, about=word, url=URL),
        Entry(name="<b>Nu</b> & 花 \u202f!"),
        Entry(name="…"),
    )  # fmt: skip
    section = Section("Saint-Remy-en-Bouzemont " * 5, entries)
    directory = replace(
        DIRECTORY, large=large, title=f"Les commerces de {'Saint-Remy-' * 6}Isson",
        chapters=(Chapter("Alimentation " * 12, (section,)),), subtitle="Par activité " * 30,
        town_hall=("Mairie " * 20, *("ligne " * 20,) * 12),
    )  # fmt: skip
    found = pages(directory_pdf(directory))
    said = "".join(line.text for page in found for line in page.lines)
    assert "<b>Nu</b> & ?" in said
    for page in found[1:]:
        assert all(0 < line.top < 297 and 0 < line.left < 210 for line in page.lines)


def test_without_any_shop():
    _cover, _contents, shops, legal = pages(directory_pdf(replace(DIRECTORY, chapters=())))
    assert "Aucun commerce." in shops.text and "À propos" in legal.text


@pytest.mark.parametrize("accent", ["#ffee00", "#ffffff", "#000000", ""])
def test_the_colour_can_be_read(accent):
    used = readable_on_light(accent or "#14614f")
    assert contrast(used, "#ffffff") >= 4.5
    assert directory_pdf(replace(DIRECTORY, accent=accent)).startswith(b"%PDF")


def test_a_logo_or_a_file_that_is_none():
    picture = BytesIO()
    Image.new("RGBA", (3000, 400), (200, 30, 30, 128)).save(picture, "PNG")
    with_logo = directory_pdf(replace(DIRECTORY, logo=picture.getvalue()))
    assert b"/Subtype /Image" in with_logo
    assert b"/Subtype /Image" not in directory_pdf(replace(DIRECTORY, logo=b"<svg/>"))
