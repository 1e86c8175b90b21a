"""The paper form: what one writes on keeps its place, however much the listing says."""

from dataclasses import replace
from itertools import pairwise

from merchants.paper_forms import FormWords, ShopForm, paper_forms_pdf
from tests.pdf_text import pages, title

WORDS = FormWords(
    title="Mairie\u00a0: votre fiche",
    intro="Cochez, corrigez.",
    says="Ce que dit la fiche",
    right="exact",
    wrong="à corriger",
    correction="Correction",
    week="Vos horaires",
    days=("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche", "Fériés"),
    morning="Matin",
    afternoon="Après-midi",
    opens="de",
    closes="à",
    closed="Fermé",
    to_write=("Téléphone\u00a0:", "Remarques\u00a0:", ""),
    give_back="À rendre\u00a0:",
    contact=("Mairie de Suresnes", "2 rue Carnot"),
)
SHOP = ShopForm(
    name="L’Épi d’Or",
    address="12 rue de la Paix",
    confirmed="Jamais confirmé",
    facts=(("Nom", ("L’Épi d’Or",)), ("Horaires", ("Lundi\u00a0: 9 h – 12 h",))),
    url="https://example.fr/suresnes/commerces/l-epi-d-or/",
    shown_url="example.fr/suresnes/commerces/l-epi-d-or/",
)


def places(page) -> dict[str, float]:
    return {line.text.partition("\u00a0")[0].removesuffix(" :"): line.top for line in page.lines}


def test_one_page_for_each_shop():
    pdf = paper_forms_pdf(WORDS, [SHOP, replace(SHOP, name="Voisin")])
    first, second = pages(pdf)
    assert title(pdf) == WORDS.title
    assert "L’Épi d’Or" in first.text and "Voisin" in second.text
    assert SHOP.shown_url in first.text
    assert first.text.count("exact") == len(SHOP.facts)


def test_rows_of_the_week_are_high_enough_to_write_in():
    (page,) = pages(paper_forms_pdf(WORDS, [SHOP]))
    tops = [places(page)[day] for day in WORDS.days]
    steps = [after - before for before, after in pairwise(tops)]
    assert all(step >= 8 for step in steps)


def test_a_long_listing_moves_nothing_that_is_written_on():
    long = replace(
        SHOP,
        name="Boulangerie-pâtisserie artisanale " * 6,
        address="Résidence du Général de Gaulle " * 8,
        facts=(("Horaires", tuple(f"Jour {day}\u00a0: 7 h – 9 h" for day in range(40))),),
        shown_url="example.fr/" + "saint-remy-en-bouzemont/" * 8,
    )
    (short,), (full,) = (pages(paper_forms_pdf(WORDS, [shop])) for shop in (SHOP, long))
    assert "Jour 39" in full.text
    for text in (*WORDS.days, "Remarques", "À rendre"):
        assert places(full)[text] == places(short)[text]
    assert max(line.top for line in full.lines) < 290
