"""Counting in files: what is asked for, how often, and nothing of who asks.

A leaf. Each process appends short lines to one file, so that a page that is read writes to no
database; now and then the file is taken away and its lines are summed. A line is what, month and
key ("view 2026-11 suresnes/le-fournil"): no address, no browser, no time of day.
"""

import fcntl
import os
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

OPEN = "open"
TAKEN = re.compile(r"taken-[0-9a-f]{16}")
LONGEST_LINE = 300  # bytes

VIEW, SEARCH, TYPED = "view", "search", "typed"
_LINE = re.compile(rf"({VIEW}|{SEARCH}|{TYPED}) (\d{{4}}-\d\d) (\S.*)")
# So far back somebody who types is looked for among the words of others.
TYPING_SEEN = 20


class Counted(NamedTuple):
    """What was counted: VIEW of "commune/shop", or SEARCH of "commune words", in a month."""

    what: str
    month: str
    key: str


def append(folder: Path, what: str, month: str, key: str) -> None:
    """One line more, by one write. Raises OSError where that is not possible."""
    line = f"{what} {month} {key}\n".encode()
    if len(line) > LONGEST_LINE or b"\n" in line[:-1]:
        return
    while True:
        try:
            with _locked(folder / OPEN, os.O_WRONLY | os.O_APPEND | os.O_CREAT) as file:
                os.write(file, line)
                return
        except _TakenAwayError:
            continue
        except FileNotFoundError:
            folder.mkdir(parents=True, exist_ok=True)


def take(folder: Path) -> list[Path]:
    """The files that wait to be summed: those of a run that failed, and what was open until now.

    Lines that come while this runs go to a new file; none is lost, none stands in both.
    """
    if not folder.is_dir():
        return []
    target = folder / f"taken-{secrets.token_hex(8)}"
    try:
        (folder / OPEN).rename(target)
    except FileNotFoundError:  # Nothing was counted, or another process has just taken it.
        pass
    else:
        # Whoever has it open finishes first; whoever opens it later sees that it has moved.
        descriptor = os.open(target, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.close(descriptor)
    return sorted(path for path in folder.iterdir() if TAKEN.fullmatch(path.name))


def summed(path: Path) -> Counter[Counted]:
    """How often each thing stands in a file. What is no line is left out."""
    counts: Counter[Counted] = Counter()
    typing: list[Counted] = []
    with path.open(encoding="utf-8", errors="replace") as lines:
        for text in lines:
            if match := _LINE.fullmatch(text.rstrip("\n")):
                counted = Counted(*match.groups())
                if counted.what != TYPED:
                    counts[counted] += 1
                    continue
                _forget_beginning(typing, counted)
                typing.append(counted)
                if len(typing) > TYPING_SEEN:
                    counts[typing.pop(0)._replace(what=SEARCH)] += 1
    counts.update(counted._replace(what=SEARCH) for counted in typing)
    return counts


def _forget_beginning(typing: list[Counted], counted: Counted) -> None:
    """Somebody types "bouch", "boucher", "boucherie": the last one is the search."""
    for earlier in reversed(typing):
        same = counted.key.startswith(earlier.key) or earlier.key.startswith(counted.key)
        if same and counted.month == earlier.month:
            typing.remove(earlier)
            return


class _TakenAwayError(Exception):
    """The file was renamed between its opening and its lock."""


@contextmanager
def _locked(path: Path, flags: int) -> Iterator[int]:
    """The file, which nobody takes away meanwhile. The lock ends with the descriptor."""
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        try:
            is_there = os.path.samestat(os.fstat(descriptor), path.stat())
        except FileNotFoundError:
            is_there = False
        if not is_there:
            raise _TakenAwayError
        yield descriptor
    finally:
        os.close(descriptor)
