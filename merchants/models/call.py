from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.models.constraints import one_of


class CallOutcome(models.TextChoices):
    """What came of a call of the town hall to a shop, or of a visit."""

    UNCHANGED = "unchanged", _("rien n’a changé")
    CHANGED = "changed", _("horaires mis à jour")
    NO_ANSWER = "no_answer", _("ne répond pas")
    CLOSED = "closed", _("fermé définitivement")


class Call(models.Model):
    """Somebody of the town hall called a shop to hear whether its listing is right."""

    shop = models.ForeignKey(
        "merchants.Shop", on_delete=models.CASCADE, related_name="calls", verbose_name=_("commerce")
    )
    at = models.DateTimeField(_("appelé le"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("appelé par"),
    )
    outcome = models.CharField(_("résultat"), max_length=10, choices=CallOutcome)
    note = models.CharField(_("remarque"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("appel")
        verbose_name_plural = _("appels")
        ordering = ["-at", "-pk"]
        constraints = [one_of("outcome", CallOutcome.choices, "call_outcome_known")]

    def __str__(self):
        return f"{self.shop} ({self.get_outcome_display()})"
