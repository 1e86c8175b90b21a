"""An import that is killed (SIGKILL) half-way, in a process of its own on the suite's database:
nothing is half done, and what is run again is done once."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from merchants.opendata.category_files import read_categories
from merchants.workflow.categories import save_categories
from tests.factories import make_commune
from tests.imports import LINES, csv_of

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parent.parent.parent
ROWS = [each | {"horaires": "Mo-Fr 09:00-18:00"} for each in LINES]
KILLING = """
import os, signal, sys, time
import django
django.setup()
from io import BytesIO
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from merchants.models import Commune, ShopImport
from merchants.opendata import import_runs

def kill_at(table):
    def kill(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith(f'INSERT INTO "{table}"'):
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    connection.execute_wrappers.append(kill)

now = timezone.now()
"""
STATE = """
from merchants.models import *
print(*(model.objects.count() for model in (Shop, HistoryEntry, OpeningPeriod, ImportedValues)))
print(*ShopImport.objects.values_list("status", flat=True))
print(*ImportLine.objects.order_by("pk").values_list("result", "version"))
"""
COMMAND = f"""{KILLING}
if sys.argv[2] == "killed":
    kill_at("merchants_openingperiod")
call_command("import_shops", sys.argv[1], commune="92073", verbosity=0)
{STATE}"""
BACK_OFFICE = f"""{KILLING}
if sys.argv[1] == "read":
    content = BytesIO(sys.stdin.buffer.read())
    run = import_runs.upload(
        commune=Commune.objects.get(), name="commerces.csv", content=content, by=None, now=now
    )
    import_runs.read(run, now=now)
elif sys.argv[1] == "killed":
    settings.WORK_IN_BACKGROUND = False
    kill_at("merchants_importline")
    import_runs.start(ShopImport.objects.get(), "apply", by=None, now=now)
elif sys.argv[1] == "again":
    run = ShopImport.objects.get()
    assert import_runs.progress(run).is_interrupted
    import_runs.start(run, "apply", by=None, now=now)
    while import_runs.progress(run).is_running:
        time.sleep(0.05)
else:
    import_runs.apply(ShopImport.objects.get(), by=None, now=now)
{STATE}"""
LOOKING = KILLING + STATE


@pytest.fixture
def run(elsewhere, clean_environment, now):
    """`run(code, *arguments)` in a process of its own: how it ended, and what it said."""
    save_categories(read_categories(), by=None, now=now)
    make_commune("Suresnes", insee_code="92073")
    environment = clean_environment | {
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "commerce_local.settings",
        "DATABASE_URL": elsewhere(),
    }

    def run(code: str, *arguments: str, given: bytes = b"") -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT, env=environment, input=given, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()
        return done.returncode, done.stdout.decode()

    return run


def test_from_the_back_office(run):
    before = run(BACK_OFFICE, "read", given=csv_of(ROWS).getvalue())
    assert before[1].startswith("0 0 0 0\nready\n('new', None)")
    assert run(BACK_OFFICE, "killed")[0] == -signal.SIGKILL
    assert run(LOOKING) == before
    lines = "('new', 1) ('new', 1) ('refused', None)"
    for how in ("again", "twice"):
        assert run(BACK_OFFICE, how) == (0, f"2 2 10 2\napplied\n{lines}\n")


def test_from_the_command_line(run, tmp_path):
    """Shops, services and hours were sent, the transaction was not over."""
    path = tmp_path / "commerces.csv"
    path.write_bytes(csv_of(ROWS).getvalue())
    assert run(COMMAND, str(path), "killed")[0] == -signal.SIGKILL
    assert run(LOOKING) == (0, "0 0 0 0\n\n\n")
    for _time in range(2):
        code, said = run(COMMAND, str(path), "again")
        assert (code, said.splitlines()[-3:]) == (0, ["2 2 10 2", "", ""])
