"""Registering a shop: who it is (1), whether it is here already (2), its hours (5), sending (7).

The other steps have files of their own; `wizard` has what all of them share.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from merchants.capitals import readable_name, readable_street
from merchants.company_search import Company, CompanySearch, CompanySearchError
from merchants.forms.register import BusinessForm, ByNameForm, CompanyQuestionForm, TermsForm
from merchants.models import Category, Commune, Shop, ShopStatus
from merchants.text import search_prefixes
from merchants.views.lookup import held_back
from merchants.views.my_shop.access import acting_as, home, posted_version
from merchants.views.my_shop.dashboard import lacks
from merchants.views.my_shop.editing import done
from merchants.views.my_shop.hours import HoursEditor
from merchants.views.my_shop.wizard import (
    AFTER,
    STEPS,
    edit_step,
    go_on,
    render_step,
    sent_back,
)
from merchants.views.shop import shop_context
from merchants.workflow import WorkflowError, registration, status
from merchants.workflow.values import Listing

MOST_COMMUNES = 30


@dataclass(frozen=True)
class Answer:
    """An establishment of the register, as somebody recognises it."""

    company: Company
    name: str
    address: str
    activity: str
    is_here: bool
    elsewhere: Commune | None  # Where it is not here: its commune, if that is one of the site's.


@dataclass(frozen=True)
class Twin:
    """A listing that may be the one being registered, and what may be done with it."""

    shop: Shop
    is_mine: bool
    claim: str
    help: str


# 1. The shop ----------------------------------------------------------------------------------


def register(request):
    """The first step. GET finds the commune, then the shop in the register; POST makes a draft."""
    communes = Commune.objects.light()
    commune = _commune(request, communes)
    if commune is None:
        return _choose_commune(request, communes)
    if request.method == "POST" and "choose" in request.POST:
        return _begin_with_company(request, commune)
    if request.method == "POST":
        return _begin_by_name(request, commune)
    problem, answers = "", None
    question = CompanyQuestionForm(request.GET if "q" in request.GET else None)
    if question.is_bound and question.is_valid():
        try:
            found = _ask(request.user, question.cleaned_data["q"], commune)
            answers = _answers(found, commune)
        except CompanySearchError as error:
            problem = str(error)
    typed = {"siret": request.GET.get("siret", "")[:20]}
    words = request.GET.get("q", "").strip()
    if words and not any(letter.isdigit() for letter in words):
        typed["name"] = words[:120]
    by_name = ByNameForm(initial=typed)
    return _start(request, commune, by_name, question=question, answers=answers, problem=problem)


def business(request, *, shop, member):
    """The name and the number again, of the draft."""
    form = BusinessForm(
        request.POST if request.method == "POST" else None, listing=Listing.of(shop)
    )
    return edit_step(request, shop, form, "commerce", "business")


def _commune(request, communes) -> Commune | None:
    """The one that the address or the form names; the only one there is."""
    code = request.POST.get("commune") or request.GET.get("commune")
    if code:
        return communes.of_code(code)
    only = list(communes.order_by()[:2])
    return only[0] if len(only) == 1 else None


def _choose_commune(request, communes):
    words = request.GET.get("ville", "").strip()[:100]
    found = []
    if search_prefixes(words):
        found = list(communes.matching(words).order_by_size()[: MOST_COMMUNES + 1])
    context = {
        "commune": None,
        "words": words,
        "found": found[:MOST_COMMUNES],
        "more": len(found) > MOST_COMMUNES,
        "unknown": "commune" in request.GET or "commune" in request.POST,
    }
    return render_step(request, None, "commerce", "start", **context)


def _start(request, commune: Commune, by_name: ByNameForm, **context):
    context = {
        "question": CompanyQuestionForm(),
        "answers": None,
        "problem": "",
        "commune": commune,
        "by_name": by_name,
        "drafts": list(
            Shop.objects.kept_by(request.user).filter(status=ShopStatus.DRAFT).order_by("-pk")
        ),
        "can_change": Commune.objects.order_by()[1:2].exists(),
    } | context
    return render_step(request, None, "commerce", "start", **context)


def _begin_with_company(request, commune: Commune):
    """The register is asked again: what a browser sends of a company is not believed."""
    siret = request.POST["choose"].strip()[:20]
    by_name = ByNameForm(initial={"siret": siret})
    try:
        found = _ask(request.user, siret, commune)
        company = next((c for c in found if c.siret == siret), None)
    except CompanySearchError as error:
        return _start(request, commune, by_name, problem=str(error))
    if company is None:
        problem = _("L’annuaire des entreprises ne connaît pas ce SIRET.")
    elif company.partial_diffusion:
        problem = _("Cet établissement ne publie ni son nom ni son adresse\u00a0: écrivez-les.")
    elif not company.is_open:
        by_name = ByNameForm(initial={"name": readable_name(company.best_name)[:120]})
        problem = _("L’annuaire des entreprises indique cet établissement comme fermé.")
    elif company.commune_code != commune.insee_code:
        answers = _answers([company], commune)
        problem = _("Cet établissement n’est pas dans cette commune.")
        return _start(request, commune, ByNameForm(), answers=answers, problem=problem)
    else:
        listing = registration.listing_of(company, commune)
        return _begin(request, commune, listing, by_name)
    return _start(request, commune, by_name, problem=problem)


def _begin_by_name(request, commune: Commune):
    by_name = ByNameForm(request.POST)
    if not by_name.is_valid():
        return _start(request, commune, by_name)
    values = by_name.cleaned_data
    listing = Listing(
        commune=commune, name=values["name"], main_category=None, siret=values["siret"]
    )
    return _begin(request, commune, listing, by_name)


def _begin(request, commune: Commune, listing: Listing, by_name: ByNameForm):
    try:
        shop = registration.begin(listing, by=request.user, now=timezone.now())
    except WorkflowError as error:
        return _start(request, commune, by_name, problem=str(error))
    return go_on(request, shop, "commerce")


def _ask(user, question: str, commune: Commune) -> list[Company]:
    """What the register answers. Raises CompanySearchError, also to who asks too often."""
    if problem := held_back(user.pk, timezone.now()):
        raise CompanySearchError(problem)
    search = CompanySearch(settings.COMPANY_SEARCH_URL)
    return search.find(question, commune_code=commune.insee_code)


def _answers(companies: list[Company], commune: Commune) -> list[Answer]:
    leaves = list(Category.objects.leaves())
    codes = {company.commune_code for company in companies} - {commune.insee_code}
    others = Commune.objects.light().in_bulk(codes, field_name="insee_code") if codes else {}
    answers = []
    for company in companies:
        category = registration.category_of(company.naf, leaves)
        street = f"{company.house_number.lower()} {readable_street(company.street)}".strip()
        town = f"{company.postcode} {readable_name(company.city)}".strip()
        answers.append(
            Answer(
                company,
                readable_name(company.best_name),
                ", ".join(part for part in (street, town) if part),
                category.label if category else "",
                company.commune_code == commune.insee_code,
                others.get(company.commune_code),
            )
        )
    return answers


# 2. Twins -------------------------------------------------------------------------------------


def twins(request, *, shop, member):
    """Listings that look like this one; the town hall would rather have one than two."""
    if request.method == "POST":
        # Where the address brought them up, it is not asked for again.
        return go_on(request, shop, request.GET.get(AFTER) or "doublons")
    context = _twins(request, shop)
    return render_step(request, shop, "doublons", "twins", **context)


def _twins(request, shop: Shop) -> dict:
    """What a page says of twins: the listings that this person may see, and, of others, that they
    are there."""
    found = registration.twins(shop)
    helped = shop.commune_id if acting_as(request) else None
    seen, mine, kept = registration.seen_by(request.user, found, helped=helped)
    twins = [
        Twin(one, one.pk in mine, *_doors(one, helped, is_kept=one.pk in kept))
        for one in found
        if one.pk in seen
    ]
    # Of several, the first one says enough.
    unseen = [registration.unseen_twin(one) for one in found if one.pk not in seen][:1]
    return {"twins": twins, "unseen": unseen}


def _doors(twin: Shop, helped: int | None, *, is_kept: bool) -> tuple[str, str]:
    """Where a listing is claimed by its merchant; where it is helped with. One of them or none."""
    if helped is None:
        is_open = twin.status == ShopStatus.PUBLISHED
        return (reverse("claim", args=[twin.commune.slug, twin.slug]) if is_open else ""), ""
    is_open = twin.commune_id == helped and not is_kept
    return "", (reverse("helping_shop", args=[twin.pk]) if is_open else "")


# 5. Hours -------------------------------------------------------------------------------------


def hours(request, *, shop, member):
    """The editor of « Mon commerce ». One may go on without hours."""
    editor = HoursEditor(request, shop.schedule)
    context = editor.context | {"has_hours": bool(shop.schedule.weekly)}
    if request.method == "POST" and not editor.saves:
        version = posted_version(request)
        return render_step(request, shop, "horaires", "hours", version=version, **context)
    return edit_step(request, shop, editor, "horaires", "hours", **context)


# 7. Sending -----------------------------------------------------------------------------------


def send(request, *, shop, member):
    """The page as residents will see it, what is missing, the terms. Sends once."""
    if request.method == "POST" and shop.status == ShopStatus.PENDING:
        return redirect("register_sent", shop.pk)  # The second click.
    if not registration.is_open(shop):
        return sent_back(request, shop)
    now = timezone.now()
    form = TermsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            registration.send(
                shop,
                by=request.user,
                now=now,
                terms=registration.TERMS_VERSION,
                expected_version=posted_version(request),
            )
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            return redirect("register_sent", shop.pk)
    needed = registration.missing(shop)
    context = shop_context(shop, now) | {
        "form": form,
        "needed": [STEPS[slug] for slug in needed],
        "lacks": lacks(shop, now, routes=ROUTES),
        "acting": acting_as(request) is not None,
        **_twins(request, shop),
    }
    return render_step(request, shop, "envoi", "send", **context)


# Where a lack is mended before the listing is published.
ROUTES = {
    "my_shop_hours": "register_hours",
    "my_shop_description": "register_activity",
    "my_shop_contact": "register_activity",
    "my_shop_services": "register_activity",
    "my_shop_photos": "register_photos",
    "my_shop_identity": "register_address",
}


@require_safe
def sent(request, *, shop, member):
    """What happens next, and when."""
    if shop.status != ShopStatus.PENDING:
        return redirect(home(request))
    context = {
        "shop": shop,
        "home": home(request),
        "days": registration.usual_days(shop.commune),
        "is_mine": member is not None,
        "can_withdraw": member is None or member.is_owner,
    }
    return render(request, "merchants/register/sent.html", context)


def discard(request, *, shop, member):
    """Gives up a registration, after asking."""
    problem = ""
    if request.method == "POST":
        try:
            registration.discard(shop, by=request.user, now=timezone.now())
        except WorkflowError as error:
            problem = str(error)
        else:
            # The listing to go back to is gone.
            acting, request.acting = request.acting, None
            back = ("helping_commune", shop.commune.insee_code) if acting else ()
            return done(request, _("L’inscription est abandonnée, rien n’en est gardé."), *back)
    elif not registration.is_open(shop):
        return sent_back(request, shop)
    context = {"shop": shop, "version": shop.version, "home": home(request), "problem": problem}
    return render(request, "merchants/register/discard.html", context)


@require_POST
def withdraw(request, *, shop, member):
    """Takes a registration back that waits for the town hall: a draft again."""
    try:
        status.withdraw(shop, by=request.user, now=timezone.now())
    except WorkflowError as error:
        messages.error(request, str(error))
        return redirect(home(request))
    return done(
        request, _("Votre demande est retirée\u00a0: la fiche est de nouveau un brouillon.")
    )
