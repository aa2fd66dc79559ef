"""Every address of the site: who may open it, about whom, and what it answers.

Written from the specification, not from the program: this table decides what the guards expect.
A new address needs a line in PAGES, and one in KWARGS where it names a new kind of record.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.urls import get_resolver, reverse

ROLES = (
    "key_worker", "teacher", "moderator", "senco", "head_of_care", "dsl", "slt", "head",
    "trust_lead", "admin", "system_admin",
)  # fmt: skip

# --- who -----------------------------------------------------------------------------------
PUBLIC, SIGNED_IN = "everybody", "everybody signed in"
OWN_DUTIES = {"key_worker", "senco", "head_of_care", "slt", "head"}
SCHOOL_DUTIES = OWN_DUTIES - {"key_worker"}
STUDENTS = set(ROLES) - {"trust_lead", "system_admin"}
CASELOAD = {"key_worker"}
READ = {"key_worker", "moderator", "senco", "head_of_care", "dsl", "slt", "head"}
RECORD = {"key_worker", "senco", "head_of_care"}
PROFILE = {"key_worker", "senco"}
IDENTITY = {"admin"}
LIAISE = {"key_worker", "senco", "head_of_care", "dsl", "slt", "head"}
ASSIGN = {"head_of_care", "slt", "head", "admin"}
MANAGE = {"admin", "system_admin"}  # staff, calendar, models
IMPORT = {"admin"}
CONTACTS = {"admin", "senco", "dsl", "slt", "head"}  # adults at home: add, change, end

# --- how much of a student ------------------------------------------------------------------
NOTHING, BY_NAME, BY_IDENTITY, IN_FULL = range(4)
SCHOOL_WIDE = {"moderator", "senco", "dsl", "slt", "head"}


def sight(roles, key):
    """How much somebody with these roles at the student's school sees of that student.

    `own` is on their timetable and caseload and lives in; the others are none of that.
    """
    theirs = key == "own" and bool(roles & {"key_worker", "head_of_care"})
    if theirs or roles & SCHOOL_WIDE:
        return IN_FULL
    if "admin" in roles:
        return BY_IDENTITY
    if roles & {"key_worker", "head_of_care"} or (key == "own" and "teacher" in roles):
        return BY_NAME
    return NOTHING


def member(roles, key):
    """Staff know their school's own records; what they may do with them is `act`."""
    return BY_NAME if roles else NOTHING


def chosen_school(roles, key):
    """Pages that keep a school's records show those of the chosen school, which is the first."""
    return NOTHING if key == "foreign" else BY_NAME


def own_alone(roles, key):
    """One's own drafts."""
    return BY_NAME if key == "own" else NOTHING


def everybodys(roles, key):
    """No record decides."""
    return BY_NAME


# --- the pages ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Page:
    """who: roles at the chosen school, or PUBLIC or SIGNED_IN. of: what it names, from KWARGS.

    seen: how the record is seen; less than `known` is answered 404, less than `needs` 403.
    act: roles needed at the record's own school, else 403. get, get_signed_out: what is answered
    to those who may; post: what an empty POST may be answered besides 200, 302, 400 and 405.
    no_role: open to those whose last role has ended. only_post: GET is answered 405.
    """

    who: Any
    of: str = ""
    seen: Callable = everybodys
    known: int = BY_NAME
    needs: int = BY_NAME
    act: Any = None
    get: int = 200
    get_signed_out: int = 0
    post: frozenset[int] = frozenset()
    no_role: bool = False
    only_post: bool = False
    kwargs: dict = field(default_factory=dict)


def of_student(who, needs=BY_NAME, of="student", **more):
    return Page(who, of=of, seen=sight, needs=needs, **more)


def of_record(who, of, **more):
    """What was said: not even known to those who do not see the student in full."""
    return Page(who, of=of, seen=sight, known=IN_FULL, needs=IN_FULL, **more)


def of_identity(who, of, **more):
    """What belongs to who somebody is: not known to those who see the name alone."""
    return Page(who, of=of, seen=sight, known=BY_IDENTITY, needs=BY_IDENTITY, **more)


def of_school(who, of, **more):
    return Page(who, of=of, seen=chosen_school, **more)


