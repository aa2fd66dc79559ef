"""The weekly check-up: asking the teachers, asking once more, taking their answers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse

from contacts.checkup_duties import checkups_owed
from contacts.checkup_links import new_link
from contacts.checkup_rules import flag_due_on, is_chased
from contacts.errors import ContactsError
from contacts.models import Checkup, CheckupAnswer, CheckupLink, FollowUp
from contacts.services.followups import raise_follow_up, withdraw_follow_up
from keywork.dates import uk_today, week_of
from keywork.history import change_all, create_all, save_by
from keywork.models import School, StaffMember, User
from keywork.outbox import NewMessage, queue_all
from keywork.school_calendar import calendar_of
from students.duties import read_roll
from students.models import Assignment, Student, TimetableEntry

ASKED, CHASED = "checkup", "checkup_chase"
SENT, CHASED_WHY = "Sent to the teachers", "Asked once more"
NO_KEY_WORKER = "The next key worker"
OVER = "This check-up is over. Tell the key worker yourself."

Answer = CheckupAnswer.Answer


class Sent(NamedTuple):
    """What a run did: check-ups sent, teachers written to."""

    checkups: int = 0
    teachers: int = 0


# Asking


@transaction.atomic
def send_checkups(*, school: School, on: date, now: datetime) -> Sent:
    """Ask the teachers of every student whose check-up of this week is owed and not sent.

    Each teacher gets one e-mail for all their students. On a day without school nothing is done;
    a run missed on the first school day is made up for on the next. Safe to run twice and on two
    machines at once: the second waits for the first and finds nothing left to do. A constant
    number of queries. A student whom nobody in post teaches stays owed.
    """
    calendar = calendar_of(school)
    if not calendar.is_school_day(on):
        return Sent()
    _lock(school)
    roll = read_roll(school, on, calendar=calendar, horizon=0)
    teachers = _teachers_of(checkups_owed(roll), school, on)
    if not teachers:
        return Sent()
    checkups = _checkups_of(list(teachers), week_of(on).start, on=on, now=now)
    answers = [
        CheckupAnswer(checkup=checkups[student], teacher=teacher, asked_on=on)
        for student, found in teachers.items()
        for teacher in found
    ]
    create_all(answers, by=None, reason=SENT, at=now)
    return Sent(len(checkups), _write_to(ASKED, answers, school=school, on=on, now=now))


@transaction.atomic
def chase_checkups(*, school: School, on: date, now: datetime) -> Sent:
    """Ask every teacher once more who has not answered this week's check-up by Wednesday.

    See `contacts.checkup_rules.chase_on` for the day. One e-mail a teacher, with the link they
    have; nobody is chased twice in a week. Safe to repeat like `send_checkups`.
    """
    calendar = calendar_of(school)
    if not calendar.is_school_day(on):
        return Sent()
    _lock(school)
    staff = StaffMember.objects.filter(school=school).in_post(on)
    waiting = (
        CheckupAnswer.objects.waiting()
        .of_week(on)
        .still_taught(on)
        .filter(checkup__student__school=school, chased_on=None, teacher__in=staff.values("user"))
        .select_related("checkup", "teacher")
        .select_for_update(of=("self",))
    )
    late = [each for each in waiting if is_chased(calendar, each.asked_on, on)]
    for each in late:
        each.chased_on = on
    change_all(late, fields=["chased_on"], by=None, reason=CHASED_WHY, at=now)
    written = _write_to(CHASED, late, school=school, on=on, now=now)
    return Sent(len({each.checkup_id for each in late}), written)


def _lock(school: School) -> None:
    """Let nobody else send a school's check-ups until this transaction ends."""
    list(School.objects.select_for_update().filter(pk=school.pk).values("pk"))


def _teachers_of(students: Iterable[int], school: School, on: date) -> dict[int, list[User]]:
    """Give student id → their teachers in post, each once; none for whom nobody teaches."""
    staff = StaffMember.objects.filter(school=school, user__is_active=True).in_post(on)
    lessons = (
        TimetableEntry.objects.filter(student__in=list(students), teacher__in=staff.values("user"))
        .select_related("teacher")
        .order_by("student_id", "teacher_id")
    )
    found: dict[int, dict[int, User]] = defaultdict(dict)
    for lesson in lessons:
        found[lesson.student_id][lesson.teacher_id] = lesson.teacher
    return {student: list(teachers.values()) for student, teachers in found.items()}


def _checkups_of(
    students: Sequence[int], monday: date, *, on: date, now: datetime
) -> dict[int, Checkup]:
    """Give student id → their check-up of the week, stamped as sent; an imported one is used."""
    there = list(Checkup.objects.filter(student__in=students, week_starting=monday))
    for each in there:
        each.sent_on = on
    change_all(there, fields=["sent_on"], by=None, reason=SENT, at=now)
    known = {each.student_id for each in there}
    new = [
        Checkup(student_id=pk, week_starting=monday, sent_on=on)
        for pk in students
        if pk not in known
    ]
    create_all(new, by=None, reason=SENT, at=now)
    return {each.student_id: each for each in [*there, *new]}


