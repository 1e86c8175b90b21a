"""Acting for a merchant: helpers and agents of a town hall, and the listings that nobody keeps.

They edit with the pages of « Mon commerce » (see `my_shop.access`); here they find a listing, begin
one, and write to the shop. No page of theirs names an account.
"""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.forms.helping import DraftForm, HelpingFilterForm
from merchants.views.my_shop.access import posted_version
from merchants.views.my_shop.editing import done
from merchants.views.my_shop.summary import summary
from merchants.views.my_shop.wizard import STEPS, next_address
from merchants.workflow import WorkflowError, letters, registration
from merchants.workflow.edit import pending_proposal
from merchants.workflow.helping import create_draft, held_back, helped_communes, helped_shops

PER_PAGE = 25
COMMUNES_SHOWN = 100


def communes(request):
    """Where that person helps; straight to it where it is one. 404 to whoever helps nowhere."""
    found = list(helped_communes(request.user)[:COMMUNES_SHOWN])
    if not found:
        raise Http404
    if len(found) == 1:
        return redirect("helping_commune", found[0].insee_code)
    return render(request, "merchants/helping/communes.html", {"communes": found})


def commune(request, *, commune):
    """The listings that nobody keeps. Two queries beside those of the login."""
    form = HelpingFilterForm(request.GET)
    shops = form.of(helped_shops(commune)).select_related("main_category").by_name()
    page = Paginator(shops, PER_PAGE).get_page(request.GET.get("page"))
    question = request.GET.copy()
    question.pop("page", None)
    context = {"commune": commune, "form": form, "page": page, "question": question.urlencode()}
    return render(request, "merchants/helping/commune.html", context)


def register(request, *, commune):
    """Begins a listing for somebody; the steps of a registration follow."""
    form = DraftForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            name = form.cleaned_data["name"]
            shop = create_draft(commune, name, by=request.user, now=timezone.now())
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            return redirect(next_address(shop, "commerce"))
    return render(request, "merchants/helping/register.html", {"commune": commune, "form": form})


def shop(request, *, shop):
    """One listing: how it stands, and all that can be done for its merchant."""
    now = timezone.now()
    return _page(
        request,
        shop,
        "shop",
        resume=STEPS["commerce"].address(shop) if registration.is_open(shop) else "",
        reason=held_back(shop),
        proposal=pending_proposal(shop),
        emailed_at=letters.emailed_at(shop, now=now),
        **summary(shop, with_private=True),
    )


def letter(request, *, shop):
    """GET says what the letter does; POST makes it, with a new code, as a PDF to keep."""
    now, problem = timezone.now(), ""
    if request.method == "POST":
        try:
            pdf = letters.prepare(shop, by=request.user, now=now)
        except WorkflowError as error:
            problem = str(error)
        else:
            response = HttpResponse(pdf, content_type="application/pdf")
            name = f"lettre-{shop.slug}.pdf"
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            response["Cache-Control"] = "private, no-store"  # It holds the code.
            return response
    printed_at = letters.printed_at(shop, now=now)
    return _page(request, shop, "letter", problem=problem, printed_at=printed_at)


def email(request, *, shop):
    """GET says what the mail does; POST sends it."""
    now, problem = timezone.now(), ""
    if request.method == "POST":
        try:
            version = posted_version(request)
            letters.send_email(shop, by=request.user, now=now, expected_version=version)
        except WorkflowError as error:
            problem = str(error)
        else:
            return done(request, _("Le courriel est parti à %(to)s.") % {"to": shop.email})
    sent_at = letters.emailed_at(shop, now=now)
    return _page(request, shop, "email", problem=problem, emailed_at=sent_at)


def _page(request, shop, template, **context):
    context |= {"shop": shop, "version": shop.version}
    return render(request, f"merchants/helping/{template}.html", context)
