"""What a file of shops would do line by line; applying it, its result, undoing it."""

import csv
import io

import pytest

from merchants.models import Shop, ShopImport
from merchants.models.shop_import import ImportStatus
from merchants.opendata.category_files import read_categories
from merchants.workflow.categories import save_categories
from merchants.workflow.edit import edit_listing
from merchants.workflow.roles import give_role
from tests.claiming import words
from tests.factories import NOW, make_commune, make_member, make_user
from tests.importing import LIST, SHOPS, imports_in, make_import

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    return imports_in(tmp_path / "private", monkeypatch)


@pytest.fixture
def categories(db):
    save_categories(read_categories(), by=None, now=NOW)


@pytest.fixture
def commune(categories):
    return make_commune(insee_code="92073")


@pytest.fixture
def agent(login, commune):
    user = make_user(name="Ana Silva")
    give_role(user, commune, role="agent", by=None, now=NOW)
    return login(user)


def page_of(run: ShopImport, word: str = "") -> str:
    return f"{LIST}{run.pk}/{word}"


def shown(response) -> list[tuple[int, str]]:
    """The lines of a page: number and name."""
    return [(entry.line.number, entry.line.name) for entry in response.context["entries"]]


def tabs(response) -> dict[str, int]:
    return {tab.value: tab.count for tab in response.context["tabs"] if tab.count}


@pytest.fixture
def newer(commune) -> ShopImport:
    """A second file: of three listings, one has changed, one was written in, one is as it was."""
    first = [
        {"id": "1", "nom": "Épi", "activité": "boulangerie", "adresse": "1 rue X", "tel": ""},
        {"id": "2", "nom": "Vis", "activité": "bricolage", "adresse": "2 rue X", "tel": ""},
        {"id": "3", "nom": "Fil", "activité": "mercerie", "adresse": "3 rue X", "tel": ""},
    ]
    make_import(commune, rows=first, upto="apply")
    written = Shop.objects.get(name="Vis")
    owner = make_member(written)
    change = {"phone": "+33147510000"}
    edit_listing(written, change, by=owner, expected_version=None, now=NOW)
    second = [
        first[0] | {"tel": "01 47 51 01 02"},
        first[1] | {"tel": "01 47 51 09 09"},
        first[2],
        {"id": "4", "nom": "Zinc", "activité": "bar", "adresse": "4 rue X", "tel": ""},
        {"id": "5", "nom": "", "activité": "bar", "adresse": "5 rue X", "tel": ""},
    ]
    return make_import(commune, rows=second)


class TestPreview:
    def test_begins_with_what_is_to_be_decided(self, agent, newer):
        page = agent.get(page_of(newer))
        assert tabs(page) == {"asked": 1, "new": 1, "changed": 1, "same": 1, "refused": 1, "": 5}
        assert shown(page) == [(3, "Vis")]
        text = words(page)
        assert "Rien n’est encore enregistré." in text
        assert "01 47 51 00 00" in text
        assert "01 47 51 09 09" in text
        assert "Appliquer l’import (1 nouvelle, 1 modification)" in text

    def test_old_and_new_values_with_a_link_to_the_listing(self, agent, newer):
        page = agent.get(page_of(newer), {"resultat": "changed"})
        assert shown(page) == [(2, "Épi")]
        html = page.content.decode()
        assert f"/mairie/merchants/shop/{Shop.objects.get(name='Épi').pk}/change/" in html
        assert page.context["entries"][0].told == [
            ("Téléphone", "", "01\u00a047\u00a051\u00a001\u00a002")
        ]

    def test_reasons_and_remarks(self, agent, newer):
        text = words(agent.get(page_of(newer), {"resultat": "refused"}))
        assert "Nom absent" in text
        run = make_import(newer.commune, rows=[SHOPS[1] | {"nom": "Clou"}])
        text = words(agent.get(page_of(run), {"resultat": "new"}))
        assert "Téléphone illisible" in text

    def test_all_lines_and_unknown_filters(self, agent, newer):
        assert len(shown(agent.get(page_of(newer), {"resultat": ""}))) == 5
        assert shown(agent.get(page_of(newer), {"resultat": "danse"})) == [(3, "Vis")]
        assert agent.get(page_of(newer), {"resultat": "new", "page": "99"}).status_code == 200

    def test_a_hundred_to_a_page(self, agent, commune):
        rows = [SHOPS[0] | {"nom": f"Épi {n}", "adresse": f"{n} rue X"} for n in range(1, 151)]
        run = make_import(commune, rows=rows)
        first, second = (agent.get(page_of(run), {"page": n}) for n in (1, 2))
        assert [len(shown(page)) for page in (first, second)] == [100, 50]
        assert "resultat=new&amp;page=2" in first.content.decode()

    @pytest.mark.parametrize("number", [1, 3])
    def test_queries(self, agent, commune, number, django_assert_num_queries):
        rows = [SHOPS[0] | {"nom": f"Épi {n}", "adresse": f"{n} rue X"} for n in range(number)]
        make_import(commune, rows=rows, upto="apply")
        run = make_import(commune, rows=[row | {"tel": "01 47 51 09 09"} for row in rows])
        with django_assert_num_queries(10):
            assert len(shown(agent.get(page_of(run)))) == number

    def test_nothing_to_apply(self, agent, commune):
        run = make_import(commune, rows=[SHOPS[2]])
        page = agent.get(page_of(run))
        assert "Il n’y a rien à appliquer." in words(page)
        assert "appliquer/" not in page.content.decode()


