"""The WSGI entry: refuses a dangerous configuration before the first request."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commerce_local.settings")

application = get_wsgi_application()

from commerce_local.checks import refuse_dangerous_start  # noqa: E402

refuse_dangerous_start()
