"""What the people of a shop fill in, page by page; each form builds the `changes` of an edit."""

from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.forms.shop import LinesField
from merchants.models import Category, Shop
from merchants.models.service import ServiceKind
from merchants.models.shop import PaymentMeans, StepFree
from merchants.phone import PhoneError, display_phone
from merchants.siret import SiretError, normalise_siret
from merchants.workflow.listing import phone_of
from merchants.workflow.values import Listing, Service

OTHERS_SHOWN = 2  # Selects for further categories.


class ListingForm(forms.Form):
    """Shows the listing as its people see it (`workflow.edit.with_proposal`)."""

    def __init__(self, data=None, *, listing: Listing):
        self.listing = listing
        super().__init__(data, initial=self.shown(listing))

    def shown(self, listing: Listing) -> dict[str, Any]:
        return {
            name: list(value) if isinstance(value := getattr(listing, name), tuple) else value
            for name in self.base_fields
        }

    @property
    def changes(self) -> dict[str, Any]:
        return {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in self.cleaned_data.items()
        }


class DescriptionForm(ListingForm):
    description = forms.CharField(
        label=gettext_lazy("Ce qu’on trouve chez vous"),
        required=False,
        max_length=Shop._meta.get_field("description").max_length,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "Avec les mots que l’on cherche\u00a0: «\u00a0pain bio\u00a0», "
            "«\u00a0réparation de vélo\u00a0»."
        ),
    )
    step_free = forms.ChoiceField(
        label=gettext_lazy("Entrée"), required=False, choices=StepFree, widget=forms.RadioSelect
    )
    payment_means = forms.MultipleChoiceField(
        label=gettext_lazy("Paiements acceptés"),
        required=False,
        choices=PaymentMeans,
        widget=forms.CheckboxSelectMultiple,
    )


