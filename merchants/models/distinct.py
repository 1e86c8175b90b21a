from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class DistinctShopsQuerySet(models.QuerySet):
    def about(self, shops):
        """The pairs of which one is among these listings: objects, keys, or rows of keys."""
        return self.filter(Q(one__in=shops) | Q(two__in=shops))


class DistinctShops(models.Model):
    """The town hall has looked at two listings that are alike, and says that they are two shops.

    Each pair stands once, the lower key first.
    """

    one = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("première fiche"),
    )
    two = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("seconde fiche"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dit par"),
    )
    at = models.DateTimeField(_("dit le"))

    objects = DistinctShopsQuerySet.as_manager()

    class Meta:
        verbose_name = _("fiches différentes")
        verbose_name_plural = _("fiches différentes")
        constraints = [
            models.UniqueConstraint(fields=["one", "two"], name="distinct_shops_once"),
            models.CheckConstraint(name="distinct_shops_in_order", condition=Q(one__lt=F("two"))),
        ]

    def __str__(self):
        return f"{self.one_id} ≠ {self.two_id}"

    def other_than(self, shop):
        """The one of the two that is not that listing."""
        return self.two if self.one_id == shop.pk else self.one
