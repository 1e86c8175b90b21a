"""From files of counts to the figures of the town halls."""

import logging
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Model

from merchants import counts
from merchants.counts import Counted
from merchants.models import Commune, CountedFile, EmptySearch, Shop, ShopViews

# Different searches of a commune in a month, beyond which new ones are not kept: nobody fills the
# database by asking for nonsense.
MOST_SEARCHES = 1000
# Of what residents looked for: a year, and the month that it is compared with.
SEARCHES_KEPT = timedelta(days=396)
MARK_KEPT = timedelta(days=30)
CHUNK = 500

logger = logging.getLogger(__name__)


def fold_counts(*, now: datetime) -> int:
    """Adds what was counted to the figures; says how much. Run again, it adds nothing.

    Effects, for each file in one transaction: `ShopViews` and `EmptySearch`, and the mark that the
    file is in; then the file is deleted. A process that dies before leaves a file that the next
    run takes, or finds marked. What belongs to a shop or a commune that is gone is dropped.
    """
    number = 0
    for path in counts.take(settings.VAR_DIR / "counts"):
        try:
            number += _fold(path, now)
        except (IntegrityError, FileNotFoundError):
            # Another process is at the same file, or at the same row: the next run finds out.
            logger.info("counts: %s is left for the next run", path.name)
    CountedFile.objects.filter(at__lt=now - MARK_KEPT).delete()
    return number


def purge_searches(*, now: datetime) -> int:
    """Deletes what was looked for more than thirteen months ago; says how many."""
    oldest = (now - SEARCHES_KEPT).date().replace(day=1)
    return EmptySearch.objects.filter(month__lt=oldest).delete()[0]


def _fold(path: Path, now: datetime) -> int:
    number = 0
    if not CountedFile.objects.filter(name=path.name).exists():
        summed = counts.summed(path)
        with transaction.atomic():
            CountedFile.objects.create(name=path.name, at=now)
            number = _add_views(summed) + _add_searches(summed)
    path.unlink(missing_ok=True)
    return number


def _add_views(summed: Counter[Counted]) -> int:
    """Addresses become shops; one of a merged or renamed shop is nobody's."""
    views = {c: n for c, n in summed.items() if c.what == counts.VIEW}
    shops = {}
    addresses = sorted({counted.key for counted in views})
    for start in range(0, len(addresses), CHUNK):
        slugs = [key.partition("/")[2] for key in addresses[start : start + CHUNK]]
        rows = Shop.objects.filter(slug__in=slugs).values_list("commune__slug", "slug", "pk")
        shops |= {f"{commune}/{slug}": pk for commune, slug, pk in rows}
    number = 0
    for counted, count in sorted(views.items()):
        if counted.key in shops and (month := _month(counted)):
            _add(ShopViews, count, shop_id=shops[counted.key], month=month)
            number += count
    return number


def _add_searches(summed: Counter[Counted]) -> int:
    """The most frequent ones first, up to MOST_SEARCHES."""
    searches = Counter({c: n for c, n in summed.items() if c.what == counts.SEARCH})
    communes = dict(Commune.objects.order_by().values_list("slug", "pk")) if searches else {}
    number = 0
    kept: dict[tuple[int, date], set[str]] = {}
    for counted, count in searches.most_common():
        slug, _space, words = counted.key.partition(" ")
        month = _month(counted)
        if not words or slug not in communes or month is None:
            continue
        key = (communes[slug], month)
        if key not in kept:
            rows = EmptySearch.objects.filter(commune=key[0], month=month)
            kept[key] = set(rows.values_list("words", flat=True))
        if words in kept[key] or len(kept[key]) < MOST_SEARCHES:
            kept[key].add(words)
            _add(EmptySearch, count, commune_id=key[0], month=month, words=words)
            number += count
    return number


def _month(counted: Counted) -> date | None:
    try:
        return date.fromisoformat(f"{counted.month}-01")
    except ValueError:
        return None


def _add(model: type[Model], number: int, **key) -> None:
    if not model.objects.filter(**key).update(number=F("number") + number):
        model.objects.create(number=number, **key)
