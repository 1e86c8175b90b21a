"""The call list's filters, and the form that is filled in while one is on the telephone."""

from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.forms.week import read_sentence, sentence_of
from merchants.models import Category, Commune
from merchants.models.shop_queryset import FRESH_FOR, ShopQuerySet
from merchants.opening_hours import (
    OpeningHoursError,
    Period,
    holiday_name,
    holidays_between,
)
from merchants.opening_hours.phrases import date_text, long_date_text, weekday_text
from merchants.workflow.calls import LONGEST_NOTE, Heard, HolidayAnswer

# How far ahead one asks shops about a public holiday.
AHEAD = timedelta(days=30)


class Wanted:
    """Which listings are to be called about: the values of `quoi`."""

    ALL, NO_HOURS, NEVER, OLD, HOLIDAY = "", "sans-horaires", "jamais", "six-mois", "ferie"


def coming_holiday(commune: Commune, now: datetime) -> date | None:
    """The next public holiday of the commune's zone, if it comes within AHEAD."""
    today = now.astimezone(ZoneInfo(commune.timezone)).date()
    ahead = holidays_between(today + timedelta(days=1), today + AHEAD, commune.holiday_zone)
    return ahead[0] if ahead else None


def start_of_day(commune: Commune, now: datetime) -> datetime:
    local = now.astimezone(ZoneInfo(commune.timezone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


class CallFilterForm(forms.Form):
    """Parameters of an address: a value that makes no sense is left out."""

    quoi = forms.ChoiceField(label=gettext_lazy("Lesquelles"), required=False)
    groupe = forms.ModelChoiceField(
        Category.objects.none(),
        to_field_name="slug",
        label=gettext_lazy("Activité"),
        required=False,
        empty_label=gettext_lazy("Toutes"),
    )
    tous = forms.BooleanField(
        label=gettext_lazy("aussi celles sans téléphone"),
        required=False,
    )

    def __init__(self, data, *, commune: Commune, now: datetime):
        super().__init__(data, auto_id="filtre-%s")
        self.commune, self.now = commune, now
        self.holiday = coming_holiday(commune, now)
        self.fields["quoi"].choices = self._choices()
        groups = Category.objects.filter(parent=None).only("slug", "name", "name_en")
        self.fields["groupe"].queryset = groups.order_by("name")
        self.is_valid()

    def _choices(self) -> list[tuple[str, str]]:
        choices = [
            (Wanted.ALL, _("toutes les fiches en ligne")),
            (Wanted.NO_HOURS, _("sans horaires")),
            (Wanted.NEVER, _("jamais confirmées")),
            (Wanted.OLD, _("non confirmées depuis 6\u00a0mois")),
        ]
        if self.holiday:
            words = {
                "day": date_text(self.holiday, _),
                "name": _(holiday_name(self.holiday, self.commune.holiday_zone)),
            }
            label = _("à interroger avant le %(day)s (%(name)s)") % words
            choices.append((Wanted.HOLIDAY, label))
        return choices

    @property
    def wanted(self) -> str:
        return self.cleaned_data.get("quoi") or Wanted.ALL

    @property
    def asked_day(self) -> date | None:
        """The public holiday that shops of this list are asked about."""
        return self.holiday if self.wanted == Wanted.HOLIDAY else None

    @property
    def query(self) -> str:
        """The same filter as the query of an address, the commune's code first."""
        values = {"commune": self.commune.insee_code}
        if self.wanted:
            values["quoi"] = self.wanted
        if group := self.cleaned_data.get("groupe"):
            values["groupe"] = group.slug
        if self.cleaned_data.get("tous"):
            values["tous"] = "on"
        return urlencode(values)

    def shops(self) -> ShopQuerySet:
        """Those to call, in the order in which to call them."""
        shops = self.commune.shops.published()
        if not self.cleaned_data.get("tous"):
            shops = shops.with_phone()
        if group := self.cleaned_data.get("groupe"):
            shops = shops.in_categories([group])
        if self.wanted == Wanted.NO_HOURS:
            shops = shops.without_hours()
        elif self.wanted == Wanted.NEVER:
            shops = shops.never_confirmed()
        elif self.wanted == Wanted.OLD:
            shops = shops.unconfirmed_since(self.now - FRESH_FOR)
        elif self.wanted == Wanted.HOLIDAY:
            shops = shops.untold_on_holiday(self.holiday)
        return shops.in_call_order(start_of_day(self.commune, self.now))

    def left_today(self) -> ShopQuerySet:
        """Those of the list that nobody has vouched for today: the way from call to call ends."""
        return self.shops().unconfirmed_since(start_of_day(self.commune, self.now))


class CallForm(forms.Form):
    """What the shop says. Hours are a sentence; they are written once it was shown how they are
    understood (`was_shown`). With a day, it is also asked about that public holiday."""

    sentence = forms.CharField(
        label=gettext_lazy("Horaires, s’ils ont changé"),
        help_text=gettext_lazy(
            "Comme on vous les dit\u00a0: du mardi au samedi 9h-12h30 14h-19h, "
            "fermé les jours fériés"
        ),
        required=False,
        max_length=500,
    )
    answer = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    day_hours = forms.CharField(
        label=gettext_lazy("Ses heures ce jour-là"),
        help_text=gettext_lazy("Par exemple\u00a0: 9h-12h30"),
        required=False,
        max_length=100,
    )
    note = forms.CharField(
        label=gettext_lazy("Remarque (facultatif, pour la mairie seule)"),
        required=False,
        max_length=LONGEST_NOTE,
    )

    def __init__(self, data=None, *, day: date | None):
        super().__init__(data)
        self.day = day
        if day is None:
            del self.fields["answer"], self.fields["day_hours"]
            return
        answer = self.fields["answer"]
        answer.label = _("Ouvert le %(day)s\u202f?") % {"day": long_date_text(day, _)}
        answer.choices = [
            ("", _("pas demandé")),
            (HolidayAnswer.CLOSED.value, _("non, fermé ce jour-là")),
            (HolidayAnswer.ALWAYS_CLOSED.value, _("non, fermé tous les jours fériés")),
            (HolidayAnswer.AS_USUAL.value, _("oui, aux heures habituelles")),
            (HolidayAnswer.HOURS.value, _("oui, à d’autres heures\u00a0:")),
        ]
        answer.initial = ""

    def clean_sentence(self):
        text = " ".join(self.cleaned_data["sentence"].split())
        self.cleaned_data["week"] = self._read(text) if text else None
        return text

    def clean(self):
        values = super().clean()
        hours = " ".join(values.get("day_hours", "").split())
        if hours and values.get("answer") != HolidayAnswer.HOURS.value:
            self.add_error(
                "day_hours", _("Choisissez «\u00a0oui, à d’autres heures\u00a0», ou effacez-les.")
            )
        elif values.get("answer") == HolidayAnswer.HOURS.value and "day_hours" not in self.errors:
            values["periods"] = self._periods(hours)
        return values

    def _periods(self, hours: str) -> tuple[Period, ...]:
        if not hours:
            self.add_error("day_hours", _("Écrivez ses heures ce jour-là."))
            return ()
        weekday = self.day.weekday()
        try:
            told = self._read(f"{weekday_text(weekday)} {hours}").rows_by_weekday[weekday]
        except ValidationError as error:
            self.add_error("day_hours", error)
            return ()
        if not told:
            self.add_error("day_hours", _("Écrivez des heures d’ouverture."))
        return told

    def _read(self, text: str):
        try:
            return read_sentence(text)
        except OpeningHoursError as error:
            raise ValidationError(sentence_of(error)) from error

    @property
    def heard(self) -> Heard:
        answer = self.cleaned_data.get("answer")
        return Heard(
            week=self.cleaned_data.get("week"),
            day=self.day,
            answer=HolidayAnswer(answer) if answer else None,
            periods=self.cleaned_data.get("periods", ()),
        )

    @property
    def says_hours(self) -> bool:
        return bool(self.cleaned_data.get("week") or self.cleaned_data.get("answer"))

    @property
    def typed(self) -> str:
        """The hours that were typed, which are shown as understood before they are written."""
        values = (self.cleaned_data.get(name, "") for name in ("sentence", "day_hours"))
        return " | ".join(" ".join(value.split()) for value in values).strip(" |")

    @property
    def was_shown(self) -> bool:
        return not self.typed or self.data.get("previewed", "") == self.typed
