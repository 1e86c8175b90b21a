"""Cutting a French sentence about opening hours into tokens; nothing unknown is skipped."""

import re
import unicodedata
from dataclasses import dataclass

from .errors import OpeningHoursError, gettext_noop

DAYS = (
    ("lundi", "lundis", "lun", "lu", "mo", "mon"),
    ("mardi", "mardis", "mar", "ma", "tu", "tue"),
    ("mercredi", "mercredis", "mer", "me", "we", "wed"),
    ("jeudi", "jeudis", "jeu", "je", "th", "thu"),
    ("vendredi", "vendredis", "vend", "ven", "ve", "fr", "fri"),
    ("samedi", "samedis", "sam", "sa", "sat"),
    ("dimanche", "dimanches", "dim", "di", "su", "sun"),
)
WEEKDAYS = {name: weekday for weekday, names in enumerate(DAYS) for name in names}
HOLIDAY = 7  # stands in sets of days for "jours fériés"
EVERY_DAY = frozenset(range(7))

# Phrases, longest first: pattern and kind of token. Matched on lower-case text.
PHRASES: tuple[tuple[str, str], ...] = (
    (r"24\s*h?\s*/\s*24\s*h?\b(?!\s*h)|24\s*h(?:eures)? sur 24", "ALLDAY"),
    (r"7\s*j(?:ours)?\s*/\s*7(?:\s*j(?:ours)?)?\b|7\s*jours sur 7", "EVERYDAY"),
    (r"24/7", "ALWAYS"),
    (r"tous les jours(?: de la semaine)?|toute la semaine|tlj\b|chaque jour", "EVERYDAY"),
    (r"(?:le|les)?\s*week[\s-]?ends?\b", "WEEKEND"),
    (
        (
            r"(?:les )?(?:jours )?f[ée]ri[ée]s? (?:inclus|compris)"
            r"|(?:y )?compris (?:les )?jours? f[ée]ri[ée]s?|m[êe]me (?:les )?jours? f[ée]ri[ée]s?"
        ),
        "WITH_HOLIDAYS",
    ),
    (r"(?:les )?jours? f[ée]ri[ée]s?|ph\b", "HOLIDAYS"),
    (r"(?:avec ou sans|sans ou avec) (?:rendez-vous|rdv)", "NOTHING"),
    (
        (
            r"(?:uniquement |seulement )?(?:sur|avec) (?:rendez-vous|rdv)"
            r"(?: uniquement| seulement)?|sur r\.d\.v\.?"
        ),
        "APPOINTMENT",
    ),
    (r"sans (?:rendez-vous|rdv)", "NO_APPOINTMENT"),
    (r"ferm[ée]e?s?\b|fermeture\b|off\b", "CLOSED"),
    (r"ouverte?s?\b|ouverture\b", "OPEN"),
    (r"horaires?(?: d[e']\s?ouverture)?", "NOTHING"),
    (r"(?:[àa] l'exception (?:du|de|des)|except[ée]|hors|sauf)\b", "EXCEPT"),
    (r"jusqu'(?:[àa]u?)\b", "TO"),
    (r"(?:tous |toutes )?les\b|chaque\b|(?:du|de|le|des)\b", "FROM"),
    (r"(?:au|[àa])(?!['_]|[^\W\d])", "TO"),
    (r"(?:et|puis)\b", "AND"),
    (r"--?", "DASH"),
    (r"//|[;\n]", "STOP"),
    (r"[,&+]", "COMMA"),
    (r"/", "SLASH"),
    (r"[:=]", "COLON"),
    (r"\.", "STOP"),
    (r"[()\"«»“”]", "NOTHING"),
)
SPACE = re.compile(r"[ \t]+")
COMPILED = tuple((re.compile(pattern), kind) for pattern, kind in PHRASES)
WORD = re.compile(r"[^\W\d_]+")
CLOCK = re.compile(
    r"(?P<hour>\d{1,2})"
    r"(?:\s?(?:h(?:eures?)?\b|h)\s?(?P<minute>\d{2})(?![\d:.]*\s?h|\d|:\d)"
    r"(?:\s?(?:mn|min)\b)?"
    r"|\s?h(?:eures?)?|[:.](?P<other>\d{2})(?:\s?h)?)"
    r"(?P<half> du matin| du soir| de l'apr[èe]s-midi)?"
)
NAMED_CLOCK = re.compile(r"(midi|minuit)\b")
BARE = re.compile(r"\d{1,2}(?=\s*-\s*\d{1,2}\s*h)")  # the 12 of "12-14h"
AFTER_CLOCK = re.compile(r"[\w:.']")  # what may not follow a time of day directly
UNKNOWN = re.compile(r"\d[\w:.]*|\w+(?:['’]\w+)?|.")


