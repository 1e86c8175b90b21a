"""What the editing pages have in common: a form, the version it was made from, one sentence."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.models import Shop, ShopStatus
from merchants.views.my_shop.access import acting_as, home, posted_version
from merchants.workflow import Conflict, WorkflowError
from merchants.workflow.edit import Edit, Shown, edit_listing, reviewed_fields
from merchants.workflow.proposals import PAGES
from merchants.workflow.wording import Words


def page(
    request,
    shop: Shop,
    template: str,
    *,
    version: int | None = None,
    agreed: int | None = None,
    **context,
):
    """A page of one shop. `version` and `agreed` go into its forms (my_shop/_version.html), `home`
    is where it leads back to."""
    context |= {
        "shop": shop,
        "version": shop.version if version is None else version,
        "agreed": posted_version(request, "agreed") if agreed is None else agreed,
        "home": home(request),
    }
    return render(request, f"merchants/my_shop/{template}.html", context)


def done(request, sentence: str, address: str = "", *arguments) -> HttpResponse:
    """What was done, said on the page that one comes back to: `home`, unless it is named."""
    messages.success(request, sentence)
    return redirect(address or home(request), *arguments)


def told(edit: Edit, shop: Shop) -> str:
    """What came of an edit, in a sentence."""
    if edit.proposed:
        return _sent(shop)
    if edit.withdrawn and not edit.live:
        return _("La proposition est retirée.")
    if not edit.live:
        return _("Rien n’a changé.")
    if shop.status == ShopStatus.PUBLISHED:
        return _("C’est enregistré, et déjà en ligne.")
    return _("C’est enregistré.")


def _sent(shop: Shop) -> str:
    if shop.status == ShopStatus.PUBLISHED:
        return _("C’est envoyé à la mairie. L’ancienne version reste en ligne jusqu’à sa réponse.")
    return _("C’est envoyé à la mairie.")


def review(request: HttpRequest, shop: Shop, shown: Shown, route: str) -> dict:
    """What the page of that route says of the town hall: whether it looks first (policy.html),
    what waits for it (_pending.html), and what it refused of this page (_refused.html)."""
    words, reviewed = Words(), PAGES[route] & reviewed_fields(shop, acting_as(request))
    proposal, refused = shown.proposal, shown.refused
    turned_down = refused.changes if refused else {}
    turned_down = {name: change for name, change in turned_down.items() if name in reviewed}
    return {
        "reviewed": bool(reviewed),
        "proposal": proposal,
        "proposal_lines": words.lines(proposal.changes) if proposal else [],
        "refused": refused if turned_down else None,
        "refused_lines": words.lines(turned_down),
    }


def edit_page(
    request: HttpRequest,
    shop: Shop,
    form,
    template: str,
    *,
    back: tuple = (),
    edit: Callable[..., Edit] = edit_listing,
    **context,
) -> HttpResponse:
    """GET shows the form; POST edits and goes back, or shows again all that was typed."""
    version = agreed = None
    if request.method == "POST":
        version = posted_version(request)
        if form.is_valid():
            try:
                came = edit(
                    shop,
                    form.changes,
                    by=request.user,
                    expected_version=version,
                    agreed=posted_version(request, "agreed"),
                    now=timezone.now(),
                )
            except Conflict as error:
                form.add_error(None, str(error))
                agreed = error.version
            except WorkflowError as error:
                form.add_error(None, str(error))
            else:
                return done(request, told(came, shop), *back)
    return page(request, shop, template, version=version, agreed=agreed, form=form, **context)
