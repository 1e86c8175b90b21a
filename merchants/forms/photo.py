"""A photo to add to a listing."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.photos import MOST_BYTES
from merchants.workflow.photos import LONGEST_ALT

# Without HEIC: an iPhone then sends JPEG. docs/decisions/0010-photos.md
ACCEPTED = "image/jpeg,image/png,image/webp"


def too_heavy() -> str:
    return _("Cette photo pèse plus de %(megabytes)d\u00a0Mo. Choisissez-en une plus légère.") % {
        "megabytes": MOST_BYTES // 1024**2
    }


class PhotoForm(forms.Form):
    """A file and its description, which stays on the page where the file is refused."""

    file = forms.FileField(
        label=gettext_lazy("La photo"),
        allow_empty_file=True,  # `merchants.photos` has the sentence.
        help_text=gettext_lazy(
            "Prise à l’instant ou choisie dans vos photos\u00a0: JPEG, PNG ou WebP, "
            "15\u00a0Mo au plus."
        ),
        error_messages={
            "required": gettext_lazy("Choisissez une photo."),
            "missing": gettext_lazy("Choisissez une photo."),
        },
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    alt = forms.CharField(
        max_length=LONGEST_ALT,
        label=gettext_lazy("Que voit-on sur la photo\u202f?"),
        help_text=gettext_lazy(
            "Pour les personnes qui ne la voient pas\u00a0: «\u00a0La vitrine, avec les pains "
            "en rayon\u00a0»."
        ),
        error_messages={
            "required": gettext_lazy(
                "Décrivez la photo en quelques mots, pour les personnes qui ne la voient pas."
            )
        },
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(too_heavy())
        return file
