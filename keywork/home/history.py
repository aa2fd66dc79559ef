"""Which records' histories can be read, and by whom: those who see the record in full."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from contacts.models import (
    Agency,
    AgencyAdvice,
    AgencyContact,
    AgencyMeeting,
    AttendanceStep,
    CheckupAnswer,
    ContactLogEntry,
    FollowUp,
    Involvement,
    StudentContact,
)
from keywork.access import Viewer
from keywork.history import Labels, Part
from keywork.home.history_parts import (
    parts_of_agency,
    parts_of_change_notice,
    parts_of_checkup,
    parts_of_contact,
    parts_of_contact_log,
    parts_of_school,
    parts_of_session,
    parts_of_slip,
    parts_of_staff,
    parts_of_student,
    parts_of_target,
)
from keywork.models import (
    ClosedDay,
    HalfTerm,
    ImportMapping,
    KeyWorkModel,
    School,
    StaffMember,
)
from keywork.roles import Capability
from sessions.models import DropInSlot, KeyworkSession, Target
from students.models import (
    AbsenceTalk,
    Assignment,
    Barrier,
    BehaviourChoice,
    BehaviourRecord,
    ChangeNotice,
    GradeSheet,
    Observation,
    PartTimeTimetable,
    RegisterQuery,
    SignalDismissal,
    Strategy,
    Student,
    TestScore,
)
from students.services import PROFILE_FIELDS


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: its words, who sees one at all, who may read its history, where it is.

    seen: records this viewer knows of (others: 404). readable: of those, the ones whose history
    the viewer may read (others: 403). page: the record's own page. hidden: fields left out of it
    for this viewer. about_one: other students named in its texts stand as initials. parts: what is
    told with it. labels: what values are called where their field does not say.
    """

    words: str
    seen: Callable[[Viewer], QuerySet]
    readable: Callable[[Viewer], QuerySet]
    page: Callable[[Any], str]
    hidden: Callable[[Viewer, Any], Collection[str]] = lambda viewer, record: ()
    about_one: bool = False
    parts: Callable[[Any], Sequence[Part]] = lambda record: ()
    labels: Labels = field(default_factory=dict)


def _unseen_of_student(viewer: Viewer, record: Any) -> Collection[str]:
    """What is written about a student is not the business of those who see identity alone."""
    in_full = Student.objects.in_full_for(viewer).filter(pk=record.pk).exists()
    return () if in_full else PROFILE_FIELDS


def _unread_note(viewer: Viewer, record: Any) -> Collection[str]:
    """A handover note is for those who see the student in full, as on the timeline."""
    in_full = Student.objects.in_full_for(viewer).filter(pk=record.student_id).exists()
    return () if in_full else ("note",)


def _students(viewer: Viewer) -> QuerySet:
    """Students whose whole record the viewer sees, or who may change who they are."""
    editing = viewer.schools_where(Capability.EDIT_IDENTITY)
    in_full = Student.objects.in_full_for(viewer).values("pk")
    return Student.objects.filter(Q(pk__in=in_full) | Q(school__in=editing))


def _strategies(viewer: Viewer) -> QuerySet:
    return Strategy.objects.filter(student__in=Student.objects.in_full_for(viewer))


def _drop_ins(viewer: Viewer) -> QuerySet:
    return DropInSlot.objects.filter(student__in=Student.objects.in_full_for(viewer))


def _assignments(viewer: Viewer) -> QuerySet:
    return Assignment.objects.filter(student__in=Student.objects.identity_for(viewer))


def _sessions(viewer: Viewer) -> QuerySet:
    return KeyworkSession.objects.filter(student__in=Student.objects.in_full_for(viewer))


def _checkup_answers(viewer: Viewer) -> QuerySet:
    """Answers about students seen in full: what a teacher said is not the other teachers'."""
    seen = Student.objects.in_full_for(viewer)
    answers = CheckupAnswer.objects.filter(checkup__student__in=seen)
    return answers.select_related("checkup__student", "teacher")


def _checkup_page(record: Any) -> str:
    return reverse("contacts:checkup", args=[record.checkup.ref])


