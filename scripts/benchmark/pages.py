"""The pages that are measured, and how: each request beside one to the bare page.

The bare page answers somebody signed in with one query and the product's base template. Asking
the two in turns lets the ratio hold on a machine that does other things at the same time.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from benchmark.client import Answer, BenchError, Client, changed, first_link, form_fields

BARE = "/bench/bare/"
WARM_UPS = 10
REF = "[0-9a-z]{10}"
OWN, SCHOOL_WIDE = 5, 10  # how many times the bare page's p95 a page may take
QUERIES = 15

Ask = Callable[[], Answer]


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
class Person:
    """Somebody signed in, and the addresses of the pages to measure for them."""

    client: Client
    paths: dict[str, str]


def key_worker(port: int, username: str, password: str) -> Person:
    """Sign a key worker in; find their pages as they would, by following links."""
    client = Client(port)
    client.sign_in(username, password)
    caseload = client.get("/caseload/")
    student = first_link(caseload.text, f"/students/{REF}/")
    paths = {
        "Today": "/today/",
        "Caseload": "/caseload/",
        "Student page": student,
        "Timeline, first page (sessions)": f"{student}?show=sessions",
        "Log form": f"{student}sessions/new/",
        "Search": "/search/?q=wad",
    }
    return Person(client, paths)


def senco(port: int, username: str, password: str) -> Person:
    """Sign a SENCo in, who sees what is due in the whole school."""
    client = Client(port)
    client.sign_in(username, password)
    return Person(client, {"What is due, school-wide": "/overview/duties/"})


def measure_pages(person: Person, *, requests: int, allowed: int) -> list[Measured]:
    """Measure each of a person's pages."""
    return [
        measure(label, person.client, getting(person.client, path), requests, allowed)
        for label, path in person.paths.items()
    ]


def getting(client: Client, path: str) -> Ask:
    """Give the asking of a page, which must answer 200."""

    def ask() -> Answer:
        answer = client.get(path)
        if answer.status != 200:
            raise BenchError(f"{path} answered {answer.status} {answer.location}")
        return answer

    return ask


def measure(label: str, client: Client, ask: Ask, requests: int, allowed: int) -> Measured:
    """Warm up, then ask for the page and the bare page in turns."""
    client.close()  # the server may be about to, after a while without requests
    ask_bare = getting(client, BARE)
    for _ in range(WARM_UPS):
        ask_bare()
        ask()
    bare, page = [], []
    for _ in range(requests):
        bare.append(ask_bare())
        page.append(ask())
    return Measured(label, Costs.of(page), Costs.of(bare), allowed)


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
