"""The history of a listing: who changed what, and when.

The people of a shop read it: of them, it says what they call themselves, never how they log in; of
the town hall's, nothing but that.
"""

from dataclasses import dataclass

from django.core.paginator import Paginator

from merchants.models import HistoryEntry
from merchants.models.history import Capacity
from merchants.views.my_shop.editing import page
from merchants.workflow.wording import Words

PER_PAGE = 30
NAMED = {Capacity.MERCHANT, Capacity.COLLEAGUE}


@dataclass(frozen=True)
class Line:
    entry: HistoryEntry
    changes: list[tuple[str, str, str]]

    @property
    def who(self) -> str:
        capacity = self.entry.get_capacity_display()
        if self.entry.by is None or self.entry.capacity not in NAMED:
            return capacity
        return f"{self.entry.by.public_name} ({capacity})"


def history(request, *, shop, member):
    """Newest first. Three queries beside the shop's, five where categories or people are named."""
    entries = shop.history.select_related("by").order_by("-version")
    found = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    words = Words.for_changes(entry.changes for entry in found)
    lines = [Line(entry, words.lines(entry.changes)) for entry in found]
    return page(request, shop, "history", lines=lines, entries=found)
