"""An import is taken back as a whole, but for what somebody has touched since."""

from datetime import timedelta

import pytest

from merchants.models import ImportedValues, Shop
from merchants.opendata import import_runs
from merchants.opendata.category_files import read_categories
from merchants.workflow import WorkflowError
from merchants.workflow.categories import save_categories
from merchants.workflow.edit import edit_listing
from tests.factories import make_commune, make_member, make_user
from tests.imports import LINES, applied, line, read, shop

LATER = timedelta(days=30)


@pytest.fixture(autouse=True)
def commune(db, now):
    save_categories(read_categories(), by=None, now=now)
    return make_commune(insee_code="92073")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def edit(name: str, now, **values) -> None:
    edit_listing(shop(name), values, by=None, expected_version=None, now=now)


class TestUndo:
    def test_what_was_created_is_gone(self, now, commune):
        run = applied(LINES, publish=True)
        agent = make_user(is_superuser=True)
        import_runs.undo(run, by=agent, now=now)
        run.refresh_from_db()
        assert (run.status, run.undone_by) == ("undone", agent)
        assert not Shop.objects.exists()
        assert [plain(text) for text in line(run, 2).remarks] == ["Annulation : fiche supprimée."]
        commune.refresh_from_db()
        assert commune.version == 2

    def test_but_not_what_somebody_wrote_in_or_keeps(self, now):
        run = applied([*LINES[:2], LINES[2] | {"nom": "Bar"}])
        edit("Épi", now, description="À la main")
        make_member(shop("Vis"))
        import_runs.undo(run, by=None, now=now)
        assert set(Shop.objects.values_list("name", flat=True)) == {"Épi", "Vis"}
        assert "fiche gardée" in line(run, 2).remarks[-1]
        assert "Import annulé : fiches gardées, 2." in map(plain, run.remarks)

    def test_what_was_changed_is_as_before(self, now):
        first = [LINES[0] | {"horaires": "Mo-Fr 09:00-18:00"}, LINES[1]]
        applied(first)
        said = ImportedValues.objects.order_by("shop").values_list("values", flat=True)
        at_first = list(said)
        new = [
            first[0]
            | {
                "tel": "01 47 51 09 09", "horaires": "Mo-Sa 10:00-12:00", "type": "bar",
                "livraison": "oui", "adresse": "7 rue Z", "lat": "48.871", "lon": "2.229",
            },
            first[1],
        ]  # fmt: skip
        run = applied(new, now=now + LATER)
        assert run.counts == {"changed": 1, "same": 1}
        import_runs.undo(run, by=None, now=now + LATER)
        back = shop("Épi")
        assert (back.phone, back.street, back.point) == ("+33147510102", "rue X", None)
        assert back.main_category.slug == "boulangerie"
        assert [category.slug for category in back.categories.all()] == ["boulangerie"]
        assert (back.periods.count(), back.services.count()) == (5, 0)
        entry = back.history.first()
        assert (entry.action, entry.capacity, entry.version) == ("import_undone", "import", 3)
        assert list(said.all()) == at_first
        # The newer file is news again.
        assert read(new, now=now + 2 * LATER).counts == {"changed": 1, "same": 1}

    def test_what_changed_since_is_kept(self, now):
        applied(LINES)
        run = applied([LINES[0] | {"tel": "01 47 51 09 09", "site": "https://epi.example/"}],
                      now=now + LATER)  # fmt: skip
        edit("Épi", now, phone="01 47 51 00 00")
        import_runs.undo(run, by=None, now=now)
        assert (shop("Épi").phone, shop("Épi").website) == ("+33147510000", "")
        assert "ce qui a changé depuis est gardé" in " ".join(line(run, 2).remarks)

    def test_a_merchant_s_word_that_was_taken_is_his_again(self, now):
        applied(LINES)
        edit("Épi", now, phone="01 47 51 00 00")
        newer = [LINES[0] | {"tel": "01 47 51 09 09"}]
        run = read(newer, now=now + LATER)
        import_runs.decide(run, lines=None, take=True, by=None, now=now)
        import_runs.apply(run, by=None, now=now + LATER)
        import_runs.undo(run, by=None, now=now + LATER)
        assert shop("Épi").phone == "+33147510000"
        assert set(line(read(newer, now=now + 2 * LATER), 2).asked) == {"phone"}

    def test_a_siret_that_another_has_by_now_is_not_given_back(self, now):
        siret = "73282932000074"
        applied([LINES[0] | {"siret": siret}], publish=True)
        run = applied([LINES[0] | {"siret": ""}], now=now + LATER)
        edit_listing(
            Shop.objects.get(pk=applied([LINES[1]], name="autre.csv").lines.get().shop_id),
            {"siret": siret}, by=None, expected_version=None, now=now,
        )  # fmt: skip
        import_runs.undo(run, by=None, now=now)
        assert shop("Épi").siret == ""

    def test_not_before_the_newer_import_of_the_same_source(self, now):
        first = applied(LINES)
        second = applied([LINES[0] | {"tel": ""}], now=now + LATER)
        with pytest.raises(WorkflowError, match="Annulez d’abord l’import plus récent"):
            import_runs.undo(first, by=None, now=now)
        import_runs.undo(second, by=None, now=now)
        import_runs.undo(first, by=None, now=now)
        assert not Shop.objects.exists()

    def test_once(self, now):
        run = applied(LINES)
        import_runs.undo(run, by=None, now=now)
        with pytest.raises(WorkflowError, match="est annulé"):
            import_runs.undo(run, by=None, now=now)
        with pytest.raises(WorkflowError, match="est annulé"):
            import_runs.apply(run, by=None, now=now)
