from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RoleKind(models.TextChoices):
    HELPER = "helper", _("aidant")
    AGENT = "agent", _("agent")
    REFERENT = "referent", _("référent")


class CommuneRole(models.Model):
    """What somebody does for a town hall, in one commune."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="commune_roles",
        verbose_name=_("compte"),
    )
    commune = models.ForeignKey(
        "merchants.Commune",
        on_delete=models.CASCADE,
        related_name="roles",
        verbose_name=_("commune"),
    )
    role = models.CharField(_("rôle"), max_length=10, choices=RoleKind)
    since = models.DateTimeField(_("depuis"))

    class Meta:
        verbose_name = _("rôle dans une commune")
        verbose_name_plural = _("rôles dans les communes")
        ordering = ["commune", "role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "commune"],
                name="role_once_per_commune",
                violation_error_message=_("Cette personne a déjà un rôle dans cette commune."),
            ),
            models.CheckConstraint(name="role_known", condition=Q(role__in=RoleKind.values)),
        ]

    def __str__(self):
        return f"{self.user}, {self.get_role_display()}"
