"""The photos of a listing: added, described, put in order, taken away; and what is no photo."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from commerce_local.uploads import MOST_KEPT, BoundedUploadHandler
from merchants.models import HistoryEntry, Photo, Shop
from merchants.models.commune import EditPolicy
from merchants.models.role import RoleKind
from merchants.photos import MOST_BYTES
from merchants.workflow.photos import add_photo, remove_photo
from merchants.workflow.roles import give_role
from tests.factories import NOW, make_member, make_shop, make_user

pytestmark = pytest.mark.django_db

UNREADABLE = "Ce fichier n’est pas une photo lisible. Envoyez un JPEG, un PNG ou un WebP."


def file_of(image: Image.Image, format: str = "JPEG", name: str = "", **options):
    buffer = BytesIO()
    image.save(buffer, format, **options)
    return SimpleUploadedFile(name or f"photo.{format.lower()}", buffer.getvalue())


def picture(color: str = "red", **options):
    return file_of(Image.new("RGB", (600, 400), color), **options)


@pytest.fixture
def page_url(url):
    return url("photos/")


@pytest.fixture
def send(awa, shop, page_url):
    """Sends the page's forms as a browser does."""

    def send(do: str = "add", **data):
        return awa.post(page_url, {"version": shop.version, "do": do} | data)

    return send


@pytest.fixture
def three(shop, owner):
    for color in ("red", "green", "blue"):
        add_photo(shop, picture(color), alt=color, by=owner, now=NOW)
    shop.refresh_from_db()
    return list(Photo.objects.all())


def alts() -> list[str]:
    return list(Photo.objects.values_list("alt", flat=True))


class TestAdd:
    def test_from_the_page_to_the_public_page(self, awa, client, shop, send, page_url, text):
        page = awa.get(page_url)
        assert "La première photo" in text(page)
        assert 'accept="image/jpeg,image/png,image/webp"' in page.content.decode()
        assert send(file=picture(), alt=" La  vitrine ").url == page_url
        said = text(awa.get(page_url))
        assert "La photo est ajoutée." in said
        assert "Photo 1 couverture" in said
        assert "Il reste 5 places." in said
        photo = Photo.objects.get()
        assert (photo.alt, photo.width) == ("La vitrine", 600)
        public = client.get(shop.get_absolute_url()).content.decode()
        assert 'alt="La vitrine"' in public and photo.largest_url in public

    def test_a_second_click_adds_nothing(self, shop, send, page_url):
        data = {"file": picture(), "alt": "La vitrine"}
        for _click in range(2):
            data["file"].seek(0)
            assert send(**data).url == page_url
        assert alts() == ["La vitrine"]
        assert HistoryEntry.objects.filter(note="Photo ajoutée").count() == 1

    def test_the_same_photo_under_another_name_is_told(self, send, text):
        send(file=picture(), alt="La vitrine")
        page = send(file=picture(name="copie.jpg"), alt="Le comptoir")
        assert "Cette photo est déjà dans la fiche, décrite « La vitrine »." in text(page)
        assert 'value="Le comptoir"' in page.content.decode()

    def test_a_seventh(self, send, text, page_url, awa):
        for number in range(6):
            send(file=picture(f"#{number}0{number}0{number}0"), alt=str(number))
        assert "Votre fiche porte 6 photos, c’est le maximum." in text(awa.get(page_url))
        send(file=picture("#90f0f0"), alt="la septième")
        assert len(alts()) == 6

    @pytest.mark.parametrize(
        ("data", "sentence", "kept"),
        [
            ({"alt": "La vitrine"}, "Choisissez une photo.", "La vitrine"),
            ({"alt": ""}, "Décrivez la photo en quelques mots", ""),
            ({"alt": "x" * 201}, "200", "x" * 201),
        ],
    )
    def test_what_is_missing_is_told(self, send, text, data, sentence, kept):
        if data["alt"] != "La vitrine":
            data = data | {"file": picture()}
        page = send(**data)
        assert page.status_code == 200
        assert sentence in text(page)
        assert f'value="{kept}"' in page.content.decode() or not kept
        assert not Photo.objects.exists()

    def test_a_town_hall_that_reads_everything_does_not_hold_photos_back(
        self, awa, client, shop, send, page_url, text
    ):
        shop.commune.edit_policy = EditPolicy.VALIDATION
        shop.commune.save()
        said = text(awa.get(page_url))
        assert "En ligne dès que vous enregistrez." in said
        assert "Les photos n’attendent pas la validation de la mairie" in said
        send(file=picture(), alt="La vitrine")
        assert "La vitrine" in client.get(shop.get_absolute_url()).content.decode()

    def test_a_shop_that_closed_for_good(self, send, text):
        Shop.objects.update(status="closed")
        page = send(file=picture(), alt="La vitrine")
        assert "a fermé définitivement" in text(page)
        assert not Photo.objects.exists()


