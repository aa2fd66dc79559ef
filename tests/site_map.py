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
OVERSEE = READ - {"key_worker"}
CHECKUPS = READ | {"teacher"}
RECORD = {"key_worker", "senco", "head_of_care"}
PROFILE = {"key_worker", "senco"}
IDENTITY = {"admin"}
AGENCIES = {"admin", "senco", "dsl"}
NAMES_SCHOOL = STUDENTS - {"teacher"}
LIAISE = {"key_worker", "senco", "head_of_care", "dsl", "slt", "head"}
ASSIGN = {"head_of_care", "slt", "head", "admin"}
MANAGE = {"admin", "system_admin"}  # staff, calendar, models
IMPORT = {"admin"}
SLIPS = set(ROLES) - {"trust_lead", "system_admin"}  # any member of staff writes them
CORRECT = {"moderator", "senco", "dsl", "slt", "head"}
FIGURES = READ
GRADES = {"senco", "admin"}
SCORES = GRADES | PROFILE
DISMISS = {"key_worker", "senco", "head_of_care", "slt", "head"}
SIGNALS = {"slt", "head", "admin"}
WORDS = {"admin", "system_admin"}
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


def knows_school(roles, key):
    """The directory of agencies: those who know the school's students by name."""
    return BY_NAME if roles & NAMES_SCHOOL else NOTHING


def importers(roles, key):
    """A long job, so far always an import's, is seen by those who may ask for it."""
    return BY_NAME if roles & IMPORT else NOTHING


def checkup_sight(roles, key):
    """A check-up: those who see the student in full, and the teachers whom it asks."""
    asked = key == "own" and "teacher" in roles
    return BY_NAME if asked or sight(roles, key) >= IN_FULL else NOTHING


def everybodys(roles, key):
    """No record decides."""
    return BY_NAME


def office_alone(roles, key):
    """The office answers for its own school's students, whatever else it sees of them."""
    return BY_IDENTITY if "admin" in roles else NOTHING


def of_register(roles, key):
    """A query about the register is known to those who see the student in full, and the office."""
    seen = sight(roles, key)
    return IN_FULL if seen == BY_IDENTITY else seen


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


