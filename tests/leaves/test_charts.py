from itertools import pairwise

from merchants.charts import BOTTOM, HEIGHT, TOP, WIDTH, bar_chart


def chart(values, **options):
    return bar_chart("name", "Titre", "Dit", [("m", v, str(v)) for v in values], **options)


def test_the_largest_fills_the_room():
    drawn = chart([0, 5, 10], marked=1)
    assert [bar.height for bar in drawn.bars] == [0, 55, HEIGHT - TOP - BOTTOM]
    assert [bar.y + bar.height for bar in drawn.bars] == [drawn.base] * 3
    assert [bar.is_marked for bar in drawn.bars] == [False, True, False]


def test_shares_are_of_a_hundred():
    assert chart([50, None, 120], marked=0, top=100).bars[0].height == 55
    assert [bar.height for bar in chart([50, None, 120], marked=0, top=100).bars] == [55, 0, 110]


def test_nothing_to_draw():
    assert [bar.height for bar in chart([None, 0], marked=0).bars] == [0, 0]
    assert chart([], marked=0).bars == ()


def test_bars_stand_inside_side_by_side():
    bars = chart(range(12), marked=11).bars
    assert bars[0].x > 0 and bars[-1].x + bars[-1].width < WIDTH
    assert all(one.x + one.width < two.x for one, two in pairwise(bars))
