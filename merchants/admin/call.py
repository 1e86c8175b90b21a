"""Calling shops: whom to call, and what one enters while on the telephone.

Every button of the form is one function of `workflow.calls`; then the next shop of the same list
opens by itself.
"""

from contextlib import suppress

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.forms.call import CallFilterForm, CallForm
from merchants.models import Report, Shop, ShopStatus
from merchants.models.call import CallOutcome
from merchants.opening_hours import SpecialPeriod, holiday_text, usual_week
from merchants.workflow import WorkflowError, calls
from merchants.workflow.calls import Seen

from .pages import choosable, render_page, scoped, town_hall_page

PER_PAGE = 50
CALLS_SHOWN = 5


@town_hall_page(
    "appels/",
    name="calls",
    title=gettext_lazy("Appeler les commerces"),
    help=gettext_lazy("Vérifier les fiches par téléphone, ou sur papier, en commençant par "
                      "les plus anciennes."),
    of_commune=True,
    methods=("GET", "HEAD"),
)  # fmt: skip
def call_list(request, *, commune):
    """Published listings, those confirmed longest ago first. A constant number of queries."""
    now = timezone.now()
    form = CallFilterForm(request.GET, commune=commune, now=now)
    shops = form.shops().with_last_call().with_commune().select_related("main_category")
    shops = shops.prefetch_related("periods", "specials")
    page = Paginator(shops, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "commune": commune,
        "communes": choosable(request),
        "form": form,
        "page": page,
        "first": form.left_today().values_list("pk", flat=True).first(),
        "now": now,
        "outcomes": dict(CallOutcome.choices),
    }
    return render_page(request, "calls", context, title=_("Appeler les commerces"))


@town_hall_page("appels/<int:pk>/", name="call")
def call(request, *, pk: int):
    """What the listing says, and what the shop says of it."""
    shop = _shop(request, pk)
    now = timezone.now()
    filters = CallFilterForm(request.GET, commune=shop.commune, now=now)
    queue = list(filters.left_today().values_list("pk", flat=True))
    form = CallForm(request.POST if request.method == "POST" else None, day=filters.asked_day)
    screen = {"filters": filters, "form": form, "queue": queue, "now": now}
    if request.method != "POST":
        return _page(request, shop, screen)
    do, seen = request.POST.get("do", ""), _seen(request.POST)
    is_valid, note = form.is_valid(), form.data.get("note", "")
    act = {"by": request.user, "now": now, "seen": seen, "note": note}
    try:
        if do == "no_answer":
            done = calls.no_answer(shop, **act)
        elif do == "closed":
            return _page(request, shop, screen | {"seen": seen, "closes": True})
        elif do == "closed_sure":
            done = calls.closed(shop, **act)
        elif do == "back" or not is_valid:
            return _page(request, shop, screen | {"seen": seen})
        elif _is_to_show(form, do):
            understood = _understood(shop, form)
            return _page(request, shop, screen | {"seen": seen, "understood": understood})
        elif form.says_hours:
            done = calls.changed(shop, form.heard, **act)
        else:
            done = calls.unchanged(shop, **act)
    except WorkflowError as error:
        # The page is made anew, of the listing as it stands: it is read again before the next try.
        form.add_error(None, str(error))
        return _page(request, _shop(request, pk), screen)
    said = _("%(name)s\u00a0: %(outcome)s.")
    messages.success(request, said % {"name": shop.name, "outcome": done.get_outcome_display()})
    return redirect(_next_address(request, shop, filters, queue))


def _is_to_show(form: CallForm, do: str) -> bool:
    """Whether hours were typed that are not shown yet as they are understood.

    Raises WorkflowError where the button and what was typed contradict each other.
    """
    if do == "unchanged" and form.cleaned_data["sentence"]:
        raise WorkflowError(
            _("Vous avez écrit des horaires\u00a0: enregistrez-les, ou effacez la phrase.")
        )
    if do == "save" and not form.says_hours:
        raise WorkflowError(_("Écrivez les horaires, ou choisissez «\u00a0Rien n’a changé\u00a0»."))
    if do not in {"save", "unchanged"}:
        raise WorkflowError(_("Choisissez un des boutons."))
    return not form.was_shown


def _understood(shop: Shop, form: CallForm) -> dict:
    schedule = calls.told(shop.schedule, form.heard)
    special: SpecialPeriod | None = schedule.special_on(form.day) if form.day else None
    return {
        "rows": usual_week(schedule, _),
        "holiday": holiday_text(schedule, _),
        "special": special,
        "typed": form.typed,
    }


def _shop(request, pk: int) -> Shop:
    """Fetching authorises. A shop that has just closed still answers to a second click."""
    shops = scoped(request, Shop.objects.ever_seen()).with_commune()
    shops = shops.select_related("main_category")
    return get_object_or_404(shops.prefetch_related("periods", "specials"), pk=pk)


def _seen(posted) -> Seen:
    """What the page showed; a number that makes no sense is older than everything."""
    numbers = [posted.get(name, "") for name in ("version", "last_call")]
    return Seen(*(int(text) if text.isdecimal() and len(text) < 16 else 0 for text in numbers))


def _page(request, shop: Shop, screen: dict):
    last_calls = list(shop.calls.select_related("by")[:CALLS_SHOWN])
    newest = last_calls[0].pk if last_calls else 0
    queue, filters = screen.pop("queue"), screen["filters"]
    place = queue.index(shop.pk) if shop.pk in queue else None
    context = {
        "shop": shop,
        "commune": shop.commune,
        "is_closed": shop.status == ShopStatus.CLOSED,
        "usual": usual_week(shop.schedule, _),
        "holiday": holiday_text(shop.schedule, _),
        "special": shop.schedule.special_on(filters.asked_day) if filters.asked_day else None,
        "calls": last_calls,
        "is_kept": shop.members.exists(),
        "number": None if place is None else place + 1,
        "count": len(queue),
        "next": _following(queue, shop.pk),
        "report": _report(request, shop),
        "seen": Seen(shop.version, newest),
        "understood": None,
        "closes": False,
        **screen,
    }
    return render_page(request, "call", context, title=shop.name)


def _following(queue: list[int], pk: int) -> int | None:
    """The shop that comes after this one in the list; the first one's, where it is not in it."""
    with suppress(ValueError):
        return next(iter(queue[queue.index(pk) + 1 :]), None)
    return next(iter(queue), None)


def _next_address(request, shop: Shop, filters: CallFilterForm, queue: list[int]) -> str:
    """Where one goes on: the report that led here, the next shop, or the list at its end."""
    if report := _report(request, shop):
        return reverse("admin:report", args=[report.pk])
    # The page's own next: of two clicks, the second finds this shop elsewhere in the list.
    posted = request.POST.get("next", "")
    following = int(posted) if posted.isdecimal() else None
    if following not in queue or following == shop.pk:
        following = None if posted == "end" else _following(queue, shop.pk)
    if following is None:
        messages.info(request, _("Vous êtes au bout de cette liste."))
        return f"{reverse('admin:calls')}?{filters.query}"
    return f"{reverse('admin:call', args=[following])}?{filters.query}"


def _report(request, shop: Shop) -> Report | None:
    """The report of a resident that this call is about, if any."""
    number = request.GET.get("signalement", "")
    if not (number.isdecimal() and len(number) < 16):
        return None
    return shop.reports.filter(pk=number).first()
