"""Every file here is made here, the nasty ones byte by byte."""

import random
import struct
import warnings
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms, ImageDraw

from merchants import photos
from merchants.photos import PhotoError, process

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
UNREADABLE = "Ce fichier n’est pas une photo lisible. Envoyez un JPEG, un PNG ou un WebP."
DAMAGED = "Cette photo est incomplète ou abîmée. Envoyez-la de nouveau."


def halves(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right, with a green corner at the top left."""
    image = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height), BLUE)
    draw.rectangle((0, 0, width // 8, height // 8), GREEN)
    return image.convert(mode)


def saved(image: Image.Image, format: str, **options) -> BytesIO:
    buffer = BytesIO()
    image.save(buffer, format, **options)
    return buffer


def opened(body: bytes) -> Image.Image:
    return Image.open(BytesIO(body), formats=["WEBP"])


def near(color: tuple[int, ...], wanted: tuple[int, ...], by: int = 25) -> bool:
    return all(abs(one - other) <= by for one, other in zip(color, wanted, strict=True))


def the_picture(processed: photos.ProcessedPhoto) -> Image.Image:
    return opened(processed.files[processed.width])


def refusal(file: BytesIO | bytes) -> str:
    with pytest.raises(PhotoError) as error:
        process(file if isinstance(file, BytesIO) else BytesIO(file))
    return str(error.value)


class TestWidths:
    @pytest.mark.parametrize(
        ("width", "widths"),
        [
            (3000, [480, 960, 1600]),
            (1600, [480, 960, 1600]),
            (1599, [480, 960, 1599]),
            (700, [480, 700]),
            (480, [480]),
            (300, [300]),
            (1, [1]),
        ],
    )
    def test_never_wider_than_it_came(self, width, widths):
        processed = process(saved(Image.new("RGB", (width, max(width // 2, 1))), "JPEG"))
        assert list(processed.files) == widths
        assert processed.width == widths[-1]
        assert processed.height == pytest.approx(max(processed.width // 2, 1), abs=1)
        for size, body in processed.files.items():
            image = opened(body)
            assert image.size == (size, pytest.approx(max(size // 2, 1), abs=1))

    def test_others_than_ours(self):
        assert list(process(saved(halves(), "PNG"), widths=(100, 50)).files) == [50, 100]

    def test_reads_from_the_beginning(self):
        file = saved(halves(), "JPEG")
        assert file.tell() > 0
        assert process(file) == process(file)

    @pytest.mark.parametrize(("width", "height"), [(400, 4001), (4001, 400), (1, 16000)])
    def test_an_elongated_picture(self, width, height):
        file = saved(Image.new("L", (width, height)), "PNG")
        assert refusal(file) == "Cette photo est trop allongée. Recadrez-la avant de l’envoyer."


class TestFormats:
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "MPO"])
    @pytest.mark.parametrize("mode", ["RGB", "L"])
    def test_what_phones_and_computers_send(self, format, mode):
        processed = process(saved(halves(mode=mode), format))
        picture = the_picture(processed)
        assert picture.size == (400, 300)
        expected = halves(mode=mode).convert("RGB")
        for place in [(10, 10), (100, 200), (300, 200)]:
            assert near(picture.getpixel(place), expected.getpixel(place), by=40)

    def test_a_progressive_jpeg(self):
        assert process(saved(halves(2000, 1500), "JPEG", progressive=True)).width == 1600

    def test_cmyk(self):
        picture = the_picture(process(saved(halves(mode="CMYK"), "JPEG")))
        assert near(picture.getpixel((100, 200)), RED)
        assert near(picture.getpixel((300, 200)), BLUE)

    def test_grey_of_16_bits_is_not_clipped_to_white(self):
        grey = Image.new("I;16", (400, 300), 0x4000)
        assert near(the_picture(process(saved(grey, "PNG"))).getpixel((10, 10)), (64, 64, 64), 2)

    def test_colour_of_16_bits(self):
        rows = b"".join(b"\0" + struct.pack(">HHH", 0xFFFF, 0x8000, 0) * 40 for _row in range(30))
        file = png(40, 30, rows, depth=16, color=2)
        assert near(the_picture(process(file)).getpixel((20, 15)), (255, 128, 0))

    def test_one_bit(self):
        picture = the_picture(process(saved(Image.new("1", (400, 300), 1), "PNG")))
        assert picture.getpixel((10, 10)) == WHITE

    @pytest.mark.parametrize("format", ["PNG", "WEBP"])
    def test_transparent_is_on_white(self, format):
        image = halves(mode="RGBA")
        image.putalpha(Image.new("L", image.size, 0))
        image.paste((0, 0, 0, 255), (0, 0, 200, 300))
        picture = the_picture(process(saved(image, format)))
        assert picture.mode == "RGB"
        assert near(picture.getpixel((100, 200)), (0, 0, 0))
        assert near(picture.getpixel((300, 200)), WHITE)

    @pytest.mark.parametrize("format", ["PNG", "GIF"])
    def test_a_palette_with_a_transparent_colour(self, format):
        image = Image.new("P", (400, 300), 1)
        image.putpalette([*BLUE, *RED])
        image.paste(0, (200, 0, 400, 300))
        picture = the_picture(process(saved(image, format, transparency=0)))
        assert near(picture.getpixel((100, 200)), RED)
        assert near(picture.getpixel((300, 200)), WHITE)

    @pytest.mark.parametrize("mode", ["L", "RGB"])
    def test_a_transparent_colour_without_a_palette(self, mode):
        image = Image.new(mode, (400, 300), "white")
        key = 255 if mode == "L" else WHITE
        image.paste("black", (0, 0, 200, 300))
        picture = the_picture(process(saved(image, "PNG", transparency=key)))
        assert near(picture.getpixel((300, 200)), WHITE)

    @pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
    def test_of_an_animation_the_first_picture(self, format):
        frames = [Image.new("RGB", (400, 300), color) for color in (GREEN, RED, BLUE)]
        file = saved(frames[0], format, save_all=True, append_images=frames[1:], duration=100)
        picture = the_picture(process(file))
        assert near(picture.getpixel((10, 10)), GREEN)
        assert picture.n_frames == 1


class TestOrientation:
    # Where the green corner and the blue half of a stored picture are seen (EXIF 2.32, 4.6.4).
    @pytest.mark.parametrize(
        ("orientation", "size", "corner", "blue"),
        [
            (1, (400, 300), (5, 5), (390, 150)),
            (2, (400, 300), (394, 5), (10, 150)),
            (3, (400, 300), (394, 294), (10, 150)),
            (4, (400, 300), (5, 294), (390, 150)),
            (5, (300, 400), (5, 5), (150, 390)),
            (6, (300, 400), (294, 5), (150, 390)),
            (7, (300, 400), (294, 394), (150, 10)),
            (8, (300, 400), (5, 394), (150, 10)),
            (9, (400, 300), (5, 5), (390, 150)),
        ],
    )
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
    def test_is_applied(self, format, orientation, size, corner, blue):
        exif = Image.Exif()
        exif[photos.ORIENTATION] = orientation
        picture = the_picture(process(saved(halves(), format, exif=exif)))
        assert picture.size == size
        assert near(picture.getpixel(corner), GREEN, 60)
        assert near(picture.getpixel(blue), BLUE, 60)

    def test_of_a_picture_made_smaller_while_it_is_decoded(self):
        exif = Image.Exif()
        exif[photos.ORIENTATION] = 6
        processed = process(saved(halves(4000, 3400), "JPEG", exif=exif))
        assert (processed.width, processed.height) == (1600, 1882)

    def test_a_broken_exif_costs_the_orientation_only(self):
        file = saved(halves(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow says what it skips.
            assert process(file).width == 400


class TestMetadata:
    def test_nothing_is_left(self):
        exif = Image.Exif()
        exif[photos.ORIENTATION] = 1
        exif[0x010F] = "Telephone-de-Camille"
        exif.get_ifd(0x8825)[2] = (48.0, 52.0, 15.6)
        exif.get_ifd(0x8825)[1] = "N"
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        file = saved(
            halves(2000, 1500), "JPEG", exif=exif, icc_profile=profile, comment=b"chez-Camille",
            xmp=b"<x:xmpmeta>Camille</x:xmpmeta>",
        )  # fmt: skip
        assert file.getvalue().count(b"Camille") == 3
        for body in process(file).files.values():
            assert chunks(body) == [b"VP8 "]
            assert b"Camille" not in body
            assert not {"exif", "xmp", "icc_profile"} & opened(body).info.keys()

    def test_another_colour_space_is_converted_first(self):
        """A profile that exchanges red and blue: visible where it is applied."""
        file = saved(Image.new("RGB", (400, 300), RED), "PNG", icc_profile=swapped_profile())
        assert near(the_picture(process(file)).getpixel((10, 10)), BLUE)

    def test_with_transparency_too(self):
        image = Image.new("RGBA", (400, 300), (*RED, 255))
        file = saved(image, "PNG", icc_profile=swapped_profile())
        assert near(the_picture(process(file)).getpixel((10, 10)), BLUE)

    @pytest.mark.parametrize(
        ("mode", "profile"),
        [("RGB", b"no profile"), ("L", b"no profile"), ("L", None), ("CMYK", None)],
    )
    def test_a_profile_that_does_not_fit_is_left_aside(self, mode, profile):
        file = saved(halves(mode=mode), "JPEG", icc_profile=profile or swapped_profile())
        expected = halves(mode=mode).convert("RGB").getpixel((100, 200))
        assert near(the_picture(process(file)).getpixel((100, 200)), expected)


class TestLimits:
    def test_an_empty_file(self):
        assert refusal(b"") == "Ce fichier est vide."

    def test_bytes_are_counted_before_anything_is_read(self):
        body = saved(halves(), "JPEG").getvalue()
        file = BytesIO(body + bytes(photos.MOST_BYTES + 1 - len(body)))
        said = "Cette photo pèse plus de 15\u00a0Mo. Choisissez-en une plus légère."
        assert refusal(file) == said
        assert file.tell() <= photos.MOST_BYTES + 1

    @pytest.mark.parametrize("side", [50_000, 10_000, 7_100])
    def test_a_bomb_is_refused_from_its_header(self, side):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            said = refusal(png(side, side, bytes(1000)))
        assert said.startswith("Cette photo compte plus de ")
        assert said.endswith("\u00a0millions de pixels. Réduisez-la avant de l’envoyer.")

    @pytest.mark.parametrize("side", [16_383, 8_000])
    def test_a_webp_bomb(self, side):
        bits = (side - 1) | ((side - 1) << 14)
        body = b"\x2f" + struct.pack("<I", bits) + bytes(99)
        body = b"VP8L" + struct.pack("<I", len(body)) + body
        assert "millions de pixels" in refusal(
            b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
        )

    def test_a_gif_bomb(self):
        body = bytearray(saved(Image.new("P", (10, 10)), "GIF").getvalue())
        body[6:10] = struct.pack("<HH", 60_000, 60_000)
        assert "millions de pixels" in refusal(bytes(body))

    def test_only_a_baseline_jpeg_may_have_the_pixels_of_a_whole_sensor(self):
        """It is made smaller while it is decoded; everything else stands in memory whole."""
        side = int(photos.MOST_PIXELS_WHOLE**0.5) + 1
        grey = Image.new("L", (side, side))
        assert process(saved(grey, "JPEG")).width == 1600
        said = "Cette photo compte plus de 16\u00a0millions de pixels."
        assert refusal(saved(grey, "JPEG", progressive=True)).startswith(said)
        assert refusal(saved(grey, "PNG")).startswith(said)

    def test_a_jpeg_of_a_thousand_passes(self):
        body = saved(halves(), "JPEG", progressive=True).getvalue()
        start = body.rindex(b"\xff\xda")
        scan = body[start:-2]
        many = body[:-2] + scan * 1000 + b"\xff\xd9"
        said = "Cette photo est codée d’une façon inhabituelle. Refaites-la."
        assert refusal(many) == said

    def test_what_follows_the_end_of_a_jpeg_is_not_counted(self):
        """A "motion photo" has a film there."""
        body = saved(halves(), "JPEG").getvalue()
        assert process(BytesIO(body + b"\xff\xda\x00\x02" * 1000)).width == 400


class TestWhatIsNoPhoto:
    @pytest.mark.parametrize(
        "body",
        [
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            b"<?xml version='1.0'?><svg/>",
            b"<!doctype html><script>alert(1)</script>",
            b"%PDF-1.7",
            b"GIF89a",
            b"\xff\xd8\xff",
            b"\0" * 100,
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\x10\0\0\0WEBPVP8 ",
            b"\0\0\0\x20ftypavif",
        ],
    )
    def test_is_refused(self, body):
        assert refusal(body) in {UNREADABLE, DAMAGED}

    @pytest.mark.parametrize("format", ["BMP", "TIFF", "ICO", "PPM", "TGA", "JPEG2000", "AVIF"])
    def test_formats_that_nobody_needs(self, format):
        assert refusal(saved(halves(), format)) == UNREADABLE

    @pytest.mark.parametrize("brand", sorted(photos.HEIC_BRANDS))
    def test_heic_says_how_to_set_the_phone(self, brand):
        said = refusal(b"\0\0\0\x18ftyp" + brand + bytes(200))
        assert said.startswith("Les photos HEIC ne sont pas lues ici.")
        assert "«\u00a0Le plus compatible\u00a0»" in said

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
    @pytest.mark.parametrize("kept", [0.9, 0.5, 0.3])
    def test_a_truncated_file(self, format, kept):
        noise = Image.effect_noise((400, 300), 90).convert("RGB")
        body = saved(noise, format).getvalue()
        assert refusal(body[: int(len(body) * kept)]) in {DAMAGED, UNREADABLE}

    @pytest.mark.parametrize("seed", range(4))
    def test_whatever_is_sent_is_shown_or_refused(self, seed):
        """Truncated and scribbled on: a photo or a PhotoError, and nothing else."""
        chance = random.Random(seed)
        exif = Image.Exif()
        exif[photos.ORIENTATION] = 6
        files = [
            saved(halves(90, 60), "JPEG", exif=exif, icc_profile=swapped_profile()),
            saved(halves(90, 60), "JPEG", progressive=True),
            saved(halves(90, 60, "CMYK"), "JPEG"),
            saved(halves(90, 60), "MPO", save_all=True, append_images=[halves(90, 60)]),
            saved(halves(90, 60), "PNG", icc_profile=swapped_profile()),
            saved(halves(90, 60, "P"), "PNG", transparency=1),
            saved(halves(90, 60, "RGBA"), "WEBP", exif=exif),
            saved(halves(90, 60), "GIF", save_all=True, append_images=[halves(90, 60, "L")]),
        ]
        for _time in range(150):
            body = bytearray(chance.choice(files).getvalue())
            if chance.random() < 0.3:
                del body[chance.randrange(len(body)) :]
            else:
                for _byte in range(chance.choice([1, 2, 8, 40])):
                    place = chance.randrange(min(len(body), chance.choice([40, 400, 10**6])))
                    body[place] = chance.randrange(256)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # Pillow's remarks on broken metadata.
                    assert process(BytesIO(bytes(body))).files
            except PhotoError as error:
                assert str(error)


def png(width: int, height: int, rows: bytes, *, depth: int = 8, color: int = 2) -> BytesIO:
    """A PNG by hand: its header promises what it likes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + check

    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))


def chunks(webp: bytes) -> list[bytes]:
    """The names of the chunks of a WebP file (RIFF container)."""
    assert webp[:4] == b"RIFF" and webp[8:12] == b"WEBP"
    names, place = [], 12
    while place < len(webp):
        names.append(webp[place : place + 4])
        size = struct.unpack("<I", webp[place + 4 : place + 8])[0]
        place += 8 + size + size % 2
    return names


def swapped_profile() -> bytes:
    """sRGB in which the red and the blue primary change places (ICC.1:2022, tag table)."""
    body = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for entry in range(struct.unpack(">I", body[128:132])[0]):
        place = 132 + 12 * entry
        name = bytes(body[place : place + 4])
        if name in {b"rXYZ", b"bXYZ"}:
            body[place : place + 4] = b"bXYZ" if name == b"rXYZ" else b"rXYZ"
    return bytes(body)
