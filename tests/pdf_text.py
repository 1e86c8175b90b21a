"""Reads back the text of a PDF that reportlab wrote: what stands where, as a reader extracts it.

Enough for our own letters: one level of streams, fonts with a ToUnicode map, matrices that move
and scale.
"""

import base64
import re
import zlib
from dataclasses import dataclass

OPERATIONS = re.compile(
    rb"(?P<push>\bq\b)|(?P<pop>\bQ\b)"
    rb"|(?P<cm>[-\d.]+ [-\d.]+ [-\d.]+ [-\d.]+ [-\d.]+ [-\d.]+) cm"
    rb"|1 0 0 1 (?P<tm>[-\d.]+ [-\d.]+) Tm"
    rb"|(?P<font>/F\S+) (?P<size>[\d.]+) Tf"
    rb"|\((?P<text>(?:\\.|[^\\()])*)\) Tj"
    rb"|(?P<next>T\*)|(?P<leading>[\d.]+) TL"
    rb"|(?P<rect>\bre\b)"
)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
MM = 72 / 25.4


@dataclass(frozen=True)
class Line:
    """A piece of text; `left` and `top` (of its baseline) in millimetres from the page's corner."""

    text: str
    left: float
    top: float
    size: float


@dataclass(frozen=True)
class Page:
    lines: list[Line]
    rectangles: int

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


def pages(pdf: bytes) -> list[Page]:
    objects = dict(re.findall(rb"(\d+) 0 obj\s(.*?)endobj", pdf, re.S))
    fonts = {
        name: _unicode(objects, number)
        for name, number in re.findall(rb"(/F\d+\+\d+) (\d+) 0 R", pdf)
    }
    contents = [
        re.search(rb"/Contents (\d+) 0 R", body)[1]
        for body in objects.values()
        if re.search(rb"/Type /Page\b(?!s)", body)
    ]
    return [_page(_stream(objects[number]), fonts) for number in contents]


def title(pdf: bytes) -> str:
    return _unescaped(re.search(rb"/Title \(((?:\\.|[^\\()])*)\)", pdf, re.S)[1]).decode("utf-16")


def _page(content: bytes, fonts: dict[bytes, dict[int, str]]) -> Page:
    stack, (scale, x, y) = [], (1.0, 0.0, 0.0)
    lines, rectangles = [], 0
    left = bottom = leading = size = 0.0
    font: dict[int, str] = {}
    for found in OPERATIONS.finditer(content):
        if found["push"]:
            stack.append((scale, x, y))
        elif found["pop"]:
            scale, x, y = stack.pop()
        elif found["cm"]:
            a, _b, _c, _d, e, f = map(float, found["cm"].split())
            scale, x, y = scale * a, x + scale * e, y + scale * f
        elif found["tm"]:
            left, bottom = map(float, found["tm"].split())
        elif found["font"]:
            font, size = fonts.get(found["font"], {}), float(found["size"])
        elif found["leading"]:
            leading = float(found["leading"])
        elif found["next"]:
            bottom -= leading
        elif found["rect"]:
            rectangles += 1
        elif text := "".join(font[byte] for byte in _unescaped(found["text"] or b"")):
            place = (x + scale * left) / MM, 297 - (y + scale * bottom) / MM
            lines.append(Line(text, *place, scale * size))
    return Page(lines, rectangles)


def _unicode(objects: dict[bytes, bytes], number: bytes) -> dict[int, str]:
    number = re.search(rb"/ToUnicode (\d+) 0 R", objects[number])[1]
    rows = re.findall(rb"<([0-9A-F]{2})> <([0-9A-F]{4})>", _stream(objects[number]))
    return {int(code, 16): chr(int(char, 16)) for code, char in rows}


def _stream(body: bytes) -> bytes:
    data = re.search(rb"stream\r?\n(.*?)\s*endstream", body, re.S)[1]
    if b"ASCII85" in body:
        data = base64.a85decode(b"<~" + data.strip(), adobe=True)
    return zlib.decompress(data)


def _unescaped(text: bytes) -> bytes:
    def one(found: re.Match) -> bytes:
        escaped = found[1]
        return bytes([int(escaped, 8)]) if escaped.isdigit() else ESCAPES.get(escaped, escaped)

    return re.sub(rb"\\([0-7]{1,3}|.)", one, text, flags=re.S)
