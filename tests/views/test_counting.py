"""What the public pages count, and what they leave alone."""

import pytest
from django.conf import settings

from merchants.views.counting import LONGEST_WORDS, words_of
from merchants.workflow import status
from tests.factories import NOW, make_commune, make_shop
from tests.leaves.test_user_agent import FIREFOX

pytestmark = pytest.mark.django_db
PAGE = "/suresnes/commerces/le-fournil/"


@pytest.fixture
def shop():
    return make_shop("Le Fournil", commune=make_commune("Suresnes"))


@pytest.fixture
def visit(client, shop):
    def visit(address, **headers):
        return client.get(address, headers={"user-agent": FIREFOX} | headers)

    return visit


def lines() -> list[str]:
    """What was counted, without the month."""
    path = settings.VAR_DIR / "counts" / "open"
    found = path.read_text().splitlines() if path.exists() else []
    assert all(line.split(" ")[1].count("-") == 1 for line in found)
    return [" ".join((line.split(" ")[0], *line.split(" ")[2:])) for line in found]


VIEW = "view suresnes/le-fournil"


class TestViews:
    def test_a_kept_page_counts_too(self, visit):
        first = visit(PAGE)
        assert visit(PAGE).content == first.content
        assert visit("/en" + PAGE).status_code == 200
        assert lines() == [VIEW] * 3

    def test_so_does_one_that_the_browser_has(self, visit):
        etag = visit(PAGE).headers["ETag"]
        assert visit(PAGE, if_none_match=etag).status_code == 304
        assert lines() == [VIEW] * 2

    @pytest.mark.parametrize(
        "headers",
        [
            {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
            {"user-agent": ""},
            {"sec-purpose": "prefetch;prerender"},
            {"purpose": "prefetch"},
            {"x-moz": "prefetch"},
        ],
    )
    def test_not_for_robots_and_pages_fetched_ahead(self, visit, headers):
        assert visit(PAGE, **headers).status_code == 200
        assert lines() == []

    def test_not_what_is_no_page_of_a_shop(self, client, visit, shop):
        client.head(PAGE, headers={"user-agent": FIREFOX})
        for address in (PAGE + "carte/", "/suresnes/commerces/personne/", "/suresnes/"):
            visit(address)
        status.suspend(shop, by=None, now=NOW)
        assert visit(PAGE).status_code == 404
        assert lines() == []

    def test_where_nothing_can_be_written_the_page_comes_all_the_same(self, visit, caplog):
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        (settings.VAR_DIR / "counts").write_text("a file stands there")
        assert visit(PAGE).status_code == 200
        assert "nothing is counted" in caplog.text


class TestSearches:
    def test_words_that_find_nothing(self, visit):
        for _time in range(2):  # Rendered, then kept.
            visit("/suresnes/?q=Poissonnerie+Dupont")
        assert lines() == ["search suresnes poissonnerie dupont"] * 2

    def test_while_somebody_types(self, visit):
        visit("/suresnes/?q=poiss", sec_fetch_dest="empty")
        assert lines() == ["typed suresnes poiss"]

    @pytest.mark.parametrize(
        "query",
        ["q=fournil", "q=", "", "q=poisson&service=livraison", "q=poisson&ouvert=maintenant",
         "q=awa@example.fr", "q=06+12+34+56+78", "q=0612345678", "q=x"],
    )  # fmt: skip
    def test_nothing_else(self, visit, query):
        assert visit(f"/suresnes/?{query}").status_code == 200
        assert lines() == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Crêperie « L’Hermine »", "creperie l hermine"),
        ("awa@example.fr", ""),
        ("chez awa @ example", "chez awa example"),
        ("tel 01.47.51.01.02", ""),
        ("+33 (0)1 47 51 01 02", ""),
        ("73282932000074", ""),
        ("rue du 8 mai 1945", "rue du 8 mai 1945"),
        ("ab", ""),
        ("?!", ""),
        ("mot " * 40, ("mot " * 15).strip()),
    ],
)
def test_words(question, words):
    assert words_of(question) == words
    assert len(words_of(question)) <= LONGEST_WORDS
