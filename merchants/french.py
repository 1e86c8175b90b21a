"""French grammar around the names of places."""

import unicodedata

VOWELS = {*"aeiouœæ"}


def of_place(name: str) -> str:
    """The name after « de », joined as one says it: "d’Asnières", "du Mans", "des Lilas".

    The article of a name goes into "du" and "des"; "de" loses its e before a vowel, and before
    a y that a consonant follows ("d’Yvetot", "de Yenne"). Before an h it always stays: few names
    of places have a silent one, and no rule tells which.
    """
    name = name.strip().replace("'", "’")
    article, _space, rest = name.partition(" ")
    if rest and article.casefold() == "le":
        return f"du {rest}"
    if rest and article.casefold() == "les":
        return f"des {rest}"
    return f"d’{name}" if _begins_with_a_vowel(name) else f"de {name}"


def _begins_with_a_vowel(name: str) -> bool:
    letters = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    if letters.startswith("y"):
        return letters[1:2] not in VOWELS
    return letters[:1] in VOWELS