@dataclass(frozen=True)
class Token:
    """One piece of the sentence; `text` is what was typed, `value` weekday or minutes."""

    kind: str
    start: int
    end: int
    value: int = 0


def plain(text: str) -> str:
    """Lower case, plain dashes, quotes and spaces; every character keeps its place."""
    table = str.maketrans(
        {
            **dict.fromkeys("‐‑‒–—―−", "-"),
            "’": "'",
            "‘": "'",
            **dict.fromkeys("\u00a0\u202f\r", " "),
        }
    )
    lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lowered.translate(table)


def normal_form(text: str) -> str:
    """The text with composed accents, on which all positions count."""
    return unicodedata.normalize("NFC", text)


def tokens(text: str) -> list[Token]:
    """Cut a text (in normal form); OpeningHoursError at the first unknown piece."""
    low = plain(text)
    found: list[Token] = []
    position = 0
    while position < len(low):
        space = SPACE.match(low, position)
        if space:
            position = space.end()
            continue
        token = _token(low, position)
        if token is None:
            raise not_understood(text, *_unknown(low, position))
        found.append(token)
        position = token.end
    return found


def _token(low: str, position: int) -> Token | None:
    for pattern, kind in COMPILED:
        match = pattern.match(low, position)
        if match and match.end() > position:
            return Token(kind, position, match.end())
    match = NAMED_CLOCK.match(low, position)
    if match:
        return Token("TIME", position, match.end(), 720 if match[1] == "midi" else 1440)
    match = WORD.match(low, position)
    if match:
        if match[0] not in WEEKDAYS:
            return None
        end = match.end()
        if low[end : end + 1] == "." and len(match[0]) <= 4:  # "lun." is an abbreviation
            end += 1
        return Token("DAY", position, end, WEEKDAYS[match[0]])
    return _clock(low, position)


def _clock(low: str, position: int) -> Token | None:
    match = CLOCK.match(low, position)
    if match:
        end = match.end()
        follow = AFTER_CLOCK.match(low, end)
        # "19h." ends a sentence and "13h30à" lacks a space; "8h11h" and "13h30:17h" say nothing.
        if follow and not re.match(r"\.(?!\d)|:(?!\s?\d)|à(?![^\W\d])|et(?!\w)", low[end:]):
            return None
        minute = int(match["minute"] or match["other"] or 0)
        hour = int(match["hour"])
        if match["half"] and "matin" not in match["half"] and hour < 12:
            hour += 12
        if minute > 59 or hour > 24 or (hour == 24 and minute):
            raise OpeningHoursError(
                gettext_noop("«\u00a0%(part)s\u00a0» n’est pas une heure."), match[0].strip()
            )
        return Token("TIME", position, end, hour * 60 + minute)
    match = BARE.match(low, position)
    if match and int(match[0]) <= 24:
        return Token("TIME", position, match.end(), int(match[0]) * 60)
    return None


def _unknown(low: str, position: int) -> tuple[int, int]:
    """The span of the unknown words from `position` on, with a weekday they qualify."""
    end = position
    while end < len(low):
        space = SPACE.match(low, end)
        here = space.end() if space else end
        if here >= len(low) or (here > position and _quietly(low, here)):
            break
        end = UNKNOWN.match(low, here).end()
    first = UNKNOWN.match(low, position)[0]
    if re.match(r"\d+(?:er|e|[èe]me|nd|nde)$|dernier|premier|deuxi|troisi", first):
        day = re.compile(r"\s*([^\W\d_]+)").match(low, end)
        if day and day[1] in WEEKDAYS:
            end = day.end()
    return position, end


def _quietly(low: str, position: int) -> Token | None:
    try:
        return _token(low, position)
    except OpeningHoursError:
        return None


def not_understood(text: str, start: int, end: int) -> OpeningHoursError:
    """The error for a piece that is no part of the language."""
    return OpeningHoursError(
        gettext_noop(
            "Nous n’avons pas compris «\u00a0%(part)s\u00a0». Écrivez par exemple «\u00a0du mardi "
            "au samedi 9h-12h30 et 14h-19h\u00a0»."
        ),
        text[start:end].strip(),
    )
