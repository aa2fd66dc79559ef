"""The web server's entry: refuses to start on unsafe settings."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

from keywork.deployment import UnsafeSettingsError, require_safe_settings

WORKER_BOOT_ERROR = 3

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keywork.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 (settings exist once Django is set up)
from django.urls import get_resolver  # noqa: E402

try:
    require_safe_settings(dict(os.environ), demo=settings.DEMO)
except UnsafeSettingsError as unsafe:
    # With this status gunicorn stops instead of trying again for ever.
    print(unsafe, file=sys.stderr)  # noqa: T201 (logging may be what is misconfigured)
    sys.exit(WORKER_BOOT_ERROR)

# Reading the addresses imports every view. What a server holds by now it holds until it ends: left
# to be looked through for rubbish again and again, one request in twenty waited 150 ms for that.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
