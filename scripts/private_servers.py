"""PostgreSQL and Redis servers of one's own: on a free port, gone afterwards.

Used by the tests and the benchmark, so that neither ever needs, or touches, a
server that somebody else started.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 20

# Nothing in these databases outlives the run, so nothing needs to survive a crash.
UNSAFE_BUT_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "shared_buffers=128MB",
    "max_connections=100",
    "timezone=UTC",
)


class ServerError(RuntimeError):
    """A server could not be found or started; the message says which and why."""


@contextmanager
def private_postgres(*, options: tuple[str, ...] = UNSAFE_BUT_FAST) -> Iterator[str]:
    """Start a throw-away PostgreSQL and give its DATABASE_URL.

    `options` are `name=value` settings of the server. The one account,
    `keywork`, is a superuser, so that test databases can be made.

    Raises ServerError when the binaries are missing or the server fails.
    """
    initdb, postgres = _postgres_binary("initdb"), _postgres_binary("postgres")
    account = _ordinary_account()
    with _folder(account) as folder:
        data, port = folder / "data", free_port()
        create = [initdb, "-D", str(data), "-U", "keywork", "-A", "trust", "-E", "UTF8"]
        create += ["--locale=C.UTF-8", "--no-sync"]
        subprocess.run(
            create,
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **account.as_arguments,
        )
        command = [postgres, "-D", str(data), "-p", str(port), "-h", "127.0.0.1"]
        command += ["-k", str(folder)]
        for option in options:
            command += ["-c", option]
        ready = [_postgres_binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
        with _running(command, folder, account, stop_with=signal.SIGINT) as server:
            server.wait_until(lambda: subprocess.run(ready, check=False).returncode == 0)
            yield f"postgres://keywork@127.0.0.1:{port}/postgres"


@contextmanager
def private_redis() -> Iterator[str]:
    """Start a throw-away Redis that stores nothing and give its REDIS_URL."""
    binary = shutil.which("redis-server")
    if not binary:
        raise ServerError("redis-server is not installed (package redis-server)")
    account = _ordinary_account()
    with _folder(account) as folder:
        port = free_port()
        command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        command += ["--save", "", "--appendonly", "no", "--daemonize", "no"]
        with _running(command, folder, account, stop_with=signal.SIGTERM) as server:
            server.wait_until(lambda: _redis_answers(port))
            yield f"redis://127.0.0.1:{port}/0"


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class _Account:
    """Whom a server runs as: nobody in particular, or, for root, somebody ordinary."""

    uid: int | None = None
    gid: int | None = None

    @property
    def as_arguments(self) -> dict[str, Any]:
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def _ordinary_account() -> _Account:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return _Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return _Account(entry.pw_uid, entry.pw_gid)
    raise ServerError("run as an ordinary user: there is no account postgres or nobody here")


def _postgres_binary(name: str) -> str:
    # Debian keeps the server's programs of each version out of PATH; the newest wins.
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    found = sorted(versions, key=lambda path: float(path.parts[-3]), reverse=True)
    if found:
        return str(found[0])
    if path := shutil.which(name):
        return path
    raise ServerError(f"PostgreSQL's {name} is not installed (package postgresql)")


@contextmanager
def _folder(account: _Account) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="keywork-"))
    try:
        if account.uid is not None and account.gid is not None:
            os.chown(folder, account.uid, account.gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class _Server:
    process: subprocess.Popen[bytes]
    log: Path

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        give_up_at = time.monotonic() + START_TIMEOUT_SECONDS
        while not is_ready():
            if self.process.poll() is not None or time.monotonic() > give_up_at:
                raise ServerError(f"{self.process.args!r} did not start:\n{self.log.read_text()}")
            time.sleep(0.05)


@contextmanager
def _running(
    command: list[str], folder: Path, account: _Account, *, stop_with: signal.Signals
) -> Iterator[_Server]:
    log = folder / "server.log"
    with log.open("wb") as output:
        # A session of its own: Ctrl-C reaches the tests first, and they still
        # need their database to end tidily.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,
            **account.as_arguments,
        )
    try:
        yield _Server(process, log)
    finally:
        process.send_signal(stop_with)
        try:
            process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _redis_answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
