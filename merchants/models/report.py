from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models.constraints import one_of


class ReportKind(models.TextChoices):
    """What a resident says is wrong."""

    HOURS = "hours", _("les horaires ne sont pas les bons")
    CLOSED = "closed", _("le commerce a fermé définitivement")
    ADDRESS = "address", _("l’adresse ou le point sur la carte est faux")
    CONTACT = "contact", _("le téléphone ou le site ne répond pas")
    CONTENT = "content", _("un texte ou une photo pose problème")
    OTHER = "other", _("autre chose")


class ReportStatus(models.TextChoices):
    WAITING = "waiting", _("à traiter")
    HANDLED = "handled", _("traité")
    DISMISSED = "dismissed", _("sans suite")


class Report(models.Model):
    """A resident tells the town hall that a listing is wrong; an agent looks at it.

    The address, which is given only to get an answer, is erased with the decision.
    """

    shop = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.CASCADE,
        related_name="reports",
        verbose_name=_("commerce"),
    )
    kind = models.CharField(_("objet"), max_length=10, choices=ReportKind)
    message = models.TextField(_("message"), max_length=1000, blank=True)
    email = models.EmailField(_("adresse pour la réponse"), max_length=254, blank=True)
    at = models.DateTimeField(_("reçu le"))
    status = models.CharField(
        _("état"), max_length=10, choices=ReportStatus, default=ReportStatus.WAITING
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("traité par"),
    )
    decided_at = models.DateTimeField(_("traité le"), null=True, blank=True)

    class Meta:
        verbose_name = _("signalement")
        verbose_name_plural = _("signalements")
        ordering = ["at", "pk"]
        constraints = [
            one_of("kind", ReportKind.choices, "report_kind_known"),
            one_of("status", ReportStatus.choices, "report_status_known"),
            models.CheckConstraint(
                name="report_decision_whole",
                condition=Q(status="waiting", decided_at=None, decided_by=None)
                | (~Q(status="waiting") & Q(decided_at__isnull=False, email="")),
            ),
        ]
        indexes = [models.Index(fields=["status", "at"], name="report_status")]

    def __str__(self):
        return f"{self.shop} ({self.get_kind_display()})"
