"""Files of INSEE's register that an agent hands over: an extract, or all of a small town."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.opendata.import_runs import MOST_BYTES

_FILE = forms.FileInput(attrs={"accept": ".csv,.zip,.gz"})


class StockForm(forms.Form):
    """StockEtablissement, and StockUniteLegale for the names of companies."""

    file = forms.FileField(
        label=gettext_lazy("Établissements (StockEtablissement)"),
        error_messages={
            "required": gettext_lazy("Choisissez le fichier des établissements."),
            "empty": gettext_lazy("Ce fichier est vide."),
        },
        widget=_FILE,
    )
    units = forms.FileField(
        label=gettext_lazy("Entreprises (StockUniteLegale), facultatif"),
        required=False,
        error_messages={"empty": gettext_lazy("Ce fichier est vide.")},
        widget=_FILE,
    )

    def clean(self):
        cleaned = super().clean()
        for name in ("file", "units"):
            if cleaned.get(name) and cleaned[name].size > MOST_BYTES:
                raise ValidationError(
                    _("Un fichier pèse plus de %(megabytes)d\u00a0Mo\u00a0: lancez la commande.")
                    % {"megabytes": MOST_BYTES // 1_000_000}
                )
        return cleaned
