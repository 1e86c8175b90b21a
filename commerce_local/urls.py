"""Addresses, grouped by audience; each group is guarded once, in its own module."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.static import serve

urlpatterns = [path("mairie/", admin.site.urls)]
if settings.LOCAL:
    # In production the web server in front serves the photos: see docs/deploiement.md.
    urlpatterns += [re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT})]
urlpatterns += i18n_patterns(
    path("compte/", include("merchants.account_urls")),
    path("", include("merchants.urls")),
    prefix_default_language=False,
)
