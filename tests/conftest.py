"""What every test can ask for: servers, browsers, and a network that ends here."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

import pytest

pytest_plugins = ["tests.browsers"]

ROOT = Path(__file__).resolve().parent.parent
CELERY_START_TIMEOUT_SECONDS = 60
# The folder of this run's files: the data directory of other processes that a test starts.
FILES = pytest.StashKey[Path]()


def pytest_configure(config):
    _refuse_other_machines()
    _keep_files_apart(config)
    _let_examples_take_their_time()
    _empty_tables_again_after_a_deadlock()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if os.environ.get("REDIS_URL") and worker.startswith("gw"):
        _use_redis_database(int(worker.removeprefix("gw")))


def _let_examples_take_their_time():
    # How long an example takes depends on what else the machine does, and speed is what
    # `make bench` measures: neither may fail a test of a rule.
    from hypothesis import HealthCheck, settings

    slow = [HealthCheck.too_slow]
    settings.register_profile("keywork", deadline=None, suppress_health_check=slow)
    settings.load_profile("keywork")


def _empty_tables_again_after_a_deadlock():
    # The last request of a closed page, or a worker that is being stopped, may hold a table that
    # is about to be emptied and wait for another that is empty already. PostgreSQL then ends one
    # of the two; where that was ours, the other has ended meanwhile.
    from django.core.management.base import CommandError
    from django.db import OperationalError
    from django.test import TransactionTestCase

    empty = TransactionTestCase._fixture_teardown

    def empty_again(case):
        for _ in range(3):
            try:
                return empty(case)
            except CommandError as error:
                cause = error.__cause__
                if not isinstance(cause, OperationalError) or "deadlock" not in str(cause):
                    raise
        return empty(case)

    TransactionTestCase._fixture_teardown = empty_again


def _keep_files_apart(config):
    # Uploads and collected files of a demo in the same checkout are none of ours. The
    # browser tests' server gives the files of static/ out as they stand.
    from django.conf import settings

    folder = Path(tempfile.mkdtemp(prefix="keywork-files-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    for name in ("static", "media"):
        (folder / name).mkdir()
    config.stash[FILES] = folder
    settings.STATIC_ROOT, settings.MEDIA_ROOT = folder / "static", folder / "media"
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    settings.WHITENOISE_USE_FINDERS = False
    # Signing in is done hundreds of times; how passwords are kept is not what is tested.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def _use_redis_database(number):
    # Test processes share the Redis server; each has a database of its own in it.
    from django.conf import settings

    url = urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}"))
    os.environ["REDIS_URL"] = url
    settings.REDIS_URL = settings.CELERY_BROKER_URL = settings.CACHES["default"]["LOCATION"] = url


@pytest.fixture(scope="session", autouse=True)
def _prepared_statements_are_held_against_the_orm():
    # Each read through a prepared statement, in whatever test, is what Django would have asked.
    from keywork import prepared

    prepared.checking = True


def _refuse_other_machines():
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def checked(original):
        def call(self, address):
            if self.family != socket.AF_UNIX and not _is_loopback(address[0]):
                raise RuntimeError(f"a test tried to reach another machine: {address}")
            return original(self, address)

        return call

    socket.socket.connect = checked(connect)
    socket.socket.connect_ex = checked(connect_ex)


def _is_loopback(host):
    if isinstance(host, bytes):
        host = host.decode()
    return host in {"localhost", "::1"} or host.startswith("127.")


@pytest.fixture(autouse=True)
def _cache_of_its_own(settings):
    # What one test counts, such as wrong passwords, must not limit the next: unlike the
    # database, Redis is not put back after each test. It is the broker too, so not emptied.
    cache = {**settings.CACHES["default"], "KEY_PREFIX": uuid4().hex}
    settings.CACHES = {"default": cache}


# --- e-mail ------------------------------------------------------------------


class Mailbox:
    """An SMTP server's handler that keeps what it is sent."""

    def __init__(self):
        self.messages: list[EmailMessage] = []
        self.recipients: list[list[str]] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  (aiosmtpd's name)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 kept"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Before a test database is dropped, end what still holds it.

    A browser that is closed may leave its last request, and so a connection, to a server thread.
    """
    yield
    from django.db import connection

    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def smtp_server(settings) -> Iterator[Mailbox]:
    """A real SMTP server that Django's mail goes to; gives its Mailbox."""
    from aiosmtpd.controller import Controller

    from scripts.private_servers import free_port

    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield mailbox
    controller.stop()


# --- background jobs ---------------------------------------------------------


@pytest.fixture(scope="session")
def subprocess_environment(
    request, django_db_setup, django_db_blocker
) -> Callable[[], dict[str, str]]:
    """Give the environment in which another process of ours sees the test database.

    Complete for a production start, which the web server, worker and beat insist on.
    """
    from django.conf import settings

    def environment():
        return {
            **os.environ,
            "DATABASE_URL": _test_database_url(),
            "SECRET_KEY": settings.SECRET_KEY,
            "KEYWORK_DATA_DIR": str(request.config.stash[FILES]),
            "ALLOWED_HOSTS": "localhost",
            "PUBLIC_URL": "https://keywork.example",
            "EMAIL_URL": "consolemail://",
            "DEFAULT_FROM_EMAIL": "keywork@keywork.example",
        }

    return environment


def _test_database_url():
    from django.db import connection

    database = connection.settings_dict
    if connection.vendor == "sqlite":
        raise pytest.UsageError("a test database in memory cannot be shared with another process")
    credentials = quote(database["USER"], safe="")
    if database["PASSWORD"]:
        credentials += ":" + quote(database["PASSWORD"], safe="")
    return f"postgres://{credentials}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


@pytest.fixture(scope="session")
def _empty_embedded_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Made once for all test processes: the migrations take longer than what is tested on it.
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    made = shared / "embedded-site"
    with (shared / "embedded-site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            making = shared / "embedded-site-in-the-making"
            environment = _embedded_environment(making)
            for arguments in (["migrate", "--verbosity", "0"], ["createcachetable"]):
                command = [sys.executable, "manage.py", *arguments]
                subprocess.run(command, cwd=ROOT, env=environment, check=True)
            making.rename(made)
    return made


def _embedded_environment(folder: Path) -> dict[str, str]:
    kept_out = {"DATABASE_URL", "REDIS_URL"}
    return {
        **{name: value for name, value in os.environ.items() if name not in kept_out},
        "KEYWORK_DATA_DIR": str(folder),
        "KEYWORK_DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "keywork.settings",
    }


@pytest.fixture
def embedded_site(_empty_embedded_site: Path, tmp_path: Path) -> dict[str, str]:
    """Give the environment of an empty site as the demo runs it: SQLite, the filesystem broker.

    Its folder is `KEYWORK_DATA_DIR`, its database `keywork.sqlite3` in it.
    """
    folder = tmp_path / "embedded"
    shutil.copytree(_empty_embedded_site, folder)
    return _embedded_environment(folder)


@pytest.fixture(scope="session")
def _celery_worker(subprocess_environment) -> Iterator[subprocess.Popen]:
    command = [sys.executable, "-m", "celery", "-A", "keywork", "worker"]
    command += ["--pool", "solo", "--loglevel", "info", "--without-gossip", "--without-mingle"]
    worker = subprocess.Popen(
        command,
        cwd=ROOT,
        env=subprocess_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    ready, lines = threading.Event(), []

    def read():
        for line in worker.stdout:
            lines.append(line)
            if " ready." in line:
                ready.set()
        ready.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    if not ready.wait(CELERY_START_TIMEOUT_SECONDS) or worker.poll() is not None:
        worker.kill()
        reader.join()
        pytest.fail("the Celery worker did not start:\n" + "".join(lines))
    yield worker
    worker.terminate()
    worker.wait(30)
    reader.join()
    worker.stdout.close()


@pytest.fixture
def celery_worker_process(transactional_db, _celery_worker) -> subprocess.Popen:
    """A real Celery worker on the test database and broker."""
    assert _celery_worker.poll() is None, "the Celery worker died during an earlier test"
    return _celery_worker
