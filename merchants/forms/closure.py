"""Days off: one day or part of one, or from one day to another."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.forms.week import minute_of
from merchants.opening_hours.phrases import long_date_text


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class TimeField(forms.CharField):
    """Minutes after midnight, None where nothing is typed."""

    widget = forms.TextInput(attrs={"type": "time"})

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        try:
            return minute_of(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error


# A range that goes past midnight starts from there on, and ends there at the latest.
EVENING, DAWN = 18 * 60, 6 * 60

REASON = {
    "label": gettext_lazy("Pourquoi\u202f? (les clients le lisent)"),
    "required": False,
    "max_length": 100,
}


class ClosureForm(forms.Form):
    """An exceptional closure: today, tomorrow or another day; the whole day or part of it.

    "Today" is sent as a date: midnight may pass between the page and the click.
    """

    when = forms.ChoiceField(label=gettext_lazy("Quel jour\u202f?"), widget=forms.RadioSelect)
    day = forms.DateField(label=gettext_lazy("Autre jour"), required=False, widget=DateInput())
    part = forms.ChoiceField(
        label=gettext_lazy("Combien de temps\u202f?"),
        choices=[
            ("day", gettext_lazy("toute la journée")),
            ("hours", gettext_lazy("seulement de… à…")),
        ],
        initial="day",
        widget=forms.RadioSelect,
    )
    from_time = TimeField(label=gettext_lazy("Fermé de"), required=False)
    to_time = TimeField(label=gettext_lazy("à"), required=False)
    reason = forms.CharField(**REASON)

    def __init__(self, data=None, *, today: date):
        super().__init__(data, initial={"when": today.isoformat()})
        self.today = today
        tomorrow = today + timedelta(days=1)
        choices = {
            today: _("aujourd’hui, %(day)s") % {"day": long_date_text(today, _)},
            tomorrow: _("demain, %(day)s") % {"day": long_date_text(tomorrow, _)},
        }
        asked = _date_or_none(self["when"].value())
        if asked and asked not in choices:  # By a page of another day.
            choices[asked] = long_date_text(asked, _)
        self.fields["when"].choices = [
            *((day.isoformat(), label) for day, label in choices.items()),
            ("other", _("un autre jour")),
        ]
        self.fields["day"].widget.attrs["min"] = today.isoformat()

    def clean(self):
        values = super().clean()
        when = values.get("when")
        if when == "other":
            if not values.get("day") and "day" not in self.errors:
                self.add_error("day", _("Indiquez le jour."))
        elif when:
            values["day"] = date.fromisoformat(when)
            if values["day"] < self.today:
                self.add_error("when", _("Ce jour est passé\u00a0: choisissez-en un autre."))
        if values.get("part") == "hours":
            for name in ("from_time", "to_time"):
                if values.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Indiquez l’heure."))
            start, end = values.get("from_time"), values.get("to_time")
            if start is not None and start == end:
                self.add_error("to_time", _("Les deux heures sont les mêmes."))
            elif None not in (start, end) and end < start and not _is_night(start, end):
                self.add_error("to_time", _("Cette heure vient avant la première."))
        else:
            values["from_time"] = values["to_time"] = None
        return values


def _is_night(start: int, end: int) -> bool:
    """Whether a range that ends the day after is meant so: to midnight, or from an evening on."""
    return end == 0 or (start >= EVENING and end <= DAWN)


def _date_or_none(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


class HolidayForm(forms.Form):
    start = forms.DateField(label=gettext_lazy("Premier jour fermé"), widget=DateInput())
    end = forms.DateField(label=gettext_lazy("Dernier jour fermé"), widget=DateInput())
    reason = forms.CharField(**REASON, initial=gettext_lazy("congés"))

    def __init__(self, data=None, *, today: date):
        super().__init__(data)
        for name in ("start", "end"):
            self.fields[name].widget.attrs["min"] = today.isoformat()

    def clean(self):
        values = super().clean()
        if values.get("start") and values.get("end") and values["end"] < values["start"]:
            self.add_error("end", _("Le dernier jour vient avant le premier."))
        return values
