"""Two schools with three students, and one person who asks for everything there is to open.

The student `own` is the person's: assigned to them, on their timetable, and lives in. `other` is
of the same school, `foreign` of another one, where the person has a stray assignment and lesson
but (unless told so) no role. Each student carries words that nobody without sight of them may
read: `planted` says which.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contacts.models import Agency, AgencyAdvice, AgencyContact, Involvement, Professional
from contacts.services.attendance import take_step
from contacts.services.followups import raise_follow_up
from contacts.services.involvements import Agreed, log_agency_meeting
from keywork import drafts
from keywork.home.imports.services import prepare_import
from keywork.home.mis.services import take_export
from keywork.jobs import ask_for
from keywork.models import ClosedDay, ImportMapping, Job, OutboxMessage, StaffMember
from keywork.outbox import NewMessage, queue
from keywork.outbox.rendering import unsubscribe_url
from keywork.refs import new_ref
from keywork.roles import Role
from keywork.undo import undo_url
from sessions.models import (
    DropInSlot,
    SessionAction,
    SessionComment,
    TargetEvidence,
    TargetReview,
)
from sessions.services.calendar_feed import make_feed, revoke_feed
from students.models import (
    AbsenceTalk,
    Assignment,
    AttendanceMark,
    Barrier,
    BehaviourChoice,
    GradeSheet,
    Observation,
    PartTimeTimetable,
    RegisterQuery,
    SignalDismissal,
    SlipCorrection,
    Strategy,
    TestScore,
    TimetableEntry,
)
from students.services.change_notices import tell_colleagues
from tests import factories as make
from tests.contacts.checkups import ask, link_for
from tests.factories import NOW, TODAY, SessionFactory, StudentFactory, TargetFactory
from tests.students.slips_of_fold import a_slip

KEYS = ("own", "other", "foreign")
NAMES = {
    "own": ("Odette", "Ownsby"),
    "other": ("Otto", "Othersby"),
    "foreign": ("Zelda", "Zyxforeign"),
}
UPNS = {"own": "X999999926014", "other": "J999910121101", "foreign": "K999910121102"}
STRANGERS = ("Zyxforeign", "Farstaff", "Elsewhere School", "foreign@elsewhere.example.org")


def said_of(key):
    """Words in every text about a student that only those who see them in full may read."""
    return f"said-of-{key}"


def asked_of(key):
    """Words of a register query, which the office reads that answers it."""
    return f"asked-of-{key}"


def strategy_of(key):
    """A strategy's words: for everyone who knows the student by name."""
    return f"strategy-of-{key}"


@dataclass
class World:
    """person: who asks, None where nobody signed in. of: key → records of that student."""

    home: Any
    elsewhere: Any
    person: Any
    roles: dict[int, frozenset[str]]
    colleague: Any
    of: dict[str, SimpleNamespace] = field(default_factory=dict)
    naming: str = ""

    def said_of(self, key):
        """What every text about a student says; `naming` stands in those about `own`."""
        return f"{said_of(key)} {self.naming}" if self.naming and key == "own" else said_of(key)

    def school_of(self, key):
        return self.elsewhere if key == "foreign" else self.home

    def roles_at(self, key):
        """The person's roles at the school of a student."""
        return self.roles.get(self.school_of(key).pk, frozenset())


def make_world(*roles, elsewhere=(), left=False, signed_out=False, naming=""):
    """Both schools, everything in them, and somebody with these roles at the first.

    elsewhere: roles at the other school. left: their last day was yesterday.
    naming: words that every text about `own` holds besides.
    """
    home = make.make_school("Alder School", "999101")
    other_school = make.make_school("Elsewhere School", "999102")
    person = make.make_staff(home, *roles, first_name="Pia", last_name="Person")
    if elsewhere:
        make.add_roles(person, other_school, *elsewhere)
    if left:
        record = StaffMember.objects.get(user=person)
        record.starts_on, record.ends_on = date(2026, 9, 1), TODAY - timedelta(days=1)
        record.save()
    held = {home.pk: frozenset(() if left else roles), other_school.pk: frozenset(elsewhere)}
    colleague = make.make_staff(home, "key_worker", first_name="Colin", last_name="Colleague")
    asks = None if signed_out else person
    world = World(home, other_school, asks, held, colleague, naming=naming)
    far = make.make_staff(
        other_school,
        "key_worker",
        first_name="Fara",
        last_name="Farstaff",
        email="foreign@elsewhere.example.org",
    )
    keepers = {"own": person, "other": colleague, "foreign": far}
    for key in KEYS:
        world.of[key] = _records_of(world, key, keepers[key], person)
    return world


