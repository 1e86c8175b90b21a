from io import BytesIO
from itertools import count

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from PIL import Image

from merchants.models import Photo, Shop, ShopMember
from merchants.models.history import Action
from merchants.workflow import Conflict, WorkflowError
from merchants.workflow.photos import (
    MOST_PHOTOS,
    add_photo,
    describe_photo,
    order_photos,
    remove_photo,
)
from tests.factories import make_shop, make_user

pytestmark = pytest.mark.django_db


_shades = count()


def picture(width: int = 600) -> BytesIO:
    """A file like no other."""
    shade = next(_shades)
    buffer = BytesIO()
    Image.new("RGB", (width, width // 2), (200, shade % 256, shade // 256)).save(buffer, "PNG")
    return buffer


@pytest.fixture
def shop():
    return make_shop("Le Fournil")


@pytest.fixture
def owner(shop, now):
    user = make_user()
    ShopMember.objects.create(shop=shop, user=user, role="owner", since=now)
    return user


@pytest.fixture
def add(shop, owner, now):
    def add(alt: str = "La vitrine", **options) -> Photo:
        return add_photo(shop, options.pop("file", None) or picture(), alt=alt, by=owner, now=now)

    return add


def files(settings) -> list[str]:
    """All files and folders under the photos' own folder."""
    folder = settings.MEDIA_ROOT / "photos"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def alts(shop) -> list[tuple[int, str]]:
    return list(shop.photos.values_list("position", "alt"))


def version(shop) -> int:
    return Shop.objects.select_related("commune").get(pk=shop.pk).commune.version


class TestAdd:
    def test_writes_files_row_and_history(self, shop, owner, add, settings, now):
        before = version(shop)
        photo = add("  La   vitrine ")
        photo = Photo.objects.get(pk=photo.pk)
        assert (photo.alt, photo.position, photo.widths) == ("La vitrine", 0, [480, 600])
        assert (photo.width, photo.height) == (600, 300)
        random = photo.stem.split("/")[1]
        assert len(random) == 24
        assert files(settings) == [random, f"{random}/photo-480.webp", f"{random}/photo-600.webp"]
        with default_storage.open(photo.file_name(480)) as file:
            assert Image.open(file, formats=["WEBP"]).size == (480, 240)
        assert version(shop) == before + 1
        entry = shop.history.get(action=Action.EDIT)
        assert (entry.by, entry.capacity, entry.at) == (owner, "merchant", now)
        assert entry.changes == {"photos": [[], ["La vitrine"]]}
        assert entry.note == "Photo ajoutée"
        assert shop.version == entry.version

    def test_one_after_the_other(self, shop, add):
        for alt in ("un", "deux", "trois"):
            add(alt)
        assert alts(shop) == [(0, "un"), (1, "deux"), (2, "trois")]

    def test_six_at_most(self, shop, add, settings):
        for number in range(MOST_PHOTOS):
            add(str(number))
        held = files(settings)
        with pytest.raises(WorkflowError, match="6\u00a0photos au plus"):
            add("la septième")
        assert files(settings) == held

    def test_a_sixth_that_came_meanwhile(self, shop, owner, add, settings, now, monkeypatch):
        """Counted again under the lock: the photo that was decoded meanwhile leaves nothing."""
        for number in range(MOST_PHOTOS - 1):
            add(str(number))

        class Slow(BytesIO):
            done = False

            def read(self, *arguments):
                if not Slow.done:
                    Slow.done = True
                    add("la sixième, plus vite")
                return super().read(*arguments)

        with pytest.raises(WorkflowError, match="6\u00a0photos au plus"):
            add("la septième", file=Slow(picture().getvalue()))
        assert len([name for name in files(settings) if "/" not in name]) == MOST_PHOTOS

    def test_the_same_file_again_is_a_second_click(self, shop, add, settings):
        file = picture()
        first = add("La vitrine", file=file)
        held, entries = files(settings), shop.history.count()
        assert add("La  vitrine", file=file) == first
        assert (files(settings), shop.history.count()) == (held, entries)

    def test_a_second_click_on_the_sixth(self, shop, add):
        for number in range(MOST_PHOTOS - 1):
            add(str(number))
        file = picture()
        assert add("la sixième", file=file) == add("la sixième", file=file)

    def test_a_second_click_while_the_first_is_decoded(self, shop, owner, add, settings, now):
        file = picture().getvalue()

        class Slow(BytesIO):
            reads = 0

            def read(self, *arguments):
                Slow.reads += 1
                if Slow.reads == 3:  # Marked already (the file, then its end), about to be decoded.
                    add("La vitrine", file=BytesIO(file))
                return super().read(*arguments)

        photo = add("La vitrine", file=Slow(file))
        assert Slow.reads >= 3
        assert shop.photos.get() == photo
        assert len([name for name in files(settings) if "/" not in name]) == 1

    def test_the_same_file_with_other_words(self, shop, add):
        file = picture()
        add("La vitrine", file=file)
        with pytest.raises(WorkflowError, match="déjà dans la fiche, décrite «\u00a0La vitrine"):
            add("Le comptoir", file=file)
        assert shop.photos.count() == 1

    def test_a_file_that_was_taken_away_may_come_back(self, shop, owner, add, now):
        file = picture()
        first = add("La vitrine", file=file)
        stem = first.stem
        remove_photo(first, by=owner, now=now)
        assert add("La vitrine", file=file).stem != stem

    def test_two_shops_may_show_the_same(self, shop, now):
        file = picture()
        other = make_shop("Ailleurs")
        for one in (shop, other):
            add_photo(one, file, alt="La rue", by=None, now=now)
        marks = {photo.stem.split("/")[1][:16] for photo in Photo.objects.all()}
        assert len(marks) == 2

    @pytest.mark.parametrize(
        ("alt", "sentence"), [("  ", "Décrivez la photo"), ("x" * 201, "trop longue")]
    )
    def test_a_description_is_needed(self, add, settings, alt, sentence):
        with pytest.raises(WorkflowError, match=sentence):
            add(alt)
        assert files(settings) == []

    def test_a_file_that_is_no_photo(self, shop, add, settings):
        with pytest.raises(WorkflowError, match="n’est pas une photo lisible"):
            add(file=BytesIO(b"<svg/>"))
        assert files(settings) == []
        assert not shop.photos.exists()

    def test_a_stranger(self, shop, settings, now):
        with pytest.raises(WorkflowError, match="ne permet pas cette action"):
            add_photo(shop, picture(), alt="La vitrine", by=make_user(), now=now)
        assert files(settings) == []

    def test_a_shop_that_closed_for_good(self, settings, now):
        shop = make_shop(status="closed")
        with pytest.raises(WorkflowError, match="a fermé définitivement"):
            add_photo(shop, picture(), alt="La vitrine", by=None, now=now)
        assert files(settings) == []

    def test_a_transaction_that_fails_leaves_no_file(self, add, shop, settings):
        def fail(execute, sql, params, many, context):
            if "history" in sql and sql.startswith("INSERT"):
                raise DatabaseError("on purpose")
            return execute(sql, params, many, context)

        with pytest.raises(DatabaseError), connection.execute_wrapper(fail):
            add()
        assert files(settings) == []
        assert not shop.photos.exists()

    def test_a_disk_that_is_full_leaves_no_file(self, add, shop, settings, monkeypatch, caplog):
        save = FileSystemStorage._save

        def full(self, name, content):
            if "600" in name:
                raise OSError(28, "No space left on device")
            return save(self, name, content)

        monkeypatch.setattr(FileSystemStorage, "_save", full)
        with pytest.raises(WorkflowError, match="n’a pas pu être enregistrée"):
            add()
        assert files(settings) == []
        assert not shop.photos.exists()
        assert f"shop {shop.pk}:" in caplog.text

    @pytest.mark.django_db(transaction=True)
    def test_commits_by_itself(self, add, shop):
        with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
            add()
        add()
        assert shop.photos.count() == 1

    def test_a_draft_renews_no_page(self, now):
        shop = make_shop(status="draft")
        before = version(shop)
        add_photo(shop, picture(), alt="La vitrine", by=None, now=now)
        assert version(shop) == before


class TestRemove:
    def test_files_go_on_commit_and_the_next_is_the_cover(
        self, shop, owner, add, settings, now, django_capture_on_commit_callbacks
    ):
        first, _second, _third = add("un"), add("deux"), add("trois")
        before = version(shop)
        with django_capture_on_commit_callbacks(execute=True):
            remove_photo(first, by=owner, now=now)
            assert len(files(settings)) == 9  # Until the commit, a page may still name them.
        assert alts(shop) == [(0, "deux"), (1, "trois")]
        assert len(files(settings)) == 6
        assert first.stem.split("/")[1] not in files(settings)
        assert version(shop) == before + 1
        entry = shop.history.first()
        assert entry.changes == {"photos": [["un", "deux", "trois"], ["deux", "trois"]]}

    def test_a_second_click(self, add, owner, now):
        photo = add()
        again = Photo.objects.get(pk=photo.pk)
        remove_photo(photo, by=owner, now=now)
        with pytest.raises(WorkflowError, match="quelqu’un vient de la retirer"):
            remove_photo(again, by=owner, now=now)

    def test_a_stranger(self, add, shop, now):
        photo = add()
        with pytest.raises(WorkflowError, match="ne permet pas"):
            remove_photo(photo, by=make_user(), now=now)
        assert shop.photos.count() == 1

    def test_files_that_are_gone_already(
        self, add, owner, shop, now, django_capture_on_commit_callbacks
    ):
        photo = add()
        default_storage.delete(photo.file_name(480))
        with django_capture_on_commit_callbacks(execute=True):
            remove_photo(photo, by=owner, now=now)
        assert not shop.photos.exists()


class TestOrder:
    def test_the_first_is_the_cover(self, shop, owner, add, now):
        one, two, three = add("un"), add("deux"), add("trois")
        before = version(shop)
        order_photos(shop, [three.pk, one.pk, two.pk], by=owner, now=now)
        assert alts(shop) == [(0, "trois"), (1, "un"), (2, "deux")]
        assert version(shop) == before + 1
        assert shop.history.first().note == "Photos réordonnées"

    def test_the_same_order_writes_nothing(self, shop, owner, add, now):
        keys = [add("un").pk, add("deux").pk]
        before = version(shop)
        order_photos(shop, keys, by=owner, now=now)
        assert version(shop) == before

    def test_all_of_them_and_each_once(self, shop, owner, add, now):
        one, two = add("un"), add("deux")
        other = add_photo(make_shop(), picture(), alt="ailleurs", by=None, now=now)
        for keys in ([one.pk], [one.pk, one.pk], [one.pk, two.pk, other.pk], []):
            with pytest.raises(WorkflowError, match="ont changé entre-temps"):
                order_photos(shop, keys, by=owner, now=now)
        assert alts(shop) == [(0, "un"), (1, "deux")]

    @pytest.mark.parametrize("count", [1, 3])
    def test_costs_the_same_with_many(self, shop, owner, add, now, count):
        keys = [add(str(number)).pk for number in range(count + 1)]
        with CaptureQueriesContext(connection) as caught:
            order_photos(shop, keys[::-1], by=owner, now=now)
        assert len(caught) == 15


class TestDescribe:
    def test_says_anew_what_it_shows(self, shop, owner, add, now):
        photo = add("La vitrine")
        before = version(shop)
        describe_photo(photo, alt=" La vitrine,  le soir ", by=owner, now=now)
        assert photo.alt == "La vitrine, le soir"
        assert alts(shop) == [(0, "La vitrine, le soir")]
        assert version(shop) == before + 1
        describe_photo(photo, alt="La vitrine, le soir", by=owner, now=now)
        assert version(shop) == before + 1

    @pytest.mark.parametrize(
        ("alt", "sentence"), [("", "Décrivez la photo"), ("x" * 201, "trop longue")]
    )
    def test_a_description_is_needed(self, add, owner, now, alt, sentence):
        photo = add()
        with pytest.raises(WorkflowError, match=sentence):
            describe_photo(photo, alt=alt, by=owner, now=now)

    def test_one_that_was_removed(self, add, owner, now):
        photo = add()
        remove_photo(Photo.objects.get(pk=photo.pk), by=owner, now=now)
        with pytest.raises(WorkflowError, match="n’est plus là"):
            describe_photo(photo, alt="La vitrine", by=owner, now=now)

    def test_somebody_described_it_meanwhile(self, add, owner, now, shop):
        photo = add("La vitrine")
        describe_photo(Photo.objects.get(), alt="La façade", by=owner, now=now, seen="La vitrine")
        with pytest.raises(Conflict, match=r"décrite autrement entre-temps.*La façade"):
            describe_photo(photo, alt="La rue", by=owner, now=now, seen="La vitrine")
        # A second click on the same button finds its words in place.
        describe_photo(photo, alt="La façade", by=owner, now=now, seen="La vitrine")
        describe_photo(photo, alt="La rue", by=owner, now=now, seen="La façade")
        assert shop.photos.get().alt == "La rue"