PAGES = {
    # today, caseload, duties
    "home": Page(SIGNED_IN, get=302),
    "today": Page(OWN_DUTIES),
    "caseload": Page(CASELOAD),
    "duties": Page(SCHOOL_DUTIES),
    "search": Page(SIGNED_IN),
    "read_day": Page(SIGNED_IN, kwargs={"side": "past"}),
    "log": Page(RECORD),
    # students
    "student": of_student(STUDENTS),
    "students:students": Page(STUDENTS),
    "students:new": Page(IDENTITY),
    "students:edit": of_student(IDENTITY, act=IDENTITY),
    "people": of_student(STUDENTS, BY_IDENTITY),
    "students:profile": of_student(STUDENTS, IN_FULL),
    "students:profile_edit": of_student(PROFILE, IN_FULL, act=PROFILE),
    "students:strategy_new": of_student(PROFILE, IN_FULL, act=PROFILE, only_post=True),
    "students:strategy_withdrawal": of_student(
        PROFILE, IN_FULL, of="strategy", act=PROFILE, only_post=True
    ),
    "students:lesson_new": of_student(PROFILE, IN_FULL, act=PROFILE, only_post=True),
    "students:lesson_removal": of_student(PROFILE, IN_FULL, act=PROFILE, only_post=True),
    # key workers
    "assignments": Page(ASSIGN),
    "assignment_changes": Page(ASSIGN, get=302),
    "assignment_end": of_student(ASSIGN, of="assignment", act=ASSIGN),
    "assignment_undo": of_student(ASSIGN, of="coming", act=ASSIGN, only_post=True),
    # sessions
    "sessions:new": of_student(RECORD, IN_FULL, act=RECORD),
    "sessions:group": of_student(RECORD, IN_FULL, act=RECORD),
    "sessions:language": of_student(RECORD, IN_FULL, act=RECORD, only_post=True),
    "sessions:target_check": of_student(
        RECORD, IN_FULL, act=RECORD, only_post=True, kwargs={"number": 1}
    ),
    "sessions:session": of_record(READ, "session"),
    "sessions:edit": of_record(RECORD, "planned", act=RECORD),
    "sessions:correction": of_record(RECORD, "session", act=RECORD),
    "sessions:move": of_record(RECORD, "planned_session", act=RECORD),
    "sessions:cancellation": of_record(RECORD, "planned_session", act=RECORD),
    "sessions:plan": of_student(RECORD, IN_FULL, act=RECORD),
    "sessions:drop_in": of_student(RECORD, IN_FULL, act=RECORD),
    "sessions:drop_in_withdrawal": of_student(
        RECORD, IN_FULL, of="slot", act=RECORD, only_post=True
    ),
    "sessions:calendar": Page(OWN_DUTIES),
    "sessions:feed": Page(OWN_DUTIES),
    "sessions:feed_made": Page(OWN_DUTIES, only_post=True),
    "sessions:feed_revoked": Page(OWN_DUTIES, only_post=True),
    # `own` is a living address, `other` a revoked one, `foreign` one of somebody who left
    "sessions:feed_file": Page(PUBLIC, of="feed", seen=own_alone, no_role=True),
    "followups": Page(STUDENTS),
    "sessions:followup_done": of_record(STUDENTS, "action", act=RECORD, only_post=True),
    # what somebody raised
    # contact with home
    "call_new": of_student(LIAISE, IN_FULL, act=LIAISE),
    "contacts:log": of_student(STUDENTS, IN_FULL),
    "contacts:language": of_student(LIAISE, IN_FULL, act=LIAISE, only_post=True),
    "contacts:entry": of_record(STUDENTS, "entry"),
    "contacts:entry_about": of_record(
        LIAISE, "entry", act=LIAISE, only_post=True, post=frozenset({404})
    ),
    "contacts:entry_withdrawal": of_record(STUDENTS, "entry", act=CONTACTS - IDENTITY),
    "contacts:contact_new": of_student(IDENTITY | SCHOOL_WIDE, act=CONTACTS),
    "contacts:checked": of_student(
        LIAISE | IDENTITY, BY_IDENTITY, act=LIAISE | IDENTITY, only_post=True
    ),
    "contacts:contact_edit": of_identity(IDENTITY | SCHOOL_WIDE, "contact", act=CONTACTS),
    "contacts:contact_end": of_identity(IDENTITY | SCHOOL_WIDE, "contact", act=CONTACTS),
    "contacts:student_followups": of_student(STUDENTS, IN_FULL),
    "contacts:followup_new": of_student(LIAISE, IN_FULL, act=LIAISE),
    "contacts:followup": of_record(STUDENTS, "follow_up"),
    "contacts:followup_edit": of_record(STUDENTS, "follow_up", act=LIAISE),
    "contacts:followup_withdrawal": of_record(STUDENTS, "follow_up", act=LIAISE, only_post=True),
    # targets
    "sessions:targets": of_student(READ, IN_FULL),
    "sessions:new_target": of_student(RECORD, IN_FULL, act=RECORD),
    "sessions:target": of_record(READ, "target"),
    "sessions:target_outcome": of_record(RECORD, "target", act=RECORD),
    "sessions:target_evidence": of_record(RECORD, "target", act=RECORD, only_post=True),
    # what the site keeps for one
    "drafts": Page(SIGNED_IN),
    "draft": Page(SIGNED_IN, of="draft", seen=own_alone, get=302, post=frozenset({404})),
    "draft_compare": Page(SIGNED_IN, of="draft", seen=own_alone),
    "draft_discard": Page(SIGNED_IN, of="draft", seen=own_alone, only_post=True),
    "undo": Page(SIGNED_IN, of="undo", post=frozenset({404})),
    # the office
    "imports": Page(IMPORT),
    "import_new": Page(IMPORT),
    "import_template": Page(IMPORT, kwargs={"name": "students"}),
    "import_preview": of_school(IMPORT, "run"),
    "import_result": of_school(IMPORT, "run", get=302),
    "import_cancel": of_school(IMPORT, "run", only_post=True),
    "import_problems": of_school(IMPORT, "run", kwargs={"name": "students"}),
    "staff": Page(MANAGE),
    "staff_new": Page(MANAGE),
    "staff_edit": of_school(MANAGE, "staff"),
    "staff_invitation": of_school(MANAGE, "staff", only_post=True),
    "settings": Page(MANAGE),
    "settings_calendar": Page(MANAGE),
    "settings_dates_new": Page(MANAGE, kwargs={"kind": "closed-days"}),
    "settings_dates": of_school(MANAGE, "dates"),
    "settings_dates_removal": of_school(MANAGE, "dates", only_post=True),
    "settings_models": Page(MANAGE),
    "settings_model": of_school(MANAGE, "model"),
    "settings_model_copy": of_school(MANAGE, "model", only_post=True),
    "settings_model_reset": of_school(MANAGE, "model", only_post=True),
    "settings_model_choice": of_school(MANAGE, "model", only_post=True),
    # histories, one line for each kind
    "history student": of_student(SIGNED_IN, BY_IDENTITY, kwargs={"kind": "student"}),
    "history assignment": of_student(
        SIGNED_IN, BY_IDENTITY, of="assignment", kwargs={"kind": "assignment"}
    ),
    "history drop-in": of_student(SIGNED_IN, IN_FULL, of="drop_in", kwargs={"kind": "drop-in"}),
    "history session": of_record(SIGNED_IN, "session", kwargs={"kind": "session"}),
    "history target": of_record(SIGNED_IN, "target_history", kwargs={"kind": "target"}),
    "history contact": of_identity(SIGNED_IN, "contact", kwargs={"kind": "contact"}),
    "history contact-log": of_record(SIGNED_IN, "entry", kwargs={"kind": "contact-log"}),
    "history follow-up": of_record(SIGNED_IN, "follow_up", kwargs={"kind": "follow-up"}),
    "history strategy": of_record(SIGNED_IN, "strategy", kwargs={"kind": "strategy"}),
    **{
        f"history {kind}": Page(SIGNED_IN, of=of, seen=member, act=MANAGE, kwargs={"kind": kind})
        for kind, of in {
            "staff": "staff",
            "half-term": "half_term",
            "closed-day": "closed_day",
            "model": "model",
            "school": "school",
        }.items()
    },
    # own account
    "me": Page(SIGNED_IN, no_role=True),
    "school_switch": Page(SIGNED_IN, only_post=True, post=frozenset({404})),
    "stay": Page(SIGNED_IN, only_post=True, post=frozenset({204}), no_role=True),
    "hide": Page(SIGNED_IN, get=302, no_role=True),
    "resume": Page(SIGNED_IN, only_post=True),
    "help": Page(SIGNED_IN, no_role=True),
    "usersessions_list": Page(SIGNED_IN, no_role=True),
    "health": Page(PUBLIC, no_role=True),
    # allauth's: the only views that are not ours
    "account_login": Page(PUBLIC, get=302, get_signed_out=200, no_role=True),
    "account_logout": Page(PUBLIC, get=200, get_signed_out=302, no_role=True),
    "account_inactive": Page(PUBLIC, no_role=True),
    "account_reauthenticate": Page(SIGNED_IN, no_role=True),
    "account_change_password": Page(SIGNED_IN, no_role=True),
    "account_set_password": Page(SIGNED_IN, get=302, no_role=True),
    "account_reset_password": Page(PUBLIC, no_role=True),
    "account_reset_password_done": Page(PUBLIC, no_role=True),
    "account_reset_password_from_key": Page(
        PUBLIC, no_role=True, kwargs={"uidb36": "1", "key": "0-0"}
    ),
    "account_reset_password_from_key_done": Page(PUBLIC, no_role=True),
}


