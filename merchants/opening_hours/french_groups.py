"""First step of reading French hours: tokens grouped into days, spans of time and single words."""

from dataclasses import dataclass
from itertools import pairwise

from .errors import OpeningHoursError, gettext_noop
from .french_tokens import EVERY_DAY, HOLIDAY, Token, not_understood
from .periods import DAY

LATE = 3 * 60  # until three in the morning, any opening hour is plausible…
LATEST = 7 * 60  # …until seven, an evening's only; later it is a slip ("13h-9h" for 19h)
EVENING = 16 * 60
LINKS = ("COMMA", "AND", "SLASH")


@dataclass
class Item:
    """A group of tokens: days, spans, or one word such as CLOSED."""

    kind: str
    start: int
    end: int
    days: frozenset[int] = frozenset()
    spans: tuple[tuple[int, int], ...] = ()


class Grouper:
    """Groups the tokens of one text; a group that is not whole is refused."""

    def __init__(self, text: str, found: list[Token]):
        self.text = text
        self.found = [token for token in found if token.kind != "NOTHING"]
        self.place = 0

    def peek(self, ahead: int = 0) -> str:
        index = self.place + ahead
        return self.found[index].kind if index < len(self.found) else "END"

    def items(self) -> list[Item]:
        result: list[Item] = []
        while self.place < len(self.found):
            token = self.found[self.place]
            kind = token.kind
            if kind == "FROM" and self.peek(1) in ("DAY", "TIME", "HOLIDAYS", "FROM", "WEEKEND"):
                self.place += 1
            elif kind in ("DAY", "EVERYDAY", "WEEKEND", "HOLIDAYS"):
                result.append(self.days())
            elif kind in ("TIME", "ALLDAY", "ALWAYS"):
                result.append(self.spans())
            elif kind in LINKS:
                self.place += 1
                kind = "LINK"
                result.append(Item(kind, token.start, token.end))
            elif kind in ("FROM", "TO", "DASH"):
                raise self.stray(token)
            else:
                self.place += 1
                result.append(Item(kind, token.start, token.end))
        return result

    def stray(self, token: Token) -> OpeningHoursError:
        """A joining word that joins nothing: show it with its neighbours."""
        index = self.found.index(token)
        first = self.found[max(0, index - 1)]
        last = self.found[min(len(self.found) - 1, index + 1)]
        return not_understood(self.text, first.start, last.end)

    def skip_from(self) -> None:
        while self.peek() == "FROM":
            self.place += 1

    def days(self) -> Item:
        """A list of days and ranges of days."""
        start = self.found[self.place].start
        days = self.one_days()
        while True:
            ahead = 0
            while self.peek(ahead) in LINKS and ahead < 2:
                ahead += 1
            while self.peek(ahead) == "FROM":
                ahead += 1
            if ahead == 0 or self.peek(ahead) not in ("DAY", "HOLIDAYS", "WEEKEND"):
                break
            if self.peek() == "FROM":
                break
            self.place += ahead
            days |= self.one_days()
        return Item("DAYS", start, self.found[self.place - 1].end, days)

    def one_days(self) -> frozenset[int]:
        token = self.found[self.place]
        self.place += 1
        if token.kind == "HOLIDAYS":
            return frozenset({HOLIDAY})
        if token.kind == "WEEKEND":
            return frozenset({5, 6})
        if token.kind == "EVERYDAY":
            if self.peek() == "COMMA" and self.peek(1) == "EVERYDAY":
                self.place += 2
            elif self.peek() == "EVERYDAY":
                self.place += 1
            return EVERY_DAY
        ahead = 1 if self.peek() in ("TO", "DASH") else 0
        while ahead and self.peek(ahead) == "FROM":
            ahead += 1
        if ahead and self.peek(ahead) == "DAY":
            self.place += ahead
            last = self.found[self.place]
            self.place += 1
            if last.value == token.value:
                raise not_understood(self.text, token.start, last.end)
            length = (last.value - token.value) % 7
            return frozenset((token.value + i) % 7 for i in range(length + 1))
        return frozenset({token.value})

    def spans(self) -> Item:
        """One or more spans of time."""
        start = self.found[self.place].start
        always = self.peek() == "ALWAYS"
        spans = [self.span()]
        while True:
            ahead = 0
            while self.peek(ahead) in LINKS and ahead < 2:
                ahead += 1
            while self.peek(ahead) == "FROM":
                ahead += 1
            if self.peek(ahead) != "TIME" or (ahead == 0 and spans[-1] == (0, DAY)):
                break
            self.place += ahead
            spans.append(self.span())
        item = Item("SPANS", start, self.found[self.place - 1].end, spans=tuple(spans))
        if always:
            item.days = EVERY_DAY
        ordered = sorted(spans)
        for before, after in pairwise(ordered):
            if after[0] < before[1]:
                raise overlap(self.text[item.start : item.end])
        return item

    def span(self) -> tuple[int, int]:
        first = self.found[self.place]
        self.place += 1
        if first.kind in ("ALLDAY", "ALWAYS"):
            return (0, DAY)
        if not (self.peek() in ("TO", "DASH") and self.peek(1) == "TIME"):
            if self.peek() == "TIME":  # "8h 20h": two hours, or from one to the other?
                raise not_understood(self.text, first.start, self.found[self.place].end)
            if self.peek() in ("TO", "DASH", "COLON"):
                raise not_understood(self.text, first.start, self.found[self.place].end)
            raise OpeningHoursError(
                gettext_noop(
                    "«\u00a0%(part)s\u00a0»\u00a0: indiquez l’heure d’ouverture et l’heure de "
                    "fermeture, par exemple «\u00a09h-12h\u00a0»."
                ),
                self.text[first.start : first.end].strip(),
            )
        last = self.found[self.place + 1]
        self.place += 2
        if self.peek() in ("TO", "DASH") and self.peek(1) == "TIME":
            raise not_understood(self.text, first.start, self.found[self.place + 1].end)
        opens = first.value % DAY
        closes = last.value or DAY
        if closes <= opens:
            closes += DAY
        night = closes - DAY  # minutes past midnight
        if (
            night > LATEST
            or (night > LATE and opens < EVENING)
            or (opens and closes - opens >= DAY)
        ):
            raise OpeningHoursError(
                gettext_noop("«\u00a0%(part)s\u00a0»\u00a0: la fin précède le début."),
                self.text[first.start : last.end].strip(),
            )
        return opens, closes


def overlap(part: str) -> OpeningHoursError:
    """The error for hours that overlap."""
    return OpeningHoursError(
        gettext_noop("«\u00a0%(part)s\u00a0»\u00a0: ces heures se chevauchent."), part.strip()
    )
