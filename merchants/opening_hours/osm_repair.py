"""Repairing the commonest mistakes in `opening_hours` values found in open data.

Each repair is one small rule with a French sentence. A repair never guesses: it only rewrites
what can be read in one way, and the result is still judged by the evaluator.
"""

import re
from collections.abc import Callable

import opening_hours as evaluator  # the library, not this package

from .osm_text import APPOINTMENT

DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
SPACES = "\u00a0\u202f\u2009\t\r\n"
WEEKDAY = "Mo|Tu|We|Th|Fr|Sa|Su|PH|SH"
TIME = r"\d{1,2}:\d{2}"
SPAN = rf"{TIME}\s*-\s*{TIME}"


def repair_osm(text: str) -> tuple[str, tuple[str, ...]]:
    """The value with its mistakes repaired, and what was repaired, in French.

    A value without known mistakes comes back unchanged with no sentence.
    """
    strict = _is_accepted(text)
    parts = re.split(r'("[^"]*")', text)  # comments at the odd places are left alone
    said: list[str] = []
    for sentence, repair, cosmetic in REPAIRS:
        if cosmetic and strict:
            continue
        repaired = [part if i % 2 else repair(part) for i, part in enumerate(parts)]
        if repaired != parts:
            parts = repaired
            said.append(sentence)
    joined = "".join(parts)
    named = _name_appointments(joined)
    if named != joined:
        said.append("La mention «\u00a0sur rendez-vous\u00a0» est prise en compte.")
    return named.strip(), tuple(said)


def _is_accepted(text: str) -> bool:
    """Whether the evaluator takes the value as it is, without a warning."""
    try:
        return not evaluator.OpeningHours(text).warnings
    except evaluator.ParserError:
        return False


def _characters(text: str) -> str:
    text = re.sub(f"[{SPACES}]", " ", text)
    return re.sub(f"[{DASHES}]+", "-", text)


def _capitals(text: str) -> str:
    return re.sub(
        rf"\b({WEEKDAY})\b",
        lambda m: m[0].upper() if m[0].upper() in ("PH", "SH") else m[0].capitalize(),
        text,
        flags=re.IGNORECASE,
    )


def _french_hours(text: str) -> str:
    """9h, 9h30, 9 h 30, 9H00 as 09:00, 09:30."""
    text = re.sub(r"(?<![\d:.,])(\d{1,2})\s?[hH]\s?([0-5]\d)(?![\dhH:])(?:mn|min)?", r"\1:\2", text)
    return re.sub(r"(?<![\d:.,])(\d{1,2})\s?[hH](?![\w:])(?!\s*\d{1,2}\s*[hH:])", r"\1:00", text)


def _slashes(text: str) -> str:
    """A slash between spans is a comma; then a comma between days is a semicolon.

    Whoever writes "Mo-Sa 9:00-12:00 / 14:00-19:00, We 9:00-12:00" means Wednesday to differ.
    """
    changed = re.sub(rf"({SPAN})\s*/\s*(?={SPAN})", r"\1,", text)
    if changed == text:
        return text
    return re.sub(rf"({TIME})\s*,\s*(?=(?:{WEEKDAY})\b)", r"\1; ", changed)


def _range_spaces(text: str) -> str:
    text = re.sub(rf"\b({WEEKDAY})\s*-\s*(?=(?:{WEEKDAY})\b)", r"\1-", text)
    text = re.sub(rf"({TIME})\s*-\s*(?={TIME})", r"\1-", text)
    text = re.sub(r"(-\s*\d{1,2}:)\s+(?=\d{2}(?![\d:]))", r"\1", text)
    text = re.sub(rf"\b({WEEKDAY})\s{{2,}}(?=\d)", r"\1 ", text)
    return re.sub(r"\s{2,}", " ", text)


def _colons(text: str) -> str:
    return re.sub(rf"\b({WEEKDAY})\s*:\s*(?={TIME})", r"\1 ", text)


def _empty_spans(text: str) -> str:
    """Su 00:00-00:00 beside days with real hours: a closed day, as many shops write it."""
    empty = r"\b0?0:00\s*-\s*0?0:00\b"
    rest = re.sub(empty, "", text)
    if rest == text or not re.search(SPAN, rest):
        return text
    days = rf"(?:{WEEKDAY})(?:\s*[-,]\s*(?:{WEEKDAY}))*"
    return re.sub(rf"(?:(^\s*)|\s*[,;]\s*)({days})\s+{empty}(?=\s*(?:[,;]|$))", _off, text)


def _off(match: re.Match) -> str:
    return f"{match[2]} off" if match[1] is not None else f"; {match[2]} off"


def _punctuation(text: str) -> str:
    return re.sub(r"[\s.,;]+$", "", re.sub(r"(?:\s*;){2,}", ";", text))


def _name_appointments(text: str) -> str:
    """A comment "sur rendez-vous" alone reads as open: make it `unknown "sur rendez-vous"`."""

    def marked(match: re.Match) -> str:
        before, comment = match[1], match[2]
        if not APPOINTMENT.search(comment) or re.search(
            r"\b(?:unknown|off|closed|open)\s*$", before
        ):
            return match[0]
        return f"{before}unknown {comment}"

    return re.sub(r'([^";]*)("[^"]*")', marked, text)


# Sentence, repair, and whether it is left out when the evaluator takes the value as it is.
REPAIRS: tuple[tuple[str, Callable[[str], str], bool], ...] = (
    ("Les tirets et les espaces spéciaux ont été remplacés.", _characters, True),
    ("Les heures écrites à la française (9h30) ont été converties.", _french_hours, True),
    ("Les jours ont été écrits avec leur majuscule.", _capitals, True),
    ("Les deux-points après les jours ont été retirés.", _colons, True),
    ("Les espaces superflus ont été retirés.", _range_spaces, True),
    ("Les barres obliques entre deux plages ont été remplacées par des virgules.", _slashes, True),
    (
        "Une plage «\u00a000:00-00:00\u00a0» a été lue comme un jour de fermeture.",
        _empty_spans,
        False,
    ),
    ("La ponctuation superflue a été retirée.", _punctuation, True),
)
