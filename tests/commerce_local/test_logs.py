import logging

import pytest
from django.urls import reverse
from django.utils import translation

from commerce_local.logs import KeysCut

KEY = "4x-c8f2a1b6d9e0f3a7b5c2"


def logged(message: str, *args) -> str:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, message, args, None)
    assert KeysCut().filter(record) is True
    return record.getMessage()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("account_reset_password_from_key", {"uidb36": "2v", "key": KEY}),
        ("account_confirm_email", {"key": KEY}),
        ("invitation", {"token": KEY}),
        ("confirm_link", {"token": KEY}),
        ("code_link", {"code": KEY}),
    ],
)
def test_the_key_of_a_letters_address_is_not_logged(name, arguments):
    for language in ("fr", "en"):
        with translation.override(language):
            address = reverse(name, kwargs=arguments)
        line = logged("Forbidden (CSRF token missing.): %s", address)
        assert KEY not in line
        assert line.startswith("Forbidden (CSRF token missing.): /")
        assert line.endswith("…/")


def test_other_lines_stay_as_they_are():
    assert logged("Not Found: %s", "/suresnes/commerces/l-epi/") == (
        "Not Found: /suresnes/commerces/l-epi/"
    )


def test_the_handler_of_the_project_has_the_filter(settings):
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["keys"]
