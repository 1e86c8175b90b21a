import pytest

from merchants.models import HistoryEntry, ImportedValues, Objection, Shop
from merchants.models.shop_import import LineResult
from merchants.opendata import import_runs
from merchants.opendata.category_files import read_categories
from merchants.workflow import status
from merchants.workflow.categories import save_categories
from merchants.workflow.edit import edit_listing
from merchants.workflow.merging import unmerge
from tests.factories import NOW, make_commune, make_member, make_shop, make_user
from tests.imports import LINES, applied, line, read, results, shop, uploaded
from tests.merging import merge_both

pytestmark = pytest.mark.django_db

SIRET, OTHER_SIRET = "73282932000074", "55208131766522"
PHONE, NEW_PHONE = "+33147510102", "+33147510909"


@pytest.fixture(autouse=True)
def commune():
    save_categories(read_categories(), by=None, now=NOW)
    return make_commune(insee_code="92073")


def test_a_business_that_objected_is_not_brought_back(commune):
    Objection.objects.create(siret=SIRET, commune=commune, at=NOW)
    line = read([LINES[0] | {"siret": SIRET}]).lines.get()
    assert line.result == LineResult.REFUSED
    assert line.reason == "Ce commerce ne veut pas figurer dans l’annuaire"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def row(pk: int) -> dict:
    return Shop.objects.filter(pk=pk).values().get()


