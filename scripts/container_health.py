"""Is this container's process well? Exit status 0 if so.

`container_health.py web | worker | beat`; used by Dockerfile and docker-compose.yml.
"""

import os
import socket
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
PING_SECONDS = 10


def web_is_well() -> bool:
    """Whether the web server, its database and its cache answer."""
    # Asked for by the name the site is known by, or it would refuse the host.
    host = urlsplit(os.environ.get("PUBLIC_URL", "")).netloc or "localhost"
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    request = urllib.request.Request("http://127.0.0.1:8000/health/?of=web", headers=headers)
    with urllib.request.urlopen(request, timeout=4) as response:  # noqa: S310  (fixed address)
        return bool(response.status == 200)


def worker_is_well() -> bool:
    """Whether this container's Celery worker answers a ping through the broker."""
    name = f"celery@{socket.gethostname()}"
    replies = _celery_app().control.ping(destination=[name], timeout=PING_SECONDS, limit=1)
    return any(name in reply for reply in replies)


def beat_is_well() -> bool:
    """Whether beat is what runs here, and can reach the broker it sends to."""
    # Beat answers no ping; it is its container's first process.
    if b"beat" not in Path("/proc/1/cmdline").read_bytes().split(b"\0"):
        return False
    with _celery_app().connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=10)
    return True


def _celery_app():  # type: ignore[no-untyped-def]  # noqa: ANN202  (a Celery, known when imported)
    sys.path.insert(0, str(ROOT))
    # Imported here: the web server's check, run often, needs none of it.
    from keywork.celery import app  # noqa: PLC0415

    return app


CHECKS = {"web": web_is_well, "worker": worker_is_well, "beat": beat_is_well}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in CHECKS:
        sys.exit(f"usage: container_health.py {'|'.join(CHECKS)}")
    try:
        well = CHECKS[sys.argv[1]]()
    except Exception as error:  # noqa: BLE001  (whatever it is, it is not well)
        sys.exit(f"not well: {error}")
    sys.exit(0 if well else "not well: no answer")
