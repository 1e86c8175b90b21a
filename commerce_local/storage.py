"""How static files are named and served in production, and where private files lie."""

from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files, in which ES modules import each other by their hashed names."""

    support_js_module_import_aggregation = True


class PrivateStorage(FileSystemStorage):
    """Files that no address of the site names: a view hands them out to whoever may read them."""

    def url(self, name: str) -> str:
        raise ValueError("A private file has no address.")
