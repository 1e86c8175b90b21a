"""What every test stands on: no internet, a client whose GET never writes, a clock that is told.

`tests/factories.py` makes the rows. Environment: COMMERCE_LOCAL_SHARED_DATA names the folder of
real open data; CI_NOTHING_SKIPPED=1 turns a skipped or an expected failure into a failure.
"""

import gc
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection
from django.test import override_settings
from django.utils import translation

from commerce_local.environment import env_bool, env_text
from tests import service as outside_service
from tests.reading_client import ReadingClient

ROOT = Path(__file__).resolve().parent.parent
# Whose further examples are other values, and no other question to the database.
ONE_EXAMPLE = ("accounts", "admin", "views", "workflow")

# Two shared cores: how long one example took says nothing. In CI, the same examples every time.
hypothesis.settings.register_profile("commerce_local", deadline=None, derandomize=env_bool("CI"))
hypothesis.settings.load_profile("commerce_local")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    # The options of pytest-socket: sockets reach this machine and nothing else.
    config.option.allow_hosts = "127.0.0.1,localhost,::1"
    config.option.allow_unix_socket = True
    # Pages are made and thrown away by the thousand: looking for cycles less often is quicker.
    gc.set_threshold(50_000)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    return _nothing_skipped(report)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report(collector):
    report = yield
    return _nothing_skipped(report)


def pytest_addoption(parser):
    parser.addoption(
        "--one-example",
        action="store_true",
        help="of a page's or workflow's test with several examples, the first alone",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Marks what is to run on every database: the rest would say the same on another one. The
    browser goes first: the many short tests behind it keep both workers busy to the end."""
    for item in items:
        fixtures = {"db", "transactional_db", "live_server"} & set(item.fixturenames)
        needs_one = fixtures or item.get_closest_marker("django_db")
        if needs_one and not item.get_closest_marker("one_database"):
            item.add_marker("database")
    if config.getoption("--one-example"):
        first, others = _first_examples(items)
        config.hook.pytest_deselected(items=others)
        items[:] = first
    yield
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def _first_examples(items) -> tuple[list, list]:
    """The items without the further examples of ONE_EXAMPLE, and those examples."""
    first, others, seen = [], [], set()
    for item in items:
        function = item.nodeid.partition("[")[0]
        once = any(item.path.is_relative_to(ROOT / "tests" / name) for name in ONE_EXAMPLE)
        (others if once and function in seen else first).append(item)
        seen.add(function)
    return first, others


def _nothing_skipped(report):
    if env_bool("CI_NOTHING_SKIPPED") and (report.skipped or hasattr(report, "wasxfail")):
        reason = getattr(report, "wasxfail", None) or report.longrepr
        report.outcome = "failed"
        report.longrepr = (
            f"{report.nodeid}: skipped or expected to fail, where nothing may: {reason}"
        )
        if hasattr(report, "wasxfail"):
            del report.wasxfail
    return report


@pytest.fixture(scope="session", autouse=True)
def _settings_of_tests(tmp_path_factory) -> Iterator[None]:
    """A complete configuration over plain HTTP, whatever the environment says."""
    static_root = tmp_path_factory.mktemp("static")
    with override_settings(
        DEBUG=False,
        DEMO=False,
        LOCAL=False,
        SECRET_KEY="a-key-for-tests-that-is-longer-than-fifty-characters",
        SITE_NAME="Commerce local",
        SITE_URL="http://testserver",
        CONTACT_EMAIL="contact@example.fr",
        HTTPS=False,
        SECURE_SSL_REDIRECT=False,
        SESSION_COOKIE_SECURE=False,
        CSRF_COOKIE_SECURE=False,
        SECURE_HSTS_SECONDS=0,
        # No manifest: a page may name a file that nobody has collected.
        STATIC_ROOT=static_root,
        STORAGES={
            **django_settings.STORAGES,
            "staticfiles": {
                "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
            },
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        # Mails wait in the database until a test sends them; then they stand in `mail.outbox`.
        EMAIL_BACKEND="merchants.workflow.postman.QueueBackend",
        DEFAULT_FROM_EMAIL='"Commerce local" <contact@example.fr>',
        MAIL_FOLDER=None,
        SEND_MAILS_IN_BACKGROUND=False,
        WORK_IN_BACKGROUND=False,
        POST_OFFICE={
            **django_settings.POST_OFFICE,
            "BACKENDS": {"default": "django.core.mail.backends.locmem.EmailBackend"},
        },
        # Nobody answers, unless a test brings somebody.
        GEOCODER_URL="http://127.0.0.1:9",
        CACHES={
            name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
            for name in django_settings.CACHES
        },
    ):
        yield


@pytest.fixture(autouse=True)
def _apart(settings, tmp_path) -> Iterator[None]:
    """No test sees another's files, cached pages or language."""
    translation.activate(settings.LANGUAGE_CODE)
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.VAR_DIR = tmp_path / "var"
    _clear_caches()
    yield
    _clear_caches()


def _clear_caches() -> None:
    for cache in caches.all():
        cache.clear()


@pytest.fixture
def now() -> datetime:
    """A Monday morning in term time."""
    return datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real open data that stands beside the checkout."""
    folder = Path(env_text("COMMERCE_LOCAL_SHARED_DATA", str(ROOT.parent / "shared" / "data")))
    if not folder.is_dir():
        pytest.skip("no real data here: set COMMERCE_LOCAL_SHARED_DATA to their folder")
    return folder


@pytest.fixture
def client() -> ReadingClient:
    """A stranger's browser; GET and HEAD may not write to the database."""
    return ReadingClient()


@pytest.fixture
def login() -> Callable[..., ReadingClient]:
    """`login(user)` is a browser of its own in which that person is logged in."""

    def login(user) -> ReadingClient:
        client = ReadingClient()
        client.force_login(user)
        return client

    return login


@pytest.fixture
def clean_environment(tmp_path) -> dict[str, str]:
    """For a process that starts with no setting at all, and whose `var` is a temporary folder."""
    kept = ("PATH", "HOME", "LANG", "SYSTEMROOT")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {"VAR_DIR": str(tmp_path / "var")}


@pytest.fixture
def elsewhere(transactional_db, tmp_path) -> Callable[[], str]:
    """`elsewhere()` is the DATABASE_URL of the suite's database for another process: the same one
    on PostgreSQL; on SQLite, where it stands in this process's memory, a copy in a file."""

    def elsewhere() -> str:
        if connection.vendor == "postgresql":
            server = urlsplit(os.environ["DATABASE_URL"])
            return server._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        path = tmp_path / "elsewhere.sqlite3"
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
        return f"sqlite:///{path}"

    return elsewhere


@pytest.fixture
def service() -> Iterator[outside_service.Service]:
    """An outside service on this machine, in the health that a test gives it."""
    with outside_service.running() as running:
        yield running
