"""How static files are named and served in production."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files, in which ES modules import each other by their hashed names."""

    support_js_module_import_aggregation = True
