"""The history of a listing: who changed what, and when."""

from dataclasses import dataclass

from django.core.paginator import Paginator

from merchants.models import HistoryEntry
from merchants.views.my_shop.editing import page
from merchants.workflow.wording import Words

PER_PAGE = 30


@dataclass(frozen=True)
class Line:
    entry: HistoryEntry
    changes: list[tuple[str, str, str]]


def history(request, *, shop, member):
    """Newest first. Three queries beside the shop's, five where categories or people are named."""
    entries = shop.history.select_related("by").order_by("-version")
    found = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    words = Words.for_changes(entry.changes for entry in found)
    lines = [Line(entry, words.lines(entry.changes)) for entry in found]
    return page(request, shop, "history", lines=lines, entries=found)
