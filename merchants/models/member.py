from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class MemberRole(models.TextChoices):
    """What somebody may do for a shop: an owner also chooses the people, and closes for good."""

    OWNER = "owner", _("responsable")
    COLLEAGUE = "colleague", _("collègue")


class ShopMember(models.Model):
    """Somebody who keeps a shop's listing. A shop has several people, a person several shops."""

    shop = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.CASCADE,
        related_name="members",
        verbose_name=_("commerce"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("compte"),
    )
    role = models.CharField(
        _("rôle"), max_length=10, choices=MemberRole, default=MemberRole.COLLEAGUE
    )
    since = models.DateTimeField(_("depuis"))

    class Meta:
        verbose_name = _("personne d’un commerce")
        verbose_name_plural = _("personnes des commerces")
        ordering = ["-role", "pk"]  # Owners first.
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "user"],
                name="member_once_per_shop",
                violation_error_message=_("Cette personne s’occupe déjà de ce commerce."),
            ),
            models.CheckConstraint(name="member_role", condition=Q(role__in=MemberRole.values)),
        ]

    def __str__(self):
        return f"{self.user} ({self.get_role_display()})"

    @property
    def is_owner(self) -> bool:
        return self.role == MemberRole.OWNER


class Invitation(models.Model):
    """A letter that makes its reader a member. The link's token is kept only as a hash."""

    shop = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.CASCADE,
        related_name="invitations",
        verbose_name=_("commerce"),
    )
    email = models.EmailField(_("adresse électronique"), max_length=254)
    role = models.CharField(
        _("rôle"), max_length=10, choices=MemberRole, default=MemberRole.COLLEAGUE
    )
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
        verbose_name = _("invitation")
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "shop",
                Lower("email"),
                name="invitation_open_once",
                condition=Q(accepted_at=None),
            ),
            models.CheckConstraint(
                name="invitation_in_order", condition=Q(expires_at__gt=F("invited_at"))
            ),
            models.CheckConstraint(name="invitation_role", condition=Q(role__in=MemberRole.values)),
        ]

    def __str__(self):
        return f"{self.email} ({self.get_role_display()})"

    def is_open(self, now) -> bool:
        return self.accepted_at is None and now < self.expires_at
