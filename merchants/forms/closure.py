"""Days off: one day or part of one, or from one day to another."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.forms.week import minute_of


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


REASON = {
    "label": gettext_lazy("Pourquoi\u202f? (les clients le lisent)"),
    "required": False,
    "max_length": 100,
}


class ClosureForm(forms.Form):
    """An exceptional closure: today, tomorrow or another day; the whole day or part of it."""

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
        super().__init__(data, initial={"when": "today"})
        self.today = today
        self.fields["when"].choices = [
            ("today", _("aujourd’hui")),
            ("tomorrow", _("demain")),
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
            values["day"] = self.today + timedelta(days=when == "tomorrow")
        if values.get("part") == "hours":
            for name in ("from_time", "to_time"):
                if values.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Indiquez l’heure."))
            if values.get("from_time") is not None and (
                values["from_time"] == values.get("to_time")
            ):
                self.add_error("to_time", _("Les deux heures sont les mêmes."))
        else:
            values["from_time"] = values["to_time"] = None
        return values


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
