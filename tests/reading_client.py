"""A test client that holds the promise "GET never writes"."""

import re

from django.conf import settings
from django.db import connections
from django.test import Client

WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE|CREATE|ALTER|DROP)\b", re.IGNORECASE
)


class ReadingClient(Client):
    """Fails where a GET or HEAD request writes to a database.

    One exception: somebody with a session may have it saved, since showing a message marks it as
    read. A visitor without one writes nothing at all.
    """

    def request(self, **request):
        if request["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return super().request(**request)
        guard = _Guard(
            f"{request['REQUEST_METHOD']} {request['PATH_INFO']}",
            has_session=settings.SESSION_COOKIE_NAME in self.cookies,
        )
        wrappers = [connection.execute_wrapper(guard) for connection in connections.all()]
        for wrapper in wrappers:
            wrapper.__enter__()
        try:
            response = super().request(**request)
        finally:
            for wrapper in reversed(wrappers):
                wrapper.__exit__(None, None, None)
        # A view that swallowed the refusal wrote all the same.
        if guard.refused:
            raise AssertionError(guard.refused[0])
        return response


class _Guard:
    def __init__(self, request: str, *, has_session: bool):
        self.request = request
        self.has_session = has_session
        self.refused: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        if WRITES.match(str(sql)) and not (self.has_session and "django_session" in str(sql)):
            self.refused.append(f"{self.request} writes to the database: {sql}")
            raise AssertionError(self.refused[-1])
        return execute(sql, params, many, context)
