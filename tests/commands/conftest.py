from io import StringIO

import pytest
from django.core.management import call_command


@pytest.fixture
def run():
    """`run("command", …)` is what the command said, with plain spaces."""

    def run(*arguments, **options) -> str:
        out = StringIO()
        call_command(*map(str, arguments), stdout=out, stderr=out, **options)
        return out.getvalue().replace("\u00a0", " ")

    return run
