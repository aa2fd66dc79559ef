"""The head of every page about one student: who it is, and the tabs this viewer has.

Pages of other apps include it with
`{% include "students/header.html" with header=header only %}`.
"""

from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse

from keywork.access import Viewer
from keywork.roles import Capability
from students.models import Assignment, Student
from students.needs import needs_in_words
from students.policies import (
    Sight,
    can_edit_identity,
    can_enter_grades,
    can_record_session,
    sight_of,
)

YEAR_GROUPS = {"N1": "Nursery 1", "N2": "Nursery 2", "R": "Reception"}
SEN_ICONS: dict[str, str] = {Student.SenStatus.PLAN: "doc"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A short fact in a tinted box: see components/status.html."""

    status: str
    text: str
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """A button of the header."""

    label: str
    url: str
    icon: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """A page about the student."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of the strip below the name: words, or pips; a note; a status chip."""

    label: str
    text: str = ""
    note: str = ""
    held: int | None = None
    total: int = 0
    chip: Chip | None = None


@dataclass(frozen=True, slots=True)
class StudentHeader:
    """All that templates/students/header.html shows."""

    student: Student
    sight: Sight
    subtitle: str
    legal_name: str
    chips: list[Chip]
    needs: str
    lines: list[tuple[str, str]]
    tabs: list[Tab]
    acts: list[Act]
    crumbs: list[tuple[str, str]]
    facts: list[Fact] = field(default_factory=list)


def header(viewer: Viewer, student: Student, *, tab: str) -> StudentHeader:
    """Give the header of a student's page, in three queries at most.

    student: fetched through `visible_to`; `for_list` and `with_sight` save queries.
    tab: timeline, targets, behaviour, attendance, home, progress, profile or people.
    """
    sight = sight_of(viewer, student)
    known = sight.in_full or sight.identity
    assignments = current_assignments(student, viewer.on)
    return StudentHeader(
        student=student,
        sight=sight,
        subtitle=_subtitle(student, known=known),
        legal_name=_legal_name(student) if known else "",
        chips=_chips(student, sight),
        needs=needs_in_words(student.primary_need, student.secondary_need) if known else "",
        lines=_lines(student, assignments, known=known),
        tabs=_tabs(student, sight, tab),
        acts=_acts(viewer, student, sight),
        crumbs=_crumbs(viewer, assignments),
    )


def current_assignments(student: Student, on: date) -> list[Assignment]:
    """Give the assignments in force, the primary one first; loaded ones are used."""
    loaded = getattr(student, "current_assignments", None)
    if loaded is None:
        loaded = list(student.assignments.current(on).select_related("key_worker"))
    return sorted(loaded, key=lambda each: (each.role != Assignment.Role.PRIMARY, each.start))


def year_in_words(nc_year: str) -> str:
    """Give a year group as said: "Year 9", "Reception"."""
    if not nc_year:
        return ""
    return YEAR_GROUPS.get(nc_year, f"Year {nc_year}")


def _subtitle(student: Student, *, known: bool) -> str:
    group = [year_in_words(student.nc_year) if known else "", student.reg_form]
    parts = [", ".join(part for part in group if part), student.pronouns if known else ""]
    return " · ".join(part for part in parts if part)


def _legal_name(student: Student) -> str:
    legal = f"{student.legal_first_name} {student.legal_last_name}".strip()
    return "" if legal == student.name else legal


def _chips(student: Student, sight: Sight) -> list[Chip]:
    if sight.by_name_only:
        return []
    said = student.sen_status
    chips = [Chip("fact", student.get_sen_status_display(), SEN_ICONS.get(said, ""))] * bool(said)
    if student.medical_alert and sight.in_full:
        chips.append(Chip("alert", student.medical_alert))
    if student.trusted_adult and sight.in_full:
        chips.append(Chip("fact", f"Trusts: {student.trusted_adult}", "user"))
    if student.in_class_support and sight.in_full:
        chips.append(Chip("fact", f"In class: {student.in_class_support}", "group"))
    if student.teaching_arrangement:
        chips.append(Chip("fact", student.get_teaching_arrangement_display(), "group"))
    return chips


def _lines(
    student: Student, assignments: list[Assignment], *, known: bool
) -> list[tuple[str, str]]:
    lines = [
        (each.get_role_display(), f"{each.key_worker}, since {each.start:%-d %B %Y}")
        for each in assignments
    ]
    if not any(each.role == Assignment.Role.PRIMARY for each in assignments):
        lines.insert(0, ("Key worker", "nobody yet"))
    model = student.model_in_force()
    if known and model:
        whose = "their own" if student.key_work_model_id else "the school’s"
        lines.append(("Key-work model", f"{model.name}, {whose}"))
    return lines


def _tabs(student: Student, sight: Sight, current: str) -> list[Tab]:
    if sight.by_name_only:
        return []
    pages = [("timeline", "Timeline" if sight.in_full else "Details", "student")]
    if sight.in_full:
        pages.append(("targets", "Targets", "sessions:targets"))
        pages.append(("behaviour", "Behaviour", "behaviour"))
        pages.append(("attendance", "Attendance", "students:attendance"))
        pages.append(("home", "Home", "contacts:log"))
        pages.append(("progress", "Progress", "students:progress"))
        pages.append(("profile", "Profile", "students:profile"))
        pages.append(("agencies", "Agencies", "contacts:student_agencies"))
    pages.append(("people", "People", "people"))
    return [
        Tab(label, reverse(name, args=[student.ref]), key == current) for key, label, name in pages
    ]


def _acts(viewer: Viewer, student: Student, sight: Sight) -> list[Act]:
    acts = []
    if can_record_session(viewer, student, sight):
        acts.append(
            Act("Prepare session", reverse("sessions:new", args=[student.ref]), "chat", True)
        )
    if sight.in_full and viewer.can_at(Capability.LIAISE, student.school_id):
        url = reverse("call_new", args=[student.ref])
        acts.append(Act("Log call", url, "phone", primary=not acts))
    if viewer.can_at(Capability.RECORD_SLIP, student.school_id):
        url = f"{reverse('students:slip_new')}?student={student.ref}"
        acts.append(Act("Slip or reward", url, "slip", primary=not acts))
    if can_enter_grades(viewer, student, sight) and not sight.in_full:  # else: on its tab
        acts.append(Act("Add grades", reverse("students:grade_new", args=[student.ref]), "chart"))
        acts.append(Act("Add a score", reverse("students:score_new", args=[student.ref]), "chart"))
    if can_edit_identity(viewer, student):
        acts.append(Act("Change identity", reverse("students:edit", args=[student.ref]), "pencil"))
    return acts


def _crumbs(viewer: Viewer, assignments: list[Assignment]) -> list[tuple[str, str]]:
    if any(each.key_worker_id == viewer.user.pk for each in assignments):
        return [("Caseload", reverse("caseload"))]
    return [("Students", reverse("students:students"))]
