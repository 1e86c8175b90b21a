"""Files that people send: never more of one on the disk than anything here reads."""

from django.core.files.uploadhandler import TemporaryFileUploadHandler

# No form takes more than 15 MB; one byte over that says as much as a gigabyte.
MOST_KEPT = 16 * 1024 * 1024
# But for the town halls' files of shops: 50 MB.
MOST_KEPT_BELOW = {"/mairie/imports/": 51_000_000}


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Keeps the beginning of a file. Its `size` is that of the whole: forms say that it is too big.

    The rest is read and dropped, so that what was typed beside it comes along.
    """

    most_kept = MOST_KEPT

    def handle_raw_input(self, input_data, META, *args, **kwargs):
        path = META.get("PATH_INFO", "")
        for folder, most in MOST_KEPT_BELOW.items():
            if path.startswith(folder):
                self.most_kept = most
        return super().handle_raw_input(input_data, META, *args, **kwargs)

    def receive_data_chunk(self, raw_data, start):
        if start < self.most_kept:
            self.file.write(raw_data[: self.most_kept - start])
