from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ProposalStatus(models.TextChoices):
    PENDING = "pending", _("en attente")
    ACCEPTED = "accepted", _("acceptée")
    REFUSED = "refused", _("refusée")
    WITHDRAWN = "withdrawn", _("retirée")
    # Sent back with a request: its people correct it and send it again.
    TO_CORRECT = "to_correct", _("à corriger")

    @classmethod
    def returned(cls) -> list["ProposalStatus"]:
        """What the town hall sent back with a reason."""
        return [cls.REFUSED, cls.TO_CORRECT]


class Proposal(models.Model):
    """A change that the town hall looks at first; the old values stay public meanwhile.

    `changes` is {field: [old, new]}, in the plain values of `workflow.plain`.
    """

    shop = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.CASCADE,
        related_name="proposals",
        verbose_name=_("commerce"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposée par"),
    )
    at = models.DateTimeField(_("proposée le"))
    changes = models.JSONField(_("modifications"))
    status = models.CharField(
        _("état"), max_length=10, choices=ProposalStatus, default=ProposalStatus.PENDING
    )
    reason = models.CharField(_("motif du refus"), max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("décidée par"),
    )
    decided_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    # A refusal that the shop's people have read, and do not come back to.
    dropped_at = models.DateTimeField(_("abandonnée le"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("proposition")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop"],
                name="proposal_one_pending",
                condition=Q(status=ProposalStatus.PENDING),
            ),
            # An account may be deleted afterwards: a decision then keeps its date alone.
            models.CheckConstraint(
                name="proposal_decision_whole",
                condition=Q(status=ProposalStatus.PENDING, decided_at=None, decided_by=None)
                | (
                    Q(status__in=[ProposalStatus.ACCEPTED, ProposalStatus.WITHDRAWN])
                    & Q(decided_at__isnull=False)
                )
                | (
                    Q(status__in=ProposalStatus.returned(), decided_at__isnull=False)
                    & ~Q(reason="")
                ),
            ),
            models.CheckConstraint(
                name="proposal_reason_of_refusal",
                condition=Q(status__in=ProposalStatus.returned()) | Q(reason=""),
            ),
            models.CheckConstraint(
                name="proposal_dropped_once_refused",
                condition=Q(status__in=ProposalStatus.returned()) | Q(dropped_at=None),
            ),
        ]
        indexes = [models.Index(fields=["status", "at"], name="proposal_status")]

    def __str__(self):
        return f"{self.shop} ({self.get_status_display()})"

    @property
    def new_values(self) -> dict:
        """The plain values that are proposed."""
        return {name: new for name, (_old, new) in self.changes.items()}
