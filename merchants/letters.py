"""A town hall's letter to a shop, as a PDF of one A4 page: a listing, a code and its QR code.

The recipient stands where the windows of French DL envelopes are (NF Z 11-001, as in KOMA-Script's
NF.lco): 100 mm wide, 20 mm from the right and the bottom edge, 35 or 45 mm high. A sheet folded in
three is 99 by 210 mm in an envelope of 110 by 220 mm and slides by the difference; what is seen
through either window wherever it slid lies 100 to 190 mm from the left and 55 to 79 mm from the
top. The lines themselves follow NF Z 10-011: six at most, no comma, the last one in capitals.
"""

import unicodedata
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import escape

import qrcode
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Frame, KeepInFrame, Paragraph, Spacer, Table, TableStyle

# Bitstream Vera comes with reportlab, under a free licence; the letter embeds what it uses of it.
REGULAR, BOLD = "Vera", "VeraBd"
for _font in (REGULAR, BOLD):
    pdfmetrics.registerFont(TTFont(_font, f"{_font}.ttf"))
pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)

WIDTH, HEIGHT = A4
MARGIN = 20 * mm
WINDOW_LEFT, WINDOW_RIGHT, WINDOW_BOTTOM = 108 * mm, 188 * mm, 77 * mm  # From the left, the top.
RECIPIENT_LINES = 6
BODY_TOP, BODY_BOTTOM = 100 * mm, 14 * mm
QR_SIZE = 38 * mm  # A module is 0.9 mm: any telephone reads it at arm's length.
INK, GREY, LINE, SOFT = map(HexColor, ("#1a1f24", "#4d565e", "#9aa3a9", "#eef3f1"))

_TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=9.5, leading=13.5, textColor=INK)
_BOLD = ParagraphStyle("bold", _TEXT, fontName=BOLD)
_LABEL = ParagraphStyle("label", _TEXT, textColor=GREY)
_SMALL = ParagraphStyle("small", _TEXT, fontSize=8.5, leading=12)
_CODE = ParagraphStyle("code", _BOLD, fontSize=20, leading=26)

