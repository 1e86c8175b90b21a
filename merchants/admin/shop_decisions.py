"""From a listing's page: suspend, reopen, mark as closed, take the last decision back.

A page asks for the reason, the next one shows the letter, and only then anything happens.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from merchants.models import HistoryEntry, Shop
from merchants.models.decision import ReasonKind
from merchants.workflow import WorkflowError, reasons, status
from merchants.workflow.status import allowed
from merchants.workflow.undo import undo, undoable

from .confirming import confirm_page, posted_number
from .pages import render_page, scoped, town_hall_page


@dataclass(frozen=True)
class Move:
    """One word of the address. `reasons` are the standard ones; without a kind, none is asked."""

    name: str
    title: object
    help: object
    done: object
    reasons: ReasonKind | None = None
    asks_reason: bool = False


MOVES = {
    "suspendre": Move(
        "suspend",
        gettext_lazy("Suspendre la fiche"),
        gettext_lazy("Les habitants ne la voient plus, jusqu’à ce que vous la rouvriez."),
        gettext_lazy("La fiche est suspendue."),
        reasons=ReasonKind.SUSPENSION,
        asks_reason=True,
    ),
    "rouvrir": Move(
        "reopen",
        gettext_lazy("Rouvrir la fiche"),
        gettext_lazy("Les habitants la voient de nouveau."),
        gettext_lazy("La fiche est de nouveau en ligne."),
    ),
    "fermer": Move(
        "close",
        gettext_lazy("Marquer comme fermé définitivement"),
        gettext_lazy("La page le dit pendant deux mois, puis disparaît."),
        gettext_lazy("Le commerce est marqué comme fermé définitivement."),
    ),
    "annuler": Move(
        "undo",
        gettext_lazy("Annuler la dernière décision"),
        gettext_lazy("Tout revient à l’état d’avant, et ceux qui avaient été prévenus le sont."),
        gettext_lazy("La décision est annulée."),
        asks_reason=True,
    ),
}


def links(shop: Shop) -> list[tuple[str, object]]:
    """(address, words) of what may be done to that listing."""
    possible = allowed(shop)
    return [
        (address_of(shop, word), move.title)
        for word, move in MOVES.items()
        if move.name in possible
    ]


def address_of(shop: Shop, word: str) -> str:
    return reverse("admin:shop_decision", args=[shop.pk, word])


@town_hall_page("fiches/<int:number>/<str:word>/", name="shop_decision")
def shop_decision(request, number: int, word: str):
    """GET asks, POST shows the letter, POST with `send` decides."""
    shops = scoped(request, Shop.objects.without_private_drafts().with_commune())
    shop = get_object_or_404(shops, pk=number)
    move = MOVES.get(word)
    if move is None:
        raise Http404
    entry = undoable(shop) if move.name == "undo" else None
    if request.method != "POST" or "back" in request.POST:
        return _ask(request, shop, word, move, entry)
    try:
        decide = _decide(request, shop, move)
        if "send" not in request.POST:
            return confirm_page(
                request,
                decide,
                title=f"{move.title}\u00a0: {shop.name}",
                question=_("Voici ce qui va partir. Rien n’est encore décidé."),
                action=address_of(shop, word),
            )
        decide()
    except WorkflowError as error:
        messages.error(request, str(error))
        return _ask(request, get_object_or_404(shops, pk=number), word, move, entry)
    messages.success(request, move.done)
    return redirect("admin:merchants_shop_change", shop.pk)


def _decide(request, shop: Shop, move: Move) -> Callable[[], object]:
    """The function of the workflow, on rows read anew each time it is called."""
    act = {"by": request.user, "now": timezone.now()}
    if move.name == "undo":
        number = posted_number(request, "entry")
        entry = HistoryEntry.objects.filter(shop=shop, pk=number).first()
        if entry is None:
            raise WorkflowError(_("Aucune décision de cette fiche ne s’annule."))
        return lambda: undo(
            Shop(pk=shop.pk), entry=entry, reason=request.POST.get("reason", ""), **act
        )
    act["expected_version"] = posted_number(request, "version", missing=-1)
    if move.name == "suspend":
        act["reason"] = reasons.written(
            shop.commune,
            move.reasons,
            chosen=request.POST.get("standard", ""),
            own=request.POST.get("reason", ""),
        )
    does = {"suspend": status.suspend, "reopen": status.reopen, "close": status.close}[move.name]
    return lambda: does(Shop(pk=shop.pk), **act)


def _ask(request, shop: Shop, word: str, move: Move, entry: HistoryEntry | None) -> HttpResponse:
    known = reasons.reasons_for(shop.commune, move.reasons) if move.reasons else []
    context = {
        "shop": shop,
        "move": move,
        "entry": entry,
        "is_possible": entry is not None or move.name in allowed(shop),
        "reasons": known,
        "action": address_of(shop, word),
        "typed": {name: request.POST.get(name, "") for name in ("reason", "standard")},
        "place": shop.commune,
    }
    return render_page(request, "shop_decision", context, title=f"{move.title}\u00a0: {shop.name}")