def _write_to(
    kind: str, answers: Sequence[CheckupAnswer], *, school: School, on: date, now: datetime
) -> int:
    """Queue one message for each teacher among these; give how many."""
    students: dict[User, int] = defaultdict(int)
    for each in answers:
        students[each.teacher] += 1
    links = _links_of(list(students), school, week_of(on).start, now)
    return queue_all(
        [
            NewMessage(
                kind=kind,
                due_on=on,
                title=f"Check-up: {_counted(count)}",
                school=school,
                user=teacher,
                about=school.ref,
                path=reverse("contacts:checkups"),
                data={"link": links[teacher.pk].ref},
            )
            for teacher, count in students.items()
        ],
        now=now,
    )


def _links_of(
    teachers: Sequence[User], school: School, monday: date, now: datetime
) -> dict[int, CheckupLink]:
    """Give teacher id → their link of the week, made where there is none."""
    there = CheckupLink.objects.filter(school=school, week_starting=monday, teacher__in=teachers)
    links = {link.teacher_id: link for link in there}
    new = [
        new_link(school=school, teacher=teacher, week_starting=monday, now=now)
        for teacher in teachers
        if teacher.pk not in links
    ]
    CheckupLink.objects.bulk_create(new, batch_size=500)
    return links | {link.teacher_id: link for link in new}


def _counted(students: int) -> str:
    return "1 student" if students == 1 else f"{students} students"


# Answering


@transaction.atomic
def answer_checkup(
    *, answer: CheckupAnswer, given: str, note: str = "", by: User, now: datetime
) -> CheckupAnswer:
    """Take a teacher's answer, the first or a changed one; a flag becomes the key worker's action.

    given: of CheckupAnswer.Answer; note: what needs action, with a flag. Raises ContactsError
    after the week's Sunday, and for a flag without its sentence.
    """
    note = " ".join(note.split()) if given == Answer.FLAG else ""
    if given == Answer.FLAG and not note:
        raise ContactsError("Say in a sentence what needs action", "note")
    locked = CheckupAnswer.objects.select_for_update().get(pk=answer.pk)
    if now >= answers_end(locked.checkup):
        raise ContactsError(OVER)
    if (locked.answer, locked.note) == (given, note):
        return locked
    locked.answer, locked.note, locked.answered_at = given, note, now
    save_by(locked, by, "Answered")
    _follow(locked, by=by, now=now)
    return locked


@transaction.atomic
def answer_all_fine(*, answers: Iterable[CheckupAnswer], by: User, now: datetime) -> int:
    """Answer "nothing to flag" where there is no answer yet; give for how many students."""
    waiting = [each for each in answers if not each.answer]
    for each in waiting:
        answer_checkup(answer=each, given=Answer.FINE, by=by, now=now)
    return len(waiting)


def answers_end(checkup: Checkup) -> datetime:
    """Give the moment from which a check-up's answers stand."""
    return CheckupLink(week_starting=checkup.week_starting).expires_at


def _follow(answer: CheckupAnswer, *, by: User, now: datetime) -> None:
    """Bring the key worker's action in line with the answer.

    One that is answered already stays as it is; what is flagged after that is a new one.
    """
    source = (FollowUp.Source.CHECKUP.value, answer.ref)
    action = (
        FollowUp.objects.standing()
        .filter(source_kind=source[0], source_ref=source[1], answered_at=None)
        .select_for_update()
        .first()
    )
    if answer.answer == Answer.FINE:
        if action is not None:
            withdraw_follow_up(follow_up=action, by=by, now=now)
    elif action is not None:
        action.text = answer.note
        save_by(action, by, "Flag changed")
    else:
        _raise_action(answer, source, by=by, on=uk_today(now))


def _raise_action(
    answer: CheckupAnswer, source: tuple[str, str], *, by: User, on: date
) -> FollowUp:
    student = answer.checkup.student
    owner = _key_worker_of(student, on)
    return raise_follow_up(
        student=student,
        text=answer.note,
        raised_by=FollowUp.RaisedBy.STAFF,
        raiser_name=answer.teacher.full_name,
        due_on=flag_due_on(calendar_of(student.school), on),
        by=by,
        on=on,
        owner=owner,
        owner_name="" if owner else NO_KEY_WORKER,
        source=source,
    )


def _key_worker_of(student: Student, on: date) -> User | None:
    """Give who sees to it: the primary key worker, else a secondary one, else nobody."""
    current = Assignment.objects.current(on).filter(student=student).select_related("key_worker")
    people = {each.role: each.key_worker for each in current.order_by("-pk")}
    return people.get(Assignment.Role.PRIMARY) or people.get(Assignment.Role.SECONDARY)
