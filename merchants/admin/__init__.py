"""The town hall's back office, on the Django admin at /mairie/."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from . import category, claim, commune, mail, proposal, role, shop, user

__all__ = ["category", "claim", "commune", "mail", "proposal", "role", "shop", "user"]

admin.site.site_header = _("Commerce local – espace mairie")
admin.site.site_title = _("Espace mairie")
admin.site.index_title = _("Tableau de bord")
