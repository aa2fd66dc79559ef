"""Measure the product's speed on much data, and keep the table in docs/performance.md.

Everything runs on servers of its own, on PostgreSQL and then, with a tenth of the data, on
SQLite. A smaller size is for trying the benchmark out; its table is printed and not kept:

    BENCH_SCHOOLS=2 BENCH_STUDENTS=100 BENCH_YEARS=1 BENCH_REQUESTS=20 make bench

BENCH_SQLITE_SCHOOLS is the number of schools on SQLite, BENCH_MARKS that of the marks to import;
BENCH_ONLY names one of `postgresql` and `sqlite`. A budget that is missed is said in the table and
is no failure. What does not run is said there too, and the rest measured all the same: then the
exit status is 1, and the table is printed and not kept.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

import psycopg
from benchmark.browser import visit_pages
from benchmark.client import BenchError
from benchmark.importing import measure_import
from benchmark.morning import morning_run
from benchmark.pages import (
    EXPORTED,
    LOG_FORM,
    OWN,
    SCHOOL_WIDE,
    How,
    Tell,
    attempt,
    exporting,
    key_worker,
    measure_pages,
    senco,
    submitting,
)
from benchmark.report import Part, keep, report, rows_made, sign_in_of, sqlite_name
from benchmark.site import Run, Site, Size
from private_servers import ServerError, private_postgres, private_redis

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
FULL = {"SCHOOLS": 20, "STUDENTS": 1000, "YEARS": 3, "REQUESTS": 100, "SQLITE_SCHOOLS": 2}
FULL["MARKS"] = 1_000_000
# As a server is run, durable writes included; only the automatic clean-up waits for our order.
POSTGRES = ("shared_buffers=256MB", "max_wal_size=4GB", "autovacuum=off", "timezone=UTC")
# Somebody in the middle of the school, whose students were not written first or last.
CHOSEN_KEY_WORKER = 11
DATABASES = {"postgresql": "SCHOOLS", "sqlite": "SQLITE_SCHOOLS"}
WHAT_FAILS = (BenchError, ServerError, psycopg.Error)
EXPORT_LABEL = "Excel file of the half term's high slips, school-wide"


def main() -> int:
    """Give the exit status: 0 once everything was measured, whatever the figures."""
    signal.signal(signal.SIGTERM, _stop)
    numbers = {name: int(os.environ.get(f"BENCH_{name}") or given) for name, given in FULL.items()}
    only = os.environ.get("BENCH_ONLY", "")
    wanted = [each for each in DATABASES if only in ("", each)]
    parts = [part for part in (_part(each, numbers) for each in wanted) if part]
    text = report(parts, numbers["REQUESTS"])
    print(text)
    whole = len(parts) == len(wanted) and all(part.everything_ran for part in parts)
    if numbers == FULL and not only and whole:
        keep(text, PAGE)
        print(f"\nbench: kept in {PAGE.relative_to(PAGE.parents[1])}", file=sys.stderr)
    return 0 if whole else 1


def _stop(_number: int, _frame: FrameType | None) -> None:
    # Through the context managers, which stop the servers.
    sys.exit(128 + signal.SIGTERM)


def _part(database: str, numbers: dict[str, int]) -> Part | None:
    """Measure on one kind of database; None where not even its data could be made."""
    size = Size(numbers[DATABASES[database]], numbers["STUDENTS"], numbers["YEARS"])
    try:
        with _site(database) as site:
            return _measured(site, database, size, numbers)
    except WHAT_FAILS as error:
        _say(database, f"did not run: {error}")
        return None


@contextmanager
def _site(database: str) -> Iterator[Site]:
    """Give a site on an empty database of the kind; PostgreSQL with Redis, SQLite without."""
    with tempfile.TemporaryDirectory(prefix="keywork-bench-") as name:
        folder = Path(name)
        if database == "sqlite":
            yield Site.of(folder, f"sqlite:///{folder / 'bench.sqlite3'}", "")
            return
        with private_postgres(options=POSTGRES) as url, private_redis() as redis:
            yield Site.of(folder, url, redis)


def _measured(site: Site, database: str, size: Size, numbers: dict[str, int]) -> Part:
    """Measure one thing after another; what fails is said in the table, and the rest goes on."""
    tell = partial(_say, database)
    tell(f"making {size.schools} × {size.students} students, {size.years} years")
    made = site.prepare(size)
    label = sqlite_name() if database == "sqlite" else _tidied(site.database_url)
    part = Part(label, size, rows_made(made.output), made)
    with _going_on(part, tell, "due"):
        part.due = _due(site)
    with _going_on(part, tell, "the morning's reminders"):
        part.morning = morning_run(site)
    with _going_on(part, tell, "pages"), site.serving():
        _measure_site(part, site.port, numbers["REQUESTS"], tell)
    part.load = os.getloadavg()[2]
    if database != "sqlite":
        with _going_on(part, tell, "import"):
            part.imported = measure_import(site, numbers["MARKS"])
    return part


@contextmanager
def _going_on(part: Part, tell: Tell, what: str) -> Iterator[None]:
    tell(what)
    try:
        yield
    except WHAT_FAILS as error:
        tell(f"{what}: did not run: {error}")
        part.failed.append(f"{what}: {error}")


def _measure_site(part: Part, port: int, requests: int, tell: Tell) -> None:
    """Measure the pages of a key worker and a SENCo over HTTP and in the browser."""
    person = key_worker(port, *sign_in_of(part.made.output, "key_worker", CHOSEN_KEY_WORKER))
    leader = senco(port, *sign_in_of(part.made.output, "senco"))
    own, wide = How(requests, OWN, tell), How(requests, SCHOOL_WIDE, tell)
    try:
        part.pages += measure_pages(person, own)
        part.pages += measure_pages(leader, wide)
        export = partial(exporting, leader.client, EXPORTED, "xlsx")
        part.pages.append(attempt(EXPORT_LABEL, leader.client, export, wide))
        with _going_on(part, tell, "browser"):
            for each in (person, leader):
                part.visits += visit_pages(port, each.client.cookies, part.that_ran(each.paths))
        submit = partial(submitting, person.client, person.paths[LOG_FORM])
        submitted = attempt("Log form, submit", person.client, submit, own)
        part.pages.insert(len(person.paths), submitted)
    finally:
        person.client.close()
        leader.client.close()


def _tidied(url: str) -> str:
    """Do what PostgreSQL's automatic clean-up would by now have done; give name and version."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        version = connection.info.server_version
    return f"PostgreSQL {version // 10000}.{version % 10000}"


def _due(site: Site) -> Run:
    # Twice: the first run reads everything from the disk, as no site in use does.
    arguments = ("due", "--on", time.strftime("%Y-%m-%d"), "--format", "json")
    site.manage(*arguments)
    return site.manage(*arguments)


def _say(database: str, text: str) -> None:
    print(f"bench: {database}: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
