"""How names are compared (without accents, case or punctuation), and how texts are kept."""

import re
import unicodedata
from functools import lru_cache

# Words that carry no meaning in a question ("boulangerie de la gare").
STOP_WORDS = frozenset(
    "a au aux avec chez d dans de des du en et l la le les ou par pour sur un une".split()
)
# Words that people write short: a text that holds one of the two is found by both.
ABBREVIATIONS = {
    "av": "avenue",
    "bd": "boulevard",
    "fg": "faubourg",
    "pl": "place",
    "st": "saint",
    "ste": "sainte",
}
_SHORT = {whole: short for short, whole in ABBREVIATIONS.items()}
# Between the words that name a thing and the words that are only said of it.
SEARCH_BAR = " |"
_FOLDED = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "’": "'", "–": "-", "—": "-"}
)
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_OF_ADDRESSES = re.compile(r"[.:/@](?=\S)")


@lru_cache(maxsize=8192)
def normalise(text: str) -> str:
    """Lower-case ASCII words separated by one space: "L’Œuf à la Coque" -> "l oeuf a la coque"."""
    if text.isascii():
        return _NOT_WORD.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text.translate(_FOLDED))
    ascii_text = decomposed.encode("ascii", "ignore").decode()
    return _NOT_WORD.sub(" ", ascii_text.lower()).strip()


def index_text(*parts: str) -> str:
    """What `search_prefixes` is looked up in: a space before every word of all parts, each once.

    The other way of writing a word that people shorten stands at the end.
    """
    words = dict.fromkeys(word for part in parts for word in normalise(part).split())
    others = (ABBREVIATIONS.get(word) or _SHORT.get(word) for word in words)
    words |= dict.fromkeys(word for word in list(others) if word)
    return "".join(f" {word}" for word in words)


def search_prefixes(question: str) -> list[str]:
    """The beginnings of words that a text must all hold to answer the question.

    Stop words are left out unless there is nothing else; a final s or x is dropped, so that a
    plural finds the singular.
    """
    words = normalise(question).split()
    telling = [word for word in words if word not in STOP_WORDS] or words
    return [f" {word[:-1] if len(word) > 3 and word[-1] in 'sx' else word}" for word in telling]


def prose(text: str) -> str:
    """A text as it is kept: one kind of newline, no spaces at the ends of lines or of the whole.

    Browsers send carriage returns, and NUL is nothing that PostgreSQL holds.
    """
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def unlinked(text: str) -> str:
    """The same to the eye, with no address in it that a mail reader would make a link of."""
    return _OF_ADDRESSES.sub("\\g<0>\u2060", text)  # A word joiner: invisible, and no address.
