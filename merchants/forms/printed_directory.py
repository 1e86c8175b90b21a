"""What an agent chooses of the directory that is printed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from merchants.models import Category
from merchants.opendata.printing import BY_CATEGORY, BY_STREET, Choices


class PrintedDirectoryForm(forms.Form):
    """Sent by GET: a directory changes nothing, and its address may be kept."""

    ordre = forms.ChoiceField(
        label=_("Classer les commerces"),
        choices=[(BY_CATEGORY, _("par activité")), (BY_STREET, _("par rue"))],
        widget=forms.RadioSelect,
        initial=BY_CATEGORY,
    )
    grand = forms.BooleanField(
        label=_("En gros caractères (16 points, une colonne)"), required=False
    )
    qr = forms.BooleanField(
        label=_("Un QR code par commerce, vers sa page"), required=False, initial=True
    )
    horaires = forms.BooleanField(label=_("Les horaires habituels"), required=False, initial=True)
    groupe = forms.ModelMultipleChoiceField(
        label=_("Activités"),
        help_text=_("Rien de coché\u00a0: toutes."),
        queryset=Category.objects.none(),
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["groupe"].queryset = Category.objects.groups().light()

    @property
    def choices(self) -> Choices:
        """What was chosen, once the form is valid."""
        values = self.cleaned_data
        return Choices(
            order=values["ordre"],
            groups=tuple(values["groupe"]),
            large=values["grand"],
            with_qr=values["qr"],
            with_hours=values["horaires"],
        )
