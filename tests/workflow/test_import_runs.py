"""A town hall's import: what each line would do, what it has done, and all of it taken back."""

from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from merchants.models import (
    Category,
    HistoryEntry,
    ImportedValues,
    OpeningPeriod,
    Shop,
    ShopImport,
)
from merchants.models.shop import Confirmer
from merchants.models.shop_import import ImportTask
from merchants.opendata import import_runs
from merchants.opendata.category_files import read_categories
from merchants.opendata.files import ImportFileError
from merchants.workflow import WorkflowError, status
from merchants.workflow.categories import save_categories
from merchants.workflow.closures import add_holiday
from merchants.workflow.edit import edit_listing
from merchants.workflow.roles import give_role
from tests.factories import make_commune, make_member, make_user
from tests.imports import LINES, applied, line, read, results, shop, uploaded

ROOT = Path(__file__).resolve().parent.parent.parent
LATER = timedelta(days=30)


@pytest.fixture(autouse=True)
def commune(db, now):
    save_categories(read_categories(), by=None, now=now)
    return make_commune(insee_code="92073")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def content() -> list:
    """All that imports write to shops, whatever the keys of the rows."""
    columns = [f.name for f in Shop._meta.fields if f.name != "updated_at"]
    periods = OpeningPeriod.objects.order_by("shop", "weekday", "opens")
    return [
        *Shop.objects.order_by("pk").values_list(*columns),
        *periods.values_list("shop", "weekday", "opens", "closes"),
        *HistoryEntry.objects.order_by("pk").values_list("shop", "action", "version"),
        *ImportedValues.objects.order_by("shop").values_list("shop", "values"),
    ]


def edit(name: str, now, **values) -> None:
    edit_listing(shop(name), values, by=None, expected_version=None, now=now)


class TestPreviewAndApply:
    def test_a_line_says_what_it_would_do_and_nothing_is_written(self):
        run = read(LINES)
        assert (run.status, run.counts) == ("ready", {"new": 2, "refused": 1})
        assert results(run) == [(2, "new"), (3, "new"), (4, "refused")]
        assert not Shop.objects.exists()
        first, second, third = run.lines.all()
        assert first.changes["name"] == [None, "Épi"]
        assert first.changes["phone"] == [None, "+33147510102"]
        assert first.shop is None
        assert [plain(text) for text in second.remarks] == [
            "Téléphone illisible, non repris : néant"
        ]
        assert plain(third.reason) == "Nom absent : Bar et pub, 3 rue X"

    def test_applied(self, now):
        agent = make_user(is_superuser=True)
        run = applied(LINES, by=agent, publish=True)
        run.refresh_from_db()
        assert (run.status, run.applied_by, run.applied_at) == ("applied", agent, now)
        assert line(run, 2).shop == shop("Épi")
        assert line(run, 2).version == shop("Épi").version == 1
        assert line(run, 4).shop is None
        assert Shop.objects.published().count() == 2
        entry = shop("Épi").history.get()
        assert (entry.action, entry.capacity, entry.by) == ("import", "import", agent)

    def test_a_second_time_changes_nothing(self, now):
        run = applied(LINES, publish=True)
        before = content()
        import_runs.apply(run, by=None, now=now)
        again = applied(LINES, publish=True)
        assert again.counts == {"same": 2, "refused": 1}
        assert line(again, 2).shop == shop("Épi")
        assert content() == before

    def test_what_was_kept_in_draft_stays_one(self):
        run = uploaded(LINES)
        ShopImport.objects.filter(pk=run.pk).update(publish=True, keep_unknown=True)
        run.refresh_from_db()
        import_runs.read(run, now=run.at)
        import_runs.apply(run, by=None, now=run.at)
        assert set(Shop.objects.values_list("status", flat=True)) == {"published"}

    def test_not_before_it_is_read(self, now):
        with pytest.raises(WorkflowError, match="Lisez d’abord le fichier"):
            import_runs.apply(uploaded(LINES), by=None, now=now)

    def test_reading_again_forgets_the_first_reading(self, now):
        run = read(LINES)
        import_runs.read(run, now=now)
        assert results(run) == [(2, "new"), (3, "new"), (4, "refused")]

    @pytest.mark.parametrize("number", [1, 3])
    def test_reading_asks_the_database_the_same_for_many(self, number, django_assert_num_queries):
        lines = [LINES[0] | {"id": str(n), "nom": f"Vis {n}"} for n in range(number)]
        applied(lines)
        for n in range(number):
            edit(f"Vis {n}", shop(f"Vis {n}").created_at, description="À la main")
        run = uploaded([each | {"tel": "01 47 51 09 09"} for each in lines])
        with django_assert_num_queries(28):
            import_runs.read(run, now=run.at)
        assert run.counts == {"changed": number}


