"""What the people of a shop fill in, page by page; each form builds the `changes` of an edit."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from merchants.forms.address import AddressPart
from merchants.forms.category import CategoryFields
from merchants.forms.shop import URL_ATTRS, LinesField
from merchants.models import Shop
from merchants.models.service import ServiceKind
from merchants.models.shop import PaymentMeans, StepFree
from merchants.phone import PhoneError, display_phone
from merchants.siret import SiretError, normalise_siret
from merchants.workflow.listing import phone_of
from merchants.workflow.values import Listing, Service

HIDDEN_OTHERWISE = gettext_lazy("Décoché\u00a0: seule la mairie le voit.")


class ListingForm(forms.Form):
    """Shows the listing as its people see it (`workflow.edit.with_proposal`)."""

    def __init__(self, data=None, *, listing: Listing):
        self.listing = listing
        super().__init__(data, initial=self.shown(listing))

    def shown(self, listing: Listing) -> dict[str, Any]:
        return {
            name: list(value) if isinstance(value := getattr(listing, name), tuple) else value
            for name in self.base_fields
            if hasattr(listing, name)
        }

    @property
    def changes(self) -> dict[str, Any]:
        return {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in self.cleaned_data.items()
        }


class ProseField(forms.CharField):
    """Text of several lines, which browsers send with a carriage return that they do not count."""

    widget = forms.Textarea

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class DescriptionForm(ListingForm):
    description = ProseField(
        label=gettext_lazy("Ce qu’on trouve chez vous"),
        required=False,
        max_length=Shop._meta.get_field("description").max_length,
        widget=forms.Textarea(
            attrs={
                "rows": 6,
                "data-counter": gettext_lazy("Il reste %s caractères."),
                "data-counter-one": gettext_lazy("Il reste %s caractère."),
            }
        ),
        help_text=gettext_lazy(
            "Avec les mots que l’on cherche\u00a0: «\u00a0pain bio\u00a0», "
            "«\u00a0réparation de vélo\u00a0». 2\u202f000 caractères au plus."
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
    phone_is_public = forms.BooleanField(
        label=gettext_lazy("Téléphone visible de tous"), required=False, help_text=HIDDEN_OTHERWISE
    )
    email = forms.EmailField(
        label=gettext_lazy("Courriel"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    email_is_public = forms.BooleanField(
        label=gettext_lazy("Courriel visible de tous"), required=False, help_text=HIDDEN_OTHERWISE
    )
    website = forms.URLField(
        label=gettext_lazy("Site"),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.TextInput(attrs=URL_ATTRS),
    )
    shop_url = forms.URLField(
        label=gettext_lazy("Boutique en ligne"),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.TextInput(attrs=URL_ATTRS),
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

    def full_clean(self):
        """What is written of a service that is not offered is left alone, and hides no mistake."""
        super().full_clean()
        if self.is_bound and not self.cleaned_data.get("offered"):
            self.errors.clear()

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
    """One `ServiceForm` for each kind that the town offers; quacks like a form."""

    def __init__(self, data=None, *, listing: Listing):
        held = {service.kind: service for service in listing.services}
        hidden = set(listing.commune.hidden_services) - set(held)
        self.services = [
            ServiceForm(data, kind=kind, held=held.get(kind.value))
            for kind in ServiceKind
            if kind.value not in hidden
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


class IdentityForm(AddressPart, CategoryFields, ListingForm):
    """Name, categories, SIRET and address: what the town hall answers for."""

    name = forms.CharField(label=gettext_lazy("Nom du commerce"), max_length=120)
    siret = forms.CharField(
        label=gettext_lazy("SIRET"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("14 chiffres. Laissez vide si vous n’en avez pas encore."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def shown(self, listing):
        return super().shown(listing) | self.shown_address(listing)

    def clean_siret(self):
        try:
            return normalise_siret(self.cleaned_data["siret"])
        except SiretError as error:
            raise ValidationError(str(error)) from error

    @property
    def changes(self):
        values = super().changes
        for name in self.POINT:
            del values[name]
        return values | self.address_changes()


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Son adresse électronique"),
        max_length=254,
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

    farewell = ProseField(
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
