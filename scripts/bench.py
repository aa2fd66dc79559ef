"""Measure the product's speed on much data, and keep the table in docs/performance.md.

Everything runs on servers of its own, on PostgreSQL and then, with a tenth of the data, on
SQLite. A smaller size is for trying the benchmark out; its table is printed and not kept:

    BENCH_SCHOOLS=2 BENCH_STUDENTS=100 BENCH_YEARS=1 BENCH_REQUESTS=20 make bench

BENCH_SQLITE_SCHOOLS is the number of schools on SQLite; BENCH_ONLY names one of `postgresql` and
`sqlite`. A budget that is missed is said in the table and is no failure; the exit status is 1
where something did not run.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import psycopg
from benchmark.browser import visit_pages
from benchmark.client import BenchError
from benchmark.morning import morning_run
from benchmark.pages import (
    OWN,
    SCHOOL_WIDE,
    Measured,
    Person,
    key_worker,
    measure,
    measure_pages,
    senco,
    submitting,
)
from benchmark.report import Part, keep, report, rows_made, sign_in_of, sqlite_name
from benchmark.site import Run, Site, Size
from private_servers import ServerError, private_postgres, private_redis

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
FULL = {"SCHOOLS": 20, "STUDENTS": 1000, "YEARS": 3, "REQUESTS": 100, "SQLITE_SCHOOLS": 2}
# As a server is run, durable writes included; only the automatic clean-up waits for our order.
POSTGRES = ("shared_buffers=256MB", "max_wal_size=4GB", "autovacuum=off", "timezone=UTC")
# Somebody in the middle of the school, whose students were not written first or last.
CHOSEN_KEY_WORKER = 11


def main() -> int:
    """Give the exit status: 0 once everything was measured, whatever the figures."""
    signal.signal(signal.SIGTERM, _stop)
    numbers = {name: int(os.environ.get(f"BENCH_{name}") or given) for name, given in FULL.items()}
    only = os.environ.get("BENCH_ONLY", "")
    try:
        parts = list(_parts(numbers, only))
    except (BenchError, ServerError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    text = report(parts, numbers["REQUESTS"])
    print(text)
    if numbers == FULL and not only:
        keep(text, PAGE)
        print(f"\nbench: kept in {PAGE.relative_to(PAGE.parents[1])}", file=sys.stderr)
    return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    # Through the context managers, which stop the servers.
    sys.exit(128 + signal.SIGTERM)


def _parts(numbers: dict[str, int], only: str) -> Iterator[Part]:
    for database, schools in (("postgresql", "SCHOOLS"), ("sqlite", "SQLITE_SCHOOLS")):
        if only in ("", database):
            size = Size(numbers[schools], numbers["STUDENTS"], numbers["YEARS"])
            with _site(database) as site:
                yield _measured(site, database, size, numbers["REQUESTS"])


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


def _measured(site: Site, database: str, size: Size, requests: int) -> Part:
    _say(f"{database}: making {size.schools} × {size.students} students, {size.years} years")
    made = site.prepare(size)
    label = sqlite_name() if database == "sqlite" else _tidied(site.database_url)
    _say(f"{database}: due")
    due = _due(site)
    _say(f"{database}: the morning's reminders")
    morning = morning_run(site)
    with site.serving():
        _say(f"{database}: pages")
        name, password = sign_in_of(made.output, "key_worker", CHOSEN_KEY_WORKER)
        person = key_worker(site.port, name, password)
        pages = measure_pages(person, requests=requests, allowed=OWN)
        leader = senco(site.port, *sign_in_of(made.output, "senco"))
        pages += measure_pages(leader, requests=requests, allowed=SCHOOL_WIDE)
        _say(f"{database}: browser")
        visits = visit_pages(site.port, person.client.cookies, person.paths)
        visits += visit_pages(site.port, leader.client.cookies, leader.paths)
        _say(f"{database}: submitting")
        pages.insert(len(person.paths), _submitted(person, requests))
        person.client.close()
        leader.client.close()
    return Part(label, size, rows_made(made.output), made, due, morning, pages, visits)


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


def _submitted(person: Person, requests: int) -> Measured:
    ask = submitting(person.client, person.paths["Log form"])
    return measure("Log form, submit", person.client, ask, requests, OWN)


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