class TestDeciding:
    @pytest.fixture
    def line(self, newer):
        return newer.lines.get(name="Vis")

    @pytest.mark.parametrize(
        ("answer", "phone"), [("take", "+33147510909"), ("keep", "+33147510000")]
    )
    def test_line_by_line(self, agent, newer, line, answer, phone):
        response = agent.post(page_of(newer, "decider/"), {f"line-{line.pk}": answer}, follow=True)
        assert "Vos choix sont enregistrés." in words(response)
        number = 2 if answer == "take" else 1
        assert f"{number} modification" in words(response)
        agent.post(page_of(newer, "appliquer/"))
        assert Shop.objects.get(name="Vis").phone == phone

    def test_all_at_once_and_back(self, agent, newer, line):
        for answer, take in (("take", True), ("keep", False)):
            agent.post(page_of(newer, "decider/"), {"all": answer})
            line.refresh_from_db()
            assert line.take is take

    def test_what_no_page_sends_changes_nothing(self, agent, newer, line):
        for data in ({f"line-{line.pk}": "danse"}, {"line-x": "take"}, {"line-99999999": "take"}):
            assert agent.post(page_of(newer, "decider/"), data).status_code == 302
        line.refresh_from_db()
        assert line.take is False

    def test_not_once_it_is_applied(self, agent, newer, line):
        agent.post(page_of(newer, "appliquer/"))
        response = agent.post(page_of(newer, "decider/"), {"all": "take"}, follow=True)
        assert "Cet import est déjà appliqué." in words(response)
        assert "Garder toutes les fiches" not in words(response)


class TestApplying:
    def test_asks_first(self, agent, newer):
        before = Shop.objects.count()
        text = words(agent.get(page_of(newer, "appliquer/")))
        for sentence in (
            "1 nouvelle fiche sera publiée.",
            "1 fiche sera modifiée.",
            "1 fiche à décider restera comme elle est.",
            "1 ligne refusée sera laissée de côté.",
        ):
            assert sentence in text
        assert Shop.objects.count() == before

    def test_new_ones_wait_where_that_was_chosen(self, agent, commune):
        run = make_import(commune, publish=False)
        text = words(agent.get(page_of(run, "appliquer/")))
        assert "2 nouvelles fiches attendront d’être validées." in text
        agent.post(page_of(run, "appliquer/"))
        assert set(Shop.objects.values_list("status", flat=True)) == {"pending"}

    def test_says_what_was_done_and_leads_to_the_listings(self, agent, newer):
        page = agent.post(page_of(newer, "appliquer/"), follow=True)
        text = words(page)
        assert "Appliqué le" in text
        assert "par Ana Silva" in text
        assert tabs(page)["new"] == 1
        made = agent.get(page_of(newer), {"resultat": "new"})
        assert shown(made) == [(5, "Zinc")]
        shop = Shop.objects.get(name="Zinc")
        assert f"/mairie/merchants/shop/{shop.pk}/change/" in made.content.decode()
        listed = agent.get(made.context["shops_url"]).context["cl"].result_list
        assert {shop.name for shop in listed} == {"Épi", "Vis", "Fil", "Zinc"}

    def test_a_second_click_does_nothing_twice(self, agent, newer):
        for _click in range(2):
            agent.post(page_of(newer, "appliquer/"))
        assert Shop.objects.filter(name="Zinc").count() == 1

    def test_the_result_as_a_table(self, agent, newer):
        agent.post(page_of(newer, "appliquer/"))
        response = agent.get(page_of(newer, "bilan.csv"))
        text = b"".join(response).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        assert len(rows) == 6
        assert 'filename="commerces-bilan.csv"' in response.headers["Content-Disposition"]


class TestUndoing:
    def test_asks_first(self, agent, commune):
        run = make_import(commune, upto="apply")
        text = words(agent.get(page_of(run, "annuler/")))
        assert "2 fiches créées par cet import seront supprimées." in text
        assert Shop.objects.count() == 2

    def test_says_what_was_undone(self, agent, commune):
        run = make_import(commune, upto="apply")
        text = words(agent.post(page_of(run, "annuler/"), follow=True))
        assert "Cet import a été annulé le" in text
        assert not Shop.objects.published().exists()
        run.refresh_from_db()
        assert (run.status, run.undone_by.name) == (ImportStatus.UNDONE, "Ana Silva")

    def test_keeps_what_somebody_wrote_and_says_so(self, agent, commune):
        run = make_import(commune, upto="apply")
        kept = Shop.objects.get(name="Vis")
        owner = make_member(kept)
        edit_listing(kept, {"phone": "+33147510000"}, by=owner, expected_version=None, now=NOW)
        page = agent.post(page_of(run, "annuler/"), follow=True)
        assert Shop.objects.published().get() == kept
        assert shown(page) == [(3, "Vis")]
        assert "Quelqu’un s’est occupé de ces fiches" in words(page)
        assert f"/shop/{kept.pk}/change/" in page.content.decode()

    @pytest.mark.parametrize("upto", ["read", "undo"])
    def test_only_what_is_applied(self, agent, commune, upto):
        run = make_import(commune, upto=upto)
        response = agent.post(page_of(run, "annuler/"))
        assert response.headers["Location"] == page_of(run)
        assert ShopImport.objects.get().status == run.status
