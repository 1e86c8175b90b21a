"""The code that the town hall gave: typed, or opened as the link of a letter."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from merchants.access_codes import display_code
from merchants.forms.claim import CodeForm
from merchants.models import ShopStatus
from merchants.views.attempts import TooMany, counted
from merchants.views.my_shop.access import posted_version
from merchants.views.my_shop.editing import done
from merchants.views.my_shop.summary import summary
from merchants.workflow import WorkflowError, codes


def type_code(request):
    """Asks for the code, and leads to the page that says what it opens."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        now, code = timezone.now(), form.cleaned_data["code"]
        try:
            counted(request, now, lambda: codes.read_code(code, now=now, by=request.user))
        except TooMany:
            status = 429
            form.add_error("code", _("Trop de codes faux\u00a0: réessayez dans une heure."))
        except WorkflowError as error:
            form.add_error("code", str(error))
        else:
            return redirect("my_shop_code_take", display_code(code))
    response = render(request, "merchants/claim/code.html", {"form": form}, status=status)
    return _secret(response)


def take(request, *, code: str):
    """Says which listing the code opens, and to which account; POST takes the listing over."""
    now = timezone.now()
    try:
        if request.method == "POST":
            came = counted(request, now, lambda: codes.redeem(code, by=request.user, now=now))
            return _taken(request, came)
        found = counted(request, now, lambda: codes.read_code(code, now=now, by=request.user))
    except (TooMany, WorkflowError) as error:
        return _secret(_refused(request, error))
    context = {
        "shop": found.shop,
        "is_kept": found.is_kept,
        "is_checked": found.is_checked,
        "is_member": found.shop.members.filter(user=request.user).exists(),
        **summary(found.shop, with_private=False),
    }
    return _secret(render(request, "merchants/claim/take.html", context))


# Leads on, and does nothing: no cookie is needed.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request):
    """For whoever has a letter and no telephone for its QR: the code is typed, without a login.

    Whether there is such a code, the page of the link says, and counts.
    """
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return redirect("code_link", display_code(form.cleaned_data["code"]))
    response = render(request, "merchants/claim/enter.html", {"form": form})
    return _secret(response, referrer="no-referrer")


# The code itself is the proof: no cookie is read for it, so there is none to be misused.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def code_link(request, code: str):
    """The page of a letter's link or QR, without a login: GET shows the listing, POST confirms.

    Somebody who is logged in has his own count of wrong codes, and nothing else by it.
    """
    now = timezone.now()
    context = {"code": code}
    try:
        if request.method == "POST":
            context["shop"] = counted(
                request,
                now,
                lambda: codes.confirm_by_code(
                    code, now=now, expected_version=posted_version(request)
                ),
            )
            context["is_public"] = context["shop"].status == ShopStatus.PUBLISHED
            response = render(request, "merchants/claim/link_done.html", context)
        else:
            found = counted(request, now, lambda: codes.read_code(code, now=now))
            context |= {"found": found, "shop": found.shop}
            context |= summary(found.shop, with_private=False)
            response = render(request, "merchants/claim/link.html", context)
    except (TooMany, WorkflowError) as error:
        response = _refused(request, error)
    return _secret(response, referrer="no-referrer")


def _taken(request, came: codes.Redeemed) -> HttpResponse:
    if came.claim and came.is_dispute:
        sentence = _(
            "Votre code est noté. Quelqu’un tient déjà cette fiche\u00a0: la mairie l’entend "
            "aussi, puis décide."
        )
        return done(request, sentence, "my_claims")
    if came.claim:
        sentence = _("Votre code est noté. La mairie vérifie\u00a0: vous recevrez un courriel.")
        return done(request, sentence, "my_claims")
    name = {"name": came.shop.name}
    sentence = _("Vous tenez maintenant la fiche «\u00a0%(name)s\u00a0». Relisez-la.") % name
    return done(request, sentence, "my_shops")


def _refused(request, error: Exception) -> HttpResponse:
    """410 with what is wrong; 429 after too many tries, which a login starts anew."""
    too_many = isinstance(error, TooMany)
    context = {"sentence": "" if too_many else str(error), "too_many": too_many}
    status = 429 if too_many else 410
    return render(request, "merchants/claim/refused.html", context, status=status)


def _secret(response: HttpResponse, *, referrer: str = "same-origin") -> HttpResponse:
    """The address is a key: nobody keeps the page, lists it, or tells another site where it was.

    Pages with a CSRF token need an origin: without any referrer browsers send none.
    """
    patch_cache_control(response, private=True, no_store=True)
    response["Referrer-Policy"] = referrer
    response["X-Robots-Tag"] = "noindex"
    return response
