from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from merchants import opening_hours, phone, siret
from merchants.geo import Point
from merchants.models.category import Category
from merchants.models.commune import Commune
from merchants.models.constraints import one_of
from merchants.models.hours import HolidayRule
from merchants.models.shop_queryset import ShopQuerySet

BLANK = [("", "")]
# How long the page of a shop that closed for good says so, before it is gone.
FAREWELL = timedelta(days=60)


class ShopStatus(models.TextChoices):
    DRAFT = "draft", _("brouillon")
    PENDING = "pending", _("en attente de validation")
    PUBLISHED = "published", _("publié")
    REFUSED = "refused", _("refusé")
    SUSPENDED = "suspended", _("suspendu")
    CLOSED = "closed", _("fermé définitivement")
    # Sent back by the town hall with a request: the merchant corrects it and sends it again.
    TO_CORRECT = "to_correct", _("à corriger")
    # A twin: its address leads to the listing that it was merged into.
    MERGED = "merged", _("fusionné")

    @classmethod
    def live(cls) -> list["ShopStatus"]:
        """The states of a listing that may be seen: two of them never share a SIRET.

        A draft is nobody's business yet: whoever begins one keeps no number from anybody.
        """
        return [cls.PENDING, cls.PUBLISHED, cls.SUSPENDED]

    @classmethod
    def over(cls) -> list["ShopStatus"]:
        """The states of a listing that nobody writes any more, unless it comes back."""
        return [cls.CLOSED, cls.MERGED]


class LocationSource(models.TextChoices):
    MERCHANT = "merchant", _("posé par le commerçant")
    TOWN_HALL = "town_hall", _("posé par la mairie")
    GEOCODER = "geocoder", _("base adresse nationale")
    IMPORT = "import", _("fichier importé")


class LocationPrecision(models.TextChoices):
    """BAN's `type` of an answer, and the exact point of somebody who was there."""

    EXACT = "exact", _("l’entrée du commerce")
    HOUSE_NUMBER = "housenumber", _("le numéro dans la rue")
    STREET = "street", _("la rue")
    LOCALITY = "locality", _("le lieu-dit")
    MUNICIPALITY = "municipality", _("la commune")


class StepFree(models.TextChoices):
    """OSM's `wheelchair`."""

    UNKNOWN = "", _("non renseigné")
    YES = "yes", _("entrée de plain-pied")
    LIMITED = "limited", _("entrée avec aide ou petite marche")
    NO = "no", _("entrée avec marches")


class PaymentMeans(models.TextChoices):
    """OSM's `payment:*`, as far as French shops need it."""

    CARDS = "cards", _("carte bancaire")
    CONTACTLESS = "contactless", _("sans contact")
    CASH = "cash", _("espèces")
    CHEQUES = "cheque", _("chèque")
    MEAL_VOUCHERS = "meal_voucher", _("titres-restaurant")
    HOLIDAY_VOUCHERS = "ancv", _("chèques-vacances")
    GIFT_VOUCHERS = "gift_voucher", _("bons cadeaux de la ville")


class Confirmer(models.TextChoices):
    """In what capacity somebody confirmed that a listing is right."""

    MERCHANT = "merchant", _("le commerçant")
    TOWN_HALL = "town_hall", _("la mairie")
    TOWN_HALL_BY_PHONE = "town_hall_phone", _("la mairie, par téléphone")


def _check_siret(value: str) -> None:
    try:
        siret.normalise_siret(value)
    except siret.SiretError as error:
        raise ValidationError(str(error)) from error


def _check_phone(value: str) -> None:
    try:
        phone.normalise_phone(value)
    except phone.PhoneError as error:
        raise ValidationError(str(error)) from error


