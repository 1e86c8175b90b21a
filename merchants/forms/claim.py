"""« C’est mon commerce »: how somebody proves it, the code that was given, an owner's side."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.access_codes import CodeError, normalise_code
from merchants.documents import DocumentError, read_document
from merchants.models import Shop
from merchants.models.claim import ClaimProof, CodeChannel

LONGEST_TEXT = 1000  # characters, as in the database
DOCUMENTS = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Votre code"),
        max_length=40,
        help_text=gettext_lazy(
            "10\u00a0caractères, par exemple 7K3QX\u20119M2PD. Majuscules ou minuscules, avec ou "
            "sans tiret."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_code(self):
        try:
            return normalise_code(self.cleaned_data["code"])
        except CodeError as error:
            raise ValidationError(str(error)) from error


class ClaimForm(forms.Form):
    """Ways to prove it, each offered only where the listing or the account allows it."""

    way = forms.ChoiceField(
        label=gettext_lazy("Comment la mairie peut-elle le vérifier\u202f?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez un moyen.")},
    )
    document = forms.FileField(
        label=gettext_lazy("Votre document"),
        required=False,
        help_text=gettext_lazy(
            "Extrait Kbis, bail, facture au nom du commerce… PDF, JPEG ou PNG, 5\u00a0Mo au plus. "
            "Seule la mairie le lit\u202f; il est effacé dès qu’elle a décidé."
        ),
        widget=forms.FileInput(attrs={"accept": DOCUMENTS}),
    )
    message = forms.CharField(
        label=gettext_lazy("Un mot pour la mairie (facultatif)"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data=None, files=None, *, shop: Shop, own_address: str):
        super().__init__(data, files)
        self.fields["way"].choices = ways(shop, own_address)

    def clean(self):
        values = super().clean()
        if values.get("way") != ClaimProof.DOCUMENT or "document" in self.errors:
            return values
        try:
            if not values.get("document"):
                raise DocumentError(_("Joignez un document, ou choisissez un autre moyen."))
            read_document(values["document"])
        except DocumentError as error:
            self.add_error("document", str(error))
        return values

    @property
    def values(self) -> dict[str, Any]:
        """The arguments of `claims.claim`."""
        way = self.cleaned_data["way"]
        by_code = way in set(CodeChannel.values) - {CodeChannel.EMAIL}
        return {
            "proof": ClaimProof.CODE if by_code else ClaimProof(way),
            "channel": way if by_code else "",
            "message": self.cleaned_data["message"],
            "document": self.cleaned_data["document"],
        }


class AnswerForm(forms.Form):
    """What an owner says of somebody else's claim."""

    text = forms.CharField(
        label=gettext_lazy("Votre réponse à la mairie"),
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy("La mairie seule la lit, avec la demande, avant de décider."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def ways(shop: Shop, own_address: str) -> list[tuple[str, str]]:
    """(value, label) of each way; `own_address` is the person's, where it is the shop's too."""
    found = [(CodeChannel.IN_PERSON.value, _("Un agent me remet un code, au commerce"))]
    if shop.street:
        label = _("Un code par courrier, au %(address)s") % {"address": shop.address_line}
        found.append((CodeChannel.POST.value, label))
    if shop.phone:
        found.append((CodeChannel.PHONE.value, _phone_label(shop)))
    if own_address:
        label = _("Mon adresse %(email)s est celle du commerce") % {"email": own_address}
        found.append((ClaimProof.EMAIL.value, label))
    found.append((ClaimProof.DOCUMENT.value, _("Un document\u00a0: extrait Kbis, bail, facture…")))
    return found


def masked(number: str) -> str:
    """A displayed number without its middle: "01 •• •• •• 42"."""
    first, *middle, last = number.split("\xa0")
    return "\xa0".join([first, *("•" * len(group) for group in middle), last])


def _phone_label(shop: Shop) -> str:
    if not shop.public_phone or "\xa0" not in shop.phone_display:
        return _("Un code par téléphone, au numéro que la mairie connaît")
    return _("Un code par téléphone, au %(number)s") % {"number": masked(shop.phone_display)}
