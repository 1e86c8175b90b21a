"""Exceptional closures and holidays."""

from datetime import date

from django.http import HttpResponseBadRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from merchants.forms.closure import ClosureForm, HolidayForm
from merchants.models import ShopStatus
from merchants.views.my_shop.editing import done, page
from merchants.views.my_shop.hours import coming_specials
from merchants.workflow import WorkflowError
from merchants.workflow.closures import add_holiday, close_exceptionally, remove_special


def closure(request, *, shop, member):
    """One day, or part of it."""

    def act(values):
        close_exceptionally(
            shop,
            values["day"],
            from_minute=values["from_time"],
            to_minute=values["to_time"],
            reason=values["reason"],
            by=request.user,
            now=timezone.now(),
        )

    return _announce(request, shop, ClosureForm, act, "closure")


def holiday(request, *, shop, member):
    """From one day to another."""

    def act(values):
        add_holiday(
            shop,
            values["start"],
            values["end"],
            reason=values["reason"],
            by=request.user,
            now=timezone.now(),
        )

    return _announce(request, shop, HolidayForm, act, "holiday")


@require_POST
def remove(request, *, shop, member):
    """Takes a special period away, named by its first day."""
    try:
        start = date.fromisoformat(request.POST.get("start", ""))
    except ValueError:
        return HttpResponseBadRequest()
    try:
        remove_special(shop, start, by=request.user, now=timezone.now())
    except WorkflowError as error:
        return page(request, shop, "refused", sentence=str(error))
    return done(request, _("C’est retiré\u00a0: vos horaires habituels valent ces jours-là."))


def _announce(request, shop, form_class, act, template):
    today = timezone.now().astimezone(shop.schedule.zone).date()
    form = form_class(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            return done(request, _said(shop))
    return page(request, shop, template, form=form, specials=coming_specials(shop))


def _said(shop) -> str:
    if shop.status == ShopStatus.PUBLISHED:
        return _("C’est annoncé, et déjà en ligne.")
    return _("C’est enregistré.")
