from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SireneReading(models.Model):
    """A commune's directory compared with the whole register: the last try (`began_at`, `by`, and
    `error` where it failed), and the last one that came to a result (`ended_at`, `stock_date`,
    `found`), which a later try that fails does not wipe out."""

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
    error = models.TextField(_("échec"), blank=True)
    ended_at = models.DateTimeField(_("finie le"), null=True, blank=True)
    # Of the file, as the server knows it.
    stock_date = models.DateField(_("date de la base"), null=True, blank=True)
    # {field of `workflow.sirene.Found`: number of cases}
    found = models.JSONField(_("bilan"), default=dict, blank=True)

    class Meta:
        verbose_name = _("comparaison avec SIRENE")
        verbose_name_plural = _("comparaisons avec SIRENE")
        constraints = [
            models.CheckConstraint(
                name="sirene_reading_result_whole",
                condition=Q(ended_at=None, stock_date=None)
                | Q(ended_at__isnull=False, stock_date__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.commune_id} {self.began_at:%Y-%m-%d}"

    @property
    def is_under_way(self) -> bool:
        """Whether the last try has said neither a result nor a failure."""
        return not self.error and (self.ended_at is None or self.ended_at < self.began_at)
