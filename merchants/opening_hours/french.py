"""Reading what French shopkeepers type: "du mardi au samedi 9h-12h30 et 14h-19h, fermé le lundi".

    sentence  = statement { [separator] statement }
    statement = days [":"] what | what days            (the first statement sets the order)
    what      = spans [appointment] | closed | appointment
    days      = day range | list of days | "tous les jours" ["sauf" days]
    spans     = span { (",", "et", "/", nothing) span }
    span      = time ("-" | "à") time | "24h/24"

Nothing is guessed: a sentence that can be read in two ways, or not wholly, is refused with the
piece that is in the way. Days that are not named are closed; public holidays that are not named
stay UNKNOWN. "24h/24" and "sur rendez-vous" alone, without days, mean every day.
"""

from dataclasses import dataclass, field

from .errors import OpeningHoursError, gettext_noop
from .french_groups import Grouper, Item, overlap
from .french_tokens import EVERY_DAY, HOLIDAY, normal_form, not_understood, tokens
from .periods import DAY, HolidayRule, Period
from .schedule import Schedule


@dataclass
class _Told:
    """What has been said of each day so far."""

    spans: dict[int, list[tuple[int, int, bool]]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    rule: HolidayRule | None = None


def from_french(text: str) -> Schedule:
    """Read a sentence; OpeningHoursError with `.part`, the piece that is in the way."""
    text = normal_form(text)
    found = tokens(text)
    if not found:
        raise OpeningHoursError(gettext_noop("Aucun horaire n’est indiqué."))
    items = Grouper(text, found).items()
    return _Reader(text, items).schedule()


class _Reader:
    """Second step: who says what of which days."""

    def __init__(self, text: str, items: list[Item]):
        self.text = text
        self.items = items
        self.place = 0
        self.told = _Told()
        self.appointment_mode = False
        self.hours_first = False
        self.last_days: Item | None = None

    def piece(self, *items: Item) -> str:
        return self.text[items[0].start : items[-1].end].strip()

    def next(self, ahead: int = 0) -> Item:
        index = self.place + ahead
        if index < len(self.items):
            return self.items[index]
        return Item("END", len(self.text), len(self.text))

    def skip(self, *kinds: str) -> bool:
        skipped = False
        while self.next().kind in kinds:
            self.place += 1
            skipped = True
        return skipped

    def schedule(self) -> Schedule:
        self.skip("STOP", "LINK")
        ahead = 0
        while self.next(ahead).kind in ("OPEN", "COLON", "NO_APPOINTMENT"):
            ahead += 1
        self.hours_first = self.next(ahead).kind == "SPANS"
        while self.next().kind != "END":
            self.statement()
            self.skip("STOP", "LINK")
        return self.result()

    def statement(self) -> None:
        item = self.next()
        after = self.next(1).kind
        if item.kind in ("APPOINTMENT", "NO_APPOINTMENT") and after == "COLON":
            self.appointment_mode = item.kind == "APPOINTMENT"
            self.place += 2
        elif item.kind == "WITH_HOLIDAYS":
            self.place += 1
            self.holidays(HolidayRule.AS_USUAL, item)
        elif item.kind == "OPEN":
            self.place += 1
            if self.next().kind == "COLON":
                self.place += 1
            days = self.next()
            if days.kind == "DAYS" and days.days == {HOLIDAY}:
                self.open_holidays(days)
        elif item.kind == "CLOSED":
            self.closed_days(item)
        elif item.kind == "EXCEPT":
            self.exception(item)
        elif item.kind == "SPANS" and item.days:  # 24/7
            self.place += 1
            self.add(item, item, False)
        elif item.kind == "SPANS" and self.hours_first:
            self.hours_then_days(item)
        elif item.kind == "DAYS":
            self.days_then_what(item)
        elif item.kind == "SPANS":
            raise self.which_days(item)
        elif item.kind == "APPOINTMENT" and after == "SPANS" and self.last_days:
            self.place += 2
            self.add(self.last_days, self.next(-1), True)
        elif item.kind == "APPOINTMENT" and not self.told.spans and after in ("END", "STOP"):
            self.place += 1
            whole = Item("SPANS", item.start, item.end, spans=((0, DAY),))
            self.add(Item("DAYS", item.start, item.end, EVERY_DAY), whole, True)
        else:
            raise not_understood(self.text, item.start, item.end)

    # Statements

    def days_then_what(self, days: Item) -> None:
        self.place += 1
        days = self.without_exception(days)
        self.skip("COLON", "LINK", "OPEN")
        if self.next().kind == "COLON":
            self.place += 1
        what = self.next()
        if what.kind == "CLOSED":
            self.place += 1
            self.close(days)
        elif what.kind == "WITH_HOLIDAYS" and self.next(1).kind in ("SPANS", "COLON", "LINK"):
            self.place += 1
            self.holidays(HolidayRule.AS_USUAL, what)
            self.items.insert(self.place, Item("DAYS", days.start, days.end, days.days))
        elif what.kind == "APPOINTMENT":
            self.place += 1
            self.skip("COLON")
            if self.next().kind == "SPANS":
                spans = self.next()
                self.place += 1
                self.add(days, spans, True)
            else:
                whole = Item("SPANS", what.start, what.end, spans=((0, DAY),))
                self.add(days, whole, True)
        elif what.kind == "SPANS" and not what.days:
            self.place += 1
            self.add(days, what, self.appointment_after(what))
        elif what.kind == "SPANS" and days.days == EVERY_DAY:
            self.place += 1
            self.add(days, what, False)
        else:
            raise OpeningHoursError(
                gettext_noop("Indiquez les horaires de «\u00a0%(part)s\u00a0»."), self.piece(days)
            )

    def hours_then_days(self, spans: Item) -> None:
        self.place += 1
        appointment = self.appointment_after(spans)
        ahead = 0
        while self.next(ahead).kind in ("LINK", "COLON"):
            ahead += 1
        following = self.next(ahead)
        if following.kind == "DAYS":
            self.place += ahead + 1
            days = self.without_exception(following)
            if self.next().kind == "COLON" or (
                self.next().kind == "LINK" and self.next(1).kind == "COLON"
            ):
                raise self.which_days(spans)
            self.add(days, spans, appointment)
            return
        if following.kind == "EXCEPT" and self.next(ahead + 1).kind == "DAYS":
            # "8h-12h sauf le dimanche": all the other days.
            self.add(Item("DAYS", spans.start, spans.end, EVERY_DAY), spans, appointment)
            self.hours_first = False
            return
        if spans.spans == ((0, DAY),) and following.kind in ("END", "STOP", "WITH_HOLIDAYS"):
            self.add(Item("DAYS", spans.start, spans.end, EVERY_DAY), spans, appointment)
            return
        raise self.which_days(spans)

    def closed_days(self, item: Item) -> None:
        """ "fermé le lundi": the days follow, and nothing may claim them after that."""
        self.place += 1
        self.skip("COLON")
        days = self.next()
        if days.kind != "DAYS":
            raise not_understood(self.text, item.start, max(item.end, self.next().end))
        self.place += 1
        ahead = 0
        while self.next(ahead).kind in ("COLON", "LINK", "OPEN"):
            ahead += 1
        if self.next(ahead).kind in ("SPANS", "APPOINTMENT", "CLOSED") and not (
            self.hours_first and self.next(ahead).kind == "SPANS"
        ):
            raise OpeningHoursError(
                gettext_noop(
                    "«\u00a0%(part)s\u00a0»\u00a0: on ne sait pas quels jours sont fermés. "
                    "Séparez les deux indications par un point."
                ),
                self.piece(item, self.next(ahead)),
            )
        self.close(days)

    def exception(self, item: Item) -> None:
        """ "…, sauf le jeudi de 12h à 20h": other hours, or none, on some of the days told."""
        self.place += 1
        while True:
            days = self.next()
            if days.kind != "DAYS":
                raise not_understood(self.text, item.start, max(item.end, days.end))
            self.place += 1
            if days.days == {HOLIDAY}:
                self.holidays(HolidayRule.CLOSED, days)
            else:
                if not all(self.told.spans.get(day) for day in days.days):
                    raise OpeningHoursError(
                        gettext_noop(
                            "«\u00a0%(part)s\u00a0»\u00a0: cette exception porte sur des jours "
                            "dont les horaires ne sont pas indiqués."
                        ),
                        self.piece(item, days),
                    )
                for day in days.days:
                    self.told.spans[day] = []
                if self.next().kind == "COLON":
                    self.place += 1
                if self.next().kind == "SPANS":
                    spans = self.next()
                    self.place += 1
                    self.add(days, spans, self.appointment_after(spans))
                else:
                    self.told.closed |= days.days
                    return
            if self.next().kind == "LINK" and self.next(1).kind == "DAYS":
                self.place += 1
                continue
            return

    # What is told of days

    def without_exception(self, days: Item) -> Item:
        """Take "sauf dimanche" off days that have no hours yet."""
        if self.next().kind != "EXCEPT":
            return days
        excepted = self.next(1)
        if excepted.kind != "DAYS" or self.hours_first:
            return days
        self.place += 2
        if HOLIDAY in excepted.days:
            self.holidays(HolidayRule.CLOSED, excepted)
        named = excepted.days - {HOLIDAY}
        if not named <= days.days:
            raise OpeningHoursError(
                gettext_noop(
                    "«\u00a0%(part)s\u00a0»\u00a0: cette exception porte sur des jours "
                    "dont les horaires ne sont pas indiqués."
                ),
                self.piece(days, excepted),
            )
        return Item("DAYS", days.start, excepted.end, days.days - named)

    def appointment_after(self, spans: Item) -> bool:
        """Whether "sur rendez-vous" follows one single span."""
        if self.next().kind != "APPOINTMENT":
            return self.appointment_mode
        item = self.next()
        if len(spans.spans) > 1:
            raise OpeningHoursError(
                gettext_noop(
                    "«\u00a0%(part)s\u00a0»\u00a0: on ne sait pas quelles heures sont sur "
                    "rendez-vous. Écrivez «\u00a0sur rendez-vous de 14h à 18h\u00a0» à part."
                ),
                self.piece(spans, item),
            )
        self.place += 1
        return True

    def add(self, days: Item, spans: Item, by_appointment: bool) -> None:
        if HOLIDAY in days.days:
            raise OpeningHoursError(
                gettext_noop(
                    "«\u00a0%(part)s\u00a0»\u00a0: des horaires propres aux jours fériés ne "
                    "peuvent pas être repris. Indiquez «\u00a0ouvert les jours fériés\u00a0» ou "
                    "«\u00a0fermé les jours fériés\u00a0»."
                ),
                self.piece(days),
            )
        self.last_days = days
        for day in days.days:
            known = self.told.spans.setdefault(day, [])
            if day in self.told.closed:
                raise self.contradiction(days, spans)
            for opens, closes in spans.spans:
                if any(opens < end and start < closes for start, end, _ in known):
                    raise overlap(self.piece(spans))
                known.append((opens, closes, by_appointment))

    def close(self, days: Item) -> None:
        self.last_days = None
        if HOLIDAY in days.days:
            self.holidays(HolidayRule.CLOSED, days)
        named = days.days - {HOLIDAY}
        open_days = {day for day, spans in self.told.spans.items() if spans}
        if named & open_days and (open_days <= named or not named <= open_days):
            raise self.contradiction(days, days)
        for day in named:
            self.told.spans[day] = []
        self.told.closed |= named

    def open_holidays(self, days: Item) -> None:
        if self.next(1).kind in ("SPANS", "COLON"):
            return  # refused as hours of holidays
        self.place += 1
        self.holidays(HolidayRule.AS_USUAL, days)

    def holidays(self, rule: HolidayRule, item: Item) -> None:
        if self.told.rule not in (None, rule):
            raise self.contradiction(item, item)
        self.told.rule = rule

    # The end

    def result(self) -> Schedule:
        rows = [
            Period(day, opens, closes, by_appointment)
            for day, spans in self.told.spans.items()
            for opens, closes, by_appointment in spans
        ]
        if not rows:
            raise OpeningHoursError(
                gettext_noop(
                    "Aucun horaire d’ouverture n’est indiqué dans «\u00a0%(part)s\u00a0»."
                ),
                self.text.strip(),
            )
        return Schedule(weekly=tuple(rows), holiday_rule=self.told.rule or HolidayRule.UNKNOWN)

    def which_days(self, spans: Item) -> OpeningHoursError:
        return OpeningHoursError(
            gettext_noop(
                "Indiquez les jours de «\u00a0%(part)s\u00a0», par exemple «\u00a0du lundi au "
                "vendredi\u00a0» ou «\u00a0tous les jours\u00a0»."
            ),
            self.piece(spans),
        )

    def contradiction(self, first: Item, last: Item) -> OpeningHoursError:
        return OpeningHoursError(
            gettext_noop(
                "«\u00a0%(part)s\u00a0»\u00a0: ces jours sont dits à la fois ouverts et fermés."
            ),
            self.text[first.start : last.end].strip() or self.piece(first),
        )
