"""A real address server: addok over a Redis of its own, with the real addresses of a town.

addok is looked for in `.venv/addok` (`make setup-addok`), or where ADDOK names its program.
"""

import gzip
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commerce_local.environment import env_text

ROOT = Path(__file__).resolve().parent.parent
ADDOK = Path(env_text("ADDOK", str(ROOT / ".venv" / "addok" / "bin" / "addok")))
# What the national server filters by.
CONFIGURATION = """
FILTERS = ["type", "postcode", "citycode"]
EXTRA_FIELDS = [{"key": "citycode"}]
ATTRIBUTION = "BAN"
LICENCE = "ETALAB-2.0"
"""
PATIENCE = 30  # seconds


def missing() -> str:
    """What must be installed first; "" where nothing."""
    if not ADDOK.exists():
        return "no address server here: make setup-addok"
    return "" if shutil.which("redis-server") else "addok needs redis-server"


@contextmanager
def running(addresses: Path) -> Iterator[str]:
    """The address of a server that knows these (gzipped lines of JSON); about two seconds."""
    # A short path: the name of a socket has room for about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="addok-") as directory:
        folder = Path(directory)
        redis_socket = folder / "redis"
        (folder / "addok.conf").write_text(CONFIGURATION)
        (folder / "addresses.ndjson").write_bytes(gzip.decompress(addresses.read_bytes()))
        port = _free_port()
        environment = os.environ | {
            "REDIS_SOCKET": str(redis_socket),
            "ADDOK_CONFIG_MODULE": str(folder / "addok.conf"),
            "ADDOK_LOG_DIR": directory,
        }
        redis = ["redis-server", "--port", "0", "--unixsocket", redis_socket, "--save", ""]
        with _process([*redis, "--dir", directory], environment):
            _wait(redis_socket.exists)
            for task in (["batch", folder / "addresses.ndjson"], ["ngrams"]):
                command = [ADDOK, *task]
                subprocess.run(command, env=environment, check=True, capture_output=True)
            with _process([ADDOK, "serve", "--port", str(port)], environment):
                _wait(lambda: _answers(port))
                yield f"http://127.0.0.1:{port}"


@contextmanager
def _process(command: list, environment: dict[str, str]) -> Iterator[None]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, **quiet) as process:
        try:
            yield
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _answers(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def _wait(ready) -> None:
    end = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError("the address server did not start")
        time.sleep(0.05)
