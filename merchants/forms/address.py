"""Where a shop is: its address, asked of the national address base, and a pin to adjust."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.geo import Point
from merchants.geocoding import Geocoder, Place, lies_in
from merchants.models import Commune, Shop
from merchants.models.shop import LocationPrecision, LocationSource
from merchants.placing import (
    Address,
    Answer,
    Spot,
    ask,
    fits,
    is_far,
    same_point,
    signed,
    unsigned,
)
from merchants.workflow.values import Listing

KEEP = "keep"


class Candidates(forms.RadioSelect):
    """Places to choose from; each tells the map's script where it is."""

    def create_option(self, name, value, label, selected, index, **kwargs):
        option = super().create_option(name, value, label, selected, index, **kwargs)
        place = unsigned(str(value))
        if place:
            option["attrs"]["data-point"] = f"{place.point.latitude},{place.point.longitude}"
        return option


class AddressPart(forms.Form):
    """The fields of an address, and where it stands: `spot`, once the form is valid.

    `seen` is the listing that the page showed. An address that changed, or a pin that was moved,
    is looked up by `clean`: over the network, up to eight seconds, hence outside of any
    transaction. Where the address base is in doubt, the form comes back with candidates (`choice`)
    and is not valid; where it does not answer, the form is valid, without a point, and `notice`
    says so.
    """

    house_number = forms.CharField(label=gettext_lazy("Numéro"), required=False, max_length=20)
    street = forms.CharField(label=gettext_lazy("Rue ou lieu-dit"), required=False, max_length=160)
    address_extra = forms.CharField(
        label=gettext_lazy("Complément d’adresse"), required=False, max_length=160
    )
    postcode = forms.RegexField(
        r"^[0-9]{5}$",
        label=gettext_lazy("Code postal"),
        required=False,
        error_messages={"invalid": gettext_lazy("Un code postal compte 5 chiffres.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    city = forms.CharField(label=gettext_lazy("Ville"), required=False, max_length=120)
    # Where the pin stands; the place that was picked while typing (`placing.signed`).
    latitude = forms.FloatField(
        required=False, min_value=-90, max_value=90, widget=forms.HiddenInput
    )
    longitude = forms.FloatField(
        required=False, min_value=-180, max_value=180, widget=forms.HiddenInput
    )
    place = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    # The question, its answer, and the address that it was about.
    choice = forms.CharField(
        label=gettext_lazy("Avons-nous bien compris\u202f?"), required=False, widget=Candidates
    )
    asked = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)
    far = forms.BooleanField(
        label=gettext_lazy("Oui, l’entrée est bien à cet endroit"), required=False
    )

    ADDRESS = ("house_number", "street", "address_extra", "postcode", "city")
    POINT = ("latitude", "longitude", "place", "choice", "asked", "far")

    def __init__(
        self,
        data=None,
        *,
        seen: Listing,
        public: Listing | None = None,
        placer: str,
        complete: bool = True,
        held_back: Callable[[], str] = str,
        **kwargs,
    ):
        """`placer` is a LocationSource: who moves the pin. Without `complete`, nothing is asked.
        `held_back` gives a sentence where that person has looked up too much.

        `public` is the listing as residents see it, where the page showed a proposal.
        """
        self.seen, self.public = seen, public or seen
        self.placer, self.complete, self.held_back = placer, complete, held_back
        self.spot = _spot(seen)
        self.notice = ""
        super().__init__(data, **kwargs)

    @classmethod
    def shown_address(cls, listing: Listing) -> dict[str, Any]:
        # As a browser sends them back.
        latitude, longitude = map(str, listing.point) if listing.point else (None, None)
        values = {name: getattr(listing, name) for name in cls.ADDRESS}
        return values | {"latitude": latitude, "longitude": longitude}

    @property
    def commune(self) -> Commune:
        return self.seen.commune

    @property
    def is_asking(self) -> bool:
        return bool(self.fields["choice"].widget.choices)

    @property
    def address(self) -> Address:
        """As typed; the commune stands in for a town that was not."""
        names = ("house_number", "street", "postcode", "city")
        typed = Address(*(self.cleaned_data[name] for name in names))
        return typed.in_town(self.commune.name, self.commune.postcodes)

    @property
    def is_to_look_up(self) -> bool:
        """Whether a listing without point asks for one, though nothing was changed."""
        return False

    def clean(self):
        values = super().clean()
        if not self.errors:
            self._find()
        return values

    def address_changes(self) -> dict[str, Any]:
        """The fields of a `Listing` that say where the shop is."""
        return {name: self.cleaned_data[name] for name in self.ADDRESS} | self.spot._asdict()

    def _find(self) -> None:
        pin = self._pin()
        moved = pin is not None and not same_point(pin, self.seen.point)
        changed = not self.address.is_same_place(_address(self.seen))
        if not (moved or changed or self.is_to_look_up):
            return
        if not moved and changed and self.address.is_same_place(_address(self.public)):
            # Back to where the shop was: its point may have been put by hand.
            self.spot = _spot(self.public)
            return
        if not self.cleaned_data["street"]:
            # A market has a point and no street; a street that was deleted takes its point along.
            self.spot = Spot() if self.seen.street else self.spot
            if moved:
                self._put(pin, None)
            return
        place = self._picked() or self._looked_up(moved=moved, changed=changed)
        if self.errors:
            return
        if moved and not (place and same_point(pin, place.point)):
            self._put(pin, place)
        elif place:
            self.spot = Spot(place.point, LocationSource.GEOCODER.value, place.precision)
        else:
            self.spot = Spot()

    def _pin(self) -> Point | None:
        values = (self.cleaned_data["latitude"], self.cleaned_data["longitude"])
        return None if None in values else Point(*values)

    def _picked(self) -> Place | None:
        """The place that was chosen among the candidates, or picked while typing."""
        chosen = unsigned(self.cleaned_data["choice"]) if self._is_about_this() else None
        if chosen and lies_in(chosen, self.commune):
            new = self.address.with_place(chosen)
            self.cleaned_data.update(new._asdict())
            self._offer([chosen])
            return chosen
        picked = unsigned(self.cleaned_data["place"])
        if picked and lies_in(picked, self.commune) and fits(picked, self.address):
            return picked
        return None

    def _looked_up(self, *, moved: bool, changed: bool) -> Place | None:
        """What the address base is certain of. Elsewhere, asks (an error of the form), or says
        what becomes of an address without a point.

        A pin that was put by hand answers any question but that of another commune.
        """
        if self.cleaned_data["choice"] == KEEP and self._is_about_this():
            self._offer([])
            self.notice = "" if moved else _kept()
            return None
        if problem := self.held_back():
            answer = Answer(problem=problem)
        else:
            answer = ask(Geocoder(settings.GEOCODER_URL), self.address, self.commune)
        asks = self.complete and (changed or not moved)
        if answer.place is None and asks and answer.elsewhere:
            self._question(answer.candidates, _elsewhere(answer.elsewhere, self.commune))
        elif answer.place is None and not moved:
            if asks and answer.candidates:
                self._question(answer.candidates, _unsure())
            elif self.complete:
                self.notice = _without_point(answer)
        return answer.place

    def _question(self, candidates: Iterable[Place], sentence: str) -> None:
        self._offer(candidates)
        self.add_error("choice", sentence)

    def _offer(self, places: Iterable[Place]) -> None:
        """Shows these places to choose from, should the form come back."""
        self.fields["choice"].widget.choices = [
            *((signed(place), place.label) for place in places),
            (KEEP, _("Garder mon adresse telle quelle (la mairie placera le point)")),
        ]

    @property
    def asked_now(self) -> str:
        """What `asked` holds in a form that comes back with a question."""
        return " ".join(
            self[name].value() or "" for name in ("house_number", "street", "postcode", "city")
        )

    def _is_about_this(self) -> bool:
        return self.cleaned_data["asked"].split() == self.asked_now.split()

    def _put(self, pin: Point, place: Place | None) -> None:
        """Puts the point where somebody moved it to, unless that is out of the way."""
        if self.commune.holds(pin) is False:
            sentence = _("Le point est en dehors de %(commune)s\u00a0: remettez-le à l’adresse.")
            self.add_error(None, sentence % {"commune": self.commune.name})
        elif place and is_far(pin, place) and not self.cleaned_data["far"]:
            metres = round(pin.distance_km(place.point) * 1000, -1)
            sentence = _(
                "Le point est à %(metres)d\u00a0m de l’adresse. Est-ce bien l’entrée\u202f? Sinon, "
                "remettez-le à l’adresse."
            )
            self.add_error("far", sentence % {"metres": metres})
        else:
            self.spot = Spot(pin, self.placer, LocationPrecision.EXACT.value)


class AddressForm(AddressPart):
    """The third step of a registration: an address, or none for who goes to the customers."""

    premises = forms.ChoiceField(
        label=gettext_lazy("Où vous trouve-t-on\u202f?"),
        choices=[
            ("yes", gettext_lazy("J’ai un local où l’on vient")),
            ("no", gettext_lazy("Je n’ai pas de local, je me déplace")),
        ],
        widget=forms.RadioSelect,
    )
    service_area = forms.CharField(
        label=gettext_lazy("Zone d’intervention"),
        required=False,
        max_length=Shop._meta.get_field("service_area").max_length,
        help_text=gettext_lazy("Par exemple\u00a0: «\u00a0Suresnes et 10 km autour\u00a0»."),
    )

    def __init__(
        self,
        data=None,
        *,
        listing: Listing,
        seen: Listing,
        placer: str,
        complete: bool = True,
        held_back: Callable[[], str] = str,
    ):
        values = self.shown_address(listing)
        travels = listing.service_area and not listing.street
        values |= {"premises": "no" if travels else "yes", "service_area": listing.service_area}
        commune = listing.commune
        values["city"] = values["city"] or commune.name
        if not values["postcode"] and len(commune.postcodes) == 1:
            values["postcode"] = commune.postcodes[0]
        super().__init__(
            data,
            seen=seen,
            placer=placer,
            complete=complete,
            held_back=held_back,
            initial=values,
        )

    @property
    def is_to_look_up(self):
        return self.spot.point is None and bool(self.cleaned_data["street"])

    @property
    def travels(self) -> bool:
        return self.cleaned_data["premises"] == "no"

    def clean(self):
        missing = "service_area" if self.cleaned_data.get("premises") == "no" else "street"
        if self.complete and not self.errors and not self.cleaned_data[missing]:
            sentence = {
                "street": _("Dites la rue, ou le lieu-dit."),
                "service_area": _("Dites où vous vous déplacez."),
            }[missing]
            self.add_error(missing, sentence)
        return super().clean()

    def _find(self):
        if self.travels:
            # A home address is neither kept nor shown.
            hidden = dict.fromkeys(("house_number", "street", "address_extra"), "")
            self.cleaned_data.update(hidden)
            self.spot = Spot()
        else:
            super()._find()

    @property
    def changes(self) -> dict[str, Any]:
        changes = self.address_changes()
        if self.travels:
            changes["service_area"] = self.cleaned_data["service_area"]
        return changes


def _address(listing: Listing) -> Address:
    return Address(listing.house_number, listing.street, listing.postcode, listing.city)


def _spot(listing: Listing) -> Spot:
    return Spot(listing.point, listing.location_source, listing.location_precision)


def _elsewhere(place: Place, commune: Commune) -> str:
    return _(
        "«\u00a0%(address)s\u00a0» se trouve à %(city)s, pas à %(commune)s. Corrigez l’adresse, "
        "choisissez-en une ici, ou gardez la vôtre."
    ) % {"address": place.label, "city": place.city, "commune": commune.name}


def _unsure() -> str:
    return _("Nous ne sommes pas sûrs de cette adresse. Choisissez la bonne, ou gardez la vôtre.")


def _kept() -> str:
    return _(
        "Votre adresse est gardée telle quelle\u00a0: la mairie placera le point sur la carte."
    )


def _without_point(answer: Answer) -> str:
    if answer.problem:
        return _(
            "%(problem)s Rien n’est perdu\u00a0: votre adresse est enregistrée. Le point sera "
            "placé sur la carte dès que possible, au besoin par la mairie."
        ) % {"problem": answer.problem}
    return _(
        "La base nationale des adresses ne connaît pas cette adresse. Rien n’est perdu\u00a0: elle "
        "est enregistrée, et la mairie placera le point sur la carte."
    )
