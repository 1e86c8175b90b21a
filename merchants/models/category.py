from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class CategoryQuerySet(models.QuerySet):
    def groups(self):
        return self.filter(parent=None)

    def light(self):
        """Without what only imports and searches read."""
        return self.defer("keywords", "osm_tags", "naf_codes", "labels")

    def leaves(self):
        return self.exclude(parent=None)

    def with_hidden(self, commune):
        """Adds `is_hidden`: whether that town's directory does not offer it, or its group. Part of
        the same query; without a commune, none is."""
        if commune is None:
            return self.annotate(is_hidden=Value(False))
        return self.annotate(is_hidden=Exists(_hidden_in(commune)))

    def offered_in(self, commune):
        """Without those that the town's directory does not offer. Part of the same query."""
        return self.filter(~Exists(_hidden_in(commune)))


def _hidden_in(commune):
    through = commune._meta.model.hidden_categories.through
    either = Q(category=OuterRef("pk")) | Q(category=OuterRef("parent"))
    return through.objects.filter(either, commune=commune.pk)


class Category(models.Model):
    """What a shop sells or does: a group (no parent), or a category inside a group."""

    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("groupe"),
    )
    slug = models.SlugField(_("adresse dans le site"), max_length=60, unique=True)
    name = models.CharField(_("nom"), max_length=80)
    name_en = models.CharField(_("nom anglais"), max_length=80)
    icon = models.CharField(
        _("pictogramme"), max_length=40, help_text=_("Nom d’un symbole de static/icons.svg")
    )
    keywords = models.TextField(
        _("mots ordinaires"),
        blank=True,
        help_text=_(
            "Ce que l’on tape pour trouver ces commerces\u00a0: «\u00a0pain, baguette\u00a0»"
        ),
    )
    osm_tags = models.JSONField(_("attributs OSM"), default=list, blank=True)
    naf_codes = models.JSONField(_("codes NAF"), default=list, blank=True)
    labels = models.JSONField(
        _("libellés"),
        default=list,
        blank=True,
        help_text=_(
            "Ce que les fichiers importés écrivent\u00a0: «\u00a0Boulangerie - pâtisserie\u00a0»"
        ),
    )
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("catégorie")
        verbose_name_plural = _("catégories")
        ordering = ["position", "name"]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return self.name_en if get_language() == "en" else self.name