def _slips(viewer: Viewer) -> QuerySet:
    """Slips of students seen in full, the withdrawn ones too."""
    seen = Student.objects.in_full_for(viewer)
    return BehaviourRecord.objects.filter(student__in=seen).select_related("student")


def _schools_to_manage(viewer: Viewer) -> QuerySet:
    managed = viewer.schools_where(Capability.MANAGE_CALENDAR, Capability.MANAGE_MODELS)
    return School.objects.filter(pk__in=managed)


def _student_page(record: Any) -> str:
    return reverse("student", args=[record.student.ref])


def _profile_page(record: Any) -> str:
    return reverse("students:profile", args=[record.student.ref])


def _people_page(record: Any) -> str:
    return reverse("people", args=[record.student.ref])


def _attendance_page(record: Any) -> str:
    return reverse("students:attendance", args=[record.student.ref])


def _register_query_page(record: Any) -> str:
    """The student: the office, which reads these as well, has no attendance tab."""
    return reverse("student", args=[record.student.ref])


def _progress_page(record: Any) -> str:
    return reverse("students:progress", args=[record.student.ref])


def _signals_page(record: Any) -> str:
    return reverse("student_signals", args=[record.student.ref])


def _of_students_in_full(model: Any) -> Callable[[Viewer], QuerySet]:
    """Records that whoever sees their student in full may read, history and all."""
    return lambda viewer: model.objects.filter(student__in=Student.objects.in_full_for(viewer))


def _own_page(record: Any) -> str:
    return record.get_absolute_url()


def _slip_page(record: Any) -> str:
    if record.withdrawn_at:
        return reverse("behaviour", args=[record.student.ref])
    return record.get_absolute_url()


def _observation_page(record: Any) -> str:
    return _student_page(record) if record.withdrawn_at else _own_page(record)


def _home_log_page(record: Any) -> str:
    if record.withdrawn_at:
        return reverse("contacts:log", args=[record.student.ref])
    return record.get_absolute_url()


def _confidential(viewer: Viewer, record: Any) -> Collection[str]:
    """A confidential address is for those who look after it."""
    editing = viewer.can_at(Capability.EDIT_IDENTITY, record.student.school_id)
    return ("address",) if record.contact.address_confidential and not editing else ()


def _catalogues_page(record: Any) -> str:
    return reverse("settings_catalogues")


def _agencies_page(record: Any) -> str:
    return reverse("contacts:student_agencies", args=[record.student.ref])


def _agency_log(viewer: Viewer) -> QuerySet:
    """Of students seen in full, the lines withdrawn too."""
    seen = Involvement.objects.visible_to(viewer)
    return AgencyContact.objects.filter(involvement__in=seen).select_related(
        "involvement__student"
    )


def _imports_page(record: Any) -> str:
    return reverse("imports")


def _settings_page(record: Any) -> str:
    return reverse("settings")


def _staff_page(record: Any) -> str:
    return reverse("staff")


