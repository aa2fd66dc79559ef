"""What pages read of check-ups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from contacts.checkup_duties import checkups_owed
from contacts.models import Checkup, CheckupAnswer, FollowUp
from contacts.models.checkups import CheckupQuerySet
from keywork.access import Viewer
from keywork.dates import week_of
from keywork.models import School
from keywork.school_calendar import calendar_of
from students.duties import StudentOnRoll, read_roll
from students.models import Student, TimetableEntry
from students.models.student import StudentQuerySet
from students.other_names import hide_others

WEEKS_SHOWN = 10
FLAG = CheckupAnswer.Answer.FLAG


@dataclass(frozen=True, slots=True)
class TeacherRow:
    """A teacher's line of a check-up: what they teach, what they said, what became of a flag."""

    answer: CheckupAnswer
    teaches: str
    note: str
    action: FollowUp | None


def with_counts(checkups: CheckupQuerySet) -> CheckupQuerySet:
    """Add `asked`, `answered`, `flags` and `chased`: numbers of teachers."""
    counted: CheckupQuerySet = checkups.annotate(
        asked=Count("answers"),
        answered=Count("answers", filter=~Q(answers__answer="")),
        flags=Count("answers", filter=Q(answers__answer=FLAG)),
        chased=Count("answers", filter=Q(answers__chased_on__isnull=False)),
    )
    return counted


def with_checkup(students: StudentQuerySet, on: date) -> StudentQuerySet:
    """Add what the student page says of the latest check-up, without a query of its own.

    checkup_ref, checkup_sent_on; checkup_asked, checkup_answered, checkup_flags: teachers.
    """
    latest = Checkup.objects.sent_by(on).filter(student=OuterRef("pk")).order_by("-week_starting")
    counted = with_counts(latest)
    return students.annotate(
        checkup_ref=Subquery(latest.values("ref")[:1]),
        checkup_sent_on=Subquery(latest.values("sent_on")[:1]),
        checkup_asked=Coalesce(Subquery(counted.values("asked")[:1]), 0),
        checkup_answered=Coalesce(Subquery(counted.values("answered")[:1]), 0),
        checkup_flags=Coalesce(Subquery(counted.values("flags")[:1]), 0),
    )


def checkups_of_week(viewer: Viewer, school: School, day: date) -> CheckupQuerySet:
    """Give a week's check-ups of the students of a school seen in full, by name, counted."""
    seen = Student.objects.in_full_for(viewer).filter(school=school)
    found = Checkup.objects.filter(student__in=seen, week_starting=week_of(day).start)
    return (
        with_counts(found.exclude(sent_on=None))
        .select_related("student")
        .order_by("student__legal_last_name", "student__legal_first_name", "pk")
    )


def not_sent_yet(viewer: Viewer, school: School) -> list[StudentOnRoll]:
    """Give the students seen in full whose check-up of this week is still to be sent.

    Four or five queries; none in a week without school.
    """
    calendar = calendar_of(school)
    if calendar.first_school_day_of_week(viewer.on) is None:
        return []
    seen = Student.objects.in_full_for(viewer)
    roll = read_roll(school, viewer.on, calendar=calendar, students=seen, horizon=0)
    owed = (roll.by_id[pk] for pk in checkups_owed(roll))
    return sorted(owed, key=lambda student: student.name)


def answers_to_give(viewer: Viewer, school: School) -> list[CheckupAnswer]:
    """Give what the viewer is asked as a teacher this week, by the student's name."""
    asked = CheckupAnswer.objects.asked_of(viewer).filter(checkup__student__school=school)
    return list(asked.of_week(viewer.on).by_name())


def teacher_rows(checkup: Checkup) -> list[TeacherRow]:
    """Give who was asked about a student seen in full and what they said; four queries.

    Flags first, then those who have not answered. Other students named in it stand as initials.
    """
    answers = list(checkup.answers.select_related("teacher").order_by("teacher__last_name", "pk"))
    answers.sort(key=lambda each: {FLAG: 0, "": 1}.get(each.answer, 2))
    subjects = _subjects(checkup.student)
    actions = _actions(answers)
    pupils = Student.objects.filter(school=checkup.student.school_id)
    notes = hide_others([each.note for each in answers], pupils, shown=[checkup.student_id])
    return [
        TeacherRow(each, subjects.get(each.teacher_id, ""), note, actions.get(each.ref))
        for each, note in zip(answers, notes, strict=True)
    ]


def weeks_before(checkup: Checkup) -> QuerySet[Checkup]:
    """Give the student's check-ups before this one, newest first, counted."""
    earlier = Checkup.objects.filter(
        student=checkup.student_id, week_starting__lt=checkup.week_starting
    )
    return with_counts(earlier.exclude(sent_on=None)).order_by("-week_starting")[:WEEKS_SHOWN]


def _subjects(student: Student) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    rows = TimetableEntry.objects.filter(student=student).order_by("subject")
    for teacher, subject in rows.values_list("teacher_id", "subject"):
        found.setdefault(teacher, []).append(subject)
    return {teacher: ", ".join(subjects) for teacher, subjects in found.items()}


def _actions(answers: Sequence[CheckupAnswer]) -> dict[str, FollowUp]:
    """Give answer's ref → the latest action that its flag became."""
    refs = [each.ref for each in answers]
    source = FollowUp.Source.CHECKUP
    found = FollowUp.objects.standing().filter(source_kind=source, source_ref__in=refs)
    return {each.source_ref: each for each in found.select_related("owner").order_by("pk")}
