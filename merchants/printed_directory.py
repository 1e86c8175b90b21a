"""The directory of a commune on paper: a PDF of A4 pages for the counter of a town hall.

Cover, contents, the shops by chapter and section in two columns (one in large print), an index of
names and who publishes it. Lengths are reportlab's points. reportlab writes no structure tags: what
it can say to a screen reader is the title, the language and the outline, whose text is in order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import count, groupby

import qrcode
from PIL import Image
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)

from merchants.colors import readable_on_light
from merchants.pdf import (
    BOLD,
    GREY,
    HEIGHT,
    INK,
    LINE,
    REGULAR,
    WIDTH,
    QrCode,
    draw_in_box,
    drawable,
    fitted_size,
    paragraph,
)
from merchants.text import normalise

MARGIN, TOP, BOTTOM, GUTTER = 15 * mm, 24 * mm, 18 * mm, 8 * mm
MOST = (HEIGHT - TOP - BOTTOM) * 0.7  # Of one entry.
COVER_TOP, COVER_HEIGHT = 78 * mm, 104 * mm
LOGO_WIDTH, LOGO_HEIGHT, LOGO_PIXELS = 80 * mm, 34 * mm, 1200
DEFAULT_ACCENT = "#14614f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One shop, in the words of its reader; a line that has nothing to say is empty."""

    name: str
    about: str = ""
    address: str = ""
    phone: str = ""
    hours: tuple[str, ...] = ()
    services: str = ""
    confirmed: str = ""
    url: str = ""  # Of the QR code, if there is to be one.


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Sections under one bar; a directory by street has one chapter without a title."""

    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """All that is printed. `accent` is "#rrggbb" or empty; it is darkened where white on it, or it
    on white, would be hard to read."""

    title: str
    subtitle: str
    count: str
    date: str
    town_hall: tuple[str, ...]  # The first line is its name.
    logo: bytes = b""
    accent: str = ""
    site: str = ""  # As one types it.
    site_url: str = ""
    chapters: tuple[Chapter, ...] = ()
    empty: str = ""  # What is said where there is no shop.
    contents_title: str = ""
    index_title: str = ""
    legal_title: str = ""
    legal: tuple[str, ...] = ()
    large: bool = False
    language: str = "fr-FR"


def directory_pdf(directory: Directory) -> bytes:
    """The directory. Laid out twice: the contents name pages that only the first time tells."""
    known = _Book(directory, {}).build()
    return _Book(directory, known.pages).build().pdf


@dataclass(frozen=True)
class _Sizes:
    """What changes in large print (16 points at least, as the RNIB and the AVH ask)."""

    text: float
    small: float
    name: float
    section: float
    chapter: float
    header: float
    qr: float
    gap: float
    columns: int
    index_columns: int


_NORMAL = _Sizes(8.3, 7.2, 9.6, 10.5, 11.5, 8, 23 * mm, 2.4 * mm, 2, 3)
_LARGE = _Sizes(16, 16, 20, 20, 23, 16, 34 * mm, 5 * mm, 1, 1)


class _Styles:
    def __init__(self, sizes: _Sizes, accent: HexColor):
        def style(name, size, font=REGULAR, color=INK, lead=1.3):
            return ParagraphStyle(
                name,
                fontName=font,
                fontSize=size,
                leading=size * lead,
                textColor=color,
            )

        self.name = style("name", sizes.name, BOLD, lead=1.22)
        self.text = style("text", sizes.text)
        self.bold = style("bold", sizes.text, BOLD)
        self.about = style("about", sizes.text, color=GREY)
        self.small = style("small", sizes.small, color=GREY)
        self.section = style("section", sizes.section, BOLD, accent, lead=1.25)
        self.chapter = style("chapter", sizes.chapter, BOLD, white, lead=1.25)
        self.title = style("title", sizes.chapter * 1.5, BOLD, accent, lead=1.25)
        self.row = style("row", sizes.text)
        self.row_bold = style("row-bold", sizes.text * 1.08, BOLD)
        self.letter = style("letter", sizes.section, BOLD, accent)


class _Book:
    """One layout of the directory. `known` says on which page an earlier one put each key."""

    def __init__(self, directory: Directory, known: dict[str, int]):
        self.directory, self.known = directory, known
        self.is_draft = not known
        self.sizes = _LARGE if directory.large else _NORMAL
        self.accent = HexColor(readable_on_light(directory.accent or DEFAULT_ACCENT))
        self.styles = _Styles(self.sizes, self.accent)
        self.pages: dict[str, int] = {}
        self.sections: dict[int, list[str]] = {}
        self.pdf = b""

    def build(self) -> "_Book":
        directory, out = self.directory, BytesIO()
        document = BaseDocTemplate(
            out,
            pagesize=A4,
            title=drawable(directory.title),
            author=drawable(directory.town_hall[0]),
            subject=drawable(f"{directory.subtitle}, {directory.date}"),
            lang=directory.language,
            initialFontName=REGULAR,
            displayDocTitle=True,
            pageTemplates=[
                PageTemplate("cover", [_frame(0, 1)], onPage=self._draw_cover),
                self._template("columns", self.sizes.columns),
                self._template("index", self.sizes.index_columns),
                self._template("whole", 1),
            ],
        )
        document.build([*self._story()])
        self.pdf = out.getvalue()
        return self

    # What stands in it

    def _story(self) -> Iterator[Flowable]:
        directory = self.directory
        yield Spacer(1, 1)
        yield from self._part("columns", directory.contents_title)
        yield from self._contents()
        yield NextPageTemplate("columns")
        yield PageBreak()
        if not directory.chapters:
            yield paragraph(directory.empty, self.styles.text)
        numbers = count()
        names: list[tuple[str, str]] = []
        for number, chapter in enumerate(directory.chapters):
            if chapter.title:
                yield _Bar(self, chapter.title, f"c{number}")
            for place, section in enumerate(chapter.sections):
                yield _SectionTitle(self, section.title, f"s{number}.{place}", chapter.title)
                for entry in section.entries:
                    key = f"e{next(numbers)}"
                    names.append((entry.name, key))
                    yield _EntryBlock(self, entry, key, section.title)
        if names:
            yield from self._part("index", directory.index_title)
            yield from self._index(names)
        yield from self._part("whole", directory.legal_title)
        for text in directory.legal:
            yield paragraph(text, self.styles.text)
            yield Spacer(1, self.sizes.gap)

    def _part(self, template: str, title: str) -> Iterator[Flowable]:
        yield NextPageTemplate(template)
        yield PageBreak()
        yield _PartTitle(self, title)

    def _contents(self) -> Iterator[Flowable]:
        for number, chapter in enumerate(self.directory.chapters):
            if chapter.title:
                yield _Row(self, chapter.title, f"c{number}", self.styles.row_bold, self.known.get)
            indent = 4 * mm if chapter.title else 0
            for place, section in enumerate(chapter.sections):
                key = f"s{number}.{place}"
                yield _Row(self, section.title, key, self.styles.row, self.known.get, indent)

    def _index(self, names: list[tuple[str, str]]) -> Iterator[Flowable]:
        names = sorted(names, key=lambda row: (normalise(row[0]), row[0]))
        for letter, rows in groupby(names, key=lambda row: _letter(row[0])):
            yield _Letter(self, letter)
            for name, key in rows:
                yield _Row(self, name, key, self.styles.row, self.pages.get)

    # What stands on every page

    def _template(self, name: str, columns: int) -> PageTemplate:
        frames = [_frame(place, columns) for place in range(columns)]
        return PageTemplate(name, frames, onPageEnd=self._draw_margins)

    def _draw_margins(self, canvas: Canvas, _document) -> None:
        size, right = self.sizes.header, WIDTH - MARGIN
        page = canvas.getPageNumber()
        told = self.sections.get(page, [self.directory.title])
        first, last = drawable(told[0]), drawable(told[-1])
        title = first if first == last else f"{first} – {last}"
        canvas.saveState()
        number = str(page)
        width = right - MARGIN - stringWidth(number, BOLD, size * 1.2) - 8 * mm
        canvas.setFillColor(INK)
        canvas.setFont(BOLD, fitted_size(title, BOLD, size, width, least=size * 0.6))
        canvas.drawString(MARGIN, HEIGHT - 15 * mm, title)
        canvas.setFont(BOLD, size * 1.2)
        canvas.drawRightString(right, HEIGHT - 15 * mm, number)
        canvas.setStrokeColor(self.accent)
        canvas.setLineWidth(1.2)
        canvas.line(MARGIN, HEIGHT - 17.5 * mm, right, HEIGHT - 17.5 * mm)
        canvas.setFillColor(GREY)
        foot = drawable(" · ".join(filter(None, (self.directory.title, self.directory.date))))
        canvas.setFont(REGULAR, fitted_size(foot, REGULAR, size * 0.9, right - MARGIN))
        canvas.drawString(MARGIN, 10 * mm, foot)
        canvas.restoreState()

    def _draw_cover(self, canvas: Canvas, _document) -> None:
        directory, scale = self.directory, 1.15 if self.directory.large else 1

        def style(size, font=REGULAR, color=INK):
            size *= scale
            return ParagraphStyle(
                "cover",
                fontName=font,
                fontSize=size,
                leading=size * 1.22,
                textColor=color,
            )

        width = WIDTH - 2 * MARGIN
        canvas.saveState()
        canvas.setFillColor(self.accent)
        canvas.rect(0, HEIGHT - COVER_TOP - COVER_HEIGHT, WIDTH, COVER_HEIGHT, stroke=0, fill=1)
        canvas.restoreState()
        drawn = self._draw_logo(canvas)
        name = [paragraph(directory.town_hall[0], style(17, BOLD))]
        draw_in_box(canvas, name, MARGIN, 60 * mm if drawn else 40 * mm, width, 14 * mm)
        # Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson is one word, and is not cut in two.
        longest = max(map(drawable, directory.title.split()), key=len)
        size = fitted_size(longest, BOLD, 38 * scale, width - 1 * mm, least=12) / scale
        title = [
            paragraph(directory.title, style(size, BOLD, white)),
            Spacer(1, 7 * mm),
            paragraph(directory.subtitle, style(19, REGULAR, white)),
        ]
        top = COVER_TOP + 14 * mm
        draw_in_box(canvas, title, MARGIN, top, width, COVER_HEIGHT - 22 * mm)
        foot = [
            paragraph(directory.count, style(19, BOLD)),
            Spacer(1, 2 * mm),
            paragraph(directory.date, style(16)),
            Spacer(1, 8 * mm),
            *(
                paragraph(line, style(14 if directory.large else 11.5, color=GREY))
                for line in (*directory.town_hall[1:], directory.site)
                if line
            ),
        ]
        top = COVER_TOP + COVER_HEIGHT + 14 * mm
        draw_in_box(canvas, foot, MARGIN, top, 112 * mm, HEIGHT - top - 14 * mm)
        if directory.site_url:
            qr = QrCode(directory.site_url, 42 * mm)
            left, base = WIDTH - MARGIN - qr.width, HEIGHT - top - qr.height
            qr.drawOn(canvas, left, base)

    def _draw_logo(self, canvas: Canvas) -> bool:
        if not self.directory.logo:
            return False
        try:
            picture = Image.open(BytesIO(self.directory.logo))
            picture.thumbnail((LOGO_PIXELS, LOGO_PIXELS))
            reader = ImageReader(picture.convert("RGBA"))
        except (OSError, ValueError, Image.DecompressionBombError):
            return False  # A cover without its logo is better than no directory.
        width, height = reader.getSize()
        scale = min(LOGO_WIDTH / width, LOGO_HEIGHT / height)
        width, height = width * scale, height * scale
        base = HEIGHT - 20 * mm - height
        canvas.drawImage(reader, MARGIN, base, width, height, mask="auto")
        return True


def _frame(place: int, columns: int) -> Frame:
    width = (WIDTH - 2 * MARGIN - (columns - 1) * GUTTER) / columns
    left = MARGIN + place * (width + GUTTER)
    return Frame(left, BOTTOM, width, HEIGHT - TOP - BOTTOM, 0, 0, 0, 0)


def _letter(name: str) -> str:
    first = normalise(name)[:1].upper()
    return first if first.isalpha() else "0–9"


class _Titled(Flowable):
    """A title that never stands alone at the foot of a column."""

    keepWithNext = 1
    above = below = padding = 0.0

    def __init__(self, book: _Book, title: str, style: ParagraphStyle):
        super().__init__()
        self.book, self.title = book, title
        self.paragraph = paragraph(title, style)

    def getSpaceBefore(self) -> float:
        return self.above

    def getSpaceAfter(self) -> float:
        return self.below

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        inner = self.paragraph.wrap(width - 2 * self.padding, height)[1]
        self.height = inner + 2 * self.padding
        return width, self.height

    def draw(self) -> None:
        self.paragraph.drawOn(self.canv, self.padding, self.padding)


class _PartTitle(_Titled):
    def __init__(self, book: _Book, title: str):
        super().__init__(book, title, book.styles.title)
        self.below = 3 * book.sizes.gap

    def draw(self) -> None:
        _outline(self.canv, self.title, f"p{self.title}", self.height, level=0)
        super().draw()


class _Bar(_Titled):
    """The title of a chapter, white on the accent colour."""

    def __init__(self, book: _Book, title: str, key: str):
        super().__init__(book, title, book.styles.chapter)
        self.key, self.padding = key, 1.2 * book.sizes.gap
        self.above = self.below = 2 * book.sizes.gap

    def draw(self) -> None:
        self.book.pages[self.key] = self.canv.getPageNumber()
        _outline(self.canv, self.title, self.key, self.height, level=0)
        self.canv.setFillColor(self.book.accent)
        self.canv.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        super().draw()


class _SectionTitle(_Titled):
    def __init__(self, book: _Book, title: str, key: str, chapter: str):
        super().__init__(book, title, book.styles.section)
        self.key, self.level = key, 1 if chapter else 0
        self.above, self.below = 2 * book.sizes.gap, book.sizes.gap / 2

    def draw(self) -> None:
        self.book.pages[self.key] = self.canv.getPageNumber()
        _outline(self.canv, self.title, self.key, self.height, level=self.level)
        super().draw()
        self.canv.setStrokeColor(self.book.accent)
        self.canv.setLineWidth(0.8)
        self.canv.line(0, -1.5, self.width, -1.5)


class _Letter(_Titled):
    def __init__(self, book: _Book, letter: str):
        super().__init__(book, letter, book.styles.letter)
        self.above = 1.2 * book.sizes.gap


class _Row(Flowable):
    """A line of the contents or of the index: a title, dots, and a page that it leads to."""

    def __init__(
        self,
        book: _Book,
        title: str,
        key: str,
        style: ParagraphStyle,
        page_of: Callable[[str], int | None],
        indent: float = 0,
    ):
        super().__init__()
        self.book, self.key, self.style, self.indent = book, key, style, indent
        self.page_of = page_of
        self.paragraph = paragraph(title, style)
        self.keepWithNext = int(style is book.styles.row_bold)

    def getSpaceBefore(self) -> float:
        return self.book.sizes.gap * (0.9 if self.keepWithNext else 0.25)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width = width
        self.room = stringWidth("0000", self.style.fontName, self.style.fontSize)
        _width, self.height = self.paragraph.wrap(width - self.indent - self.room, height)
        return width, self.height

    def draw(self) -> None:
        canvas, style = self.canv, self.style
        self.paragraph.drawOn(canvas, self.indent, 0)
        base = style.leading - style.fontSize
        number = str(self.page_of(self.key) or "")
        canvas.setFillColor(INK)
        canvas.setFont(style.fontName, style.fontSize)
        canvas.drawRightString(self.width, base, number)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.5)
        canvas.setDash(0.5, 2.5)
        start = self.indent + _last_line_width(self.paragraph) + 4
        end = self.width - stringWidth(number, style.fontName, style.fontSize) - 4
        if end > start:
            canvas.line(start, base, end, base)
        canvas.setDash()
        canvas.linkRect("", self.key, (0, 0, self.width, self.height), relative=1, thickness=0)


class _EntryBlock(Flowable):
    """One shop, in one piece, with its QR code beside it. `drawOn` keeps the canvas's state."""

    def __init__(self, book: _Book, entry: Entry, key: str, section: str):
        super().__init__()
        self.book, self.entry, self.key, self.section = book, entry, key, section
        self.paragraphs = [*_lines(entry, book.styles)]

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        sizes = self.book.sizes
        self.width = width
        room = width - (sizes.qr if self.entry.url else 0)
        self.heights = [each.wrap(room, height)[1] for each in self.paragraphs]
        text = sum(self.heights)
        self.height = max(text, sizes.qr if self.entry.url else 0) + 2 * sizes.gap
        # What no page would hold, under the titles of its chapter and section, is set smaller.
        self.scale = min(1, MOST / self.height)
        return width, self.height * self.scale

    def draw(self) -> None:
        canvas, sizes = self.canv, self.book.sizes
        canvas.scale(self.scale, self.scale)
        page = canvas.getPageNumber()
        self.book.pages[self.key] = page
        self.book.sections.setdefault(page, []).append(self.section)
        canvas.bookmarkHorizontal(self.key, 0, self.height)
        top = self.height - sizes.gap
        for each, height in zip(self.paragraphs, self.heights, strict=True):
            top -= height
            each.drawOn(canvas, 0, top)
        if self.entry.url and not self.book.is_draft:
            left, base = self.width - sizes.qr, self.height - sizes.gap - sizes.qr
            _draw_qr(canvas, self.entry.url, left + sizes.gap, base + sizes.gap / 2, sizes)
            area = (left, base, self.width, base + sizes.qr)
            canvas.linkURL(self.entry.url, area, relative=1, thickness=0)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.4)
        canvas.line(0, 0, self.width, 0)


