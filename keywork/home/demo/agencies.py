"""Agencies around the demo's students, and what parents and students raised; all invented."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any

from contacts.models import Agency, FollowUp, Involvement, Professional
from contacts.services.agencies import add_agency, add_professional
from contacts.services.followups import answer_follow_up, raise_follow_up, tell_raiser
from contacts.services.involvements import (
    Agreed,
    involve_agency,
    log_agency_contact,
    log_agency_meeting,
    save_advice,
)
from keywork.models import School, User
from keywork.roles import Role
from students.models import Assignment, Student

# kind, name, team, telephone (numbers kept for fiction), who works there
AGENCIES = (
    (
        *("social_care", "Northmoor children’s services", "Front door", "01632 960101"),
        [("Delphine Osei-Ward", "Social worker"), ("Callum Brayshaw", "Family support worker")],
    ),
    (
        *("camhs", "Northmoor CAMHS", "Neurodevelopmental team", "01632 960112"),
        [("Dr Saoirse Kemble", "Clinical psychologist")],
    ),
    (
        *("psychology", "Harrowdale educational psychology", "", "01632 960123"),
        [("Anselm Pryce", "Educational psychologist")],
    ),
    (
        *("speech", "Moorside speech and language therapy", "Schools team", "01632 960134"),
        [("Bettina Rowe", "Speech and language therapist")],
    ),
    ("attendance", "Northmoor attendance team", "", "01632 960145", [("Idris Vance", "Officer")]),
    (
        "police",
        "Safer Schools",
        "Fold neighbourhood",
        "01632 960156",
        [("PC Mina Holt", "Officer")],
    ),
    ("charity", "The Allotment Project", "", "01632 960167", [("Gus Tarrant", "Mentor")]),
)
# of which agency, role, weeks since it began, consent, weeks since last told (None: never)
AROUND: tuple[tuple[int, str, int, str, int | None], ...] = (
    (1, "Assessment, then weekly sessions", 20, "given", 2),
    (0, "Child in need plan", 30, "not_needed", 9),
    (6, "Mentoring on Wednesdays", 11, "given", 8),
    (2, "Advice for the review", 9, "not_asked", None),
    (3, "Programme of ten weeks", 14, "given", 1),
    (4, "Support to come in", 8, "given", 3),
    (5, "Talk about the park", 7, "refused", None),
)
SHARES = ["attendance", "progress", "needs", "views"]
TOLD = (
    "Sessions and attendance this half term; what helps at the start of a lesson.",
    "Targets so far, and that mornings are hard after a weekend.",
    "Settled in the new group. Asked them to use the same words for breaks.",
)
SAID: tuple[tuple[str, str, str, str], ...] = (
    (
        *("parent", "Mum", "Homework comes home too late to help with it."),
        "Work for the week now goes home on Mondays, on paper.",
    ),
    (
        *("student", "", "The bell hurts my ears."),
        "Leaves two minutes before the bell, with the green card.",
    ),
    (
        *("parent", "Dad", "Can he have one person to ring, not three?"),
        "One number: his key worker’s.",
    ),
    ("student", "", "I want to do art at lunch.", "Art room open to him on Tuesdays."),
    ("staff", "", "Falls asleep in period 5. Is something going on at home?", ""),
)


def add_agencies(school: School, now: datetime) -> None:
    """Fill the directory, put agencies around some students, and raise a few things."""
    on, senco = now.date(), _senco(school)
    agencies = [_agency(school, each, senco) for each in AGENCIES]
    around, said, told = cycle(AROUND), cycle(SAID), cycle(TOLD)
    for number, (student, worker) in enumerate(_students(school, on)):
        if number % 2 == 0:
            chosen = next(around)
            record = _involve(student, agencies[chosen[0]], chosen, worker, on)
            _tell(record, next(told), chosen, worker, on)
        _raise(student, next(said), worker, now, number % 4)
        if number % 6 == 0:
            _meet(student, agencies[0], worker, on)
        if number % 5 == 1:
            _advise(student, worker, on, decided=number % 2 == 0)


def _senco(school: School) -> User:
    staff = User.objects.filter(staff_records__school=school)
    return staff.filter(staff_records__roles__role=Role.SENCO).first() or staff[0]


def _students(school: School, on: date) -> list[tuple[Student, User]]:
    current = Assignment.objects.current(on).primary().filter(student__school=school)
    rows = current.select_related("student", "key_worker").order_by("key_worker_id", "student_id")
    return [(row.student, row.key_worker) for row in rows]


def _agency(school: School, row: Sequence[Any], by: User) -> tuple[Agency, Professional]:
    kind, name, team, phone, people = row
    ways = {"phone": phone, "email": "", "notes": ""}
    values = {"kind": kind, "name": name, "team": team, **ways}
    made = add_agency(school=school, values=values, by=by)
    staff = [
        add_professional(
            agency=made,
            values={"name": who, "job_title": job, "phone": phone, "email": ""},
            by=by,
        )
        for who, job in people
    ]
    return made, staff[0]


def _involve(
    student: Student,
    agency: tuple[Agency, Professional],
    chosen: tuple[Any, ...],
    worker: User,
    on: date,
) -> Involvement:
    _, role, weeks, consent, _ = chosen
    start = max(student.on_roll_from, on - timedelta(weeks=weeks))
    given = consent == "given"
    said = {"given": "Mum, on the telephone", "refused": "Dad, in person"}.get(consent, "")
    return involve_agency(
        student=student,
        by=worker,
        values={
            "agency": agency[0],
            "person": agency[1],
            "role": role,
            "started_on": start,
            "ended_on": None,
            "keep_informed": True,
            "consent": consent,
            "consent_by": said or ("Children Act 1989, section 17" if weeks > 25 else ""),
            "consent_on": start if said else None,
            "consent_ends_on": on + timedelta(weeks=20) if given else None,
            "may_share": SHARES if given else [],
        },
    )


def _tell(record: Involvement, text: str, chosen: tuple[Any, ...], worker: User, on: date) -> None:
    weeks = chosen[4]
    if weeks is None:
        return
    happened_on = max(record.started_on, on - timedelta(weeks=weeks))
    shared: dict[str, Any] = {"how": "phone", "whom": record.person.name if record.person else ""}
    shared |= {"happened_on": happened_on, "without_consent_because": ""}
    told = {"direction": "told", "about": ["attendance", "progress"], "text": text}
    log_agency_contact(involvement=record, values={**shared, **told}, by=worker)
    heard = {"direction": "heard", "about": [], "text": "They see a calmer start of the day, too."}
    log_agency_contact(involvement=record, values={**shared, **heard}, by=worker)


def _raise(
    student: Student, said: tuple[str, str, str, str], worker: User, now: datetime, step: int
) -> FollowUp:
    """Step 0: late; 1: to come; 2: answered, and to be told; 3: told."""
    raised_by, name, text, answer = said
    on = now.date()
    raised_on = max(student.on_roll_from, on - timedelta(days=12 if step != 1 else 1))
    found = raise_follow_up(
        student=student,
        text=text,
        raised_by=raised_by,
        raiser_name=name,
        owner=worker,
        due_on=max(raised_on, on - timedelta(days=2) if step == 0 else on + timedelta(days=4)),
        by=worker,
        on=raised_on,
    )
    if step >= 2 and answer:
        found = answer_follow_up(follow_up=found, answer=answer, by=worker, now=now)
    if step > 2 and answer:
        found = tell_raiser(follow_up=found, told_on=on, how="on the telephone", by=worker)
    return found


def _meet(student: Student, agency: tuple[Agency, Professional], worker: User, on: date) -> None:
    held_on = max(student.on_roll_from, on - timedelta(days=16))
    values = {
        "agency": agency[0],
        "held_on": held_on,
        "title": "Team around the family",
        "attended_by": worker,
        "attended_as": "key worker",
        "others": "Mum, family support worker, school nurse",
        "notes": "Mornings go better. Sleep is still short. School keeps the early start.",
    }
    agreed = [Agreed("Send the attendance figures before the next meeting", worker, "", on)]
    log_agency_meeting(student=student, values=values, agreed=agreed, by=worker)


def _advise(student: Student, worker: User, on: date, *, decided: bool) -> None:
    asked_on = max(student.on_roll_from, on - timedelta(days=9))
    values = {
        "about": "Northmoor CAMHS",
        "asked_on": asked_on,
        "question": "Low and tired for weeks. Do we refer, or wait for the GP?",
        "adviser": "C Wrigley, safeguarding lead",
        "advice": "Refer with the family’s consent.",
        "decision": "involve" if decided else "open",
        "reason": "Both parents agree, and the wait is long." if decided else "",
    }
    save_advice(student=student, values=values, by=worker, on=on)
