"""The production path (no DEBUG, compressed static files) on plain HTTP, with the bare views."""

import os

from commerce_local.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.urls"
if os.environ.get("BENCH_RENDER_EACH") == "1":
    CACHES["pages"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}  # noqa: F405
LOGGING = {"version": 1, "disable_existing_loggers": False, "root": {"level": "WARNING"}}