def png(width: int, height: int) -> bytes:
    """The beginning of a PNG that promises that many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def left_and_right() -> Image.Image:
    image = Image.new("RGB", (600, 400), "red")
    ImageDraw.Draw(image).rectangle((300, 0, 600, 400), "blue")
    return image


def exif(orientation: int = 1) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "Telephone-de-Camille"
    tags.get_ifd(0x8825).update({1: "N", 2: (48.0, 52.0, 15.0), 3: "E", 4: (2.0, 13.0, 44.0)})
    return tags


class TestEveryKindOfFile:
    """Through the page: the right photo, or a sentence, and nothing else lost."""

    @pytest.mark.parametrize(
        ("file", "size"),
        [
            (lambda: file_of(left_and_right(), exif=exif(6)), (400, 600)),
            (lambda: file_of(left_and_right().convert("CMYK")), (600, 400)),
            (lambda: file_of(Image.new("I;16", (600, 400), 0x4000), "PNG"), (600, 400)),
            (lambda: file_of(left_and_right().convert("RGBA"), "PNG"), (600, 400)),
            (lambda: file_of(left_and_right(), "WEBP"), (600, 400)),
            (
                lambda: file_of(
                    left_and_right(), "GIF", save_all=True, append_images=[left_and_right()]
                ),
                (600, 400),
            ),
            (
                lambda: file_of(
                    left_and_right(),
                    "WEBP",
                    save_all=True,
                    append_images=[Image.new("RGB", (600, 400))],
                ),
                (600, 400),
            ),
            # A photo whose name lies is the photo that it is.
            (lambda: file_of(left_and_right(), "PNG", name="photo.svg"), (600, 400)),
        ],
        ids=["turned", "cmyk", "grey16", "rgba", "webp", "gif", "animated", "name"],
    )
    def test_a_photo_is_shown(self, send, file, size):
        assert send(file=file(), alt="La vitrine").status_code == 302
        photo = Photo.objects.get()
        assert (photo.width, photo.height) == size
        for width in photo.widths:
            with default_storage.open(photo.file_name(width)) as written:
                body = written.read()
                shown = Image.open(BytesIO(body), formats=["WEBP"])
                assert (shown.mode, getattr(shown, "n_frames", 1)) == ("RGB", 1)
                assert not shown.getexif() and b"Camille" not in body

    @pytest.mark.parametrize(
        ("name", "body", "sentence"),
        [
            ("IMG_1.HEIC", b"\0\0\0\x18ftypheic" + bytes(400), "Les photos HEIC ne sont pas lues"),
            ("photo.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", UNREADABLE),
            ("photo.jpg", b"<!doctype html><script>alert(1)</script>", UNREADABLE),
            ("photo.jpg", b"", "Ce fichier est vide."),
            ("devis.pdf", b"%PDF-1.7", UNREADABLE),
            ("bombe.png", png(50_000, 50_000), "millions de pixels"),
            ("court.png", png(600, 400), "incomplète ou abîmée"),
            ("gros.jpg", b"\xff\xd8" + bytes(15 * 1024**2), "pèse plus de 15 Mo"),
            ("enorme.jpg", b"\xff\xd8" + bytes(17 * 1024**2), "pèse plus de 15 Mo"),
        ],
        ids=["heic", "svg", "html", "empty", "pdf", "bomb", "short", "heavy", "heavier"],
    )
    def test_what_is_none_gets_a_sentence(self, send, text, settings, name, body, sentence):
        page = send(file=SimpleUploadedFile(name, body), alt="La vitrine")
        assert page.status_code == 200
        assert sentence in text(page)
        assert 'value="La vitrine"' in page.content.decode()
        assert not Photo.objects.exists()
        assert not list(settings.MEDIA_ROOT.rglob("*.*"))

    def test_a_truncated_photo(self, send, text):
        body = file_of(Image.effect_noise((600, 400), 90)).read()
        page = send(file=SimpleUploadedFile("photo.jpg", body[: len(body) // 2]), alt="La vitrine")
        assert "Cette photo est incomplète ou abîmée." in text(page)


class TestOrder:
    def test_the_buttons_say_the_whole_order(self, awa, client, shop, three, page_url, send, text):
        one, two, last = (photo.pk for photo in three)
        row = awa.get(page_url).context["rows"][2]
        assert row["first"] == f"{last},{one},{two}"
        assert row["earlier"] == f"{one},{last},{two}"
        assert row["later"] == ""
        for _click in range(2):
            assert send("", order=row["first"]).url == page_url
        assert alts() == ["blue", "red", "green"]
        assert HistoryEntry.objects.filter(note="Photos réordonnées").count() == 1
        card = client.get(f"{shop.get_absolute_url()}carte/")
        assert card.status_code == 200

    @pytest.mark.parametrize("order", ["", "1,2", "x", "9" * 30, ","])
    def test_another_tab_took_one_away(self, three, send, text, order):
        page = send("", order=order)
        assert "Les photos ont changé entre-temps." in text(page)
        assert alts() == ["red", "green", "blue"]


class TestDescribe:
    def test_each_by_itself(self, three, send, page_url):
        key = three[1].pk
        data = {f"alt-{key}": "Le comptoir", f"seen-{key}": "green"}
        for _click in range(2):
            assert send(f"describe:{key}", **data).url == page_url
        assert alts() == ["red", "Le comptoir", "blue"]
        assert HistoryEntry.objects.filter(note="Photo décrite").count() == 1

    @pytest.mark.parametrize(("alt", "sentence"), [(" ", "Décrivez la photo"), ("x" * 201, "200")])
    def test_a_mistake_stands_at_its_photo(self, three, send, text, alt, sentence):
        key = three[1].pk
        page = send(f"describe:{key}", **{f"alt-{key}": alt, f"seen-{key}": "green"})
        assert sentence in text(page)
        row = page.context["rows"][1]
        assert (row["alt"], bool(row["error"])) == (alt, True)
        assert alts() == ["red", "green", "blue"]

    def test_another_tab_described_it_meanwhile(self, three, send, text):
        key = three[1].pk
        send(f"describe:{key}", **{f"alt-{key}": "Premier", f"seen-{key}": "green"})
        page = send(f"describe:{key}", **{f"alt-{key}": "Second", f"seen-{key}": "green"})
        assert "décrite autrement entre-temps : « Premier »" in text(page)
        assert 'value="Second"' in page.content.decode()
        assert f'name="seen-{key}" value="Premier"' in page.content.decode()
        send(f"describe:{key}", **{f"alt-{key}": "Second", f"seen-{key}": "Premier"})
        assert alts() == ["red", "Second", "blue"]


class TestRemove:
    def test_asks_first(self, three, send, text, page_url, awa):
        key = three[0].pk
        page = send(f"remove:{key}")
        assert "Retirer cette photo ?" in text(page)
        assert len(alts()) == 3
        assert send(f"removed:{key}").url == page_url
        assert alts() == ["green", "blue"]
        assert "La photo est retirée." in text(awa.get(page_url))
        # A second click.
        assert send(f"removed:{key}").url == page_url

    @pytest.mark.parametrize("do", ["remove", "removed", "describe"])
    def test_somebody_took_it_away_before(self, three, send, text, do, shop):
        key = three[0].pk
        remove_photo(three[0], by=make_user(is_superuser=True), now=NOW)
        page = send(f"{do}:{key}", **{f"alt-{key}": "x"})
        assert "Cette photo n’est plus là : quelqu’un vient de la retirer." in text(page)

    def test_of_another_shop(self, login, shop, three, text):
        mine = make_shop("À moi", commune=shop.commune)
        me = login(make_member(mine))
        address = f"/mon-commerce/{mine.pk}/photos/"
        for do in ("remove", "removed", "describe"):
            page = me.post(address, {"version": mine.version, "do": f"{do}:{three[0].pk}"})
            assert "n’est plus là" in text(page)
        assert len(alts()) == 3


def test_a_helper_adds_one_for_a_merchant_who_has_no_account(login):
    shop = make_shop("Chez Léa")
    helper = make_user()
    give_role(helper, shop.commune, role=RoleKind.HELPER, by=None, now=NOW)
    address = f"/mon-commerce/{shop.pk}/photos/"
    data = {"version": shop.version, "do": "add", "alt": "La vitrine", "file": picture()}
    assert login(helper).post(address, data).url == address
    assert alts() == ["La vitrine"]
    assert HistoryEntry.objects.get(note="Photo ajoutée").capacity == "helper"
    assert Shop.objects.get().on_behalf
    make_member(shop)
    data["file"] = picture("blue")
    assert login(helper).post(address, data).status_code == 403


@pytest.mark.parametrize("do", ["", "add:", "remove:", "remove:x", "dance:1", "removed:9999999"])
def test_a_button_that_no_page_has(three, send, do):
    assert send(do).status_code == 200
    assert len(alts()) == 3


def test_no_more_of_a_file_than_is_read_comes_to_the_disk():
    handler = BoundedUploadHandler()
    handler.new_file("file", "enorme.jpg", "image/jpeg", None)
    part, sent = bytes(5_000_000), 0
    while sent < 30_000_000:
        assert handler.receive_data_chunk(part, sent) is None
        sent += len(part)
    file = handler.file_complete(sent)
    assert (file.size, len(file.read())) == (30_000_000, MOST_KEPT)
    assert MOST_KEPT > MOST_BYTES
    file.close()


def test_many_files_at_once_are_refused(awa, page_url, shop):
    data = {"version": shop.version, "do": "add", "alt": "x"}
    files = {f"file{number}": picture() for number in range(7)}
    assert awa.post(page_url, data | files).status_code == 400


def test_a_form_without_a_version_is_refused(awa, page_url):
    assert awa.post(page_url, {"do": "add", "alt": "x", "file": picture()}).status_code == 400


def test_costs_the_same_with_six(awa, shop, owner, page_url, django_assert_num_queries):
    add_photo(shop, picture("red"), alt="une", by=owner, now=NOW)
    awa.get(page_url)
    with django_assert_num_queries(10):
        awa.get(page_url)
    for color in ("green", "blue"):
        add_photo(shop, picture(color), alt=color, by=owner, now=NOW)
    with django_assert_num_queries(10):
        awa.get(page_url)
