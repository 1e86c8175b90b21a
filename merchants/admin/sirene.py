"""SIRENE beside the directory: what an agent looks at and decides, and who does not want to be
listed. The cases come from INSEE's files (`sirene_stock`, `manage.py sirene`), or from the company
search that this page asks."""

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from merchants.forms.sirene_stock import StockForm
from merchants.models import Commune, Objection, Shop, ShopStatus, SireneCase, SireneReading
from merchants.models.decision import CaseKind
from merchants.models.sirene import SireneKind
from merchants.opendata.background import Progress
from merchants.opendata.sirene_tasks import reading_progress, stock_here
from merchants.workflow import WorkflowError, sirene_decisions, taking
from merchants.workflow.history import is_kept
from merchants.workflow.sirene import Found
from merchants.workflow.sirene_search import Turn, search_commune

from .pages import choosable, render_page, town_hall_page

PER_PAGE = 25
# Of one click on the search: the person waits for the page.
SECONDS = 12.0
SEARCHING = "sirene-search"
OBJECTIONS_SHOWN = 50
LONGEST_NAME = 120
# Decision -> what the workflow does, and whether it takes the name that was typed.
DECISIONS = {
    "list": (sirene_decisions.accept_unlisted, True),
    "close": (sirene_decisions.accept_closed, False),
    "replace": (sirene_decisions.accept_successor, True),
    "renumber": (sirene_decisions.take_number, False),
    "dismiss": (sirene_decisions.dismiss, False),
}
# What the address of the list keeps from one click to the next.
FILTERS = ("nature", "categorie", "page")


