"""What background work says of itself, and what it does not."""

import logging

from merchants.opendata import background


def test_a_fault_is_logged_without_its_words(caplog):
    """They may be a row of the database: names of people."""
    row = "Failing row contains (Marie Martin)"

    def work():
        raise ValueError(row)

    with caplog.at_level(logging.ERROR):
        background._in_thread("trial", work, background.hold("trial"))
    assert "trial stopped: ValueError" in caplog.text
    assert "test_background.py" in caplog.text
    assert "Marie" not in caplog.text
    background.hold("trial").close()
