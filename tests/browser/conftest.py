"""A real browser in which nothing foreign is ever reached and nothing goes wrong unseen.

Every test here is marked `browser`. Map tiles are grey squares of this machine; for the browser
there is no other, and a request beyond it, an error in the console (a refusal by the
Content-Security-Policy is one) or an uncaught exception of a script fails the test. A test that
provokes one reads `problems` and clears it. CHROMIUM names the browser's program,
/usr/bin/chromium where it is absent.
"""

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client, override_settings

from commerce_local.environment import env_text
from merchants.workflow import postman
from tests.browser.tiles import serve_tiles

HERE = Path(__file__).resolve().parent
LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]

# Without Playwright (`make setup` does not install it), there is nothing to collect here.
if importlib.util.find_spec("playwright") is None:
    collect_ignore_glob = ["test_*.py"]


def pytest_report_header():
    if importlib.util.find_spec("playwright") is None:
        return "browser tests: left out, Playwright is not installed (make test-browser does)"
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory, django_db_modify_db_settings_parallel_suffix):
    """SQLite in a file, as in production: server and test are two threads."""
    for database in settings.DATABASES.values():
        if database["ENGINE"].endswith("sqlite3"):
            database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="package")
def browser() -> Iterator:
    """Chromium, started once and stopped after the last test of this folder."""
    from playwright.sync_api import sync_playwright

    program = env_text("CHROMIUM", "/usr/bin/chromium")
    if not Path(program).exists():
        pytest.skip(f"no Chromium at {program}: set CHROMIUM to its program")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    # Playwright's synchronous interface keeps an event loop in this thread, in which Django would
    # refuse to touch the database; nothing here is asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            yield chromium
            chromium.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture(scope="package", autouse=True)
def _tiles() -> Iterator[None]:
    with serve_tiles() as url:
        origin = url.removesuffix("/{z}/{x}/{y}.png")
        label, _url, options = settings.LEAFLET_CONFIG["TILES"][0]
        policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        images = [origin if it == settings.TILES_ORIGIN else it for it in policy["img-src"]]
        with override_settings(
            TILES_URL=url,
            TILES_ORIGIN=origin,
            LEAFLET_CONFIG={**settings.LEAFLET_CONFIG, "TILES": [(label, url, options)]},
            CONTENT_SECURITY_POLICY={"DIRECTIVES": {**policy, "img-src": images}},
        ):
            yield


@pytest.fixture
def problems() -> Iterator[list[str]]:
    """What went wrong in the pages of this test; the test fails unless it is empty at the end."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def open_page(browser, problems):
    """`with open_page(width=360) as page:` is a visitor of their own, watched and kept at home."""

    @contextmanager
    def open_page(*, width: int = 1440, height: int = 900, javascript: bool = True):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
            service_workers="block",
        )
        context.set_default_timeout(10_000)
        context.on("request", lambda request: _read_request(request, problems))
        context.on("console", lambda message: _read_console(message, problems))
        context.on("weberror", lambda error: problems.append(f"exception: {error.error}"))
        try:
            yield context.new_page()
        finally:
            context.close()

    return open_page


@pytest.fixture
def page(open_page):
    """A window on a desk, 1440 pixels wide."""
    with open_page() as page:
        yield page


@pytest.fixture
def tablet(open_page):
    """768 × 1024 pixels."""
    with open_page(width=768, height=1024) as page:
        yield page


@pytest.fixture
def phone(open_page):
    """360 × 740 pixels."""
    with open_page(width=360, height=740) as page:
        yield page


@pytest.fixture(params=[360, 768, 1440])
def any_width(request, open_page):
    """The same test on a phone, a tablet and a desk."""
    with open_page(width=request.param) as page:
        yield page


@pytest.fixture
def page_without_js(open_page):
    with open_page(javascript=False) as page:
        yield page


@pytest.fixture
def phone_of(open_page, live_server):
    """`with phone_of(user) as page:` is that person’s phone, logged in, at the dashboard."""

    @contextmanager
    def phone_of(user, *, javascript: bool = True, width: int = 360):
        client = Client()
        client.force_login(user)
        with open_page(width=width, height=740, javascript=javascript) as page:
            page.context.add_cookies(
                [
                    {
                        "name": settings.SESSION_COOKIE_NAME,
                        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                        "url": live_server.url,
                    }
                ]
            )
            page.goto(f"{live_server.url}/mon-commerce/")
            yield page

    return phone_of


@pytest.fixture
def mail_folder(live_server, settings) -> Iterator[Path]:
    """Mails leave as in the demonstration: a thread of the server writes each into this folder."""
    settings.SITE_URL = live_server.url
    settings.MAIL_FOLDER = settings.VAR_DIR / "mails"
    settings.POST_OFFICE = settings.POST_OFFICE | {
        "BACKENDS": {"default": "commerce_local.mail.FolderBackend"}
    }
    settings.SEND_MAILS_IN_BACKGROUND = True
    yield settings.MAIL_FOLDER
    assert postman._postman.rest(20)


def _read_request(request, problems: list[str]) -> None:
    host = urlsplit(request.url).hostname
    if host is not None and host not in LOCAL_HOSTS:
        problems.append(f"request to a foreign host: {request.url}")


def _read_console(message, problems: list[str]) -> None:
    if message.type == "error":
        where = message.location.get("url", "")
        problems.append(f"console: {message.text} ({where})")
