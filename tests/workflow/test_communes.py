from dataclasses import replace

import pytest

from merchants.geo import Box, Point
from merchants.models import Commune, StandardReason
from merchants.workflow import WorkflowError
from merchants.workflow.communes import (
    RESERVED_SLUGS,
    CommuneValues,
    TownHallValues,
    save_communes,
    save_contours,
    set_logo,
    update_town_hall,
)
from merchants.workflow.standard_reasons import write_reasons
from tests.factories import make_category, make_commune, make_shop, make_user
from tests.team import make_colleague

pytestmark = pytest.mark.django_db

SURESNES = CommuneValues(
    insee_code="92073",
    name="Suresnes",
    department="92",
    postcodes=("92150",),
    population=49_000,
    centre=Point(48.87, 2.22),
    box=Box(2.2, 48.85, 2.24, 48.89),
)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[2.21, 48.86], [2.23, 48.86], [2.23, 48.88], [2.21, 48.88], [2.21, 48.86]]],
}


def save(*records, now):
    return save_communes(records, by=None, now=now)


def test_creates_once_and_renews_what_changed(now):
    assert save(SURESNES, now=now).created == 1
    assert save(SURESNES, now=now).unchanged == 1
    counts = save(replace(SURESNES, population=50_000), now=now)
    assert counts.updated == 1
    commune = Commune.objects.get()
    assert (commune.population, commune.slug) == (50_000, "suresnes")
    assert (commune.timezone, commune.holiday_zone) == ("Europe/Paris", "metropole")
    assert list(Commune.objects.matching("92150")) == [commune]


def test_what_the_file_does_not_say_stays(now):
    save(SURESNES, now=now)
    silent = CommuneValues(insee_code="92073", name="Suresnes", department="92")
    assert save(silent, now=now).unchanged == 1
    assert Commune.objects.get().box == SURESNES.box


def test_the_town_halls_own_texts_and_the_slug_are_never_touched(now):
    own = TownHallValues(town_hall_name="Mairie", welcome_text="Bienvenue")
    save(replace(SURESNES, town_hall=own), now=now)
    Commune.objects.update(welcome_text="Bonjour", timezone="Pacific/Marquesas")
    later = replace(
        SURESNES, name="Suresnes-sur-Seine", town_hall=replace(own, welcome_text="Autre")
    )
    save(later, now=now)
    commune = Commune.objects.get()
    assert (commune.welcome_text, commune.slug) == ("Bonjour", "suresnes")
    assert (commune.name, commune.timezone) == ("Suresnes-sur-Seine", "Pacific/Marquesas")


def test_of_homonyms_the_largest_has_the_bare_address(now):
    def saint_denis(code, department, population):
        return CommuneValues(
            insee_code=code, name="Saint-Denis", department=department, population=population
        )

    save(
        saint_denis("11339", "11", 500),
        saint_denis("93066", "93", 113_000),
        saint_denis("93099", "93", 10),
        saint_denis("93098", "93", 9),
        now=now,
    )
    assert dict(Commune.objects.values_list("insee_code", "slug")) == {
        "93066": "saint-denis",
        "11339": "saint-denis-11",
        "93099": "saint-denis-93",
        "93098": "saint-denis-93-93098",
    }


def test_no_commune_stands_before_our_own_pages(now):
    save(CommuneValues(insee_code="01001", name="En", department="01"), now=now)
    assert Commune.objects.get().slug == "en-01"
    assert {"mairie", "autour", "classement", "robots-txt", "static", "media"} <= RESERVED_SLUGS


def test_clocks_of_overseas_and_alsace(now):
    save(
        CommuneValues(insee_code="97411", name="Saint-Denis", department="974"),
        CommuneValues(insee_code="67482", name="Strasbourg", department="67"),
        now=now,
    )
    assert set(Commune.objects.values_list("timezone", "holiday_zone")) == {
        ("Indian/Reunion", "la-reunion"),
        ("Europe/Paris", "alsace-moselle"),
    }


def test_contours_go_to_known_communes_and_give_their_box(now):
    save(SURESNES, now=now)
    counts = save_contours([("92073", SQUARE), ("92999", SQUARE)], by=None, now=now)
    assert (counts.updated, counts.unknown) == (1, 1)
    again = save_contours([("92073", SQUARE)], by=None, now=now)
    assert (again.updated, again.unchanged) == (0, 1)
    # The coarser box of the file does not come back.
    assert save(SURESNES, now=now).unchanged == 1
    commune = Commune.objects.get()
    assert commune.box == Box(2.21, 48.86, 2.23, 48.88)
    assert commune.holds(Point(48.87, 2.22)) is True


