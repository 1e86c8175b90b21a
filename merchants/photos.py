"""Photos as they may be shown: whatever was sent is decoded and written anew, without metadata.

Nothing of the file that was sent is kept. Bytes, format and pixels are limited from the header,
before anything is decoded; docs/decisions/0010-photos.md has the figures.
"""

import re
import struct
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile

WIDTHS = (480, 960, 1600)  # pixels: a card, a phone, a desktop
QUALITY = 80  # of WebP, 0 to 100

MOST_BYTES = 15 * 1024 * 1024
# A baseline JPEG is made smaller while it is decoded, and a phone's whole sensor is welcome. The
# other formats, and progressive JPEG, stand in memory whole, several times over.
MOST_PIXELS = 50_000_000
MOST_PIXELS_WHOLE = 16_500_000
MOST_ELONGATED = 10  # the long side in short sides: WebP has 16,383 pixels a side at most
# Passes over a JPEG. A program writes ten; a hostile file has thousands, each over all pixels.
MOST_SCANS = 64

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# ISO base media files by their brand (ISO/IEC 23008-12, annex B).
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1"}
ORIENTATION = 0x0112  # EXIF 2.32, 4.6.4
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
LYING = {5, 6, 7, 8}  # orientations that exchange width and height
WHITE = (255, 255, 255)

# Photos sent at the same second wait for each other in a process, so that peaks do not add up.
_ONE_AT_A_TIME = threading.Lock()

