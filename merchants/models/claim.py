from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .member import MemberRole, ShopMember


class ClaimProof(models.TextChoices):
    """How somebody shows that a shop is theirs."""

    CODE = "code", _("un code donné par la mairie")
    EMAIL = "email", _("une adresse électronique du commerce")
    DOCUMENT = "document", _("un document")


class CodeChannel(models.TextChoices):
    """How a code reaches the shop."""

    IN_PERSON = "in_person", _("remis au commerce")
    POST = "post", _("par courrier")
    PHONE = "phone", _("par téléphone, au numéro de la fiche")
    EMAIL = "email", _("par courriel, à l’adresse de la fiche")


class ClaimStatus(models.TextChoices):
    WAITING = "waiting", _("en attente")
    ACCEPTED = "accepted", _("acceptée")
    REFUSED = "refused", _("refusée")
    WITHDRAWN = "withdrawn", _("retirée")


def private_storage():
    """Files that no address of the site serves to the public."""
    return storages["private"]


class ClaimQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(status=ClaimStatus.WAITING)

    def to_answer(self, user):
        """Those that wait, on shops that this person is in charge of."""
        owned = ShopMember.objects.filter(user=user, role=MemberRole.OWNER)
        return self.waiting().filter(shop__in=owned.values("shop")).exclude(user=user)

    def concerning(self, user):
        """Those that wait, and that this person made or is to answer."""
        return self.waiting().filter(Q(user=user) | Q(pk__in=self.to_answer(user).values("pk")))

    def with_dispute(self):
        """Adds `is_dispute`: whether others keep the shop. Part of the same query."""
        others = ShopMember.objects.filter(shop=OuterRef("shop")).exclude(user=OuterRef("user"))
        return self.annotate(is_dispute=Exists(others))


class Claim(models.Model):
    """Somebody says "that shop is mine"; an agent decides. A dispute where others keep it."""

    shop = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.CASCADE,
        related_name="claims",
        verbose_name=_("commerce"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="claims",
        verbose_name=_("compte"),
    )
    proof = models.CharField(_("preuve"), max_length=10, choices=ClaimProof)
    # How the code should reach the shop.
    channel = models.CharField(_("code"), max_length=10, choices=CodeChannel, blank=True)
    message = models.TextField(_("message"), max_length=1000, blank=True)
    # Deleted with the decision.
    document = models.FileField(
        _("document"), storage=private_storage, upload_to="claims/%Y", blank=True
    )
    status = models.CharField(
        _("état"), max_length=10, choices=ClaimStatus, default=ClaimStatus.WAITING
    )
    at = models.DateTimeField(_("date"))
    # Of the people who keep the shop, where there are any: their side of it.
    answer = models.TextField(_("réponse du responsable actuel"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("répondu le"), null=True, blank=True)
    decided_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("décidée par"),
    )
    reason = models.CharField(_("motif"), max_length=500, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("demande «\u00a0C’est mon commerce\u00a0»")
        verbose_name_plural = _("demandes «\u00a0C’est mon commerce\u00a0»")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "user"],
                name="claim_one_waiting",
                condition=Q(status=ClaimStatus.WAITING),
            ),
            models.CheckConstraint(
                name="claim_decision_whole",
                condition=Q(status=ClaimStatus.WAITING, decided_at=None, decided_by=None)
                | (
                    Q(status__in=[ClaimStatus.ACCEPTED, ClaimStatus.WITHDRAWN])
                    & Q(decided_at__isnull=False)
                )
                | (Q(status=ClaimStatus.REFUSED, decided_at__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="claim_reason_of_refusal",
                condition=Q(status=ClaimStatus.REFUSED) | Q(reason=""),
            ),
            models.CheckConstraint(
                name="claim_proof_whole",
                condition=(Q(proof=ClaimProof.CODE) & ~Q(channel=""))
                | (Q(proof__in=[ClaimProof.EMAIL, ClaimProof.DOCUMENT], channel="")),
            ),
        ]
        indexes = [models.Index(fields=["status", "at"], name="claim_status")]

    def __str__(self):
        return f"{self.shop} ({self.get_status_display()})"

    @property
    def is_waiting(self) -> bool:
        return self.status == ClaimStatus.WAITING

    @property
    def claimant_name(self) -> str:
        """What the people of the shop may read: never an address. Reads `user`."""
        return self.user.name or gettext("une personne qui n’a pas donné son nom")


class AccessCode(models.Model):
    """A code that makes whoever has it, and an account, the owner of an unclaimed listing.

    Given by the town hall to the shop itself; single-use; only a hash of it is kept.
    """

    shop = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.CASCADE,
        related_name="codes",
        verbose_name=_("commerce"),
    )
    # The claim that it answers, if any: it then works for that person alone.
    claim = models.ForeignKey(
        Claim,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="codes",
        verbose_name=_("demande"),
    )
    channel = models.CharField(_("moyen"), max_length=10, choices=CodeChannel)
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    issued_at = models.DateTimeField(_("émis le"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("émis par"),
    )
    expires_at = models.DateTimeField(_("valable jusqu’au"))
    used_at = models.DateTimeField(_("utilisé le"), null=True, blank=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("utilisé par"),
    )

    class Meta:
        verbose_name = _("code")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="code_channel_known", condition=Q(channel__in=CodeChannel.values)
            ),
            models.CheckConstraint(
                name="code_expires_later", condition=Q(expires_at__gt=F("issued_at"))
            ),
            models.CheckConstraint(
                name="code_used_when", condition=Q(used_at__isnull=False) | Q(used_by=None)
            ),
        ]

    def __str__(self):
        return f"{self.shop} ({self.get_channel_display()})"