def _dates(found):
    """Both kinds of dates are tried: half terms for one student's school, closed days else."""
    if found.student.residence:
        return {"kind": "half-terms", "ref": found.half_term.ref}
    return {"kind": "closed-days", "ref": found.closed_day.ref}


# How an address names a record; `found` has the records of one student (tests.data_school).
KWARGS = {
    "": lambda found: {},
    "student": lambda found: {"ref": found.student.ref},
    "strategy": lambda found: {"ref": found.strategy.ref},
    "assignment": lambda found: {"ref": found.assignment.ref},
    "coming": lambda found: {"ref": found.coming.ref},
    "drop_in": lambda found: {"ref": found.slot.ref},
    "session": lambda found: {"ref": found.session.ref},
    "planned": lambda found: {"ref": found.planned.ref},
    "planned_session": lambda found: {"session_ref": found.planned.ref},
    "slot": lambda found: {"slot_ref": found.slot.ref},
    "action": lambda found: {"action_ref": found.action.ref},
    "entry": lambda found: {"ref": found.entry.ref},
    "contact": lambda found: {"ref": found.contact.ref},
    "follow_up": lambda found: {"ref": found.follow_up.ref},
    "target": lambda found: {"target_ref": found.target.ref},
    "target_history": lambda found: {"ref": found.target.ref},
    "draft": lambda found: {"key": found.draft.key},
    "undo": lambda found: {"token": found.undo_token},
    "feed": lambda found: {"token": found.feed_token},
    "run": lambda found: {"ref": found.run.ref},
    "staff": lambda found: {"ref": found.staff.ref},
    "dates": _dates,
    "half_term": lambda found: {"ref": found.half_term.ref},
    "closed_day": lambda found: {"ref": found.closed_day.ref},
    "model": lambda found: {"ref": found.model.ref},
    "school": lambda found: {"ref": found.student.school.ref},
}
# These three views of the sessions app call the student's ref by its full name.
STUDENT_REF = {
    "sessions:new", "sessions:group", "sessions:language", "sessions:target_check",
    "sessions:plan", "sessions:drop_in", "sessions:targets", "sessions:new_target",
}  # fmt: skip


def address(name, page, found):
    """The address of a page about one student's records."""
    kwargs = {**KWARGS[page.of](found), **page.kwargs}
    if name in STUDENT_REF:
        kwargs["student_ref"] = kwargs.pop("ref")
    return reverse(name.partition(" ")[0], kwargs=kwargs)


def patterns(resolver=None, prefix=""):
    """Every pattern of the URL configuration: (name with namespace, pattern)."""
    resolver = resolver or get_resolver()
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from patterns(pattern, inner)
        else:
            yield f"{prefix}{pattern.name}", pattern
