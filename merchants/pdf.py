"""What every PDF of ours is made of: embedded fonts, a few inks, text they can draw, a QR code.

Lengths are reportlab's points; `top` is measured from the upper edge of an A4 sheet.
"""

import unicodedata
from xml.sax.saxutils import escape

import qrcode
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Frame, KeepInFrame, Paragraph

# Bitstream Vera comes with reportlab, under a free licence; a PDF embeds what it uses of it.
REGULAR, BOLD = "Vera", "VeraBd"
for _font in (REGULAR, BOLD):
    pdfmetrics.registerFont(TTFont(_font, f"{_font}.ttf"))
pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)

WIDTH, HEIGHT = A4
QR_SIZE = 38 * mm  # A module of a short address is 0.9 mm: telephones read it at arm's length.
INK, GREY, LINE, SOFT = map(HexColor, ("#1a1f24", "#4d565e", "#9aa3a9", "#eef3f1"))
TEXT_STYLE = ParagraphStyle("text", fontName=REGULAR, fontSize=9.5, leading=13.5, textColor=INK)

# What the fonts do not have, and what stands for it.
_SPACES = dict.fromkeys(map(ord, "\u2002\u2003\u2009\u200a\u202f"), "\u00a0")
_STAND_INS = {**_SPACES, ord("\u2010"): "-", ord("\u2011"): "-"}


def drawable(text: str) -> str:
    """The text in characters that the fonts have: else a letter without its accent, or "?"."""
    glyphs = pdfmetrics.getFont(REGULAR).face.charToGlyph
    text = unicodedata.normalize("NFC", text).translate(_STAND_INS)
    return "".join(char if ord(char) in glyphs else _plain(char, glyphs) for char in text)


def _plain(char: str, glyphs) -> str:
    if unicodedata.category(char) in {"Mn", "Cf", "Cc"}:
        return " " if char in "\n\t" else ""
    base = unicodedata.normalize("NFKD", char)
    return "".join(part for part in base if ord(part) in glyphs) or "?"


def paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """The text as it is: marks of markup are letters like others."""
    return Paragraph(escape(drawable(text)), style)


def fitted_size(text: str, font: str, size: float, width: float, *, least: float = 6) -> float:
    """The size, or the largest smaller one at which one line of drawable text is no wider."""
    while size > least and pdfmetrics.stringWidth(text, font, size) > width:
        size -= 0.5
    return size


def draw_in_box(
    canvas: Canvas, content: list[Flowable], left: float, top: float, width: float, height: float
) -> None:
    """Sets the content into a box, `top` below the upper edge; smaller where it would not fit."""
    frame = Frame(left, HEIGHT - top - height, width, height, 0, 0, 0, 0)
    frame.addFromList([KeepInFrame(width, height, content, mode="shrink")], canvas)


class QrCode(Flowable):
    """Black on white, with the quiet zone of four modules that ISO/IEC 18004 asks for."""

    def __init__(self, url: str, size: float = QR_SIZE):
        super().__init__()
        self.width = self.height = size
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
        code.add_data(url)
        code.make(fit=True)
        self.matrix = code.get_matrix()

    def draw(self) -> None:
        canvas, size, module = self.canv, self.height, self.height / len(self.matrix)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.rect(0, 0, size, size, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        path = canvas.beginPath()
        for row, modules in enumerate(self.matrix):
            for column, dark in enumerate(modules):
                if dark:
                    path.rect(column * module, size - (row + 1) * module, module, module)
        canvas.drawPath(path, stroke=0, fill=1)
