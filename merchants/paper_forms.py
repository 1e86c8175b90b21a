"""The paper form of a listing, one A4 page a shop: read it, correct it by hand, give it back.

What one writes on has fixed places and heights (8 mm a line, as on ruled paper); only what the
listing says is set smaller where there is much of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Spacer, Table, TableStyle

from merchants.pdf import (
    BOLD,
    HEIGHT,
    INK,
    LINE,
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

MARGIN = 15 * mm
INNER = WIDTH - 2 * MARGIN
QR = 32 * mm
FACTS_TOP, FACTS_HEIGHT = 54 * mm, 92 * mm
WEEK_TOP, WEEK_HEIGHT = 149 * mm, 82 * mm
WRITE_TOP, LINE_HEIGHT = 232 * mm, 8 * mm
FOOT_TOP, FOOT_HEIGHT = 268 * mm, 20 * mm
BOX = 3.6 * mm

_TEXT = ParagraphStyle("form", TEXT_STYLE, fontSize=9, leading=12)
_BOLD = ParagraphStyle("form-bold", _TEXT, fontName=BOLD)
_SMALL = ParagraphStyle("form-small", _TEXT, fontSize=8, leading=10.5)
_CENTER = ParagraphStyle("form-center", _SMALL, alignment=TA_CENTER)
_NAME = ParagraphStyle("form-name", _TEXT, fontName=BOLD, fontSize=15, leading=19)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWords:
    """What is the same on every page, in the words of its reader."""

    title: str
    intro: str
    says: str  # Heading of what the listing says.
    right: str
    wrong: str
    correction: str
    week: str  # Heading of the week to fill in.
    days: tuple[str, ...]  # Monday to Sunday, public holidays.
    morning: str
    afternoon: str
    opens: str
    closes: str
    closed: str
    to_write: tuple[str, ...]  # Labels of lines to write on.
    give_back: str
    contact: tuple[str, ...]
    language: str = "fr-FR"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopForm:
    """What one page says of one shop."""

    name: str
    address: str
    confirmed: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    url: str  # Of its public page.
    shown_url: str


def paper_forms_pdf(words: FormWords, shops: Iterable[ShopForm]) -> bytes:
    """One page for each shop, in their order. Some 30 ms a page."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, lang=words.language, initialFontName=REGULAR)
    canvas.setTitle(drawable(words.title))
    canvas.setAuthor(drawable(words.contact[0]))
    for shop in shops:
        canvas.setFillColor(INK)
        _draw_head(canvas, words, shop)
        draw_in_box(canvas, _facts(words, shop), MARGIN, FACTS_TOP, INNER, FACTS_HEIGHT)
        draw_in_box(canvas, _week(words), MARGIN, WEEK_TOP, INNER, WEEK_HEIGHT)
        _draw_lines(canvas, words.to_write)
        _draw_foot(canvas, words)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


class _Tick(Flowable):
    """A box to tick, and its word."""

    def __init__(self, word: str):
        super().__init__()
        self.word = drawable(word)
        self.width, self.height = 26 * mm, BOX + 1.2 * mm

    def draw(self) -> None:
        self.canv.setStrokeColor(INK)
        self.canv.setLineWidth(0.7)
        self.canv.rect(0, 0, BOX, BOX, stroke=1, fill=0)
        if self.word:
            self.canv.setFillColor(INK)
            self.canv.setFont(REGULAR, 8.5)
            self.canv.drawString(BOX + 1.4 * mm, 0.7 * mm, self.word)


def _draw_head(canvas: Canvas, words: FormWords, shop: ShopForm) -> None:
    width = INNER - QR - 6 * mm
    told = [
        paragraph(words.title, _BOLD),
        Spacer(1, 1.5 * mm),
        paragraph(shop.name, _NAME),
        paragraph(shop.address, _TEXT),
        paragraph(shop.confirmed, _SMALL),
        Spacer(1, 1.5 * mm),
        paragraph(words.intro, _SMALL),
    ]
    draw_in_box(canvas, told, MARGIN, 11 * mm, width, 34 * mm)
    draw_in_box(canvas, [QrCode(shop.url, QR)], WIDTH - MARGIN - QR, 12 * mm, QR, QR)
    url = drawable(shop.shown_url)
    canvas.setFont(REGULAR, fitted_size(url, REGULAR, 8.5, INNER))
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 50 * mm, url)


