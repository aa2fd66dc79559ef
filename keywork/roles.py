"""Who may do what: roles, capabilities and the one table that joins them."""

from enum import StrEnum, auto

from django.db import models


class Role(models.TextChoices):
    """A person's role at one school; somebody may hold several, and others elsewhere."""

    KEY_WORKER = "key_worker", "Key worker"
    TEACHER = "teacher", "Teacher"
    MODERATOR = "moderator", "Moderator"
    SENCO = "senco", "SENCo"
    HEAD_OF_CARE = "head_of_care", "Head of care"
    DSL = "dsl", "Designated safeguarding lead"
    SLT = "slt", "Senior leader"
    HEAD = "head", "Head"
    TRUST_LEAD = "trust_lead", "Trust lead"
    ADMIN = "admin", "Office admin"
    SYSTEM_ADMIN = "system_admin", "System admin"


class Capability(StrEnum):
    """Something a role may do at a school. Which records it reaches is `visible_to`'s matter."""

    SEE_OWN_DUTIES = auto()  # Today, Calendar: what I owe
    SEE_SCHOOL_DUTIES = auto()  # the school-wide due list
    SEE_STUDENTS = auto()  # the list of students, as far as each is visible
    SEE_SCHOOL_NAMES = auto()  # every student of the school by name
    SEE_SCHOOL_IDENTITY = auto()  # identity and assignment of every student, not what was said
    SEE_SCHOOL_RECORDS = auto()  # what was said, school-wide
    SEE_RESIDENT_RECORDS = auto()  # what was said, of students with a residence
    KEEP_CASELOAD = auto()  # records of the students assigned to me, in full
    TEACH = auto()  # the students on my timetable, by name
    RECORD_SESSION = auto()
    EDIT_PROFILE = auto()  # strategies, learning style, interests, timetable of a student
    EDIT_IDENTITY = auto()  # names, roll, SEN status, model of a student
    MANAGE_ASSIGNMENTS = auto()
    MANAGE_CALENDAR = auto()
    MANAGE_MODELS = auto()
    MANAGE_SIGNALS = auto()  # when early signs of disengagement are shown
    MANAGE_STAFF = auto()
    MANAGE_MESSAGES = auto()  # the outbox of the school: what waits, what failed
    IMPORT_DATA = auto()
    ENTER_PROGRESS = auto()  # grade sheets and test scores, of the students known by identity
    RECORD_SLIP = auto()  # slips and rewards, for any student of the school
    CORRECT_SLIP = auto()  # of the students seen in full; others ask for a correction
    LIAISE = auto()  # with home and agencies about the students seen in full
    MANAGE_AGENCIES = auto()  # the school's directory of agencies and professionals
    SHARE_WITHOUT_CONSENT = auto()  # tell an agency something although consent was refused


_C = Capability
_LEADER = frozenset(
    {
        _C.SEE_OWN_DUTIES,
        _C.SEE_SCHOOL_DUTIES,
        _C.SEE_STUDENTS,
        _C.SEE_SCHOOL_NAMES,
        _C.RECORD_SLIP,
    }
)
_READS_SCHOOL = frozenset(
    {_C.SEE_STUDENTS, _C.SEE_SCHOOL_NAMES, _C.SEE_SCHOOL_RECORDS, _C.RECORD_SLIP}
)
_LEADS_SCHOOL = (
    _LEADER
    | _READS_SCHOOL
    | {_C.MANAGE_ASSIGNMENTS, _C.CORRECT_SLIP, _C.MANAGE_SIGNALS, _C.LIAISE}
)

CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.KEY_WORKER: frozenset(
        {
            _C.SEE_OWN_DUTIES,
            _C.SEE_STUDENTS,
            _C.SEE_SCHOOL_NAMES,
            _C.KEEP_CASELOAD,
            _C.RECORD_SESSION,
            _C.EDIT_PROFILE,
            _C.RECORD_SLIP,
            _C.LIAISE,
        }
    ),
    Role.TEACHER: frozenset({_C.SEE_STUDENTS, _C.TEACH, _C.RECORD_SLIP}),
    Role.MODERATOR: _READS_SCHOOL | {_C.CORRECT_SLIP},
    Role.SENCO: _LEADER
    | _READS_SCHOOL
    | {_C.RECORD_SESSION, _C.EDIT_PROFILE, _C.ENTER_PROGRESS, _C.CORRECT_SLIP}
    | {_C.LIAISE, _C.MANAGE_AGENCIES},
    Role.HEAD_OF_CARE: _LEADER
    | {_C.SEE_RESIDENT_RECORDS, _C.RECORD_SESSION, _C.MANAGE_ASSIGNMENTS, _C.LIAISE},
    Role.DSL: _READS_SCHOOL
    | {_C.CORRECT_SLIP, _C.LIAISE, _C.MANAGE_AGENCIES, _C.SHARE_WITHOUT_CONSENT},
    Role.SLT: _LEADS_SCHOOL,
    Role.HEAD: _LEADS_SCHOOL | {_C.SHARE_WITHOUT_CONSENT},
    Role.TRUST_LEAD: frozenset(),
    Role.ADMIN: frozenset(
        {
            _C.SEE_STUDENTS,
            _C.SEE_SCHOOL_NAMES,
            _C.SEE_SCHOOL_IDENTITY,
            _C.EDIT_IDENTITY,
            _C.MANAGE_ASSIGNMENTS,
            _C.MANAGE_CALENDAR,
            _C.MANAGE_MODELS,
            _C.MANAGE_SIGNALS,
            _C.MANAGE_STAFF,
            _C.MANAGE_MESSAGES,
            _C.IMPORT_DATA,
            _C.ENTER_PROGRESS,
            _C.RECORD_SLIP,
            _C.MANAGE_AGENCIES,
        }
    ),
    Role.SYSTEM_ADMIN: frozenset(
        {_C.MANAGE_STAFF, _C.MANAGE_MESSAGES, _C.MANAGE_CALENDAR, _C.MANAGE_MODELS}
    ),
}

# The order of screens.md section 3: with several roles the first of these gives the home page.
HOME_ORDER = (
    Role.KEY_WORKER,
    Role.TEACHER,
    Role.MODERATOR,
    Role.SENCO,
    Role.HEAD_OF_CARE,
    Role.DSL,
    Role.SLT,
    Role.HEAD,
    Role.TRUST_LEAD,
    Role.ADMIN,
    Role.SYSTEM_ADMIN,
)


def capabilities_of(roles: frozenset[Role]) -> frozenset[Capability]:
    """Give all that these roles together may do."""
    return frozenset().union(*(CAPABILITIES[role] for role in roles))
