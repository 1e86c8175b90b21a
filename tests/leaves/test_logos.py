"""Logos on a ground where they can be seen."""

from io import BytesIO

import pytest
from PIL import Image

from merchants.logos import LONGEST, process
from merchants.photos import PhotoError


def file(color, *, size=(300, 100), mode="RGBA", format="PNG", whole=False) -> BytesIO:
    image = Image.new(mode, size, (0, 0, 0, 0) if mode == "RGBA" else color)
    if mode == "RGBA":
        ground = (0, 0, *size) if whole else (20, 20, size[0] - 20, size[1] - 20)
        image.paste((*color, 255), ground)
    buffer = BytesIO()
    image.save(buffer, format, exif=Image.Exif()) if format == "JPEG" else image.save(
        buffer, format
    )
    buffer.seek(0)
    return buffer


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.mark.parametrize(
    ("color", "plate"),
    [((20, 97, 79), (255, 255, 255)), ((255, 255, 255), (26, 31, 36)),
     ((255, 240, 120), (26, 31, 36)), ((200, 0, 0), (255, 255, 255))],
)  # fmt: skip
def test_what_is_transparent_gets_a_plate(color, plate):
    logo = opened(process(file(color)))
    assert (logo.format, logo.mode) == ("WEBP", "RGB")
    assert max(abs(a - b) for a, b in zip(logo.getpixel((2, 2)), plate, strict=True)) <= 6
    middle = logo.getpixel((logo.width // 2, logo.height // 2))
    assert max(abs(a - b) for a, b in zip(middle, color, strict=True)) <= 12


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_what_has_a_ground_keeps_it(format):
    logo = opened(process(file((255, 255, 255), mode="RGB", format=format)))
    assert logo.size == (300, 100)
    assert min(logo.getpixel((1, 1))) > 250


def test_it_is_made_smaller():
    logo = opened(process(file((0, 0, 0), size=(2000, 1000), mode="RGB")))
    assert logo.size == (LONGEST, LONGEST // 2)


@pytest.mark.parametrize(
    "sent",
    [BytesIO(b""), BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), BytesIO(b"\x89PNG\r\n")],
)
def test_what_is_no_picture_is_refused(sent):
    with pytest.raises(PhotoError):
        process(sent)


def test_nothing_to_see_is_refused():
    empty = BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(empty, "PNG")
    with pytest.raises(PhotoError, match="transparent"):
        process(empty)