def _facts(words: FormWords, shop: ShopForm) -> list[Flowable]:
    rows = [[paragraph(words.says, _BOLD), "", "", paragraph(words.correction, _BOLD)]]
    rows += [
        [
            paragraph(label, _SMALL),
            [paragraph(line, _TEXT) for line in lines],
            [_Tick(words.right), _Tick(words.wrong)],
            "",
        ]
        for label, lines in shop.facts
    ]
    widths = [22 * mm, 70 * mm, 29 * mm, INNER - 121 * mm]
    table = Table(rows, colWidths=widths, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("SPAN", (0, 0), (2, 0)),
                ("BACKGROUND", (0, 0), (-1, 0), SOFT),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("BOX", (0, 0), (-1, -1), 0.7, INK),
                ("INNERGRID", (0, 0), (-1, -1), 0.4, LINE),
                ("TOPPADDING", (0, 0), (-1, -1), 1.8),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.4),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return [table]


def _week(words: FormWords) -> list[Flowable]:
    day, closed = 30 * mm, 20 * mm
    hour = (INNER - day - closed) / 4
    times = [words.opens, words.closes] * 2
    rows = [
        [
            paragraph(words.week, _BOLD),
            paragraph(words.morning, _CENTER),
            "",
            paragraph(words.afternoon, _CENTER),
            "",
            paragraph(words.closed, _CENTER),
        ],
        ["", *(paragraph(word, _CENTER) for word in times), ""],
    ]
    rows += [[paragraph(name, _TEXT), "", "", "", "", _Tick("")] for name in words.days]
    heights = [7 * mm, 5.5 * mm] + [LINE_HEIGHT + 0.5 * mm] * len(words.days)
    table = Table(rows, colWidths=[day, *[hour] * 4, closed], rowHeights=heights, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("SPAN", (0, 0), (0, 1)),
                ("SPAN", (1, 0), (2, 0)),
                ("SPAN", (3, 0), (4, 0)),
                ("SPAN", (5, 0), (5, 1)),
                ("BACKGROUND", (0, 0), (-1, 1), SOFT),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("BOX", (0, 0), (-1, -1), 0.7, INK),
                ("INNERGRID", (0, 0), (-1, -1), 0.4, LINE),
                ("LINEBEFORE", (3, 0), (3, -1), 0.7, INK),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("LEFTPADDING", (5, 2), (5, -1), (closed - BOX) / 2),
            ]
        )
    )
    return [table]


def _draw_lines(canvas: Canvas, labels: tuple[str, ...]) -> None:
    """A ruled line after each label."""
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    for index, label in enumerate(map(drawable, labels), start=1):
        baseline = HEIGHT - WRITE_TOP - index * LINE_HEIGHT
        size = fitted_size(label, REGULAR, 9, INNER / 2)
        canvas.setFillColor(INK)
        canvas.setFont(REGULAR, size)
        canvas.drawString(MARGIN, baseline + 0.8 * mm, label)
        start = MARGIN + canvas.stringWidth(label, REGULAR, size) + 2 * mm
        canvas.line(start if label else MARGIN, baseline, WIDTH - MARGIN, baseline)


def _draw_foot(canvas: Canvas, words: FormWords) -> None:
    told = [paragraph(words.give_back, _BOLD), paragraph(", ".join(words.contact), _SMALL)]
    box = Table([[told]], colWidths=[INNER], hAlign="LEFT")
    box.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), SOFT),
                ("TOPPADDING", (0, 0), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            ]
        )
    )
    draw_in_box(canvas, [box], MARGIN, FOOT_TOP, INNER, FOOT_HEIGHT)
