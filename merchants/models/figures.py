from django.db import models
from django.utils.translation import gettext_lazy as _


class ShopViews(models.Model):
    """How often a shop's page was asked for in a month. Nothing is known of who asked."""

    shop = models.ForeignKey(
        "merchants.Shop", on_delete=models.CASCADE, related_name="views", verbose_name=_("commerce")
    )
    month = models.DateField(_("mois"), help_text=_("Le premier du mois"))
    number = models.PositiveIntegerField(_("consultations"))

    class Meta:
        verbose_name = _("consultations d’un commerce")
        verbose_name_plural = _("consultations des commerces")
        constraints = [
            models.UniqueConstraint(fields=["shop", "month"], name="views_once_a_month"),
        ]

    def __str__(self):
        return f"{self.shop_id}, {self.month:%m/%Y}"


class CountedFile(models.Model):
    """A file of counts that stands in the figures: written with them, so that a process that dies
    before it deletes the file counts nothing twice."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self):
        return self.name


class EmptySearch(models.Model):
    """What residents of a commune looked for in a month without finding any shop."""

    commune = models.ForeignKey(
        "merchants.Commune",
        on_delete=models.CASCADE,
        related_name="empty_searches",
        verbose_name=_("commune"),
    )
    month = models.DateField(_("mois"), help_text=_("Le premier du mois"))
    words = models.CharField(_("recherche"), max_length=60)
    number = models.PositiveIntegerField(_("fois"))

    class Meta:
        verbose_name = _("recherche sans résultat")
        verbose_name_plural = _("recherches sans résultat")
        constraints = [
            models.UniqueConstraint(
                fields=["commune", "month", "words"], name="empty_search_once_a_month"
            ),
        ]

    def __str__(self):
        return self.words