class TestANewerFile:
    NEW = [{"tel": "01 47 51 09 09", "site": "https://epi.example/"}]

    @pytest.fixture
    def newer(self):
        return [LINES[0] | {"tel": "01 47 51 09 09", "site": "https://epi.example/"}, *LINES[1:]]

    def test_what_nobody_touched_is_the_file_s(self, now, newer):
        applied(LINES)
        run = read(newer, now=now + LATER)
        assert results(run) == [(2, "changed"), (3, "same"), (4, "refused")]
        assert line(run, 2).changes == {
            "phone": ["+33147510102", "+33147510909"],
            "website": ["", "https://epi.example/"],
        }
        assert line(run, 2).asked == {}
        import_runs.apply(run, by=None, now=now + LATER)
        assert (shop("Épi").phone, shop("Épi").website) == ("+33147510909", "https://epi.example/")
        assert shop("Épi").version == line(run, 2).version == 2
        entry = shop("Épi").history.first()
        assert (entry.action, entry.changes) == ("import", line(run, 2).changes)

    def test_what_somebody_wrote_is_asked_about_field_by_field(self, now, newer):
        applied(LINES)
        edit("Épi", now, phone="01 47 51 00 00")
        run = read(newer, now=now + LATER)
        assert results(run)[0] == (2, "changed")
        assert line(run, 2).changes == {"website": ["", "https://epi.example/"]}
        assert line(run, 2).asked == {"phone": ["+33147510000", "+33147510909"]}
        import_runs.apply(run, by=None, now=now + LATER)
        assert (shop("Épi").phone, shop("Épi").website) == ("+33147510000", "https://epi.example/")
        assert line(run, 2).asked == {"phone": ["+33147510000", "+33147510909"]}

    def test_and_taken_if_an_agent_says_so(self, now, newer):
        applied(LINES)
        edit("Épi", now, phone="01 47 51 00 00")
        agent = make_user(is_superuser=True)
        run = read(newer, now=now + LATER)
        count = import_runs.decide(run, lines=None, take=True, by=agent, now=now + LATER)
        assert count == 1
        import_runs.apply(run, by=agent, now=now + LATER)
        assert shop("Épi").phone == "+33147510909"
        assert line(run, 2).changes["phone"] == ["+33147510000", "+33147510909"]
        assert line(run, 2).asked == {}
        assert shop("Épi").history.first().by == agent
        # The next file finds nobody's word there.
        third = [newer[0] | {"tel": "01 47 51 08 08"}]
        assert results(read(third, now=now + 2 * LATER)) == [(2, "changed")]

    def test_an_answer_to_other_values_is_none(self, now, newer):
        applied(LINES)
        edit("Épi", now, phone="01 47 51 00 00")
        run = read(newer, now=now + LATER)
        import_runs.decide(run, lines=[line(run, 2).pk], take=True, by=None, now=now)
        edit("Épi", now, phone="01 47 51 11 11")
        import_runs.apply(run, by=None, now=now + LATER)
        assert shop("Épi").phone == "+33147511111"
        assert line(run, 2).asked == {"phone": ["+33147511111", "+33147510909"]}

    def test_the_same_file_says_nothing_new(self, now):
        applied(LINES)
        edit("Épi", now, phone="01 47 51 00 00", description="À la main")
        before = content()
        assert applied(LINES, now=now + LATER).counts == {"same": 2, "refused": 1}
        assert content() == before

    def test_an_answer_is_asked_for_once(self, now, newer):
        applied(LINES)
        edit("Épi", now, phone="01 47 51 00 00")
        applied(newer, now=now + LATER)
        assert applied(newer, now=now + 2 * LATER).counts == {"same": 2, "refused": 1}
        assert shop("Épi").phone == "+33147510000"

    def test_somebody_wrote_what_the_file_says_now(self, now, newer):
        applied(LINES)
        edit("Épi", now, phone="01 47 51 09 09")
        assert line(read(newer), 2).changes == {"website": ["", "https://epi.example/"]}
        assert line(read(newer), 2).asked == {}

    def test_all_of_what_somebody_keeps_is_asked_about(self, now, newer):
        applied(LINES)
        make_member(shop("Épi"))
        run = read(newer, now=now + LATER)
        assert results(run)[0] == (2, "asked")
        assert set(line(run, 2).asked) == {"phone", "website"}

    def test_and_of_what_somebody_confirmed(self, now, newer):
        applied(LINES)
        status.confirm(shop("Épi"), by=None, as_=Confirmer.TOWN_HALL, now=now)
        assert results(read(newer, now=now + LATER))[0] == (2, "asked")

    def test_half_an_address_is_none(self, now):
        applied(LINES)
        edit("Épi", now, street="rue Neuve")
        run = read([LINES[0] | {"adresse": "7 rue Y"}], now=now + LATER)
        assert line(run, 2).changes == {}
        assert line(run, 2).asked == {"house_number": ["1", "7"], "street": ["rue Neuve", "rue Y"]}

    def test_holidays_that_a_merchant_announced_stay(self, now):
        applied([LINES[0] | {"horaires": "Mo-Fr 09:00-18:00"}], publish=True)
        day = now.date() + timedelta(days=5)
        add_holiday(shop("Épi"), day, day, by=None, now=now)
        applied([LINES[0] | {"horaires": "Mo-Sa 09:00-18:00"}], now=now + timedelta(days=1))
        assert [special.start for special in shop("Épi").schedule.specials] == [day]
        assert {period.weekday for period in shop("Épi").schedule.weekly} == set(range(6))

    @pytest.mark.parametrize("move", ["suspend", "close"])
    def test_what_was_taken_away_does_not_come_back(self, now, newer, move):
        applied(LINES, publish=True)
        getattr(status, move)(shop("Épi"), by=None, now=now)
        assert applied(newer, now=now + LATER).counts == {"same": 2, "refused": 1}
        assert shop("Épi").phone == "+33147510102"

    def test_a_merged_listing_leads_to_the_other(self, now, newer):
        applied(LINES, publish=True)
        twin, other = shop("Épi"), shop("Vis")
        Shop.objects.filter(pk=twin.pk).update(status="merged", merged_into=other)
        run = applied([*newer, newer[0] | {"id": "9"}], now=now + LATER)
        assert run.counts == {"same": 3, "refused": 1}
        assert line(run, 2).shop == line(run, 5).shop == other
        assert shop("Vis").phone == ""
        assert Shop.objects.count() == 2

    def test_an_import_of_before_is_compared_by_its_history(self, now, newer):
        applied(LINES)
        ImportedValues.objects.all().delete()
        edit("Épi", now, phone="01 47 51 00 00")
        assert read(LINES).counts == {"same": 2, "refused": 1}
        assert set(line(read(newer), 2).asked) == {"phone"}