@town_hall_page(
    "sirene/",
    name="sirene",
    title=gettext_lazy("SIRENE"),
    help=gettext_lazy(
        "Commerces absents de l’annuaire, fermés ou remplacés, d’après la base de l’INSEE."
    ),
    of_commune=True,
    methods=("GET", "HEAD"),
)
def queue(request, *, commune: Commune):
    """What waits in a commune, the oldest first, by kind; what is not listed, by category too."""
    waiting = SireneCase.objects.waiting().filter(commune=commune)
    counts = waiting.counts_by_kind()
    kind = request.GET.get("nature", "")
    cases = waiting.filter(kind=kind) if kind in SireneKind.values else waiting
    categories = cases.counts_by_category() if kind == SireneKind.UNLISTED else []
    category = request.GET.get("categorie", "")
    if category in {slug for slug, _name, _count in categories}:
        cases = cases.filter(category__slug=category)
    page = Paginator(cases.for_queue().order_by("found_at", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    busy = taking.taken(CaseKind.SIRENE, [case.pk for case in page], now=timezone.now())
    for case in page:
        case.taken = busy.get(case.pk)
    kept = _kept(request, commune)
    context = {
        "commune": commune,
        "communes": choosable(request),
        "page": page,
        "total": sum(counts.values()),
        "kinds": [(value, label, counts.get(value, 0)) for value, label in SireneKind.choices],
        "kind": kind,
        "categories": categories,
        "category": category,
        "kept": kept,
        "decide_address": f"{reverse('admin:sirene_decide')}?{kept}",
        "next": request.GET.get("reprendre", ""),
        "objections": Objection.objects.filter(commune=commune)[:OBJECTIONS_SHOWN],
        "stock_form": StockForm(label_suffix=""),
        "stock": stock_here(),
        **reading_of(commune),
    }
    return render_page(request, "sirene", context, title=_("SIRENE"))


@town_hall_page("sirene/decider/", name="sirene_decide", of_commune=True, methods=("POST",))
def decide(request, *, commune: Commune):
    """One decision about one case, or about those that are ticked."""
    act, takes_name = DECISIONS.get(request.POST.get("decision", ""), (None, False))
    numbers = [_number(text) for text in request.POST.getlist("case")][:PER_PAGE]
    cases = list(SireneCase.objects.filter(commune=commune, pk__in=numbers).order_by("pk"))
    if act is None or len(cases) < len(set(numbers)):
        raise Http404
    if not cases:
        messages.warning(request, _("Cochez d’abord des lignes."))
    if takes_name and "name" in request.POST:
        act = partial(act, name=request.POST["name"][:LONGEST_NAME])
    done, refusals = [], {}
    for case in cases:
        try:
            done.append(act(case, by=request.user, now=timezone.now()))
        except WorkflowError as error:
            refusals[str(error)] = True
        else:
            taking.release(CaseKind.SIRENE, case.pk, by=request.user)
    for sentence in list(refusals)[:5]:
        messages.warning(request, sentence)
    if done:
        messages.success(request, said(request.POST["decision"], done))
    return redirect(back_to_list(request, commune))


@town_hall_page("sirene/interroger/", name="sirene_search", of_commune=True, methods=("POST",))
def search(request, *, commune: Commune):
    """Asks the company search for some seconds; the page says where to go on."""
    if not cache.add(SEARCHING, True, timeout=60):
        messages.warning(request, _("Une interrogation est en cours\u00a0: réessayez bientôt."))
        return redirect(back_to_list(request, commune))
    start = request.POST.get("start", "")
    try:
        turn = search_commune(commune, now=timezone.now(), seconds=SECONDS, start=start)
    except WorkflowError as error:
        messages.warning(request, str(error))
        return redirect(back_to_list(request, commune))
    finally:
        cache.delete(SEARCHING)
    _say_turn(request, turn)
    return redirect(
        back_to_list(request, commune, **({"reprendre": turn.next} if turn.next else {}))
    )


@town_hall_page("sirene/opposition/", name="sirene_objection", of_commune=True)
def objection(request, *, commune: Commune):
    """Asks before a business goes out of the directory, and what becomes of its listing."""
    shop = None
    if number := request.GET.get("fiche", ""):
        visible = Shop.objects.in_commune(commune).without_private_drafts()
        shop = get_object_or_404(visible, pk=_number(number))
    siret = request.POST.get("siret", request.GET.get("siret", shop.siret if shop else ""))
    wish = request.POST.get("wish", sirene_decisions.HIDE)
    if request.method == "POST":
        try:
            noted = sirene_decisions.object_to_listing(
                siret, commune, by=request.user, now=timezone.now(), shop=shop, wish=wish
            )
        except WorkflowError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _said_objection(noted))
            return redirect(back_to_list(request, commune))
    context = {
        "commune": commune,
        "shop": shop,
        "siret": siret,
        "wish": wish,
        "is_kept": shop is not None and is_kept(shop),
        "is_live": shop is not None and shop.status in ShopStatus.live(),
    }
    return render_page(
        request, "sirene_objection", context, title=_("Ne pas figurer dans l’annuaire")
    )


@town_hall_page("sirene/opposition/lever/", name="sirene_lift", of_commune=True, methods=("POST",))
def lift(request, *, commune: Commune):
    number = request.POST.get("objection", "")
    row = get_object_or_404(Objection, commune=commune, pk=_number(number))
    sirene_decisions.lift_objection(row, by=request.user, now=timezone.now())
    messages.success(
        request, _("L’opposition est levée\u00a0: SIRENE pourra proposer ce commerce de nouveau.")
    )
    return redirect(back_to_list(request, commune))


def _number(text: str) -> int:
    """A key as an address or a form gives it; 0, which no row has, for anything else."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _kept(request, commune: Commune, **more: str) -> str:
    """The query string of the list, for the addresses of its buttons."""
    filters = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    return urlencode({"commune": commune.insee_code} | filters | more)


def back_to_list(request, commune: Commune, **more: str) -> str:
    return f"{reverse('admin:sirene')}?{_kept(request, commune, **more)}"


def reading_of(commune: Commune) -> dict:
    """What the page tells of the comparisons with the whole register. One query; two where one was
    interrupted."""
    reading = SireneReading.objects.filter(commune=commune).first()
    progress = reading_progress(reading, commune) if reading else Progress()
    told = ""
    if reading and reading.ended_at:
        counts = {name: reading.found.get(name, 0) for name in Found.__slots__}
        told = said_found(Found(**counts), _("l’INSEE"))
    return {
        "reading": reading,
        "reading_told": told,
        "progress": progress,
        "doing": _("Lecture de la base SIRENE"),
    }


def said(decision: str, done: list) -> str:
    """What was done, in words; `done` is what the decision gave, for each case."""
    number = len(done)
    if decision in {"list", "replace"} and number == 1:
        return format_html(
            _(
                'La fiche «\u00a0<a href="{}">{}</a>\u00a0» est créée\u00a0: complétez-la, '
                "puis publiez-la."
            ),
            reverse("admin:merchants_shop_change", args=[done[0].pk]),
            done[0].name,
        )
    sentences = {
        "list": ngettext(
            "%d fiche est créée, à compléter puis à publier.",
            "%d fiches sont créées, à compléter puis à publier.",
            number,
        ),
        "replace": ngettext("%d fiche est remplacée.", "%d fiches sont remplacées.", number),
        "close": ngettext("%d fiche est fermée.", "%d fiches sont fermées.", number),
        "renumber": ngettext(
            "%d fiche porte le nouveau SIRET.", "%d fiches portent le nouveau SIRET.", number
        ),
        "dismiss": ngettext(
            "%d ligne est écartée\u00a0: elle ne sera plus proposée.",
            "%d lignes sont écartées\u00a0: elles ne seront plus proposées.",
            number,
        ),
    }
    return sentences[decision] % number


def said_found(found: Found, source: str) -> str:
    """How many cases are new, according to a source."""
    counts = [
        (found.unlisted, ngettext("%d commerce absent", "%d commerces absents", found.unlisted)),
        (found.closed, ngettext("%d fermeture", "%d fermetures", found.closed)),
        (found.successor, ngettext("%d successeur", "%d successeurs", found.successor)),
    ]
    told = ", ".join(words % number for number, words in counts if number)
    if not told:
        return _("Rien de nouveau d’après %(source)s.") % {"source": source}
    return _("Nouveau d’après %(source)s\u00a0: %(counts)s.") % {
        "source": source,
        "counts": told,
    }


def _say_turn(request, turn: Turn) -> None:
    messages.success(request, said_found(turn.found, _("l’annuaire des entreprises")))
    if turn.problem:
        kept = _("Ce qui a été trouvé jusque-là est gardé.")
        messages.warning(request, f"{turn.problem} {kept}")
    elif turn.next:
        messages.info(request, _("L’interrogation n’est pas finie\u00a0: continuez-la ci-dessous."))
    if turn.cut:
        messages.warning(
            request,
            _(
                "L’annuaire des entreprises ne donne pas tous les commerces d’une si grande "
                "ville\u00a0: comparez plutôt avec toute la base, voir plus bas."
            ),
        )


def _said_objection(noted: Objection | None) -> str:
    if noted is None:
        return _(
            "La fiche n’est plus visible. Sans SIRET, SIRENE pourra proposer ce commerce de "
            "nouveau."
        )
    return _("C’est noté\u00a0: ce commerce ne sera plus proposé.")
