"""Access codes: as people type them, and as they are kept."""

import pytest

from merchants.access_codes import (
    ALPHABET,
    LENGTH,
    CodeError,
    display_code,
    hash_code,
    make_code,
    normalise_code,
)


def test_the_alphabet_is_crockfords():
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert set("ILOU").isdisjoint(ALPHABET)


def test_made_at_random():
    made = {make_code() for _number in range(500)}
    assert len(made) == 500
    assert {len(code) for code in made} == {LENGTH}
    assert {character for code in made for character in code} == set(ALPHABET)


@pytest.mark.parametrize(
    "typed",
    [
        "7K3QX9M2PD",
        "7K3QX-9M2PD",
        "7k3qx-9m2pd",
        " 7K3QX 9M2PD\n",
        "7K3QX\u00a09M2PD",
        "7K3QX–9M2PD",
        "7K3QX\u20119M2PD",
        "7-K-3-Q-X-9-M-2-P-D",
        "7K3QX.9M2PD",
        "7K3QX_9M2PD",
    ],
)
def test_read_as_people_type_it(typed):
    assert normalise_code(typed) == "7K3QX9M2PD"
    assert display_code(typed) == "7K3QX-9M2PD"
    assert hash_code(typed) == hash_code("7K3QX9M2PD")


@pytest.mark.parametrize("typed", ["O1LI0-oil10", "01110-01110"])
def test_what_is_taken_for_something_else(typed):
    assert normalise_code(typed) == "0111001110"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "compte 10"),
        ("7K3QX9M2P", "compte 10"),
        ("7K3QX-9M2PD-7", "compte 10"),
        ("7K3QX-9M2PU", "jamais U"),
        ("7K3QX-9M2P!", "jamais U"),
        ("٧K3QX-9M2PD", "jamais U"),
    ],
)
def test_what_is_no_code(typed, said):
    for act in (normalise_code, display_code, hash_code):
        with pytest.raises(CodeError, match=said):
            act(typed)


def test_the_hash_tells_nothing_without_the_key(settings):
    before = hash_code("7K3QX-9M2PD")
    assert len(before) == 64 and "7K3QX" not in before
    settings.SECRET_KEY = "another-key-that-is-longer-than-fifty-characters-too"
    assert hash_code("7K3QX-9M2PD") != before
