"""A resident tells the town hall what is wrong with a listing: no account, cookie or script."""

from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from merchants.forms.report import ReportForm
from merchants.models import Shop
from merchants.views.attempts import TooMany, counted_report
from merchants.views.merged import follow_merged
from merchants.workflow import WorkflowError, reports, town_hall


# Public pages set no cookie, so there is none to check a token against; and nothing here is done in
# anybody's name: whoever made a visitor send this form could send it himself.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@follow_merged
def report(request, *, commune_slug: str, shop_slug: str):
    """The form; with what was typed, and a sentence, where it could not be taken."""
    shop, now, status = _shop(commune_slug, shop_slug), timezone.now(), 200
    form = ReportForm(request.POST if request.method == "POST" else None, shop=shop, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            counted_report(request, now, lambda: reports.make(shop, now=now, **form.values))
        except TooMany:
            contact = town_hall.contact_words(shop.commune)
            said = _(
                "Vous avez déjà envoyé beaucoup de signalements. Réessayez dans une heure, "
                "ou %(contact)s."
            )
            form.add_error(None, said % {"contact": contact})
            status = 429
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            return redirect("report_sent", commune_slug, shop_slug)
    response = render(request, "merchants/report.html", _context(shop, form), status=status)
    # What was typed, and the moment at which the page was made, are one visitor's.
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_safe
def report_sent(request, *, commune_slug: str, shop_slug: str):
    shop = _shop(commune_slug, shop_slug)
    return render(request, "merchants/report.html", _context(shop, None))


def _shop(commune_slug: str, shop_slug: str) -> Shop:
    shops = Shop.objects.published().with_commune()
    return get_object_or_404(shops, commune__slug=commune_slug, slug=shop_slug)


def _context(shop: Shop, form: ReportForm | None) -> dict:
    return {
        "shop": shop,
        "commune": shop.commune,
        "form": form,
        "town_hall": town_hall.name_of(shop.commune),
    }
