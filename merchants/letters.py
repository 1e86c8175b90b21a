"""A town hall's letter to a shop, as one A4 page of a PDF: a listing, a code and its QR code.

The recipient stands where the windows of French DL envelopes are (NF Z 11-001, as in KOMA-Script's
NF.lco): 100 mm wide, 20 mm from the right and the bottom edge, 35 or 45 mm high. A sheet folded in
three is 99 by 210 mm in an envelope of 110 by 220 mm and slides by the difference; what is seen
through either window wherever it slid lies 100 to 190 mm from the left and 55 to 79 mm from the
top. The lines themselves follow NF Z 10-011: six at most, no comma, the last one in capitals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from merchants.pdf import (
    BOLD,
    GREY,
    HEIGHT,
    INK,
    LINE,
    QR_SIZE,
    REGULAR,
    SOFT,
    TEXT_STYLE,
    WIDTH,
    QrCode,
    draw_in_box,
    drawable,
    fitted_size,
    paragraph,
)

MARGIN = 20 * mm
WINDOW_LEFT, WINDOW_RIGHT, WINDOW_BOTTOM = 108 * mm, 188 * mm, 77 * mm  # From the left, the top.
RECIPIENT_LINES = 6
BODY_TOP, BODY_BOTTOM = 100 * mm, 14 * mm

_TEXT = TEXT_STYLE
_BOLD = ParagraphStyle("bold", _TEXT, fontName=BOLD)
_LABEL = ParagraphStyle("label", _TEXT, textColor=GREY)
_SMALL = ParagraphStyle("small", _TEXT, fontSize=8.5, leading=12)
_CODE = ParagraphStyle("code", _BOLD, fontSize=20, leading=26)


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
    return letters_pdf([values], title=values.title)


def letters_pdf(letters: Sequence[LetterValues], *, title: str) -> bytes:
    """Letters of one town hall, a page for each, in one file. Some 30 ms for each more."""
    out = BytesIO()
    first = letters[0]
    canvas = Canvas(out, pagesize=A4, lang=first.language, initialFontName=REGULAR)
    canvas.setTitle(drawable(title))
    canvas.setAuthor(drawable(first.sender[0]))
    for values in letters:
        _draw_letter(canvas, values)
    canvas.save()
    return out.getvalue()


def _draw_letter(canvas: Canvas, values: LetterValues) -> None:
    canvas.setFillColor(INK)
    _draw_sender(canvas, values.sender)
    _draw_recipient(canvas, values.recipient)
    canvas.setFont(REGULAR, 9.5)
    canvas.drawString(WINDOW_LEFT, HEIGHT - 93 * mm, drawable(values.place_and_date))
    _draw_fold_mark(canvas)
    _draw_body(canvas, values)
    canvas.showPage()


def _draw_sender(canvas: Canvas, lines: tuple[str, ...]) -> None:
    style = [_BOLD] + [_SMALL] * len(lines)
    paragraphs = [paragraph(line, style[index]) for index, line in enumerate(lines)]
    draw_in_box(canvas, paragraphs, MARGIN, 16 * mm, 82 * mm, 44 * mm)


def _draw_recipient(canvas: Canvas, lines: tuple[str, ...]) -> None:
    """The last line keeps its place, so that short addresses are seen through either window."""
    leading = 4.6 * mm
    lines = lines[:RECIPIENT_LINES]
    for index, line in enumerate(map(drawable, lines)):
        size = fitted_size(line, REGULAR, 10, WINDOW_RIGHT - WINDOW_LEFT)
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
    body: list[Flowable] = [paragraph(values.title, _BOLD), gap]
    for text in values.opening:
        body += [paragraph(text, _TEXT), gap]
    body += [_facts(values.facts, width), gap, gap, _what_to_do(values, width), gap]
    for text in values.closing:
        body += [gap, paragraph(text, _SMALL)]
    draw_in_box(canvas, body, MARGIN, BODY_TOP, width, HEIGHT - BODY_TOP - BODY_BOTTOM)


def _facts(facts: tuple[tuple[str, tuple[str, ...]], ...], width: float) -> Table:
    rows = [
        [paragraph(label, _LABEL), [paragraph(line, _TEXT) for line in lines]]
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
    told: list[Flowable] = [paragraph(values.heading, _BOLD), Spacer(1, 1 * mm)]
    for number, step in enumerate(values.steps, start=1):
        told.append(paragraph(f"{number}. {step}", _TEXT))
    told += [
        Spacer(1, 2 * mm),
        paragraph(values.code, _CODE),
        paragraph(values.code_note, _SMALL),
    ]
    columns = [QR_SIZE + 6 * mm, width - QR_SIZE - 6 * mm]
    table = Table([[QrCode(values.code_url), told]], colWidths=columns, hAlign="LEFT")
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
