"""« Signaler une erreur »: three fields for a resident, and two that keep machines away."""

from datetime import UTC, datetime, timedelta

from django import forms
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.models import Shop
from merchants.models.report import ReportKind
from merchants.workflow.reports import LONGEST_MESSAGE

# A person reads and chooses; a page that stayed open for a day is older than what it shows.
SOONEST, LATEST = timedelta(seconds=3), timedelta(days=1)
SALT = "merchants.report"


class ReportForm(forms.Form):
    """No cookie stands behind it. A hidden field that only machines fill in, and the signed moment
    at which the page was made (`moment`), take the place of a riddle; whoever is stopped by them
    loses nothing of what was typed and sends it again."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Qu’est-ce qui ne va pas\u202f?"),
        choices=ReportKind,
        widget=forms.RadioSelect,
    )
    message = forms.CharField(
        label=gettext_lazy("Ce que vous avez constaté"),
        help_text=gettext_lazy("Par exemple\u00a0: le samedi, c’est fermé à midi."),
        required=False,
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Votre adresse électronique, pour la réponse (facultatif)"),
        help_text=gettext_lazy("La mairie ne s’en sert que pour vous répondre, puis l’efface."),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    # A name that machines like.
    website = forms.CharField(
        label=gettext_lazy("Laissez ce champ vide"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, data=None, *, shop: Shop, now: datetime):
        super().__init__(data)
        self.shop, self.now = shop, now
        made_at = _made_at(data, shop) if data is not None else None
        self.age = None if made_at is None else now - made_at
        # What a mistake leaves on the page stays as old as it is; another page begins anew.
        is_current = self.age is not None and self.age <= LATEST
        self.moment = data["moment"] if is_current else _signed(shop, now)

    def clean(self):
        values = super().clean()
        if self.age is None or self.age > LATEST:
            self.add_error(
                None,
                _("Cette page était ouverte depuis longtemps. Relisez, puis envoyez de nouveau."),
            )
        elif self.age < SOONEST or values.get("website"):
            self.add_error(
                None,
                _(
                    "Cet envoi ressemble à celui d’un robot. Rien n’est perdu\u00a0: attendez "
                    "quelques secondes, puis envoyez de nouveau."
                ),
            )
        return values

    @property
    def values(self) -> dict[str, str]:
        """What `reports.make` takes."""
        return {name: self.cleaned_data[name] for name in ("kind", "message", "email")}


def _signed(shop: Shop, now: datetime) -> str:
    return signing.dumps([shop.pk, int(now.timestamp())], salt=SALT)


def _made_at(data, shop: Shop) -> datetime | None:
    """When the page of that shop was made; None for what we have not signed."""
    try:
        pk, seconds = signing.loads(data.get("moment", ""), salt=SALT)
    except signing.BadSignature:
        return None
    if pk != shop.pk:
        return None
    return datetime.fromtimestamp(seconds, tz=UTC)
