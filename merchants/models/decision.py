from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.models.constraints import one_of


class CaseKind(models.TextChoices):
    """What waits for the town hall; the values stand in the addresses of /mairie/dossiers/."""

    REGISTRATION = "inscription", _("inscription")
    PROPOSAL = "proposition", _("modification proposée")
    CLAIM = "demande", _("demande «\u00a0C’est mon commerce\u00a0»")
    REPORT = "signalement", _("signalement")
    SIRENE = "sirene", _("rapprochement avec SIRENE")


class TakenCase(models.Model):
    """Somebody is at a case: colleagues are told, and do the next one. It lapses by itself."""

    kind = models.CharField(_("dossier"), max_length=12, choices=CaseKind)
    # The key of the shop, the proposal, the claim, the report…
    number = models.PositiveBigIntegerField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("pris par"),
    )
    at = models.DateTimeField(_("pris le"))

    class Meta:
        verbose_name = _("dossier pris")
        verbose_name_plural = _("dossiers pris")
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="taken_once"),
            one_of("kind", CaseKind.choices, "taken_kind_known"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.number}, {self.by}"


class ReasonKind(models.TextChoices):
    """What a standard reason is for."""

    REFUSAL = "refusal", _("refus d’une inscription")
    CHANGE = "change", _("correction demandée")
    PROPOSAL = "proposal", _("refus d’une modification")
    CLAIM = "claim", _("refus d’une demande")
    SUSPENSION = "suspension", _("suspension")


class StandardReason(models.Model):
    """A sentence that a town hall often writes. A commune without any has the site's own."""

    commune = models.ForeignKey(
        "merchants.Commune",
        on_delete=models.CASCADE,
        related_name="standard_reasons",
        verbose_name=_("commune"),
    )
    kind = models.CharField(_("pour"), max_length=10, choices=ReasonKind)
    title = models.CharField(_("titre"), max_length=80)
    text = models.CharField(
        _("texte"), max_length=500, help_text=_("Ce que lira le commerçant, à compléter.")
    )
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)

    class Meta:
        verbose_name = _("motif habituel")
        verbose_name_plural = _("motifs habituels")
        ordering = ["kind", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commune", "kind", "title"],
                name="reason_title_once",
                violation_error_message=_("Un motif porte déjà ce titre."),
            ),
            one_of("kind", ReasonKind.choices, "reason_kind_known"),
        ]

    def __str__(self):
        return self.title
