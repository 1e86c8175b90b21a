"""What a town hall says of itself and how its directory works, as its referents set it.

Each field carries what it showed (`show_hidden_initial`): what somebody else has changed since is
no change of this form, and is not written back.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants import phone
from merchants.colors import Readings, readings
from merchants.forms.my_shop import ProseField
from merchants.forms.shop import URL_ATTRS
from merchants.models import Category, Commune
from merchants.models.commune import TIMEZONES, EditPolicy, HolidayZone
from merchants.models.service import ServiceKind

MOST_LEGAL = 4000


def _text(label, rows: int, most: int, help_text="") -> ProseField:
    return ProseField(
        label=label,
        required=False,
        max_length=most,
        help_text=help_text,
        show_hidden_initial=True,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class TownHallForm(forms.Form):
    """The settings of one commune; `changes` is what `communes.update_town_hall` writes."""

    town_hall_name = forms.CharField(
        label=gettext_lazy("Nom de la mairie"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("À défaut\u00a0: «\u00a0Mairie de\u00a0» et le nom de la commune."),
        show_hidden_initial=True,
    )
    town_hall_address = _text(gettext_lazy("Adresse de la mairie"), 3, 400)
    town_hall_phone = forms.CharField(
        label=gettext_lazy("Téléphone de la mairie"),
        required=False,
        max_length=20,
        show_hidden_initial=True,
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    town_hall_email = forms.EmailField(
        label=gettext_lazy("Courriel de la mairie"),
        required=False,
        help_text=gettext_lazy(
            "Les commerçants y répondent\u202f; ce qui attend y est rappelé chaque jour."
        ),
        show_hidden_initial=True,
    )
    town_hall_website = forms.URLField(
        label=gettext_lazy("Site de la mairie"),
        required=False,
        assume_scheme="https",
        max_length=200,
        show_hidden_initial=True,
        widget=forms.TextInput(attrs=URL_ATTRS),
    )
    welcome_text = _text(
        gettext_lazy("Texte d’accueil"),
        3,
        600,
        gettext_lazy("En haut de la page de la commune. 600 caractères au plus."),
    )
    accent_color = forms.CharField(
        label=gettext_lazy("Couleur"),
        required=False,
        max_length=7,
        help_text=gettext_lazy("Comme #14614f. Laissez vide pour la couleur du site."),
        show_hidden_initial=True,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    legal_notice = _text(
        gettext_lazy("Mentions légales"),
        6,
        MOST_LEGAL,
        gettext_lazy("Qui publie, qui répond des fiches, qui héberge."),
    )
    moderation_policy = _text(
        gettext_lazy("Règles de publication"),
        6,
        4000,
        gettext_lazy(
            "Ce que la mairie publie, ce qu’elle refuse, et sous quel délai elle répond. "
            "Tout le monde les lit."
        ),
    )
    appeal_contact = _text(
        gettext_lazy("Contact pour un recours"),
        3,
        400,
        gettext_lazy("À défaut, les coordonnées de la mairie."),
    )
    edit_policy = forms.ChoiceField(
        label=gettext_lazy("La mairie relit avant publication"),
        choices=EditPolicy,
        show_hidden_initial=True,
        widget=forms.RadioSelect,
    )
    timezone = forms.ChoiceField(
        label=gettext_lazy("Fuseau horaire"), choices=TIMEZONES, show_hidden_initial=True
    )
    holiday_zone = forms.ChoiceField(
        label=gettext_lazy("Jours fériés"), choices=HolidayZone, show_hidden_initial=True
    )
    hidden_services = forms.MultipleChoiceField(
        label=gettext_lazy("Services non proposés"),
        required=False,
        choices=ServiceKind,
        show_hidden_initial=True,
        widget=forms.CheckboxSelectMultiple,
    )
    hidden_categories = forms.MultipleChoiceField(
        label=gettext_lazy("Catégories non proposées"),
        required=False,
        show_hidden_initial=True,
        widget=forms.CheckboxSelectMultiple,
    )

    SECTIONS = [
        (
            "mairie",
            gettext_lazy("La mairie"),
            [
                "town_hall_name",
                "town_hall_address",
                "town_hall_phone",
                "town_hall_email",
                "town_hall_website",
            ],
        ),
        ("page", gettext_lazy("La page de la commune"), ["welcome_text", "accent_color"]),
        (
            "regles",
            gettext_lazy("Règles et mentions"),
            ["moderation_policy", "appeal_contact", "legal_notice", "edit_policy"],
        ),
        ("heure", gettext_lazy("Heure et jours fériés"), ["timezone", "holiday_zone"]),
    ]

    def __init__(self, data=None, *, commune: Commune):
        self.commune = commune
        self.categories = list(Category.objects.light().order_by("position", "pk"))
        hidden = set(commune.hidden_categories.values_list("slug", flat=True))
        initial = {
            name: getattr(commune, name) for name in self.base_fields if name != "hidden_categories"
        }
        initial["town_hall_phone"] = commune.town_hall_phone_display
        super().__init__(data, initial=initial | {"hidden_categories": sorted(hidden)})
        slugs = [category.slug for category in self.categories]
        self.fields["hidden_categories"].choices = [(slug, slug) for slug in slugs]

    def clean_town_hall_phone(self) -> str:
        typed = self.cleaned_data["town_hall_phone"]
        try:
            return phone.normalise_phone(typed) if typed else ""
        except phone.PhoneError as error:
            raise ValidationError(str(error)) from error

    def clean_accent_color(self) -> str:
        color = self.cleaned_data["accent_color"].strip().lower()
        if not color:
            return ""
        color = color if color.startswith("#") else f"#{color}"
        try:
            readings(color)
        except ValueError as error:
            raise ValidationError(
                _("Une couleur s’écrit #1a2b3c\u00a0: un dièse et six chiffres ou lettres a à f.")
            ) from error
        return color

    def clean_hidden_services(self) -> list[str]:
        chosen = self.cleaned_data["hidden_services"]
        if len(chosen) == len(ServiceKind):
            raise ValidationError(_("Laissez au moins un service."))
        return chosen

    def clean_hidden_categories(self) -> list[Category]:
        chosen = set(self.cleaned_data["hidden_categories"])
        groups = {category.slug for category in self.categories if category.parent_id is None}
        if groups and groups <= chosen:
            raise ValidationError(_("Laissez au moins un groupe de catégories."))
        return [category for category in self.categories if category.slug in chosen]

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}

    @property
    def sections(self) -> list[tuple]:
        return [(key, title, [self[name] for name in names]) for key, title, names in self.SECTIONS]

    @property
    def color(self) -> Readings | None:
        """What becomes of the colour in the field; None where there is none that can be read."""
        try:
            return readings((self["accent_color"].value() or "").strip())
        except ValueError:
            return None

    @property
    def groups(self) -> list[tuple[Category, list[Category], int]]:
        """Each group with its categories, and how many of them are ticked."""
        ticked = set(self["hidden_categories"].value() or [])
        for category in self.categories:
            category.is_ticked = category.slug in ticked
        children: dict[int, list[Category]] = {}
        for category in self.categories:
            if category.parent_id:
                children.setdefault(category.parent_id, []).append(category)
        return [
            (group, several, sum(each.is_ticked for each in (group, *several)))
            for group in self.categories
            if group.parent_id is None
            for several in [children.get(group.pk, [])]
        ]

    @property
    def shown_categories(self) -> list[str]:
        """What the page showed as ticked, for the hidden fields that tell a change."""
        if self.is_bound:
            return self.data.getlist("initial-hidden_categories")
        return self.initial["hidden_categories"]


class LogoForm(forms.Form):
    logo = forms.FileField(
        label=gettext_lazy("Nouveau logo"),
        help_text=gettext_lazy("JPEG, PNG ou WebP, 15\u00a0Mo au plus."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
