import re
from collections import defaultdict

from allauth.account.adapter import get_adapter
from django import forms
from django.utils.translation import gettext_lazy as _

from merchants.models import Shop, ShopMember, ShopStatus, User
from merchants.workflow.account import shops_without_another_owner
from merchants.workflow.drafts import own_drafts
from merchants.workflow.status import TRANSITIONS

# Names stand in the mails that we write to others: none carries somebody's link.
LINK = re.compile(r"://|/|@|\bwww\.", re.IGNORECASE)


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name"]
        labels = {"name": _("Votre nom")}
        help_texts = {
            "name": _("Facultatif. La mairie et vos collègues le voient, pas les habitants.")
        }
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if LINK.search(name):
            raise forms.ValidationError(_("Un nom ne contient ni lien ni adresse."))
        return name


class DeleteForm(forms.Form):
    """The password is asked for once more, with the same limit of attempts as at the door.

    For each shop that nobody else is in charge of, the person says what becomes of it: nothing is
    chosen beforehand. `drafts`, registrations that nobody else writes either, are erased without a
    question. Three queries, and one more where there is a draft.
    """

    TOWN_HALL, CLOSE = "town_hall", "close"

    password = forms.CharField(
        label=_("Votre mot de passe"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    sure = forms.BooleanField(label=_("Je veux supprimer mon compte. C’est définitif."))

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.shops = list(shops_without_another_owner(user).order_by("name", "pk"))
        members = ShopMember.objects.filter(shop__in=self.shops).exclude(user=user)
        self.colleagues = defaultdict(dict)
        for colleague in members.select_related("user").order_by("pk"):
            self.colleagues[colleague.shop_id][f"member-{colleague.pk}"] = colleague
        drafts = [shop for shop in self.shops if shop.status == ShopStatus.DRAFT]
        own = own_drafts().filter(pk__in=[shop.pk for shop in drafts])
        self._own = set(own.values_list("pk", flat=True)) if drafts else set()
        self.drafts = [s for s in drafts if s.pk in self._own and s.pk not in self.colleagues]
        self.shops = [shop for shop in self.shops if shop not in self.drafts]
        for shop in self.shops:
            self.fields[f"shop-{shop.pk}"] = forms.ChoiceField(
                label=_("Que devient «\u00a0%(name)s\u00a0»\u202f?") % {"name": shop.name},
                choices=self._choices(shop),
                widget=forms.RadioSelect,
                error_messages={"required": _("Choisissez ce que devient cette fiche.")},
            )
        self.order_fields([*(f"shop-{shop.pk}" for shop in self.shops), "password", "sure"])

    def _choices(self, shop: Shop) -> list[tuple[str, str]]:
        heirs = [
            (value, _("%(name)s reprend la fiche.") % {"name": colleague.user})
            for value, colleague in self.colleagues[shop.pk].items()
        ]
        if shop.pk in self._own:
            return [*heirs, (self.TOWN_HALL, _("Le brouillon est effacé, avec ses photos."))]
        if heirs:
            town_hall = _("La mairie reprend la fiche\u202f; vos collègues ne la tiennent plus.")
        else:
            town_hall = _("La mairie reprend la fiche, qui reste telle qu’elle est.")
        ends = [(self.TOWN_HALL, town_hall)]
        if shop.status in TRANSITIONS["close"].sources:
            closed = _("Le commerce ferme définitivement\u00a0: sa page le dit, puis disparaît.")
            ends.append((self.CLOSE, closed))
        return heirs + ends

    @property
    def heirs(self) -> dict[int, ShopMember]:
        """{shop number: colleague who takes over}, once the form is valid."""
        chosen = {shop.pk: self.cleaned_data[f"shop-{shop.pk}"] for shop in self.shops}
        return {
            pk: self.colleagues[pk][value]
            for pk, value in chosen.items()
            if value in self.colleagues[pk]
        }

    @property
    def closing(self) -> set[int]:
        """Numbers of the shops that close for good, once the form is valid."""
        return {
            shop.pk for shop in self.shops if self.cleaned_data[f"shop-{shop.pk}"] == self.CLOSE
        }

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise get_adapter().validation_error("incorrect_password")
        return password
