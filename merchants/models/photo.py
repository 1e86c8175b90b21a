from django.core.files.storage import default_storage
from django.db import models
from django.utils.translation import gettext_lazy as _


class Photo(models.Model):
    """A photo of a shop, kept only as re-encoded WebP files, one for each width.

    The files are named `<stem>-<width>.webp`; the first photo by position is the cover.
    """

    shop = models.ForeignKey("merchants.Shop", on_delete=models.CASCADE, related_name="photos")
    stem = models.CharField(_("fichier"), max_length=120, unique=True)
    widths = models.JSONField(_("largeurs"), default=list, help_text=_("En pixels, croissantes"))
    # Of the widest file, in pixels: reserves the room before the photo is there.
    width = models.PositiveIntegerField(_("largeur"))
    height = models.PositiveIntegerField(_("hauteur"))
    alt = models.CharField(_("description pour qui ne voit pas la photo"), max_length=200)
    position = models.PositiveSmallIntegerField(_("ordre"), default=0)
    created_at = models.DateTimeField(_("ajoutée le"), auto_now_add=True)

    class Meta:
        verbose_name = _("photo")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.alt

    def file_name(self, width: int) -> str:
        return f"{self.stem}-{width}.webp"

    def url(self, width: int) -> str:
        return default_storage.url(self.file_name(width))

    @property
    def smallest_url(self) -> str:
        return self.url(self.widths[0])

    @property
    def largest_url(self) -> str:
        return self.url(self.widths[-1])

    @property
    def srcset(self) -> str:
        return ", ".join(f"{self.url(width)} {width}w" for width in self.widths)
