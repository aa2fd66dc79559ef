"""The site on a database of its own: data made, files collected, gunicorn running."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from private_servers import free_port

from benchmark.client import BenchError

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Size:
    """How much data."""

    schools: int
    students: int
    years: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a command took: seconds from start to end, its own peak memory, what it printed."""

    seconds: float
    megabytes: float
    output: str


@dataclass(frozen=True, slots=True)
class Site:
    """The product with this environment; `folder` is its data directory."""

    folder: Path
    database_url: str
    redis_url: str
    port: int

    @classmethod
    def of(cls, folder: Path, database_url: str, redis_url: str) -> "Site":
        """Give a site on a free port."""
        return cls(folder, database_url, redis_url, free_port())

    @property
    def environ(self) -> dict[str, str]:
        """Give the environment: production's settings, but for the demo's sign-ins and no TLS."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "benchmark.settings",
            "PYTHONPATH": str(ROOT / "scripts"),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "KEYWORK_DATA_DIR": str(self.folder),
            "KEYWORK_DEMO": "1",
            "DEBUG": "0",
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "SENTRY_DSN": "",
        }

    def manage(self, *arguments: str, **environ: str) -> Run:
        """Run a management command by itself; BenchError where it fails.

        environ: settings of this run alone. Its memory is the process's peak resident set, as the
        system counts it.
        """
        output = self.folder / "output"
        command = [sys.executable, "manage.py", *arguments]
        began = time.perf_counter()
        with output.open("wb") as file:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environ | environ, stdout=file)
            try:
                _, status, usage = os.wait4(process.pid, 0)
            except BaseException:
                process.kill()
                raise
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.perf_counter() - began
        if process.returncode:
            raise BenchError(f"{arguments[0]} failed with status {process.returncode}")
        # Kilobytes on Linux, bytes on macOS.
        unit = 1024 * 1024 if sys.platform == "darwin" else 1024
        return Run(took, usage.ru_maxrss / unit, output.read_text(encoding="utf-8"))

    def prepare(self, size: Size) -> Run:
        """Make tables, pages' files and the data; give what making the data took."""
        self.manage("migrate", "--verbosity", "0")
        self.manage("createcachetable", "--verbosity", "0")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        numbers = [f"--schools={size.schools}", f"--students={size.students}"]
        return self.manage("make_scale_data", *numbers, f"--years={size.years}")

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Run gunicorn as the container does, with one process: one page is asked at a time."""
        command = [sys.executable, "-m", "gunicorn", "keywork.wsgi:application"]
        command += [f"--bind=127.0.0.1:{self.port}", "--workers=1", "--threads=4"]
        command += ["--keep-alive=30", "--log-level=warning", "--no-control-socket"]
        server = subprocess.Popen(command, cwd=ROOT, env=self.environ, start_new_session=True)
        try:
            self._wait(server)
            yield
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()

    def _wait(self, server: "subprocess.Popen[bytes]") -> None:
        give_up_at = time.monotonic() + START_SECONDS
        while not self._answers():
            if server.poll() is not None or time.monotonic() > give_up_at:
                raise BenchError("gunicorn did not start")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/health/?of=web", timeout=5
            ) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
