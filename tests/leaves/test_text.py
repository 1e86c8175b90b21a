import pytest

from merchants.text import index_text, normalise, search_prefixes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L’Œuf à la Coque", "l oeuf a la coque"),
        ("CAFÉ-TABAC  n° 7", "cafe tabac n 7"),
        ("Straße", "strasse"),
        ("日本", ""),
        ("", ""),
    ],
)
def test_normalise(text, words):
    assert normalise(text) == words


def test_index_text_holds_each_word_once_after_a_space():
    assert index_text("Au Bon Pain", "pain bio") == " au bon pain bio"


@pytest.mark.parametrize("text", ["bd Pasteur", "boulevard Pasteur"])
def test_index_text_holds_both_ways_of_writing(text):
    assert set(index_text(text).split()) == {"bd", "boulevard", "pasteur"}


@pytest.mark.parametrize(
    ("question", "prefixes"),
    [
        ("boulangeries de la gare", [" boulangerie", " gare"]),
        ("gâteaux", [" gateau"]),
        ("de la", [" de", " la"]),
        ("gaz bus", [" gaz", " bus"]),
        ("  ", []),
    ],
)
def test_search_prefixes(question, prefixes):
    assert search_prefixes(question) == prefixes
