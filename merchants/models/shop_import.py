from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models.claim import private_storage
from merchants.models.constraints import one_of


class ImportStatus(models.TextChoices):
    UPLOADED = "uploaded", _("à préparer")
    READY = "ready", _("prêt à appliquer")
    APPLIED = "applied", _("appliqué")
    UNDONE = "undone", _("annulé")


class ImportTask(models.TextChoices):
    """What is being done in the background; its progress is `workflow.import_runs`' to tell."""

    NONE = "", _("aucune")
    READ = "read", _("lecture")
    APPLY = "apply", _("enregistrement")
    UNDO = "undo", _("annulation")


class LineResult(models.TextChoices):
    NEW = "new", _("nouvelle fiche")
    CHANGED = "changed", _("fiche modifiée")
    SAME = "same", _("déjà à jour")
    ASKED = "asked", _("à décider")
    REFUSED = "refused", _("refusée")


class ShopImport(models.Model):
    """A file of shops that a town hall reads in: looked at, applied in one go, undone at will."""

    # None: each line says its own commune, which only administrators may ask for.
    commune = models.ForeignKey(
        "merchants.Commune",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="imports",
        verbose_name=_("commune"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("déposé par"),
    )
    at = models.DateTimeField(_("déposé le"))
    file = models.FileField(
        _("fichier"), upload_to="imports/%Y", storage=private_storage, max_length=200
    )
    name = models.CharField(_("nom du fichier"), max_length=200)
    format = models.CharField(_("format"), max_length=20, blank=True)
    source = models.CharField(_("source"), max_length=40, blank=True)
    # {title in the file: our column, or "" for none}
    matching = models.JSONField(_("correspondance des colonnes"), default=dict, blank=True)
    publish = models.BooleanField(_("publier les nouvelles fiches"), default=False)
    keep_unknown = models.BooleanField(
        _("garder en brouillon les lignes sans activité"), default=False
    )
    status = models.CharField(
        _("état"), max_length=10, choices=ImportStatus, default=ImportStatus.UPLOADED
    )
    task = models.CharField(
        _("en cours"), max_length=6, choices=ImportTask, default=ImportTask.NONE, blank=True
    )
    # {result: number of lines}
    counts = models.JSONField(_("bilan"), default=dict, blank=True)
    remarks = models.JSONField(_("remarques"), default=list, blank=True)
    error = models.TextField(_("échec"), blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("appliqué par"),
    )
    applied_at = models.DateTimeField(_("appliqué le"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("annulé par"),
    )
    undone_at = models.DateTimeField(_("annulé le"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-at", "-pk"]
        constraints = [
            one_of("status", ImportStatus.choices, "import_status_known"),
            one_of("task", ImportTask.choices, "import_task_known"),
            models.CheckConstraint(
                name="import_dates_whole",
                condition=Q(status__in=["uploaded", "ready"], applied_at=None, undone_at=None)
                | Q(status="applied", applied_at__isnull=False, undone_at=None)
                | Q(status="undone", applied_at__isnull=False, undone_at__isnull=False),
            ),
        ]

    def __str__(self):
        return self.name


class ImportLine(models.Model):
    """What a line of a file would do, or has done, to the directory."""

    shop_import = models.ForeignKey(ShopImport, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField(_("ligne"))
    source_id = models.CharField(_("identifiant"), max_length=120, blank=True)
    name = models.CharField(_("nom"), max_length=200, blank=True)
    result = models.CharField(_("résultat"), max_length=8, choices=LineResult)
    reason = models.CharField(_("motif"), max_length=500, blank=True)
    remarks = models.JSONField(_("remarques"), default=list, blank=True)
    shop = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("fiche"),
    )
    # {field: [old, new]} in the plain values of `workflow.values`; what is written, and what is
    # written only if the agent says so (`take`), since somebody else wrote there.
    changes = models.JSONField(_("modifications"), default=dict, blank=True)
    asked = models.JSONField(_("à décider"), default=dict, blank=True)
    take = models.BooleanField(_("prendre le fichier"), default=False)
    # What `Shop.version` became with this line: tells whether somebody has written since.
    version = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    # The `ImportedValues` that stood before this line wrote its own, for an undo: {} where there
    # were none, None where it wrote none.
    said_before = models.JSONField(null=True, blank=True, editable=False)
    # The listing that the line names, where that was merged into `shop`: what its source says is
    # kept with it, and not with the one that may have a line of its own.
    named = models.ForeignKey(
        "merchants.Shop",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("ligne d’import")
        verbose_name_plural = _("lignes d’import")
        ordering = ["number", "pk"]
        constraints = [one_of("result", LineResult.choices, "import_line_result_known")]
        indexes = [models.Index(fields=["shop_import", "result"], name="import_line_result")]

    def __str__(self):
        return f"{self.number} {self.name}"


class ImportedValues(models.Model):
    """What the source of a listing last said of it: what a newer file is compared with."""

    shop = models.OneToOneField(
        "merchants.Shop", on_delete=models.CASCADE, primary_key=True, related_name="imported"
    )
    values = models.JSONField()

    class Meta:
        verbose_name = _("valeurs importées")
        verbose_name_plural = _("valeurs importées")

    def __str__(self):
        return str(self.shop_id)


class SourceMatching(models.Model):
    """Which column of a source is which of ours, as an agent of that commune once said."""

    commune = models.ForeignKey(
        "merchants.Commune", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    source = models.CharField(_("source"), max_length=40)
    matching = models.JSONField(_("correspondance des colonnes"), default=dict)

    class Meta:
        verbose_name = _("correspondance d’une source")
        verbose_name_plural = _("correspondances des sources")
        constraints = [
            models.UniqueConstraint(fields=["commune", "source"], name="matching_once_per_source"),
            models.UniqueConstraint(
                fields=["source"],
                name="matching_once_without_commune",
                condition=Q(commune=None),
            ),
        ]

    def __str__(self):
        return self.source
