from dataclasses import replace

import pytest

from merchants.models import Category, Shop
from merchants.workflow.categories import CategoryValues, reindex, save_categories
from tests.factories import make_shop

pytestmark = pytest.mark.django_db

BREAD = CategoryValues(
    slug="boulangerie", name="Boulangerie", name_en="Bakery", icon="bread", keywords="pain"
)
FOOD = CategoryValues(
    slug="alimentation", name="Alimentation", name_en="Food", icon="basket", children=(BREAD,)
)


def test_creates_once(now):
    first = save_categories((FOOD,), by=None, now=now)
    again = save_categories((FOOD,), by=None, now=now)
    assert (first.created, again.created, again.unchanged) == (2, 0, 2)
    assert Category.objects.get(slug="boulangerie").parent.slug == "alimentation"


def test_an_update_is_found_by_the_next_search(now):
    save_categories((FOOD,), by=None, now=now)
    shop = make_shop("Chez Paul", category=Category.objects.get(slug="boulangerie"))
    bread = replace(BREAD, keywords="pain, brioche")
    counts = save_categories((replace(FOOD, children=(bread,)),), by=None, now=now)
    assert (counts.updated, counts.reindexed) == (1, 1)
    assert list(Shop.objects.matching("brioches")) == [shop]
    assert reindex() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_reindexing_asks_the_same_few_questions(count, now, django_assert_num_queries):
    save_categories((FOOD,), by=None, now=now)
    for _ in range(count):
        make_shop(category=Category.objects.get(slug="boulangerie"))
    Shop.objects.update(search_text="")
    with django_assert_num_queries(10):
        assert reindex() == count
