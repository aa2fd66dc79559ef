"""Run the tests on servers of their own.

First everything, on a private PostgreSQL and Redis and with the system's
Chromium; then, as the demo runs it, the tests marked `both_databases` on SQLite
without Redis. Either part failing, or being unable to run, is a failure.
Arguments after `--` go to pytest, in both parts.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

from chromium import find_chromium
from private_servers import ServerError, private_postgres, private_redis

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]
PYTEST_RAN_NOTHING = 5
# One more than cores: tests wait for browsers, mail servers and workers a quarter of their time.
WORKERS = (os.cpu_count() or 1) + 1
# What style.md asks of the modules in which a wrong branch is a wrong answer.
COVERED_WHOLLY = "*/rules.py,*/rules/*,*/policies.py,*/services.py,*/services/*,*/duties.py"


def main() -> int:
    """Give the exit status: 0 only when every part ran and passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="MARKER", help="only tests with this marker")
    parser.add_argument("--coverage", action="store_true", help="measure, and hold the gates")
    parser.add_argument(
        "--workers", default=str(WORKERS), help="test processes (default: one more than cores)"
    )
    parser.add_argument("pytest_arguments", nargs="*")
    options = parser.parse_args()

    signal.signal(signal.SIGTERM, _stop)
    # A shell's background job starts with SIGINT ignored, and so would pytest, which
    # is stopped with it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        outcomes = _run_parts(options)
    except ServerError as error:
        print(f"run_tests: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    for part, status in outcomes.items():
        print(f"run_tests: {part}: {'passed' if status == 0 else f'FAILED ({status})'}")
    return next((status for status in outcomes.values() if status), 0)


def _stop(_number: int, _frame: FrameType | None) -> None:
    # Through the context managers, which stop the servers.
    sys.exit(128 + signal.SIGTERM)


def _run_parts(options: argparse.Namespace) -> dict[str, int]:
    chosen: list[str] = options.pytest_arguments
    narrowed = bool(chosen or options.only)
    workers = ["-n", options.workers, "--dist", "worksteal"]
    with tempfile.TemporaryDirectory(prefix="keywork-tests-") as folder:
        outcomes = {"PostgreSQL": _run_on_servers(options, workers + chosen, folder)}
        if options.only is None:
            status = _run_pytest(
                ["-m", "both_databases", *workers, *chosen],
                DATABASE_URL=f"sqlite:///{folder}/keywork.sqlite3",
                REDIS_URL="",
                KEYWORK_DATA_DIR=folder,
            )
            # A choice of tests may hold none for SQLite; the whole suite may not.
            if narrowed and status == PYTEST_RAN_NOTHING:
                status = 0
            outcomes["SQLite"] = status
    if options.coverage:
        outcomes["coverage"] = _hold_coverage_gates()
    return outcomes


def _run_on_servers(options: argparse.Namespace, arguments: list[str], folder: str) -> int:
    browser = find_chromium()
    if not browser:
        raise ServerError("no Chromium: install the package chromium or set KEYWORK_TEST_CHROMIUM")
    if options.only:
        arguments = ["-m", options.only, *arguments]
    if options.coverage:
        arguments = ["--cov", "--cov-report=", "--cov-fail-under=0", *arguments]
    with private_postgres() as database_url, private_redis() as redis_url:
        return _run_pytest(
            arguments,
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            KEYWORK_DATA_DIR=folder,
            KEYWORK_TEST_CHROMIUM=browser,
        )


def _run_pytest(arguments: list[str], **environment: str) -> int:
    command = [*PYTEST, *arguments]
    # Tests start a hundred processes, and each would compile all of our modules.
    inherited = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    with subprocess.Popen(command, cwd=ROOT, env={**inherited, **environment}) as process:
        try:
            return process.wait()
        except BaseException:
            # Being stopped ourselves: pytest ends its workers and browsers on SIGINT.
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
            raise


def _hold_coverage_gates() -> int:
    report = [sys.executable, "-m", "coverage", "report"]
    overall = subprocess.run(report, cwd=ROOT, check=False)
    strict = [*report, f"--include={COVERED_WHOLLY}", "--fail-under=100", "--show-missing"]
    return overall.returncode or subprocess.run(strict, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
