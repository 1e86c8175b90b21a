"""What an agent writes on the page of a case: a correction, a reason."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from merchants.models import Category, Shop
from merchants.siret import SiretError, normalise_siret
from merchants.workflow import WorkflowError
from merchants.workflow.listing import prepared
from merchants.workflow.review import without_stale_point
from merchants.workflow.values import Listing, Plain, differences, plain, with_values

TEXTS = ("name", "siret", "house_number", "street", "postcode", "city")


def _text(name: str, **options) -> forms.CharField:
    column = Shop._meta.get_field(name)
    label = str(column.verbose_name)
    options = {"max_length": column.max_length, "required": False} | options
    return forms.CharField(label=label[:1].upper() + label[1:], **options)


class CorrectionForm(forms.Form):
    """What the town hall mends by itself; `corrections` are plain values, of what differs only."""

    name = _text("name", required=True)
    main_category = forms.ModelChoiceField(
        Category.objects.none(), to_field_name="slug", label=_("Catégorie principale")
    )
    # Longer than what is kept: people type and paste these with spaces.
    siret = _text("siret", max_length=40)
    house_number = _text("house_number")
    street = _text("street")
    postcode = _text("postcode")
    city = _text("city")

    def __init__(self, data=None, *, listing: Listing):
        shown = plain(listing)
        initial = {name: shown[name] for name in (*TEXTS, "main_category")}
        super().__init__(data, initial=initial, prefix="correction")
        self.listing = listing
        leaves = Category.objects.leaves().select_related("parent")
        self.fields["main_category"].queryset = leaves.order_by("parent__name", "name")

    def clean_siret(self) -> str:
        try:
            return normalise_siret(self.cleaned_data["siret"])
        except SiretError as error:
            raise ValidationError(str(error)) from error

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        before = plain(self.listing)
        values = {name: cleaned[name] for name in TEXTS}
        values["main_category"] = cleaned["main_category"].slug
        self.corrections: Plain = {
            name: value for name, value in values.items() if value != before[name]
        }
        self.corrections = without_stale_point(self.corrections, self.listing.point)
        if not self.corrections:
            raise ValidationError(_("Rien n’est corrigé\u00a0: choisissez «\u00a0Accepter\u00a0»."))
        try:
            corrected = prepared(with_values(self.listing, self.corrections))
        except WorkflowError as error:
            raise ValidationError(str(error)) from error
        self.lines = differences(before, plain(corrected))
        return cleaned
