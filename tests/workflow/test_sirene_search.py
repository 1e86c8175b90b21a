"""A commune asked about in the company search, in its real format, in turns."""

import time

import pytest

from merchants.company_search import PAUSE, CompanySearch
from merchants.models import SireneCase
from merchants.workflow import sirene_search
from merchants.workflow.errors import WorkflowError
from merchants.workflow.sirene import Found
from merchants.workflow.sirene_search import search_commune
from tests.factories import NOW, make_category, make_commune, make_shop
from tests.leaves.test_company_search import answer, establishment, head_office, unit
from tests.sirene import make_bakery, number

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    make_bakery()
    return make_commune(insee_code="92073")


@pytest.fixture
def ask(commune, service, settings, monkeypatch):
    settings.COMPANY_SEARCH_URL = service.url
    monkeypatch.setattr(sirene_search, "PAUSE", 0.0)

    def ask(seconds: float = 60.0, **options):
        return search_commune(commune, now=NOW, seconds=seconds, **options)

    return ask


class Register:
    """What the service knows: establishments by SIRET, listed on pages of `per_page`."""

    def __init__(self, *rows: dict, per_page: int = 25):
        self.rows = rows
        self.per_page = per_page

    def __call__(self, asked: dict[str, str]) -> dict:
        if "q" in asked:
            return answer(*(unit(row, row) for row in self.rows if row["siret"] == asked["q"]))
        first = (int(asked["page"]) - 1) * self.per_page
        units = [unit(row, row) for row in self.rows[first : first + self.per_page]]
        pages = -(-len(self.rows) // self.per_page)
        return answer(*units) | {"total_results": len(self.rows), "total_pages": pages}


@pytest.fixture
def register(service):
    """`register(rows, per_page=…)`: the service answers what it is asked."""

    def register(*rows: dict, **options) -> None:
        service.answers = Register(*rows, **options)

    return register


def bakery(n: int, **fields) -> dict:
    return head_office(number(n), str(n), "RUE", "BASSE", liste_enseignes=[f"PAINS {n}"], **fields)


class TestClient:
    def test_what_is_asked(self, service):
        service.body = answer()
        page = CompanySearch(service.url).in_commune("92073", ["10.71C", "47.24Z"], page=3)
        assert (page.companies, page.pages, page.is_cut) == ([], 1, False)
        ((path, asked),) = service.asked
        assert (path, asked) == (
            "/search",
            {
                "code_commune": "92073",
                "activite_principale": "10.71C,47.24Z",
                "etat_administratif": "A",
                "page": "3",
                "per_page": "25",
                "limite_matching_etablissements": "100",
                "minimal": "true",
                "include": "siege,matching_etablissements",
            },
        )

    def test_other_communes_are_left_and_a_cut_is_told(self, service):
        elsewhere = establishment(number(2), "1 RUE BASSE", commune="92062")
        siege = bakery(1)
        service.body = answer(unit(siege, siege, elsewhere)) | {
            "total_results": 10_000, "total_pages": 1000
        }  # fmt: skip
        page = CompanySearch(service.url).in_commune("92073", ["10.71C"])
        assert ([c.siret for c in page.companies], page.pages, page.is_cut) == (
            [number(1)], 400, True
        )  # fmt: skip

    def test_the_pace_is_below_seven_a_second(self, service):
        service.body = answer()
        search = CompanySearch(service.url, pause=PAUSE)
        start = time.monotonic()
        for _n in range(3):
            search.in_commune("92073", ["10.71C"])
        assert time.monotonic() - start >= 2 / 7


class TestTurns:
    def test_all_pages_of_all_activities(self, ask, register, service, monkeypatch):
        make_category("Bar", naf_codes=["56.30Z"])
        monkeypatch.setattr(sirene_search, "TOGETHER", 2)
        register(*(bakery(n) for n in range(1, 6)), per_page=2)
        turn = ask()
        assert (turn.next, turn.problem, turn.asked) == ("", "", 6)
        assert turn.found.unlisted == 5
        assert [asked["activite_principale"] for _path, asked in service.asked] == (
            3 * ["10.71C,47.24Z"] + 3 * ["56.30Z"]
        )

    def test_our_listings_are_asked_about(self, ask, register):
        shop = make_shop(siret=number(1), house_number="1", street="rue Basse")
        make_shop(siret=number(2))
        register(
            bakery(1, etat_administratif="F", date_fermeture="2026-03-01"),
            bakery(3, date_creation="2026-04-01") | {"numero_voie": "1"},
        )
        turn = ask()
        assert turn.found == Found(closed=0, successor=1)
        case = SireneCase.objects.get()
        assert (case.kind, case.siret, case.shop) == ("successor", number(3), shop)

    def test_a_turn_goes_on_where_the_last_one_stopped(self, ask, register, service):
        shops = [make_shop(siret=number(n)) for n in (8, 9)]
        register(*(bakery(n) for n in range(1, 5)), per_page=2)
        places, turn = [], ask(0)
        while turn.next:
            places.append(turn.next)
            turn = ask(0, start=turn.next)
        assert places == [f"fiches:{shops[0].pk}", "pages:0:1", "pages:0:2"]
        assert SireneCase.objects.count() == 4
        assert len(service.asked) == 4

    @pytest.mark.parametrize("health", ["cut off", "silent", "chunked"])
    def test_what_was_found_before_it_failed_is_kept(self, ask, register, service, health):
        register(*(bakery(n) for n in range(1, 5)), per_page=2)
        service.healthy = 1
        service.then = health
        turn = ask()
        assert turn.problem
        assert (turn.next, turn.found.unlisted) == ("pages:0:2", 2)
        service.healthy = None
        service.health = "well"
        assert ask(start=turn.next).found.unlisted == 2
        assert SireneCase.objects.count() == 4

    def test_who_objected_is_left_out(self, ask, register):
        register(bakery(1, statut_diffusion_etablissement="P"))
        assert ask().found.new == 0

    def test_nothing_to_ask(self, ask, commune, service):
        commune.hidden_categories.add(make_bakery())
        assert (ask().next, service.asked) == ("", [])

    def test_no_such_place(self, ask):
        with pytest.raises(WorkflowError, match="Cette étape n’existe pas"):
            ask(start="ailleurs")
