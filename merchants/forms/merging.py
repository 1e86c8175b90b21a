"""Which of two listings stays, and whose values it has."""

from django import forms
from django.utils.translation import gettext_lazy as _

from merchants.models import Shop
from merchants.workflow.merging import KEPT, OTHER, better, differing
from merchants.workflow.values import Listing

ONE, TWO = "a", "b"
SIDES = [(ONE, ONE), (TWO, TWO)]


class MergeForm(forms.Form):
    """Choices between "a" and "b", the two listings of the page; one for each value that differs.

    The sensible ones are chosen already: `merging.better` stays, and what it does not say comes
    from the other. Versions are those that the page showed.
    """

    keep = forms.ChoiceField(
        choices=SIDES, error_messages={"required": _("Choisissez la fiche qui reste.")}
    )
    version_a = forms.IntegerField(widget=forms.HiddenInput)
    version_b = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, one: Shop, two: Shop):
        self.shops = {ONE: one, TWO: two}
        kept = ONE if better(one, two) == one else TWO
        listings = {side: Listing.of(shop) for side, shop in self.shops.items()}
        other = TWO if kept == ONE else ONE
        self.names = differing(listings[kept], listings[other])
        initial = {"keep": kept, "version_a": one.version, "version_b": two.version}
        initial |= {name: kept if says(listings[kept], name) else other for name in self.names}
        super().__init__(data, initial=initial)
        for name in self.names:
            self.fields[name] = forms.ChoiceField(
                choices=SIDES,
                error_messages={"required": _("Choisissez l’une des deux valeurs.")},
            )

    def chosen(self, name: str) -> str:
        """The side that is marked on the page: what was sent, else the sensible one."""
        return self[name].value() or ""

    @property
    def kept(self) -> Shop:
        return self.shops[self.cleaned_data["keep"]]

    @property
    def other(self) -> Shop:
        return self.shops[TWO if self.cleaned_data["keep"] == ONE else ONE]

    @property
    def choices(self) -> dict[str, str]:
        keep = self.cleaned_data["keep"]
        return {n: KEPT if self.cleaned_data[n] == keep else OTHER for n in self.names}

    @property
    def expected_versions(self) -> tuple[int, int]:
        versions = {side: self.cleaned_data[f"version_{side}"] for side in (ONE, TWO)}
        keep = self.cleaned_data["keep"]
        return versions[keep], versions[TWO if keep == ONE else ONE]


def says(listing: Listing, name: str) -> bool:
    """Whether a listing has anything to say under that name of `merging.FIELDS`."""
    if name == "hours":
        return bool(listing.schedule and listing.schedule.weekly)
    if name == "specials":
        return bool(listing.schedule and listing.schedule.specials)
    if name == "activity":
        return listing.main_category is not None
    if name == "place":
        return bool(listing.street or listing.point)
    return bool(getattr(listing, name))
