import pytest

from merchants.streets import number_key, same_street, spelt_out


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("39 av de la République", "39 avenue de la République"),
        ("39, av. Foch", "39, avenue Foch"),
        ("12 bis Bd Foch", "12 bis boulevard Foch"),
        ("12b PL DU MARCHE", "12b place DU MARCHE"),
        ("r des Lilas", "rue des Lilas"),
        ("impasse du R", "impasse du R"),
        ("rue Av Foch", "rue Av Foch"),
        ("12 rue de Paris 92150 Suresnes CEDEX 12", "12 rue de Paris 92150 Suresnes "),
        ("", ""),
    ],
)
def test_spelt_out(written, meant):
    assert spelt_out(written) == meant


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("av. Foch", "Avenue Foch", True),
        ("rue de l’Église", "RUE DE L'EGLISE", True),
        ("rue Foch", "avenue Foch", False),
        ("", "", False),
    ],
)
def test_same_street(one, other, same):
    assert same_street(one, other) is same


@pytest.mark.parametrize(
    ("written", "key"),
    [("12", "12"), ("012", "12"), ("12 bis", "12b"), ("12BIS", "12b"), ("12 B", "12b"),
     ("12 ter", "12t"), ("12-14", "1214"), ("", ""), ("bis", "")],
)  # fmt: skip
def test_two_writings_of_a_house_number(written, key):
    assert number_key(written) == key
