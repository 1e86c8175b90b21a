from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models.constraints import one_of


class ServiceKind(models.TextChoices):
    """How an order leaves the shop. The values are those of the addresses (`?service=`)."""

    DELIVERY = "livraison", _("Livraison")
    CLICK_AND_COLLECT = "retrait", _("Click & collect")
    TAKEAWAY = "emporter", _("À emporter")
    PHONE_ORDER = "telephone", _("Commande par téléphone")
    APPOINTMENT = "rendez-vous", _("Sur rendez-vous")


class ServiceOption(models.Model):
    """One service of a shop, with what a customer must know of it."""

    shop = models.ForeignKey("merchants.Shop", on_delete=models.CASCADE, related_name="services")
    kind = models.CharField(_("service"), max_length=20, choices=ServiceKind)
    note = models.CharField(_("précision"), max_length=300, blank=True)
    area = models.CharField(_("zone de livraison"), max_length=200, blank=True)
    minimum_order = models.DecimalField(
        _("minimum de commande (€)"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    fee = models.DecimalField(
        _("frais de livraison (€)"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    delay = models.CharField(_("délai"), max_length=120, blank=True)
    how_to_order = models.CharField(_("comment commander"), max_length=200, blank=True)
    pickup_place = models.CharField(_("lieu de retrait"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("service")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "kind"], name="service_once_per_shop"),
            one_of("kind", ServiceKind.choices, "service_kind_known"),
            models.CheckConstraint(
                name="service_delivery_details",
                condition=Q(kind=ServiceKind.DELIVERY) | Q(area="", minimum_order=None, fee=None),
            ),
            models.CheckConstraint(
                name="service_pickup_details",
                condition=Q(kind=ServiceKind.CLICK_AND_COLLECT) | Q(pickup_place=""),
            ),
            models.CheckConstraint(
                name="service_amounts_positive",
                condition=(Q(minimum_order=None) | Q(minimum_order__gte=0))
                & (Q(fee=None) | Q(fee__gte=0)),
            ),
        ]

    def __str__(self):
        return self.get_kind_display()
