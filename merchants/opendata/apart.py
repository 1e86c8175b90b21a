"""Reading a file by a program of its own: what brings it down does not end the site's process."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from .files import ImportFileError


def lines_of(
    program: Path, path: Path, sentences: Mapping[int, str], otherwise: str
) -> Iterator[str]:
    """What `program` prints of the file, line by line.

    Raises ImportFileError where it ends with an exit code other than 0: the name of the file, then
    the words of that code, or `otherwise`.
    """
    process = subprocess.Popen(
        [sys.executable, "-I", str(program), str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="ascii",
    )
    try:
        yield from process.stdout
        if code := process.wait():
            raise ImportFileError(f"Le fichier {path.name} {sentences.get(code, otherwise)}")
    finally:
        # Whoever reads the first rows only does not wait for the others.
        process.kill()
        process.stdout.close()
        process.wait()