def _records_of(world, key, keeper, person):
    school, said = world.school_of(key), world.said_of(key)
    first, last = NAMES[key]
    student = StudentFactory(
        school=school, legal_first_name=first, legal_last_name=last, upn=UPNS[key],
        learning_style=said, interests=said, engaging_work=said, medical_alert=said_of(key),
        residence="The Lodge" if key == "own" else "",
    )  # fmt: skip
    assignment = make.assign(student, keeper)
    if key != "other":
        TimetableEntry(student=student, teacher=person, subject="Maths").save()
    if key == "foreign":
        make.assign(student, person, role="secondary")
    coming = Assignment(
        student=student, key_worker=keeper, start=date(2027, 1, 4), role="secondary",
        reason="other", note=said,
    )  # fmt: skip
    coming.save()
    found = SimpleNamespace(student=student, assignment=assignment, coming=coming, keeper=keeper)
    found.key = key
    _add_sessions(found, said, world.colleague if key == "own" else keeper)
    _add_contacts(found, world, key, said, world.colleague if key == "own" else keeper)
    _add_profile(found, key)
    _add_record(found, key, said, world.colleague if key == "own" else keeper)
    _add_school_records(found, world, key)
    _add_personal(found, world, key, person)
    return found


def _add_sessions(found, said, doer):
    # doer: whose follow-up it is; not the person's own, which they might tick off unseen
    shared = {"student": found.student, "key_worker": found.keeper}
    found.session = SessionFactory(
        details=said, pupil_voice=said, strategies_agreed=said, starts_at="13:40",
        signed_at=NOW, signed_by=found.keeper, feeling=3, engagement=3, **shared,
    )  # fmt: skip
    SessionFactory(
        status="missed", missed_reason="other", missed_note=said, held_on=date(2026, 11, 5),
        **shared,
    )  # fmt: skip
    found.planned = SessionFactory(
        status="planned", held_on=TODAY, starts_at="13:40", venue="The nook", **shared
    )
    found.target = TargetFactory(
        student=found.student, text=said, help=said, keywork_session=found.session,
        set_by=found.keeper, goal_count=4, goal_unit="5 lessons",
    )  # fmt: skip
    found.past_target = TargetFactory(
        student=found.student, text=said, status="achieved", closed_on=date(2026, 11, 9)
    )
    TargetReview(
        target=found.past_target, reviewed_on=date(2026, 11, 9), reviewed_by=found.keeper,
        outcome="achieved", evidence=said,
    ).save()  # fmt: skip
    found.evidence = TargetEvidence(
        target=found.target, noted_on=TODAY, noted_by=found.keeper, text=said
    )
    found.evidence.save()
    found.action = SessionAction(
        keywork_session=found.session, text=said, owner=doer, due_on=TODAY
    )
    found.action.save()
    # whose record is commented on is not the person either, nor is who wrote the comment
    # whose record it is sees the student still: else the comment were the key worker's to tick
    author = make.make_staff(found.student.school, "senco") if found.key == "own" else doer
    found.commented = SessionFactory(
        student=found.student, key_worker=author, details=said, signed_at=NOW, signed_by=author,
        held_on=date(2026, 10, 13),
    )  # fmt: skip
    found.comment = SessionComment(
        keywork_session=found.commented, text=said, written_at=NOW, written_by=doer
    )
    found.comment.save()


def _add_contacts(found, world, key, said, doer):
    found.follow_up = raise_follow_up(
        student=found.student, text=said, raised_by="parent", raiser_name=said, owner=doer,
        due_on=TODAY, by=doer, on=TODAY,
    )  # fmt: skip
    found.agency = Agency(school=found.student.school, kind="camhs", name=f"Clinic {said[-3:]}")
    found.agency.save()
    found.professional = Professional(agency=found.agency, name="Dr Bee")
    found.professional.save()
    found.involvement = Involvement(
        student=found.student, agency=found.agency, person=found.professional, role=said,
        started_on=date(2026, 9, 7), recorded_by=doer,
    )  # fmt: skip
    found.involvement.save()
    found.agency_contact = AgencyContact(
        involvement=found.involvement, direction="told", happened_on=date(2026, 9, 8),
        how="phone", about=["health"], text=said, without_consent_because=said, noted_by=doer,
    )  # fmt: skip
    found.agency_contact.save()
    found.meeting = log_agency_meeting(
        student=found.student,
        values={
            "agency": found.agency, "held_on": date(2026, 9, 15), "title": said,
            "attended_by": doer, "attended_as": said, "others": said, "notes": said,
        },
        agreed=[Agreed(said, doer, "", TODAY)],
        by=doer,
    )  # fmt: skip
    found.step = take_step(student=found.student, kind="talk", taken_on=TODAY, note=said, by=doer)
    found.advice = AgencyAdvice(
        student=found.student, about=said, question=said, asked_on=TODAY, asked_by=doer,
        adviser=said, advice=said,
    )  # fmt: skip
    found.advice.save()
    found.contact = make.add_contact(found.student, "Ada", NAMES[found.key][1])
    found.entry = make.log_contact(
        found.student, adult=found.contact, made_by=doer, summary=said, good_news=said,
        home_view=said, agreed=said,
    )  # fmt: skip

    _add_checkup(found, world, key, said)
    reader = make.make_staff(
        world.school_of(key), "teacher", first_name="Nora", last_name="Newsby"
    )
    found.change_notice = tell_colleagues(
        student=found.student, text=said, until=TODAY, told=[reader], ref=new_ref(), by=doer,
        now=NOW,
    )  # fmt: skip


