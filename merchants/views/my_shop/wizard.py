"""What the seven steps of a registration have in common.

A registration is a listing in the state "draft" (or "refused" or "to_correct", to be corrected).
Each step is a page of its own that saves; steps may be taken in any order once the listing is
there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.models import Shop, ShopStatus
from merchants.views.my_shop import access
from merchants.workflow import Conflict, WorkflowError, registration
from merchants.workflow.edit import Edit, edit_listing


@dataclass(frozen=True)
class Step:
    slug: str
    label: str
    route: str
    number: int = 0

    def address(self, shop: Shop) -> str:
        return reverse(self.route, args=[shop.pk])


_ORDER = [
    ("commerce", gettext_lazy("Votre commerce"), "register_business"),
    ("doublons", gettext_lazy("Déjà inscrit\u202f?"), "register_twins"),
    ("adresse", gettext_lazy("Adresse"), "register_address"),
    ("activite", gettext_lazy("Activité et contact"), "register_activity"),
    ("horaires", gettext_lazy("Horaires"), "register_hours"),
    ("photos", gettext_lazy("Photos"), "register_photos"),
    ("envoi", gettext_lazy("Relire et envoyer"), "register_send"),
]
STEPS = {row[0]: Step(*row, number) for number, row in enumerate(_ORDER, start=1)}
SLUGS = list(STEPS)
# In the address of the second step: the step that it was come to from, to go on behind that.
AFTER = "apres"


def step(view):
    """For a step: whoever may write the listing, while it is a draft or was sent back.

    Gives the view `shop` and `member` (None for somebody who acts for a merchant).
    """

    @wraps(view)
    def wrapper(request, *, shop, **kwargs):
        if not registration.is_open(shop):
            return sent_back(request, shop)
        return view(request, shop=shop, **kwargs)

    return access.member(wrapper)


def sent_back(request, shop: Shop) -> HttpResponse:
    """The listing is no registration any more: to « Mon commerce », with a sentence."""
    if shop.status == ShopStatus.PENDING:
        sentence = _(
            "La mairie a déjà reçu l’inscription de «\u00a0%(name)s\u00a0». "
            "Vous pouvez encore modifier sa fiche d’ici."
        )
    else:
        sentence = _(
            "L’inscription de «\u00a0%(name)s\u00a0» est terminée\u00a0: sa fiche se modifie d’ici."
        )
    messages.info(request, sentence % {"name": shop.name})
    return redirect(access.home(request))


def next_address(shop: Shop, step: str) -> str:
    """Where the step leads; past the twins, where there are none. An unknown one leads to them."""
    step = step if step in SLUGS[:-1] else "commerce"
    following = SLUGS[SLUGS.index(step) + 1]
    if following == "doublons" and not registration.twins(shop):
        following = "adresse"
    return STEPS[following].address(shop)


def previous_address(shop: Shop, step: str) -> str:
    """The step before; "" for the first one."""
    if step == SLUGS[0]:
        return ""
    before = SLUGS[SLUGS.index(step) - 1]
    if before == "doublons" and not registration.twins(shop):
        before = "commerce"
    return STEPS[before].address(shop)


def unfinished(shop: Shop) -> Step:
    """The first step that has something left to say. Reads what `for_cards` prefetches."""
    if not (shop.service_area or shop.street):
        return STEPS["adresse"]
    if shop.main_category_id is None or not shop.description:
        return STEPS["activite"]
    if not shop.schedule.weekly:
        return STEPS["horaires"]
    return STEPS["envoi" if shop.covers else "photos"]


def finishes_later(request: HttpRequest) -> bool:
    """Whether « Finir plus tard » was pressed; the Enter key goes on."""
    return request.POST.get("do") == "later"


def go_on(request, shop: Shop, step: str) -> HttpResponse:
    """After a step was saved: the next one, or « Mon commerce », as the button says."""
    if finishes_later(request):
        messages.success(
            request, _("C’est enregistré. Vous reprendrez l’inscription quand vous voudrez.")
        )
        return redirect(access.home(request))
    return redirect(next_address(shop, step))


def render_step(
    request,
    shop: Shop | None,
    step: str,
    template: str,
    *,
    version: int | None = None,
    agreed: int | None = None,
    status: int = 200,
    **context,
) -> HttpResponse:
    """The page of a step, from templates/merchants/register/<template>.html.

    `shop` is None on the very first page, before there is a draft. The template extends
    merchants/register/_step.html, and ends its form with merchants/register/_buttons.html.
    """
    context |= {
        "shop": shop,
        "version": (shop.version if shop else 0) if version is None else version,
        "agreed": access.posted_version(request, "agreed") if agreed is None else agreed,
        "step": STEPS[step],
        "steps": _progress(shop, step),
        "previous": previous_address(shop, step) if shop else "",
        "home": access.home(request),
    }
    return render(request, f"merchants/register/{template}.html", context, status=status)


def edit_step(
    request,
    shop: Shop,
    form,
    step: str,
    template: str,
    *,
    edit: Callable[..., Edit] = edit_listing,
    **context,
) -> HttpResponse:
    """As `editing.edit_page`: GET shows the form; POST edits and goes on, or shows it again with
    all that was typed. `form.changes` are fields of a `Listing`."""
    version = agreed = None
    if request.method == "POST":
        version = access.posted_version(request)
        if form.is_valid():
            try:
                edit(
                    shop,
                    form.changes,
                    by=request.user,
                    expected_version=version,
                    agreed=access.posted_version(request, "agreed"),
                    now=timezone.now(),
                )
            except Conflict as error:
                form.add_error(None, str(error))
                agreed = error.version
            except WorkflowError as error:
                form.add_error(None, str(error))
            else:
                return go_on(request, shop, step)
    return render_step(
        request, shop, step, template, version=version, agreed=agreed, form=form, **context
    )


@dataclass(frozen=True)
class Progress:
    step: Step
    url: str
    is_current: bool


def _progress(shop: Shop | None, current: str) -> list[Progress]:
    """All steps are reached once the draft is there."""
    return [
        Progress(step, step.address(shop) if shop else "", step.slug == current)
        for step in STEPS.values()
    ]
