"""What the editing pages have in common: a form, the version it was made from, one sentence."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from merchants.models import Shop, ShopStatus
from merchants.views.my_shop.access import posted_version
from merchants.workflow import Conflict, WorkflowError
from merchants.workflow.edit import Edit, edit_listing


def page(request, shop: Shop, template: str, *, version: int | None = None, **context):
    """A page of one shop. `version` goes into its forms."""
    context |= {"shop": shop, "version": shop.version if version is None else version}
    return render(request, f"merchants/my_shop/{template}.html", context)


def done(request, sentence: str, address: str = "my_shops", *arguments) -> HttpResponse:
    """What was done, said on the page that one comes back to."""
    messages.success(request, sentence)
    return redirect(address, *arguments)


def told(edit: Edit, shop: Shop) -> str:
    """What came of an edit, in a sentence."""
    if edit.proposed:
        return _("C’est envoyé à la mairie. L’ancienne version reste en ligne jusqu’à sa réponse.")
    if not edit.live:
        return _("Rien n’a changé.")
    if shop.status == ShopStatus.PUBLISHED:
        return _("C’est enregistré, et déjà en ligne.")
    return _("C’est enregistré.")


def edit_page(
    request: HttpRequest,
    shop: Shop,
    form,
    template: str,
    *,
    back: tuple = ("my_shops",),
    edit: Callable[..., Edit] = edit_listing,
    **context,
) -> HttpResponse:
    """GET shows the form; POST edits and goes back, or shows again all that was typed."""
    version = None
    if request.method == "POST":
        version = posted_version(request)
        if form.is_valid():
            try:
                came = edit(
                    shop,
                    form.changes,
                    by=request.user,
                    expected_version=version,
                    now=timezone.now(),
                )
            except Conflict as error:
                form.add_error(None, str(error))
                version = error.version
            except WorkflowError as error:
                form.add_error(None, str(error))
            else:
                return done(request, told(came, shop), *back)
    return page(request, shop, template, version=version, form=form, **context)
