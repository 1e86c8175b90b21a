"""The history of a listing as its page in the back office tells it."""

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from merchants.models import HistoryEntry, Shop
from merchants.models.history import Action
from merchants.opening_hours.phrases import moment_text
from merchants.workflow.undo import undoable
from merchants.workflow.wording import Words

from . import shop_decisions

ENTRIES_SHOWN = 30


def told_history(shop: Shop) -> SafeString | str:
    """The last entries, those of what was merged into it too, with the way to undo the last
    decision; "–" for a listing that has none."""
    if shop.pk is None:
        return "–"
    entries = list(HistoryEntry.objects.about(shop).select_related("by", "shop")[:ENTRIES_SHOWN])
    words = Words.for_changes(entry.changes for entry in entries)
    last = undoable(shop)
    lines = (
        (_told(entry, shop, words.lines(entry.changes)), _undo_link(shop) if entry == last else "")
        for entry in entries
    )
    return format_html_join("", "<p>{}{}</p>", lines) or "–"


def _told(entry: HistoryEntry, shop: Shop, lines) -> SafeString:
    who = f"{entry.by} ({entry.get_capacity_display()})" if entry.by else None
    return format_html(
        "{}{}, {}\u00a0: <strong>{}</strong>{}{}{}",
        f"[{entry.shop.name}] " if entry.shop_id != shop.pk else "",
        moment_text(timezone.localtime(entry.at), _),
        who or entry.get_capacity_display(),
        entry.get_action_display(),
        f" ({entry.reason})" if entry.reason else "",
        f" {entry.note}" if entry.action in {Action.MERGE, Action.UNDO} else "",
        format_html_join("", "<br>{}\u00a0: «\u00a0{}\u00a0» → «\u00a0{}\u00a0»", lines),
    )


def _undo_link(shop: Shop) -> SafeString:
    words = _("Annuler cette décision")
    return format_html('<br><a href="{}">{}</a>', shop_decisions.address_of(shop, "annuler"), words)
