"""Logos as they may be shown: decoded and written anew, on a ground where they can be seen.

The site has a light and a dark theme, and a logo is drawn for one of them: what is transparent gets
a plate of its own, white, or dark for a logo that would vanish on white.
"""

from io import BytesIO
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image

from merchants.colors import contrast
from merchants.photos import PhotoError, picture

LONGEST = 480  # pixels; shown at 72 CSS pixels of height
MARGIN = 0.08  # of the longer side, between the logo and the edge of its plate
LIGHT_PLATE, DARK_PLATE = "#ffffff", "#1a1f24"
# A logo of less contrast with white than that is drawn for a dark ground.
VISIBLE = 1.6
SEEN = 128  # of 255: pixels that are more transparent do not count


def process(file: BinaryIO) -> bytes:
    """The logo as WebP. Raises PhotoError, whose message is a French sentence."""
    drawing = picture(file, longest=LONGEST)
    if drawing.mode == "RGBA" and drawing.getchannel("A").getextrema()[0] < 255:
        drawing = _on_plate(drawing)
    buffer = BytesIO()
    drawing.info = {}
    drawing.convert("RGB").save(buffer, "WEBP", quality=90, method=4)
    return buffer.getvalue()


def _on_plate(drawing: Image.Image) -> Image.Image:
    margin = round(max(drawing.size) * MARGIN)
    size = (drawing.width + 2 * margin, drawing.height + 2 * margin)
    plate = Image.new("RGB", size, _plate_of(drawing))
    plate.paste(drawing, (margin, margin), drawing)
    return plate


def _plate_of(drawing: Image.Image) -> str:
    pixels = drawing.resize((64, 64), Image.Resampling.BOX).tobytes()
    channels = zip(*(pixels[start::4] for start in range(4)), strict=True)
    seen = [color for *color, opacity in channels if opacity >= SEEN]
    if not seen:
        raise PhotoError(_("Ce logo est entièrement transparent."))
    mean = [sum(channel) // len(seen) for channel in zip(*seen, strict=True)]
    color = "#" + "".join(f"{channel:02x}" for channel in mean)
    return LIGHT_PLATE if contrast(color, LIGHT_PLATE) >= VISIBLE else DARK_PLATE
