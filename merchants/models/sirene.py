from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models.constraints import one_of
from merchants.models.member import ShopMember


class SireneKind(models.TextChoices):
    """What the register knows and the directory does not."""

    UNLISTED = "unlisted", _("commerce absent de l’annuaire")
    CLOSED = "closed", _("établissement fermé")
    SUCCESSOR = "successor", _("successeur à la même adresse")


class SireneStatus(models.TextChoices):
    WAITING = "waiting", _("à examiner")
    DONE = "done", _("suivi")
    DISMISSED = "dismissed", _("écarté")


class SireneCaseQuerySet(models.QuerySet):
    def waiting(self):
        """What nobody has decided yet, the oldest first."""
        return self.filter(status=SireneStatus.WAITING)

    def for_queue(self):
        """With the listing that each case is about; adds `is_kept`: somebody keeps it."""
        members = ShopMember.objects.filter(shop=models.OuterRef("shop"))
        return self.select_related("category", "shop__main_category").annotate(
            is_kept=models.Exists(members)
        )

    def counts_by_kind(self) -> dict[str, int]:
        return dict(self.order_by().values_list("kind").annotate(models.Count("pk")))

    def counts_by_category(self) -> list[tuple[str, str, int]]:
        """(slug, name, number) of each category, by name."""
        rows = self.exclude(category=None).order_by("category__name")
        return list(
            rows.values_list("category__slug", "category__name").annotate(models.Count("pk"))
        )


class SireneCase(models.Model):
    """Something that SIRENE tells, for an agent to look at; never a published fact by itself.

    `shop` is the listing that it is about: none where the shop is not listed, the one of the
    predecessor for a successor.
    """

    commune = models.ForeignKey(
        "merchants.Commune",
        on_delete=models.CASCADE,
        related_name="sirene_cases",
        verbose_name=_("commune"),
    )
    kind = models.CharField(_("nature"), max_length=10, choices=SireneKind)
    shop = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="sirene_cases",
        verbose_name=_("fiche"),
    )
    siret = models.CharField(_("SIRET"), max_length=14)
    name = models.CharField(_("nom"), max_length=120, blank=True)
    naf = models.CharField(_("activité"), max_length=6, blank=True)
    category = models.ForeignKey(
        "merchants.Category",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("catégorie"),
    )
    house_number = models.CharField(_("numéro"), max_length=20, blank=True)
    street = models.CharField(_("voie"), max_length=160, blank=True)
    address_extra = models.CharField(_("complément d’adresse"), max_length=160, blank=True)
    postcode = models.CharField(_("code postal"), max_length=5, blank=True)
    # When it opened, or closed.
    since = models.DateField(_("depuis le"), null=True, blank=True)
    found_at = models.DateTimeField(_("trouvé le"))
    status = models.CharField(
        _("état"), max_length=10, choices=SireneStatus, default=SireneStatus.WAITING
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("décidé par"),
    )
    decided_at = models.DateTimeField(_("décidé le"), null=True, blank=True)

    objects = SireneCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("rapprochement avec SIRENE")
        verbose_name_plural = _("rapprochements avec SIRENE")
        ordering = ["found_at", "pk"]
        constraints = [
            # Decided once, it is not proposed again.
            models.UniqueConstraint(fields=["siret", "kind"], name="sirene_case_once"),
            one_of("kind", SireneKind.choices, "sirene_kind_known"),
            one_of("status", SireneStatus.choices, "sirene_status_known"),
            models.CheckConstraint(
                name="sirene_decision_whole",
                condition=Q(status="waiting", decided_at=None, decided_by=None)
                | (~Q(status="waiting") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="sirene_shop_unless_unlisted",
                condition=Q(kind="unlisted") | Q(shop__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["commune", "status"], name="sirene_commune_status")]

    def __str__(self):
        return f"{self.name or self.siret} ({self.get_kind_display()})"

    @property
    def title(self) -> str:
        """What it is about: our listing, else the shop that SIRENE knows, which may lack a name."""
        return self.shop.name if self.shop else self.name or f"SIRET {self.siret}"

    @property
    def address_line(self) -> str:
        """ "12 rue de la Paix", without postcode and city."""
        return f"{self.house_number} {self.street}".strip()


class Objection(models.Model):
    """A business that does not want to stand in the directory: never proposed again.

    Article 21 of the GDPR; kept as the number alone, so that the wish can be kept.
    """

    siret = models.CharField(_("SIRET"), max_length=14, unique=True)
    commune = models.ForeignKey(
        "merchants.Commune",
        on_delete=models.CASCADE,
        related_name="objections",
        verbose_name=_("commune"),
    )
    at = models.DateTimeField(_("notée le"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("notée par"),
    )

    class Meta:
        verbose_name = _("opposition")
        verbose_name_plural = _("oppositions")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.siret
