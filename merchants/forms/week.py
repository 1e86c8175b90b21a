"""The editor of a shop's usual week: several rows a day, as they are typed.

Not a Django form: rows come and go, and what was typed stays on the screen whatever becomes of it.
Names of fields are "<weekday>-<row>-opens", "-closes" and "-appointment".
"""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from merchants import opening_hours
from merchants.models.hours import HolidayRule
from merchants.opening_hours import OpeningHoursError, Period, Schedule
from merchants.opening_hours.periods import DAY
from merchants.opening_hours.phrases import weekday_text

# At least; Monday, which is copied to the others, has room for a lunch break.
ROWS_SHOWN, ROWS_OF_MONDAY = 1, 2
ROWS_AT_MOST = 6  # that one may add; what is there stays, however much it is
ROWS_READ = 24  # of one day
# A row that closes before it opens goes past midnight; later than that, it is a mistake.
LATEST_NIGHT = 10 * 60
OPENS = re.compile(r"([0-6])-(0|[1-9][0-9]{0,2})-opens")
TIME = re.compile(r"(\d{1,2})\s*(?:[h:.]\s*(\d{2})?)?$", re.IGNORECASE)


@dataclass
class Row:
    """One range of hours, as typed."""

    name: str  # Prefix of its fields.
    opens: str = ""
    closes: str = ""
    by_appointment: bool = False
    error: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.opens or self.closes or self.by_appointment)


@dataclass
class DayRows:
    weekday: int
    name: str
    rows: list[Row] = field(default_factory=list)

    @property
    def can_grow(self) -> bool:
        return len(self.rows) < ROWS_AT_MOST


class WeekForm:
    """`WeekForm(schedule)` shows a week; `WeekForm.of(request.POST)` reads one.

    After `is_valid()`, `schedule` holds the week and the holiday rule, without special periods.
    """

    def __init__(self, schedule: Schedule | None = None):
        self.holiday_rule = (schedule or Schedule()).holiday_rule.value
        self.errors: list[str] = []
        self.schedule: Schedule | None = None
        self.days = [DayRows(day, weekday_text(day, _)) for day in range(7)]
        for period in schedule.weekly if schedule else ():
            self.days[period.weekday].rows.append(_shown(period))
        self._number()

    @classmethod
    def of(cls, data) -> "WeekForm":
        form = cls()
        form.holiday_rule = data.get("holiday_rule", "")
        for day in form.days:
            day.rows = [_row(data, f"{day.weekday}-{index}") for index in _sent(data, day.weekday)]
        form._number()
        return form

    @property
    def holiday_choices(self) -> list[tuple[str, str, bool]]:
        return [(rule.value, rule.label, rule.value == self.holiday_rule) for rule in HolidayRule]

    def change(self, data) -> bool:
        """Does what a button other than "save" asks for; whether there was one."""
        for button, act in (("copy", self.copy), ("add", self.add), ("clear", self.clear)):
            weekday = data.get(button, "")
            if weekday in set("0123456"):
                act(int(weekday))
                return True
        return False

    def is_like(self, other: "WeekForm") -> bool:
        """Whether both say the same, empty rows aside."""
        return self._said() == other._said()

    def _said(self) -> tuple:
        days = [
            [(row.opens, row.closes, row.by_appointment) for row in day.rows if not row.is_empty]
            for day in self.days
        ]
        return self.holiday_rule, days

    def copy(self, weekday: int) -> None:
        """The rows of one day on all others."""
        model = self.days[weekday].rows
        for day in self.days:
            day.rows = [Row("", r.opens, r.closes, r.by_appointment) for r in model]
        self._number()

    def add(self, weekday: int) -> None:
        if self.days[weekday].can_grow:
            self.days[weekday].rows.append(Row(""))
        self._number()

    def clear(self, weekday: int) -> None:
        self.days[weekday].rows = []
        self._number()

    def is_valid(self) -> bool:
        periods: list[Period] = []
        if self.holiday_rule not in HolidayRule.values:
            self.errors.append(_("Dites ce que vous faites les jours fériés."))
        for day in self.days:
            periods += self._read(day)
        if not self.errors:
            rule = opening_hours.HolidayRule(self.holiday_rule)
            try:
                self.schedule = Schedule(tuple(periods), holiday_rule=rule)
            except OpeningHoursError as error:
                self.errors.append(sentence_of(error))
        return not self.errors

    def _read(self, day: DayRows) -> list[Period]:
        found: list[Period] = []
        if len(day.rows) > ROWS_READ:
            sentence = _("%(day)s\u00a0: %(most)d plages au plus.")
            self.errors.append(sentence % {"day": day.name.capitalize(), "most": ROWS_READ})
        for row in day.rows:
            if row.is_empty:
                continue
            try:
                period = _period(day.weekday, row)
                if any(period.opens < p.closes and p.opens < period.closes for p in found):
                    raise ValueError(_("ces heures en recouvrent d’autres du même jour."))
            except ValueError as error:
                row.error = str(error)
                said = f"{row.error[:1].lower()}{row.error[1:]}"
                self.errors.append(f"{day.name.capitalize()}\u00a0: {said}")
            else:
                found.append(period)
        return found

    def _number(self) -> None:
        """Names the rows anew, with empty ones to type in."""
        for day in self.days:
            while len(day.rows) < (ROWS_SHOWN if day.weekday else ROWS_OF_MONDAY):
                day.rows.append(Row(""))
            for index, row in enumerate(day.rows):
                row.name = f"{day.weekday}-{index}"


