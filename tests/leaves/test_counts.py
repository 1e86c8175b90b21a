"""Counting in files, by several processes at once."""

import subprocess
import sys
from collections import Counter
from threading import Event, Thread

from merchants import counts
from merchants.counts import SEARCH, TYPED, VIEW, Counted

MONTH = "2026-11"


def view(key: str) -> Counted:
    return Counted(VIEW, MONTH, key)


def taken(folder) -> Counter:
    total = Counter()
    for path in counts.take(folder):
        total += counts.summed(path)
        path.unlink()
    return total


def test_each_thing_as_often_as_it_was_counted(tmp_path):
    folder = tmp_path / "not" / "there"
    for key in ("suresnes/a", "suresnes/b", "suresnes/a"):
        counts.append(folder, VIEW, MONTH, key)
    assert taken(folder) == {view("suresnes/a"): 2, view("suresnes/b"): 1}
    assert taken(folder) == {}
    assert taken(tmp_path / "nowhere") == {}


def test_a_run_that_died_left_its_file(tmp_path):
    counts.append(tmp_path, VIEW, MONTH, "suresnes/a")
    assert len(counts.take(tmp_path)) == 1
    counts.append(tmp_path, VIEW, MONTH, "suresnes/a")
    assert taken(tmp_path) == {view("suresnes/a"): 2}


def test_what_is_no_line_is_left_out(tmp_path):
    (tmp_path / "open").write_bytes(
        b"view 2026-11 a/b\nvi\xff\nview 2026-1 a/b\n\nhack 2026-11 a\nvie"
    )
    (tmp_path / "other.txt").write_text("view 2026-11 a/b\n")
    counts.append(tmp_path, VIEW, MONTH, "x" * 400)
    counts.append(tmp_path, VIEW, MONTH, "a\nview 2026-11 b")
    assert taken(tmp_path) == {view("a/b"): 1}
    assert (tmp_path / "other.txt").exists()


def test_a_line_holds_nothing_else(tmp_path):
    counts.append(tmp_path, VIEW, MONTH, "suresnes/a")
    assert (tmp_path / "open").read_text() == "view 2026-11 suresnes/a\n"


def test_two_processes_and_one_that_takes_away(tmp_path):
    program = (
        "import sys; from pathlib import Path; from merchants import counts\n"
        "for n in range(300): counts.append(Path(sys.argv[1]), 'view', '2026-11', sys.argv[2])"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path), key])
        for key in ("suresnes/a", "suresnes/b")
    ]
    total, over = Counter(), Event()

    def take_away():
        while not over.is_set():
            total.update(taken(tmp_path))

    taker = Thread(target=take_away)
    taker.start()
    assert [writer.wait(60) for writer in writers] == [0, 0]
    over.set()
    taker.join()
    total.update(taken(tmp_path))
    assert total == {view("suresnes/a"): 300, view("suresnes/b"): 300}


def test_somebody_who_types_looks_for_the_last_word(tmp_path):
    for words in ("bou", "bouch", "bio", "boucherie", "bouch", "bouch"):
        counts.append(tmp_path, TYPED, MONTH, f"suresnes {words}")
    counts.append(tmp_path, TYPED, MONTH, "garches bou")
    counts.append(tmp_path, SEARCH, MONTH, "suresnes bou")
    assert taken(tmp_path) == {
        Counted(SEARCH, MONTH, "suresnes bio"): 1,
        Counted(SEARCH, MONTH, "suresnes bouch"): 1,
        Counted(SEARCH, MONTH, "garches bou"): 1,
        Counted(SEARCH, MONTH, "suresnes bou"): 1,
    }


def test_what_others_typed_long_before_is_theirs(tmp_path):
    counts.append(tmp_path, TYPED, MONTH, "suresnes bou")
    for number in range(counts.TYPING_SEEN):
        counts.append(tmp_path, TYPED, MONTH, f"suresnes {number:03}x")
    counts.append(tmp_path, TYPED, MONTH, "suresnes boucherie")
    found = taken(tmp_path)
    assert found[Counted(SEARCH, MONTH, "suresnes bou")] == 1
    assert sum(found.values()) == counts.TYPING_SEEN + 2
