"""What the site does every day."""

import pytest
from django.core.management import CommandError, call_command

from merchants.management.commands import daily

pytestmark = pytest.mark.django_db


def test_a_fault_of_ours_stops_no_later_task_and_is_logged_without_its_message(
    capsys, caplog, monkeypatch
):
    whose = "@".join(["awa", "example.fr"])  # Lines of the source stand in the log.

    def broken(now):
        raise KeyError(whose)

    tasks = [("Cassé", broken), ("Intact", lambda now: "fait")]
    monkeypatch.setattr(daily, "TASKS", tasks)
    with pytest.raises(CommandError, match="À regarder\u00a0: Cassé"):
        call_command("daily")
    said = capsys.readouterr()
    assert "Intact\u00a0: fait." in said.out
    assert said.err == "Cassé\u00a0: échec (KeyError)\n"
    (entry,) = caplog.records
    assert entry.getMessage().startswith("daily, Cassé: KeyError")
    assert "in broken" in caplog.text
    assert "awa@" not in caplog.text
