from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SireneReading(models.Model):
    """When the whole register was last compared with the directory of a commune, and what came of
    it: nothing yet without `ended_at`, then how many cases, or why it failed."""

    commune = models.OneToOneField(
        "merchants.Commune",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="sirene_reading",
        verbose_name=_("commune"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("demandée par"),
    )
    began_at = models.DateTimeField(_("commencée le"))
    # Of the file, as the server knows it.
    stock_date = models.DateField(_("date de la base"))
    ended_at = models.DateTimeField(_("finie le"), null=True, blank=True)
    # {field of `workflow.sirene.Found`: number of cases}
    found = models.JSONField(_("bilan"), default=dict, blank=True)
    error = models.TextField(_("échec"), blank=True)

    class Meta:
        verbose_name = _("comparaison avec SIRENE")
        verbose_name_plural = _("comparaisons avec SIRENE")
        constraints = [
            models.CheckConstraint(
                name="sirene_reading_error_at_end",
                condition=Q(error="") | Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.commune_id} {self.began_at:%Y-%m-%d}"
