from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
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


class RoleInvitation(models.Model):
    """A letter that gives its reader a role. The link's token is kept only as a hash."""

    commune = models.ForeignKey(
        "merchants.Commune",
        on_delete=models.CASCADE,
        related_name="role_invitations",
        verbose_name=_("commune"),
    )
    email = models.EmailField(_("adresse électronique"), max_length=254)
    role = models.CharField(_("rôle"), max_length=10, choices=RoleKind)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("invité par"),
    )
    invited_at = models.DateTimeField(_("envoyée le"))
    expires_at = models.DateTimeField(_("valable jusqu’au"))
    accepted_at = models.DateTimeField(_("acceptée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation à travailler pour la mairie")
        verbose_name_plural = _("invitations à travailler pour la mairie")
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "commune",
                Lower("email"),
                name="role_invitation_open_once",
                condition=Q(accepted_at=None),
            ),
            models.CheckConstraint(
                name="role_invitation_in_order", condition=Q(expires_at__gt=F("invited_at"))
            ),
            models.CheckConstraint(
                name="role_invitation_role", condition=Q(role__in=RoleKind.values)
            ),
        ]

    def __str__(self):
        return f"{self.email} ({self.get_role_display()})"
