"""Addresses in French, grouped by audience; each group is guarded once.

Those of fixed pages come before those of communes.
"""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.contrib.sitemaps import views as sitemap_views
from django.urls import URLPattern, path

from merchants.views import directory, home, lookup, pages, shop
from merchants.views.my_shop import (
    access,
    closures,
    confirming,
    dashboard,
    details,
    hours,
    people,
    record,
)
from merchants.views.sitemap import SITEMAPS


def guarded(guard: Callable, routes: list[URLPattern]) -> list[URLPattern]:
    """The same routes, each view behind the guard."""
    for route in routes:
        route.callback = guard(route.callback)
    return routes


merchant = guarded(
    login_required,
    [
        path("mon-commerce/recherche/entreprises", lookup.companies, name="lookup_companies"),
        path("mon-commerce/recherche/adresses", lookup.addresses, name="lookup_addresses"),
    ],
)

# Whoever is logged in.
persons = guarded(
    access.person,
    [
        path("mon-commerce/", dashboard.my_shops, name="my_shops"),
        path("mon-commerce/invitation/<str:token>/", people.invitation, name="invitation"),
    ],
)

# The people of one shop.
SHOP = "mon-commerce/<int:pk>/"
members = guarded(
    access.member,
    [
        path(f"{SHOP}horaires/", hours.hours, name="my_shop_hours"),
        path(f"{SHOP}fermeture/", closures.closure, name="my_shop_closure"),
        path(f"{SHOP}conges/", closures.holiday, name="my_shop_holiday"),
        path(f"{SHOP}fermeture/retirer/", closures.remove, name="my_shop_remove_special"),
        path(f"{SHOP}confirmer/", confirming.confirm, name="my_shop_confirm"),
        path(f"{SHOP}presentation/", details.description, name="my_shop_description"),
        path(f"{SHOP}contact/", details.contact, name="my_shop_contact"),
        path(f"{SHOP}services/", details.services, name="my_shop_services"),
        path(f"{SHOP}identite/", details.identity, name="my_shop_identity"),
        path(f"{SHOP}identite/retirer/", details.withdraw_proposal, name="my_shop_withdraw"),
        path(f"{SHOP}historique/", record.history, name="my_shop_history"),
        path(f"{SHOP}personnes/", people.people, name="my_shop_people"),
        path(f"{SHOP}personnes/partir/", people.leave, name="my_shop_leave"),
    ],
)

# Those who answer for it.
owners = guarded(
    access.owner,
    [
        path(f"{SHOP}personnes/inviter/", people.invite, name="my_shop_invite"),
        path(
            f"{SHOP}personnes/invitation/<int:invitation>/annuler/",
            people.uninvite,
            name="my_shop_uninvite",
        ),
        path(f"{SHOP}personnes/<int:person>/retirer/", people.remove, name="my_shop_remove"),
        path(
            f"{SHOP}personnes/<int:person>/transmettre/",
            people.hand_over,
            name="my_shop_hand_over",
        ),
        path(f"{SHOP}fermer/", confirming.closing, name="my_shop_closing"),
        path(f"{SHOP}rouvrir/", confirming.reopen, name="my_shop_reopen"),
    ],
)

public = [
    # The link of a letter is its own key.
    path("tout-est-exact/<str:token>/", confirming.confirm_link, name="confirm_link"),
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

urlpatterns = [*merchant, *persons, *members, *owners, *public]