class Shop(models.Model):
    """A listing: one place of business, or one craftsperson without premises, in one commune."""

    commune = models.ForeignKey(
        Commune, on_delete=models.PROTECT, related_name="shops", verbose_name=_("commune")
    )
    name = models.CharField(_("nom"), max_length=120)
    slug = models.SlugField(_("adresse dans le site"), max_length=140)
    status = models.CharField(
        _("état"), max_length=10, choices=ShopStatus, default=ShopStatus.DRAFT
    )
    # A draft may still lack one.
    main_category = models.ForeignKey(
        Category,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("catégorie principale"),
    )
    # Holds the main category too, so that one table answers every question about categories.
    categories = models.ManyToManyField(
        Category, related_name="shops", verbose_name=_("catégories")
    )
    siret = models.CharField(_("SIRET"), max_length=14, blank=True, validators=[_check_siret])
    description = models.TextField(_("description"), blank=True, max_length=2000)

    house_number = models.CharField(_("numéro"), max_length=20, blank=True)
    street = models.CharField(_("voie"), max_length=160, blank=True)
    address_extra = models.CharField(_("complément d’adresse"), max_length=160, blank=True)
    postcode = models.CharField(_("code postal"), max_length=5, blank=True)
    city = models.CharField(_("ville"), max_length=120, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    location_source = models.CharField(
        _("origine du point"), max_length=12, choices=LocationSource, blank=True
    )
    location_precision = models.CharField(
        _("précision du point"), max_length=12, choices=LocationPrecision, blank=True
    )
    service_area = models.CharField(
        _("zone d’intervention"),
        max_length=200,
        blank=True,
        help_text=_(
            "Pour qui se déplace et n’a pas de local\u00a0: "
            "«\u00a0Suresnes et 10\u00a0km autour\u00a0»"
        ),
    )

    phone = models.CharField(_("téléphone"), max_length=20, blank=True, validators=[_check_phone])
    email = models.EmailField(_("courriel"), blank=True)
    # What residents do not see, the town hall does.
    phone_is_public = models.BooleanField(_("téléphone visible de tous"), default=True)
    email_is_public = models.BooleanField(_("courriel visible de tous"), default=True)
    website = models.URLField(_("site"), blank=True, max_length=500)
    shop_url = models.URLField(_("boutique en ligne"), blank=True, max_length=500)
    social_links = models.JSONField(
        _("réseaux sociaux"), default=list, blank=True, help_text=_("Liste d’adresses")
    )
    step_free = models.CharField(
        _("accès"), max_length=8, choices=StepFree, blank=True, default=StepFree.UNKNOWN
    )
    payment_means = models.JSONField(
        _("moyens de paiement"), default=list, blank=True, help_text=_("Liste de codes")
    )
    holiday_rule = models.CharField(
        _("jours fériés"), max_length=10, choices=HolidayRule, default=HolidayRule.UNKNOWN
    )

    confirmed_at = models.DateTimeField(_("confirmé le"), null=True, blank=True)
    confirmed_as = models.CharField(_("confirmé par"), max_length=16, choices=Confirmer, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("compte qui a confirmé"),
    )

    # The town hall wrote it for the merchant, who has neither confirmed it nor taken it over yet.
    on_behalf = models.BooleanField(_("saisie par la mairie pour le commerçant"), default=False)
    # When its people were last asked by mail whether all is right.
    reminded_at = models.DateTimeField(_("rappel envoyé le"), null=True, editable=False)

    # Set where residents saw the listing: its page says goodbye for a while (FAREWELL).
    closed_at = models.DateTimeField(_("fermé définitivement le"), null=True, blank=True)
    farewell = models.TextField(_("mot d’adieu"), max_length=600, blank=True)
    successor = models.CharField(_("successeur ou nouvelle adresse"), max_length=200, blank=True)

    # Of a merged listing alone: where residents are sent, and what a file's line is about.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name=_("fusionné dans"),
    )

    source = models.CharField(_("source"), max_length=40, blank=True)
    source_id = models.CharField(_("identifiant dans la source"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("créé le"), auto_now_add=True)
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True)
    search_text = models.TextField(editable=False, default="")
    # Raised by every write: a page that was made from an older one is noticed.
    version = models.PositiveBigIntegerField(editable=False, default=0)

    objects = ShopQuerySet.as_manager()

    class Meta:
        verbose_name = _("commerce")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["commune", "slug"], name="shop_slug_unique_in_commune"),
            models.UniqueConstraint(
                fields=["siret"],
                name="shop_siret_unique_among_live",
                condition=Q(status__in=ShopStatus.live()) & ~Q(siret=""),
                violation_error_message=_("Une fiche porte déjà ce SIRET."),
            ),
            models.UniqueConstraint(
                fields=["source", "source_id"],
                name="shop_source_unique",
                condition=~Q(source_id=""),
            ),
            models.CheckConstraint(
                name="shop_category_unless_draft",
                condition=Q(status=ShopStatus.DRAFT) | Q(main_category__isnull=False),
            ),
            models.CheckConstraint(
                name="shop_point_whole",
                condition=Q(
                    latitude=None, longitude=None, location_source="", location_precision=""
                )
                | (
                    # A comparison with NULL would let the check pass.
                    Q(latitude__isnull=False, longitude__isnull=False)
                    & Q(latitude__range=(-90, 90), longitude__range=(-180, 180))
                    & ~Q(location_source="")
                    & ~Q(location_precision="")
                ),
            ),
            models.CheckConstraint(
                name="shop_confirmation_whole",
                condition=Q(confirmed_at=None, confirmed_as="", confirmed_by=None)
                | (Q(confirmed_at__isnull=False) & ~Q(confirmed_as="")),
            ),
            one_of("status", ShopStatus.choices, "shop_status_known"),
            one_of("holiday_rule", HolidayRule.choices, "shop_holiday_rule_known"),
            one_of("step_free", StepFree.choices, "shop_step_free_known"),
            one_of("location_source", BLANK + LocationSource.choices, "shop_source_known"),
            one_of("location_precision", BLANK + LocationPrecision.choices, "shop_precision_known"),
            one_of("confirmed_as", BLANK + Confirmer.choices, "shop_confirmer_known"),
            models.CheckConstraint(
                name="shop_farewell_when_closed",
                condition=Q(status=ShopStatus.CLOSED)
                | Q(closed_at=None, farewell="", successor=""),
            ),
            models.CheckConstraint(
                name="shop_merged_into_another",
                condition=Q(status=ShopStatus.MERGED, merged_into__isnull=False)
                | (~Q(status=ShopStatus.MERGED) & Q(merged_into=None)),
            ),
            models.CheckConstraint(
                name="shop_source_id_needs_source", condition=Q(source_id="") | ~Q(source="")
            ),
        ]
        indexes = [
            models.Index(fields=["commune", "status", "name"], name="shop_commune_status"),
            models.Index(fields=["latitude", "longitude"], name="shop_point"),
            # `ShopQuerySet.to_place`: few at any time, among all the listings of a commune.
            models.Index(
                fields=["commune", "status"], name="shop_to_place", condition=Q(latitude=None)
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("shop", args=[self.commune.slug, self.slug])

    @property
    def point(self) -> Point | None:
        return None if self.latitude is None else Point(self.latitude, self.longitude)

    def says_goodbye(self, now: datetime) -> bool:
        """Whether the page of a closed shop still stands, with its last word."""
        return self.closed_at is not None and now < self.closed_at + FAREWELL

    @property
    def address_line(self) -> str:
        """ "12 rue de la Paix", without postcode and city."""
        return f"{self.house_number} {self.street}".strip()

    @property
    def phone_display(self) -> str:
        return phone.display_phone(self.phone)

    @property
    def public_phone(self) -> str:
        return self.phone if self.phone_is_public else ""

    @property
    def public_email(self) -> str:
        return self.email if self.email_is_public else ""

    @property
    def is_to_place(self) -> bool:
        """Whether it has an address that no point goes with: see `ShopQuerySet.to_place`."""
        return self.latitude is None and bool(self.street)

    @cached_property
    def schedule(self) -> opening_hours.Schedule:
        """The opening hours as one value. Reads `periods` and `specials`: prefetch them."""
        rows = {}
        for row in self.periods.all():
            period = opening_hours.Period(row.weekday, row.opens, row.closes, row.by_appointment)
            rows.setdefault(row.special_id, []).append(period)
        return opening_hours.Schedule(
            weekly=tuple(rows.get(None, ())),
            specials=tuple(
                opening_hours.SpecialPeriod(
                    special.start,
                    special.end,
                    opening_hours.SpecialKind(special.kind),
                    tuple(rows.get(special.pk, ())),
                    special.reason,
                )
                for special in self.specials.all()
            ),
            holiday_rule=opening_hours.HolidayRule(self.holiday_rule),
            timezone=self.commune.timezone,
            holiday_zone=self.commune.holiday_zone,
        )
