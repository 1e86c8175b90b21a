"""Work that goes on after the answer: who is at it, and how far it has come.

Whoever works holds a lock on a file that ends with the process: work that is said to be under way,
and whose lock nobody holds, was interrupted. How far it has come stands in the cache: on SQLite
nobody else could write it to the database in the middle of a transaction.
"""

import fcntl
import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from traceback import format_tb
from typing import IO

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

logger = logging.getLogger(__name__)

# Seconds between two words on how far the work has come.
PACE = 0.5
KEPT = 24 * 3600


class Busy(Exception):
    """Somebody is at that work already."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where some work stands. `total` is 0 as long as nobody knows it."""

    done: int = 0
    total: int = 0
    is_running: bool = False
    # Somebody's process ended in the middle: it can be started again.
    is_interrupted: bool = False

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 0


class Teller:
    """Says how far some work has come, at most once in PACE seconds."""

    def __init__(self, name: str):
        self._name = name
        self._next = 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() >= self._next:
            cache.set(self._name, (done, total), KEPT)
            self._next = time.monotonic() + PACE


def progress_of(name: str) -> Progress:
    """How far work that was begun, and has not said its end, has come."""
    done, total = cache.get(name, (0, 0))
    running = _is_held(name)
    return Progress(done, total, is_running=running, is_interrupted=not running)


def start(name: str, work: Callable[[], None], lock: AbstractContextManager) -> None:
    """Does some work in a thread of its own, once the transaction is over, then lets go of its
    lock. With WORK_IN_BACKGROUND = False, all is over when this returns."""
    if not settings.WORK_IN_BACKGROUND:
        with _at_work(name, lock):
            work()
        return
    thread = threading.Thread(target=_in_thread, args=(name, work, lock), name=name, daemon=True)
    # Rolled back, the lock is forgotten with this function, and its file closed.
    transaction.on_commit(thread.start)


def _in_thread(name: str, work: Callable[[], None], lock: AbstractContextManager) -> None:
    try:
        with _at_work(name, lock):
            work()
    except Exception as error:
        # Its message may hold anything, names too: where it happened is enough.
        where = "".join(format_tb(error.__traceback__))
        logger.error("%s stopped: %s\n%s", name, type(error).__name__, where)
    finally:
        connection.close()


@contextmanager
def _at_work(name: str, lock: AbstractContextManager):
    with lock:
        cache.delete(name)
        try:
            yield
        finally:
            cache.delete(name)


def hold(name: str) -> IO:
    """The open file whose lock is ours until it is closed. Raises Busy."""
    folder = settings.VAR_DIR / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / f"{name}.lock").open("w")
    for _attempt in range(20):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        except BlockingIOError:
            time.sleep(0.01)  # Somebody looks, perhaps; he does so for microseconds.
    file.close()
    raise Busy(name)


def _is_held(name: str) -> bool:
    try:
        with (settings.VAR_DIR / "locks" / f"{name}.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