def test_a_merchant_who_writes_while_it_is_applied_is_not_overwritten(now, monkeypatch):
    """The plan is made, he saves: another plan is made, which asks about his words."""
    applied(LINES)
    run = read([LINES[0] | {"tel": "01 47 51 09 09"}], now=now + LATER)
    plan_import = import_runs.plan_import

    def and_then_he_saves(*arguments, **options):
        planned = plan_import(*arguments, **options)
        if shop("Épi").phone != "+33147510000":
            edit("Épi", now, phone="01 47 51 00 00")
        return planned

    monkeypatch.setattr(import_runs, "plan_import", and_then_he_saves)
    import_runs.apply(run, by=None, now=now + LATER)
    assert shop("Épi").phone == "+33147510000"
    assert set(line(run, 2).asked) == {"phone"}


class TestUploadAndOptions:
    def test_it_is_kept_where_no_address_leads(self, settings):
        run = uploaded(LINES)
        path = Path(run.file.path)
        assert path.name == "commerces.csv"
        assert path.is_relative_to(settings.STORAGES["private"]["OPTIONS"]["location"])
        assert (run.format, run.source, run.status) == ("csv", "csv:commerces-92073", "uploaded")

    def test_what_is_too_big_or_no_file_of_shops_is_not_kept(self, monkeypatch, now, commune):
        monkeypatch.setattr(import_runs, "MOST_BYTES", 20)
        with pytest.raises(WorkflowError, match="50\u00a0Mo au plus"):
            uploaded(LINES)
        monkeypatch.undo()
        with pytest.raises(ImportFileError, match="ne contient aucune ligne"):
            uploaded([{"nom": "", "type": ""}])
        assert not ShopImport.objects.exists()

    def test_titles_that_nobody_knows_are_matched_by_hand_and_remembered(self, now):
        odd = [{"Ref": "1", "Boutique du coin": "Épi", "Quoi": "boulangerie", "Où": "1 rue X"}]
        run = uploaded(odd)
        columns = import_runs.columns(run)
        assert [(c.title, c.samples, c.suggested) for c in columns] == [
            ("Ref", ("1",), "identifiant"),
            ("Boutique du coin", ("Épi",), ""),
            ("Quoi", ("boulangerie",), ""),
            ("Où", ("1 rue X",), ""),
        ]
        options = {"source": "", "publish": True, "keep_unknown": False, "by": None, "now": now}
        matching = {"Ref": "identifiant", "Quoi": "categorie", "Où": "adresse"}
        with pytest.raises(WorkflowError, match="quelle colonne donne le nom"):
            import_runs.set_options(run, matching=matching, **options)
        with pytest.raises(ImportFileError, match="n’a pas de colonne"):
            import_runs.read(run, now=now)
        matching["Boutique du coin"] = "nom"
        import_runs.set_options(run, matching=matching, **options)
        import_runs.apply(import_runs.read(run, now=now), by=None, now=now)
        assert shop("Épi").main_category == Category.objects.get(slug="boulangerie")
        assert shop("Épi").status == "published"
        # Of the next file of that source, the columns are known.
        assert [c.suggested for c in import_runs.columns(uploaded(odd))] == [
            "identifiant", "nom", "categorie", "adresse",
        ]  # fmt: skip
        other = uploaded(odd, name="autre.csv")
        assert [c.suggested for c in import_runs.columns(other)] == ["identifiant", "", "", ""]

    @pytest.mark.parametrize(
        ("matching", "sentence"),
        [
            ({"nom": "nom", "absent": "siret"}, "Colonne absente du fichier"),
            ({"nom": "nom", "type": "mystere"}, "Colonne inconnue"),
        ],
    )
    def test_what_is_no_column_is_told(self, now, matching, sentence):
        with pytest.raises(WorkflowError, match=sentence):
            import_runs.set_options(
                uploaded(LINES), matching=matching, source="", publish=False, keep_unknown=False,
                by=None, now=now,
            )  # fmt: skip

    def test_options_after_reading_call_for_another_reading(self, now):
        run = read(LINES)
        matching = {"id": "identifiant", "nom": "nom", "type": "categorie", "adresse": "adresse"}
        options = {"publish": False, "keep_unknown": False, "by": None, "now": now}
        import_runs.set_options(run, matching=matching, source="Ma ville", **options)
        assert (run.status, run.counts, run.lines.count()) == ("uploaded", {}, 0)
        assert run.source == "csv:ma-ville-92073"
        # As the page gives it back.
        import_runs.set_options(run, matching=matching, source="csv:ma-ville-92073", **options)
        assert run.source == "csv:ma-ville-92073"
        assert "phone" not in line(import_runs.read(run, now=now), 2).changes

    def test_whose_files(self, now, commune):
        agent, stranger, helper = make_user(), make_user(), make_user()
        give_role(agent, commune, role="agent", by=None, now=now)
        give_role(stranger, make_commune("Ailleurs"), role="referent", by=None, now=now)
        give_role(helper, commune, role="helper", by=None, now=now)
        run = read(LINES, by=agent, commune=commune)
        acts = [
            lambda by: uploaded(LINES, by=by, commune=commune),
            lambda by: import_runs.start(run, ImportTask.APPLY, by=by, now=now),
            lambda by: import_runs.apply(run, by=by, now=now),
            lambda by: import_runs.undo(run, by=by, now=now),
            lambda by: import_runs.decide(run, lines=None, take=True, by=by, now=now),
        ]
        for person, act in product((stranger, helper), acts):
            with pytest.raises(WorkflowError, match="ne permet pas"):
                act(person)
        with pytest.raises(WorkflowError, match="ne permet pas"):
            import_runs.upload(commune=None, name="x.csv", content=None, by=agent, now=now)
        import_runs.apply(run, by=agent, now=now)
        assert Shop.objects.count() == 2


def test_the_result_as_a_spreadsheet_reads_it(now):
    applied(LINES)
    edit("Épi", now, description="=À la main")
    run = read([LINES[0] | {"tel": "01 47 51 09 09", "description": "Du fichier"}])
    head, row = [plain(text) for text in import_runs.result_csv(run)]
    assert head.startswith("\ufeffligne;identifiant;nom;résultat;remarques;motif;fiche;avant;après")
    assert row.split(";")[:4] == ["2", "1", "Épi", "fiche modifiée"]
    assert "Téléphone : 01 47 51 01 02" in row
    assert "Téléphone : 01 47 51 09 09" in row
    assert "http://testserver/suresnes/commerces/epi/" in row
