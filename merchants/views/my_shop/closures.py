"""Exceptional closures and holidays."""

from datetime import date

from django.http import HttpResponseBadRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from merchants.forms.closure import ClosureForm, HolidayForm
from merchants.models import ShopStatus
from merchants.opening_hours.phrases import full_date_text
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

    def said(values):
        day = {"day": full_date_text(values["day"], _)}
        if shop.status == ShopStatus.PUBLISHED:
            return _("La fermeture du %(day)s est annoncée, et déjà en ligne.") % day
        return _("La fermeture du %(day)s est enregistrée.") % day

    return _announce(request, shop, ClosureForm, act, said, "closure")


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

    def said(values):
        days = {name: full_date_text(values[name], _) for name in ("start", "end")}
        if shop.status == ShopStatus.PUBLISHED:
            return _("Les congés du %(start)s au %(end)s sont annoncés, et déjà en ligne.") % days
        return _("Les congés du %(start)s au %(end)s sont enregistrés.") % days

    return _announce(request, shop, HolidayForm, act, said, "holiday")


@require_POST
def remove(request, *, shop, member):
    """Takes a special period away, named by its days."""
    try:
        start, end = (date.fromisoformat(request.POST.get(name, "")) for name in ("start", "end"))
    except ValueError:
        return HttpResponseBadRequest()
    try:
        remove_special(shop, start, end, by=request.user, now=timezone.now())
    except WorkflowError as error:
        return page(request, shop, "refused", sentence=str(error))
    return done(request, _("C’est retiré\u00a0: vos horaires habituels valent ces jours-là."))


def _announce(request, shop, form_class, act, said, template):
    today = timezone.now().astimezone(shop.schedule.zone).date()
    form = form_class(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except WorkflowError as error:
            form.add_error(None, str(error))
        else:
            return done(request, said(form.cleaned_data))
    return page(request, shop, template, form=form, specials=coming_specials(shop))
