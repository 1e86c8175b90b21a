from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from merchants.models import Commune
from merchants.text import search_prefixes

MOST_SHOWN = 60


@require_safe
def home(request):
    """Finds your commune by its name or postcode; with one commune, goes straight there."""
    communes = Commune.objects.light()
    only = communes.order_by()[:2]
    if len(only) == 1:
        return redirect(only[0])

    question = request.GET.get("q", "").strip()[:100]
    found = []
    if search_prefixes(question):
        found = list(communes.matching(question).order_by_size()[: MOST_SHOWN + 1])
        if len(found) == 1:
            return redirect(found[0])
    context = {
        "question": question,
        "found": found[:MOST_SHOWN],
        "more": len(found) > MOST_SHOWN,
        "communes": communes.with_shops().order_by_size()[:MOST_SHOWN],
    }
    return render(request, "merchants/home.html", context)