def of_directory(who, of, **more):
    return Page(who, of=of, seen=knows_school, **more)


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
    "caseload_change": Page(CASELOAD),
    "duties": Page(SCHOOL_DUTIES),
    "search": Page(SIGNED_IN),
    "read_day": Page(SIGNED_IN, kwargs={"side": "past"}),
    "log": Page(SLIPS),
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
    "sessions:comment_new": of_record(OVERSEE, "commented", act=OVERSEE),
    "sessions:comment_done": of_record(
        READ, "comment", act={"whose record it is"}, only_post=True
    ),
    "sessions:comment_withdrawal": of_record(
        OVERSEE, "comment", act={"who wrote it"}, only_post=True
    ),
    "sessions:move": of_record(RECORD, "planned_session", act=RECORD),
    "sessions:cancellation": of_record(RECORD, "planned_session", act=RECORD),
    "sessions:plan": of_student(RECORD, IN_FULL, act=RECORD),
    "sessions:drop_in": of_student(RECORD, IN_FULL, act=RECORD),
    "sessions:drop_in_unused": of_student(RECORD, IN_FULL, of="slot", act=RECORD, only_post=True),
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
    "contacts:followup": of_record(STUDENTS, "follow_up", post=frozenset({403})),
    "contacts:followup_edit": of_record(STUDENTS, "follow_up", act=LIAISE),
    "contacts:followup_withdrawal": of_record(STUDENTS, "follow_up", act=LIAISE, only_post=True),
    # agencies
    "contacts:agencies": Page(NAMES_SCHOOL),
    "contacts:agency": of_directory(NAMES_SCHOOL, "agency"),
    "contacts:agency_new": Page(AGENCIES),
    "contacts:agency_edit": of_directory(AGENCIES, "agency", act=AGENCIES),
    "contacts:agency_retirement": of_directory(AGENCIES, "agency", act=AGENCIES, only_post=True),
    "contacts:professional_new": of_directory(AGENCIES, "agency", act=AGENCIES),
    "contacts:professional_edit": of_directory(AGENCIES, "professional", act=AGENCIES),
    "contacts:professional_retirement": of_directory(
        AGENCIES, "professional", act=AGENCIES, only_post=True
    ),
    "contacts:agency_updates": Page(LIAISE),
    "contacts:agency_weeks": Page(AGENCIES),
    "contacts:student_agencies": of_student(STUDENTS, IN_FULL),
    "contacts:involvement_new": of_student(LIAISE, IN_FULL, act=LIAISE),
    "contacts:involvement_edit": of_record(LIAISE, "involvement", act=LIAISE),
    "contacts:agency_log_new": of_record(LIAISE, "involvement", act=LIAISE),
    "contacts:meeting_new": of_student(LIAISE, IN_FULL, act=LIAISE),
    "contacts:meeting": of_record(STUDENTS, "meeting"),
    "contacts:advice_new": of_student(LIAISE, IN_FULL, act=LIAISE),
    "contacts:advice_edit": of_record(LIAISE, "advice", act=LIAISE),
    "contacts:agency_withdrawal": of_record(
        LIAISE, "agency_contact", act=LIAISE, only_post=True, kwargs={"kind": "contact"}
    ),
    "contacts:attendance_step_withdrawal": of_record(
        LIAISE, "attendance_step", act=LIAISE, only_post=True
    ),
    "sessions:briefing": of_student(RECORD, IN_FULL, act=RECORD),
    # what colleagues are told of a student; the notices are a colleague's, told to another one
    "students:change_notices": of_student(STUDENTS, IN_FULL),
    "students:change_notice_new": of_student(LIAISE, IN_FULL, act=LIAISE),
    "students:change_notice": of_record(STUDENTS, "change_notice"),
    "students:change_notice_read": of_record(
        STUDENTS, "change_notice", act={"whom it tells"}, only_post=True
    ),
    "students:change_notice_correction": of_record(
        STUDENTS, "change_notice", act={"who wrote it"}
    ),
    "students:change_notice_withdrawal": of_record(
        STUDENTS, "change_notice", act=CONTACTS - IDENTITY
    ),
    # what was noticed of a student; the records are a colleague's
    "students:observation_new": of_student(LIAISE, IN_FULL, act=LIAISE),
    "students:observation": of_record(READ, "observation"),
    "students:observation_correction": of_record(READ, "observation", act={"who wrote it"}),
    "students:observation_withdrawal": of_record(READ, "observation", act=CONTACTS - IDENTITY),
    # slips and rewards
    "students:slip_new": Page(SLIPS),
    "students:slip_who": Page(SLIPS),
    "students:slip": of_record(SLIPS, "slip"),
    "students:slip_correction": of_record(SLIPS, "slip", act=CORRECT),
    "students:slip_withdrawal": of_record(SLIPS, "slip", act=CORRECT),
    "students:slip_correction_request": of_record(SLIPS, "slip"),
    "students:slip_answer": of_record(CORRECT, "slip_question", act=CORRECT, only_post=True),
    "behaviour": of_student(STUDENTS, IN_FULL),
    "behaviour_export": of_student(STUDENTS, IN_FULL, only_post=True, post=frozenset({404})),
    "slips": Page(SLIPS),
    "slips_export": Page(READ, only_post=True, post=frozenset({404})),
    "slips_quiet": Page(READ),
    # attendance
    "students:attendance_table": Page(READ),
    "students:attendance": of_student(STUDENTS, IN_FULL),
    "students:attendance_certificate": of_student(STUDENTS, IN_FULL),
    "students:talk_new": of_student(RECORD, IN_FULL, act=RECORD),
    "students:talk_withdrawal": of_record(RECORD, "talk", act=RECORD, only_post=True),
    "students:part_time_new": of_student(PROFILE, IN_FULL, act=PROFILE),
    "students:part_time_edit": of_record(PROFILE, "part_time", act=PROFILE),
    "students:query_new": of_student(STUDENTS, IN_FULL),
    "students:register_queries": Page(IMPORT),
    "students:register_query": Page(
        IMPORT, of="register_query", seen=office_alone, known=BY_IDENTITY
    ),
    # progress
    "students:progress": of_student(STUDENTS, IN_FULL),
    "students:behind": Page(READ),
    "students:without_support": Page(READ),
    "students:grade_new": of_student(GRADES, BY_IDENTITY, act=GRADES),
    "students:score_new": of_student(SCORES, BY_IDENTITY, act=SCORES),
    "students:barrier_new": of_student(PROFILE, IN_FULL, act=PROFILE),
    "students:barrier_follow": of_record(PROFILE, "barrier", act=PROFILE),
    # early signs
    "student_signals": of_student(STUDENTS, IN_FULL),
    "signal_dismissal": of_student(
        STUDENTS, IN_FULL, act=DISMISS, only_post=True, kwargs={"kind": "attendance"}
    ),
    "signal_restoration": of_record(STUDENTS, "dismissal", act=DISMISS, only_post=True),
    "settings_signals": Page(SIGNALS),
    # poor attendance that persists
    "contacts:attendance_steps": of_student(STUDENTS, IN_FULL),
    "contacts:attendance_step_new": of_student(LIAISE, IN_FULL, act=LIAISE),
    "contacts:attendance_report": of_student(LIAISE, IN_FULL, act=LIAISE),
    "contacts:attendance_lead": Page(ASSIGN),
    # check-ups
    "contacts:checkups": Page(CHECKUPS),
    "contacts:checkup": Page(CHECKUPS, of="checkup", seen=checkup_sight),
    # `own` is a living link, the others of somebody who teaches the student no more
    "contacts:checkup_link": Page(PUBLIC, of="checkup_link", seen=own_alone, no_role=True),
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
    "import_mapping": of_school(IMPORT, "export"),
    "import_answers": of_school(IMPORT, "export", only_post=True),
    "job": Page(SIGNED_IN, of="job", seen=importers, act=IMPORT),
    "job_cancel": Page(SIGNED_IN, of="job", seen=importers, only_post=True),
    "job_again": Page(SIGNED_IN, of="job", seen=importers, only_post=True),
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
    "settings_catalogues": Page(WORDS),
    "settings_slip_rules": Page(WORDS, only_post=True),
    "settings_word_new": Page(WORDS, only_post=True, post=frozenset({404})),
    "settings_words_usual": Page(WORDS, only_post=True, post=frozenset({404})),
    "settings_word": of_school(WORDS, "slip_word", only_post=True),
    # messages
    "settings_messages": Page(MANAGE),
    "messages_again": Page(MANAGE, only_post=True),
    "message_again": of_school(MANAGE, "given_up", only_post=True),
    "notices": Page(SIGNED_IN),
    "notices_read": Page(SIGNED_IN, only_post=True),
    "notice_read": Page(SIGNED_IN, of="notice", seen=own_alone, only_post=True),
    # whoever has the e-mail; it says no more than which kind of message it is
    "unsubscribe": Page(PUBLIC, of="unsubscribe", no_role=True),
    # histories, one line for each kind
    "history student": of_student(SIGNED_IN, BY_IDENTITY, kwargs={"kind": "student"}),
    "history assignment": of_student(
        SIGNED_IN, BY_IDENTITY, of="assignment", kwargs={"kind": "assignment"}
    ),
    "history check-up": of_record(SIGNED_IN, "checkup_answer", kwargs={"kind": "check-up"}),
    "history drop-in": of_student(SIGNED_IN, IN_FULL, of="drop_in", kwargs={"kind": "drop-in"}),
    "history session": of_record(SIGNED_IN, "session", kwargs={"kind": "session"}),
    "history target": of_record(SIGNED_IN, "target_history", kwargs={"kind": "target"}),
    "history agency": of_directory(SIGNED_IN, "agency", act=AGENCIES, kwargs={"kind": "agency"}),
    "history involvement": of_record(SIGNED_IN, "involvement", kwargs={"kind": "involvement"}),
    "history agency-log": of_record(SIGNED_IN, "agency_contact", kwargs={"kind": "agency-log"}),
    "history agency-meeting": of_record(SIGNED_IN, "meeting", kwargs={"kind": "agency-meeting"}),
    "history agency-advice": of_record(SIGNED_IN, "advice", kwargs={"kind": "agency-advice"}),
    "history contact": of_identity(SIGNED_IN, "contact", kwargs={"kind": "contact"}),
    "history contact-log": of_record(SIGNED_IN, "entry", kwargs={"kind": "contact-log"}),
    "history attendance-step": of_record(
        SIGNED_IN, "attendance_step", kwargs={"kind": "attendance-step"}
    ),
    "history follow-up": of_record(SIGNED_IN, "follow_up", kwargs={"kind": "follow-up"}),
    "history change-notice": of_record(
        SIGNED_IN, "change_notice", kwargs={"kind": "change-notice"}
    ),
    "history strategy": of_record(SIGNED_IN, "strategy", kwargs={"kind": "strategy"}),
    **{
        f"history {kind}": of_record(SIGNED_IN, of, kwargs={"kind": kind})
        for kind, of in {
            "slip": "slip",
            "absence-talk": "talk",
            "part-time": "part_time",
            "grade": "grade",
            "score": "score",
            "barrier": "barrier",
            "early-sign": "dismissal",
        }.items()
    },
    "history import-mapping": Page(
        SIGNED_IN,
        of="import_mapping",
        seen=importers,
        kwargs={"kind": "import-mapping"},
    ),
    "history observation": of_record(SIGNED_IN, "observation", kwargs={"kind": "observation"}),
    "history register-query": Page(
        SIGNED_IN,
        of="register_query",
        seen=of_register,
        known=IN_FULL,
        kwargs={"kind": "register-query"},
    ),
    **{
        f"history {kind}": Page(SIGNED_IN, of=of, seen=member, act=MANAGE, kwargs={"kind": kind})
        for kind, of in {
            "staff": "staff",
            "half-term": "half_term",
            "closed-day": "closed_day",
            "model": "model",
            "slip-word": "slip_word",
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
    "change_notice": lambda found: {"ref": found.change_notice.ref},
    "observation": lambda found: {"ref": found.observation.ref},
    "assignment": lambda found: {"ref": found.assignment.ref},
    "coming": lambda found: {"ref": found.coming.ref},
    "drop_in": lambda found: {"ref": found.slot.ref},
    "session": lambda found: {"ref": found.session.ref},
    "commented": lambda found: {"ref": found.commented.ref},
    "comment": lambda found: {"ref": found.comment.ref},
    "planned": lambda found: {"ref": found.planned.ref},
    "planned_session": lambda found: {"session_ref": found.planned.ref},
    "slot": lambda found: {"slot_ref": found.slot.ref},
    "action": lambda found: {"action_ref": found.action.ref},
    "agency": lambda found: {"ref": found.agency.ref},
    "professional": lambda found: {"ref": found.professional.ref},
    "involvement": lambda found: {"ref": found.involvement.ref},
    "agency_contact": lambda found: {"ref": found.agency_contact.ref},
    "meeting": lambda found: {"ref": found.meeting.ref},
    "attendance_step": lambda found: {"ref": found.step.ref},
    "advice": lambda found: {"ref": found.advice.ref},
    "entry": lambda found: {"ref": found.entry.ref},
    "contact": lambda found: {"ref": found.contact.ref},
    "follow_up": lambda found: {"ref": found.follow_up.ref},
    "target": lambda found: {"target_ref": found.target.ref},
    "target_history": lambda found: {"ref": found.target.ref},
    "slip": lambda found: {"ref": found.slip.ref},
    "talk": lambda found: {"ref": found.talk.ref},
    "part_time": lambda found: {"ref": found.part_time.ref},
    "register_query": lambda found: {"ref": found.register_query.ref},
    "grade": lambda found: {"ref": found.grade.ref},
    "score": lambda found: {"ref": found.score.ref},
    "barrier": lambda found: {"ref": found.barrier.ref},
    "dismissal": lambda found: {"ref": found.dismissal.ref},
    "slip_word": lambda found: {"ref": found.slip_word.ref},
    "slip_question": lambda found: {"ref": found.slip_question.ref},
    "draft": lambda found: {"key": found.draft.key},
    "undo": lambda found: {"token": found.undo_token},
    "feed": lambda found: {"token": found.feed_token},
    "checkup": lambda found: {"ref": found.checkup.ref},
    "checkup_answer": lambda found: {"ref": found.checkup_answer.ref},
    "checkup_link": lambda found: {"token": found.checkup_token},
    "given_up": lambda found: {"ref": found.given_up.ref},
    "notice": lambda found: {"ref": found.notice.ref},
    "unsubscribe": lambda found: {"token": found.unsubscribe_token},
    "run": lambda found: {"ref": found.run.ref},
    "export": lambda found: {"ref": found.export.ref},
    "import_mapping": lambda found: {"ref": found.import_mapping.ref},
    "job": lambda found: {"ref": found.job.ref},
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
    "sessions:plan", "sessions:drop_in", "sessions:briefing", "sessions:targets",
    "sessions:new_target",
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
