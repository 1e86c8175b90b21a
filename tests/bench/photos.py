"""Prints what photos cost: `python -m tests.bench.photos`; seconds and megabytes beyond a start.

Each runs in a process of its own, so that peaks do not hide each other (Linux only). The targets
are a 12-megapixel JPEG in under 2 s and under 200 MB, and a bomb refused with bounded memory.
"""

import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture that compresses as badly as a real one."""
    bands = [
        Image.effect_noise((width // 4, height // 4), 40 + 10 * band).resize((width, height))
        for band in range(len(Image.new(mode, (1, 1)).getbands()))
    ]
    return Image.merge(mode, bands)


def saved(image: Image.Image, format: str, **options) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of black pixels that promises all of them and holds a few."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000_000)))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


CASES: dict[str, Callable[[], bytes]] = {
    "JPEG 12 MP": lambda: saved(noise(4032, 3024), "JPEG", quality=92),
    "JPEG 48 MP": lambda: saved(noise(8064, 6048), "JPEG", quality=80),
    "JPEG 12 MP, progressive": lambda: saved(noise(4032, 3024), "JPEG", progressive=True),
    "JPEG 16 MP, progressive, 4:4:4": lambda: saved(
        noise(4620, 3464), "JPEG", progressive=True, subsampling=0
    ),
    "PNG 12 MP": lambda: saved(noise(4032, 3024).quantize(64), "PNG", compress_level=1),
    "PNG 12 MP, transparent": lambda: saved(
        Image.new("RGBA", (4032, 3024), (200, 10, 10, 128)), "PNG", compress_level=1
    ),
    "WebP 16 MP, transparent": lambda: saved(
        Image.new("RGBA", (4620, 3464), (200, 10, 10, 128)), "WEBP", method=0
    ),
    "GIF 16 MP": lambda: saved(Image.new("P", (4620, 3464)), "GIF"),
    "PNG bomb 50,000 × 50,000": lambda: png_bomb(50_000, 50_000),
    "PNG bomb 4,000 × 4,000": lambda: png_bomb(4_000, 4_000),
}


def peak() -> float:
    """The most memory that this process ever had, in megabytes (proc(5), VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def measure() -> None:
    """Reads a file from the standard input, and prints what it cost."""
    from django.conf import settings

    settings.configure(USE_I18N=False)
    from merchants import photos

    file = BytesIO(sys.stdin.buffer.read())
    small = BytesIO(saved(Image.new("RGB", (600, 400)), "JPEG"))
    photos.process(small)  # Loads what every photo needs once.
    before = peak()
    start = time.perf_counter()
    try:
        done = photos.process(file)
        result = ", ".join(f"{width}: {len(body) // 1024} KB" for width, body in done.files.items())
    except photos.PhotoError as error:
        result = str(error)
    seconds = time.perf_counter() - start
    print(f"{seconds:6.2f} s {peak() - before:6.0f} MB {peak():6.0f} MB  {result}")


def main() -> None:
    print(f"{'':42} {'time':>8} {'more':>9} {'in all':>9}")
    for name, make in CASES.items():
        data = make()
        command = [sys.executable, "-m", "tests.bench.photos", "--one"]
        asked = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True)
        print(f"{f'{name} ({len(data) // 1024} KB)':42} {asked.stdout.decode()}", end="")


if __name__ == "__main__":
    measure() if "--one" in sys.argv else main()
