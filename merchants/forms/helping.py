"""What helpers and agents fill in for a merchant."""

from django import forms
from django.utils.translation import gettext_lazy

from merchants.models import Shop

DRAFTS, NEVER = "brouillons", "jamais"


class HelpingFilterForm(forms.Form):
    """Which of a commune's listings are shown; what cannot be read shows them all."""

    q = forms.CharField(label=gettext_lazy("Nom ou rue"), required=False, max_length=100)
    show = forms.ChoiceField(
        label=gettext_lazy("Montrer"),
        required=False,
        choices=[
            ("", gettext_lazy("toutes les fiches")),
            (DRAFTS, gettext_lazy("les brouillons saisis par la mairie")),
            (NEVER, gettext_lazy("les fiches jamais confirmées")),
        ],
    )

    def of(self, shops):
        """Those of the listings that are asked for."""
        values = self.cleaned_data if self.is_valid() else {}
        if values.get("q"):
            shops = shops.matching(values["q"])
        if values.get("show") == DRAFTS:
            shops = shops.drafts_on_behalf()
        elif values.get("show") == NEVER:
            shops = shops.never_confirmed()
        return shops


class DraftForm(forms.Form):
    """The first answer of a registration for somebody else: its other steps follow."""

    name = forms.CharField(
        label=gettext_lazy("Nom du commerce"),
        max_length=Shop._meta.get_field("name").max_length,
        help_text=gettext_lazy("Celui de l’enseigne."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