class ContactForm(ListingForm):
    phone = forms.CharField(
        label=gettext_lazy("Téléphone"),
        required=False,
        max_length=30,
        widget=forms.TextInput(
            attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"},
        ),
    )
    email = forms.EmailField(
        label=gettext_lazy("Courriel"),
        required=False,
        help_text=gettext_lazy("Visible de tous. Laissez vide pour ne pas en donner."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    website = forms.URLField(
        label=gettext_lazy("Site"), required=False, max_length=500, assume_scheme="https"
    )
    shop_url = forms.URLField(
        label=gettext_lazy("Boutique en ligne"),
        required=False,
        max_length=500,
        assume_scheme="https",
    )
    social_links = LinesField(
        label=gettext_lazy("Réseaux sociaux"),
        required=False,
        help_text=gettext_lazy("Une adresse par ligne, avec https://"),
    )
    service_area = forms.CharField(
        label=gettext_lazy("Zone d’intervention"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "Si vous vous déplacez\u00a0: «\u00a0Suresnes et 10 km autour\u00a0»."
        ),
    )

    def shown(self, listing):
        return super().shown(listing) | {"phone": display_phone(listing.phone)}

    def clean_phone(self):
        try:
            return phone_of(self.cleaned_data["phone"], self.listing.commune)
        except PhoneError as error:
            raise ValidationError(str(error)) from error

    def clean_social_links(self):
        links = self.cleaned_data["social_links"]
        check = forms.URLField(assume_scheme="https")
        return [check.clean(link) for link in links]


class ServiceForm(forms.Form):
    """One kind of service: offered or not, and what a customer must know of it."""

    offered = forms.BooleanField(required=False)
    note = forms.CharField(label=gettext_lazy("Précision"), required=False, max_length=300)
    area = forms.CharField(
        label=gettext_lazy("Où livrez-vous\u202f?"), required=False, max_length=200
    )
    minimum_order = forms.DecimalField(
        label=gettext_lazy("Minimum de commande (€)"),
        required=False,
        min_value=0,
        max_digits=7,
        decimal_places=2,
        localize=True,
    )
    fee = forms.DecimalField(
        label=gettext_lazy("Frais de livraison (€)"),
        required=False,
        min_value=0,
        max_digits=7,
        decimal_places=2,
        localize=True,
    )
    pickup_place = forms.CharField(
        label=gettext_lazy("Lieu de retrait"), required=False, max_length=200
    )
    delay = forms.CharField(label=gettext_lazy("Délai"), required=False, max_length=120)
    how_to_order = forms.CharField(
        label=gettext_lazy("Comment commander"), required=False, max_length=200
    )

    ONLY = {
        "area": ServiceKind.DELIVERY,
        "minimum_order": ServiceKind.DELIVERY,
        "fee": ServiceKind.DELIVERY,
        "pickup_place": ServiceKind.CLICK_AND_COLLECT,
    }

    def __init__(self, data, *, kind: ServiceKind, held: Service | None):
        self.kind = kind
        names = [name for name in self.base_fields if name != "offered"]
        initial = {"offered": held is not None}
        if held:
            initial |= {name: getattr(held, name) for name in names}
        super().__init__(data, prefix=kind.value, initial=initial)
        self.fields["offered"].label = kind.label
        for name, only in self.ONLY.items():
            if kind != only:
                del self.fields[name]

    @property
    def details(self) -> list:
        return [bound for bound in self if bound.name != "offered"]

    @property
    def service(self) -> Service | None:
        values = dict(self.cleaned_data)
        if not values.pop("offered"):
            return None
        return Service(kind=self.kind.value, **values)


class ServicesForm:
    """One `ServiceForm` for each kind; quacks like a form."""

    def __init__(self, data=None, *, listing: Listing):
        held = {service.kind: service for service in listing.services}
        self.services = [
            ServiceForm(data, kind=kind, held=held.get(kind.value)) for kind in ServiceKind
        ]
        self._errors: list[str] = []

    def is_valid(self) -> bool:
        return not [form for form in self.services if not form.is_valid()]

    def add_error(self, _field: None, sentence: str) -> None:
        self._errors.append(sentence)

    def non_field_errors(self) -> list[str]:
        return self._errors

    @property
    def changes(self) -> dict[str, Any]:
        return {"services": tuple(form.service for form in self.services if form.service)}


class IdentityForm(ListingForm):
    """Name, categories, SIRET and address: what the town hall answers for."""

    name = forms.CharField(label=gettext_lazy("Nom du commerce"), max_length=120)
    main_category = forms.ChoiceField(label=gettext_lazy("Activité principale"))
    siret = forms.CharField(
        label=gettext_lazy("SIRET"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("14 chiffres. Laissez vide si vous n’en avez pas encore."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    house_number = forms.CharField(label=gettext_lazy("Numéro"), required=False, max_length=12)
    street = forms.CharField(label=gettext_lazy("Rue"), required=False, max_length=160)
    address_extra = forms.CharField(
        label=gettext_lazy("Complément d’adresse"), required=False, max_length=160
    )
    postcode = forms.RegexField(
        r"^\d{5}$",
        label=gettext_lazy("Code postal"),
        required=False,
        error_messages={"invalid": gettext_lazy("Un code postal compte 5 chiffres.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    city = forms.CharField(label=gettext_lazy("Ville"), required=False, max_length=120)

    def __init__(self, data=None, *, listing: Listing):
        super().__init__(data, listing=listing)
        leaves = Category.objects.leaves().select_related("parent")
        leaves = sorted(leaves, key=lambda c: (c.parent.position, c.parent.pk, c.position, c.pk))
        self.categories = {category.slug: category for category in leaves}
        held = [category for category in listing.categories if category != listing.main_category]
        for category in (listing.main_category, *held):
            self.categories.setdefault(category.slug, category)
        groups = [
            (group.label, [(category.slug, category.label) for category in several])
            for group, several in groupby(leaves, key=lambda category: category.parent)
        ]
        known = {category.slug for category in leaves}
        strays = [(s, c.label) for s, c in self.categories.items() if s not in known]
        self.fields["main_category"].choices = [*strays, *groups]
        for index in range(max(OTHERS_SHOWN, len(held))):
            self.fields[f"other_{index}"] = forms.ChoiceField(
                label=_("Autre activité"),
                required=False,
                choices=[("", _("aucune")), *strays, *groups],
            )
            if index < len(held):
                self.initial[f"other_{index}"] = held[index].slug

    def shown(self, listing):
        return super().shown(listing) | {"main_category": listing.main_category.slug}

    @property
    def others(self) -> list:
        return [self[name] for name in self.fields if name.startswith("other_")]

    def clean_siret(self):
        try:
            return normalise_siret(self.cleaned_data["siret"])
        except SiretError as error:
            raise ValidationError(str(error)) from error

    @property
    def changes(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        others = [values.pop(name) for name in list(values) if name.startswith("other_")]
        main = self.categories[values.pop("main_category")]
        categories = dict.fromkeys([main, *(self.categories[slug] for slug in others if slug)])
        return values | {"main_category": main, "categories": tuple(categories)}


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Son adresse électronique"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Cette personne pourra"),
        initial="colleague",
        choices=[
            ("colleague", gettext_lazy("tenir la fiche à jour")),
            ("owner", gettext_lazy("tout faire, comme vous (responsable)")),
        ],
        widget=forms.RadioSelect,
    )


class ClosingForm(forms.Form):
    """Closing for good: typed confirmation, a last word, who takes over."""

    farewell = forms.CharField(
        label=gettext_lazy("Un mot pour vos clients"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    successor = forms.CharField(
        label=gettext_lazy("Qui prend la suite, ou votre nouvelle adresse"),
        required=False,
        max_length=200,
    )
    sure = forms.BooleanField(
        label=gettext_lazy("Oui, ce commerce ferme définitivement"),
        error_messages={"required": gettext_lazy("Cochez la case pour fermer définitivement.")},
    )
