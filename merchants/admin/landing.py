"""The first page of the back office: what waits, the oldest first, then the week's figures."""

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from merchants.models import Commune
from merchants.workflow.queues import Queue, waiting
from merchants.workflow.week import week_of, where_it_waits

from .pages import communes_of

# What waits longer than that is late, and says so.
LATE = timedelta(days=7)
NAMED = 3  # Communes beside a number; of an administrator's hundreds, those with most.


def first_page(request, *, now: datetime) -> dict:
    """The context of admin/index.html. A constant number of queries."""
    communes = communes_of(request)
    queues = waiting(communes)
    full = sorted((queue for queue in queues if queue.count), key=lambda queue: queue.oldest)
    several = communes is None or len(communes) > 1
    week = week_of(communes, now=now)
    return {
        "queues": [_card(queue, communes, several, now) for queue in full],
        "empty_queues": [queue.label for queue in queues if not queue.count],
        "week": week,
        "median_wait": "" if week.median_wait is None else _wait(week.median_wait, now),
        "places": _names(communes),
        "everywhere": communes is None,
    }


def _card(queue: Queue, communes: set[int] | None, several: bool, now: datetime) -> dict:
    places = where_it_waits(queue.kind, communes) if several else []
    url = "?".join(filter(None, [reverse(queue.url_name), queue.query]))
    if several and queue.of_commune:
        # All that is counted, and not what one of the communes has of it.
        url = f"{reverse('admin:cases')}?kind={queue.kind}"
    return {
        "label": queue.label,
        "count": queue.count,
        "age": _wait(now - queue.oldest, now),
        "is_late": now - queue.oldest > LATE,
        "url": url,
        "places": places[:NAMED],
        "elsewhere": len(places[NAMED:]),
    }


def _wait(wait: timedelta, now: datetime) -> str:
    """In words; what took less than an hour is not counted in minutes."""
    if wait < timedelta(hours=1):
        return _("moins d’une heure")
    return timesince(now - wait, now, depth=1)


def _names(communes: set[int] | None) -> list[str]:
    if not communes:
        return []
    found = Commune.objects.filter(pk__in=communes).order_by("name")
    return list(found.values_list("name", flat=True))