class TestOfAMergedListing:
    """Épi came from the file, and was merged into what another file had brought."""

    OLD = LINES[0] | {"site": "https://epi.example/"}
    NEW = OLD | {"tel": "01 47 51 09 09"}

    @pytest.fixture
    def ended(self) -> Shop:
        applied([self.OLD], publish=True)
        return shop("Épi")

    @pytest.fixture
    def kept(self) -> Shop:
        other = LINES[0] | {"nom": "L’Épi d’or", "adresse": "5 rue Y", "siret": SIRET}
        applied([other], name="autre.csv", publish=True)
        return shop("L’Épi d’or")

    @pytest.fixture
    def merged(self, kept, ended) -> Shop:
        merge_both(kept, ended)
        return ended

    def test_what_nobody_touched_is_the_file_s(self, kept, merged):
        before = row(merged.pk)
        run = read([self.NEW])
        assert results(run) == [(2, "changed")]
        assert line(run, 2).changes == {"phone": [PHONE, NEW_PHONE]}
        assert line(run, 2).shop == kept
        assert plain(line(run, 2).reason) == "Fiche réunie avec « L’Épi d’or »"
        import_runs.apply(run, by=None, now=NOW)
        kept.refresh_from_db()
        assert (kept.phone, kept.name, kept.siret) == (NEW_PHONE, "L’Épi d’or", SIRET)
        assert kept.source != merged.source
        assert row(merged.pk) == before
        assert kept.history.first().action == "import"
        assert merged.history.first().action == "merge"
        # Said once.
        assert results(applied([self.NEW])) == [(2, "same")]

    def test_where_the_two_differed_somebody_has_chosen(self, kept, merged):
        run = read([self.OLD | {"site": "https://neuf.example/"}])
        assert results(run) == [(2, "asked")]
        assert line(run, 2).asked == {"website": ["", "https://neuf.example/"]}
        import_runs.decide(run, lines=None, take=True, by=None, now=NOW)
        import_runs.apply(run, by=None, now=NOW)
        assert shop("L’Épi d’or").website == "https://neuf.example/"

    def test_all_of_what_no_file_wrote_is_somebody_s(self, commune, ended):
        by_hand = make_shop("Levain", commune=commune, phone=PHONE)
        merge_both(by_hand, ended)
        run = read([self.NEW])
        assert results(run) == [(2, "asked")]
        import_runs.decide(run, lines=None, take=True, by=None, now=NOW)
        import_runs.apply(run, by=None, now=NOW)
        # From then on it is the file's.
        run = read([self.OLD | {"tel": "01 47 51 08 08"}])
        assert line(run, 2).changes == {"phone": [NEW_PHONE, "+33147510808"]}

    def test_what_was_taken_from_it_is_asked_about(self, kept, ended):
        merge_both(kept, ended, website="other")
        run = read([self.OLD | {"site": "https://neuf.example/"}])
        assert line(run, 2).asked == {
            "website": ["https://epi.example/", "https://neuf.example/"]
        }  # fmt: skip

    @pytest.mark.parametrize("who", ["kept by somebody", "written", "confirmed", "written before"])
    def test_what_somebody_wrote_is_asked_about(self, kept, ended, who):
        act = {"by": None, "now": NOW}
        if who == "kept by somebody":
            make_member(ended)
        if who == "written before":
            edit_listing(kept, {"phone": "01 47 51 00 00"}, expected_version=None, **act)
            edit_listing(ended, {"phone": "01 47 51 00 00"}, expected_version=None, **act)
        merge_both(kept, ended)
        if who == "written":
            edit_listing(kept, {"phone": "01 47 51 00 00"}, expected_version=None, **act)
        if who == "confirmed":
            status.confirm(kept, as_="town_hall", **act)
        run = read([self.NEW])
        assert results(run) == [(2, "asked")]
        assert set(line(run, 2).asked) == {"phone"}

    def test_an_import_of_before_is_compared_by_the_history_of_the_merged_one(self, kept, merged):
        ImportedValues.objects.all().delete()
        assert results(read([self.OLD])) == [(2, "same")]
        assert line(read([self.NEW]), 2).changes == {"phone": [PHONE, NEW_PHONE]}

    @pytest.mark.parametrize("move", ["close", "suspend"])
    def test_what_was_taken_away_does_not_come_back(self, kept, merged, move):
        getattr(status, move)(kept, by=None, now=NOW)
        before = row(kept.pk)
        assert results(applied([self.NEW])) == [(2, "same")]
        assert row(kept.pk) == before

    def test_into_a_listing_of_another_commune(self, commune, ended):
        far = make_shop("Levain", commune=make_commune("Garches"))
        merge_both(far, ended)
        before = row(far.pk)
        run = applied([self.NEW], commune=commune)
        assert results(run) == [(2, "same")]
        assert "Fiche réunie avec une autre" in line(run, 2).reason
        assert row(far.pk) == before

    def test_undone_and_read_again(self, kept, merged):
        before = [row(kept.pk), list(ImportedValues.objects.values())]
        run = applied([self.NEW])
        assert line(run, 2).named == merged
        import_runs.undo(run, by=make_user(is_superuser=True), now=NOW)
        assert row(kept.pk)["phone"] == PHONE
        assert list(ImportedValues.objects.values()) == before[1]
        assert line(read([self.NEW]), 2).changes == {"phone": [PHONE, NEW_PHONE]}

    def test_separated_it_hears_what_the_other_had_heard_for_it(self, kept, merged):
        applied([self.NEW])
        unmerge(merged, by=None, now=NOW)
        run = read([self.NEW])
        assert line(run, 2).shop == merged
        assert line(run, 2).changes == {"phone": [PHONE, NEW_PHONE]}

    def test_a_line_with_its_siret_is_about_the_other(self, commune):
        ended = make_shop("Épi", commune=commune, siret=OTHER_SIRET)
        kept = make_shop("L’Épi d’or", commune=commune, siret=SIRET)
        merge_both(kept, ended)
        new = {"nom": "Tout autre", "type": "bar", "adresse": "9 rue X", "siret": OTHER_SIRET}
        run = applied([new | {"tel": "01 47 51 09 09"}])
        assert (line(run, 2).result, line(run, 2).shop) == ("same", kept)
        assert plain(line(run, 2).reason) == (
            "Fiche réunie avec « L’Épi d’or » : non repris : téléphone 01 47 51 09 09"
        )
        assert Shop.objects.count() == 2
        # A listing that stands comes first, and what has closed keeps nobody's number.
        make_shop("Levain", commune=commune, siret=OTHER_SIRET)
        assert line(read([new]), 2).shop == shop("Levain")
        status.close(shop("Levain"), by=None, now=NOW)
        status.close(kept, by=None, now=NOW)
        assert results(read([new])) == [(2, "new")]

    def test_a_line_with_its_name(self, kept, merged):
        run = applied([self.NEW | {"id": "9"}])
        assert (line(run, 2).result, line(run, 2).shop) == ("same", kept)
        assert "Fiche réunie avec" in line(run, 2).reason
        assert shop("L’Épi d’or").phone == PHONE

    def test_a_number_that_another_listing_has(self, commune, kept, merged):
        make_shop("Levain", commune=commune, siret=OTHER_SIRET)
        run = applied([self.NEW | {"siret": OTHER_SIRET}])
        assert results(run) == [(2, "refused")]
        assert "Une fiche porte déjà ce SIRET" in line(run, 2).reason


