"""Addresses in French, grouped by audience; each group is guarded once.

Those of fixed pages come before those of communes.
"""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.contrib.sitemaps import views as sitemap_views
from django.urls import URLPattern, path

from merchants.views import (
    claim,
    directory,
    helping,
    home,
    lookup,
    pages,
    report,
    role_invitation,
    shop,
)
from merchants.views.my_shop import (
    access,
    claims,
    closures,
    codes,
    confirming,
    dashboard,
    details,
    hours,
    people,
    photos,
    record,
    register,
    register_activity,
    register_address,
    register_photos,
    wizard,
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
        path("mon-commerce/inscrire/", register.register, name="register"),
        path("mon-commerce/invitation/<str:token>/", people.invitation, name="invitation"),
        path(
            "mon-commerce/equipe/<str:token>/",
            role_invitation.role_invitation,
            name="role_invitation",
        ),
        path("mon-commerce/code/", codes.type_code, name="my_shop_code"),
        path("mon-commerce/code/<str:code>/", codes.take, name="my_shop_code_take"),
        path("mon-commerce/demandes/", claims.my_claims, name="my_claims"),
        path(
            "mon-commerce/demandes/<int:claim>/retirer/", claims.withdraw, name="my_claim_withdraw"
        ),
        path(
            "<slug:commune_slug>/commerces/<slug:shop_slug>/c-est-mon-commerce/",
            claim.claim,
            name="claim",
        ),
    ],
)

# Helpers and agents of one commune.
HELPING = "mon-commerce/aider/"
helpers = [
    *guarded(access.person, [path(HELPING, helping.communes, name="helping")]),
    *guarded(
        access.role_holder,
        [
            path(f"{HELPING}<str:insee>/", helping.commune, name="helping_commune"),
            path(f"{HELPING}<str:insee>/inscrire/", helping.register, name="helping_register"),
        ],
    ),
]

# The same, for one shop whose listing nobody keeps.
SHOP = "mon-commerce/<int:pk>/"
helped = guarded(
    access.helper,
    [
        path(f"{SHOP}aider/", helping.shop, name="helping_shop"),
        path(f"{SHOP}aider/lettre/", helping.letter, name="helping_letter"),
        path(f"{SHOP}aider/courriel/", helping.email, name="helping_email"),
    ],
)

# The people of one shop; the town hall's, where there are none.
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
        path(f"{SHOP}photos/", photos.photos, name="my_shop_photos"),
        path(f"{SHOP}identite/", details.identity, name="my_shop_identity"),
        path(f"{SHOP}identite/retirer/", details.withdraw_proposal, name="my_shop_withdraw"),
        path(f"{SHOP}identite/abandonner/", details.drop_proposal, name="my_shop_drop"),
    ],
)

# The same people, while the listing is a registration: step by step.
REGISTRATION = f"{SHOP}inscription/"
steps = guarded(
    wizard.step,
    [
        path(f"{REGISTRATION}commerce/", register.business, name="register_business"),
        path(f"{REGISTRATION}doublons/", register.twins, name="register_twins"),
        path(f"{REGISTRATION}adresse/", register_address.address, name="register_address"),
        path(f"{REGISTRATION}activite/", register_activity.activity, name="register_activity"),
        path(f"{REGISTRATION}horaires/", register.hours, name="register_hours"),
        path(f"{REGISTRATION}photos/", register_photos.photos, name="register_photos"),
    ],
)

# Its end, which looks at the state of the listing by itself.
registration = guarded(
    access.member,
    [
        path(f"{REGISTRATION}envoi/", register.send, name="register_send"),
        path(f"{REGISTRATION}envoyee/", register.sent, name="register_sent"),
        path(f"{REGISTRATION}abandonner/", register.discard, name="register_discard"),
        path(f"{REGISTRATION}retirer/", register.withdraw, name="register_withdraw"),
    ],
)

# Those of them that concern people: never the town hall.
shop_people = guarded(
    access.people_of_shop,
    [
        path(f"{SHOP}historique/", record.history, name="my_shop_history"),
        path(f"{SHOP}personnes/", people.people, name="my_shop_people"),
        path(
            f"{SHOP}personnes/<int:person>/transmettre/",
            people.hand_over,
            name="my_shop_hand_over",
        ),
    ],
)
# The second click of somebody who has just left comes from a stranger: the view asks by itself.
leaving = guarded(
    access.person, [path(f"{SHOP}personnes/partir/", people.leave, name="my_shop_leave")]
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
        path(f"{SHOP}fermer/", confirming.closing, name="my_shop_closing"),
        path(f"{SHOP}rouvrir/", confirming.reopen, name="my_shop_reopen"),
        path(f"{SHOP}demandes/", claims.shop_claims, name="my_shop_claims"),
    ],
)

public = [
    # The link of a letter is its own key.
    path("tout-est-exact/<str:token>/", confirming.confirm_link, name="confirm_link"),
    path("code/", codes.enter_code, name="code"),
    path("code/<str:code>/", codes.code_link, name="code_link"),
    path("", home.home, name="home"),
    path("autour/", directory.around, name="around"),
    path("autour/commerces.geojson", directory.around_geojson, name="around_geojson"),
    path("autour/commerces.csv", directory.around_csv, name="around_csv"),
    path("classement/", pages.ranking, name="ranking"),
    path("conditions/", pages.terms, name="terms"),
    path("mentions-legales/", pages.legal, name="legal"),
    path("confidentialite/", pages.privacy, name="privacy"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("robots.txt", pages.robots, name="robots"),
    path("favicon.ico", pages.favicon, name="favicon"),
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
    path("<slug:commune_slug>/commerces/<slug:shop_slug>/signaler/", report.report, name="report"),
    path(
        "<slug:commune_slug>/commerces/<slug:shop_slug>/signaler/merci/",
        report.report_sent,
        name="report_sent",
    ),
]

urlpatterns = [
    *merchant,
    *persons,
    *helpers,
    *helped,
    *members,
    *steps,
    *registration,
    *shop_people,
    *leaving,
    *owners,
    *public,
]
