from allauth.account.adapter import get_adapter
from django import forms
from django.utils.translation import gettext_lazy as _

from merchants.models import User


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name"]
        labels = {"name": _("Votre nom")}
        help_texts = {"name": _("Facultatif. La mairie le voit, pas les habitants.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class DeleteForm(forms.Form):
    """The password is asked for once more, with the same limit of attempts as at the door."""

    password = forms.CharField(
        label=_("Votre mot de passe"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    sure = forms.BooleanField(label=_("Je veux supprimer mon compte. C’est définitif."))

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("incorrect_password")
        return password
