"""Names and streets in the register's capitals, made readable: "L EPI D OR" -> "L’Epi d’Or".

Accents cannot be guessed; who reads the result corrects it.
"""

import re

from merchants.streets import spelt_out

_SMALL = frozenset(
    "a au aux chez dans de des du en et la le les ou par pour sous sur un une".split()
)
_KEPT = frozenset("cic ei eirl eurl pmu sa sarl sas sasu scea sci scop selarl".split())
_MONTHS = frozenset(
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split()
)
_ELIDED = re.compile(r"\b([LDJMNSTC]|QU) (?=[AEIOUYHÀÂÉÈÊËÎÏÔÛÜŒ])")
_WAYS = frozenset(
    "allee allees avenue boulevard chaussee chemin cite cour cours esplanade faubourg galerie "
    "impasse mail montee parvis passage place promenade quai rond point route ruelle rue sente "
    "sentier square traverse venelle villa voie".split()
)


def readable_name(text: str) -> str:
    """A shop's name in readable case; one that has small letters already stays as it is."""
    text = " ".join(text.split())
    return _cased(text, ways=False) if text.isupper() else text


def readable_street(text: str) -> str:
    """A street: "RUE DE LA PAIX" -> "rue de la Paix". One with small letters stays as it is."""
    text = " ".join(text.split())
    return _cased(spelt_out(text).upper(), ways=True) if text.isupper() else text


def _cased(text: str, *, ways: bool) -> str:
    text = _ELIDED.sub(r"\1’", text.replace("'", "’"))
    words = text.split(" ")
    return " ".join(_word(word, first=not index, ways=ways) for index, word in enumerate(words))


def _word(word: str, *, first: bool, ways: bool) -> str:
    lower = word.lower()
    if first and ways and lower in _WAYS:
        return lower
    if not first and (lower in _SMALL or (ways and lower in _MONTHS)):
        return lower
    if lower in _KEPT or any(letter.isdigit() for letter in word) or _is_acronym(lower):
        return word
    article, mark, rest = lower.partition("’")
    if mark and rest:
        article = article.capitalize() if first and not ways else article
        return f"{article}’{_capitals(rest)}"
    return _capitals(lower)


def _capitals(lower: str) -> str:
    """ "saint-jean" -> "Saint-Jean"."""
    return "-".join(
        part if index and part in _SMALL else part[:1].upper() + part[1:]
        for index, part in enumerate(lower.split("-"))
    )


def _is_acronym(lower: str) -> bool:
    """A word that nobody can say: "HLM", "M.G.", "B"."""
    letters = re.sub(r"[^a-zà-ÿœ]", "", lower)
    return len(letters) <= 5 and not re.search(r"[aeiouyà-ÿœ]", letters)
