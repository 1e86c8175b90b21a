import re
from typing import NamedTuple

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from merchants import phone
from merchants.geo import Box, Point, contains
from merchants.models.constraints import one_of
from merchants.models.distance import distance_km
from merchants.text import search_prefixes


class Clock(NamedTuple):
    """What the time of day and the public holidays of a place depend on."""

    timezone: str
    holiday_zone: str


class HolidayZone(models.TextChoices):
    METROPOLE = "metropole", _("métropole")
    ALSACE_MOSELLE = "alsace-moselle", _("Alsace-Moselle")
    GUADELOUPE = "guadeloupe", "Guadeloupe"
    MARTINIQUE = "martinique", "Martinique"
    GUYANE = "guyane", "Guyane"
    LA_REUNION = "la-reunion", "La Réunion"
    MAYOTTE = "mayotte", "Mayotte"
    SAINT_PIERRE = "saint-pierre-et-miquelon", "Saint-Pierre-et-Miquelon"
    SAINT_BARTHELEMY = "saint-barthelemy", "Saint-Barthélemy"
    SAINT_MARTIN = "saint-martin", "Saint-Martin"
    NOUVELLE_CALEDONIE = "nouvelle-caledonie", "Nouvelle-Calédonie"
    POLYNESIE = "polynesie-francaise", "Polynésie française"
    WALLIS = "wallis-et-futuna", "Wallis-et-Futuna"


class EditPolicy(models.TextChoices):
    """Which changes of a merchant the town hall looks at before residents see them."""

    LIVE = "live", _("nom, adresse, catégorie et SIRET seulement")
    VALIDATION = "validation", _("toutes les modifications, sauf les fermetures et les photos")


# Department -> clock; every other department keeps Paris time and the metropolitan holidays.
CLOCKS = {
    "57": Clock("Europe/Paris", HolidayZone.ALSACE_MOSELLE),
    "67": Clock("Europe/Paris", HolidayZone.ALSACE_MOSELLE),
    "68": Clock("Europe/Paris", HolidayZone.ALSACE_MOSELLE),
    "971": Clock("America/Guadeloupe", HolidayZone.GUADELOUPE),
    "972": Clock("America/Martinique", HolidayZone.MARTINIQUE),
    "973": Clock("America/Cayenne", HolidayZone.GUYANE),
    "974": Clock("Indian/Reunion", HolidayZone.LA_REUNION),
    "975": Clock("America/Miquelon", HolidayZone.SAINT_PIERRE),
    "976": Clock("Indian/Mayotte", HolidayZone.MAYOTTE),
    "977": Clock("America/St_Barthelemy", HolidayZone.SAINT_BARTHELEMY),
    "978": Clock("America/Marigot", HolidayZone.SAINT_MARTIN),
    "986": Clock("Pacific/Wallis", HolidayZone.WALLIS),
    "987": Clock("Pacific/Tahiti", HolidayZone.POLYNESIE),
    "988": Clock("Pacific/Noumea", HolidayZone.NOUVELLE_CALEDONIE),
}
PARIS = Clock("Europe/Paris", HolidayZone.METROPOLE)
# The Marquesas keep another time than their department.
_ZONES = {clock.timezone for clock in CLOCKS.values()} | {PARIS.timezone, "Pacific/Marquesas"}
TIMEZONES = [(zone, zone) for zone in sorted(_ZONES)]


INSEE_CODE = r"^[0-9][0-9AB][0-9]{3}$"


class CommuneQuerySet(models.QuerySet):
    def of_code(self, code: str):
        """The commune of that INSEE code, as somebody sent it; None for another or for no code."""
        return self.filter(insee_code=code).first() if re.fullmatch(INSEE_CODE, code) else None

    def matching(self, question: str):
        """Communes whose name or postcode begins with every word of the question."""
        return self.filter(
            *(Q(search_text__contains=prefix) for prefix in search_prefixes(question))
        )

    def with_shops(self):
        """Communes with published shops; adds `shop_count`, their number."""
        return self.filter(shops__status="published").annotate(shop_count=Count("shops"))

    def with_public_words(self):
        """Those whose town hall says who answers for the listings, or by which rules."""
        return self.exclude(legal_notice="", moderation_policy="")

    def order_by_size(self):
        return self.order_by(F("population").desc(nulls_last=True), "name", "pk")

    def light(self):
        """Without the contour, for lists."""
        return self.defer("contour", "search_text")

    def in_box(self, box: Box):
        """Those whose centre lies in the box."""
        return self.filter(
            longitude__range=(box.west, box.east), latitude__range=(box.south, box.north)
        )

    def near(self, point: Point, radius_km: float):
        """Those whose centre lies within that distance, nearest first; adds `distance_km`."""
        return (
            self.in_box(Box.around(point, radius_km))
            .annotate(distance_km=distance_km(point))
            .filter(distance_km__lte=radius_km)
            .order_by("distance_km", "pk")
        )


