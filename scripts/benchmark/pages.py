"""The pages that are measured, and how: each request beside one to the bare page.

The bare page answers somebody signed in with one query and the product's base template. Asking
the two in turns lets the ratio hold on a machine that does other things at the same time.
"""

import math
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median

from benchmark.client import Answer, BenchError, Client, all_links, changed, form_fields

BARE = "/bench/bare/"
WARM_UPS = 10
REF = "[0-9a-z]{10}"
OWN, SCHOOL_WIDE = 5, 10  # how many times the bare page's p95 a page may take
QUERIES = 15

LOG_FORM = "Log form, with the briefing"
ALL_SLIPS = "?period=all&kind=slips"
FILTERED = "/slips/?period=year&kind=low&place=Classroom&sort=student"
EXPORTED = "/slips/?period=half_term&kind=high"

Ask = Callable[[], Answer]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Costs:
    """What requests of one page cost: queries (the most), milliseconds, bytes (the median)."""

    queries: int
    median: float
    p95: float
    inside: float
    size: int

    @classmethod
    def of(cls, answers: list[Answer]) -> "Costs":
        """Give the costs of these answers. p95: the nearest rank, the 95th of 100."""
        times = sorted(one.milliseconds for one in answers)
        return cls(
            queries=max(one.queries for one in answers),
            median=median(times),
            p95=times[math.ceil(0.95 * len(times)) - 1],
            inside=median(one.inside for one in answers),
            size=int(median(one.size for one in answers)),
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """A page's costs, beside those of the bare page asked in turns with it."""

    label: str
    page: Costs
    bare: Costs
    allowed: int

    @property
    def ratio(self) -> float:
        """Give how many times the bare page's p95 this page's is."""
        return self.page.p95 / self.bare.p95

    @property
    def missed(self) -> list[str]:
        """Give the budgets missed, in words."""
        found = [f"{self.page.queries} queries"] if self.page.queries > QUERIES else []
        return found + ([f"{self.ratio:.1f} × bare"] if self.ratio > self.allowed else [])


@dataclass(frozen=True, slots=True)
class How:
    """How pages are measured. tell: is given a line about each at once."""

    requests: int
    allowed: int
    tell: Tell


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in, and the addresses of the pages to measure for them."""

    client: Client
    paths: dict[str, str]


@dataclass(frozen=True, slots=True)
class Failed:
    """A page that did not answer as it should; why says how."""

    label: str
    why: str


def key_worker(port: int, username: str, password: str) -> Person:
    """Sign a key worker in; find their pages as they would, by following links."""
    client = Client(port)
    client.sign_in(username, password)
    students = all_links(client.get("/caseload/").text, f"/students/{REF}/")
    student, busiest = students[0], _with_most_slips(client, students)
    paths = {
        "Today": "/today/",
        "Caseload": "/caseload/",
        "Student page": student,
        "Timeline, first page (sessions)": f"{student}?show=sessions",
        LOG_FORM: f"{student}sessions/new/?another=1",  # also where one is planned
        "Briefing, to print": f"{student}briefing/",
        "Log a call, with what to know before": f"{student}home/new/",
        "Behaviour": f"{student}behaviour/",
        "Behaviour, slips of all years, a student with many": f"{busiest}behaviour/{ALL_SLIPS}",
        "Attendance": f"{student}attendance/",
        "Search": "/search/?q=wad",
    }
    return Person(client, paths)


def _with_most_slips(client: Client, students: list[str]) -> str:
    """Give the student whose log of all years has the most pages."""

    def pages(student: str) -> int:
        text = client.get(f"{student}behaviour/{ALL_SLIPS}").text
        return max(map(int, re.findall(r"[?;&]page=(\d+)", text)), default=1)

    return max(students, key=pages)


def senco(port: int, username: str, password: str) -> Person:
    """Sign a SENCo in, who sees the whole school."""
    client = Client(port)
    client.sign_in(username, password)
    paths = {
        "What is due, school-wide": "/overview/duties/",
        "Slips, school-wide": "/slips/",
        "Slips, filtered, school-wide": FILTERED,
        "Attendance, school-wide": "/attendance/",
        "Below the radar, school-wide": "/slips/below-the-radar/",
    }
    return Person(client, paths)


def measure_pages(person: Person, how: How) -> Iterator[Measured | Failed]:
    """Measure each of a person's pages; one that fails leaves the others."""
    for label, path in person.paths.items():
        yield attempt(label, person.client, partial(getting, person.client, path), how)


def attempt(label: str, client: Client, asking: Callable[[], Ask], how: How) -> Measured | Failed:
    """Measure a page, or give why it cannot be."""
    tell = how.tell
    try:
        found = measure(label, client, asking(), how)
    except BenchError as error:
        tell(f"{label}: did not run: {error}")
        return Failed(label, str(error))
    page, bare = found.page, found.bare
    tell(
        f"{label}: {page.queries} queries, p95 {page.p95:.1f} ms, bare {bare.p95:.1f} ms "
        f"(× {found.ratio:.1f}), load {os.getloadavg()[0]:.1f}"
    )
    return found


def getting(client: Client, path: str) -> Ask:
    """Give the asking of a page, which must answer 200."""

    def ask() -> Answer:
        answer = client.get(path)
        if answer.status != 200:
            raise BenchError(f"{path} answered {answer.status} {answer.location}")
        return answer

    return ask


def measure(label: str, client: Client, ask: Ask, how: How) -> Measured:
    """Warm up, then ask for the page and the bare page in turns."""
    client.close()  # the server may be about to, after a while without requests
    ask_bare = getting(client, BARE)
    for _ in range(WARM_UPS):
        ask_bare()
        ask()
    bare, page = [], []
    for _ in range(how.requests):
        bare.append(ask_bare())
        page.append(ask())
    return Measured(label, Costs.of(page), Costs.of(bare), how.allowed)


def exporting(client: Client, path: str, kind: str) -> Ask:
    """Give the taking of a log as a file. path: the log, narrowed; kind: csv, xlsx or docx."""
    page, _, query = path.partition("?")
    fields = form_fields(client.get(path).text, holding="csrfmiddlewaretoken")
    token = dict(fields)["csrfmiddlewaretoken"]

    def ask() -> Answer:
        answer = client.post(
            f"{page}export/?{query}", [("csrfmiddlewaretoken", token), ("format", kind)]
        )
        if answer.status != 200:
            raise BenchError(f"the export of {path} answered {answer.status}")
        return answer

    return ask


def submitting(client: Client, path: str) -> Ask:
    """Give the submitting of a session: the form is fetched afresh, only its sending counts."""

    def ask() -> Answer:
        fields = form_fields(client.get(path).text, holding="held_on")
        filled = changed(
            fields,
            happened="yes",
            focus="iep",
            details="We looked at the week so far and at the work in the folder. " * 4,
            pupil_voice="Lunch is too loud.",
            feeling="4",
            engagement="3",
            no_target_reason="The open ones go on.",
            action="finish",
        )
        answer = client.post(path, filled)
        if answer.status != 302:
            raise BenchError(f"submitting to {path} answered {answer.status}")
        return answer

    return ask
