"""The harness itself, against a tiny page of this machine: it sees what it promises to see."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings
from django.urls import reverse

from tests.factories import make_user

HEAD = "<!doctype html><html lang=fr><link rel=icon href=data:,><title>Essai</title>"
PAGES = {
    "/": f"{HEAD}<h1>Bonjour</h1><noscript>sans script</noscript>",
    "/foreign": f"{HEAD}<img src='https://foreign.example/pixel.png' alt=''>",
    "/console": f"{HEAD}<script>console.error('tout va mal')</script>",
    "/warning": f"{HEAD}<script>console.warn('attention')</script>",
    "/exception": f"{HEAD}<script>throw new Error('raté')</script>",
    "/missing": f"{HEAD}<img src='/nowhere.png' alt=''>",
    "/policy": f"{HEAD}<p style='color: red'>Rouge</p>",
}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = PAGES.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if self.path == "/policy":
            self.send_header("Content-Security-Policy", "style-src 'self'")
        self.end_headers()
        self.wfile.write((body or "").encode())

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def tiny_site():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_page_of_this_machine_is_shown_at_every_width(any_width, tiny_site):
    any_width.goto(tiny_site)
    assert any_width.inner_text("h1") == "Bonjour"
    assert any_width.evaluate("innerWidth") == any_width.viewport_size["width"]
    assert any_width.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_named_widths(phone, tablet, page):
    assert [p.viewport_size["width"] for p in (phone, tablet, page)] == [360, 768, 1440]


def test_a_page_without_javascript(page_without_js, tiny_site):
    page_without_js.goto(tiny_site)
    assert page_without_js.inner_text("noscript") == "sans script"


def test_a_tile_is_a_grey_square(page):
    page.goto(settings.TILES_URL)
    assert page.evaluate("document.querySelector('img').naturalWidth") == 256


def test_a_warning_is_no_problem(page, tiny_site):
    page.goto(f"{tiny_site}/warning")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/foreign", "request to a foreign host: https://foreign.example/pixel.png"),
        ("/console", "console: tout va mal"),
        ("/exception", "exception: "),
        ("/missing", "404"),
        ("/policy", "Content Security Policy"),
    ],
)
def test_what_goes_wrong_is_seen(page, tiny_site, problems, address, said):
    page.goto(f"{tiny_site}{address}")
    # The browser tells of it in its own time.
    page.wait_for_timeout(100)
    assert any(said in problem for problem in problems), problems
    problems.clear()


def test_the_browser_sees_what_the_test_wrote(page, live_server):
    make_user("agent@example.fr", password="un mot de passe", is_staff=True)
    page.goto(live_server.url + reverse("admin:login"))
    page.fill("[name=login]", "agent@example.fr")
    page.fill("[name=password]", "un mot de passe")
    page.keyboard.press("Enter")
    page.wait_for_url(live_server.url + reverse("admin:index"))
    held = {cookie["name"]: cookie["httpOnly"] for cookie in page.context.cookies()}
    assert held["sessionid"] is True
