"""One page of the log of slips: whose, narrowed to what; the same for screen and file."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.timezone import localtime

from keywork.access import KeyworkRequest
from keywork.models import School, User
from keywork.school_calendar import calendar_of
from keywork.term_dates import SchoolCalendar
from sessions.models import KeyworkSession
from students.models import BehaviourChoice, BehaviourRecord, Student
from students.models.behaviour import BehaviourQuerySet
from students.other_names import hide_others
from students.slip_log.figures import Figures, figures_of
from students.slip_log.files import (
    HEADINGS,
    MOST_ROWS,
    TEXTS,
    LogFile,
    file_name,
    footer_words,
    row_of,
)
from students.slip_log.filters import (
    DAYS_14,
    HALF_TERM,
    PERIODS,
    SESSION,
    LogForm,
    Narrowed,
    narrow,
    span_of,
    staff_on,
)

ROWS_PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class LogRow:
    """A slip as the list shows it: its texts without other students' names."""

    record: BehaviourRecord
    text: str
    consequence: str

    @property
    def when(self) -> tuple[str, str]:
        """Give day and time: "Fri 13 Nov 2026", "10:40". A template's filters take longer."""
        at = localtime(self.record.occurred_at)
        return f"{at:%a} {at.day} {at:%b %Y}", f"{at:%H:%M}"


class SlipLog:
    """The log that one request asks for: of one student seen in full, or of a school.

    Everything is read once, when it is asked for.
    """

    def __init__(
        self, request: KeyworkRequest, school: School, student: Student | None = None
    ) -> None:
        self.request, self.viewer = request, request.viewer
        self.school, self.student = school, student
        self.asked: QueryDict = request.GET

    @cached_property
    def calendar(self) -> SchoolCalendar:
        """Give the school's calendar."""
        return calendar_of(self.school)

    @cached_property
    def all_records(self) -> BehaviourQuerySet:
        """Give the slips that may be shown at all."""
        if self.student:
            return BehaviourRecord.objects.standing().filter(student=self.student)
        return BehaviourRecord.objects.visible_to(self.viewer).filter(school=self.school)

    @cached_property
    def last_session(self) -> date | None:
        """Give the day of the student's last session."""
        if self.student is None:
            return None
        held = KeyworkSession.objects.held(self.viewer.on).filter(student=self.student)
        return held.order_by("-held_on").values_list("held_on", flat=True).first()

    @property
    def period(self) -> str:
        """Give the preset asked for; by default the half term, of a school the fortnight."""
        asked = self.asked.get("period", "")
        if asked in PERIODS and (asked != SESSION or self.last_session):
            return asked
        return HALF_TERM if self.student else DAYS_14

    @cached_property
    def form(self) -> LogForm:
        """Give the filter's form."""
        words = BehaviourChoice.objects.filter(
            school=self.school, kind__in=["category", "location"]
        )
        offered = list(words.values_list("kind", "name"))
        return LogForm(
            self.asked,
            on=self.viewer.on,
            categories=sorted({name for kind, name in offered if kind == "category"}),
            places=sorted({name for kind, name in offered if kind == "location"}),
            staff=self._staff(),
            one_student=self.student is not None,
        )

    def _staff(self) -> list[User]:
        if self.student:
            return staff_on(self.all_records)
        return list(
            User.objects.filter(staff_records__school=self.school)
            .order_by("last_name", "first_name", "pk")
            .distinct()
        )

    @cached_property
    def narrowed(self) -> Narrowed:
        """Give what the filter keeps."""
        span = span_of(self.period, self.viewer.on, self.calendar, self.last_session)
        students = Student.objects.filter(school=self.school)
        mine = students.caseload_of(self.viewer.user, self.viewer.on)
        return narrow(
            self.all_records, self.form, span, viewer=self.viewer, students=students, mine=mine
        )

    @cached_property
    def figures(self) -> Figures:
        """Give the counts of what is kept."""
        return figures_of(self.narrowed.records)

    @property
    def count(self) -> int:
        """Give how many slips are kept."""
        return self.figures.low + self.figures.high + self.figures.rewards

    def page(self) -> tuple[Page, list[LogRow]]:
        """Give one page of the list and its rows, in two queries; of a school in three."""
        # A school's are sorted by their keys alone; who and where is read of the page's slips.
        slips = self._ordered.for_list() if self.student else self._ordered.values("pk")
        paginator = Paginator(slips, ROWS_PER_PAGE)
        paginator.__dict__["count"] = self.count  # known: nothing is counted twice
        page = paginator.get_page(self.asked.get("page"))
        records = list(page) if self.student else self._loaded([each["pk"] for each in page])
        texts = iter(self._shown([t for r in records for t in (r.description, r.consequence)]))
        return page, [LogRow(record, next(texts), next(texts)) for record in records]

    @property
    def _ordered(self) -> BehaviourQuerySet:
        """Give what is kept in order; the school said twice, for the join with its students."""
        if self.student:
            return self.narrowed.ordered
        return self.narrowed.ordered.filter(student__school=self.school)

    def _loaded(self, keys: list[int]) -> list[BehaviourRecord]:
        found = BehaviourRecord.objects.for_list().in_bulk(keys)
        return [found[key] for key in keys if key in found]

    def file(self, kind: str) -> tuple[str, LogFile] | None:
        """Give a file's name and content; None where it would be too long for its kind."""
        if self.count > MOST_ROWS[kind]:
            return None
        whose = self.student.name if self.student else self.school.name
        rows = list(self._ordered.for_list())
        log = LogFile(
            title=f"Behaviour log, {whose}",
            about="; ".join([*self.narrowed.words, f"{len(rows)} in all"]),
            footer=footer_words(self.viewer.user.full_name, self.viewer.now),
            head=HEADINGS if self.student else ("Student", "Form", *HEADINGS),
            rows=self._file_rows(rows),
        )
        return file_name(whose, self.viewer.on, kind), log

    def _file_rows(self, records: list[BehaviourRecord]) -> list[list[str]]:
        size = len(TEXTS)
        texts = self._shown([getattr(record, name) for record in records for name in TEXTS])
        rows = []
        for at, record in enumerate(records):
            row = row_of(record, texts[at * size : (at + 1) * size])
            who = [] if self.student else [record.student.name, record.student.reg_form]
            rows.append([*who, *row])
        return rows

    def _shown(self, texts: list[str]) -> list[str]:
        """On one student's page the others stand as initials; a school's list names everybody."""
        if self.student is None:
            return texts
        return hide_others(texts, self.school.pk, shown=[self.student.pk])

    def chips(self) -> list[dict[str, Any]]:
        """Give the presets as links that keep the other filters."""
        kept = {
            k: v for k, v in self.asked.items() if k not in ("page", "period", "first", "last")
        }
        typed = bool(self.asked.get("first") or self.asked.get("last"))
        return [
            {
                "label": words,
                "url": f"?{urlencode({**kept, 'period': key})}",
                "current": key == self.period and not typed,
            }
            for key, words in PERIODS.items()
            if key != SESSION or self.last_session
        ]
