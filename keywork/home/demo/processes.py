"""Web server, Celery worker and beat as one foreground command."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from django.conf import settings

STOP_SECONDS = 15
START_SECONDS = 60


class PortInUseError(Exception):
    """Something else already listens where the site should."""


def commands(port: int) -> dict[str, list[str]]:
    """Give name → command of each process; all from the interpreter that runs this one."""
    python = [sys.executable, "-m"]
    beat_schedule = str(settings.DATA_DIR / "celerybeat-schedule")
    return {
        "web": [
            *python, "gunicorn", "keywork.wsgi", "--bind", f"127.0.0.1:{port}",
            "--workers", "2", "--threads", "4", "--log-level", "warning", "--no-control-socket",
        ],
        "worker": [
            # A demo in a container runs as root; Celery's advice against it is for production.
            sys.executable, "-W", "ignore:You're running the worker", "-m",
            "celery", "--quiet", "-A", "keywork", "worker", "--concurrency", "1",
            "--loglevel", "ERROR", "--without-gossip", "--without-mingle",
        ],
        "beat": [
            *python, "celery", "--quiet", "-A", "keywork", "beat", "--loglevel", "ERROR",
            "--schedule", beat_schedule, "--pidfile=",
        ],
    }  # fmt: skip


def refuse_taken_port(port: int) -> None:
    """Raise PortInUseError where another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            raise PortInUseError(
                f"Port {port} is in use. Choose another: make demo PORT={port + 1}"
            ) from taken


def run_all(port: int, environ: Mapping[str, str], announce: Callable[[], None]) -> int:
    """Run the processes until one ends or this one is told to stop; give the exit status.

    announce: called once the site answers. 0 after Ctrl-C or SIGTERM; 1 where a process died.
    Each child is started in a session of its own, so a Ctrl-C reaches it through here, once.
    """
    stopping: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.append(number)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    root = Path(settings.BASE_DIR)
    children = {
        name: subprocess.Popen(command, cwd=root, env=dict(environ), start_new_session=True)  # noqa: S603
        for name, command in commands(port).items()
    }
    try:
        return _watch(children, port, stopping, announce)
    finally:
        _stop_all(children)


def _watch(
    children: Mapping[str, "subprocess.Popen[bytes]"],
    port: int,
    stopping: list[int],
    announce: Callable[[], None],
) -> int:
    announced, deadline = False, time.monotonic() + START_SECONDS
    while not stopping:
        for name, child in children.items():
            if child.poll() is not None:
                sys.stderr.write(f"The {name} process stopped (status {child.returncode}).\n")
                return 1
        if not announced and _answers(port):
            announce()
            announced = True
        elif not announced and time.monotonic() > deadline:
            sys.stderr.write(f"The site did not answer within {START_SECONDS} seconds.\n")
            return 1
        time.sleep(0.2)
    return 0


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/health/?of=web", timeout=2
        ) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _stop_all(children: Mapping[str, "subprocess.Popen[bytes]"]) -> None:
    for child in children.values():
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
