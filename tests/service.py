"""A local server that stands in for an outside service, in good and in bad health."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


class Service:
    """Answers every request with `body` (made JSON where it is no text), as its health permits.

    `health`: "well"; "hangs" before the first byte; "drips" a byte every 50 ms; "cut off" in the
    middle of the body, with or without ("chunked") its length told before; "silent" closes the
    connection without a word. After `healthy` answers, the next ones are given in the health
    `then`. With `answers`, the body is what that makes of the parameters asked.
    """

    def __init__(self):
        self.url = ""
        self.status = 200
        self.body: object = {}
        self.content_type = "application/json"
        self.headers: dict[str, str] = {}
        self.health = "well"
        self.healthy: int | None = None
        self.then = "well"
        self.answers: Callable[[dict[str, str]], object] | None = None
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.agents: list[str] = []
        self.over = threading.Event()


@contextmanager
def running() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            url = urlsplit(self.path)
            service.asked.append((url.path, dict(parse_qsl(url.query))))
            service.agents.append(self.headers["User-Agent"])
            # The client may have lost patience.
            with suppress(BrokenPipeError, ConnectionResetError):
                _answer(self, service)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        service.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(handler: BaseHTTPRequestHandler, service: Service) -> None:
    if service.healthy is not None and len(service.asked) > service.healthy:
        service.health = service.then
    if service.answers:
        service.body = service.answers(service.asked[-1][1])
    if service.health == "silent":
        return
    if service.health == "hangs":
        service.over.wait(10)
        return
    body = service.body if isinstance(service.body, str) else json.dumps(service.body)
    data = body.encode()
    handler.send_response(service.status)
    handler.send_header("Content-Type", service.content_type)
    if service.health == "chunked":
        handler.send_header("Transfer-Encoding", "chunked")
    else:
        handler.send_header("Content-Length", str(len(data)))
    for name, value in service.headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    half = data[: len(data) // 2]
    if service.health == "cut off":
        handler.wfile.write(half)
    elif service.health == "chunked":
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(half), half))
    elif service.health == "drips":
        for byte in data:
            if service.over.is_set():
                break
            handler.wfile.write(bytes([byte]))
            time.sleep(0.05)
    else:
        handler.wfile.write(data)
