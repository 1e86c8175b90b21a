"""« Tout est exact », closing for good, and back."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from merchants.forms.my_shop import ClosingForm
from merchants.models.shop import FAREWELL, Confirmer
from merchants.views.my_shop.access import posted_version
from merchants.views.my_shop.editing import done, page
from merchants.views.my_shop.summary import summary
from merchants.workflow import WorkflowError, status
from merchants.workflow.confirm_link import confirm_by_link, read_link


def confirm(request, *, shop, member):
    """Shows what is confirmed, and asks. Who acts for a merchant confirms as the town hall."""
    problem = ""
    if request.method == "POST":
        try:
            status.confirm(
                shop,
                by=request.user,
                as_=Confirmer.MERCHANT if member else Confirmer.TOWN_HALL,
                now=timezone.now(),
                expected_version=posted_version(request),
            )
        except WorkflowError as error:
            problem = str(error)  # The page below shows the listing as it is now.
        else:
            return done(request, _("Merci\u202f! La fiche est confirmée à la date d’aujourd’hui."))
    sheet = summary(shop, with_private=True)
    return page(request, shop, "confirm", problem=problem, **sheet)


def closing(request, *, shop, member):
    """Closing for good."""
    form = ClosingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            status.close(
                shop,
                by=request.user,
                now=timezone.now(),
                farewell=form.cleaned_data["farewell"],
                successor=form.cleaned_data["successor"],
                expected_version=posted_version(request),
            )
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            return done(request, _closed(shop))
    version = posted_version(request) if request.method == "POST" else None
    return page(request, shop, "closing", form=form, days=FAREWELL.days, version=version)


@require_POST
def reopen(request, *, shop, member):
    try:
        status.reopen(
            shop,
            by=request.user,
            now=timezone.now(),
            expected_version=posted_version(request),
        )
    except WorkflowError as error:
        messages.error(request, str(error))
        return redirect("my_shops")
    return done(request, _("Le commerce est rouvert\u00a0: sa fiche est de nouveau en ligne."))


# The link itself is the proof: no cookie is read, so there is none to be misused.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_link(request, token: str):
    """The page of a letter's link, without a login. GET asks; only POST confirms."""
    now = timezone.now()
    try:
        if request.method == "POST":
            shop = confirm_by_link(token, now=now)
            response = render(request, "merchants/my_shop/link_done.html", {"shop": shop})
        else:
            shop = read_link(token, now=now).shop
            context = {"shop": shop, **summary(shop, with_private=False)}
            response = render(request, "merchants/my_shop/link.html", context)
    except WorkflowError as error:
        context = {"sentence": str(error)}
        response = render(request, "merchants/my_shop/link_refused.html", context, status=410)
    patch_cache_control(response, private=True, no_store=True)
    # The address is the key: no other site learns it.
    response["Referrer-Policy"] = "no-referrer"
    return response


def _closed(shop) -> str:
    if shop.closed_at:
        return _("C’est fait\u00a0: la fiche dit que le commerce a fermé.")
    return _("C’est fait\u00a0: le commerce est fermé définitivement.")