class Commune(models.Model):
    """A French commune (INSEE's code officiel géographique) and how its town hall presents it."""

    insee_code = models.CharField(
        _("code INSEE"),
        max_length=5,
        unique=True,
        validators=[RegexValidator(r"^\d[0-9AB]\d{3}$", _("Un code INSEE compte 5 caractères."))],
    )
    name = models.CharField(_("nom"), max_length=120)
    slug = models.SlugField(_("adresse dans le site"), max_length=120, unique=True)
    postcodes = models.JSONField(_("codes postaux"), default=list, blank=True)
    department = models.CharField(_("département"), max_length=3)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    latitude = models.FloatField(_("latitude du centre"), null=True, blank=True)
    longitude = models.FloatField(_("longitude du centre"), null=True, blank=True)
    bbox = models.JSONField(
        _("emprise"), null=True, blank=True, help_text=_("[ouest, sud, est, nord], en degrés")
    )
    contour = models.JSONField(
        _("contour"), null=True, blank=True, help_text=_("Géométrie GeoJSON (RFC 7946)")
    )
    timezone = models.CharField(
        _("fuseau horaire"), max_length=40, choices=TIMEZONES, default=PARIS.timezone
    )
    holiday_zone = models.CharField(
        _("jours fériés"),
        max_length=30,
        choices=HolidayZone,
        default=HolidayZone.METROPOLE,
    )

    edit_policy = models.CharField(
        _("à valider par la mairie"), max_length=10, choices=EditPolicy, default=EditPolicy.LIVE
    )

    town_hall_name = models.CharField(_("nom de la mairie"), max_length=120, blank=True)
    town_hall_address = models.TextField(_("adresse de la mairie"), blank=True)
    town_hall_phone = models.CharField(_("téléphone de la mairie"), max_length=20, blank=True)
    town_hall_email = models.EmailField(_("courriel de la mairie"), blank=True)
    town_hall_website = models.URLField(_("site de la mairie"), blank=True)
    legal_notice = models.TextField(_("mentions légales"), blank=True)
    moderation_policy = models.TextField(
        _("règles de publication"),
        blank=True,
        max_length=4000,
        help_text=_("Ce que la mairie publie, ce qu’elle refuse, et sous quel délai elle répond."),
    )
    appeal_contact = models.TextField(
        _("contact pour un recours"),
        blank=True,
        max_length=400,
        help_text=_("À défaut, les coordonnées de la mairie."),
    )
    # What this town's directory does not offer, in its filters and at registration.
    hidden_categories = models.ManyToManyField(
        "merchants.Category",
        blank=True,
        related_name="+",
        verbose_name=_("catégories non proposées"),
    )
    hidden_services = models.JSONField(
        _("services non proposés"), default=list, blank=True, help_text=_("Liste de codes")
    )
    welcome_text = models.TextField(_("texte d’accueil"), blank=True, max_length=600)
    accent_color = models.CharField(
        _("couleur"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Une couleur s’écrit #1a2b3c."))],
    )
    logo = models.ImageField(_("logo"), upload_to="logos/", blank=True)

    search_text = models.CharField(max_length=400, editable=False, default="")
    # Raised by every write that a public page of the commune shows: pages are kept until then.
    version = models.PositiveBigIntegerField(editable=False, default=0)

    objects = CommuneQuerySet.as_manager()

    class Meta:
        verbose_name = _("commune")
        ordering = ["name", "insee_code"]
        constraints = [
            one_of("timezone", TIMEZONES, "commune_timezone_known"),
            one_of("holiday_zone", HolidayZone.choices, "commune_holiday_zone_known"),
            models.CheckConstraint(
                name="commune_centre_whole",
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
            ),
        ]
        indexes = [models.Index(fields=["department"]), models.Index(fields=["name"])]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("commune", args=[self.slug])

    @property
    def clock(self) -> Clock:
        return Clock(self.timezone, self.holiday_zone)

    @property
    def town_hall_phone_display(self) -> str:
        """As it is read, "01 41 18 12 34"; as it was typed where it is no number."""
        try:
            return phone.display_phone(phone.normalise_phone(self.town_hall_phone))
        except phone.PhoneError:
            return self.town_hall_phone

    @property
    def country_code(self) -> str:
        """ISO 3166-1; Monaco goes by INSEE's code of the country."""
        return "MC" if self.insee_code == "99138" else "FR"

    @property
    def centre(self) -> Point | None:
        return None if self.latitude is None else Point(self.latitude, self.longitude)

    @property
    def box(self) -> Box | None:
        return Box(*self.bbox) if self.bbox else None

    def holds(self, point: Point) -> bool | None:
        """Whether the point lies in the commune: by its contour, else by its box; None unknown."""
        if self.contour:
            return contains(self.contour, point)
        return self.box.holds(point) if self.bbox else None

    def touch(self) -> None:
        """Lets the public pages of this commune be rendered anew; part of the caller's write."""
        Commune.objects.filter(pk=self.pk).update(version=F("version") + 1)