def _sent(data, weekday: int) -> list[int]:
    """The numbers of the rows of a day that a browser sent."""
    names = (OPENS.fullmatch(name) for name in data)
    return sorted({int(name[2]) for name in names if name and int(name[1]) == weekday})


def _row(data, prefix: str) -> Row:
    return Row(
        prefix,
        data[f"{prefix}-opens"].strip()[:12],
        data.get(f"{prefix}-closes", "").strip()[:12],
        f"{prefix}-appointment" in data,
    )


def read_sentence(text: str) -> Schedule:
    """What a French sentence says of the week. Raises OpeningHoursError."""
    return opening_hours.from_french(text)


def sentence_of(error: OpeningHoursError) -> str:
    """The error's sentence in the language of the page."""
    return _(error.template) % error.params


def _period(weekday: int, row: Row) -> Period:
    """Raises ValueError with a sentence; OpeningHoursError is one."""
    if row.by_appointment and not (row.opens or row.closes):
        return Period(weekday, 0, DAY, True)
    if not row.opens:
        raise ValueError(_("l’heure d’ouverture manque."))
    if not row.closes:
        raise ValueError(_("l’heure de fermeture manque."))
    opens, closes = minute_of(row.opens), minute_of(row.closes)
    if closes == opens and opens:
        raise ValueError(_("l’ouverture et la fermeture sont à la même heure."))
    if closes <= opens:
        if closes > LATEST_NIGHT:
            raise ValueError(_("la fermeture vient avant l’ouverture."))
        closes += DAY
    if opens >= DAY:
        raise ValueError(
            _("«\u00a0%(time)s\u00a0» n’est pas une heure\u00a0: écrivez 9h30.")
            % {"time": row.opens}
        )
    return Period(weekday, opens, closes, row.by_appointment)


def minute_of(text: str) -> int:
    """Minutes after midnight of "9h30", "09:30", "9" or "24:00". Raises ValueError."""
    match = TIME.fullmatch(text.strip())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 0)
    if minute > 59 or hour * 60 + minute > DAY:
        raise ValueError(
            _("«\u00a0%(time)s\u00a0» n’est pas une heure\u00a0: écrivez 9h30.") % {"time": text}
        )
    return hour * 60 + minute


def _shown(period: Period) -> Row:
    if period.by_appointment and period.opens == 0 and period.closes == DAY:
        return Row("", by_appointment=True)
    times = (f"{m % DAY // 60:02}:{m % 60:02}" for m in (period.opens, period.closes))
    return Row("", *times, by_appointment=period.by_appointment)
