"""Which of a commune's unclaimed listings an agent wants to see, and whom to write to."""

from django import forms
from django.utils.translation import gettext_lazy as _

from merchants.models import Category
from merchants.models.inviting import InvitationState


class InvitationFilterForm(forms.Form):
    """What cannot be read shows them all."""

    q = forms.CharField(label=_("Nom ou rue"), required=False, max_length=100)
    etat = forms.ChoiceField(
        label=_("État"),
        required=False,
        choices=[("", _("tous")), *InvitationState.choices],
    )
    courriel = forms.ChoiceField(
        label=_("Courriel"),
        required=False,
        choices=[("", _("avec ou sans")), ("oui", _("avec")), ("non", _("sans"))],
    )
    groupe = forms.ModelChoiceField(
        label=_("Activité"),
        required=False,
        queryset=Category.objects.none(),
        to_field_name="slug",
        empty_label=_("toutes"),
    )

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["groupe"].queryset = Category.objects.groups().light()

    def of(self, shops):
        """Those of the listings, with their invitation, that are asked for."""
        self.full_clean()
        values = self.cleaned_data
        if values.get("q"):
            shops = shops.matching(values["q"])
        if values.get("etat"):
            shops = shops.filter(invitation=values["etat"])
        if values.get("courriel") == "oui":
            shops = shops.exclude(email="")
        elif values.get("courriel") == "non":
            shops = shops.filter(email="")
        if values.get("groupe"):
            shops = shops.mainly_in([values["groupe"]])
        return shops
