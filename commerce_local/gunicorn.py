"""The application server's settings, in production and for `make run`.

Threads, because a page waits for the database more than it computes; two processes, so that one
slow export never holds up the town. Log lines hold no visitor's address: there is no access log.
"""

import sys

from commerce_local.environment import env_bool, env_text

bind = env_text("BIND", f"127.0.0.1:{env_text('PORT', '8000')}")
worker_class = "gthread"
workers = int(env_text("WEB_CONCURRENCY", "2"))
threads = int(env_text("THREADS", "4"))
keepalive = 65
# The configuration is read, checked and refused once, before any worker starts.
preload_app = True
control_socket_disable = True
# The demonstration's last line is the one that says where to look.
loglevel = "warning" if env_bool("DEMO") else "info"


def when_ready(server) -> None:
    """Called once the application is loaded and the server listens."""
    if env_bool("DEMO"):
        from commerce_local.demo import welcome

        sys.stdout.write(welcome())
        sys.stdout.flush()


def post_worker_init(worker) -> None:
    """Called once a worker serves: mails may wait that an earlier one did not get to send, and
    visits that it did not get to count."""
    from django.db import DatabaseError, connection
    from django.utils import timezone

    from merchants.workflow.counting import fold_counts
    from merchants.workflow.postman import wake

    wake()
    try:
        fold_counts(now=timezone.now())
    except (DatabaseError, OSError) as error:
        worker.log.warning("counts: left for the next run (%s)", type(error).__name__)
    finally:
        connection.close()
