"""The town hall's back office, on the Django admin at /mairie/."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from . import (
    call,
    call_sheet,
    cases,
    category,
    claim,
    commune,
    distinct,
    figures,
    invitations,
    mail,
    merging,
    placing,
    printed_directory,
    proposal,
    reasons,
    report,
    review,
    role,
    settings,
    shop,
    shop_decisions,
    shop_import,
    shop_import_lines,
    sirene,
    sirene_case,
    sirene_stock,
    team,
    user,
)

__all__ = [
    "call",
    "call_sheet",
    "cases",
    "category",
    "claim",
    "commune",
    "distinct",
    "figures",
    "invitations",
    "mail",
    "merging",
    "placing",
    "printed_directory",
    "proposal",
    "reasons",
    "report",
    "review",
    "role",
    "settings",
    "shop",
    "shop_decisions",
    "shop_import",
    "shop_import_lines",
    "sirene",
    "sirene_case",
    "sirene_stock",
    "team",
    "user",
]

admin.site.site_header = _("Espace mairie")
admin.site.site_title = _("Espace mairie")
admin.site.index_title = _("Tableau de bord")
# Rights are roles by commune; Django's groups would be a second word for them.
admin.site.unregister(Group)
