from django.urls import path

from commerce_local.urls import urlpatterns as site
from tests.bench import bare

urlpatterns = [
    path("bare/<slug:commune_slug>/", bare.rows),
    path("bare/<slug:commune_slug>/features/", bare.features),
    *site,
]