# What Pillow's readers raise on damaged files.
_DAMAGED = (
    OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError,
    MemoryError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip


class PhotoError(ValueError):
    """The file is no photo that can be shown; the message is a French sentence for the person."""


@dataclass(frozen=True, slots=True)
class ProcessedPhoto:
    """A photo as WebP (sRGB, opaque, no metadata), by its width in pixels.

    `width` and `height` are those of the widest.
    """

    width: int
    height: int
    files: dict[int, bytes]


def process(file: BinaryIO, *, widths: Sequence[int] = WIDTHS) -> ProcessedPhoto:
    """Reads a JPEG, PNG, WebP or GIF and writes it at these widths, or at its own if it is smaller.

    Turned as EXIF says, in sRGB, on white where it was transparent; of an animation, the first
    picture. Raises PhotoError and nothing else.
    """
    data = _read(file)
    with _ONE_AT_A_TIME, _open(data) as image:
        _check_pixels(image, data)
        try:
            orientation = _orientation(image)
            widest = max(widths)
            if orientation in LYING:
                image.draft(None, (1, widest))
            else:
                image.draft(None, (widest, 1))
            profile = image.info.get("icc_profile")
            image.load()
            return _written(image, orientation, profile, widths)
        except _DAMAGED as error:
            raise PhotoError(
                _("Cette photo est incomplète ou abîmée. Envoyez-la de nouveau.")
            ) from error


def picture(file: BinaryIO, *, longest: int) -> Image.Image:
    """The same checks, for a drawing: its first picture with its transparency, in sRGB, turned as
    EXIF says, and at most `longest` pixels a side. Raises PhotoError and nothing else.
    """
    data = _read(file)
    with _ONE_AT_A_TIME, _open(data) as image:
        _check_pixels(image, data)
        try:
            orientation = _orientation(image)
            profile = image.info.get("icc_profile")
            image.load()
            drawing = _in_srgb(_plain(image), profile)
            drawing.thumbnail((longest, longest), Image.Resampling.LANCZOS)
            return drawing.transpose(TURNS[orientation]) if orientation in TURNS else drawing
        except _DAMAGED as error:
            raise PhotoError(
                _("Cette image est incomplète ou abîmée. Envoyez-la de nouveau.")
            ) from error


def _read(file: BinaryIO) -> bytes:
    file.seek(0)
    data = file.read(MOST_BYTES + 1)
    if not data:
        raise PhotoError(_("Ce fichier est vide."))
    if len(data) > MOST_BYTES:
        raise PhotoError(
            _("Cette photo pèse plus de %(megabytes)d\u00a0Mo. Choisissez-en une plus légère.")
            % {"megabytes": MOST_BYTES // 1024**2}
        )
    return data


def _open(data: bytes) -> Image.Image:
    """The header of a photo, whatever its name or its sender call it."""
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise PhotoError(
            _(
                "Les photos HEIC ne sont pas lues ici. Sur l’iPhone, choisissez Réglages, Appareil "
                "photo, Formats, «\u00a0Le plus compatible\u00a0», puis reprenez la photo."
            )
        )
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(MOST_PIXELS) from error
    except _DAMAGED as error:
        raise PhotoError(
            _("Ce fichier n’est pas une photo lisible. Envoyez un JPEG, un PNG ou un WebP.")
        ) from error


def _check_pixels(image: Image.Image, data: bytes) -> None:
    """Refuses what would cost too much to decode, by what the header says."""
    scans = _scans(data) if isinstance(image, JpegImageFile) else 0
    most = MOST_PIXELS if scans == 1 else MOST_PIXELS_WHOLE
    width, height = image.size
    if width * height > most:
        raise _too_many_pixels(most)
    if max(width, height) > MOST_ELONGATED * min(width, height):
        raise PhotoError(_("Cette photo est trop allongée. Recadrez-la avant de l’envoyer."))
    if scans > MOST_SCANS:
        raise PhotoError(_("Cette photo est codée d’une façon inhabituelle. Refaites-la."))


def _too_many_pixels(most: int) -> PhotoError:
    return PhotoError(
        _(
            "Cette photo compte plus de %(millions)d\u00a0millions de pixels. "
            "Réduisez-la avant de l’envoyer."
        )
        % {"millions": most // 1_000_000}
    )


_MARKER = re.compile(rb"\xff+([\x02-\xcf\xd8-\xfe])", re.DOTALL)
START_OF_IMAGE, END_OF_IMAGE, START_OF_SCAN = 0xD8, 0xD9, 0xDA


def _scans(data: bytes) -> int:
    """How many passes a JPEG is coded in, counted to MOST_SCANS + 1 (ITU-T T.81, annex B)."""
    scans, at = 0, 0
    while scans <= MOST_SCANS and (found := _MARKER.search(data, at)):
        marker, at = found[1][0], found.end()
        if marker == END_OF_IMAGE:
            break
        if marker != START_OF_IMAGE:
            scans += marker == START_OF_SCAN
            at += int.from_bytes(data[at : at + 2])
    return scans


def _orientation(image: Image.Image) -> int:
    """1 to 8; 1 where EXIF says nothing or cannot be read."""
    try:
        return image.getexif().get(ORIENTATION, 1)
    except _DAMAGED:
        return 1


def _written(
    image: Image.Image, orientation: int, profile: bytes | None, widths: Sequence[int]
) -> ProcessedPhoto:
    lying = orientation in LYING
    width = image.height if lying else image.width
    sizes = sorted({min(wanted, width) for wanted in widths}, reverse=True)
    image = _plain(image)
    image = _resized(image, sizes[0], lying=lying)
    image = _opaque(_in_srgb(image, profile))
    if orientation in TURNS:
        image = image.transpose(TURNS[orientation])
    width, height = image.size
    files = {}
    for size in sizes:
        image = _resized(image, size)
        image.info = {}
        buffer = BytesIO()
        image.save(buffer, "WEBP", quality=QUALITY, method=4)
        files[size] = buffer.getvalue()
    return ProcessedPhoto(width, height, dict(sorted(files.items())))


def _plain(image: Image.Image) -> Image.Image:
    """In a mode that can be made smaller: L, RGB, RGBA or CMYK, with 8 bits a channel."""
    if image.mode.startswith("I"):
        # 16 bits of grey; `convert` alone would clip everything above 255 to white.
        image = image.point(lambda value: value * (1 / 256) + 0)
        return image.convert("L")
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _resized(image: Image.Image, width: int, *, lying: bool = False) -> Image.Image:
    """As wide as that; a lying picture, which will be turned, as high."""
    scale = width / (image.height if lying else image.width)
    if scale == 1:
        return image
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """By the colour profile if there is one that fits, which the photo then no longer needs."""
    wanted = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode=wanted
            )
        except (ImageCms.PyCMSError, *_DAMAGED):
            pass  # A wrong profile is no reason to refuse a good photo.
        else:
            return converted
    return image if image.mode == wanted else image.convert(wanted)


def _opaque(image: Image.Image) -> Image.Image:
    """On white, as the photo would look on paper: the site has a light and a dark theme."""
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, WHITE)
    ground.paste(image, mask=image.getchannel("A"))
    return ground
