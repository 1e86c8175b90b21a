import pytest

from merchants.geo import Point
from merchants.models import Commune
from merchants.opendata.places import Everywhere, Forced, PlaceError
from tests.factories import make_commune

pytestmark = pytest.mark.django_db

NOTHING = {"insee_code": "", "postcode": "", "city": ""}


def square(west: float, south: float, size: float = 0.1) -> dict:
    ring = [
        [west, south], [west + size, south], [west + size, south + size], [west, south + size],
        [west, south],
    ]  # fmt: skip
    return {"type": "Polygon", "coordinates": [ring]}


def commune(
    name: str, code: str, west: float, *, contour: bool = True, postcode="53000"
) -> Commune:
    return make_commune(
        name,
        insee_code=code,
        department=code[:2],
        postcodes=(postcode,),
        point=None,
        bbox=[west, 48.0, west + 0.1, 48.1],
        contour=square(west, 48.0) if contour else None,
    )


def find(point=None, **words) -> Commune:
    return Everywhere().commune_of(point, **NOTHING | words).commune


class TestForced:
    def test_one_kilometre_is_forgiven(self):
        laval = Forced(commune("Laval", "53130", 0.0))
        assert laval.commune_of(Point(48.05, 0.05), **NOTHING) == (laval.commune, 0)
        assert laval.commune_of(Point(48.108, 0.05), **NOTHING) == (laval.commune, 890)
        with pytest.raises(PlaceError) as caught:
            laval.commune_of(Point(48.12, 0.05), **NOTHING)
        assert caught.value.reason == "Hors de la commune (Laval)"
        assert caught.value.detail == "à 2,2\u00a0km de ses limites"

    def test_without_geometry_every_point_is_taken(self):
        place = Forced(make_commune("Monaco", insee_code="99138", department="99", point=None))
        assert place.commune_of(Point(43.7, 7.4), **NOTHING).commune.name == "Monaco"

    INSIDE, BESIDE = Point(48.05, 0.05), Point(48.105, 0.05)

    @pytest.mark.parametrize("point", [INSIDE, BESIDE, None])
    @pytest.mark.parametrize(
        "words",
        [
            {"postcode": "53260", "city": "Entrammes"},
            {"postcode": "53000", "city": "Changé"},  # another commune of the database
            {"city": "Changé"},
            {"insee_code": "53054"},
        ],
    )
    def test_a_line_that_names_another_commune_is_elsewhere(self, point, words):
        commune("Changé", "53054", 0.3)
        laval = Forced(commune("Laval", "53130", 0.0))
        with pytest.raises(PlaceError, match="Hors de la commune"):
            laval.commune_of(point, **NOTHING | words)

    @pytest.mark.parametrize("point", [INSIDE, BESIDE])
    @pytest.mark.parametrize(
        "words",
        [
            {"city": "LAVAL"},
            {"postcode": "53000", "city": "Grenoux"},  # a quarter
            {"postcode": "53020", "city": "Laval Cedex 9"},
            {"postcode": "5300", "city": "Laval"},
        ],
    )
    def test_what_contradicts_nothing_is_taken(self, point, words):
        laval = Forced(commune("Laval", "53130", 0.0))
        assert laval.commune_of(point, **NOTHING | words).commune.name == "Laval"

    @pytest.mark.parametrize("words", [{"postcode": "53020"}, {"city": "Grenoux"}])
    def test_a_doubt_counts_where_the_point_is_outside(self, words):
        laval = Forced(commune("Laval", "53130", 0.0))
        assert laval.commune_of(self.INSIDE, **NOTHING | words).metres_outside == 0
        with pytest.raises(PlaceError):
            laval.commune_of(self.BESIDE, **NOTHING | words)

    def test_a_homonym_at_the_other_end_of_the_country_says_nothing(self):
        make_commune("Grenoux", insee_code="2A001", department="2A", point=Point(41.9, 8.7))
        laval = Forced(commune("Laval", "53130", 0.0))
        assert laval.commune_of(self.INSIDE, **NOTHING | {"city": "Grenoux"})
        # Nearer, in another department, it does.
        make_commune("Oisseau", insee_code="61001", department="61", point=Point(48.2, 0.2))
        Commune.objects.update(latitude=48.05, longitude=0.05)
        laval = Forced(Commune.objects.get(name="Laval"))
        with pytest.raises(PlaceError):
            laval.commune_of(self.INSIDE, **NOTHING | {"city": "Oisseau"})


class TestEverywhere:
    def test_the_contour_decides(self):
        commune("Ouest", "53001", 0.0)
        commune("Est", "53002", 0.1)
        assert find(Point(48.05, 0.15), city="Ouest").name == "Est"

    def test_just_off_a_contour_the_line_must_name_it(self):
        commune("Ouest", "53001", 0.0)
        off = Point(48.105, 0.05)
        assert find(off, postcode="53000").name == "Ouest"
        place = Everywhere().commune_of(off, **NOTHING | {"city": "Ouest"})
        assert place.metres_outside == 556
        assert find(off, city="OUEST").name == "Ouest"
        with pytest.raises(PlaceError, match="Commune incertaine"):
            find(off)
        with pytest.raises(PlaceError, match="Aucune commune connue"):
            find(off, postcode="53999")

    def test_a_box_alone_is_too_coarse(self):
        commune("Ouest", "53001", 0.0, contour=False)
        commune("Est", "53002", 0.05, contour=False, postcode="53100")
        both = Point(48.05, 0.07)
        assert find(both, postcode="53100").name == "Est"
        assert find(both, insee_code="53001", postcode="53100").name == "Ouest"
        with pytest.raises(PlaceError, match="Commune incertaine"):
            find(both)

    def test_without_point(self):
        commune("Ouest", "53001", 0.0)
        commune("Est", "53002", 0.1)
        assert find(insee_code="53002").name == "Est"
        assert find(postcode="53000", city="est").name == "Est"
        with pytest.raises(PlaceError, match="Plusieurs communes possibles"):
            find(postcode="53000")
        with pytest.raises(PlaceError, match="Aucune commune connue"):
            find(postcode="99999")
        with pytest.raises(PlaceError, match="Ni position, ni code INSEE, ni code postal"):
            find(city="Est")

    @pytest.mark.parametrize(
        "words", [{"postcode": "75018"}, {"postcode": "75116"}, {"insee_code": "75118"}]
    )
    def test_arrondissements_are_paris(self, words):
        make_commune("Paris", insee_code="75056", department="75", point=None)
        make_commune("Paris 18e", insee_code="75118", department="75", postcodes=("75018",))
        assert find(**words).name == "Paris"
        assert find(Point(48.88, 2.33), **words).name == "Paris"

    @pytest.mark.parametrize("count", [1, 3])
    def test_questions_do_not_grow_with_lines(self, count, django_assert_num_queries):
        commune("Ouest", "53001", 0.0)
        with django_assert_num_queries(3):
            places = Everywhere()
            for _ in range(count):
                places.commune_of(Point(48.05, 0.05), **NOTHING)
