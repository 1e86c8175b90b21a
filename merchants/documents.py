"""Documents that prove something: their bytes say what they are, whatever they are called."""

from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

MOST_BYTES = 5 * 1024 * 1024
# How each kind of file begins (ISO 32000-1, 7.5.2; ITU-T T.81, annex B; PNG, 5.2).
KINDS = {
    b"%PDF-": "pdf",
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n\x1a\n": "png",
}
CONTENT_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}


class DocumentError(ValueError):
    """The file is no document that is taken; the message is a French sentence for the person."""


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of a document, and the extension that goes with what they are."""

    data: bytes
    extension: str


def read_document(file: BinaryIO) -> Document:
    """Reads a PDF, a JPEG or a PNG of MOST_BYTES at most. Raises DocumentError.

    Only its first bytes are looked at: it is never opened here, nor shown in a page.
    """
    file.seek(0)
    data = file.read(MOST_BYTES + 1)
    if not data:
        raise DocumentError(_("Ce fichier est vide."))
    if len(data) > MOST_BYTES:
        raise DocumentError(
            _("Ce document pèse plus de %(megabytes)d\u00a0Mo. Choisissez-en un plus léger.")
            % {"megabytes": MOST_BYTES // 1024**2}
        )
    for beginning, extension in KINDS.items():
        if data.startswith(beginning):
            return Document(data, extension)
    raise DocumentError(_("Envoyez un PDF, un JPEG ou un PNG\u00a0: ce fichier n’en est pas un."))


def content_type(name: str) -> str:
    """Of a file that `read_document` named."""
    return CONTENT_TYPES.get(name.rpartition(".")[2], "application/octet-stream")