def _lines(entry: Entry, styles: _Styles) -> Iterator[Paragraph]:
    for text, style in (
        (entry.name, styles.name),
        (entry.about, styles.about),
        (entry.address, styles.text),
        (entry.phone, styles.bold),
        *((line, styles.text) for line in entry.hours),
        (entry.services, styles.text),
        (entry.confirmed, styles.small),
    ):
        if text:
            yield paragraph(text, style)


def _draw_qr(canvas: Canvas, url: str, left: float, base: float, sizes: _Sizes) -> None:
    """A small code: the least correction, for the largest modules, and a mask that is not searched
    for (as good a code as any, five times faster). The paper around is the quiet zone."""
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_L, border=0, mask_pattern=3
    )
    code.add_data(url)
    code.make(fit=True)
    matrix = code.get_matrix()
    module = (sizes.qr - sizes.gap) / len(matrix)
    canvas.saveState()
    canvas.setFillColorRGB(0, 0, 0)
    canvas.translate(left, base)
    canvas.scale(module, module)
    # Whole numbers, written here: reportlab's own way with each number takes seconds for a town.
    canvas.addLiteral(" ".join(_runs(matrix)) + " f")
    canvas.restoreState()


def _runs(matrix: list[list[bool]]) -> Iterator[str]:
    """A rectangle for each run of dark modules, in PDF's operators; the unit is a module."""
    for row, modules in enumerate(reversed(matrix)):
        column = 0
        for dark, run in groupby(modules):
            length = len([*run])
            if dark:
                yield f"{column} {row} {length} 1 re"
            column += length


def _outline(canvas: Canvas, title: str, key: str, height: float, *, level: int) -> None:
    canvas.bookmarkHorizontal(key, 0, height)
    canvas.addOutlineEntry(drawable(title), key, level=level)


def _last_line_width(text: Paragraph) -> float:
    """How far the last line of a wrapped paragraph of one style reaches."""
    last = text.blPara.lines[-1]
    # A word longer than the line makes another kind of line.
    unused = last[0] if isinstance(last, tuple) else last.extraSpace
    return text.width - unused