# What the fonts do not have, and what stands for it.
_SPACES = dict.fromkeys(map(ord, "\u2002\u2003\u2009\u200a\u202f"), "\u00a0")
_STAND_INS = {**_SPACES, ord("\u2010"): "-", ord("\u2011"): "-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterValues:
    """All that the letter says, in the words of its reader."""

    title: str
    sender: tuple[str, ...]  # The first line is the town hall's name.
    recipient: tuple[str, ...]
    place_and_date: str
    opening: tuple[str, ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]  # What the listing says: (label, lines).
    heading: str  # Of what to do.
    steps: tuple[str, ...]
    code: str
    code_url: str  # Of the QR code.
    code_note: str
    closing: tuple[str, ...]
    language: str = "fr-FR"


def letter_pdf(values: LetterValues) -> bytes:
    """The letter. Texts too long for one page are set smaller. Takes some 50 ms."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, lang=values.language, initialFontName=REGULAR)
    canvas.setTitle(drawable(values.title))
    canvas.setAuthor(drawable(values.sender[0]))
    canvas.setFillColor(INK)
    _draw_sender(canvas, values.sender)
    _draw_recipient(canvas, values.recipient)
    canvas.setFont(REGULAR, 9.5)
    canvas.drawString(WINDOW_LEFT, HEIGHT - 93 * mm, drawable(values.place_and_date))
    _draw_fold_mark(canvas)
    _draw_body(canvas, values)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


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


def _draw_sender(canvas: Canvas, lines: tuple[str, ...]) -> None:
    style = [_BOLD] + [_SMALL] * len(lines)
    paragraphs = [_paragraph(line, style[index]) for index, line in enumerate(lines)]
    _frame(canvas, paragraphs, MARGIN, 16 * mm, 82 * mm, 44 * mm)


def _draw_recipient(canvas: Canvas, lines: tuple[str, ...]) -> None:
    """The last line keeps its place, so that short addresses are seen through either window."""
    leading = 4.6 * mm
    lines = lines[:RECIPIENT_LINES]
    for index, line in enumerate(map(drawable, lines)):
        size = 10.0
        while size > 6 and pdfmetrics.stringWidth(line, REGULAR, size) > WINDOW_RIGHT - WINDOW_LEFT:
            size -= 0.5
        canvas.setFont(REGULAR, size)
        baseline = WINDOW_BOTTOM - (len(lines) - 1 - index) * leading
        canvas.drawString(WINDOW_LEFT, HEIGHT - baseline, line)


def _draw_fold_mark(canvas: Canvas) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.4)
    for third in (99 * mm, 198 * mm):
        canvas.line(4 * mm, HEIGHT - third, 8 * mm, HEIGHT - third)


def _draw_body(canvas: Canvas, values: LetterValues) -> None:
    width = WIDTH - 2 * MARGIN
    gap = Spacer(1, 2.6 * mm)
    body: list[Flowable] = [_paragraph(values.title, _BOLD), gap]
    for text in values.opening:
        body += [_paragraph(text, _TEXT), gap]
    body += [_facts(values.facts, width), gap, gap, _what_to_do(values, width), gap]
    for text in values.closing:
        body += [gap, _paragraph(text, _SMALL)]
    _frame(canvas, body, MARGIN, BODY_TOP, width, HEIGHT - BODY_TOP - BODY_BOTTOM)


def _facts(facts: tuple[tuple[str, tuple[str, ...]], ...], width: float) -> Table:
    rows = [
        [_paragraph(label, _LABEL), [_paragraph(line, _TEXT) for line in lines]]
        for label, lines in facts
    ]
    table = Table(rows, colWidths=[32 * mm, width - 32 * mm], hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("BOX", (0, 0), (-1, -1), 0.6, LINE),
                ("LINEBELOW", (0, 0), (-1, -2), 0.3, LINE),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return table


def _what_to_do(values: LetterValues, width: float) -> Table:
    told: list[Flowable] = [_paragraph(values.heading, _BOLD), Spacer(1, 1 * mm)]
    for number, step in enumerate(values.steps, start=1):
        told.append(_paragraph(f"{number}. {step}", _TEXT))
    told += [
        Spacer(1, 2 * mm),
        _paragraph(values.code, _CODE),
        _paragraph(values.code_note, _SMALL),
    ]
    columns = [QR_SIZE + 6 * mm, width - QR_SIZE - 6 * mm]
    table = Table([[_QrCode(values.code_url), told]], colWidths=columns, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("BACKGROUND", (0, 0), (-1, -1), SOFT),
                ("LEFTPADDING", (0, 0), (0, 0), 8),
                ("TOPPADDING", (0, 0), (-1, -1), 8),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
            ]
        )
    )
    return table


class _QrCode(Flowable):
    """Black on white, with the quiet zone of four modules that ISO/IEC 18004 asks for."""

    def __init__(self, url: str):
        super().__init__()
        self.width = self.height = QR_SIZE
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
        code.add_data(url)
        code.make(fit=True)
        self.matrix = code.get_matrix()

    def draw(self) -> None:
        canvas, module = self.canv, QR_SIZE / len(self.matrix)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.rect(0, 0, QR_SIZE, QR_SIZE, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        path = canvas.beginPath()
        for row, modules in enumerate(self.matrix):
            for column, dark in enumerate(modules):
                if dark:
                    path.rect(column * module, QR_SIZE - (row + 1) * module, module, module)
        canvas.drawPath(path, stroke=0, fill=1)


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(drawable(text)), style)


def _frame(
    canvas: Canvas, content: list[Flowable], left: float, top: float, width: float, height: float
) -> None:
    """Sets the content into a box, `top` below the upper edge; smaller where it would not fit."""
    frame = Frame(left, HEIGHT - top - height, width, height, 0, 0, 0, 0)
    frame.addFromList([KeepInFrame(width, height, content, mode="shrink")], canvas)
