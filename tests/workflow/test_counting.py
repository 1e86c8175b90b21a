"""From files to figures, once each."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from merchants import counts
from merchants.models import CountedFile, EmptySearch, ShopViews
from merchants.workflow import counting
from merchants.workflow.counting import fold_counts, purge_searches
from tests.factories import NOW, make_commune, make_shop

pytestmark = pytest.mark.django_db
NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)


@pytest.fixture
def shop():
    return make_shop("Le Fournil", commune=make_commune("Suresnes"))


def count(what: str, key: str, month: str = "2026-11", times: int = 1) -> None:
    for _time in range(times):
        counts.append(settings.VAR_DIR / "counts", what, month, key)


def views() -> set:
    return set(ShopViews.objects.values_list("shop__slug", "month", "number"))


def searches() -> set:
    return set(EmptySearch.objects.values_list("commune__slug", "month", "words", "number"))


def test_views_and_searches_by_month(shop):
    count("view", "suresnes/le-fournil", times=2)
    count("view", "suresnes/le-fournil", "2026-10")
    count("search", "suresnes poisson frais")
    count("typed", "suresnes pois")
    assert fold_counts(now=NOW) == 5
    assert views() == {("le-fournil", NOVEMBER, 2), ("le-fournil", OCTOBER, 1)}
    assert searches() == {
        ("suresnes", NOVEMBER, "poisson frais", 1), ("suresnes", NOVEMBER, "pois", 1),
    }  # fmt: skip
    count("view", "suresnes/le-fournil")
    count("search", "suresnes poisson frais")
    assert fold_counts(now=NOW) == 2
    assert ("le-fournil", NOVEMBER, 3) in views()
    assert ("suresnes", NOVEMBER, "poisson frais", 2) in searches()
    assert fold_counts(now=NOW) == 0


def test_what_is_gone_is_dropped(shop):
    make_shop("Le Fournil", commune=make_commune("Garches"))
    for key in ("suresnes/personne", "nulle-part/le-fournil", "suresnes"):
        count("view", key)
    count("view", "garches/le-fournil", "2026-13")
    count("search", "nulle-part poisson")
    assert fold_counts(now=NOW) == 0
    assert views() == searches() == set()


def test_a_run_that_dies_before_it_deletes_counts_nothing_twice(shop, monkeypatch):
    count("view", "suresnes/le-fournil", times=3)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", _dies)
        with pytest.raises(SystemExit):
            fold_counts(now=NOW)
    assert CountedFile.objects.count() == 1
    count("view", "suresnes/le-fournil")
    assert fold_counts(now=NOW) == 1
    assert views() == {("le-fournil", NOVEMBER, 4)}
    assert list((settings.VAR_DIR / "counts").iterdir()) == []


def _dies(path, **options):
    raise SystemExit


def test_a_run_that_dies_in_the_middle_leaves_all_of_it(shop):
    count("view", "suresnes/le-fournil")

    def dies(execute, sql, params, many, context):
        if 'INTO "merchants_shopviews"' in sql:
            raise SystemExit
        return execute(sql, params, many, context)

    with connection.execute_wrapper(dies), pytest.raises(SystemExit):
        fold_counts(now=NOW)
    assert not CountedFile.objects.exists()
    assert fold_counts(now=NOW) == 1


def test_marks_are_forgotten_after_a_month(shop):
    count("view", "suresnes/le-fournil")
    fold_counts(now=NOW)
    fold_counts(now=NOW + timedelta(days=29))
    assert CountedFile.objects.count() == 1
    fold_counts(now=NOW + timedelta(days=31))
    assert CountedFile.objects.count() == 0


def test_nobody_fills_the_database_with_nonsense(shop, monkeypatch):
    monkeypatch.setattr(counting, "MOST_SEARCHES", 2)
    count("search", "suresnes poisson", times=2)
    for words in ("aaa", "bbb", "ccc"):
        count("search", f"suresnes {words}")
    assert fold_counts(now=NOW) == 3
    assert EmptySearch.objects.count() == 2
    count("search", "suresnes poisson")
    count("search", "suresnes ddd")
    assert fold_counts(now=NOW) == 1


def test_searches_go_after_thirteen_months(shop):
    for month in (date(2025, 9, 1), date(2025, 10, 1), NOVEMBER):
        EmptySearch.objects.create(commune=shop.commune, month=month, words="poisson", number=1)
    assert purge_searches(now=datetime.fromisoformat("2026-11-23T10:30+01:00")) == 1
    assert EmptySearch.objects.count() == 2
