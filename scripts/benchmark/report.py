"""The tables: printed, and kept in docs/performance.md between its markers."""

import os
import platform
import re
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import django

from benchmark.browser import FIRST_BYTES, FIRST_REQUESTS, REPEAT_BYTES, Visits
from benchmark.client import BenchError
from benchmark.importing import IMPORT_MEGABYTES, IMPORT_SECONDS, Imported
from benchmark.morning import MEGABYTES, SECONDS, Morning
from benchmark.pages import QUERIES, Failed, Measured
from benchmark.site import Run, Size

START, END = "<!-- bench:start -->", "<!-- bench:end -->"
DUE_SECONDS, DUE_MEGABYTES = 20, 400
ROWS_SAID = ("sessions", "targets", "marks", "slips")


@dataclass(slots=True)
class Part:
    """What was measured on one database; what did not run is missing, and `failed` says why.

    rows: kind → how many, as the data was made; load: the machine's while it was measured.
    """

    database: str
    size: Size
    rows: dict[str, int]
    made: Run
    due: Run | None = None
    morning: Morning | None = None
    pages: list[Measured | Failed] = field(default_factory=list)
    visits: list[Visits] = field(default_factory=list)
    imported: Imported | None = None
    failed: list[str] = field(default_factory=list)
    load: float = 0

    def that_ran(self, paths: dict[str, str]) -> dict[str, str]:
        """Leave out the pages that failed."""
        failed = {one.label for one in self.pages if isinstance(one, Failed)}
        return {label: path for label, path in paths.items() if label not in failed}

    @property
    def everything_ran(self) -> bool:
        """Say whether nothing failed."""
        return not self.failed and not any(isinstance(each, Failed) for each in self.pages)


def rows_made(output: str) -> dict[str, int]:
    """Read the numbers that `make_scale_data` printed."""
    found = re.findall(r"^ *([\d,]+) (\w+)$", output, re.MULTILINE)
    return {name: int(number.replace(",", "")) for number, name in found}


def sign_in_of(output: str, role: str, number: int = 1) -> tuple[str, str]:
    """Give username and password of a role from what `make_scale_data` printed."""
    found = re.search(rf"\b{role}(1?)\.(\d+)\b.* the password is (\S+)", output)
    if not found:
        raise BenchError(f"make_scale_data named no sign-in of a {role}")
    return f"{role}{number if found[1] else ''}.{found[2]}", found[3]


def sqlite_name() -> str:
    """Give SQLite's name and version."""
    return f"SQLite {sqlite3.sqlite_version}"


def report(parts: Sequence[Part], requests: int) -> str:
    """Give the whole report in Markdown."""
    when = time.strftime("%d %B %Y").lstrip("0")
    head = (
        f"Measured on {when}: {_machine()}; Python {platform.python_version()}, "
        f"Django {django.get_version()}; {requests} requests a page after 10 to warm up, one at "
        "a time, over HTTP on the same machine, to one gunicorn process. Load average of the last "
        f"15 minutes: {os.getloadavg()[2]:.1f} (a machine doing nothing else: about 1)."
    )
    return "\n".join([head, *(line for part in parts for line in _part(part))])


def _part(part: Part) -> Iterable[str]:
    size, rows = part.size, part.rows
    yield from ("", f"### {part.database}", "")
    yield (
        f"{size.schools} schools of {size.students:,} students, {size.years} years of records: "
        f"{', '.join(f'{rows.get(name, 0):,} {name}' for name in ROWS_SAID)}, made in "
        f"{part.made.seconds:.0f} s with {part.made.megabytes:.0f} MB. Load average while it was "
        f"measured: {part.load:.1f}."
    )
    yield from ("", *_pages(part.pages))
    if part.visits:
        yield from ("", *_visits(part.visits))
    if part.due:
        yield from ("", _due(part.due, size))
    if part.morning:
        yield from ("", _morning(part.morning))
    if part.imported:
        yield from ("", _imported(part.imported))
    for words in part.failed:
        yield from ("", f"**did not run**: {words}")


def _due(due: Run, size: Size) -> str:
    return (
        f"`due` for all {size.schools * size.students:,} students: "
        f"{_run(due, DUE_SECONDS, DUE_MEGABYTES)}"
    )


def _morning(morning: Morning) -> str:
    return (
        f"The morning's reminders: {morning.messages:,} messages decided, rendered and handed to "
        f"a mail server on this machine: {_run(morning.run, SECONDS, MEGABYTES)}"
    )


def _imported(found: Imported) -> str:
    return (
        f"`import_school` of {found.marks:,} attendance marks: "
        f"{_run(found.run, IMPORT_SECONDS, IMPORT_MEGABYTES)} The same file again, which changes "
        f"nothing: {found.again.seconds:.1f} s. `COPY` alone of the same file, into a table "
        f"without an index: {found.copied:.1f} s."
    )


def _run(run: Run, seconds: int, megabytes: int) -> str:
    missed = [f"{run.seconds:.0f} s"] if run.seconds > seconds else []
    missed += [f"{run.megabytes:.0f} MB"] if run.megabytes > megabytes else []
    return (
        f"{run.seconds:.1f} s, {run.megabytes:.0f} MB at the peak (budget {seconds} s, "
        f"{megabytes} MB): {_verdict(missed)}."
    )


def _pages(pages: list[Measured | Failed]) -> Iterable[str]:
    yield "| page | queries | bytes | median ms | p95 ms | bare p95 ms | × bare | budget | |"
    yield "|---|--:|--:|--:|--:|--:|--:|---|---|"
    for one in pages:
        if isinstance(one, Failed):
            yield f"| {one.label} | | | | | | | | **did not run**: {one.why} |"
            continue
        page, bare = one.page, one.bare
        yield (
            f"| {one.label} | {page.queries} | {page.size:,} | {page.median:.1f} | {page.p95:.1f} "
            f"| {bare.p95:.1f} | {one.ratio:.1f} | {QUERIES} queries, × {one.allowed} "
            f"| {_verdict(one.missed)} |"
        )


def _visits(visits: list[Visits]) -> Iterable[str]:
    yield "| in a browser | first visit | requests | next visit | requests | |"
    yield "|---|--:|--:|--:|--:|---|"
    for one in visits:
        yield (
            f"| {one.label} | {one.first.size / 1000:.1f} KB | {one.first.requests} "
            f"| {one.repeat.size / 1000:.1f} KB | {one.repeat.requests} | {_verdict(one.missed)} |"
        )
    yield ""
    yield (
        f"Budget: {FIRST_BYTES // 1000} KB and {FIRST_REQUESTS} requests at first, "
        f"{REPEAT_BYTES // 1000} KB after; compressed, headers included."
    )


def _verdict(missed: list[str]) -> str:
    return f"**missed**: {', '.join(missed)}" if missed else "met"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GB of memory"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def keep(text: str, path: Path) -> None:
    """Put the report between the markers of a page."""
    page = path.read_text(encoding="utf-8")
    before, rest = page.split(START)
    after = rest.split(END)[1]
    path.write_text(f"{before}{START}\n\n{text}\n\n{END}{after}", encoding="utf-8")
