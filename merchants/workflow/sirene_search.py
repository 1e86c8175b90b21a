"""The company search asked about a whole commune: what `sirene` compares, without the stock.

It is asked in turns, each bounded in time, so that a page can do it: a turn says where the next one
goes on. What a turn has found is kept even where the service fails in the middle of it.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from merchants.company_search import PAUSE, Company, CompanySearch, CompanySearchError
from merchants.models import Commune, Shop, ShopStatus

from .errors import WorkflowError
from .sirene import Activities, Found, find_cases

# Activities in one question: fewer make more pages, more make answers that are cut at 10,000.
TOGETHER = 30
# Where a turn begins: our own listings after that key, or a page of a group of activities.
LISTINGS, PAGES = "fiches", "pages"
START = f"{LISTINGS}:0"
_PLACE = re.compile(rf"({LISTINGS}):(\d+)|({PAGES}):(\d+):(\d+)")


@dataclass
class Turn:
    """What came of a turn. `next` is where to go on, "" at the end; `problem` says why it stopped
    before that; `cut` are groups of activities that have more companies than the service tells."""

    next: str = START
    problem: str = ""
    asked: int = 0
    cut: int = 0
    found: Found = field(default_factory=Found)


def search_commune(
    commune: Commune, *, now: datetime, seconds: float, start: str = "", keep: bool = True
) -> Turn:
    """Asks the company search for that many seconds, then notes the cases (`sirene.find_cases`).

    First about each live listing that has a SIRET: is it still open? Then for the open
    establishments of our activities, page by page. One question is finished, so a turn may last
    some seconds longer. Raises WorkflowError where `start` is no place to begin.
    """
    activities = Activities(commune)
    turn = Turn(next=start or START)
    until = time.monotonic() + seconds
    companies: list[Company] = []
    try:
        for found, next_place in _answers(commune, activities, turn):
            turn.asked, turn.next = turn.asked + 1, next_place
            companies += found
            if time.monotonic() > until:
                break
        else:
            turn.next = ""
    except CompanySearchError as error:
        turn.problem = str(error)
    turn.found = find_cases(commune, companies, now=now, complete=False, keep=keep)
    return turn


def _answers(
    commune: Commune, activities: Activities, turn: Turn
) -> Iterator[tuple[list[Company], str]]:
    """The establishments of each answer, and the place after it."""
    search = CompanySearch(settings.COMPANY_SEARCH_URL, pause=PAUSE)
    codes = activities.codes()
    groups = [codes[n : n + TOGETHER] for n in range(0, len(codes), TOGETHER)]
    group, page = 0, 1
    place = _PLACE.fullmatch(turn.next)
    if place is None:
        raise WorkflowError(_("Cette étape n’existe pas\u00a0: recommencez l’interrogation."))
    if place[1]:
        listings = _listings(commune, after=int(place[2]))
        for n, (pk, siret) in enumerate(listings):
            last = n + 1 == len(listings)
            yield search.find(siret), (f"{PAGES}:0:1" if last else f"{LISTINGS}:{pk}")
    else:
        group, page = int(place[4]), max(1, int(place[5]))
    while group < len(groups):
        answer = search.in_commune(commune.insee_code, groups[group], page=page)
        turn.cut += answer.is_cut and page == 1
        group, page = (group, page + 1) if page < answer.pages else (group + 1, 1)
        yield answer.companies, (f"{PAGES}:{group}:{page}" if group < len(groups) else "")


def _listings(commune: Commune, *, after: int) -> list[tuple[int, str]]:
    live = Shop.objects.in_commune(commune).filter(status__in=ShopStatus.live(), pk__gt=after)
    return list(live.exclude(siret="").order_by("pk").values_list("pk", "siret"))
