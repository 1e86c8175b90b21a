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
from merchants.workflow import WorkflowError
from merchants.workflow.listing import TEXTS, Listing, prepared


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
    """Builds `listing`, for the workflow to write; the form itself saves nothing."""

    hours = forms.CharField(
        label=gettext_lazy("Horaires"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Une phrase (« du mardi au samedi 9h-12h30 et 14h-19h ») ou une valeur OSM "
            "opening_hours (« Tu-Sa 09:00-12:30,14:00-19:00 »)."
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
        label=gettext_lazy("Site"), required=False, max_length=500, assume_scheme="https"
    )
    shop_url = forms.URLField(
        label=gettext_lazy("Boutique en ligne"),
        required=False,
        max_length=500,
        assume_scheme="https",
    )

    class Meta:
        model = Shop
        fields = [
            "commune", "name", "main_category", "categories", "siret", "description",
            "house_number", "street", "address_extra", "postcode", "city", "latitude",
            "longitude", "location_source", "location_precision", "service_area", "phone",
            "email", "website", "shop_url", "social_links", "step_free", "payment_means",
            "holiday_rule",
        ]  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        leaves = Category.objects.leaves().select_related("parent")
        for name in ("main_category", "categories"):
            if name in self.fields:
                self.fields[name].queryset = leaves
        if "categories" in self.fields:
            self.fields["categories"].required = False
        if self.instance.pk and "hours" in self.fields:
            # The holiday rule has a field of its own beside this one.
            unruled = opening_hours.HolidayRule.AS_USUAL
            self.initial["hours"] = replace(self.instance.schedule, holiday_rule=unruled).to_osm()

    def clean_hours(self) -> opening_hours.Schedule:
        """OSM's syntax first; then a French sentence, whose error names what was not understood."""
        text = self.cleaned_data["hours"].strip()
        if not text:
            return opening_hours.Schedule()
        try:
            return opening_hours.from_osm(text, today=timezone.localdate())
        except opening_hours.OpeningHoursError:
            try:
                return opening_hours.from_french(text)
            except opening_hours.OpeningHoursError as error:
                raise ValidationError(_(error.template) % error.params) from error

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            try:
                self.listing = prepared(self._listing(cleaned))
            except WorkflowError as error:
                raise ValidationError(str(error)) from error
        return cleaned

    def _listing(self, cleaned: dict) -> Listing:
        latitude, longitude = cleaned["latitude"], cleaned["longitude"]
        if (latitude is None) != (longitude is None):
            raise ValidationError(_("Donnez la latitude et la longitude, ou aucune des deux."))
        point = None if latitude is None else Point(latitude, longitude)
        if bool(point) != bool(cleaned["location_source"] and cleaned["location_precision"]):
            raise ValidationError(_("Un point va avec son origine et sa précision."))
        clock = cleaned["commune"].clock
        schedule = replace(
            cleaned["hours"],
            holiday_rule=opening_hours.HolidayRule(cleaned["holiday_rule"]),
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
            **{name: cleaned[name] for name in TEXTS},
        )
