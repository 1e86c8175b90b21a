import pytest

from merchants.names import ALIKE, BARE, JOINED, TRADES, alike, likeness
from merchants.opendata.category_files import read_categories

SAME = [
    ("SARL AU BON PAIN DE SURESNES", "Au Bon Pain"),
    ("S.A.R.L. Dupont", "Dupont"),
    ("EURL LE FOURNIL", "Le Fournil de Suresnes"),
    ("Boulangerie Dupont", "Maison Dupont"),
    ("Boulangerie-Pâtisserie Marceau", "BOULANGERIE MARCEAU"),
    ("L’Épi d’Or", "Epi Dor"),
    ("Le Dattier", "Le Datier"),
    ("Mc Donald’s", "McDonalds"),
    ("Chez Sophie", "Sophie Coiffure"),
    ("Café de la Paix", "Brasserie de la Paix"),
    ("Bar-tabac de la Gare", "Tabac de la Gare"),
    ("Pharmacie de l’Hôtel de Ville", "PHARMACIE HOTEL DE VILLE"),
    ("Monsieur DURAND Jean EI", "Jean Durand"),
    ("ETS MARTIN ET FILS", "Martin"),
    ("Les Fleurs de Marie", "Fleurs de Marie"),
    ("Franck Provost", "FRANCK PROVOST COIFFURE"),
    ("Carrefour City", "CARREFOUR CITY SURESNES"),
    ("Optique Lissac", "LISSAC"),
    ("La Boulangerie", "Boulangerie"),
    ("Ô Délices", "O’Délices"),
    ("Librairie Les Mots Passants", "Les mots passants"),
    ("Crêperie Ty Breizh", "Ty-Breizh"),
    ("Institut Belle & Zen", "Belle et Zen"),
    ("Société Nouvelle Garage Renault", "Garage Renault"),
    ("Cœur de Bœuf", "Coeur de boeuf"),
    ("Le Marché", "Les Marchés"),
    ("Suresnes", "SURESNES SAS"),
    ("", ""),
]
DIFFERENT = [
    ("Boulangerie du Marché", "Boulangerie de la Gare"),
    ("Boulangerie Dupont", "Boulangerie Martin"),
    ("Pharmacie de la Gare", "Hôtel de la Gare"),
    ("Tabac de la Mairie", "Boulangerie de la Mairie"),
    ("Le Petit Bar", "Le Petit Paris"),
    ("Carrefour City", "Carrefour Express"),
    ("Crédit Agricole", "Crédit Mutuel"),
    ("Café de la Paix", "Café du Commerce"),
    ("Coiffure Sylvie", "Coiffure Sophie"),
    ("Le Central", "Le Royal"),
    ("Au Bon Coin", "Au Bon Pain"),
    ("L’Atelier", "L’Atelier de Sophie"),
    ("Maison Martin", "Maison Moreau"),
    ("SARL Durand", "SAS Dupond"),
    ("BNP Paribas", "Banque Populaire"),
    ("Le Fournil", "Le Fenouil"),
    ("Chez Paul", "Chez Pauline"),
    ("Boulangerie", "Pharmacie"),
    ("Restaurant", "Le Petit Paris"),
    ("Suresnes Optique", "Suresnes Pressing"),
    ("Pressing de Suresnes", "Boucherie de Suresnes"),
    ("Optic 2000", "Optical Center"),
    ("Monoprix", "Franprix"),
    ("Sushi Shop", "Planet Sushi"),
    ("Garage du Pont", "Auto-école du Pont"),
    ("Le Fournil", ""),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_shop(one, other):
    assert alike(one, other, city="Suresnes")
    assert alike(other, one, city="Suresnes")


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_shop(one, other):
    assert not alike(one, other, city="Suresnes")
    assert not alike(other, one, city="Suresnes")


def test_the_threshold_stands_between():
    same = [likeness(*pair, city="Suresnes") for pair in SAME]
    different = [likeness(*pair, city="Suresnes") for pair in DIFFERENT]
    assert min(same) >= 92
    assert max(different) < 84.5 < ALIKE < 92


@pytest.mark.parametrize(
    ("one", "other"),
    [("Boulangerie", "Boulangerie Martin"), ("Sylvie Coiffure", "Coiffeur"), ("Bar", "Café Léon")],
)
def test_a_bare_trade_is_like_the_same_trade_next_door(one, other):
    assert likeness(one, other) == BARE < ALIKE


def test_every_trade_is_a_category():
    slugs = {child.slug for group in read_categories() for child in group.children}
    assert set(TRADES) <= slugs
    assert set().union(*JOINED) <= set(TRADES)
