"""The town hall's form of a whole listing."""

from dataclasses import replace

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants import opening_hours
from merchants.geo import Point
from merchants.models import Category, Shop
from merchants.models.shop import PaymentMeans
from merchants.opening_hours import HolidayRule
from merchants.opening_hours.osm_text import features
from merchants.phone import PhoneError
from merchants.placing import Address
from merchants.siret import SiretError, normalise_siret
from merchants.workflow import WorkflowError
from merchants.workflow.listing import (
    FLAGS,
    TEXTS,
    Listing,
    phone_of,
    prepared,
    refuse_siret_twice,
)

# Not type="url", with which browsers refuse « www.x.fr », to which the form adds https://.
URL_ATTRS = {"inputmode": "url", "autocomplete": "url", "autocapitalize": "none"}


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return [line.strip() for line in super().to_python(value).splitlines() if line.strip()]

    def has_changed(self, initial, data):
        return (initial or []) != self.to_python(data)


class ShopForm(forms.ModelForm):
    """Builds `listing`, for the workflow to write; the form itself saves nothing.

    Hours that nobody touched are not part of the write: a text cannot say all that rows hold.
    """

    # Longer than what is kept: people type and paste these with spaces.
    siret = forms.CharField(label=gettext_lazy("SIRET"), required=False, max_length=40)
    phone = forms.CharField(label=gettext_lazy("Téléphone"), required=False, max_length=40)
    hours = forms.CharField(
        label=gettext_lazy("Horaires"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Une phrase («\u00a0du mardi au samedi 9h-12h30 et 14h-19h\u00a0») ou une valeur OSM "
            "opening_hours («\u00a0Tu-Sa 09:00-12:30,14:00-19:00\u00a0»)."
        ),
    )
    social_links = LinesField(
        label=gettext_lazy("Réseaux sociaux"),
        required=False,
        help_text=gettext_lazy("Une adresse par ligne."),
    )
    payment_means = forms.MultipleChoiceField(
        label=gettext_lazy("Moyens de paiement"),
        required=False,
        choices=PaymentMeans,
        widget=forms.CheckboxSelectMultiple,
    )

    website = forms.URLField(
        label=gettext_lazy("Site"),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.TextInput(attrs=URL_ATTRS),
    )
    shop_url = forms.URLField(
        label=gettext_lazy("Boutique en ligne"),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.TextInput(attrs=URL_ATTRS),
    )

    # What the page was made from: see `clean_seen_version`.
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Shop
        fields = [
            "commune", "name", "main_category", "categories", "siret", "description",
            "house_number", "street", "address_extra", "postcode", "city", "latitude",
            "longitude", "location_source", "location_precision", "service_area", "phone",
            "phone_is_public", "email", "email_is_public", "website", "shop_url", "social_links",
            "step_free", "payment_means", "holiday_rule",
        ]  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        leaves = Category.objects.leaves().select_related("parent")
        for name in ("main_category", "categories"):
            if name in self.fields:
                self.fields[name].queryset = leaves
        if "categories" in self.fields:
            self.fields["categories"].required = False
        # The rule that a text of hours states of public holidays, if it states one.
        self.stated_rule: HolidayRule | None = None
        # Whether the point went with an address that is no longer the listing's.
        self.drops_point = False
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.version
        if self.instance.pk and "hours" in self.fields:
            # The holiday rule has a field of its own beside this one.
            unruled = HolidayRule.AS_USUAL
            schedule = replace(self.instance.schedule, holiday_rule=unruled)
            self.initial["hours"] = opening_hours.to_french(schedule) or schedule.to_osm()

    def clean_seen_version(self) -> int | None:
        """Of two people who correct one listing, the second is told what the first has done."""
        version = self.cleaned_data["seen_version"]
        if self.instance.pk and version is not None and version != self.instance.version:
            last = self.instance.history.select_related("by").first()
            raise ValidationError(
                _(
                    "Cette fiche a été modifiée entre-temps (%(what)s, %(who)s)\u00a0: rouvrez-la "
                    "dans un autre onglet, puis reportez ce que vous avez écrit ici."
                )
                % {"what": last.get_action_display(), "who": last.by or last.get_capacity_display()}
            )
        return version

    def clean_siret(self) -> str:
        try:
            siret = normalise_siret(self.cleaned_data["siret"])
            refuse_siret_twice(siret, self.instance.status, self.instance.pk)
        except (SiretError, WorkflowError) as error:
            raise ValidationError(str(error)) from error
        return siret

    def clean_hours(self) -> opening_hours.Schedule | None:
        """OSM's syntax first; then a French sentence, whose error names what was not understood.

        None where the hours are as they were.
        """
        if "hours" not in self.changed_data:
            return None
        text = self.cleaned_data["hours"].strip()
        if not text:
            return opening_hours.Schedule()
        try:
            schedule = opening_hours.from_osm(text, today=timezone.localdate())
        except opening_hours.OpeningHoursError:
            try:
                schedule = opening_hours.from_french(text)
            except opening_hours.OpeningHoursError as error:
                raise ValidationError(_(error.template) % error.params) from error
            if schedule.holiday_rule != HolidayRule.UNKNOWN:
                self.stated_rule = schedule.holiday_rule
        else:
            if features(text).holidays:
                self.stated_rule = schedule.holiday_rule
        return schedule

    def clean(self):
        cleaned = super().clean()
        if "phone" in cleaned and "commune" in cleaned:
            try:
                cleaned["phone"] = phone_of(cleaned["phone"], cleaned["commune"])
            except PhoneError as error:
                self.add_error("phone", str(error))
        self._clean_holiday_rule(cleaned)
        self._drop_stale_point(cleaned)
        if not self.errors:
            try:
                self.listing = prepared(self._listing(cleaned))
            except WorkflowError as error:
                raise ValidationError(str(error)) from error
        return cleaned

    def _drop_stale_point(self, cleaned: dict) -> None:
        """A point stays with its address: a new one is placed anew, by `daily` or by hand."""
        where = {"latitude", "longitude"}
        held = self.instance
        if held.latitude is None or where & set(self.changed_data) or where & self.errors.keys():
            return
        before = Address(*(getattr(held, name) for name in Address._fields))
        after = Address(*(cleaned.get(name, "") for name in Address._fields))
        if not before.is_same_place(after):
            self.drops_point = True
            cleaned |= dict.fromkeys(where) | {"location_source": "", "location_precision": ""}

    def _clean_holiday_rule(self, cleaned: dict) -> None:
        """What the hours state wins over a choice that nobody made, and contradicts a made one."""
        stated, chosen = self.stated_rule, cleaned.get("holiday_rule")
        if stated is None or chosen in (None, stated.value):
            return
        if "holiday_rule" not in self.changed_data:
            cleaned["holiday_rule"] = stated.value
            return
        sentence = _(
            "Les horaires saisis disent «\u00a0%(stated)s\u00a0» et ce choix dit "
            "«\u00a0%(chosen)s\u00a0». Merci d’accorder l’un à l’autre."
        )
        labels = dict(Shop._meta.get_field("holiday_rule").choices)
        values = {"stated": labels[stated.value], "chosen": labels[chosen]}
        self.add_error("holiday_rule", sentence % values)

    def _listing(self, cleaned: dict) -> Listing:
        latitude, longitude = cleaned["latitude"], cleaned["longitude"]
        if (latitude is None) != (longitude is None):
            raise ValidationError(_("Donnez la latitude et la longitude, ou aucune des deux."))
        point = None if latitude is None else Point(latitude, longitude)
        if bool(point) != bool(cleaned["location_source"] and cleaned["location_precision"]):
            raise ValidationError(_("Un point va avec son origine et sa précision."))
        rule = HolidayRule(cleaned["holiday_rule"])
        schedule = cleaned["hours"]
        if schedule is not None:
            clock = cleaned["commune"].clock
            schedule = replace(
                schedule,
                holiday_rule=rule,
                timezone=clock.timezone,
                holiday_zone=clock.holiday_zone,
            )
        return Listing(
            commune=cleaned["commune"],
            main_category=cleaned["main_category"],
            categories=(cleaned["main_category"], *cleaned["categories"]),
            point=point,
            social_links=tuple(cleaned["social_links"]),
            payment_means=tuple(cleaned["payment_means"]),
            schedule=schedule,
            holiday_rule=rule,
            **{name: cleaned[name] for name in (*TEXTS, *FLAGS)},
        )
