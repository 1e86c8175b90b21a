from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MerchantsConfig(AppConfig):
    name = "merchants"
    verbose_name = _("Annuaire")

    def ready(self):
        from commerce_local import checks  # noqa: F401  (registers the system checks)
        from merchants import admin  # noqa: F401  (no autodiscovery: see INSTALLED_APPS)
