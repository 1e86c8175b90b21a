from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Capacity(models.TextChoices):
    """In what capacity somebody acted; it stays when the account is gone."""

    MERCHANT = "merchant", _("le commerçant")
    COLLEAGUE = "colleague", _("un collègue")
    HELPER = "helper", _("un aidant")
    TOWN_HALL = "town_hall", _("la mairie")
    IMPORT = "import", _("un import")
    SYSTEM = "system", _("le site")


class Action(models.TextChoices):
    CREATE = "create", _("Fiche créée")
    EDIT = "edit", _("Fiche modifiée")
    CLOSURE = "closure", _("Fermeture ou congés annoncés")
    CLOSURE_REMOVED = "closure_removed", _("Fermeture ou congés retirés")
    IMPORT = "import", _("Fiche importée")
    CONFIRM = "confirm", _("Fiche confirmée")
    SUBMIT = "submit", _("Publication demandée")
    PUBLISH = "publish", _("Fiche publiée")
    REFUSE = "refuse", _("Publication refusée")
    SUSPEND = "suspend", _("Fiche suspendue")
    REOPEN = "reopen", _("Commerce rouvert")
    CLOSE = "close", _("Fermeture définitive")
    PROPOSE = "propose", _("Modification proposée à la mairie")
    ACCEPT = "accept", _("Proposition acceptée")
    REFUSE_PROPOSAL = "refuse_proposal", _("Proposition refusée")
    WITHDRAW = "withdraw", _("Proposition retirée")
    INVITE = "invite", _("Invitation envoyée")
    UNINVITE = "uninvite", _("Invitation annulée")
    JOIN = "join", _("Arrivée d’une personne")
    LEAVE = "leave", _("Départ d’une personne")
    ROLE = "role", _("Changement de rôle")
    CLAIM = "claim", _("Demande «\u00a0C’est mon commerce\u00a0»")
    CLAIM_ACCEPTED = "claim_accepted", _("Fiche confiée à qui la demandait")
    CLAIM_REFUSED = "claim_refused", _("Demande refusée")
    CLAIM_WITHDRAWN = "claim_withdrawn", _("Demande retirée")
    CODE = "code", _("Code émis pour le commerce")
    ASK_CHANGE = "ask_change", _("Correction demandée par la mairie")
    MERGE = "merge", _("Fiches fusionnées")
    UNDO = "undo", _("Décision annulée")
    IMPORT_UNDONE = "import_undone", _("Import annulé")


class HistoryQuerySet(models.QuerySet):
    def about(self, shop):
        """The entries of a listing, and those of what was merged into it, the last ones first."""
        of_both = self.filter(Q(shop=shop.pk) | Q(shop__merged_into=shop.pk))
        return of_both.order_by("-at", "-version", "-pk")


class HistoryEntry(models.Model):
    """One write of one listing: who, when, in what capacity, and which values it changed.

    `changes` is {field: [old, new]}, in the plain values of `workflow.plain`; people stand in it
    as account numbers only, so that deleting an account takes the name out of the history.
    """

    shop = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.CASCADE,
        related_name="history",
        verbose_name=_("commerce"),
    )
    at = models.DateTimeField(_("date"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("compte"),
    )
    capacity = models.CharField(_("en qualité de"), max_length=10, choices=Capacity)
    action = models.CharField(_("action"), max_length=16, choices=Action)
    changes = models.JSONField(_("modifications"), default=dict, blank=True)
    reason = models.CharField(_("motif"), max_length=500, blank=True)
    note = models.CharField(_("remarque"), max_length=200, blank=True)
    # What `Shop.version` became with this write: tells what a stale page has not seen.
    version = models.PositiveBigIntegerField(editable=False)

    objects = HistoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("ligne d’historique")
        verbose_name_plural = _("historique")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "version"], name="history_one_per_version"),
            models.CheckConstraint(
                name="history_capacity", condition=Q(capacity__in=Capacity.values)
            ),
        ]

    def __str__(self):
        return f"{self.get_action_display()}, {self.at:%d/%m/%Y %H:%M}"
