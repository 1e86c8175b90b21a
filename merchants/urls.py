"""Public addresses, in French. Those of fixed pages come before those of communes."""

from django.contrib.sitemaps import views as sitemap_views
from django.urls import path

from merchants.views import directory, home, pages, shop
from merchants.views.sitemap import SITEMAPS

public = [
    path("", home.home, name="home"),
    path("autour/", directory.around, name="around"),
    path("autour/commerces.geojson", directory.around_geojson, name="around_geojson"),
    path("autour/commerces.csv", directory.around_csv, name="around_csv"),
    path("classement/", pages.ranking, name="ranking"),
    path("mentions-legales/", pages.legal, name="legal"),
    path("confidentialite/", pages.privacy, name="privacy"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("robots.txt", pages.robots, name="robots"),
    path("sitemap.xml", sitemap_views.index, {"sitemaps": SITEMAPS}, name="sitemap"),
    path(
        "sitemap-<section>.xml",
        sitemap_views.sitemap,
        {"sitemaps": SITEMAPS},
        name="django.contrib.sitemaps.views.sitemap",
    ),
    path("<slug:commune_slug>/", directory.commune, name="commune"),
    path("<slug:commune_slug>/theme.css", pages.theme, name="theme"),
    path(
        "<slug:commune_slug>/commerces.geojson", directory.commune_geojson, name="commune_geojson"
    ),
    path("<slug:commune_slug>/commerces.csv", directory.commune_csv, name="commune_csv"),
    path("<slug:commune_slug>/commerces/<slug:shop_slug>/", shop.shop, name="shop"),
    path("<slug:commune_slug>/commerces/<slug:shop_slug>/carte/", shop.shop_card, name="shop_card"),
]

urlpatterns = public
