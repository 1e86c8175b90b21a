import pytest

from merchants.capitals import readable_name, readable_street


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("L EPI D OR", "L’Epi d’Or"),
        ("L'ORANGER", "L’Oranger"),
        ("BOULANGERIE DE LA GARE", "Boulangerie de la Gare"),
        ("CHEZ JEAN-PIERRE", "Chez Jean-Pierre"),
        ("A LA BONNE HEURE", "A la Bonne Heure"),
        ("SARL DUPONT ET FILS", "SARL Dupont et Fils"),
        ("AUX 4 SAISONS", "Aux 4 Saisons"),
        ("SAINT-GERMAIN-EN-LAYE", "Saint-Germain-en-Laye"),
        ("M. DURAND", "M. Durand"),
        ("BNP PARIBAS", "BNP Paribas"),
        ("  LE   FOURNIL ", "Le Fournil"),
        ("Le fournil d’Awa", "Le fournil d’Awa"),
        ("", ""),
    ],
)
def test_names(written, read):
    assert readable_name(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("RUE DE LA PAIX", "rue de la Paix"),
        ("RUE DE L HOTEL DE VILLE", "rue de l’Hotel de Ville"),
        ("PLACE D ARMES", "place d’Armes"),
        ("QUAI DU 8 MAI 1945", "quai du 8 mai 1945"),
        ("BD HENRI SELLIER", "boulevard Henri Sellier"),
        ("LE BOURG", "Le Bourg"),
        ("rue de la Paix", "rue de la Paix"),
        ("", ""),
    ],
)
def test_streets(written, read):
    assert readable_street(written) == read