def test_pages_are_renewed_where_there_are_shops(now):
    save(SURESNES, now=now)
    make_shop(commune=Commune.objects.get())
    before = Commune.objects.get().version
    save(replace(SURESNES, population=1), now=now)
    assert Commune.objects.get().version == before + 1


class TestUpdateTownHall:
    def test_writes_its_columns_and_renews_the_pages(self, now):
        commune = make_commune(welcome_text="Avant")
        stale = Commune.objects.get()
        Commune.objects.update(population=50_000, version=7)
        values = {"welcome_text": "Après", "timezone": "Pacific/Marquesas"}
        update_town_hall(stale, values, by=None, now=now)
        stored = Commune.objects.get()
        assert stored == commune
        assert (stored.welcome_text, stored.timezone) == ("Après", "Pacific/Marquesas")
        assert (stored.population, stored.version, stale.version) == (50_000, 8, 8)
        assert stale.welcome_text == "Après"

    def test_without_values_nothing_is_written(self, now):
        commune = make_commune()
        update_town_hall(commune, {}, by=None, now=now)
        assert Commune.objects.get().version == commune.version

    def test_official_facts_are_not_its_own(self, now):
        with pytest.raises(ValueError, match="population"):
            update_town_hall(make_commune(), {"population": 1}, by=None, now=now)

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"accent_color": "rouge"}, "Couleur\u00a0: "),
            ({"holiday_zone": "lune"}, "Jours fériés\u00a0: "),
            ({"town_hall_website": "javascript:alert(1)"}, "Site de la mairie\u00a0: "),
        ],
    )
    def test_refuses_what_cannot_be_kept(self, now, values, sentence):
        commune = make_commune()
        with pytest.raises(WorkflowError, match=sentence):
            update_town_hall(commune, values, by=None, now=now)
        assert Commune.objects.get().version == commune.version


def test_without_geometry_is_counted(now):
    bare = CommuneValues(insee_code="99138", name="Monaco", department="99")
    assert save(bare, now=now).without_geometry == 1


class TestByWhom:
    @pytest.mark.parametrize("who", ["agent", "helper", "referent elsewhere", "merchant"])
    def test_a_stranger_writes_nothing(self, now, who):
        commune, elsewhere = make_commune("Suresnes"), make_commune("Garches")
        place = elsewhere if "elsewhere" in who else commune
        by = make_user() if who == "merchant" else make_colleague(place, who.split()[0])
        for act in (
            lambda: update_town_hall(commune, {"welcome_text": "Non"}, by=by, now=now),
            lambda: set_logo(commune, None, by=by, now=now),
            lambda: write_reasons(commune, "refusal", [("Un", "Texte")], by=by, now=now),
        ):
            with pytest.raises(WorkflowError, match="Seul un référent"):
                act()
        assert not StandardReason.objects.exists()
        assert Commune.objects.get(pk=commune.pk).version == commune.version

    def test_a_referent_does(self, now):
        commune = make_commune("Suresnes")
        by = make_colleague(commune, "referent")
        group = make_category("Boulangerie").parent
        values = {"hidden_services": ["retrait"], "hidden_categories": [group]}
        update_town_hall(commune, values, by=by, now=now)
        stored = Commune.objects.get()
        assert (stored.hidden_services, stored.version) == (["retrait"], commune.version)
        assert list(stored.hidden_categories.all()) == [group]
        with pytest.raises(WorkflowError, match="n’existe pas"):
            update_town_hall(commune, {"hidden_services": ["drone"]}, by=by, now=now)


class TestReasons:
    def test_of_one_kind_leave_the_others_and_keep_their_numbers(self, now):
        commune, elsewhere = make_commune("Suresnes"), make_commune("Garches")
        for place, kind in ((commune, "refusal"), (commune, "claim"), (elsewhere, "refusal")):
            write_reasons(place, kind, [("Un", "A"), ("Deux", "B")], by=None, now=now)
        two = StandardReason.objects.get(commune=commune, kind="refusal", title="Deux")
        write_reasons(commune, "refusal", [("Deux", " B "), ("Trois", "C")], by=None, now=now)
        rows = StandardReason.objects.filter(commune=commune, kind="refusal")
        assert list(rows.values_list("title", "text", "position")) == [
            ("Deux", "B", 0),
            ("Trois", "C", 1),
        ]
        assert rows[0].pk == two.pk
        assert StandardReason.objects.count() == 6

    @pytest.mark.parametrize(
        "rows", [[("", "A")], [("A", " ")], [("A", "x" * 501)], [(f"{n}", "A") for n in range(31)]]
    )
    def test_refuse_what_is_no_reason(self, now, rows):
        with pytest.raises(WorkflowError):
            write_reasons(make_commune(), "refusal", rows, by=None, now=now)
