"""Files that people send: never more of one on the disk than anything here reads."""

from django.core.files.uploadhandler import TemporaryFileUploadHandler

# No form takes more than 15 MB; one byte over that says as much as a gigabyte.
MOST_KEPT = 16 * 1024 * 1024


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Keeps the beginning of a file. Its `size` is that of the whole: forms say that it is too big.

    The rest is read and dropped, so that what was typed beside it comes along.
    """

    def receive_data_chunk(self, raw_data, start):
        if start < MOST_KEPT:
            self.file.write(raw_data[: MOST_KEPT - start])
