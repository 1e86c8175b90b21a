import pytest

from merchants.text import index_text, normalise, prose, search_prefixes, unlinked


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


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Du pain  \r\nbio\r\n", "Du pain\nbio"),
        ("  un\rdeux ", "un\ndeux"),
        ("un\n\n  deux", "un\n\n  deux"),
        ("un\x00 deux", "un deux"),
        ("", ""),
    ],
)
def test_prose(text, kept):
    assert prose(text) == kept
    assert prose(kept) == kept


@pytest.mark.parametrize("text", ["evil.com", "https://evil.example/x", "evil@example.com"])
def test_what_is_unlinked_looks_the_same(text):
    assert text not in unlinked(text)
    assert unlinked(text).replace("\u2060", "") == text


@pytest.mark.parametrize("text", ["Awa Diallo", "M. Dupont", "", "Chez Paul\u00a0: pains"])
def test_ordinary_names_stay(text):
    assert unlinked(text) == text
