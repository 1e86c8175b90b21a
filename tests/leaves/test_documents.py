"""Documents: what they are stands in their first bytes."""

from io import BytesIO

import pytest

from merchants.documents import MOST_BYTES, DocumentError, content_type, read_document
from tests.claiming import JPEG, PDF, PNG


@pytest.mark.parametrize(
    ("data", "extension", "kind"),
    [
        (PDF, "pdf", "application/pdf"),
        (JPEG, "jpg", "image/jpeg"),
        (PNG, "png", "image/png"),
        (PDF.ljust(MOST_BYTES), "pdf", "application/pdf"),
    ],
)
def test_what_is_taken(data, extension, kind):
    file = BytesIO(data)
    file.read()
    read = read_document(file)
    assert (read.data, read.extension) == (data, extension)
    assert content_type(f"claims/2026/0.{extension}") == kind


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "vide"),
        (PDF.ljust(MOST_BYTES + 1), "5\u00a0Mo"),
        (b"<html><script>alert(1)</script>", "PDF, un JPEG ou un PNG"),
        (b"GIF89a", "PDF, un JPEG ou un PNG"),
        (b"PK\x03\x04", "PDF, un JPEG ou un PNG"),
        (b"MZ %PDF-1.7", "PDF, un JPEG ou un PNG"),
    ],
)
def test_what_is_not(data, said):
    with pytest.raises(DocumentError, match=said):
        read_document(BytesIO(data))


def test_an_unknown_name_is_only_bytes():
    assert content_type("claims/2026/0") == "application/octet-stream"
