"""What is left of imports: given up, never applied, or long done."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from merchants.models import ImportLine, Shop, ShopImport, SourceMatching
from merchants.opendata import import_cleaning, import_runs, import_tasks
from merchants.opendata.category_files import read_categories
from merchants.workflow import WorkflowError
from merchants.workflow.categories import save_categories
from merchants.workflow.import_runs import forget_files, purge_uploads
from tests.factories import make_commune, make_user
from tests.importing import imports_in
from tests.imports import LINES, applied, read, uploaded
from tests.team import make_colleague

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    return imports_in(tmp_path / "private", monkeypatch)


@pytest.fixture(autouse=True)
def commune(db, now):
    save_categories(read_categories(), by=None, now=now)
    return make_commune(insee_code="92073")


def kept(files: Path) -> list[str]:
    """The folders and files that stand there, the year aside."""
    return sorted(path.name for path in files.glob("imports/*/**/*"))


class TestAbandon:
    @pytest.fixture
    def abandon(self, now, django_capture_on_commit_callbacks):
        def abandon(run, by=None):
            with django_capture_on_commit_callbacks(execute=True):
                import_cleaning.abandon(run, by=by, now=now)

        return abandon

    @pytest.mark.parametrize("make", [uploaded, read])
    def test_all_of_it_is_gone(self, abandon, files, make):
        run = make(LINES)
        SourceMatching.objects.create(commune=run.commune, source="csv:a", matching={"a": "nom"})
        other = make(LINES, name="autre.csv")
        abandon(run)
        assert ShopImport.objects.get() == other
        assert set(ImportLine.objects.values_list("shop_import", flat=True)) <= {other.pk}
        assert kept(files) == sorted(["autre.csv", Path(other.file.path).parent.name])
        assert SourceMatching.objects.exists()

    def test_never_what_was_applied(self, abandon, now):
        run = applied(LINES)
        with pytest.raises(WorkflowError, match="déjà appliqué"):
            abandon(run)
        import_runs.undo(run, by=None, now=now)
        with pytest.raises(WorkflowError, match="déjà appliqué"):
            abandon(run)
        assert Path(run.file.path).exists() and run.lines.count() == 3

    def test_never_what_somebody_is_at_work_on(self, abandon):
        run = read(LINES)
        ShopImport.objects.update(task="apply")
        with import_tasks.hold(run.pk), pytest.raises(WorkflowError, match="en cours"):
            abandon(run)
        assert Path(run.file.path).exists() and run.lines.count() == 3
        abandon(run)  # The process ended in the middle.
        assert not ShopImport.objects.exists()

    def test_a_second_time(self, abandon):
        run = read(LINES)
        abandon(ShopImport.objects.get())
        with pytest.raises(WorkflowError, match="n’existe plus"):
            abandon(run)

    @pytest.mark.parametrize(
        ("who", "may"),
        [("agent", True), ("referent", True), ("administrator", True), ("helper", False),
         ("elsewhere", False)],
    )  # fmt: skip
    def test_who(self, abandon, commune, who, may):
        run = read(LINES)
        if who == "administrator":
            person = make_user(is_superuser=True)
        elif who == "elsewhere":
            person = make_colleague(make_commune("Garches"), "referent")
        else:
            person = make_colleague(commune, who)
        if may:
            abandon(run, person)
        else:
            with pytest.raises(WorkflowError, match="ne permet pas"):
                abandon(run, person)
        assert ShopImport.objects.exists() is not may


class TestEveryDay:
    """30 days for what was never applied, 90 for the files of what was."""

    def test_what_was_never_applied(self, now):
        old = [uploaded(LINES), read(LINES)]
        done, young = applied(LINES), uploaded(LINES, now=now + DAY)
        assert import_cleaning.purge_unapplied(now=now + 30 * DAY) == 0
        assert import_cleaning.purge_unapplied(now=now + 30 * DAY + DAY / 2) == len(old)
        assert set(ShopImport.objects.all()) == {done, young}

    def test_but_not_in_the_middle_of_it(self, now):
        run = read(LINES)
        with import_tasks.hold(run.pk):
            assert import_cleaning.purge_unapplied(now=now + 31 * DAY) == 0
        assert import_cleaning.purge_unapplied(now=now + 31 * DAY) == 1

    def test_files_of_what_is_done(self, now, files):
        run, undone = applied(LINES[:1]), applied(LINES[1:2], name="autre.csv")
        import_runs.undo(undone, by=None, now=now)
        young = applied(LINES, now=now + 2 * DAY)
        waiting = read(LINES)
        assert forget_files(now=now + 90 * DAY) == 0
        assert forget_files(now=now + 91 * DAY) == 2
        assert forget_files(now=now + 91 * DAY) == 0
        left = ShopImport.objects.exclude(file="")
        assert set(left) == {young, waiting}
        folders = [Path(each.file.path).parent.name for each in left]
        assert kept(files) == sorted(["commerces.csv"] * 2 + folders)
        assert [each.lines.count() for each in (run, undone)] == [1, 1]

    def test_lines_undo_what_the_file_did(self, now):
        run = applied(LINES)
        forget_files(now=now + 91 * DAY)
        run.refresh_from_db()
        import_runs.undo(run, by=None, now=now + 91 * DAY)
        assert not Shop.objects.exists()

    @pytest.mark.parametrize("number", [1, 3])
    def test_one_write_for_each(self, now, number, django_assert_num_queries):
        for _number in range(number):
            applied(LINES[:1])
        with django_assert_num_queries(1 + number):
            forget_files(now=now + 91 * DAY)

    def test_is_part_of_daily(self, now, capsys, settings):
        read(LINES, now=now - 400 * DAY)
        applied(LINES, now=now - 400 * DAY)
        call_command("daily")
        said = capsys.readouterr().out
        assert "Imports jamais appliqués effacés\u00a0: 1." in said
        assert "Fichiers importés effacés\u00a0: 1." in said


class TestFilesWithoutImport:
    def test_a_killed_upload_is_gone_after_a_day(self, files, now):
        assert purge_uploads(now=now) == 0  # There is no folder yet.
        run = applied(LINES)
        left = files / "imports" / "2026" / "0" / "commerces.csv"
        left.parent.mkdir()
        left.write_text("nom\n")
        at = (now - timedelta(hours=23)).timestamp()
        for path in (left, Path(run.file.path)):
            os.utime(path, (at, at))
        assert purge_uploads(now=now) == 0
        assert purge_uploads(now=now + timedelta(hours=2)) == 1
        assert purge_uploads(now=now + timedelta(hours=2)) == 0
        assert kept(files) == sorted(["commerces.csv", Path(run.file.path).parent.name])

    def test_is_part_of_daily(self, capsys):
        call_command("daily")
        assert "Fichiers sans import effacés\u00a0: 0." in capsys.readouterr().out