def _add_checkup(found, world, key, said):
    """A check-up flagged by a colleague. `own` is asked of the person as well, and its link works.

    The other links are of somebody who teaches the student no more.
    """
    asked = world.person if key == "own" and world.person else found.keeper
    found.checkup_answer = ask(found.student, found.keeper if key != "own" else world.colleague)
    found.checkup = found.checkup_answer.checkup
    found.checkup_answer.answer, found.checkup_answer.note = "flag", said
    found.checkup_answer.answered_at = NOW
    found.checkup_answer.save()
    reader = make.make_staff(world.school_of(key), "teacher", first_name="Lena", last_name="Link")
    ask(found.student, reader)
    found.checkup_token = link_for(found.student.school, reader)
    if key == "own":
        ask(found.student, asked)
        TimetableEntry(student=found.student, teacher=reader, subject="Art").save()


def _add_profile(found, key):
    found.strategy = Strategy(
        student=found.student, text=strategy_of(key), added_on=date(2026, 9, 4)
    )
    found.strategy.save()
    found.slot = DropInSlot(
        student=found.student, key_worker=found.keeper, weekday=1, starts_at="12:30",
        ends_at="13:00",
    )  # fmt: skip
    found.slot.save()


def _add_record(found, key, said, doer):
    # doer: who wrote it all; not the person, who would read their own slips in any case
    student = found.student
    found.slip = a_slip(
        student, staff=doer, recorded_by=doer, description=said, antecedent=said, response=said,
        injury=said, property_damage=said, consequence=said, contentious=True,
        contentious_note=said, location=said_of(key), lesson=said_of(key),
    )  # fmt: skip
    a_slip(student, level="reward", category=said_of(key), points=3, description=said, staff=doer)
    found.slip_question = SlipCorrection(record=found.slip, text=said, asked_by=doer, asked_at=NOW)
    found.slip_word = BehaviourChoice(
        school=student.school, kind="location", name=f"Place of {key}"
    )
    _add_attendance(found, key, said, doer)
    found.grade = GradeSheet(
        student=student, drop="Autumn 1", drop_on=date(2026, 10, 20), subject="Maths", grade="4",
        comment=said,
    )  # fmt: skip
    found.score = TestScore(
        student=student, kind="reading_age", name=said_of(key), taken_on=date(2026, 9, 10),
        score="9:04", value=112, note=said,
    )  # fmt: skip
    found.barrier = Barrier(
        student=student, noted_on=TODAY, noted_by=doer, text=said, follow_up=said, owner=doer,
        follow_up_on=TODAY,
    )  # fmt: skip
    found.dismissal = SignalDismissal(
        student=student, kind="attendance", reason=said, dismissed_on=TODAY,
        until=TODAY + timedelta(days=30), dismissed_by=doer,
    )  # fmt: skip
    for record in (found.slip_question, found.slip_word, found.grade, found.score,
                   found.barrier, found.dismissal):  # fmt: skip
        record.save()


def _add_attendance(found, key, said, doer):
    student = found.student
    marks = [
        AttendanceMark(student=student, date=date(2026, 11, day), session=session, code=code)
        for day in (3, 4, 5, 6, 9, 10, 11)
        for session, code in (("AM", "L" if day == 9 else "/"), ("PM", "O" if day > 9 else "\\"))
    ]
    AttendanceMark.objects.bulk_create(marks)
    found.talk = AbsenceTalk(
        student=student, date=date(2026, 11, 10), session="PM", code="O", said=said,
        talked_on=TODAY, talked_by=doer,
    )  # fmt: skip
    found.register_query = RegisterQuery(
        student=student, date=date(2026, 11, 11), session="PM", code="O", suggested_code="M",
        text=asked_of(key), asked_at=NOW, asked_by=doer,
    )  # fmt: skip
    found.part_time = PartTimeTimetable(
        student=student, start=date(2026, 11, 2), end=date(2026, 11, 27), sessions_a_week=6,
        agreed=said,
    )  # fmt: skip
    found.observation = Observation(
        student=student, kind="isolation", text=said, noticed_on=TODAY, noticed_by=doer
    )
    for record in (found.talk, found.register_query, found.part_time, found.observation):
        record.save()


