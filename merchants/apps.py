from django.apps import AppConfig


class MerchantsConfig(AppConfig):
    name = "merchants"
    verbose_name = "Commerce local"

    def ready(self):
        from commerce_local import checks  # noqa: F401  (registers the system checks)
        from merchants import admin  # noqa: F401  (no autodiscovery: see INSTALLED_APPS)
