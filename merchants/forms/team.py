"""Who is asked to join a town hall's team, and as what."""

from django import forms
from django.utils.translation import gettext_lazy

from merchants.models.role import RoleKind

# What each role may do, in the words of whoever gives it.
MAY = [
    (RoleKind.HELPER, gettext_lazy("aidant\u00a0: écrire la fiche d’un commerce, sans publier")),
    (RoleKind.AGENT, gettext_lazy("agent\u00a0: valider, corriger, importer, appeler")),
    (
        RoleKind.REFERENT,
        gettext_lazy("référent\u00a0: comme un agent, et choisir l’équipe et les réglages"),
    ),
]


class RoleInvitationForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Son adresse électronique"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Son rôle"),
        initial=RoleKind.AGENT,
        choices=MAY,
        widget=forms.RadioSelect,
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("Rôle"), choices=RoleKind)