def _add_school_records(found, world, key):
    """Records of a school; `own` is the person's own staff record, and a half term."""
    school = world.school_of(key)
    user = {"own": world.person or found.keeper}.get(key, found.keeper)
    found.staff = StaffMember.objects.get(user=user, school=school)
    found.half_term = school.half_terms.get(name="Spring 1")
    found.closed_day = ClosedDay(
        school=school, kind="inset", name="INSET",
        start=date(2026, 11, 20 + KEYS.index(key)), end=date(2026, 11, 24),
    )  # fmt: skip
    found.closed_day.save()
    found.model = school.key_work_model
    text = f"upn,legal_first_name,legal_last_name,dob,on_roll_from\n,New,Pupil {key},,x\n"
    found.run = prepare_import(
        school=school,
        by=found.keeper,
        grantable=frozenset(Role),
        uploads=[SimpleUploadedFile("students.csv", text.encode())],
        on=TODAY,
        now=NOW,
    )
    text = f"UPN,Surname,Remark\n{UPNS[key]},Pupil {key},left out\n"
    found.export = take_export(
        school=school, by=found.keeper, kind="students", now=NOW,
        upload=SimpleUploadedFile("export.csv", text.encode()),
    )  # fmt: skip
    found.import_mapping = ImportMapping(school=school, kind="students", name=f"Roll {key}")
    found.import_mapping.save()
    found.job = ask_for(
        kind=Job.Kind.EXPORT_CHECK, about=found.export.ref, school=school, by=found.keeper,
        now=NOW, send=found.__dict__.get,
    )  # fmt: skip


def _add_messages(found, world, key, owner):
    """A notice, of the person where it is `own`, and a message that could not be sent."""
    day = {"kind": "digest", "due_on": TODAY, "school": world.school_of(key)}
    said = {"data": {"on": TODAY.isoformat(), "lines": []}, "path": "/me/"}
    for about in ("notice", "given up"):
        title = f"A message ({about})"
        queue(NewMessage(user=owner, about=f"{about} {key}", title=title, **day, **said), now=NOW)
    mine = OutboxMessage.objects.filter(about__endswith=f" {key}")
    found.notice, found.given_up = mine.get(about__startswith="n"), mine.get(about__startswith="g")
    found.given_up.state, found.given_up.last_error = "given_up", "The mail server refused (550)."
    found.given_up.save()
    found.unsubscribe_token = unsubscribe_url(found.notice).rstrip("/").rsplit("/", 1)[-1]


def _add_personal(found, world, key, person):
    """A draft and its rival of the person's own, of others else; an address to undo; a feed."""
    subject = drafts.DraftSubject(
        key=f"session:new:{found.student.ref}",
        title=f"Session with {found.student.name}",
        url=reverse("sessions:new", args=[found.student.ref]),
        school_id=found.student.school_id,
    )
    owner = person if key == "own" else found.keeper
    _add_messages(found, world, key, owner)
    found.draft = drafts.save_draft(
        owner=owner, subject=subject, data={"details": ["One way"]}, version=0,
        device="Chrome on Windows", now=NOW,
    )  # fmt: skip
    drafts.keep_rival(
        owner=owner, subject=subject, data={"details": ["Another way"]},
        device="Safari on iPhone", now=NOW,
    )  # fmt: skip
    url = undo_url("evidence", found.evidence, by=person, now=NOW)
    found.undo_token = url.rstrip("/").rsplit("/", 1)[-1]
    reader = make.make_staff(world.home, "key_worker", first_name="Fred", last_name="Feedreader")
    found.feed_token = make_feed(owner=reader, now=NOW)
    if key == "own":
        # The feed holds sessions, and still no student's name.
        SessionFactory(student=found.student, key_worker=reader, status="planned", held_on=TODAY)
        Assignment(
            student=found.student, key_worker=reader, start=date(2026, 9, 2), role="secondary"
        ).save()
    elif key == "other":
        revoke_feed(owner=reader, now=NOW)
    else:
        record = StaffMember.objects.get(user=reader)
        record.starts_on, record.ends_on = date(2026, 9, 1), TODAY - timedelta(days=1)
        record.save()