class TestOfSeveralLines:
    """Three listings of one file, of which the town hall made one."""

    OLD = [LINES[0] | {"id": str(n), "nom": f"Commerce {n}", "adresse": f"{n} rue X"} for n in
           range(1, 4)]  # fmt: skip

    @pytest.fixture(autouse=True)
    def one_of_three(self):
        applied(self.OLD, publish=True)
        for name in ("Commerce 1", "Commerce 3"):
            merge_both(shop("Commerce 2"), shop(name))

    def newer(self, *numbers: int) -> list[dict]:
        return [
            self.OLD[n - 1] | {"tel": f"01 47 51 09 0{n}"} for n in numbers
        ]  # fmt: skip

    @pytest.mark.parametrize("order", [(1, 2, 3), (2, 3, 1), (3, 1, 2)])
    def test_its_own_is_heard(self, order):
        kept = shop("Commerce 2")
        version, entries = kept.version, HistoryEntry.objects.count()
        run = applied(self.newer(*order))
        own = order.index(2) + 2
        assert dict(results(run)) == {
            number: "changed" if number == own else "same" for number in (2, 3, 4)
        }
        assert {each.shop for each in run.lines.all()} == {kept}
        assert shop("Commerce 2").phone == "+33147510902"
        assert (shop("Commerce 2").version, HistoryEntry.objects.count()) == (
            version + 1, entries + 1,
        )  # fmt: skip
        for number in {2, 3, 4} - {own}:
            reason = plain(line(run, number).reason)
            assert reason.startswith(
                f"Fiche réunie avec « Commerce 2 », que décrit la ligne {own} : non repris"
            )

    def test_without_its_own_the_first(self):
        run = applied(self.newer(3, 1))
        assert results(run) == [(2, "changed"), (3, "same")]
        assert shop("Commerce 2").phone == "+33147510903"
        assert "que décrit la ligne 2" in line(run, 3).reason
        # What was not heard is news, once it stands alone.
        assert line(read(self.newer(1)), 2).asked == {"phone": ["+33147510903", "+33147510901"]}

    def test_the_same_line_twice(self):
        run = applied([*self.newer(1), *self.newer(1)])
        assert results(run) == [(2, "changed"), (3, "refused")]
        assert plain(line(run, 3).reason) == "En double dans le fichier : comme la ligne 2"

    def test_undone(self):
        before = list(ImportedValues.objects.order_by("pk").values())
        run = applied(self.newer(3, 1))
        import_runs.undo(run, by=None, now=NOW)
        assert shop("Commerce 2").phone == PHONE
        assert list(ImportedValues.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("number", [1, 3])
def test_costs_the_same_for_many(commune, number, django_assert_num_queries):
    lines = [LINES[0] | {"id": str(n), "nom": f"Vis {n}"} for n in range(number)]
    applied(lines)
    for n in range(number):
        kept = make_shop(f"Boulon {n}", commune=commune, phone=PHONE)
        merge_both(kept, shop(f"Vis {n}"))
    run = uploaded([each | {"tel": "01 47 51 09 09"} for each in lines])
    with django_assert_num_queries(28):
        import_runs.read(run, now=run.at)
    assert run.counts == {"asked": number}
