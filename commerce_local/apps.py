"""Applications of others, as this site wants them."""

from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.translation import gettext_lazy as _
from post_office.apps import PostOfficeConfig


class TownHallAdminConfig(SimpleAdminConfig):
    """The Django admin behind the same door as every account.

    Not `AdminConfig`: its autodiscovery imports leaflet.admin, which needs GDAL.
    """

    default_site = "merchants.admin.site.TownHallSite"


class MailsConfig(PostOfficeConfig):
    """The queue of mails, with the French names that the library lacks."""

    verbose_name = _("Courriels")

    def ready(self):
        super().ready()
        options = self.get_model("Email")._meta
        options.verbose_name, options.verbose_name_plural = _("courriel"), _("courriels")
