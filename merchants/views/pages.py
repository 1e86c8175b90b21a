"""The pages that say who publishes, how the list is ordered, and what is accessible."""

from datetime import date

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from merchants.colors import COLOR, readable_on_dark, readable_on_light
from merchants.models import Commune
from merchants.models.shop import FAREWELL
from merchants.models.shop_queryset import FRESH_FOR
from merchants.views.caching import commune_page
from merchants.workflow.registration import DRAFT_KEPT, TERMS_VERSION


@require_safe
def ranking(request):
    months = round(FRESH_FOR.days / 30.5)
    return render(request, "merchants/ranking.html", {"months": months})


@require_safe
def terms(request):
    """What a merchant accepts; `registration.TERMS_VERSION` is raised with its sense."""
    communes = Commune.objects.light().exclude(town_hall_email="", town_hall_name="")
    context = {
        "version": date.fromisoformat(TERMS_VERSION),
        "communes": communes.order_by("name")[:100],
        "contact_email": settings.CONTACT_EMAIL,
        "drafts_days": DRAFT_KEPT.days,
        "farewell_days": FAREWELL.days,
    }
    return render(request, "merchants/terms.html", context)


@require_safe
def legal(request):
    communes = Commune.objects.light().with_public_words().order_by("name")[:100]
    context = {"communes": communes, "contact_email": settings.CONTACT_EMAIL}
    return render(request, "merchants/legal.html", context)


@require_safe
def privacy(request):
    return render(request, "merchants/privacy.html", {"tiles_host": settings.TILES_ORIGIN})


@require_safe
def accessibility(request):
    return render(
        request, "merchants/accessibility.html", {"contact_email": settings.CONTACT_EMAIL}
    )


@commune_page
def theme(request, *, commune: Commune, now):
    """The commune's colour as a stylesheet: pages carry no inline style."""
    color = commune.accent_color
    if not COLOR.fullmatch(color):
        return HttpResponse("", content_type="text/css")
    css = f":root{{--accent:{readable_on_light(color)};--accent-on-dark:{readable_on_dark(color)}}}"
    return HttpResponse(css, content_type="text/css")


@require_safe
@cache_control(public=True, max_age=86400)
def robots(request):
    lines = [
        "User-agent: *",
        "Disallow: /mairie/",
        "Disallow: /*compte/",
        "Disallow: /*mon-commerce/",
    ]
    if settings.SITE_URL:
        lines.append(f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(max_age=86400, public=True)
def favicon(request):
    """Browsers ask for it beside a file that no page frames: a proof, an export, a PDF."""
    return redirect(static("favicon.svg"))
