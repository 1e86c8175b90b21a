"""The one form that asks for shops: list, map, feed, exports and API all read it.

Its parameters are addresses that people share and type over, so nothing here is ever an error
page: a value that makes no sense is left out, and `notices` says so in a sentence.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.geo import Box, Point
from merchants.models.category import Category
from merchants.models.commune import Clock
from merchants.models.service import ServiceKind
from merchants.models.shop_queryset import ShopQuerySet
from merchants.opening_hours.phrases import long_date_text, time_text
from merchants.text import search_prefixes

NOW = "maintenant"
MOST_NOTICES = 5
DEFAULT_RADIUS_KM, MAX_RADIUS_KM = 10, 50
RADII_KM = [1, 2, 5, 10, 20, 50]


class Order:
    FAIR, NAME, DISTANCE, CONFIRMED = "", "nom", "distance", "confirme"
    choices = [
        (FAIR, gettext_lazy("Ouverts d’abord")),
        (NAME, gettext_lazy("Par nom")),
        (DISTANCE, gettext_lazy("Du plus proche au plus loin")),
        (CONFIRMED, gettext_lazy("Confirmés récemment d’abord")),
    ]


@dataclass(frozen=True)
class Criteria:
    """What was asked for, in plain values; `shops` is the only place that applies it."""

    question: str = ""
    categories: tuple[Category, ...] = ()
    services: tuple[str, ...] = ()
    instant: datetime | None = None
    point: Point | None = None
    radius_km: float = DEFAULT_RADIUS_KM
    box: Box | None = None
    order: str = Order.FAIR

    def shops(self, shops: ShopQuerySet, clocks: list[Clock] | None = None) -> ShopQuerySet:
        """Those of the shops that answer to everything asked, in no particular order."""
        if self.question:
            shops = shops.matching(self.question)
        if self.categories:
            shops = shops.in_categories(self.categories)
        if self.services:
            shops = shops.offering(self.services)
        if self.box:
            shops = shops.in_box(self.box)
        if self.point:
            shops = shops.near(self.point, self.radius_km)
        if self.instant:
            shops = shops.open_at(self.instant, clocks)
        return shops

    def in_order(
        self, shops: ShopQuerySet, now: datetime, clocks: list[Clock] | None = None
    ) -> ShopQuerySet:
        """The shops as the list shows them; nearest first once a place is given."""
        if self.order == Order.NAME:
            return shops.by_name()
        if self.order == Order.CONFIRMED:
            return shops.recently_confirmed_first()
        if self.point and self.order in {Order.FAIR, Order.DISTANCE}:
            return shops.order_by("distance_km", "pk")
        return shops.in_fair_order(self.instant or now, clocks, self.question)

    def without(self, *names: str) -> "Criteria":
        """The same question with these parts left open."""
        blank = Criteria()
        return replace(self, **{name: getattr(blank, name) for name in names})


class LenientMultipleChoiceField(forms.MultipleChoiceField):
    """Keeps the choices that exist and puts the others aside in `unknown`."""

    def clean(self, value):
        self.unknown = [item for item in value or [] if item not in dict(self.choices)]
        known = [item for item in value or [] if item in dict(self.choices)]
        return list(dict.fromkeys(known))


class ParsedField(forms.CharField):
    """Text read by a function that raises ValueError; None where blank."""

    def __init__(self, parse, **kwargs):
        self.parse = parse
        super().__init__(required=False, **kwargs)

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.parse(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class ShopFilterForm(forms.Form):
    """Reads the address's parameters; `criteria` holds what could be made of them.

    Always use it bound. `categories` is every category by slug (one query serves the page),
    `now` an aware instant, `clock` the commune's clock (Paris across communes).
    """

    q = forms.CharField(required=False, max_length=100)
    categorie = LenientMultipleChoiceField(required=False)
    service = LenientMultipleChoiceField(required=False, choices=ServiceKind.choices)
    ouvert = forms.CharField(required=False)
    pres = ParsedField(Point.parse)
    rayon = forms.FloatField(required=False, min_value=0.1, max_value=MAX_RADIUS_KM)
    zone = ParsedField(Box.parse)
    tri = forms.ChoiceField(required=False, choices=Order.choices)
    page = forms.IntegerField(required=False, min_value=1)

    IGNORED = {
        "q": gettext_lazy("La recherche n’a pas été comprise\u00a0: elle a été ignorée."),
        "ouvert": gettext_lazy(
            "La date ou l’heure n’a pas été comprise\u00a0: elle a été ignorée."
        ),
        "pres": gettext_lazy("La position n’a pas été comprise\u00a0: elle a été ignorée."),
        "rayon": gettext_lazy(
            "La distance n’a pas été comprise\u00a0: 10\u00a0km ont été retenus."
        ),
        "zone": gettext_lazy("La zone de la carte n’a pas été comprise\u00a0: elle a été ignorée."),
        "tri": gettext_lazy("Cet ordre de tri n’existe pas\u00a0: l’ordre habituel a été retenu."),
        "page": gettext_lazy("Cette page n’existe pas\u00a0: voici la première."),
    }

    def __init__(self, data, *, categories: dict[str, Category], now: datetime, clock: Clock):
        super().__init__(data)
        self.categories = categories
        self.now = now
        self.zone_info = ZoneInfo(clock.timezone)
        self.fields["categorie"].choices = [(slug, slug) for slug in categories]
        self.full_clean()
        self.criteria = self._criteria()
        self.page_number = self.cleaned_data.get("page") or 1

    @classmethod
    def known_parameters(cls, query: QueryDict) -> list[tuple[str, list[str]]]:
        """The parameters that this form reads, without blanks: what an answer depends on."""
        return [
            (name, values)
            for name in cls.base_fields
            if (values := [value for value in query.getlist(name) if value.strip()])
        ]

    def clean_q(self) -> str:
        """A question that holds no word at all would find everything."""
        question = self.cleaned_data["q"]
        if question and not search_prefixes(question):
            raise ValidationError(question)
        return question

    def clean_ouvert(self) -> datetime | None:
        """ "maintenant" or a local date and time; of a list and a picker, the one filled in."""
        values = self.data.getlist("ouvert") if hasattr(self.data, "getlist") else []
        text = next((value.strip() for value in reversed(values) if value.strip()), "")
        if not text:
            return None
        try:
            local = self.instant_of(text)
            # Years that the clock arithmetic of a database can't hold are no shop's business.
            if abs(local - self.now) > timedelta(days=3660):
                raise ValueError(text)
        except (ValueError, OverflowError) as error:
            raise ValidationError(str(error)) from error
        return local

    def instant_of(self, text: str) -> datetime:
        """The instant that a value of `ouvert` names. ValueError where it names none."""
        if text == NOW:
            return self.now
        if len(text) < len("2026-11-29T10"):
            raise ValueError(f"a day without a time: {text}")
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=self.zone_info) if moment.tzinfo is None else moment

    def _criteria(self) -> Criteria:
        cleaned = self.cleaned_data
        return Criteria(
            question=cleaned.get("q", ""),
            categories=tuple(self.categories[slug] for slug in cleaned.get("categorie", [])),
            services=tuple(cleaned.get("service", [])),
            instant=cleaned.get("ouvert"),
            point=cleaned.get("pres"),
            radius_km=cleaned.get("rayon") or DEFAULT_RADIUS_KM,
            box=cleaned.get("zone"),
            order=cleaned.get("tri", Order.FAIR),
        )

    @property
    def is_now(self) -> bool:
        return self.criteria.instant == self.now

    @property
    def notices(self) -> list[str]:
        """A sentence for each value that was left out."""
        notices = [str(self.IGNORED[name]) for name in self.errors]
        for name, sentence in (
            (
                "categorie",
                _("La catégorie «\u00a0%s\u00a0» n’existe pas\u00a0: elle a été ignorée."),
            ),
            ("service", _("Le service «\u00a0%s\u00a0» n’existe pas\u00a0: il a été ignoré.")),
        ):
            unknown = dict.fromkeys(self.fields[name].unknown)
            notices += [sentence % value[:60] for value in list(unknown)[:MOST_NOTICES]]
        return notices

    def moment_label(self) -> str:
        """The moment asked for, in words: "dimanche 22 novembre à 10 h 30"."""
        local = self.criteria.instant.astimezone(self.zone_info)
        return _("%(day)s à %(time)s") % {
            "day": long_date_text(local.date(), _),
            "time": time_text(local.hour * 60 + local.minute, _, opens=True),
        }

    def moments(self) -> list[tuple[str, str]]:
        """Moments that people ask for, as (value of `ouvert`, label)."""
        local = self.now.astimezone(self.zone_info)
        sunday = local + timedelta(days=(6 - local.weekday()) % 7 or (7 if local.hour >= 10 else 0))
        offered = [(NOW, _("Maintenant"))]
        if local.hour < 19:
            offered.append((f"{local:%Y-%m-%d}T19:30", _("Ce soir (19\u00a0h\u00a030)")))
        tomorrow = local + timedelta(days=1)
        if tomorrow.date() != sunday.date():  # On a Saturday, one moment is not offered twice.
            offered.append((f"{tomorrow:%Y-%m-%d}T10:00", _("Demain à 10\u00a0h")))
        offered.append((f"{sunday:%Y-%m-%d}T10:00", _("Dimanche matin (10\u00a0h)")))
        return offered
