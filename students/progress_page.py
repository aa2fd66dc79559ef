"""The progress tab: grades by data drop, scores over time, barriers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from keywork.charts import Chart, line_chart
from students.models import Barrier, GradeSheet, Student, TestScore
from students.own_page import hide_others_in
from students.rules.progress import (
    AGES,
    GRADE_COUNTS_FOR,
    Gap,
    Graded,
    age_in_words,
    behind,
    gap_in,
    gap_words,
)

DROPS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject's line. grades: (data drop, grade or "") of those shown; latest: in full.

    gap: in what it is behind, if in anything.
    """

    name: str
    grades: list[tuple[str, str]]
    latest: GradeSheet
    gap: Gap | None

    @property
    def gap_words(self) -> str:
        """Say in what it is behind: "fell from 5 in Autumn 1 to 4 in Autumn 2"."""
        return gap_words(self.gap) if self.gap else ""


@dataclass(frozen=True, slots=True)
class Series:
    """One test's scores, newest first; chart: from two numbers on."""

    title: str
    scores: list[TestScore]
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class Progress:
    """The page. drops: (name, date) of the data drops shown, oldest first.

    behind: the subjects that are. below, of compared: those below the expected grade, of those
    whose grades can be compared.
    """

    drops: list[tuple[str, date]]
    subjects: list[Subject]
    behind: list[Subject]
    below: int
    compared: int
    series: list[Series]
    open_barriers: list[Barrier]
    closed_barriers: list[Barrier]


def progress_for(student: Student, on: date) -> Progress:
    """Read and compose the tab of a student seen in full, on a day, in four queries."""
    sheets = list(student.grade_sheets.select_related("teacher").order_by("drop_on", "subject"))
    drops = sorted({(sheet.drop_on, sheet.drop) for sheet in sheets})[-DROPS_SHOWN:]
    barriers = list(student.barriers.select_related("noted_by", "owner"))
    scores = list(student.test_scores.order_by("kind", "name", "taken_on"))
    hide_others_in(
        student,
        [(each, ("text", "follow_up")) for each in barriers]
        + [(each, ("note",)) for each in scores]
        + [(each, ("comment",)) for each in sheets],
    )
    subjects = _subjects(sheets, drops, on)
    compared = [
        behind(each.latest.grade, each.latest.expected_grade)
        for each in subjects
        if each.latest.drop_on > on - GRADE_COUNTS_FOR
    ]
    return Progress(
        drops=[(name, day) for day, name in drops],
        subjects=subjects,
        behind=[each for each in subjects if each.gap],
        below=sum(each is True for each in compared),
        compared=sum(each is not None for each in compared),
        series=_series(scores),
        open_barriers=[each for each in barriers if each.status == Barrier.Status.OPEN],
        closed_barriers=[each for each in barriers if each.status != Barrier.Status.OPEN],
    )


def _subjects(
    sheets: Iterable[GradeSheet], drops: Sequence[tuple[date, str]], on: date
) -> list[Subject]:
    by_subject: dict[str, dict[date, GradeSheet]] = {}
    for sheet in sheets:
        by_subject.setdefault(sheet.subject, {})[sheet.drop_on] = sheet
    return [_subject(name, found, drops, on) for name, found in sorted(by_subject.items())]


def _subject(
    name: str, found: dict[date, GradeSheet], drops: Sequence[tuple[date, str]], on: date
) -> Subject:
    latest = found[max(found)]
    grades = [(drop, found[day].grade if day in found else "") for day, drop in drops]
    graded = [
        Graded(day, each.drop, each.grade, each.expected_grade) for day, each in found.items()
    ]
    return Subject(name, grades, latest, gap_in(graded, on))


def _series(scores: Iterable[TestScore]) -> list[Series]:
    found = []
    for (kind, name), members in groupby(scores, lambda each: (each.kind, each.name)):
        rows = list(members)
        what = TestScore.Kind(kind).label
        title = f"{what}: {name}" if name else what
        found.append(Series(title, rows[::-1], _chart(title, rows)))
    return found


def _chart(title: str, scores: Sequence[TestScore]) -> Chart | None:
    charted = [each for each in scores if each.value is not None]
    if len(charted) < 2:
        return None
    first, last = charted[0], charted[-1]
    sentence = (
        f"{title} went from {_shown(first)} on {first.taken_on:%-d %B %Y} "
        f"to {_shown(last)} on {last.taken_on:%-d %B %Y}."
    )
    unit = "Months" if first.kind in AGES else "Score"
    return line_chart(
        sentence,
        "Taken on",
        [f"{each.taken_on:%-d %b %Y}" for each in charted],
        [(unit, [round(each.value or 0) for each in charted])],
        short_labels=[f"{each.taken_on:%b %y}" for each in charted],
    )


def _shown(score: TestScore) -> str:
    if score.kind in AGES and score.value is not None:
        return age_in_words(int(score.value))
    return score.score
