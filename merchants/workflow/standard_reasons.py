"""The sentences that a town hall often writes: its referents keep the list, kind by kind."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from merchants.models import Commune, StandardReason, User
from merchants.models.decision import ReasonKind
from merchants.text import prose

from .errors import WorkflowError
from .roles import locked_team, refuse_unless_referent

MOST = 30  # Of one kind; more is no list to choose from.


def write_reasons(
    commune: Commune,
    kind: ReasonKind,
    rows: Iterable[tuple[str, str]],
    *,
    by: User | None,
    now: datetime,
) -> int:
    """Gives a commune its (title, text) of one kind, in that order; says how many.

    A referent does, or an administrator. Effects: the rows of that kind, and of no other; those
    that stay keep their number, so that an open page still names them. Without rows, the town hall
    has the site's own sentences again.
    """
    wanted = [(" ".join(title.split()), prose(text)) for title, text in rows]
    _check(wanted)
    with transaction.atomic():
        locked_team(commune)
        refuse_unless_referent(commune, by)
        held = {row.title: row for row in StandardReason.objects.filter(commune=commune, kind=kind)}
        titles = {title for title, _text in wanted}
        gone = [row.pk for title, row in held.items() if title not in titles]
        StandardReason.objects.filter(pk__in=gone).delete()
        for position, (title, text) in enumerate(wanted):
            row = held.get(title) or StandardReason(commune=commune, kind=kind, title=title)
            if row.pk is None or (row.text, row.position) != (text, position):
                row.text, row.position = text, position
                row.save()
    return len(wanted)


def _check(rows: list[tuple[str, str]]) -> None:
    if len(rows) > MOST:
        raise WorkflowError(_("Gardez %(most)d motifs au plus.") % {"most": MOST})
    if not all(title and text for title, text in rows):
        raise WorkflowError(_("Un motif a un titre et un texte."))
    if any(len(title) > 80 or len(text) > 500 for title, text in rows):
        raise WorkflowError(_("Ce texte est trop long."))
    titles = [title.casefold() for title, _text in rows]
    if len(set(titles)) < len(titles):
        raise WorkflowError(_("Deux motifs portent le même titre."))
