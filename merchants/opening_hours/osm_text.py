"""What an `opening_hours` text talks about, told from its words alone.

The evaluator says what is open when; only the words say whether that can last for ever.
"""

import re
from dataclasses import dataclass
from datetime import date

MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
# A fully dated day or range: nothing before or after it depends on the calendar.
DATED = re.compile(
    rf"\b(\d{{4}})\s+({MONTH})\s+(\d{{1,2}})"
    rf"(?:\s*-\s*(?:(\d{{4}})\s+({MONTH})\s+)?(\d{{1,2}})(?![\d:]))?(?![\d:])",
    re.IGNORECASE,
)
HOLIDAY_SHIFT = re.compile(r"\bPH\s+[+-]?\s*\d+\s*days?\b", re.IGNORECASE)
RECURRING = re.compile(
    rf"\b(?:{MONTH}|week|easter|\d{{4}})\b|\b\d{{4}}(?=[a-z+/-])|\[|\bdays?\b|\bSH\b",
    re.IGNORECASE,
)
SUN = re.compile(r"\b(?:sunrise|sunset|dawn|dusk)\b", re.IGNORECASE)
OPEN_END = re.compile(r"(?:\d{1,2}:\d{2}|sunrise|sunset|dawn|dusk)\s*\+(?!\s*\d)", re.IGNORECASE)
COMMENT = re.compile(r'"([^"]*)"')
APPOINTMENT = re.compile(r"rendez|\brdv\b|r\.d\.v|appoint|réserv|reserv", re.IGNORECASE)


@dataclass(frozen=True)
class Features:
    """What the words of a value depend on."""

    holidays: bool  # PH
    recurring: bool  # months, weeks, years, school holidays, nth weekday, Easter
    school_holidays: bool  # SH
    sun: bool
    open_end: bool  # "10:00+"
    dated_until: date | None  # last fully dated day
    comments: tuple[str, ...]


def features(text: str) -> Features:
    """Read the words of a value that the evaluator has accepted."""
    comments = tuple(dict.fromkeys(c.strip() for c in COMMENT.findall(text) if c.strip()))
    bare = COMMENT.sub(" ", text)
    last: date | None = None
    for match in DATED.finditer(bare):
        year, month, day, end_year, end_month, end_day = match.groups()
        found = _date(end_year or year, end_month or month, end_day or day)
        last = max(last or found, found)
    bare = DATED.sub(" ", bare)
    holidays = re.search(r"\bPH\b", bare, re.IGNORECASE) is not None
    bare = HOLIDAY_SHIFT.sub(" ", bare)
    return Features(
        holidays=holidays,
        recurring=RECURRING.search(bare) is not None,
        school_holidays=re.search(r"\bSH\b", bare, re.IGNORECASE) is not None,
        sun=SUN.search(bare) is not None,
        open_end=OPEN_END.search(bare) is not None,
        dated_until=last,
        comments=comments,
    )


def _date(year: str, month: str, day: str) -> date:
    """A date of the text; the 31st of a short month is its last days."""
    number = [
        "jan",
        "feb",
        "mar",
        "apr",
        "may",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "nov",
        "dec",
    ].index(month[:3].lower()) + 1
    for last in range(int(day), 27, -1):
        try:
            return date(int(year), number, last)
        except ValueError:
            continue
    return date(int(year), number, int(day))
