"""What the first and the last step of a registration ask for."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from merchants.company_search import LONGEST
from merchants.forms.my_shop import ListingForm
from merchants.siret import SiretError, normalise_siret


class SiretField(forms.CharField):
    """Fourteen digits with their key, or nothing."""

    widget = forms.TextInput(attrs={"inputmode": "numeric"})

    def clean(self, value):
        try:
            return normalise_siret(super().clean(value))
        except SiretError as error:
            raise ValidationError(str(error)) from error


def siret_field() -> SiretField:
    return SiretField(
        label=gettext_lazy("SIRET"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("14 chiffres. Laissez vide si vous n’en avez pas encore."),
    )


class CompanyQuestionForm(forms.Form):
    """One field that finds a company in the official register."""

    q = forms.CharField(
        label=gettext_lazy("SIRET ou nom du commerce"),
        min_length=3,
        max_length=LONGEST,
        help_text=gettext_lazy("Le SIRET compte 14 chiffres. À défaut, le nom, même incomplet."),
        error_messages={"required": gettext_lazy("Écrivez un SIRET ou un nom.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization", "spellcheck": "false"}),
    )

    def clean_q(self):
        """A number that is meant as a SIRET is checked here, before anybody is asked."""
        question = self.cleaned_data["q"]
        digits = re.sub(r"[\s.\-\u202f]", "", question)
        if digits.isdigit() and len(digits) > 9:
            try:
                return normalise_siret(digits)
            except SiretError as error:
                raise ValidationError(str(error)) from error
        return question


class ByNameForm(forms.Form):
    """For who is not in the register yet, or does not find himself there."""

    name = forms.CharField(
        label=gettext_lazy("Nom du commerce"),
        max_length=120,
        help_text=gettext_lazy("Celui de votre enseigne."),
    )
    siret = siret_field()


class BusinessForm(ListingForm):
    """The same, of the draft."""

    name = forms.CharField(
        label=gettext_lazy("Nom du commerce"),
        max_length=120,
        help_text=gettext_lazy(
            "Celui de votre enseigne\u00a0: c’est lui que les habitants lisent."
        ),
    )
    siret = siret_field()


class TermsForm(forms.Form):
    terms = forms.BooleanField(
        label=gettext_lazy("J’accepte les conditions de publication"),
        error_messages={"required": gettext_lazy("Cochez la case pour accepter les conditions.")},
    )