KINDS: dict[str, Kind] = {
    "student": Kind(
        "Student",
        Student.objects.visible_to,
        _students,
        _own_page,
        _unseen_of_student,
        about_one=True,
        parts=parts_of_student,
    ),
    "session": Kind(
        "Session", _sessions, _sessions, _own_page, about_one=True, parts=parts_of_session
    ),
    "target": Kind(
        "Target",
        Target.objects.visible_to,
        Target.objects.visible_to,
        _own_page,
        about_one=True,
        parts=parts_of_target,
    ),
    "assignment": Kind(
        "Key worker",
        Assignment.objects.visible_to,
        _assignments,
        _people_page,
        _unread_note,
        about_one=True,
    ),
    "strategy": Kind("Strategy", _strategies, _strategies, _profile_page, about_one=True),
    **{
        slug: Kind(
            words, _of_students_in_full(model), _of_students_in_full(model), page, about_one=True
        )
        for slug, words, model, page in (
            ("absence-talk", "Talk about an absence", AbsenceTalk, _attendance_page),
            ("part-time", "Part-time timetable", PartTimeTimetable, _attendance_page),
            ("grade", "Grade", GradeSheet, _progress_page),
            ("score", "Test score", TestScore, _progress_page),
            ("barrier", "Barrier", Barrier, _progress_page),
            ("early-sign", "Early sign put aside", SignalDismissal, _signals_page),
        )
    },
    **{
        slug: Kind(
            words,
            _of_students_in_full(model),
            _of_students_in_full(model),
            _agencies_page,
            about_one=True,
        )
        for slug, words, model in (
            ("involvement", "Involvement of an agency", Involvement),
            ("agency-meeting", "Meeting of an agency", AgencyMeeting),
            ("agency-advice", "Advice on an agency", AgencyAdvice),
            ("attendance-step", "Something tried about attendance", AttendanceStep),
        )
    },
    "agency-log": Kind(
        "Word with an agency", _agency_log, _agency_log, _agencies_page, about_one=True
    ),
    "agency": Kind(
        "Agency",
        Agency.objects.visible_to,
        Agency.objects.manageable_by,
        _own_page,
        parts=parts_of_agency,
    ),
    "register-query": Kind(
        "Register query",
        RegisterQuery.objects.visible_to,
        RegisterQuery.objects.visible_to,
        _register_query_page,
        about_one=True,
    ),
    "follow-up": Kind(
        "Follow-up",
        FollowUp.objects.visible_to,
        FollowUp.objects.visible_to,
        _own_page,
        about_one=True,
    ),
    "check-up": Kind(
        "Answer to a check-up",
        _checkup_answers,
        _checkup_answers,
        _checkup_page,
        about_one=True,
        parts=parts_of_checkup,
    ),
    "contact-log": Kind(
        "Contact with home",
        _of_students_in_full(ContactLogEntry),
        _of_students_in_full(ContactLogEntry),
        _home_log_page,
        about_one=True,
        parts=parts_of_contact_log,
    ),
    "change-notice": Kind(
        "Change told to colleagues",
        _of_students_in_full(ChangeNotice),
        _of_students_in_full(ChangeNotice),
        _own_page,
        about_one=True,
        parts=parts_of_change_notice,
    ),
    "observation": Kind(
        "Something noticed",
        _of_students_in_full(Observation),
        _of_students_in_full(Observation),
        _observation_page,
        about_one=True,
    ),
    "contact": Kind(
        "Adult at home",
        StudentContact.objects.visible_to,
        StudentContact.objects.visible_to,
        _people_page,
        _confidential,
        parts=parts_of_contact,
    ),
    "drop-in": Kind("Drop-in", DropInSlot.objects.visible_to, _drop_ins, _student_page),
    "slip": Kind("Slip", _slips, _slips, _slip_page, about_one=True, parts=parts_of_slip),
    "slip-word": Kind(
        "Word on offer",
        BehaviourChoice.objects.visible_to,
        BehaviourChoice.objects.manageable_by,
        _catalogues_page,
    ),
    "staff": Kind(
        "Staff record",
        StaffMember.objects.visible_to,
        StaffMember.objects.manageable_by,
        _staff_page,
        parts=parts_of_staff,
    ),
    "import-mapping": Kind(
        "How an export reads",
        ImportMapping.objects.visible_to,
        ImportMapping.objects.visible_to,
        _imports_page,
    ),
    "half-term": Kind(
        "Half term", HalfTerm.objects.visible_to, HalfTerm.objects.manageable_by, _settings_page
    ),
    "closed-day": Kind(
        "Closed day", ClosedDay.objects.visible_to, ClosedDay.objects.manageable_by, _settings_page
    ),
    "model": Kind(
        "Key-work model",
        KeyWorkModel.objects.visible_to,
        KeyWorkModel.objects.manageable_by,
        _settings_page,
        labels={"focus_rotation": dict(KeyworkSession.Focus.choices)},
    ),
    "school": Kind(
        "School and its calendar",
        School.objects.visible_to,
        _schools_to_manage,
        _settings_page,
        parts=parts_of_school,
    ),
}
